import { Client, LineDropped, Refused } from "./client.js";
import { contrast } from "./contrast.js";
import { ICONS, el, icon } from "./dom.js";
import { direction, fill, money, safeUrl, textsFor } from "./format.js";
import { Reporter } from "./reporter.js";
import { Thread, proposalBox } from "./thread.js";

const LONGEST = 4000;
const POLL = 4000;
const STOPPED_WITHIN = 4000;
const PAPER = { light: [255, 255, 255], dark: [26, 29, 28] };
const SHEET = "(max-width: 599px), (max-height: 559px)";

/** Builds the panel of a `<shelftalk-widget>`; called once, when it is first wanted. */
export async function mount(host) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLES);
  host.shadowRoot.adoptedStyleSheets.push(sheet);
  const own = host.dataset.texts && (await (await fetch(safeUrl(host.dataset.texts, document.baseURI))).json().catch(() => null));
  const panel = new Panel(host, textsFor(host.locale, { en: TEXTS }, own, window.ShelftalkTexts));
  await panel.begin();
  return panel;
}

class Panel {
  constructor(host, texts) {
    this.host = host;
    this.texts = texts;
    this.memory = host.recall();
    this.client = new Client(host.server, () => ({ token: host.dataset.token, visitor: this.visitor }));
    this.reporter = new Reporter(this.client);
    this.shop = {
      texts,
      locale: host.locale,
      server: host.server,
      money: (amount) => money(amount, host.locale),
      add: (product, variant) => this.addToCart(product, variant),
      look: async (product) => (await this.client.ask("GET", `products/${encodeURIComponent(product.id)}?language=${this.language()}`)).variants,
      saw: (product) => this.reporter.add("view", product),
      clicked: (product) => this.reporter.add("click", product),
    };
    this.thread = new Thread(this.shop);
    this.build();
    this.accent();
  }

  // -- the frame -----------------------------------------------------------------------------------------------------

  build() {
    const { host, texts } = this;
    const button = (name, act, more) => el("button", { type: "button", class: "icon", "aria-label": texts[name], title: texts[name], onclick: act }, icon(ICONS[more]));
    this.title = el("h2", { id: "st-title" }, host.dataset.title || texts.assistant);
    this.cartLink = el("a", { class: "icon", hidden: true }, icon(ICONS.cart), el("b"));
    this.disclosure = el("p", { class: "disclosure" }, el("b", null, "AI"), this.disclosed = el("span", null, texts.disclosure));
    this.ticket = el("div", { class: "ticket", role: "status", hidden: true });
    this.status = el("p", { class: "hidden", role: "status" });
    this.waiting = el("div", { class: "waiting" });
    this.input = el("textarea", { rows: 1, maxlength: LONGEST, placeholder: texts.message_hint, "aria-label": texts.message, autocomplete: "off" });
    this.sender = el("button", { class: "send", "aria-label": texts.send, title: texts.send }, icon(ICONS.send));
    this.composer = el("form", { class: "composer", onsubmit: (event) => (event.preventDefault(), this.submit()) }, this.input, this.sender);
    this.root = el(
      "section",
      { class: "panel", role: "dialog", "aria-labelledby": "st-title", hidden: true, tabindex: -1, dir: direction(host.locale) },
      el("div", { class: "head" }, this.title, this.cartLink, button("new_conversation", () => this.renew(), "fresh"), button("close", () => this.close(), "close")),
      this.disclosure,
      this.ticket,
      this.thread.log,
      this.waiting,
      this.composer,
      this.status,
    );
    this.input.addEventListener("input", () => this.grow());
    this.input.addEventListener("keydown", (event) => {
      // While an input method is composing, Enter picks a character.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      if (!this.turning) this.submit();
    });
    this.root.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.isComposing) this.close();
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

  open({ focus = true } = {}) {
    this.root.hidden = false;
    this.host.showOpen(true, this.texts.close);
    this.settle();
    this.remember({ open: true });
    this.thread.follow(true);
    // On a phone the keyboard would cover what there is to read.
    if (focus) (matchMedia("(pointer: fine)").matches ? this.input : this.root).focus();
    this.emit("open");
    this.poll();
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

  grow() {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight + 2, 140)}px`;
  }

  emit(name, detail, cancelable = false) {
    return this.host.dispatchEvent(new CustomEvent(`shelftalk:${name}`, { detail, bubbles: true, composed: true, cancelable }));
  }

  language() {
    return this.host.locale.startsWith("zh") ? "zh" : "en";
  }

  remember(news) {
    Object.assign(this.memory, news);
    try {
      sessionStorage.setItem(`shelftalk-widget${this.host.server}`, JSON.stringify(this.memory));
    } catch {
      // Storage may be forbidden or full: then a reload begins a new talk.
    }
  }

  // -- what was before ------------------------------------------------------------------------------------------------

  async begin() {
    await this.introduce();
    if (!this.memory.id) this.greet();
    else await this.restore();
    this.showCart();
  }

  /** Asks the shop for a visitor's id, or for a later end of the one that this browser has. */
  async introduce() {
    const { host } = this;
    const key = `shelftalk-visitor${host.server}`;
    try {
      this.visitor = host.dataset.visitor || localStorage.getItem(key);
    } catch {
      // Storage may be forbidden: then each page has a new visitor.
    }
    const meet = () => this.client.ask("GET", `visitor?language=${this.language()}`);
    const met = await meet().catch((error) => {
      // An id that is too old, or of another key, is none.
      if (error.status !== 401 || !this.visitor) return {};
      this.visitor = null;
      return meet().catch(() => ({}));
    });
    this.visitor = met.visitor_id ?? this.visitor;
    if (!host.dataset.title && met.shop_name) this.title.textContent = met.shop_name;
    if (met.disclosure) this.disclosed.textContent = met.disclosure;
    try {
      if (this.visitor && !host.dataset.visitor) localStorage.setItem(key, this.visitor);
    } catch {
      // As above.
    }
  }

  greet() {
    const { texts } = this;
    this.thread.add("assistant", texts.greeting);
    const replies = this.host.dataset.productId ? texts.starters_product : texts.starters;
    const reply = this.thread.begin();
    reply.offer(replies, (said) => this.say(said));
    reply.end();
    this.chips = reply.chips;
  }

  /** Shows the talk again after a reload, and follows the turn that was under way. */
  async restore() {
    const { under_way: said, turns } = this.memory;
    // A talk is kept at the end of its first turn, not before.
    const view = said && !turns ? {} : await this.client.ask("GET", `conversations/${this.memory.id}`).catch((error) => error);
    if (view instanceof Refused && !said) {
      this.forget();
      return this.greet();
    }
    if (view instanceof Error && !(view instanceof Refused)) return this.thread.begin().tell(this.texts.offline, this.texts.retry, () => this.begin());
    const messages = view.messages ?? [];
    for (const { role, text, name } of messages) this.thread.add(role, text, name);
    this.humans = messages.filter(isHuman).length;
    const reply = this.thread.begin();
    if (view.products?.length) reply.show(view.products, view.attribution_id);
    reply.end();
    if (view.ticket ?? view.ticket_id) this.called(view.ticket ?? { id: view.ticket_id, state: "open" });
    if (view.pending) this.request(view.pending);
    const last = messages.findLast(({ role }) => role === "user");
    if (said && last?.text !== said) {
      this.thread.add("user", said);
      this.play("chat", {}, true);
    }
  }

  forget() {
    this.remember({ id: null, turns: 0, under_way: null });
    this.humans = 0;
  }

  async renew() {
    if (this.turning) await this.stop();
    this.forget();
    this.thread.clear();
    this.waiting.replaceChildren();
    this.ticket.hidden = true;
    this.greet();
    this.input.focus();
  }

  // -- a turn -----------------------------------------------------------------------------------------------------------

  submit() {
    if (this.turning) return void this.stop();
    const said = this.input.value.trim();
    if (!said) return;
    this.input.value = "";
    this.grow();
    this.say(said);
  }

  /** Says something in the shopper's name. */
  say(said) {
    if (this.turning) return;
    this.chips?.remove();
    this.thread.add("user", said);
    this.chat(said);
  }

  chat(said) {
    this.waiting.replaceChildren();
    this.remember({ under_way: said });
    const { dataset, locale } = this.host;
    const page = { url: location.href.split(/[?#]/)[0], locale, ...(dataset.productId && { product_id: dataset.productId }) };
    this.play("chat", { message: said, page }, false, () => this.chat(said));
  }

  confirm(proposal, accepted) {
    this.waiting.replaceChildren();
    this.thread.add("user", accepted ? this.texts.yes : this.texts.no);
    this.input.focus();
    this.play("confirm", { proposal_id: proposal.id, accepted }, false, () => this.confirm(proposal, accepted));
  }

  async play(path, body, again, retry) {
    const turn = (this.turning = { path, stopper: new AbortController(), reply: this.thread.begin() });
    turn.ended = new Promise((over) => (turn.over = over));
    this.tell("");
    this.busy(true);
    const { id } = this.memory;
    const sent = { ...body, ...(id && { conversation_id: id }) };
    try {
      for await (const event of this.client.turn(path, sent, id, turn.stopper.signal, again)) this.take(event, turn, retry);
    } catch (error) {
      this.fail(error, turn, retry);
    }
    turn.reply.end();
    turn.over();
    this.turning = null;
    this.busy(false);
    this.remember({ under_way: null });
    this.poll();
  }

  take(event, turn, retry) {
    const { reply } = turn;
    if (turn.dropped) {
      turn.dropped = false;
      this.tell("");
      reply.work();
    }
    switch (event.type) {
      case "conversation_started":
        this.remember({ id: event.conversation_id, turns: 0 });
        this.disclosed.textContent = event.disclosure;
        break;
      case "line_dropped":
        turn.dropped = true;
        this.tell(this.texts.reconnecting);
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
        this.tell(fill(this.texts.products, { count: event.products.length }));
        break;
      case "sources_shown":
        reply.cite(event.sources);
        break;
      case "quick_replies_offered":
        reply.offer(event.replies, (said) => this.say(said));
        this.chips = reply.chips;
        break;
      case "cart_changed":
        this.cartChanged(event.cart);
        break;
      case "hand_over_changed":
        this.called(event.ticket);
        break;
      case "text_delta":
        reply.say(event.text);
        break;
      case "confirmation_requested":
        this.request(event.proposal);
        this.judged(turn);
        break;
      case "turn_finished":
        if (event.stopped) reply.tell(this.texts.stopped);
        this.judged(turn);
        break;
      case "turn_refused":
        reply.tell(event.text, this.texts.retry, retry);
        if (event.reason === "auth_required") this.emit("auth-required");
        break;
      case "turn_failed":
        this.counted(turn);
        reply.tell(event.text, this.texts.retry, retry);
    }
  }

  fail(error, turn, retry) {
    const { texts } = this;
    if (turn.stopped) return turn.reply.tell(texts.stopped);
    if (error instanceof Refused && error.status === 404 && this.memory.id) {
      // The shop has forgotten the talk, or it was somebody else's: what was said begins a new one.
      this.forget();
      return turn.reply.tell(texts.forgotten, texts.retry, retry);
    }
    if (error instanceof Refused && error.status === 401) {
      this.emit("auth-required");
      return turn.reply.tell(texts.auth_required, texts.retry, retry);
    }
    if (error instanceof Refused && [429, 503].includes(error.status)) return turn.reply.tell(texts.busy, texts.retry, retry);
    if (error instanceof LineDropped || error instanceof TypeError) return turn.reply.tell(texts.offline, texts.retry, retry);
    turn.reply.tell(texts.failed, texts.retry, retry);
    if (!(error instanceof Refused)) throw error;
  }

  /** Asks the service to stop writing, and waits for it to say so: until then the talk is not free for a new turn. */
  async stop() {
    const turn = this.turning;
    if (!turn || turn.stopped) return;
    turn.stopped = true;
    this.tell(this.texts.stopping);
    const { id } = this.memory;
    if (id) await this.client.ask("DELETE", `conversations/${id}/turn`).catch(() => {});
    await Promise.race([turn.ended, new Promise((go) => setTimeout(go, id ? STOPPED_WITHIN : 0))]);
    turn.stopper.abort();
    await turn.ended;
  }

  /** Counts a turn as the service does: a yes or a no belongs to the turn that it answers. */
  counted({ path }) {
    const turns = (this.memory.turns ?? 0) + (path === "chat");
    this.remember({ turns });
    return turns;
  }

  judged(turn) {
    const { id } = this.memory;
    const number = this.counted(turn);
    turn.reply.judge(async (rating) => {
      const given = this.client.ask("POST", "feedback", { conversation_id: id, turn: number, rating });
      return given.then(() => this.texts.thanks, () => this.texts.failed);
    });
  }

  request(proposal) {
    const inside = this.host.shadowRoot.activeElement;
    const box = proposalBox(proposal, this.shop, (accepted) => this.confirm(proposal, accepted));
    this.waiting.replaceChildren(box);
    if (inside) box.focus();
    this.thread.follow(true);
  }

  busy(turning) {
    const name = turning ? "stop" : "send";
    this.sender.replaceChildren(icon(ICONS[name]));
    this.sender.ariaLabel = this.sender.title = this.texts[name];
    this.thread.log.ariaBusy = String(turning);
  }

  tell(text) {
    this.status.textContent = text;
  }

  // -- a human --------------------------------------------------------------------------------------------------------

  called(ticket) {
    const { texts } = this;
    this.human = ticket;
    const ahead = ticket.state === "open" && ticket.ahead ? ` ${fill(texts.ahead, { count: ticket.ahead })}` : "";
    this.ticket.replaceChildren(icon(ICONS.person), el("span", null, fill(texts[`ticket_${ticket.state}`], { ticket: ticket.id }) + ahead));
    this.ticket.hidden = false;
  }

  /** Looks for a colleague's words as long as one is called for and the shopper is there to read them. */
  poll() {
    clearTimeout(this.polling);
    if (!this.human || this.human.state === "closed" || this.root.hidden) return;
    this.polling = setTimeout(async () => {
      if (!document.hidden && !this.turning) await this.hear().catch(() => {});
      this.poll();
    }, POLL);
  }

  async hear() {
    const view = await this.client.ask("GET", `conversations/${this.memory.id}`);
    const said = view.messages.filter(isHuman);
    for (const { text, name } of said.slice(this.humans ?? 0)) this.thread.add("human", text, name);
    this.humans = said.length;
    if (view.ticket && JSON.stringify(view.ticket) !== JSON.stringify(this.human)) this.called(view.ticket);
  }

  // -- the cart -------------------------------------------------------------------------------------------------------

  /** Puts a product into the cart, unless the page has taken that over; returns whether it is in. */
  async addToCart(product, variant) {
    const { id: product_id, attribution_id } = product;
    const line = { product_id, variant_id: variant?.id ?? null, quantity: 1 };
    const taken = !this.emit("add-to-cart", { ...line, product, variant: variant ?? null }, true);
    if (!taken) {
      const cart = await this.client.ask("GET", `cart?language=${this.language()}`);
      const items = cart.lines.map(({ product_id, variant_id, quantity }) => ({ product_id, variant_id, quantity }));
      const same = items.find((item) => item.product_id === product_id && item.variant_id === line.variant_id);
      if (same) same.quantity += 1;
      else items.push(line);
      this.cartChanged(await this.client.ask("PUT", "cart", { items: items.map(({ variant_id, ...item }) => ({ ...item, ...(variant_id && { variant_id }) })), ...(cart.coupon && { coupon: cart.coupon }) }));
    }
    this.reporter.add("cart_add", { product_id, variant_id: line.variant_id ?? undefined, attribution_id }, 1);
    return true;
  }

  async showCart() {
    const cart = await this.client.ask("GET", `cart?language=${this.language()}`).catch(() => null);
    if (cart) this.cartChanged(cart, false);
  }

  cartChanged(cart, tell = true) {
    const count = cart.lines.reduce((sum, { quantity }) => sum + quantity, 0);
    const address = safeUrl(this.host.dataset.cartUrl ?? cart.checkout_url, document.baseURI);
    this.cartLink.hidden = !count || !address;
    if (address) this.cartLink.href = address;
    this.cartLink.ariaLabel = fill(this.texts.cart, { count });
    this.cartLink.lastChild.textContent = count;
    this.host.showCount(count);
    this.remember({ count });
    if (tell) this.emit("cart-changed", { cart });
  }
}

function isHuman({ role }) {
  return role !== "user" && role !== "assistant";
}
