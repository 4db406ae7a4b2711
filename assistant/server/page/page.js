// Joins the page, the templates and the chat API.

import { failureMessage, fromTemplate, reply, slot, userMessage } from "./render.js";
import { ChatError, Transport, newId } from "./transport.js";

/** @import { Button, Content, Message } from "./transport.js" */

const TYPING_DELAY = 400; // milliseconds; a quick answer needs no sign that it is coming
const FEW_LEFT = 100; // characters

/** @param {string} id @returns {HTMLElement} */
const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

const log = byId("log");
const status = byId("status");
const starters = byId("starters");
const composer = /** @type {HTMLFormElement} */ (byId("composer"));
const question = /** @type {HTMLTextAreaElement} */ (byId("question"));
const left = byId("left");

const transport = new Transport(new URL("../chat/", import.meta.url), byId("chat").dataset.notice ?? "");

/** One message after the other, so that replies stand below their questions. @type {Promise<void>} */
let queue = Promise.resolve();

/** @param {Content} content @param {string} words */
function ask(content, words) {
  const element = userMessage(words);
  log.append(element);
  show(element);
  const id = newId();
  queue = queue.then(() => deliver(id, content, element));
}

/**
 * Shows the replies, or the failure below the message that it belongs to.
 * @param {string} id @param {Content} content @param {HTMLElement} element
 */
async function deliver(id, content, element) {
  const typing = setTimeout(() => showStatus(fromTemplate("typing")), TYPING_DELAY);
  try {
    const messages = await transport.send(id, content, (seconds) => {
      clearTimeout(typing);
      showWaiting(seconds);
    });
    show(showReplies(messages, element));
  } catch (error) {
    const known = error instanceof ChatError ? error : new ChatError("server");
    if (known.kind === "long" && "text" in content && question.value === "") setQuestion(content.text);
    const failure = failureMessage(known, () => {
      // The pressed button goes away; without a new place the focus would fall back to the top.
      element.tabIndex = -1;
      element.focus({ preventScroll: true });
      failure.remove();
      queue = queue.then(() => deliver(id, content, element));
    });
    element.after(failure);
    show(failure);
  } finally {
    clearTimeout(typing);
    status.replaceChildren();
  }
}

/**
 * Adds replies below their question; returns the one to look at first.
 * @param {Message[]} messages @param {Element} [below] @returns {Element}
 */
function showReplies(messages, below) {
  /** @param {Button} button */
  const choose = (button) => ask({ button: button.id }, button.title);
  const elements = messages.map((message) => reply(message, choose));
  if (below) below.after(...elements);
  else log.append(...elements);
  return elements.find((element) => element.dataset.urgency === "now") ?? elements[0];
}

/** @param {number} seconds */
function showWaiting(seconds) {
  const element = fromTemplate("waiting");
  slot(element, "seconds").textContent = String(Math.ceil(seconds));
  showStatus(element);
}

/** @param {HTMLElement} element */
function showStatus(element) {
  status.replaceChildren(element);
  show(status);
}

/** Scrolls no more than needed; a message taller than the screen shows its start. @param {Element} element */
function show(element) {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  element.scrollIntoView({ block: "nearest", behavior: still ? "auto" : "smooth" });
}

/** Says when the limit is near. The field itself does not cut: a red flag may stand at the end. */
function showLength() {
  const remaining = Number(question.dataset.limit) - question.value.length;
  const template = remaining < 0 ? "left-none" : remaining < FEW_LEFT ? "left-few" : "";
  if (left.dataset.shown === template) return;
  left.dataset.shown = template;
  left.replaceChildren(...(template ? [fromTemplate(template)] : []));
}

/** @param {string} text */
function setQuestion(text) {
  question.value = text;
  showLength();
}

/** @param {Event} event */
function submit(event) {
  event.preventDefault();
  const text = question.value.trim();
  if (!text) return question.focus();
  setQuestion("");
  ask({ text }, text);
}

/** The bars' heights, so that the focused element and a new message never end up behind them. */
function measureBars() {
  const { style } = document.documentElement;
  for (const id of ["help", "composer"]) {
    const bar = byId(id);
    const height = getComputedStyle(bar).position === "sticky" ? bar.offsetHeight : 0;
    style.setProperty(`--${id}-height`, `${height}px`);
  }
}

/** The welcome says that this is a computer program; the starters stand below it. */
async function start() {
  try {
    const shown = new Set(Array.from(starters.querySelectorAll("button"), (button) => button.dataset.id));
    const messages = await transport.open();
    showReplies(messages.map((message) => ({
      ...message,
      buttons: message.buttons?.filter((button) => !shown.has(button.id)),
    })));
  } catch {
    // Nothing was asked yet: the first message opens the session again and reports what is wrong.
  }
  log.append(starters);
  starters.hidden = starters.querySelector("button") === null;
}

composer.addEventListener("submit", submit);
question.addEventListener("input", showLength);
question.addEventListener("keydown", (event) => {
  // 229: Safari ends a composition (Japanese, Chinese …) with an Enter that is not flagged as composing.
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) submit(event);
});
starters.addEventListener("click", (event) => {
  const button = /** @type {Element} */ (event.target).closest("button");
  if (button?.dataset.id) ask({ button: button.dataset.id }, button.textContent ?? "");
});

byId("not-started").remove();
composer.hidden = false;
const bars = new ResizeObserver(measureBars);
bars.observe(composer);
bars.observe(byId("help"));
queue = start();
