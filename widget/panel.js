// The panel: what is seen of a conversation.

import { Conversation } from "./conversation.js";
import { h, icon } from "./dom.js";
import { isAlarm, link, ownMessage, plain, reply } from "./message.js";
import { print, save } from "./paper.js";
import { STYLE } from "./style.js";

/**
 * @import { MesoGuide } from "./mesoguide.js"
 * @import { Item } from "./conversation.js"
 * @import { Button, Failure, Message } from "./transport.js"
 * @import { Words } from "./message.js"
 * @typedef {HTMLElement & {place?: number, message?: Message}} Placed a message and where it stands
 */

const PHONE = matchMedia("(max-width: 480px), (max-height: 480px)");
const SIZES = [1, 1.25, 1.5];
const LIMIT = 1000; // characters; the server reads more for red flags, so the field does not cut
const FEW = 100;
const PENDING = 1e12; // place of what has no number yet
const EPOCH = 1e7; // numbers begin again with each conversation
const TYPING_DELAY = 400; // milliseconds; a quick answer needs no sign that it is coming
const SAID = 15_000; // milliseconds until an announcement is taken away

/** @param {MesoGuide} host @param {HTMLButtonElement} launcher */
export async function create(host, launcher) {
  const language = host.language;
  const answer = await fetch(new URL(`locales/${language}.json`, import.meta.url), { credentials: "omit" });
  return new Panel(host, launcher, language, await answer.json());
}

export class Panel {
  #host;
  #launcher;
  #language;
  /** @type {Words} */
  #t;
  #chat;
  #resumed;
  /** @type {any} */
  #info = {};
  #ready = false;
  #epoch = 0;
  #pending = 0;
  #size = 0;
  #waits = false; // whether the line above the field says so
  /** @type {Map<string, Placed>} */
  #own = new Map();
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #soon;
  /** @type {HTMLInputElement[]} */
  #switches = [];

  /**
   * @param {MesoGuide} host @param {HTMLButtonElement} launcher
   * @param {string} language @param {Record<string, string>} words
   */
  constructor(host, launcher, language, words) {
    this.#host = host;
    this.#launcher = launcher;
    this.#language = language;
    const number = new Intl.NumberFormat(language);
    const t = (this.#t = (key, ...values) =>
      key === "lang" ? language : words[key].replace(/\{(\d)\}/g, (_, place) => {
        const value = values[Number(place)];
        return typeof value === "number" ? number.format(value) : value;
      }));

    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    const root = /** @type {ShadowRoot} */ (launcher.getRootNode());
    root.adoptedStyleSheets.push(sheet);

    this.title = h("h2", { id: "title", tabIndex: -1 }, t("open"));
    this.state = h("p", {}, t("program"));
    const item = (/** @type {string} */ key, /** @type {() => void} */ act) =>
      h("button", { type: "button", onclick: () => { this.menu.open = false; act(); } }, t(key));
    this.menu = h("details", { className: "menu" },
      h("summary", { className: "round", ariaLabel: t("menu") }, icon("more")),
      h("div", {},
        item("size", () => this.#resize()),
        item("visit", () => this.#showVisit()),
        item("kept", () => this.#showKept()),
        item("print", () => this.#paper("print")),
        item("save", () => this.#paper("save")),
        item("over", () => this.#ask("over", () => this.#leave(false))),
        item("erase", () => this.#ask("erase", () => this.#leave(true)))));
    this.help = h("div", { className: "help", part: "help" }, h("slot"));
    this.intro = h("div", { className: "intro" });
    this.typing = h("p", { className: "typing", hidden: true }, h("i"), h("i"), h("i"), ` ${t("writing")}`);
    this.log = h("div", { className: "log", part: "log", role: "region", ariaLabel: t("chat"), tabIndex: 0 }, this.intro, this.typing);
    this.page = h("div", { className: "page", hidden: true });
    this.note = h("div", { className: "note", hidden: true });
    this.asking = h("div", { className: "note ask", role: "group", hidden: true });
    this.left = h("p", { className: "left", hidden: true });
    this.newest = h("button", { type: "button", className: "choice newest", hidden: true, onclick: () => this.#scroll() },
      icon("down"), t("newest"));
    this.field = h("textarea", { rows: 1, ariaLabel: t("question"), placeholder: t("question"), dir: "auto", enterKeyHint: "send" });
    this.call = h("a", { className: "call", hidden: true });
    this.sender = h("button", { className: "round send", ariaLabel: t("send"), disabled: true }, icon("send"));
    // The number to call comes right after the field: it is the next stop of who has just written.
    this.form = h("form", { className: "composer", part: "composer" }, this.field, this.call, this.sender);
    this.polite = h("div", { className: "unseen", role: "log", ariaLive: "polite", ariaLabel: t("assistant") });
    this.loud = h("div", { className: "unseen", role: "alert" });
    this.panel = h("dialog", { className: "panel", part: "panel", lang: language, dir: language === "ar" ? "rtl" : "ltr", "aria-labelledby": "title" },
      h("header", { part: "header" }, h("div", {}, this.title, this.state), this.menu,
        h("button", { type: "button", className: "round", ariaLabel: t("close"), onclick: () => this.close() }, icon("close"))),
      this.help, this.log, this.page,
      h("footer", {}, this.newest, this.asking, this.note, this.form, this.left), this.polite, this.loud);
    this.#chat = new Conversation(host.api, {
      add: (message, quiet) => this.#add(message, quiet),
      pend: (item) => this.#pend(item),
      refuse: (item, status) => this.#refuse(item, status),
      typing: (is) => this.#type(is),
      wait: (failure, next) => this.#wait(failure, next),
      lose: () => this.#lose(),
      clear: () => this.#clear(),
      change: () => this.#switches.forEach((one) => (one.checked = this.#chat.keep)),
    }, () => ({ notice: this.#info.notice?.version ?? "", locale: language }));
    this.#wire();
    root.append(this.panel);
    this.#greet();
    this.#resumed = this.#chat.resume();
    this.#begin();
  }

  #wire() {
    const { panel, form, field, log, menu } = this;
    form.onsubmit = (event) => {
      event.preventDefault();
      this.#submit();
    };
    field.oninput = () => this.#count();
    field.onkeydown = (event) => {
      // 229: Safari ends a composition (Japanese, Chinese …) with an Enter that is not flagged as composing.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      this.#submit();
    };
    // A page's own shortcuts must not fire while somebody types here.
    for (const kind of ["keydown", "keyup", "keypress"]) {
      panel.addEventListener(kind, (event) => event.stopPropagation());
    }
    panel.addEventListener("keydown", ({ key }) => {
      if (key !== "Escape") return;
      if (menu.open) {
        menu.open = false;
        menu.querySelector("summary")?.focus();
      } else this.close();
    });
    panel.oncancel = (event) => event.preventDefault();
    panel.onclick = ({ target }) => {
      if (!menu.contains(/** @type {Node} */ (target))) menu.open = false;
    };
    log.onscroll = () => {
      if (this.#isAtEnd()) this.newest.hidden = true;
    };
    PHONE.addEventListener("change", () => {
      if (!this.isOpen) return;
      const focused = /** @type {HTMLElement|null} */ (/** @type {ShadowRoot} */ (panel.getRootNode()).activeElement);
      this.#hide();
      this.#show();
      focused?.focus();
    });
    const fit = () => {
      const { height, offsetTop } = /** @type {VisualViewport} */ (visualViewport);
      panel.style.setProperty("--height", `${height}px`);
      panel.style.setProperty("--top", `${offsetTop}px`);
    };
    visualViewport?.addEventListener("resize", fit);
    visualViewport?.addEventListener("scroll", fit);
    document.addEventListener("visibilitychange", () => this.#attend());
  }

  get isOpen() {
    return this.panel.matches("[open], :popover-open");
  }

  open() {
    if (!this.isOpen) {
      this.#show();
      this.#host.dispatchEvent(new Event("mesoguide-open"));
    }
    // On a phone the field would bring up the keyboard, and nothing could be read.
    (PHONE.matches ? this.title : this.field).focus();
    if (!this.#ready) this.#begin();
    this.#attend();
    this.#scroll();
  }

  close() {
    if (!this.isOpen) return;
    this.#hide();
    this.#attend();
    this.#launcher.ariaExpanded = "false";
    this.#launcher.focus();
    this.#host.dispatchEvent(new Event("mesoguide-close"));
  }

  #show() {
    const { panel } = this;
    // A phone is all panel; on a larger screen the page stays usable.
    if (PHONE.matches) panel.showModal();
    else if ("popover" in panel) {
      panel.popover = "manual";
      panel.showPopover();
    } else /** @type {HTMLDialogElement} */ (panel).show();
  }

  #hide() {
    const { panel } = this;
    if (panel.open) panel.close();
    else panel.hidePopover();
    panel.removeAttribute("popover");
  }

  /** Listens only while somebody looks. */
  async #attend() {
    await this.#resumed;
    if (this.isOpen && !document.hidden) this.#chat.listen();
    else this.#chat.rest();
  }

  async #begin() {
    if (this.#ready) return;
    this.#ready = true;
    try {
      const answer = await fetch(`${this.#host.api}info`, { credentials: "omit", referrerPolicy: "no-referrer" });
      this.#info = await answer.json();
      this.#greet();
    } catch {
      // What stands inside the tag is in place of the numbers; the next opening tries again.
      this.#ready = false;
    }
  }

  /** What stands first: what this is, what is kept, what could be asked. */
  #greet() {
    const t = this.#t;
    const { demo, phone, phone_url, emergency = "", emergency_url, starters = [] } = this.#info;
    const number = (/** @type {string} */ key, /** @type {string} */ title, /** @type {string} */ url) =>
      title && h("a", { href: url }, icon("phone"), t(key), " ", h("bdi", { dir: "ltr" }, title));
    if (emergency) {
      this.help.replaceChildren(...[number("emergency", emergency, emergency_url), number("clinic", phone, phone_url)].filter(Boolean));
    }
    this.intro.replaceChildren(
      ...[
        h("p", { className: "hello", dir: "auto" }, this.#host.getAttribute("greeting") ?? t("hello"), " ", t("about", emergency)),
        t("english") && h("p", {}, h("b", {}, t("english"))),
        demo && h("p", { className: "small" }, t("demo")),
        h("p", { className: "small" }, t("notice")),
        this.#switch(),
        starters.length > 0 && h("div", { className: "choices", role: "group", ariaLabel: t("starters") }, h("p", {}, t("starters")),
          ...starters.map((/** @type {Button} */ button) => button.url
            ? link(t, button.title, button.url, "choice")
            : h("button", { type: "button", className: "choice", lang: "en", onclick: () => this.#press(button) }, button.title))),
      ].filter((part) => part instanceof Node));
  }

  #switch() {
    const box = h("input", { type: "checkbox", role: "switch", checked: this.#chat.keep });
    this.#switches.push(box);
    box.onchange = () => {
      const change = () => this.#try(() => this.#chat.setKeep(!box.checked === false));
      if (box.checked || !this.#chat.begun) change();
      else {
        box.checked = true;
        this.#ask("erase", () => this.#try(() => this.#chat.setKeep(false)));
      }
    };
    return h("label", { className: "switch" }, box, h("span", {}, this.#t("keep")));
  }

  #submit() {
    const text = this.field.value.trim();
    if (!text) return;
    this.field.value = "";
    this.#count();
    this.field.focus();
    this.#chat.say({ text }, text);
  }

  /** @param {Button} button */
  #press({ id, title }) {
    this.#chat.say({ button: id }, title);
  }

  #count() {
    const { value } = this.field;
    const left = LIMIT - value.length;
    this.sender.disabled = !value.trim();
    this.left.hidden = left > FEW;
    this.left.textContent = this.#t("left", left);
    if (left === FEW || left === 0) this.#say(this.left.textContent);
  }

  // What the conversation shows here

  /** @param {Item} item */
  #pend(item) {
    if (this.#own.has(item.id)) return;
    /** @type {Placed} */
    const element = ownMessage(this.#t, item.title, new Date().toISOString());
    element.message = { seq: 0, role: "user", text: item.title, time: new Date().toISOString() };
    element.dataset.wait = "";
    this.#own.set(item.id, element);
    this.#put(element, PENDING + (this.#pending += 1));
    this.#scroll();
  }

  /** @param {Message} message @param {boolean} quiet */
  #add(message, quiet) {
    const t = this.#t;
    const { id = "", role, seq } = message;
    const stick = this.#isAtEnd();
    const base = this.#epoch * EPOCH;
    let own = this.#own.get(id);
    if (role === "user") {
      if (!own) {
        own = ownMessage(t, message.text, message.time);
        this.#own.set(id, own);
      }
      own.message = message;
      delete own.dataset.wait;
      this.#put(own, base + seq);
      this.#tell(message);
      if (stick) this.#scroll();
      return;
    }
    if (own && "wait" in own.dataset) {
      delete own.dataset.wait;
      this.#put(own, seq ? base + seq - 0.5 : this.#lastPlace() + 0.1);
    }
    const asked = own?.message?.text ?? "";
    /** @type {Placed} */
    const element = reply(t, message, {
      press: (button) => this.#press(button),
      rate: (number, helpful, comment) => this.#try(async () => {
        await this.#chat.rate(number, helpful, comment);
        this.#say(t("thanks"));
      }),
      note: () => {
        const questions = this.#chat.questions ; 
        if (asked && !questions.includes(asked)) this.#chat.setQuestions([...questions, asked]);
        this.#showVisit();
      },
    });
    element.message = message;
    this.#put(element, seq ? base + seq : this.#lastPlace() + 0.1);
    this.#alarm(element);
    this.state.textContent = t(role === "staff" ? "staff" : "program");
    if (!quiet) this.#say(plain(t, message), isAlarm(message));
    this.#tell(message);
    if (stick || isAlarm(message)) this.#scroll(element);
    else this.newest.hidden = false;
  }

  /** The number to call stays beside the field until another answer comes. @param {Placed} element */
  #alarm(element) {
    const { log, call } = this;
    log.querySelector("[data-current]")?.removeAttribute("data-current");
    call.hidden = true;
    const message = /** @type {Message} */ (element.message);
    if (element.nextSibling !== this.typing || !isAlarm(message)) return;
    const button = message.buttons?.find(({ url }) => url?.startsWith("tel:"));
    const { emergency, emergency_url } = this.#info;
    call.href = button?.url ?? emergency_url ?? "tel:112";
    call.replaceChildren(icon("phone"), button?.title ?? emergency ?? "112");
    call.lang = button ? (message.lang ?? "en") : this.#language;
    call.hidden = false;
    if (button) element.dataset.current = "";
  }

  #lastPlace() {
    const placed = /** @type {Placed[]} */ ([...this.log.children]).map(({ place = 0 }) => place);
    return Math.max(...placed.filter((place) => place < PENDING));
  }

  /** @param {Placed} element @param {number} place */
  #put(element, place) {
    if (element.place === place) return;
    element.place = place;
    /** @type {Placed|null} */
    let before = this.typing;
    for (;;) {
      const previous = /** @type {Placed|null} */ (before.previousElementSibling);
      if (!previous || previous === this.intro || (previous !== element && (previous.place ?? 0) < place)) break;
      before = previous;
    }
    if (before !== element && before.previousElementSibling !== element) before.before(element);
  }

  /** @param {Item} item @param {number} status */
  #refuse(item, status) {
    const own = this.#own.get(item.id);
    if (!own) return;
    delete own.dataset.wait;
    this.#put(own, this.#lastPlace() + 0.1);
    const words = `${this.#t("refused")} ${status === 413 ? this.#t("left", LIMIT - item.title.length) : ""}`;
    own.append(h("p", { className: "fault" }, words));
    this.#say(words, true);
    if (item.text && !this.field.value) {
      this.field.value = item.text;
      this.#count();
    }
    this.#waits = false;
    if (status >= 500) this.#note(this.#t("failed"));
    this.#scroll();
  }

  /** @param {boolean} is */
  #type(is) {
    clearTimeout(this.#soon);
    this.typing.hidden = true;
    if (!is) return;
    this.#soon = setTimeout(() => {
      this.typing.hidden = false;
      this.#scroll();
    }, TYPING_DELAY);
  }

  /** @param {Failure} [failure] @param {number} [next] */
  #wait(failure, next = 0) {
    if (!failure) {
      if (this.#waits) this.#note();
      this.#waits = false;
      return;
    }
    this.#waits = true;
    const t = this.#t;
    const words = failure.status === 429 ? t("busy", Math.ceil(next)) : t("offline", this.#info.emergency ?? "112");
    this.#note(words, h("button", { type: "button", className: "choice", onclick: () => this.#chat.retry() }, t("retry")));
  }

  #lose() {
    const over = /** @type {Placed} */ (h("p", { className: "over" }, this.#t("lost")));
    this.#epoch += 1;
    this.#put(over, this.#epoch * EPOCH);
    this.#say(this.#t("lost"));
  }

  #clear() {
    this.log.replaceChildren(this.intro, this.typing);
    this.#own.clear();
    this.call.hidden = true;
    this.polite.replaceChildren();
    this.loud.replaceChildren();
    this.#note();
  }

  // Small things

  /** Announces a text once. @param {string} text */
  #say(text, loud = false) {
    const line = h("p", {}, text);
    (loud ? this.loud : this.polite).append(line);
    setTimeout(() => line.remove(), SAID);
  }

  /** Tells the page that a message came; never what it says. @param {Message} message */
  #tell({ role, kind = "", topic = null }) {
    this.#host.dispatchEvent(new CustomEvent("mesoguide-message", { detail: { role, kind, topic } }));
  }

  /** Shows a line above the field, or none. @param {string} [text] @param {...HTMLElement} more */
  #note(text, ...more) {
    const { note } = this;
    const isNew = text && note.firstChild?.textContent !== text;
    const focused = note.contains(/** @type {ShadowRoot} */ (note.getRootNode()).activeElement);
    note.hidden = !text;
    note.replaceChildren(...(text ? [h("p", {}, text), ...more] : []));
    if (focused) this.field.focus();
    if (isNew) this.#say(text);
  }

  /** Asks before something is lost. @param {string} key @param {() => void} go */
  #ask(key, go) {
    const t = this.#t;
    const { asking } = this;
    const end = () => {
      asking.hidden = true;
      this.field.focus();
    };
    const no = h("button", { type: "button", className: "choice", onclick: end }, t("cancel"));
    const yes = h("button", { type: "button", className: "choice", onclick: () => { end(); go(); } }, t("yes"));
    asking.ariaLabel = t(key);
    asking.replaceChildren(h("p", {}, `${t(key)} – ${t("sure")}`), yes, no);
    asking.hidden = false;
    no.focus();
  }

  /** @param {() => unknown} act */
  async #try(act) {
    try {
      await act();
    } catch {
      this.#note(this.#t("failed"));
    }
    this.#switches.forEach((one) => (one.checked = this.#chat.keep));
  }

  /** @param {boolean} erase */
  #leave(erase) {
    this.#back();
    this.#try(() => this.#chat.leave(erase));
  }

  #resize() {
    this.#size = (this.#size + 1) % SIZES.length;
    const size = SIZES[this.#size];
    this.panel.style.setProperty("--size", String(size));
    this.#say(`${this.#t("size")}: ${size.toLocaleString(this.#language, { style: "percent" })}`);
    this.menu.open = true;
  }

  #isAtEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.log;
    return scrollHeight - scrollTop - clientHeight < 80;
  }

  /** Shows the end, or the beginning of an element that is taller than what is seen. @param {HTMLElement} [element] */
  #scroll(element) {
    const { log } = this;
    const start = element ? element.offsetTop - log.offsetTop - 8 : Infinity;
    log.scrollTop = Math.min(start, log.scrollHeight - log.clientHeight);
    this.newest.hidden = this.#isAtEnd() ;
  }

  // Pages in place of the conversation

  /** @param {string} title @param {...(Node|string|false|null|undefined)} parts */
  #open(title, ...parts) {
    const heading = h("h3", { tabIndex: -1 }, title);
    this.page.replaceChildren(heading, ...parts.filter((part) => part instanceof Node),
      h("button", { type: "button", className: "choice", onclick: () => this.#back() }, this.#t("back")));
    this.page.hidden = false;
    this.log.hidden = true;
    heading.focus();
  }

  #back() {
    if (this.page.hidden) return;
    this.page.hidden = true;
    this.log.hidden = false;
    this.field.focus();
  }

  #showKept() {
    const { notice, privacy = {} } = this.#info;
    const lines = [notice?.text, privacy.retention, privacy.read_by, privacy.contact];
    this.#open(this.#t("kept"), ...lines.filter(Boolean).map((line) => h("p", { lang: "en" }, line)), this.#switch());
  }

  #showVisit() {
    const t = this.#t;
    const chat = this.#chat;
    const { questions } = chat;
    const field = h("textarea", { rows: 1, ariaLabel: t("question"), dir: "auto" });
    const form = h("form", {}, field, h("button", { className: "choice" }, t("add")));
    form.onsubmit = (event) => {
      event.preventDefault();
      if (!field.value.trim()) return;
      chat.setQuestions([...questions, field.value.trim()]);
      this.#showVisit();
    };
    this.#open(t("visit"), h("p", {}, t("hint")),
      h("ul", {}, ...questions.map((question, place) => h("li", {}, h("span", { dir: "auto" }, question),
        h("button", { type: "button", className: "round", ariaLabel: `${t("remove")}: ${question}`, onclick: () => {
          chat.setQuestions(questions.filter((_, other) => other !== place));
          this.#showVisit();
        } }, icon("close"))))),
      form,
      questions.length > 0 && h("button", { type: "button", className: "choice", onclick: async () => {
        
        print(t("visit"), questions.map((question) => `☐ ${question}`), this.#language);
      } }, t("print")));
  }

  /** @param {"print"|"save"} how */
  async #paper(how) {
    const t = this.#t;
    
    const lines = /** @type {Placed[]} */ ([...this.log.children]).flatMap(({ message }) => message ? [
      `${new Date(message.time).toLocaleString(this.#language, { dateStyle: "medium", timeStyle: "short" })}\n${plain(t, message)}`,
      message.more ?? "",
      ...(message.sources ?? []).map(({ title, publisher, year, url }) => [title, publisher, year, url].filter(Boolean).join(", ")),
      message.reviewed?.note ?? "",
    ].filter(Boolean) : []);
    if (how === "print") print(t("open"), lines, this.#language);
    else save("mesotherapy.txt", [t("open"), ...lines]);
  }
}
