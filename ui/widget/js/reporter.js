const DELAY = 2000;
const MOST = 40;

/**
 * Tells the shop what was seen, clicked and put into the cart, in batches.
 *
 * The last batch leaves with the page by a fetch that is kept alive. `navigator.sendBeacon` would do it in fewer words,
 * but takes no headers, and without the visitor's the shop could not tell whose they are.
 */
export class Reporter {
  constructor(client) {
    this.client = client;
    this.events = [];
    this.seen = new Set();
    addEventListener("pagehide", () => this.flush(true));
    document.addEventListener("visibilitychange", () => document.hidden && this.flush(true));
  }

  /** Adds an event; `type` is view, click or cart_add. A view of the same card counts once. */
  add(type, { product_id, variant_id, attribution_id }, quantity) {
    const key = `${product_id} ${attribution_id}`;
    if (type === "view" && this.seen.has(key)) return;
    this.seen.add(key);
    const event = { type, product_id, variant_id, attribution_id, quantity, at: new Date().toISOString() };
    // The service refuses a field that is null no less than an unknown one.
    this.events.push(JSON.parse(JSON.stringify(event)));
    clearTimeout(this.timer);
    if (this.events.length >= MOST) this.flush();
    else this.timer = setTimeout(() => this.flush(), DELAY);
  }

  /** Sends what there is. Nobody waits for it, and a shop that doesn't take it loses figures, not customers. */
  flush(keepalive = false) {
    clearTimeout(this.timer);
    if (!this.events.length) return;
    const events = this.events.splice(0);
    this.client.send("POST", "events", { events, source: "widget" }, { keepalive }).catch(() => {});
  }
}
