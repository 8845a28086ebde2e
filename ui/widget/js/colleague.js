import { ICONS, el, icon } from "./dom.js";
import { fill } from "./format.js";

const POLL = 4000;

/** A human who was called: the line that says how that stands, and what they write. */
export class Colleague {
  constructor(panel) {
    this.panel = panel;
    this.box = el("div", { class: "ticket", role: "status", hidden: true });
    this.forget();
  }

  forget() {
    this.ticket = null;
    this.heard = [];
    this.box.hidden = true;
  }

  /** Shows a ticket's state: open, taken or closed. */
  called(ticket) {
    const { texts } = this.panel;
    this.ticket = ticket;
    const ahead = ticket.state === "open" && ticket.ahead ? ` ${fill(texts.ahead, { count: ticket.ahead })}` : "";
    const told = fill(texts[`ticket_${ticket.state}`], { ticket: ticket.id }) + ahead;
    this.box.replaceChildren(icon(ICONS.person), el("span", null, told));
    this.box.hidden = false;
  }

  /** Takes in a conversation as the service keeps it: how the ticket stands, and what of the colleague's is new. */
  hear({ messages = [], ticket, ticket_id }) {
    for (const { text, name } of messages.filter(isHuman).slice(this.heard.length)) {
      this.panel.thread.add("human", text, name);
      this.heard.push(text);
    }
    const now = ticket ?? (ticket_id && !this.ticket && { id: ticket_id, state: "open" });
    if (now && JSON.stringify(now) !== JSON.stringify(this.ticket)) this.called(now);
  }

  /** Tells whether the assistant repeats what the colleague wrote and was read already: a turn tells it once more. */
  repeats(text) {
    const place = this.heard.findIndex((heard) => text.includes(heard));
    if (place >= 0) this.heard.splice(place, 1);
    return place >= 0;
  }

  /** Looks for news as long as a colleague is called for and the shopper is there to read them. */
  poll() {
    clearTimeout(this.polling);
    if (!this.ticket || this.ticket.state === "closed" || this.panel.root.hidden) return;
    this.polling = setTimeout(async () => {
      const { client, memory, talk } = this.panel;
      if (!document.hidden && !talk.turn) {
        await client.ask("GET", `conversations/${memory.id}`).then((view) => this.hear(view), () => {});
      }
      this.poll();
    }, POLL);
  }
}

export function isHuman({ role }) {
  return role !== "user" && role !== "assistant";
}
