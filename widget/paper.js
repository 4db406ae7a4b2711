// Puts something on paper or into a file, apart from the page that the widget is in.

import { h } from "./dom.js";

/** Prints a title and paragraphs from a frame of their own. @param {string} language */
export function print(/** @type {string} */ title, /** @type {string[]} */ lines, language) {
  const frame = h("iframe", { hidden: true, title });
  document.body.append(frame);
  const view = /** @type {Window & typeof globalThis} */ (frame.contentWindow);
  const paper = view.document;
  paper.title = title;
  paper.documentElement.lang = language;
  paper.documentElement.dir = language === "ar" ? "rtl" : "ltr";
  const sheet = new view.CSSStyleSheet();
  sheet.replaceSync("body { font: 12pt/1.5 system-ui, sans-serif; } p { white-space: pre-wrap; break-inside: avoid; }");
  paper.adoptedStyleSheets = [sheet];
  paper.body.append(h("h1", {}, title), ...lines.map((line) => h("p", { dir: "auto" }, line)));
  view.onafterprint = () => frame.remove();
  view.print();
}

/** Saves lines as a text file. @param {string} name @param {string[]} lines */
export function save(name, lines) {
  const href = URL.createObjectURL(new Blob([lines.join("\n\n")], { type: "text/plain" }));
  h("a", { href, download: name }).click();
  URL.revokeObjectURL(href);
}
