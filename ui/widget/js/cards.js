import { el } from "./dom.js";
import { fill, money, safeUrl } from "./format.js";

const FEW = 5;

/**
 * Returns the cards of a showing as a list. `shop` has `texts`, `locale`, `server`, `add(product, variant)` that
 * resolves to whether it was added, `look(product)` for a product's variants, and `saw` and `clicked` for the figures.
 */
export function cardList(products, shop) {
  const list = el("ul", { class: "cards", "aria-label": counted(products.length, shop.texts) });
  // A reader is told how many there are; all of their texts at once would drown the answer.
  list.ariaLive = "off";
  const watch = new IntersectionObserver(
    (entries) => entries.filter((entry) => entry.isIntersecting).forEach(({ target }) => target.wasSeen()),
    { threshold: 0.5 },
  );
  for (const product of products) {
    const item = card(product, shop);
    item.wasSeen = () => (watch.unobserve(item), shop.saw(product));
    watch.observe(item);
    list.append(item);
  }
  return list;
}

/** Says how many products there are. */
export function counted(count, texts) {
  return count === 1 ? texts.product : fill(texts.products, { count });
}

function card(product, shop) {
  const { texts } = shop;
  const link = safeUrl(product.link, document.baseURI);
  const name = link
    ? el("a", { href: link, title: product.title, onclick: () => shop.clicked(product) }, product.short_name)
    : product.short_name;
  const offer = el("div", { class: "offer" });
  const picture = el("div", { class: "picture" });
  const add = el("button", { type: "button", class: "add" }, texts.add_to_cart);
  add.ariaLabel = `${texts.add_to_cart}: ${product.short_name}`;
  const told = el("p", { class: "told", role: "status" });
  const item = el(
    "li",
    { class: "card" },
    picture,
    el("div", { class: "facts" },
      el("h3", null, name),
      product.reason && el("p", { class: "reason" }, product.reason),
      rating(product, texts),
      offer,
    ),
    el("div", { class: "buy" }, add, told),
  );
  show(product);
  add.addEventListener("click", buy);
  return item;

  function show(variant) {
    const image = safeUrl(variant.image ?? product.image, shop.server);
    picture.replaceChildren(
      image
        ? el("img", { src: image, alt: fill(texts.picture_of, { name: product.title }), loading: "lazy", width: 200, height: 200 })
        : el("span", { "aria-hidden": "true" }, product.short_name.slice(0, 1)),
    );
    const price = variant.price ?? product.price;
    offer.replaceChildren(
      el("p", { class: "price" }, price ? money(price, shop.locale) : texts.no_price),
      stock(variant.stock, texts),
    );
    add.disabled = variant.stock === 0;
  }

  /** Adds the product; where it comes in several forms, asks first which one. */
  async function buy() {
    add.disabled = true;
    told.textContent = "";
    try {
      const variants = (await shop.look(product)) ?? [];
      if (variants.length < 2) await put(variants[0]);
      else choose(variants);
    } catch {
      told.textContent = texts.not_added;
    }
    add.disabled = false;
  }

  async function put(variant) {
    told.textContent = (await shop.add(product, variant)) ? texts.added : texts.not_added;
  }

  function choose(variants) {
    const names = [...new Set(variants.flatMap((variant) => Object.keys(variant.options)))];
    const choices = names.map((option) => {
      const values = [...new Set(variants.map((variant) => variant.options[option]).filter(Boolean))];
      const select = el("select", { onchange: changed }, ...values.map((value) => el("option", null, value)));
      return el("label", null, el("span", null, option), select);
    });
    const selects = choices.map((choice) => choice.lastChild);
    const first = variants.find((variant) => variant.id === product.variant_id)
      ?? variants.find((variant) => variant.stock !== 0) ?? variants[0];
    selects.forEach((select, place) => (select.value = first.options[names[place]]));
    add.before(...choices);
    add.removeEventListener("click", buy);
    add.addEventListener("click", async () => {
      add.disabled = true;
      await put(chosen()).catch(() => (told.textContent = texts.not_added));
      changed();
    });
    show(first);
    selects[0]?.focus();

    function chosen() {
      return variants.find((variant) => names.every((name, place) => (variant.options[name] ?? "") === selects[place].value));
    }

    function changed() {
      const variant = chosen();
      if (variant) show(variant);
      else add.disabled = true;
      if (!variant) told.textContent = texts.no_such_variant;
    }
  }
}

function rating({ rating: score, rating_count: count }, texts) {
  if (score == null) return null;
  const label = fill(count ? texts.rated : texts.rated_alone, { rating: score.toFixed(1), count });
  return el("p", { class: "stars", role: "img", "aria-label": label }, `★ ${score.toFixed(1)}${count ? ` (${count})` : ""}`);
}

function stock(count, texts) {
  if (count == null) return null;
  const [kind, text] = count === 0 ? ["none", texts.sold_out] : count <= FEW ? ["few", texts.few_left] : ["plenty", texts.in_stock];
  return el("p", { class: `stock ${kind}` }, fill(text, { count }));
}
