// The messages in their order, and how they come into sight.

import { h } from "./dom.js";

/**
 * @import { Message } from "./transport.js"
 * @import { Words } from "./message.js"
 * @typedef {HTMLElement & {order?: number, told?: Message}} Placed a message and where it stands
 * @typedef {ReturnType<typeof makeLog>} Log
 */

const PENDING = 1e12; // place of what has no number yet
const EPOCH = 1e7; // numbers begin again with each conversation
const NEAR = 80; // pixels from the end that still count as the end
const ABOVE = 90; // pixels of what stands before a reply that stay in sight
const TYPING_DELAY = 400; // milliseconds; a quick answer needs no sign that it is coming

/** @param {Words} t @param {HTMLElement} intro what stands first */
export function makeLog(t, intro) {
  const typing = h("p.over.small", { hidden: true }, t("writing"), " …");
  const element = h("div.log", { part: "log", role: "region", ariaLabel: t("chat"), tabIndex: 0 }, intro, typing);
  let epoch = 0;
  let pending = PENDING;
  let soon = 0;

  const isAtEnd = () => element.scrollHeight - element.scrollTop - element.clientHeight < NEAR;

  /** Shows the end, or the beginning of a message that is taller than what is seen. @param {HTMLElement} [message] */
  function scroll(message) {
    const start = message ? message.offsetTop - ABOVE : Infinity;
    element.scrollTop = Math.min(start, element.scrollHeight);
  }

  /** @returns {Placed[]} */
  const placed = () => [...element.children].slice(1, -1);

  return {
    pane: element, placed, scroll, isAtEnd,

    /** The place of a message by its number; without one, after all that have one. @param {number} seq */
    placeOf: (seq) => seq ? epoch * EPOCH + seq
      : Math.max(epoch * EPOCH, ...placed().map(({ order = 0 }) => order < PENDING ? order : 0)) + 0.01,
    placeOfPending: () => (pending += 1),

    /** @param {Placed} message @param {number} place */
    put(message, place) {
      if (message.order === place) return;
      message.order = place;
      message.remove();
      /** @type {Placed} */
      let next = typing;
      // Most belong at the end; what stands first has no place.
      for (let before; (before = /** @type {any} */ (next.previousSibling)).order > place; ) next = before;
      next.before(message);
    },

    /** Whether nothing stands after it. @param {HTMLElement} message */
    isLast: (message) => message.nextSibling === typing,

    /** The conversation ends with this line and another begins. @param {HTMLElement} line */
    divide(line) {
      epoch += 1;
      this.put(line, epoch * EPOCH);
    },

    clear: () => element.replaceChildren(intro, typing),

    /** @param {boolean} is */
    type(is) {
      clearTimeout(soon);
      typing.hidden = true;
      if (is) {
        soon = setTimeout(() => {
          const stick = isAtEnd();
          typing.hidden = false;
          if (stick) scroll();
        }, TYPING_DELAY);
      }
    },
  };
}
