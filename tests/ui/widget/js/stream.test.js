import assert from "node:assert/strict";
import { test } from "node:test";

import { readEvents } from "../../../../ui/widget/js/stream.js";

const WIRE = [
  ": ping\n\n",
  'event: text_delta\ndata: {"type":"text_delta","text":"Déjà vu 靴子 👟\\n\\ndata: no"}\nid: 7\n\n',
  'data: {"type":"turn_finished",\r\ndata: "text":""}\r\nid: 8\r\n\r\n',
].join("");
const EVENTS = [
  { id: 7, event: { type: "text_delta", text: "Déjà vu 靴子 👟\n\ndata: no" } },
  { id: 8, event: { type: "turn_finished", text: "" } },
];

function inChunks(text, size) {
  const bytes = new TextEncoder().encode(text);
  return new ReadableStream({
    start(controller) {
      for (let start = 0; start < bytes.length; start += size) controller.enqueue(bytes.slice(start, start + size));
      controller.close();
    },
  });
}

async function all(events) {
  const found = [];
  for await (const event of events) found.push(event);
  return found;
}

for (const size of [1, 2, 3, 7, 1000]) {
  test(`events survive chunks of ${size} bytes`, async () => {
    assert.deepEqual(await all(readEvents(inChunks(WIRE, size))), EVENTS);
  });
}

test("an event that was cut off is not one", async () => {
  assert.deepEqual(await all(readEvents(inChunks(WIRE.slice(0, -2), 3))), EVENTS.slice(0, 1));
});

test("a silent line is given up, and its body let go", async () => {
  let cancelled = false;
  const body = new ReadableStream({ cancel: () => void (cancelled = true) });
  await assert.rejects(all(readEvents(body, 20)), TypeError);
  assert.ok(cancelled);
});
