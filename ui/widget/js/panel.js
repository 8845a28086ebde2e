import { Cart } from "./cart.js";
import { Client } from "./client.js";
import { Colleague } from "./colleague.js";
import { contrast } from "./contrast.js";
import { ICONS, el, icon } from "./dom.js";
import { direction, money, safeUrl, textsFor } from "./format.js";
import { Reporter } from "./reporter.js";
import { Talk } from "./talk.js";
import { Thread } from "./thread.js";
import { meet } from "./visitor.js";

const LONGEST = 4000;
const PAPER = { light: [255, 255, 255], dark: [26, 29, 28] };
const SHEET = "(max-width: 599px), (max-height: 559px)";

/** Builds the panel of a `<shelftalk-widget>`; called once, when it is first wanted. */
export async function mount(host) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLES);
  host.shadowRoot.adoptedStyleSheets.push(sheet);
  const panel = new Panel(host, textsFor(host.locale, { en: TEXTS }, await ownTexts(host), window.ShelftalkTexts));
  await panel.begin();
  return panel;
}

/** Fetches the page's own table of texts; without it the shipped ones do. */
async function ownTexts({ dataset }) {
  const address = safeUrl(dataset.texts, document.baseURI);
  return address && fetch(address).then((answer) => answer.json()).catch(() => null);
}

/** The frame around the talk. */
class Panel {
  constructor(host, texts) {
    this.host = host;
    this.texts = texts;
    this.memory = host.recall();
    this.client = new Client(host.server, () => ({ token: host.dataset.token, visitor: this.visitor }));
    const reporter = new Reporter(this.client);
    this.cart = new Cart(this, reporter);
    this.colleague = new Colleague(this);
    this.talk = new Talk(this);
    this.shop = {
      texts,
      locale: host.locale,
      server: host.server,
      money: (amount) => money(amount, host.locale),
      add: (product, variant) => this.cart.add(product, variant),
      look: ({ id }) => this.client.ask("GET", `products/${encodeURIComponent(id)}?language=${this.language}`).then(({ variants }) => variants),
      saw: (product) => reporter.add("view", product),
      clicked: (product) => reporter.add("click", product),
    };
    this.thread = new Thread(this.shop);
    this.build();
    this.accent();
  }

  /** The language that the service is asked in. */
  get language() {
    return this.host.locale.startsWith("zh") ? "zh" : "en";
  }

  build() {
    const { host, texts } = this;
    const button = (name, act, more) => el("button", { type: "button", class: "icon", "aria-label": texts[name], title: texts[name], onclick: act }, icon(ICONS[more]));
    this.title = el("h2", { id: "st-title" }, host.dataset.title || texts.assistant);
    this.disclosed = el("span", null, texts.disclosure);
    this.status = el("p", { class: "hidden", role: "status" });
    this.waiting = el("div", { class: "waiting" });
    this.input = el("textarea", { rows: 1, maxlength: LONGEST, placeholder: texts.message_hint, "aria-label": texts.message, autocomplete: "off", oninput: () => this.grow(), onkeydown: (event) => this.typed(event) });
    this.sender = el("button", { class: "send", "aria-label": texts.send, title: texts.send }, icon(ICONS.send));
    this.root = el(
      "section",
      { class: "panel", role: "dialog", "aria-labelledby": "st-title", hidden: true, tabindex: -1, dir: direction(host.locale) },
      el("div", { class: "head" }, this.title, this.cart.link, button("new_conversation", () => this.talk.renew(), "fresh"), button("close", () => this.close(), "close")),
      el("p", { class: "disclosure" }, el("b", null, "AI"), this.disclosed),
      this.colleague.box,
      this.thread.log,
      this.waiting,
      el("form", { class: "composer", onsubmit: (event) => (event.preventDefault(), this.submit()) }, this.input, this.sender),
      this.status,
    );
    this.root.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.isComposing) this.close();
      // A page's own shortcuts are not meant while somebody writes here.
      event.stopPropagation();
    });
    this.narrow = matchMedia(SHEET);
    this.narrow.addEventListener("change", () => this.settle());
    host.frame.prepend(this.root);
  }

  /** The brand's colour as a colour of text, where it can be read on the panel's paper, light and dark. */
  accent() {
    const { frame, brand } = this.host;
    const [light, dark] = ["light", "dark"].map((theme) => (contrast(brand, PAPER[theme]) >= 4.5 ? `rgb(${brand})` : "var(--ink)"));
    frame.style.setProperty("--accent", `light-dark(${light}, ${dark})`);
  }

  async begin() {
    const { host, memory, talk } = this;
    const met = await meet(this.client, this, host.dataset.visitor, `shelftalk-visitor${host.server}`, this.language);
    if (!host.dataset.title && met.shop_name) this.title.textContent = met.shop_name;
    if (met.disclosure) this.disclosed.textContent = met.disclosure;
    if (memory.id) await talk.restore();
    else talk.greet();
    this.cart.show();
  }

  open({ focus = true } = {}) {
    this.root.hidden = false;
    this.host.showOpen(true, this.texts.close);
    this.settle();
    this.remember({ open: true });
    this.thread.follow(true);
    // On a phone the keyboard would cover what there is to read.
    if (focus) (matchMedia("(pointer: fine)").matches ? this.input : this.root).focus();
    this.emit("open");
    this.colleague.poll();
  }

  close() {
    const inside = this.host.shadowRoot.activeElement;
    this.root.hidden = true;
    this.host.showOpen(false);
    this.settle();
    this.remember({ open: false });
    if (inside) this.host.button.focus();
    this.emit("close");
  }

  /** Where the panel fills the screen, what lies under it is out of reach. */
  settle() {
    const covers = this.narrow.matches && !this.root.hidden;
    this.root.ariaModal = String(covers);
    document.body.inert = covers;
  }

  say(said) {
    this.talk.say(said);
  }

  submit() {
    if (this.talk.turn) return void this.talk.stop();
    const said = this.input.value.trim();
    if (!said) return;
    this.input.value = "";
    this.grow();
    this.say(said);
  }

  typed(event) {
    // While an input method is composing, Enter picks a character.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    if (!this.talk.turn) this.submit();
  }

  grow() {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight + 2, 140)}px`;
  }

  busy(turning) {
    const name = turning ? "stop" : "send";
    this.sender.replaceChildren(icon(ICONS[name]));
    this.sender.ariaLabel = this.sender.title = this.texts[name];
    this.thread.log.ariaBusy = String(turning);
  }

  /** Says something to a screen reader alone. */
  tell(text) {
    this.status.textContent = text;
  }

  /** Tells the page; returns whether it leaves the rest to the widget. */
  emit(name, detail, cancelable = false) {
    return this.host.dispatchEvent(new CustomEvent(`shelftalk:${name}`, { detail, bubbles: true, composed: true, cancelable }));
  }

  /** Keeps what a reload needs, in this tab alone. */
  remember(news) {
    Object.assign(this.memory, news);
    try {
      sessionStorage.setItem(`shelftalk-widget${this.host.server}`, JSON.stringify(this.memory));
    } catch {
      // Storage may be forbidden or full: then a reload begins a new talk.
    }
  }
}
