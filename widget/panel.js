// The panel: what is seen of a conversation.

import { converse } from "./conversation.js";
import { CLOSE, control, h, icon, MORE, PHONE, SEND } from "./dom.js";
import { makeLog } from "./log.js";
import { isAlarm, link, ownMessage, plain, reply } from "./message.js";
import { keepCopy, makePages, openVisit } from "./pages.js";
import { STYLE } from "./style.js";

/**
 * @import { MesoGuide } from "./mesoguide.js"
 * @import { Item } from "./conversation.js"
 * @import { Placed } from "./log.js"
 * @import { Button, Message } from "./transport.js"
 * @import { Words } from "./message.js"
 * @typedef {{open: () => void, close: () => void}} Panel
 */

const LIMIT = 1000; // characters; the server reads more for red flags, so the field does not cut
const FEW = 100;
const LARGEST = 1.5; // times the usual size of the text
const SAID = 15_000; // milliseconds until an announcement is taken away

/** @param {MesoGuide} host @param {HTMLButtonElement} launcher @returns {Promise<Panel>} */
export async function create(host, launcher) {
  const language = host.language;
  const address = new URL(`locales/${language}.json`, import.meta.url);
  const phrase = await (await fetch(address)).json();
  phrase.lang = language;
  const format = new Intl.NumberFormat(language).format;
  return makePanel(host, launcher, (term, ...values) => phrase[term].replace(/\{(\d)\}/g, (/** @type {any} */ _, /** @type {number} */ place) =>
    typeof values[place] === "number" ? format(values[place]) : values[place]));
}

/** @param {MesoGuide} host @param {HTMLButtonElement} launcher @param {Words} t @returns {Panel} */
function makePanel(host, launcher, t) {
  const root = /** @type {ShadowRoot} */ (host.shadowRoot);
  const phone = matchMedia("(max-width: 480px), (max-height: 480px)");
  /** @type {any} */
  let info = {};
  let isWaiting = false; // whether the line above the field says so
  let size = 1;
  /** @type {Map<string, Placed>} */
  const own = new Map();
  /** @type {any[]} */
  const switches = [];

  // What it is made of

  const heading = h("h2", { tabIndex: -1 }, t("open"));
  const speaker = h("p.small", {}, t("program"));
  const menu = control(icon(MORE), openMenu, "round", { ariaLabel: t("menu") });
  const help = h("div.help", { part: "help" }, h("slot"));
  const intro = h("div.intro");
  const log = makeLog(t, intro);
  const pages = makePages(t, log.pane, menu);
  const asking = h("div.note.ask", { role: "group", hidden: true });
  const note = h("div.note", { hidden: true });
  const left = h("p.small", { hidden: true });
  const field = h("textarea", { rows: 1, ariaLabel: t("question"), placeholder: t("question"), dir: "auto", oninput: count });
  const call = h("a.call", { hidden: true });
  const sender = h("button.round.send", { ariaLabel: t("send"), disabled: true }, icon(SEND));
  // The number to call comes right after the field: it is the next stop of who has just written.
  const form = h("form.composer", { part: "composer", onsubmit: submit }, field, call, sender);
  const polite = h("div.unseen", { role: "log", ariaLive: "polite" });
  const loud = h("div.unseen", { role: "alert" });
  const panel = h("dialog.panel", { part: "panel", lang: t("lang"), dir: t("lang") === "ar" ? "rtl" : "ltr", ariaLabel: t("open") },
    h("div.head", { part: "header" }, h("div", {}, heading, speaker), menu, control(icon(CLOSE), close, "round", { ariaLabel: t("close") })),
    help, log.pane, pages, h("div.foot", {}, asking, note, form, left), polite, loud);

  const chat = converse(host.api, {
    add,
    pend,
    refuse,
    typing: log.type,
    wait,
    lose() {
      log.divide(h("p.over.small", {}, t("lost")));
      announce(t("lost"));
    },
    clear() {
      log.clear();
      own.clear();
      call.hidden = true;
      polite.replaceChildren();
      loud.replaceChildren();
    },
    change: () => switches.forEach((one) => (one.checked = chat.memory.keep)),
  }, () => ({ notice: info.notice?.version ?? "", locale: t("lang") }));

  // What the conversation shows here

  /** @param {Item} item */
  function pend({ id, title: text }) {
    const message = /** @type {Message} */ ({ seq: 0, role: "user", time: new Date().toISOString(), text });
    put(id, message, log.placeOfPending()).dataset.wait = "";
    log.scroll();
  }

  /** Puts the visitor's own message where it belongs. @param {string} id @param {Message} message @param {number} place */
  function put(id, message, place) {
    const element = own.get(id) ?? /** @type {Placed} */ (ownMessage(t, message));
    own.set(id, element);
    element.told = message;
    delete element.dataset.wait;
    log.put(element, place);
    return element;
  }

  /** @param {Message} message @param {boolean} quiet */
  function add(message, quiet) {
    const { id = "", role, seq, kind = "", topic = null } = message;
    // Of old messages there may be hundreds: they come into sight at the end, all at once.
    const stick = !quiet && log.isAtEnd();
    const asked = own.get(id);
    if (!quiet) emit("message", { role, kind, topic });
    if (role === "user") {
      put(id, message, log.placeOf(seq));
      if (stick) log.scroll();
      return;
    }
    if (asked?.told && "wait" in asked.dataset) put(id, asked.told, log.placeOf(seq && seq - 0.5));
    const element = /** @type {Placed} */ (reply(t, message, {
      press,
      rate: (number, helpful, comment) => attempt(async () => {
        await chat.rate(number, helpful, comment);
        announce(t("thanks"));
      }),
      jot() {
        const { questions } = chat.memory;
        const question = /** @type {Placed|null} */ (element.previousSibling)?.told?.text;
        if (question && !questions.includes(question)) chat.setQuestions([...questions, question]);
        openVisit(t, pages, chat);
      },
    }));
    element.told = message;
    log.put(element, log.placeOf(seq));
    if (log.isLast(element)) keepAtHand(element, message);
    speaker.textContent = t(role === "staff" ? role : "program");
    if (!quiet) announce(plain(t, message), isAlarm(message));
    if (stick || (!quiet && isAlarm(message))) log.scroll(element);
  }

  /** The number to call stays beside the field until another answer comes. @param {HTMLElement} element @param {Message} message */
  function keepAtHand(element, message) {
    log.pane.querySelector("[data-current]")?.removeAttribute("data-current");
    call.hidden = !isAlarm(message);
    if (call.hidden) return;
    const { title: phrase = info.emergency ?? "112", url = info.emergency_url ?? "tel:112" } =
      message.buttons?.find((one) => one.url?.startsWith("tel:")) ?? {};
    call.href = url;
    call.lang = message.lang;
    call.replaceChildren(icon(PHONE), phrase);
    element.dataset.current = "";
  }

  /** @param {Item} item @param {number} status */
  function refuse({ id, title: text, text: typed }, status) {
    const element = /** @type {Placed} */ (own.get(id));
    const tooLong = status === 413 ? t("left", LIMIT - text.length) : "";
    put(id, /** @type {Message} */ (element.told), log.placeOf(0)).append(h("p.fault.small", {}, `${t("refused")} ${tooLong}`));
    if (typed && !field.value) fill(typed);
    tell(status === 413 ? t("refused") : t("failed"));
    log.scroll();
  }

  /** @param {number} [status] @param {number} [next] seconds */
  function wait(status, next = 0) {
    if (status !== undefined) {
      tell(status === 429 ? t("busy", Math.ceil(next)) : t("offline", info.emergency ?? "112"), control(t("retry"), chat.retry));
    } else if (isWaiting) tell();
    isWaiting = status !== undefined;
  }

  // What the visitor does

  /** @param {Event} event */
  function submit(event) {
    event.preventDefault();
    const text = field.value.trim();
    if (!text) return;
    fill("");
    field.focus();
    pages.close();
    tell();
    chat.say({ text }, text);
  }

  /** @param {Button} one */
  const press = ({ id, title: text }) => chat.say({ button: id }, text);

  /** @param {string} text */
  function fill(text) {
    field.value = text;
    count();
  }

  function count() {
    const rest = LIMIT - field.value.length;
    sender.disabled = !field.value.trim();
    left.hidden = rest > FEW;
    left.textContent = t("left", rest);
    if (rest === FEW) announce(left.textContent);
  }

  /** @param {() => unknown} act */
  async function attempt(act) {
    try {
      await act();
    } catch {
      tell(t("failed"));
    }
    switches.forEach((one) => (one.checked = chat.memory.keep));
  }

  /** Asks before something is lost. @param {string} term @param {() => void} go */
  function ask(term, go) {
    const end = () => {
      asking.hidden = true;
      field.focus();
    };
    pages.close();
    asking.ariaLabel = t(term);
    asking.replaceChildren(h("p", {}, `${t(term)} – ${t("sure")}`), control(t("yes"), () => {
      end();
      go();
    }), control(t("cancel"), end));
    asking.hidden = false;
    asking.lastChild.focus();
  }

  /** @param {boolean} erase */
  const leave = (erase) => attempt(() => chat.leave(erase));

  function resize() {
    size = size < LARGEST ? size + 0.25 : 1;
    panel.style.setProperty("--size", size);
    announce(`${t("size")}: ${size.toLocaleString(t("lang"), { style: "percent" })}`);
  }

  function openMenu() {
    if (!pages.hidden) return pages.close();
    const entry = (/** @type {string} */ term, /** @type {() => void} */ act) => h("li", {}, control(t(term), act));
    const copy = (/** @type {boolean} */ isPrint) => keepCopy(t, log.placed(), isPrint);
    pages.open(t("menu"), h("ul", {},
      entry("size", resize),
      entry("visit", () => openVisit(t, pages, chat)),
      entry("kept", openKept),
      entry("print", () => copy(true)),
      entry("save", () => copy(false)),
      entry("over", () => ask("over", () => leave(false))),
      entry("erase", () => ask("erase", () => leave(true)))));
  }

  function keepSwitch() {
    const box = h("input", { type: "checkbox", role: "switch", checked: chat.memory.keep });
    switches.push(box);
    box.onchange = () => {
      const change = () => attempt(() => chat.setKeep(!chat.memory.keep));
      if (box.checked || !chat.memory.token) return change();
      box.checked = true;
      ask("erase", change);
    };
    return h("label.switch", {}, box, t("keep"));
  }

  function openKept() {
    const { notice, privacy = {} } = info;
    const lines = [notice?.text, privacy.retention, privacy.read_by, privacy.contact];
    pages.open(t("kept"), ...lines.map((line) => line && h("p", { lang: "en" }, line)), keepSwitch());
  }

  // What is told

  /** Tells the page what happened; never what was said. @param {string} name @param {object} [detail] */
  const emit = (name, detail) => host.dispatchEvent(new CustomEvent(`mesoguide-${name}`, { detail }));

  /** Announces a text once. @param {string} text */
  function announce(text, isLoud = false) {
    const line = h("p", {}, text);
    (isLoud ? loud : polite).append(line);
    setTimeout(() => line.remove(), SAID);
  }

  /** Shows a line above the field, or none. @param {string} [text] @param {HTMLElement} [more] */
  function tell(text, more) {
    if (note.contains(root.activeElement)) field.focus();
    if (text && note.firstChild?.textContent !== text) announce(text);
    note.hidden = !text;
    note.replaceChildren(...(text ? [h("p", {}, text), more ?? ""] : []));
  }

  /** What stands first: what this is, what is kept, what could be asked. */
  function greet() {
    const { demo, phone: clinic, phone_url, emergency = "", emergency_url, starters = [] } = info;
    const number = (/** @type {string} */ term, /** @type {string} */ digits, /** @type {string} */ url) =>
      digits && h("a", { href: url }, t(term), " ", h("bdi", { dir: "ltr" }, digits));
    if (emergency) help.replaceChildren(number("emergency", emergency, emergency_url), number("clinic", clinic, phone_url) || "");
    intro.replaceChildren(
      h("p.hello", { dir: "auto" }, host.getAttribute("greeting") ?? t("hello"), " ", t("about", emergency)),
      h("p", {}, h("b", {}, t("english"))),
      h("p.small", {}, demo ? `${t("demo")} ` : "", t("notice")),
      keepSwitch(),
      starters[0] ? h("div.choices", { role: "group", ariaLabel: t("starters"), lang: "en" },
        ...starters.map((/** @type {Button} */ one) => one.url ? link(t, one.title, one.url, ".choice") : control(one.title, () => press(one)))) : "");
  }

  async function inform() {
    try {
      info = await (await fetch(`${host.api}info`)).json();
      greet();
    } catch {
      // What stands inside the tag is in place of the numbers; the next opening tries again.
    }
  }

  // Opening and closing

  const isOpen = () => panel.matches("[open], :popover-open");

  function show() {
    // A phone is all panel; on a larger screen the page stays usable.
    if (phone.matches) panel.showModal();
    else {
      panel.popover = "manual";
      panel.showPopover();
    }
  }

  function hide() {
    if (panel.open) panel.close();
    else panel.hidePopover();
    panel.popover = null;
  }

  /** Listens only while somebody looks. */
  async function attend() {
    await resumed;
    if (isOpen() && !document.hidden) chat.listen();
    else chat.rest();
  }

  function close() {
    if (!isOpen()) return;
    hide();
    attend();
    launcher.ariaExpanded = "false";
    launcher.focus();
    emit("close");
  }

  field.onkeydown = (/** @type {KeyboardEvent} */ event) => {
    // 229: Safari ends a composition (Japanese, Chinese …) with an Enter that is not flagged as composing.
    if (event.key === "Enter" && !event.shiftKey && event.keyCode !== 229) submit(event);
  };
  // A page's own shortcuts must not fire while somebody types here.
  for (const kind of ["keydown", "keyup", "keypress"]) {
    panel.addEventListener(kind, (/** @type {KeyboardEvent} */ event) => {
      event.stopPropagation();
      if (kind !== "keydown" || event.key !== "Escape") return;
      if (pages.hidden) close();
      else pages.close();
    });
  }
  panel.oncancel = (/** @type {Event} */ event) => event.preventDefault();
  phone.onchange = () => {
    if (!isOpen()) return;
    const focused = /** @type {HTMLElement|null} */ (root.activeElement);
    hide();
    show();
    focused?.focus();
  };
  // What the keyboard of a phone leaves free.
  const view = visualViewport;
  if (view) {
    view.onresize = view.onscroll = () => {
      panel.style.setProperty("--height", `${view.height}px`);
      panel.style.setProperty("--top", `${view.offsetTop}px`);
    };
  }
  document.addEventListener("visibilitychange", attend);
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  root.adoptedStyleSheets.push(sheet);
  root.append(panel);
  greet();
  const resumed = chat.resume().then(() => log.scroll());

  return {
    open() {
      if (!isOpen()) {
        show();
        emit("open");
      }
      // On a phone the field would bring up the keyboard, and nothing could be read.
      (phone.matches ? heading : field).focus();
      if (!info.clinic) inform();
      attend();
      log.scroll();
    },
    close,
  };
}
