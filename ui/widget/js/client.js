import { readEvents } from "./stream.js";

const ENDS = new Set(["turn_finished", "turn_failed", "turn_refused", "confirmation_requested"]);
const WAITS = [300, 1000, 2000, 4000, 8000];

/** The service answered that it won't do it. */
export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** The line dropped, and could not be taken up again. */
export class LineDropped extends Error {}

/** Speaks with the shop's service. `identity()` returns `{ token, visitor }` as they are at the moment. */
export class Client {
  constructor(server, identity, waits = WAITS) {
    this.server = server;
    this.identity = identity;
    this.waits = waits;
  }

  /** Sends a request; returns the parsed answer, null for an empty one. Throws Refused, or TypeError without a line. */
  async ask(method, path, body, more) {
    const response = await this.send(method, path, body, more);
    return response.status === 204 ? null : response.json();
  }

  async send(method, path, body, { signal, headers, keepalive } = {}) {
    const { token, visitor } = this.identity();
    const response = await fetch(`${this.server}v1/${path}`, {
      method,
      body: body && JSON.stringify(body),
      headers: {
        ...(body && { "Content-Type": "application/json" }),
        ...(token && { Authorization: `Bearer ${token}` }),
        ...(visitor && { "X-Shelftalk-Visitor": visitor }),
        ...headers,
      },
      signal,
      keepalive,
    });
    if (!response.ok) throw new Refused(response.status, (await response.json().catch(() => ({}))).error ?? "");
    return response;
  }

  /**
   * Yields the events of a turn to its end, each once, also over a line that drops. `{ type: "line_dropped" }` comes
   * between, whenever it does. `again` follows a turn that another page began.
   */
  async *turn(path, body, conversationId, signal, again = false) {
    let last = 0;
    let tries = 0;
    let begun = again;
    let ended = false;
    while (!ended) {
      try {
        const missed = { signal, headers: { "Last-Event-ID": String(last) } };
        const response = begun
          ? await this.send("GET", `conversations/${conversationId}/events`, undefined, missed)
          : await this.send("POST", path, body, { signal });
        begun = true;
        for await (const { id, event } of readEvents(response.body)) {
          last = id;
          tries = 0;
          conversationId = event.conversation_id ?? conversationId;
          ended ||= ENDS.has(event.type);
          yield event;
        }
      } catch (error) {
        if (error instanceof Refused || signal.aborted) throw error;
      }
      if (ended) return;
      // Where nothing came back the turn may never have begun: what the conversation holds is then another turn.
      if (!begun || !conversationId || signal.aborted || tries === this.waits.length) throw new LineDropped();
      yield { type: "line_dropped" };
      await new Promise((go) => setTimeout(go, this.waits[tries++]));
    }
  }
}
