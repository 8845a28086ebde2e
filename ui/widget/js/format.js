const RIGHT_TO_LEFT = /^(ar|dv|fa|he|ku|ps|sd|ug|ur|yi)\b/;
const LINK = /https?:\/\/[^\s<>"'）)。，]+/g;

/** Writes an amount as people in the locale read it. */
export function money({ amount, currency }, locale) {
  return new Intl.NumberFormat(locale, { style: "currency", currency, currencyDisplay: "narrowSymbol" }).format(amount);
}

/** Returns an address that may be followed or shown, resolved against `base`; null for anything but http and https. */
export function safeUrl(address, base) {
  if (!address) return null;
  const url = URL.parse ? URL.parse(address, base) : parsed(address, base);
  return url && /^https?:$/.test(url.protocol) ? url.href : null;
}

/** Cuts a text into `{ text, link }`; `link` is set where the text is an address of the web. */
export function pieces(text) {
  const found = [];
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    const address = match[0].replace(/[.,;:!?]+$/, "");
    found.push({ text: text.slice(end, match.index) }, { text: address, link: safeUrl(address) });
    end = match.index + address.length;
  }
  return [...found, { text: text.slice(end) }].filter((piece) => piece.text);
}

/** Returns "rtl" or "ltr", as the locale is written. */
export function direction(locale) {
  return RIGHT_TO_LEFT.test(locale) ? "rtl" : "ltr";
}

/** Puts values into the places of a text: `fill("{count} left", { count: 3 })`. */
export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place);
}

/** Picks the table of the locale, falling back to its language and to English, text by text. */
export function textsFor(locale, ...tables) {
  const language = locale.split("-")[0];
  const picked = {};
  for (const table of tables) Object.assign(picked, table?.en, table?.[language], table?.[locale]);
  return picked;
}

function parsed(address, base) {
  try {
    return new URL(address, base);
  } catch {
    return null;
  }
}
