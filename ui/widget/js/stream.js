const PATIENCE = 45_000;

/**
 * Yields the events of an SSE response body as `{ id, event }`. A chunk may end anywhere, even inside a character.
 * Throws when nothing, not even a ping, has come for `patience` milliseconds.
 */
export async function* readEvents(body, patience = PATIENCE) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await within(reader.read(), patience);
      if (done) return;
      const blocks = (rest + value).split(/\r?\n\r?\n/);
      rest = blocks.pop();
      for (const block of blocks) {
        const lines = block.split(/\r?\n/);
        const data = fieldOf(lines, "data");
        if (data.length) yield { id: Number(fieldOf(lines, "id").pop() ?? 0), event: JSON.parse(data.join("\n")) };
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

function fieldOf(lines, name) {
  return lines.filter((line) => line.startsWith(`${name}:`)).map((line) => line.slice(name.length + 1));
}

function within(promise, patience) {
  let timer;
  const silence = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new TypeError("The line is silent.")), patience);
  });
  return Promise.race([promise, silence]).finally(() => clearTimeout(timer));
}
