// Turns a message into elements. Texts are tiny Markdown: bold, list, link.

import { h, icon } from "./dom.js";

/**
 * @import { Button, Message } from "./transport.js"
 * @typedef {(key: string, ...values: (string|number)[]) => string} Words
 * @typedef {object} Actions
 * @property {(button: Button) => void} press
 * @property {(seq: number, helpful: boolean, comment?: string) => Promise<unknown>} rate
 * @property {() => void} note puts the question down for the visit
 */

const INLINE = /\*\*(.+?)\*\*|\[([^\]\n]+)\]\(([^()\s]+)\)/g;
const RATED = ["answer", "out_of_scope", "fallback"];

/** The address in normal form, or empty when it is not one of https, tel, mailto. @param {unknown} address */
export function safeUrl(address) {
  try {
    const { href, protocol } = new URL(String(address));
    return /^(https|tel|mailto):$/.test(protocol) ? href : "";
  } catch {
    return "";
  }
}

/** A link, or only its words where the address is refused. */
export function link(/** @type {Words} */ t, /** @type {string} */ title, /** @type {unknown} */ address, look = "") {
  const href = safeUrl(address);
  if (!href) return h("span", {}, title);
  const call = href.startsWith("tel:");
  const element = h("a", { href, className: look }, call && look && icon("phone"), h("span", {}, title));
  if (href.startsWith("https:")) {
    element.target = "_blank";
    element.rel = "noopener noreferrer";
    element.append(icon("out"), h("span", { className: "unseen" }, ` (${t("newTab")})`));
  }
  return element;
}

/** @param {Words} t @param {string} text @returns {(Node|string)[]} */
function inline(t, text) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(INLINE)) {
    nodes.push(text.slice(end, match.index));
    end = match.index + match[0].length;
    nodes.push(match[1] ? h("b", {}, ...inline(t, match[1])) : link(t, match[2], match[3]));
  }
  return [...nodes, text.slice(end)];
}

/** Paragraphs and lists. @param {Words} t @param {string} markdown */
export function blocks(t, markdown) {
  /** @type {HTMLElement[]} */
  const elements = [];
  for (const part of markdown.trim().split(/\n\s*\n/)) {
    /** @type {HTMLElement|undefined} */
    let current;
    for (const line of part.split("\n")) {
      const item = /^\s*- (.*)/.exec(line);
      const tag = item ? "ul" : "p";
      if (current?.localName !== tag) elements.push((current = h(tag)));
      else if (!item) current.append(h("br"));
      if (item) current.append(h("li", {}, ...inline(t, item[1])));
      else current.append(...inline(t, line.trim()));
    }
  }
  return elements;
}

/** Whether it is to be acted on now. @param {Message} message */
export const isAlarm = ({ urgency, kind }) => urgency === "now" || kind === "emergency" || kind === "crisis";

/** Who speaks. @param {Words} t @param {string} role */
const who = (t, role) => t(role === "user" ? "you" : role === "staff" ? "staff" : "assistant");

/** @param {Words} t @param {string} role @param {string} time */
function heading(t, role, time) {
  const clock = new Date(time).toLocaleTimeString(t("lang"), { hour: "2-digit", minute: "2-digit" });
  return h("h3", { className: "who" }, who(t, role), " ", h("time", { dateTime: time }, clock));
}

/** The visitor's own words, letter for letter. @param {Words} t @param {string} text @param {string} time */
export function ownMessage(t, text, time) {
  return h("article", { className: "user", part: "message" }, heading(t, "user", time),
    h("p", { className: "card", dir: "auto" }, text));
}

/** @param {Words} t @param {Message} message @param {Actions} on */
export function reply(t, message, on) {
  const { role, kind = "", text, next_step, more, sources = [], reviewed, lang = "en", seq } = message;
  const evidence = message.evidence?.words;
  const calls = h("div", { className: "calls" });
  const row = h("div", { className: "choices", role: "group", ariaLabel: t("starters"), lang });
  const urgency = isAlarm(message) ? "now" : (message.urgency ?? "none");
  for (const button of message.buttons ?? []) {
    if (button.url) {
      if (!safeUrl(button.url)) continue;
      const isCall = button.url.startsWith("tel:") && urgency !== "none";
      (isCall ? calls : row).append(link(t, button.title, button.url, isCall ? "call" : "choice"));
    } else row.append(h("button", { className: "choice", onclick: () => on.press(button) }, button.title));
  }
  if (kind === "personal_advice") {
    row.append(h("button", { className: "choice", onclick: on.note, lang: t("lang") }, t("add")));
  }
  const fold = (/** @type {string} */ title, /** @type {HTMLElement[]} */ ...inside) =>
    h("details", {}, h("summary", { lang: t("lang"), dir: "auto" }, title), ...inside);
  const label = (/** @type {string} */ key) => h("b", { lang: t("lang") }, t(key));
  return h("article", { className: role, part: "message", "data-kind": kind, "data-urgency": urgency },
    heading(t, role, message.time),
    h("div", { className: "card", lang, dir: "auto" },
      h("div", { className: "text" }, ...blocks(t, text)),
      calls.firstChild && calls,
      evidence && h("p", { className: "evidence" }, label("evidence"), " ", ...inline(t, evidence)),
      next_step && h("p", { className: "next" }, label("next"), " ", ...inline(t, next_step)),
      more && fold(t("more"), ...blocks(t, more)),
      sources.length > 0 && fold(t("sources", sources.length), h("ol", {}, ...sources.map((source) =>
        h("li", {}, link(t, source.title, source.url), ` ${[source.publisher, source.year].filter(Boolean).join(", ")}`)))),
      reviewed?.note && h("p", { className: "reviewed" }, reviewed.note),
      reviewed?.by && h("p", { className: "reviewed" }, t("reviewed", reviewed.by, reviewed.on ?? ""))),
    row.firstChild && row,
    seq > 0 && RATED.includes(kind) && rating(t, seq, on));
}

/** Thumbs, and after one of them a field for a comment. @param {Words} t @param {number} seq @param {Actions} on */
function rating(t, seq, on) {
  const form = h("form", { className: "rate", role: "group", ariaLabel: t("helpful") }, h("span", {}, t("helpful")));
  const thumbs = [true, false].map((helpful) =>
    h("button", { type: "button", className: "thumb", ariaPressed: "false", onclick: () => rate(helpful) },
      t(helpful ? "yes" : "no")));
  const field = h("textarea", { rows: 2, maxLength: 1000, ariaLabel: t("comment"), dir: "auto" });
  const more = h("div", { className: "comment", hidden: true }, h("p", {}, t("comment")), field,
    h("button", { className: "choice" }, t("send")));
  let chosen = false;
  const rate = async (/** @type {boolean} */ helpful, comment = "") => {
    chosen = helpful;
    await on.rate(seq, helpful, comment);
    thumbs.forEach((thumb, place) => (thumb.ariaPressed = String(helpful === (place === 0))));
    more.hidden = Boolean(comment);
  };
  form.onsubmit = (event) => {
    event.preventDefault();
    if (!field.value.trim()) return;
    thumbs[chosen ? 0 : 1].focus();
    rate(chosen, field.value.trim());
  };
  form.append(...thumbs, more);
  return form;
}

/** The message as plain lines, for paper and for screen readers. @param {Words} t @param {Message} message */
export function plain(t, message) {
  const { role, text, next_step, evidence } = message;
  const words = role === "user" ? text : blocks(t, text).map(({ textContent }) => textContent).join(" ");
  return [
    `${who(t, role)}: ${words}`,
    evidence?.words && `${t("evidence")} ${evidence.words}`,
    next_step && `${t("next")} ${next_step}`,
  ].filter(Boolean).join(" ");
}
