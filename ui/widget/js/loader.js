import { channels, inkOn } from "./colour.js";

const script = document.currentScript;
const TAG = "shelftalk-widget";
const BRAND = [30, 90, 72];
const NAMES = { en: "Chat with our AI assistant", zh: "与 AI 购物助手对话" };

/** The button in the corner; the panel is fetched when it is first wanted. */
class Widget extends HTMLElement {
  connectedCallback() {
    if (this.shadowRoot) return;
    const { server, locale, theme, position } = this.dataset;
    this.server = new URL(server ? server.replace(/\/?$/, "/") : ".", script.src).href;
    this.locale = locale || document.documentElement.lang || navigator.language;
    const root = this.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(LOADER_STYLES);
    root.adoptedStyleSheets = [sheet];
    this.frame = document.createElement("div");
    this.frame.className = `st ${theme} ${/left/.test(position) ? "left" : ""}`;
    this.frame.lang = this.locale;
    this.button = document.createElement("button");
    this.button.type = "button";
    this.button.className = "launch";
    this.button.onclick = () => (this.isOpen ? this.close() : this.open());
    this.badge = document.createElement("b");
    this.button.append(picture(), this.badge);
    this.frame.append(this.button);
    root.append(this.frame);
    this.paint();
    this.showOpen(false);
    const { count, open } = this.recall();
    this.showCount(count);
    // Where it would cover the page, or the page is one to be finished, it stays closed.
    if (open && innerWidth > 899 && this.dataset.reopen !== "no") this.open({ focus: false });
  }

  /** Sets the brand's colour, and on it whichever of black and white can be read. */
  paint() {
    const { style } = this.frame;
    style.color = this.dataset.brandColor;
    this.brand = (style.color && channels(getComputedStyle(this.frame).color)) || BRAND;
    style.color = "";
    style.setProperty("--brand", `rgb(${this.brand})`);
    style.setProperty("--on-brand", inkOn(this.brand));
  }

  showOpen(open, name) {
    this.isOpen = this.button.ariaExpanded = open;
    const language = this.locale.slice(0, 2);
    this.button.ariaLabel = name ?? window.ShelftalkTexts?.[language]?.launcher ?? NAMES[language] ?? NAMES.en;
  }

  showCount(count) {
    this.badge.hidden = !count;
    this.badge.textContent = count > 99 ? "99+" : count;
  }

  /** What this tab remembers of the talk; storage may be forbidden. */
  recall() {
    try {
      return JSON.parse(sessionStorage.getItem(TAG + this.server)) ?? {};
    } catch {
      return {};
    }
  }

  panel() {
    this.loading ??= import(new URL(PANELS[this.locale.slice(0, 2)] ?? PANELS.en, script.src)).then(
      (module) => module.mount(this),
    );
    // A line that failed may be there again at the next click.
    this.loading.catch(() => (this.loading = null));
    return this.loading;
  }

  async open(how) {
    (await this.panel()).open(how);
  }

  async close() {
    (await this.panel()).close();
  }

  /** Opens the panel and says something in the shopper's name. */
  async ask(text) {
    await this.open();
    (await this.panel()).say(text);
  }
}

// Not by innerHTML, which a page with trusted types forbids.
function picture() {
  const [svg, path] = ["svg", "path"].map((tag) => document.createElementNS("http://www.w3.org/2000/svg", tag));
  svg.setAttribute("viewBox", "0 0 24 24");
  path.setAttribute("d", "M4 6q0-2 2-2h12q2 0 2 2v9q0 2-2 2h-6l-5 4v-4H6q-2 0-2-2zM8 9h8M8 12.500h5");
  svg.append(path);
  return svg;
}

if (!customElements.get(TAG)) {
  customElements.define(TAG, Widget);
  const widget = document.createElement(TAG);
  Object.assign(widget.dataset, script.dataset);
  // Beside the body: what the page does to its body, a transform or a filter, would move a fixed element inside it.
  document.documentElement.append(widget);
}
