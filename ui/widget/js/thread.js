import { cardList } from "./cards.js";
import { ICONS, el, icon } from "./dom.js";
import { fill, pieces } from "./format.js";

/** The talk as it stands on the screen: messages, cards, sources, thumbs. */
export class Thread {
  constructor(shop) {
    this.shop = shop;
    this.log = el("div", { class: "log", role: "log", tabindex: 0, "aria-label": shop.texts.conversation });
  }

  /** Adds a message of "user", "assistant" or a human colleague, before `next` or at the end; returns its bubble. */
  add(role, text, name, next = null) {
    const who = { user: this.shop.texts.you, assistant: this.shop.texts.assistant }[role] ?? name ?? this.shop.texts.colleague;
    const bubble = el("div", { class: `bubble ${role}` }, el("span", { class: role === "human" ? "name" : "hidden" }, `${who}: `));
    speak(bubble, text);
    // Once, with its words in it: what is moved, or filled later, is read out again.
    this.log.insertBefore(bubble, next);
    if (role === "user") this.asked = bubble;
    this.follow(role === "user");
    return bubble;
  }

  /** Begins the assistant's answer to one message. */
  begin() {
    return new Reply(this);
  }

  /** Keeps the newest in sight, but not past the question it answers; not at all once the reader has scrolled. */
  follow(always = false) {
    const { log } = this;
    if (!always && Math.abs(log.scrollTop - this.place) > 2) return;
    const newest = log.scrollHeight - log.clientHeight;
    log.scrollTop = Math.min(newest, this.asked?.isConnected ? this.asked.offsetTop - log.offsetTop - 8 : newest);
    this.place = log.scrollTop;
  }

  clear() {
    this.log.replaceChildren();
  }
}

class Reply {
  constructor(thread) {
    this.thread = thread;
    this.shop = thread.shop;
    this.wait = el("div", { class: "wait", "aria-hidden": "true" }, el("i"), el("i"), el("i"), this.doing = el("span"));
    thread.log.append(this.wait);
    thread.follow();
  }

  /** Says what is being looked up, or waited for. */
  work(tool, values = {}) {
    this.doing.textContent = fill(this.shop.texts[`running_${tool}`] ?? this.shop.texts.thinking, values);
  }

  /** Adds whole sentences, each as an element of its own. */
  say(text) {
    if (this.bubble) speak(this.bubble, text);
    else this.bubble = this.thread.add("assistant", text, null, this.wait);
    this.thread.follow();
  }

  show(products, attribution) {
    const shown = products.map((product) => ({ ...product, product_id: product.id, attribution_id: attribution }));
    this.put(cardList(shown, this.shop));
  }

  cite(sources) {
    const { texts } = this.shop;
    const list = sources.map(({ title, text }) => el("li", null, el("strong", null, title), el("p", null, text)));
    this.put(el("details", { class: "sources" }, el("summary", null, texts.sources), el("ul", null, ...list)));
  }

  offer(replies, say) {
    const buttons = replies.map((reply) => el("button", { type: "button", class: "chip", onclick: () => say(reply) }, reply));
    this.put(this.chips = el("div", { class: "chips", role: "group", "aria-label": this.shop.texts.quick_replies }, ...buttons));
  }

  /** Tells of something that went wrong, with a way on where there is one. */
  tell(text, label, act) {
    const button = label && el("button", { type: "button", class: "chip", onclick: () => (notice.remove(), act()) }, label);
    const notice = el("div", { class: "notice" }, el("p", null, text), button);
    this.put(notice);
  }

  /** Asks what the shopper thought of the answer. */
  judge(rate) {
    const { texts } = this.shop;
    const thumbs = ["up", "down"].map((rating) => {
      const button = el("button", { type: "button", class: "icon", "aria-label": texts[`thumb_${rating}`], "aria-pressed": "false" }, icon(ICONS[rating]));
      button.addEventListener("click", () => {
        thumbs.forEach((thumb) => (thumb.ariaPressed = String(thumb === button)));
        rate(rating).then((thanks) => (told.textContent = thanks));
      });
      return button;
    });
    const told = el("span", { role: "status" });
    this.put(el("div", { class: "thumbs", role: "group", "aria-label": texts.helpful }, ...thumbs, told));
  }

  end() {
    this.wait.remove();
    this.thread.follow();
  }

  put(element) {
    this.wait.before(element);
    if (!this.wait.isConnected) this.thread.log.append(element);
    this.thread.follow();
  }
}

function speak(bubble, text) {
  const parts = pieces(text).map(({ text: said, link }) =>
    link ? el("a", { href: link, target: "_blank", rel: "noopener noreferrer nofollow" }, said) : said,
  );
  bubble.append(el("span", null, ...parts));
}

/** Returns the change that waits for a yes: what is done, what follows from it, and where money goes. */
export function proposalBox(proposal, shop, answer) {
  const { texts } = shop;
  const moneys = ["charge", "refund"].filter((kind) => proposal[kind]).map((kind) => {
    const amount = shop.money(proposal[kind]);
    const method = proposal[`${kind}_to`]?.label;
    return { amount, line: el("p", { class: "sum" }, el("span", null, texts[kind]), el("strong", null, amount), method && el("span", null, fill(texts[`${kind}_to`], { method }))) };
  });
  // A line that only repeats the money has a place of its own.
  const changes = proposal.changes.filter((change) => !moneys.some(({ amount }) => change.includes(amount)));
  return el(
    "div",
    { class: "confirm", role: "dialog", "aria-labelledby": "st-confirm", "aria-describedby": "st-changes", tabindex: -1 },
    el("p", { class: "eyebrow" }, texts.confirm_title),
    el("h3", { id: "st-confirm" }, proposal.summary),
    el("div", { id: "st-changes" }, el("ul", null, ...changes.map((change) => el("li", null, change))), ...moneys.map(({ line }) => line)),
    el("div", { class: "answers" },
      el("button", { type: "button", class: "yes", onclick: () => answer(true) }, texts.yes),
      el("button", { type: "button", class: "no", onclick: () => answer(false) }, texts.no),
    ),
  );
}
