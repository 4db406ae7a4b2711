// What stands in place of the conversation for a while: what is kept, and the questions for the visit.

import { CLOSE, control, h, icon } from "./dom.js";
import { plain } from "./message.js";
import { print, save } from "./paper.js";

/**
 * @import { Conversation } from "./conversation.js"
 * @import { Placed } from "./log.js"
 * @import { Words } from "./message.js"
 */

/**
 * @param {Words} t @param {HTMLElement} log @param {HTMLElement} opener gets the focus back
 * @returns {any} the element that pages open in
 */
export function makePages(t, log, opener) {
  const element = h("div.page", { hidden: true });
  return Object.assign(element, {
    /** @param {string} title @param {...any} parts */
    open(title, ...parts) {
      const heading = h("h3", { tabIndex: -1 }, title);
      element.replaceChildren(heading, ...parts.filter(Boolean), control(t("back"), element.close));
      element.hidden = false;
      log.hidden = true;
      heading.focus();
    },
    close() {
      if (element.hidden) return;
      element.hidden = true;
      log.hidden = false;
      opener.focus();
    },
  });
}

/** @param {Words} t @param {any} pages @param {Conversation} chat */
export function openVisit(t, pages, chat) {
  const { questions } = chat.memory;
  const set = (/** @type {string[]} */ changed) => {
    chat.setQuestions(changed);
    openVisit(t, pages, chat);
  };
  const field = h("textarea", { ariaLabel: t("question"), placeholder: t("question"), dir: "auto" });
  const onsubmit = (/** @type {Event} */ event) => {
    event.preventDefault();
    if (field.value.trim()) set([...questions, field.value.trim()]);
  };
  pages.open(t("visit"), h("p", {}, t("hint")),
    h("ul", {}, ...questions.map((question) => h("li", {}, h("span", { dir: "auto" }, question),
      control(icon(CLOSE), () => set(questions.filter((other) => other !== question)), "round", { ariaLabel: `${t("remove")}: ${question}` })))),
    h("form", { onsubmit }, field, h("button.choice", {}, t("add"))),
    questions[0] && control(t("print"), () => print(t("visit"), questions.map((question) => `☐ ${question}`), t("lang"))));
}

/** Puts the conversation on paper or into a file. @param {Words} t @param {Placed[]} placed @param {boolean} isPrint */
export function keepCopy(t, placed, isPrint) {
  const lines = placed.flatMap(({ told }) => told ? [
    `${new Date(told.time).toLocaleString(t("lang"), { dateStyle: "medium", timeStyle: "short" })}\n${plain(t, told)}`,
    told.more ?? "",
    ...(told.sources ?? []).map(({ title, publisher, year, url }) => [title, publisher, year, url].filter(Boolean).join(", ")),
    told.reviewed?.note ?? "",
  ].filter(Boolean) : []);
  if (isPrint) print(t("chat"), lines, t("lang"));
  else save("mesotherapy.txt", lines);
}
