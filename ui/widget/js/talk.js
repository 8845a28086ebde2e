import { counted } from "./cards.js";
import { LineDropped, Refused } from "./client.js";
import { isHuman } from "./colleague.js";
import { proposalBox } from "./thread.js";

const STOPPED_WITHIN = 4000;

/** Takes turns: what is said and confirmed, what comes back, and what was said before. */
export class Talk {
  constructor(panel) {
    this.panel = panel;
    this.turn = null;
  }

  greet() {
    const { thread, texts, host } = this.panel;
    thread.add("assistant", texts.greeting);
    const reply = thread.begin();
    this.offer(reply, host.dataset.productId ? texts.starters_product : texts.starters);
    reply.end();
  }

  /** Shows the talk again after a reload, and follows the turn that was under way. */
  async restore() {
    const { client, colleague, memory, texts, thread } = this.panel;
    const { under_way: said, turns } = memory;
    // A talk is kept at the end of its first turn, not before.
    const view = said && !turns ? {} : await client.ask("GET", `conversations/${memory.id}`).catch((error) => error);
    if (view instanceof Refused && !said) {
      this.forget();
      return this.greet();
    }
    const messages = view.messages ?? [];
    for (const message of messages) {
      if (isHuman(message)) colleague.hear({ messages: messages.slice(0, messages.indexOf(message) + 1) });
      else thread.add(message.role, message.text);
    }
    const reply = thread.begin();
    if (view.products?.length) reply.show(view.products, view.attribution_id);
    if (view instanceof TypeError) reply.tell(texts.offline, texts.retry, () => this.restore());
    reply.end();
    colleague.hear(view);
    if (view.pending) this.request(view.pending);
    if (said && !(view instanceof TypeError) && messages.findLast(({ role }) => role === "user")?.text !== said) {
      thread.add("user", said);
      this.play("chat", {}, () => this.chat(said), true);
    }
  }

  forget() {
    this.panel.remember({ id: null, turns: 0, under_way: null });
    this.panel.colleague.forget();
  }

  async renew() {
    await this.stop();
    this.forget();
    this.panel.thread.clear();
    this.panel.waiting.replaceChildren();
    this.greet();
    this.panel.input.focus();
  }

  /** Says something in the shopper's name. */
  say(said) {
    if (this.turn) return;
    this.chips?.remove();
    this.panel.thread.add("user", said);
    this.chat(said);
  }

  chat(said) {
    const { dataset, locale } = this.panel.host;
    this.panel.waiting.replaceChildren();
    this.panel.remember({ under_way: said });
    const page = { url: location.href.split(/[?#]/)[0], locale, ...(dataset.productId && { product_id: dataset.productId }) };
    this.play("chat", { message: said, page }, () => this.chat(said));
  }

  confirm(proposal, accepted) {
    const { input, texts, thread, waiting } = this.panel;
    waiting.replaceChildren();
    thread.add("user", accepted ? texts.yes : texts.no);
    input.focus();
    this.play("confirm", { proposal_id: proposal.id, accepted }, () => this.confirm(proposal, accepted));
  }

  /** Takes a turn to its end; `retry` is what the button does where it failed. `again` follows another page's turn. */
  async play(path, body, retry, again = false) {
    const { client, colleague, memory, thread } = this.panel;
    const turn = (this.turn = { path, retry, stopper: new AbortController(), reply: thread.begin() });
    turn.ended = new Promise((over) => (turn.over = over));
    this.panel.tell("");
    this.panel.busy(true);
    const { id } = memory;
    const sent = { ...body, ...(id && { conversation_id: id }) };
    try {
      for await (const event of client.turn(path, sent, id, turn.stopper.signal, again)) this.take(event, turn);
    } catch (error) {
      this.fail(error, turn);
    }
    turn.reply.end();
    turn.over();
    this.turn = null;
    this.panel.busy(false);
    this.panel.remember({ under_way: null });
    colleague.poll();
  }

  take(event, turn) {
    const { panel } = this;
    const { reply } = turn;
    if (turn.dropped) {
      turn.dropped = false;
      panel.tell("");
      reply.work();
    }
    switch (event.type) {
      case "conversation_started":
        panel.remember({ id: event.conversation_id, turns: 0 });
        panel.disclosed.textContent = event.disclosure;
        break;
      case "line_dropped":
        turn.dropped = true;
        panel.tell(panel.texts.reconnecting);
        reply.work("reconnecting");
        break;
      case "turn_queued":
        reply.work("queued", { count: event.ahead });
        break;
      case "tool_call_started":
        reply.work(event.call.name);
        break;
      case "products_shown":
        reply.show(event.products, event.attribution_id);
        panel.tell(counted(event.products.length, panel.texts));
        break;
      case "sources_shown":
        reply.cite(event.sources);
        break;
      case "quick_replies_offered":
        this.offer(reply, event.replies);
        break;
      case "cart_changed":
        panel.cart.changed(event.cart);
        break;
      case "hand_over_changed":
        panel.colleague.called(event.ticket);
        break;
      case "text_delta":
        if (!panel.colleague.repeats(event.text)) reply.say(event.text);
        break;
      case "confirmation_requested":
        this.request(event.proposal);
        this.judged(turn);
        break;
      case "turn_finished":
        if (event.stopped) reply.tell(panel.texts.stopped);
        this.judged(turn);
        break;
      case "turn_refused":
        this.trouble(turn, event.text);
        if (event.reason === "auth_required") panel.emit("auth-required");
        break;
      case "turn_failed":
        this.count(turn);
        this.trouble(turn, event.text);
    }
  }

  fail(error, turn) {
    const { texts, memory } = this.panel;
    if (turn.stopped) return turn.reply.tell(texts.stopped);
    if (error instanceof LineDropped) return this.trouble(turn, texts.offline);
    if (!(error instanceof Refused)) {
      this.trouble(turn, texts.failed);
      throw error;
    }
    if (error.status === 401) this.panel.emit("auth-required");
    // The shop has forgotten the talk, or it was somebody else's: what was said begins a new one.
    const forgotten = error.status === 404 && memory.id;
    if (forgotten) this.forget();
    const told = { 401: texts.auth_required, 429: texts.busy, 503: texts.busy }[error.status];
    this.trouble(turn, forgotten ? texts.forgotten : told ?? texts.failed);
  }

  /** Tells what went wrong, with a button to try again. */
  trouble(turn, text) {
    turn.reply.tell(text, this.panel.texts.retry, turn.retry);
  }

  /** Asks the service to stop writing, and waits for it to say so: until then the talk is not free for a new turn. */
  async stop() {
    const { client, memory, texts } = this.panel;
    const { turn } = this;
    if (!turn || turn.stopped) return;
    turn.stopped = true;
    this.panel.tell(texts.stopping);
    const { id } = memory;
    if (id) await client.ask("DELETE", `conversations/${id}/turn`).catch(() => {});
    await Promise.race([turn.ended, new Promise((go) => setTimeout(go, id ? STOPPED_WITHIN : 0))]);
    turn.stopper.abort();
    await turn.ended;
  }

  /** Counts a turn as the service does: a yes or a no belongs to the turn that it answers. */
  count({ path }) {
    const turns = (this.panel.memory.turns ?? 0) + (path === "chat");
    this.panel.remember({ turns });
    return turns;
  }

  judged(turn) {
    const { client, memory, texts } = this.panel;
    const given = { conversation_id: memory.id, turn: this.count(turn) };
    turn.reply.judge((rating) =>
      client.ask("POST", "feedback", { ...given, rating }).then(() => texts.thanks, () => texts.failed),
    );
  }

  offer(reply, replies) {
    reply.offer(replies, (said) => this.say(said));
    this.chips = reply.chips;
  }

  request(proposal) {
    const { host, shop, thread, waiting } = this.panel;
    const inside = host.shadowRoot.activeElement;
    const box = proposalBox(proposal, shop, (accepted) => this.confirm(proposal, accepted));
    waiting.replaceChildren(box);
    if (inside) box.focus();
    thread.follow(true);
  }
}
