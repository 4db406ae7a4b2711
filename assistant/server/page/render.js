// Turns messages into elements: clones the templates of index.html, never parses markup.

/** @import { Button, ChatError, Message, Source } from "./transport.js" */

const LINK_SCHEMES = ["https:", "tel:", "mailto:"];
const LANGUAGE = /^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/;
const PHONE_NUMBER = /^\+?[0-9][0-9 ().-]{1,24}$/;
const INLINE = /\*\*(.+?)\*\*|\[([^\]\n]+)\]\(([^()\s]+)\)/g;

/**
 * The address in normal form, or empty when its scheme is not one of these.
 * @param {unknown} address @param {string[]} schemes @returns {string}
 */
export function safeUrl(address, schemes = LINK_SCHEMES) {
  try {
    const url = new URL(String(address));
    return schemes.includes(url.protocol) ? url.href : "";
  } catch {
    return "";
  }
}

/** The single element in a template, cloned. @param {string} id @returns {HTMLElement} */
export function fromTemplate(id) {
  const template = /** @type {HTMLTemplateElement} */ (document.getElementById(id));
  const content = /** @type {DocumentFragment} */ (document.importNode(template.content, true));
  return /** @type {HTMLElement} */ (content.firstElementChild);
}

/** @param {Element} element @param {string} name @returns {HTMLElement} */
export function slot(element, name) {
  return /** @type {HTMLElement} */ (element.querySelector(`[data-slot="${name}"]`));
}

/** The visitor's own message, letter for letter. @param {string} text @returns {HTMLElement} */
export function userMessage(text) {
  const element = fromTemplate("user-message");
  slot(element, "text").textContent = text;
  setTime(element, new Date().toISOString());
  return element;
}

/**
 * A reply. What is said to be acted on now is an alert with its numbers first.
 * @param {Message} message @param {(button: Button) => void} onChoice @returns {HTMLElement}
 */
export function reply(message, onChoice) {
  const element = fromTemplate("reply");
  const alarm = message.urgency === "now" || message.kind === "emergency" || message.kind === "crisis";
  element.dataset.kind = message.kind;
  element.dataset.urgency = alarm ? "now" : (message.urgency ?? "none");
  if (alarm) element.querySelector(".card")?.setAttribute("role", "alert");
  if (LANGUAGE.test(message.lang ?? "")) element.lang = /** @type {string} */ (message.lang);
  setRole(element, message.role === "staff" ? "staff" : "assistant");
  setTime(element, message.time ?? new Date().toISOString());

  fill(element, "premise", message.premise);
  slot(element, "text").append(...blocks(message.text));
  fill(element, "evidence", message.evidence?.words, "evidence-line");
  fill(element, "next", message.next_step, "next-line");
  fill(element, "more", message.more, "more-fold");
  fill(element, "reviewed", message.reviewed?.note);
  setSources(element, message.sources ?? []);
  setButtons(element, message.buttons ?? [], element.dataset.urgency, onChoice);
  return element;
}

/**
 * What to do when no answer came.
 * @param {ChatError} error @param {() => void} onRetry @returns {HTMLElement}
 */
export function failureMessage(error, onRetry) {
  const element = fromTemplate("failure");
  for (const line of element.querySelectorAll("[data-kind]")) {
    if (line.getAttribute("data-kind") !== error.kind) line.remove();
  }
  const sentence = slot(element, "emergency");
  const { emergency, phone } = error.problem;
  if (isNumber(emergency)) setNumber(slot(element, "emergency-number"), emergency);
  else if (typeof emergency === "string" && emergency) sentence.textContent = emergency;
  const number = slot(element, "emergency-number").textContent ?? "";
  if (sentence.textContent?.includes(number)) slot(element, "emergency-line").remove();
  if (isNumber(phone)) setNumber(slot(element, "phone"), phone);
  if (!slot(element, "phone").textContent) slot(element, "phone-line").remove();
  const retry = slot(element, "retry");
  if (error.kind === "refused" || error.kind === "long") retry.remove();
  else retry.addEventListener("click", onRetry);
  return element;
}

/** Paragraphs and lists of the tiny Markdown subset. @param {string} markdown @returns {HTMLElement[]} */
export function blocks(markdown) {
  /** @type {HTMLElement[]} */
  const elements = [];
  for (const part of markdown.trim().split(/\n\s*\n/)) {
    /** @type {HTMLElement|undefined} */
    let current;
    for (const line of part.split("\n")) {
      const item = /^\s*- (.*)$/.exec(line);
      const tag = item ? "UL" : "P";
      if (current?.tagName !== tag) elements.push((current = document.createElement(tag)));
      else if (!item) current.append(document.createElement("br"));
      const target = item ? current.appendChild(document.createElement("li")) : current;
      target.append(...inline(item ? item[1] : line.trim()));
    }
  }
  return elements;
}

/** @param {string} text @returns {(Node|string)[]} */
function inline(text) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(INLINE)) {
    const [whole, bold, title, address] = match;
    nodes.push(text.slice(end, match.index));
    end = match.index + whole.length;
    if (bold === undefined) nodes.push(...link(title, address));
    else {
      const strong = document.createElement("strong");
      strong.append(...inline(bold));
      nodes.push(strong);
    }
  }
  nodes.push(text.slice(end));
  return nodes;
}

/** A link, or only its words when the address is refused. @param {string} title @param {unknown} address */
function link(title, address, schemes = LINK_SCHEMES) {
  const href = safeUrl(address, schemes);
  if (!href) return [title];
  const outside = href.startsWith("https:");
  const anchor = outside ? fromTemplate("outside-link") : document.createElement("a");
  (outside ? slot(anchor, "title") : anchor).append(title);
  anchor.setAttribute("href", href);
  return [anchor];
}

/** @param {HTMLElement} element @param {Source[]} sources */
function setSources(element, sources) {
  const fold = slot(element, "sources-fold");
  if (sources.length === 0) return fold.remove();
  slot(element, "sources-count").textContent = String(sources.length);
  for (const source of sources) {
    const item = fromTemplate("source");
    slot(item, "title").append(...link(source.title, source.url, ["https:"]));
    slot(item, "origin").textContent = [source.publisher, source.year].filter(Boolean).join(", ");
    slot(element, "sources").append(item);
  }
}

/**
 * Numbers to dial go above the text when the reply is urgent, all others below it.
 * @param {HTMLElement} element @param {Button[]} buttons @param {string} urgency
 * @param {(button: Button) => void} onChoice
 */
function setButtons(element, buttons, urgency, onChoice) {
  const calls = slot(element, "calls");
  const row = slot(element, "buttons");
  for (const button of buttons) {
    const href = safeUrl(button.url);
    if (button.url && !href) continue;
    if (href.startsWith("tel:")) {
      const call = fromTemplate("call");
      call.setAttribute("href", href);
      slot(call, "title").textContent = button.title;
      (urgency === "none" ? row : calls).append(call);
    } else if (href) {
      const anchor = /** @type {HTMLElement} */ (link(button.title, href)[0]);
      anchor.classList.add("choice");
      row.append(anchor);
    } else {
      const choice = fromTemplate("choice");
      choice.textContent = button.title;
      choice.addEventListener("click", () => onChoice(button));
      row.append(choice);
    }
  }
  const silent = element.dataset.kind === "emergency" && !calls.firstChild;
  if (silent) calls.append(fromTemplate("emergency-call") ?? "");
  for (const part of [calls, row]) if (!part.firstChild) part.remove();
}

/**
 * Fills a slot with Markdown; nothing to show takes its whole line away.
 * @param {HTMLElement} element @param {string} name @param {string|null|undefined} markdown @param {string} [line]
 */
function fill(element, name, markdown, line = name) {
  if (!markdown) return slot(element, line).remove();
  const target = slot(element, name);
  if (target.tagName === "DIV") target.append(...blocks(markdown));
  else target.append(...inline(markdown));
}

/** @param {HTMLElement} element @param {string} role */
function setRole(element, role) {
  for (const name of element.querySelectorAll("[data-role]")) {
    if (name.getAttribute("data-role") !== role) name.remove();
  }
  element.dataset.role = role;
}

/** @param {HTMLElement} element @param {string} iso */
function setTime(element, iso) {
  const time = /** @type {HTMLTimeElement} */ (slot(element, "time"));
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return time.remove();
  time.dateTime = date.toISOString();
  time.textContent = date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}

/** @param {unknown} value @returns {value is string} */
function isNumber(value) {
  return typeof value === "string" && PHONE_NUMBER.test(value);
}

/** @param {HTMLElement} anchor @param {string} number */
function setNumber(anchor, number) {
  anchor.setAttribute("href", `tel:${number.replace(/[^0-9+]/g, "")}`);
  anchor.textContent = number;
}
