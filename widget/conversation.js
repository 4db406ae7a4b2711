// One conversation: what is still to be sent, what has come, the same in every tab. Knows no document.

import { Failure, newId, request } from "./transport.js";

/**
 * @import { Call, Message } from "./transport.js"
 * @typedef {{id: string, title: string, text?: string, button?: string}} Item what the visitor said; `title` is shown
 * @typedef {object} State what this tab remembers once something was said
 * @property {string} api
 * @property {string} token
 * @property {number} renewAt milliseconds since 1970
 * @property {number} from number of the welcome, which is not shown: the panel has its own
 * @property {boolean} keep
 * @property {string[]} questions for the visit; they never leave this tab
 * @property {Item[]} outbox
 * @typedef {object} View who shows it
 * @property {(message: Message, quiet: boolean) => void} add a message that was not here yet; quiet for an old one
 * @property {(item: Item) => void} pend an item that waits to be sent
 * @property {(item: Item, status: number) => void} refuse an item that will never be sent
 * @property {(is: boolean) => void} typing
 * @property {(status?: number, next?: number) => void} wait why nothing is sent now, and for how many seconds
 * @property {() => void} lose the server has forgotten the conversation; a new one begins
 * @property {() => void} clear the conversation is gone
 * @property {() => void} change a choice has changed
 * @typedef {ReturnType<typeof converse>} Conversation
 */

const KEY = "mesoguide";
const ASK_TABS = 0.15; // seconds to wait for another tab that knows the conversation
const REPLACED = 1; // second in which the news of another token arrives
const LONGEST_PAUSE = 20; // seconds between two tries
const FAILED_TRIES = 3; // a turn that has failed so often is given up

/** @param {number} seconds @param {(go: () => void) => void} [arm] takes what ends the pause earlier */
const pause = (seconds, arm) => new Promise((/** @type {(value?: any) => void} */ go) => {
  setTimeout(go, seconds * 1000);
  arm?.(go);
});

/** @param {string} api @returns {State|undefined} */
function read(api) {
  try {
    const state = JSON.parse(sessionStorage.getItem(KEY) ?? "");
    if (state.api === api) return state;
  } catch {
    // Nothing was said yet, or the browser forbids to remember.
  }
}

/** @param {State|undefined} state */
function write(state) {
  try {
    if (state) sessionStorage.setItem(KEY, JSON.stringify(state));
    else sessionStorage.removeItem(KEY);
  } catch {
    // A reload then begins a new conversation.
  }
}

/**
 * @param {string} api ends with a slash @param {View} view
 * @param {() => object} choices what is told when a session starts
 */
export function converse(api, view, choices) {
  const saved = read(api);
  /** @type {State} */
  const state = saved ?? { api, token: "", renewAt: 0, from: 0, keep: false, questions: [], outbox: [] };
  const tabs = new BroadcastChannel(api);
  const seen = new Set();
  let begun = !!saved;
  let last = state.from; // number up to which every message is here
  let tried = ""; // the token that the first item of the outbox was sent with
  let sending = true; // nothing goes out before `resume` has looked
  let wake = () => {};
  let stir = () => {};
  /** @type {AbortController|undefined} */
  let listening;

  const save = () => begun && write(state);
  const call = (/** @type {string} */ path, /** @type {Call} */ options) =>
    request(api + path, { token: state.token, ...options });
  const consent = (keep = state.keep) => ({ consent: keep ? "keep" : "ephemeral", improve: keep });

  /** Goes on with another token. @param {{token: string, renewAt: number, from: number, keep: boolean, clear?: boolean}} news */
  function adopt({ clear, ...news }) {
    if (!state.token) last = news.from;
    Object.assign(state, news);
    begun ||= !!news.token;
    if (clear) {
      seen.clear();
      last = 0;
      state.outbox = [];
      begun = !!news.token;
      write(undefined);
      view.clear();
    }
    save();
    view.change();
    stir();
  }

  /** @param {{token: string, expires_in: number}} session */
  function replace({ token, expires_in }, keep = state.keep, clear = false) {
    const was = state.token;
    const news = { token, renewAt: Date.now() + expires_in * 500, from: clear ? 0 : state.from, keep, clear };
    adopt(news);
    tabs.postMessage({ was, ...news });
  }

  tabs.onmessage = ({ data: { ask, was, ...news } }) => {
    const { token, renewAt, from, keep } = state;
    if (ask) {
      if (token) tabs.postMessage({ was: "", token, renewAt, from, keep });
    } else if (was === token && news.token !== token) adopt(news);
  };

  /** @param {Message} message @param {boolean} quiet @param {string} [id] of the message that it answers */
  function take(message, quiet, id = "") {
    const mark = message.seq || id + message.text;
    if (seen.has(mark)) return;
    seen.add(mark);
    view.add({ ...message, id: message.id ?? id }, quiet);
  }

  /** @param {string|undefined} id */
  function drop(id) {
    state.outbox = state.outbox.filter((item) => item.id !== id);
    save();
  }

  /** A message of the streams that leave none out. @param {Message} message @param {boolean} quiet */
  function follow(message, quiet) {
    last = Math.max(last, message.seq);
    if (message.role === "user") drop(message.id);
    take(message, quiet);
  }

  /** Reads what was said while nobody listened. @param {boolean} quiet */
  async function catchUp(quiet) {
    for (;;) {
      const { messages } = await call(`history?after=${last}`, { method: "GET" });
      if (!messages.length) return;
      for (const message of messages) follow(message, quiet);
    }
  }

  /** Returns whether the trouble was a token that is not good any more. @param {any} error @param {string} token */
  async function isLost(error, token) {
    if (error.status !== 401) return false;
    // The token may be replaced just now, here or in another tab.
    await pause(REPLACED);
    if (token && token === state.token) {
      seen.clear();
      last = 0;
      state.token = "";
      view.lose();
      save();
    }
    return true;
  }

  async function renew() {
    if (Date.now() > state.renewAt) replace(await call("session/renew", {}));
  }

  async function start() {
    const session = await request(`${api}session`, { body: { ...choices(), ...consent() } });
    if (state.token) return; // another tab was quicker
    seen.clear();
    state.from = Math.max(0, ...session.messages.map((/** @type {Message} */ { seq }) => seq));
    replace(session);
  }

  /** @param {Item} item @param {boolean} stream some proxies cut streams: every other try goes without */
  async function deliver({ id, text, button }, stream) {
    if (!state.token) await start();
    await renew();
    const { token } = state;
    // To a conversation that goes on under a new id the message would be new, though it may be in it.
    if (tried && tried !== token) await catchUp(false);
    tried = token;
    if (!state.outbox.some((item) => item.id === id)) return;
    view.typing(true);
    const pass = (/** @type {Message} */ message) => token === state.token && take(message, false, id);
    const onFrame = (/** @type {string} */ event, /** @type {Message} */ message) => event === "message" && pass(message);
    const answer = await call("messages", { body: { id, text, button }, onFrame: stream ? onFrame : undefined });
    answer.messages?.forEach(pass);
  }

  async function send() {
    if (sending) return;
    sending = true;
    for (let tries = 0; state.outbox.length; ) {
      const [item] = state.outbox;
      const { token } = state;
      try {
        await deliver(item, tries % 2 === 0);
        drop(item.id);
        tries = 0;
        tried = "";
        view.wait();
      } catch (error) {
        const { status, wait } = error instanceof Failure ? error : new Failure(0);
        view.typing(false);
        tries += 1;
        if ((await isLost(error, token)) && tries < FAILED_TRIES) continue;
        // 0 is no connection; what is refused for good is 4xx
        if (!status || status === 401 || status === 429 || status > 500 || (status === 500 && tries < FAILED_TRIES)) {
          const next = wait || Math.min(2 ** tries / 4, LONGEST_PAUSE);
          // A short trouble is nobody's concern.
          if ((tries > 1 && status !== 500) || wait > 2 || !navigator.onLine) view.wait(status, next);
          await pause(next, (go) => (wake = go));
        } else {
          drop(item.id);
          view.wait();
          view.refuse(item, status);
        }
      }
      view.typing(false);
    }
    view.wait();
    sending = false;
  }

  addEventListener("online", () => wake());

  return {
    memory: state,

    /** Finds the conversation of this tab, or that of another tab, and what was said in it. */
    async resume() {
      state.outbox.forEach(view.pend);
      if (!state.token) {
        tabs.postMessage({ ask: true });
        await pause(ASK_TABS);
      }
      view.change();
      const { token } = state;
      if (token) await catchUp(true).catch((error) => isLost(error, token));
      sending = false;
      send();
    },

    /** @param {{text: string}|{button: string}} content @param {string} title what the visitor sees of it */
    say(content, title) {
      const item = { id: newId(), title, ...content };
      begun = true;
      state.outbox.push(item);
      save();
      view.pend(item);
      send();
    },

    /** Tries now instead of later. */
    retry: () => wake(),

    /** Takes every new message until `rest` is called: those of other tabs and of staff too. */
    async listen() {
      if (listening) return;
      const { signal } = (listening = new AbortController());
      for (let tries = 0; !signal.aborted; tries += 1) {
        const { token } = state;
        if (token) {
          try {
            await renew();
            await request(`${api}events`, { method: "GET", token, after: last, signal, onFrame(_, message) {
              tries = 0;
              // A stream of a conversation that was left behind may still bring something.
              if (token === state.token) follow(message, false);
            } });
          } catch (error) {
            if (!signal.aborted) await isLost(error, token);
          }
        }
        const isNews = token !== state.token;
        if (!signal.aborted && !isNews) await pause(token ? Math.min(2 ** tries / 4, LONGEST_PAUSE) : 1e6, (go) => (stir = go));
      }
    },

    rest() {
      listening?.abort();
      listening = undefined;
      stir();
    },

    /** Says whether an answer helped. @param {number} seq @param {boolean} helpful @param {string} comment */
    rate: (seq, helpful, comment) => call("feedback", { body: { seq, helpful, comment } }),

    /** Changes whether the chat is kept; what was kept is erased. Throws Failure. @param {boolean} keep */
    async setKeep(keep) {
      const { token, outbox } = state;
      if (!token) {
        state.keep = keep;
        save();
        return view.change();
      }
      // Message ids are new to the conversation that comes: nothing may be under way.
      if (outbox.length) throw new Failure(0);
      replace(await call("session", { method: "PATCH", body: consent(keep) }), keep, !keep);
    },

    /** Leaves the conversation; erases it unless it is to be kept. Throws Failure. @param {boolean} erase */
    async leave(erase) {
      if (state.token && (erase || !state.keep)) {
        await call("conversation", { method: "DELETE" }).catch((error) => {
          if (error.status !== 401) throw error;
        });
      }
      if (erase) state.questions = [];
      replace({ token: "", expires_in: 0 }, false, true);
    },

    /** @param {string[]} questions */
    setQuestions(questions) {
      state.questions = questions;
      save();
    },
  };
}
