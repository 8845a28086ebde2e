import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, test } from "node:test";

import { Client, LineDropped, Refused } from "../../../../ui/widget/js/client.js";

/** Starts a server that plays one answer a request and remembers what was asked. */
async function served(...answers) {
  const asked = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => (body += chunk));
    request.on("end", () => {
      asked.push({ line: `${request.method} ${request.url}`, headers: request.headers, body: body && JSON.parse(body) });
      (answers.shift() ?? (() => response.destroy()))(response);
    });
  });
  await new Promise((go) => server.listen(0, "127.0.0.1", go));
  after(() => (server.closeAllConnections(), server.close()));
  const client = new Client(`http://127.0.0.1:${server.address().port}/`, () => ({ token: "t", visitor: "v" }), [1, 1, 1]);
  return { client, asked };
}

const events = (from, ...list) => (response) => {
  response.writeHead(200, { "Content-Type": "text/event-stream" });
  response.write(list.map((event, place) => `data: ${JSON.stringify(event)}\nid: ${from + place}\n\n`).join(""));
  return response;
};
const whole = (...all) => (response) => events(...all)(response).end();
const cut = (...all) => (response) => setTimeout(() => response.destroy(), 20, events(...all)(response));
const refused = (status) => (response) => response.writeHead(status).end('{"error": "no"}');

const STARTED = { type: "conversation_started", conversation_id: "c1" };
const WORD = (text) => ({ type: "text_delta", text });
const END = { type: "turn_finished" };

async function turn(client, id, again) {
  const found = [];
  for await (const event of client.turn("chat", { message: "hi" }, id, new AbortController().signal, again)) found.push(event.text ?? event.type);
  return found;
}

test("a turn comes to its end, with who asks in the headers", async () => {
  const { client, asked } = await served(whole(1, STARTED, WORD("a"), END));
  assert.deepEqual(await turn(client), ["conversation_started", "a", "turn_finished"]);
  assert.equal(asked[0].headers.authorization, "Bearer t");
  assert.equal(asked[0].headers["x-shelftalk-visitor"], "v");
  assert.deepEqual(asked[0].body, { message: "hi" });
});

test("a line that drops twice is taken up behind the last event, and nothing comes twice", async () => {
  const { client, asked } = await served(cut(1, STARTED, WORD("a")), cut(3, WORD("b")), whole(4, WORD("c"), END));
  assert.deepEqual(await turn(client), ["conversation_started", "a", "line_dropped", "b", "line_dropped", "c", "turn_finished"]);
  assert.deepEqual(asked.map(({ line, headers }) => [line, headers["last-event-id"]]), [
    ["POST /v1/chat", undefined],
    ["GET /v1/conversations/c1/events", "2"],
    ["GET /v1/conversations/c1/events", "3"],
  ]);
});

test("a message that may never have arrived isn't taken for the turn before it", async () => {
  const { client, asked } = await served();
  await assert.rejects(turn(client, "c0"), LineDropped);
  assert.equal(asked.length, 1);
});

test("a line that stays dead is given up", async () => {
  const { client, asked } = await served(cut(1, STARTED));
  await assert.rejects(turn(client), LineDropped);
  assert.equal(asked.length, 4);
});

test("a refusal is told with its status, also while a line is taken up", async () => {
  for (const answers of [[refused(429)], [cut(1, STARTED), refused(429)]]) {
    const { client } = await served(...answers);
    await assert.rejects(turn(client), (error) => error instanceof Refused && error.status === 429);
  }
});

test("a turn that another page began is followed from its beginning", async () => {
  const { client, asked } = await served(whole(1, WORD("a"), END));
  assert.deepEqual(await turn(client, "c1", true), ["a", "turn_finished"]);
  assert.equal(asked[0].line, "GET /v1/conversations/c1/events");
  assert.equal(asked[0].headers["last-event-id"], "0");
});
