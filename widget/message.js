// Turns a message into elements. Texts are tiny Markdown: bold, list, link.

import { control, h, icon, PHONE } from "./dom.js";

/**
 * @import { Button, Message } from "./transport.js"
 * @typedef {(term: string, ...values: (string|number)[]) => string} Words
 * @typedef {object} Actions
 * @property {(button: Button) => void} press
 * @property {(seq: number, helpful: boolean, comment: string) => Promise<unknown>} rate
 * @property {() => void} jot puts the question down for the visit
 */

const INLINE = /\*\*(.+?)\*\*|\[([^\]\n]+)\]\(([^()\s]+)\)/g;
const RATED = ["answer", "out_of_scope", "fallback"];

/** The address in normal form, or empty when it is not one of https, tel, mailto. @param {unknown} address */
function safeUrl(address) {
  try {
    const { href, protocol } = new URL(String(address));
    return /^(https|tel|mailto):$/.test(protocol) ? href : "";
  } catch {
    return "";
  }
}

/** A link, or only its words where the address is refused. @returns {HTMLElement} */
export function link(/** @type {Words} */ t, /** @type {string} */ title, /** @type {unknown} */ address, look = "") {
  const href = safeUrl(address);
  if (!href) return h("span", {}, title);
  const element = h(`a${look}`, { href, dir: "auto" }, look && href.startsWith("tel:") && icon(PHONE), title);
  if (href.startsWith("https:")) {
    element.target = "_blank";
    element.rel = "noopener noreferrer";
    element.append(h("span.unseen", {}, ` (${t("newTab")})`));
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
function blocks(t, markdown) {
  /** @type {HTMLElement[]} */
  const elements = [];
  for (const part of markdown.trim().split(/\n\s*\n/)) {
    /** @type {HTMLElement|undefined} */
    let current;
    for (const line of part.split("\n")) {
      const item = /^\s*- (.*)/.exec(line);
      const tag = item ? "ul" : "p";
      if (current?.localName === tag) {
        if (!item) current.append(h("br"));
      } else elements.push((current = h(tag)));
      const inside = inline(t, item ? item[1] : line);
      /** @type {HTMLElement} */ (current).append(...(item ? [h("li", {}, ...inside)] : inside));
    }
  }
  return elements;
}

/** Whether it is to be acted on now. @param {Message} message */
export const isAlarm = ({ urgency, kind }) => urgency === "now" || kind === "emergency";

/** Who speaks. @param {Words} t @param {string} role */
const who = (t, role) => t(role === "user" ? "you" : role);

/** @param {Words} t @param {Message} message @param {...(Node|false|null|undefined|"")} parts @returns {HTMLElement} */
const article = (t, { role, time, kind = "", urgency = "" }, ...parts) =>
  h(`article.${role}`, { part: "message", "data-kind": kind, "data-urgency": urgency },
    h("h3", {}, who(t, role), h("time", { dateTime: time },
      new Date(time).toLocaleTimeString(t("lang"), { timeStyle: "short" }))),
    ...parts);

/** The visitor's own words, letter for letter. @param {Words} t @param {Message} message */
export const ownMessage = (t, message) => article(t, message, h("p.card", { dir: "auto" }, message.text));

/** @param {Words} t @param {Message} message @param {Actions} on */
export function reply(t, message, on) {
  const { kind = "", premise, text, next_step, more, evidence, sources = [], reviewed, lang = "en", seq, urgency } = message;
  const calls = h("div");
  const row = h("div.choices", { role: "group", ariaLabel: t("starters"), lang });
  for (const one of message.buttons ?? []) {
    const { title, url } = one;
    if (!url) row.append(control(title, () => on.press(one)));
    else if (url.startsWith("tel:") && urgency !== "none") calls.append(link(t, title, url, ".call"));
    else if (safeUrl(url)) row.append(link(t, title, url, ".choice"));
  }
  const ours = { lang: t("lang"), dir: "auto" };
  if (kind === "personal_advice") row.append(control(t("add"), on.jot, "choice", ours));
  const line = (/** @type {string} */ term, /** @type {string|undefined} */ phrase) =>
    phrase && h(`p.${term}`, {}, h("b", ours, t(term)), " ", ...inline(t, phrase));
  const fold = (/** @type {string} */ title, /** @type {HTMLElement[]} */ ...inside) =>
    h("details", {}, h("summary", ours, title), ...inside);
  return article(t, message,
    h("div.card", { lang, dir: "auto" },
      premise && h("p", {}, premise),
      h("div.text", {}, ...blocks(t, text)),
      calls.firstChild && calls,
      line("evidence", evidence?.words),
      line("next", next_step),
      more && fold(t("more"), ...blocks(t, more)),
      sources[0] && fold(t("sources", sources.length), h("ol", {}, ...sources.map(({ title, url, publisher, year }) =>
        h("li", {}, link(t, title, url), ` ${[publisher, year].filter(Boolean).join(", ")}`)))),
      reviewed?.note && h("p.small", {}, reviewed.note),
      reviewed?.by && h("p.small", ours, t("reviewed", reviewed.by, reviewed.on ?? ""))),
    row.firstChild && row,
    seq > 0 && RATED.includes(kind) && rating(t, seq, on));
}

/** Yes or no, and then a field for a comment. @param {Words} t @param {number} seq @param {Actions} on */
function rating(t, seq, on) {
  let chosen = false;
  const rate = async (/** @type {boolean} */ helpful, comment = "") => {
    chosen = helpful;
    await on.rate(seq, helpful, comment);
    yes.ariaPressed = String(helpful);
    no.ariaPressed = String(!helpful);
    more.hidden = Boolean(comment);
  };
  const thumb = (/** @type {string} */ term, /** @type {boolean} */ helpful) =>
    control(t(term), () => rate(helpful), "choice", { ariaPressed: "false" });
  const yes = thumb("yes", true);
  const no = thumb("no", false);
  const field = h("textarea", { maxLength: 1000, ariaLabel: t("comment"), dir: "auto" });
  const more = h("div", { hidden: true }, h("p", {}, t("comment")), field, h("button.choice", {}, t("send")));
  const onsubmit = (/** @type {Event} */ event) => {
    event.preventDefault();
    if (!field.value.trim()) return;
    (chosen ? yes : no).focus();
    rate(chosen, field.value.trim());
  };
  return h("form.choices.small", { onsubmit }, h("span", {}, t("helpful")), yes, no, more);
}

/** The message as plain words, for paper and for screen readers. @param {Words} t @param {Message} message */
export function plain(t, { role, premise, text, next_step, evidence }) {
  const phrase = role === "user" ? text : blocks(t, text).map(({ textContent }) => textContent).join(" ");
  return [
    `${who(t, role)}:`,
    premise,
    phrase,
    evidence?.words && `${t("evidence")} ${evidence.words}`,
    next_step && `${t("next")} ${next_step}`,
  ].filter(Boolean).join(" ");
}
