// The launcher: all that a page loads by itself. The panel comes when somebody wants it.

/** @import { Panel } from "./panel.js" */

/** What the launcher says, by language: `open` of each file in locales/. @type {Record<string, string>} */
const OPEN = {
  en: "Ask a question",
  es: "Haga una pregunta",
  fr: "Poser une question",
  de: "Frage stellen",
  it: "Fai una domanda",
  pt: "Faça uma pergunta",
  pl: "Zadaj pytanie",
  ar: "اطرح سؤالاً",
};
const BUBBLE = "M5 4h14a3 3 0 0 1 3 3v8a3 3 0 0 1-3 3h-8l-6 4v-4a3 3 0 0 1-3-3V7a3 3 0 0 1 3-3zM7 9h10M7 13h6";

// `!important` inside a shadow root wins over the page's own rules. `:host([hidden])` lets a page hide it.
// What stands on the accent is white or black, whichever can be read.
const STYLE = `
:host { all: initial !important; display: block !important; color-scheme: light dark;
  --accent: var(--mesoguide-accent, light-dark(#0f6a62, #7bd3c5));
  --on-accent: var(--mesoguide-on-accent, oklch(from var(--accent) clamp(0, (.57 - l) * 1e9, 1) 0 0));
  --gap: var(--mesoguide-gap, 20px); }
:host([hidden]) { display: none !important; }
:host([scheme=light]) { color-scheme: light; }
:host([scheme=dark]) { color-scheme: dark; }
.launcher { position: fixed; z-index: var(--mesoguide-layer, 2147483000); inset: auto var(--gap) var(--gap) auto;
  display: flex; gap: 10px; align-items: center; margin: 0; padding: 14px 20px;
  border: 2px solid transparent; border-radius: 30px; font: 600 17px/1.3 var(--mesoguide-font, system-ui, sans-serif);
  color: var(--on-accent); background: var(--accent); box-shadow: 0 4px 20px #0004; cursor: pointer; }
:host([position=left]) .launcher { inset-inline: var(--gap) auto; }
.launcher:focus-visible { outline: 3px solid light-dark(#12211f, #fff); outline-offset: 3px; }
.launcher[aria-expanded=true] { visibility: hidden; }
svg { flex: none; width: 26px; fill: none; stroke: currentColor; stroke-width: 2; stroke-linejoin: round; }
@media print { .launcher { display: none; } }`;

/**
 * A chat with the assistant of a clinic: a button in the corner, and a panel when it is pressed.
 *
 * Attributes: `server`, `color` (any CSS colour), `position` (right or left), `locale`, `greeting`,
 * `scheme` (light or dark). What stands inside the tag is shown where the script does not run.
 *
 * Parts: launcher, panel, header, help, log, message, composer.
 *
 * @fires mesoguide-open
 * @fires mesoguide-close
 * @fires mesoguide-message detail: role, kind, topic; never a text
 */
export class MesoGuide extends HTMLElement {
  static observedAttributes = ["color", "locale"];

  #button = document.createElement("button");
  /** @type {Promise<Panel>|undefined} */
  #panel;

  constructor() {
    super();
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet];
    const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const path = document.createElementNS(icon.namespaceURI, "path");
    icon.setAttribute("viewBox", "0 0 24 24");
    path.setAttribute("d", BUBBLE);
    icon.append(path);
    const button = this.#button;
    button.type = "button";
    button.className = "launcher";
    button.part.add("launcher");
    button.ariaExpanded = "false";
    button.append(icon, "");
    button.onclick = () => this.open();
    // The panel is on its way before the finger is up again.
    button.onpointerenter = button.onpointerdown = button.onfocus = () => void this.#load().catch(() => {});
    root.append(button);
  }

  connectedCallback() {
    this.attributeChangedCallback();
  }

  attributeChangedCallback() {
    const language = this.language;
    const button = this.#button;
    button.lang = language;
    button.dir = language === "ar" ? "rtl" : "ltr";
    /** @type {Text} */ (button.lastChild).data = OPEN[language];
    const color = this.getAttribute("color");
    if (color) this.style.setProperty("--mesoguide-accent", color);
  }

  /** The interface language: that of the tag, of the page or of the browser, if we have it. */
  get language() {
    const page = this.closest("[lang]")?.getAttribute("lang");
    const wanted = [this.getAttribute("locale"), page, ...navigator.languages];
    const known = wanted.map((tag) => tag?.slice(0, 2).toLowerCase() ?? "");
    return known.find((language) => language in OPEN) ?? "en";
  }

  /** Address of the chat API, ends with a slash. */
  get api() {
    const server = this.getAttribute("server");
    return server ? new URL("chat/", server.replace(/\/*$/, "/")).href : new URL("../chat/", import.meta.url).href;
  }

  /** Opens the panel and puts the focus into it. */
  async open() {
    const panel = await this.#load();
    this.#button.ariaExpanded = "true";
    panel.open();
  }

  /** Closes the panel; the focus goes back to the launcher. */
  async close() {
    (await this.#panel)?.close();
  }

  #load() {
    this.#panel ??= import("./panel.js").then((module) => module.create(this, this.#button));
    this.#panel.catch(() => (this.#panel = undefined));
    return this.#panel;
  }
}

if (!customElements.get("meso-guide")) customElements.define("meso-guide", MesoGuide);
