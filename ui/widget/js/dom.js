const SVG = "http://www.w3.org/2000/svg";

/** Returns an element. What stands in `children` is text, elements or null; nothing is ever read as markup. */
export function el(tag, properties, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value != null) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child != null));
  return made;
}

/** Returns an icon, drawn by paths of 24 units. */
export function icon(path) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.append(document.createElementNS(SVG, "path"));
  svg.firstChild.setAttribute("d", path);
  return svg;
}

export const ICONS = {
  close: "M6 6l12 12M18 6L6 18",
  fresh: "M4 5v5h5M4.6 14a8 8 0 1 0 .9-7.4L4 10",
  send: "M5 12h14M13 6l6 6-6 6",
  stop: "M7 7h10v10H7z",
  up: "M7 11v9H4v-9zM7 12l4-8c2 0 2.500 1.500 2 3l-.6 2.500H19c1.500 0 2 1 1.700 2.300l-1.400 6c-.3 1.500-1 2.200-2.500 2.200H7",
  down: "M7 13V4H4v9zM7 12l4 8c2 0 2.500-1.500 2-3l-.6-2.500H19c1.500 0 2-1 1.700-2.300l-1.400-6C19 4.700 18.300 4 16.800 4H7",
  cart: "M3 4h2l2.500 11h10L20 7H6M9 19.500h.01M16.500 19.500h.01",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21c.6-4 3.600-6 8-6s7.400 2 8 6",
};
