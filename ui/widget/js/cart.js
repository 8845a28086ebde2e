import { ICONS, el, icon } from "./dom.js";
import { fill, safeUrl } from "./format.js";

/** The shopper's cart: what the cards put into it, and the link to it at the panel's head. */
export class Cart {
  constructor(panel, reporter) {
    this.panel = panel;
    this.reporter = reporter;
    this.link = el("a", { class: "icon", hidden: true }, icon(ICONS.cart), el("b"));
  }

  /** Puts a product in, unless the page has taken that over; returns whether it is in. */
  async add(product, variant) {
    const { panel } = this;
    const line = { product_id: product.id, ...(variant && { variant_id: variant.id }), quantity: 1 };
    const detail = { variant_id: null, ...line, product, variant: variant ?? null };
    if (panel.emit("add-to-cart", detail, true)) this.changed(await this.put(line));
    this.reporter.add("cart_add", { ...line, attribution_id: product.attribution_id }, 1);
    return true;
  }

  /** The service takes a cart as a whole: what was in it before goes back with the new line. */
  async put(line) {
    const { client } = this.panel;
    const { lines, coupon } = await client.ask("GET", "cart");
    const items = lines.map(({ product_id, variant_id, quantity }) => ({ product_id, ...(variant_id && { variant_id }), quantity }));
    const same = items.find((item) => item.product_id === line.product_id && item.variant_id === line.variant_id);
    if (same) same.quantity += line.quantity;
    else items.push(line);
    return client.ask("PUT", "cart", { items, ...(coupon && { coupon }) });
  }

  async show() {
    const { client, language } = this.panel;
    const cart = await client.ask("GET", `cart?language=${language}`).catch(() => null);
    if (cart) this.changed(cart, false);
  }

  changed(cart, tell = true) {
    const { host, texts } = this.panel;
    const count = cart.lines.reduce((sum, { quantity }) => sum + quantity, 0);
    const address = safeUrl(host.dataset.cartUrl ?? cart.checkout_url, document.baseURI);
    this.link.hidden = !count || !address;
    if (address) this.link.href = address;
    this.link.ariaLabel = fill(texts.cart, { count });
    this.link.lastChild.textContent = count;
    host.showCount(count);
    this.panel.remember({ count });
    if (tell) this.panel.emit("cart-changed", { cart });
  }
}
