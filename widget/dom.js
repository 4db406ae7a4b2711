// Makes elements, never from markup.

/**
 * Returns an element such as `div.note`, with properties (or attributes where there is no such property).
 * @param {string} look tag and classes @param {Record<string, any>} [props]
 * @param {...(Node|string|false|null|undefined)} children
 * @returns {any}
 */
export function h(look, props = {}, ...children) {
  const [tag, ...classes] = look.split(".");
  const element = document.createElement(tag);
  element.className = classes.join(" ");
  for (const name in props) {
    if (name in element) /** @type {any} */ (element)[name] = props[name];
    else element.setAttribute(name, props[name]);
  }
  element.append(.../** @type {Node[]} */ (children.filter(Boolean)));
  return element;
}

/** @param {string|Node} phrase @param {() => void} onclick @param {string} [look] @param {object} [props] */
export const control = (phrase, onclick, look = "choice", props = {}) =>
  h(`button.${look}`, { type: "button", dir: "auto", onclick, ...props }, phrase);

export const PHONE = "M6 3l3 5-2 2a12 12 0 0 0 7 7l2-2 5 3-1 4C11 22 2 13 2 4z";
export const CLOSE = "M6 6l12 12M18 6L6 18";
export const MORE = "M5 11v2m7-2v2m7-2v2";
export const SEND = "M12 20V4m-7 7l7-7 7 7";

/** A picture of one line, in a square of 24. @param {string} line */
export function icon(line) {
  const space = "http://www.w3.org/2000/svg";
  const picture = document.createElementNS(space, "svg");
  const path = document.createElementNS(space, "path");
  picture.setAttribute("viewBox", "0 0 24 24");
  path.setAttribute("d", line);
  picture.append(path);
  return picture;
}
