// Makes elements, never from markup.

/** Lines of the icons, in a square of 24. */
const ICONS = {
  phone: "M6 3l3 5-2 2a12 12 0 0 0 7 7l2-2 5 3-1 4C11 22 2 13 2 4z",
  send: "M4 12h15M13 5l7 7-7 7",
  close: "M6 6l12 12M18 6L6 18",
  more: "M12 5h.01M12 12h.01M12 19h.01",
  out: "M10 5H5v14h14v-5M14 4h6v6M20 4l-9 9",
  down: "M12 5v14M6 13l6 6 6-6",
};

/** @typedef {keyof typeof ICONS} Icon */

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag @param {Record<string, any>} [props] properties, or attributes where there is no such property
 * @param {...(Node|string|false|null|undefined)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name in element) /** @type {any} */ (element)[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(.../** @type {Node[]} */ (children.filter(Boolean)));
  return element;
}

/** @param {Icon} name */
export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const picture = document.createElementNS(space, "svg");
  const line = document.createElementNS(space, "path");
  picture.setAttribute("viewBox", "0 0 24 24");
  picture.ariaHidden = "true";
  line.setAttribute("d", ICONS[name]);
  picture.append(line);
  return picture;
}
