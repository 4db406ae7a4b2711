// One conversation: what is still to be sent, what has come, the same in every tab. Knows no document.

import { Failure, newId, request } from "./transport.js";

/**
 * @import { Message } from "./transport.js"
 * @typedef {{id: string, title: string, text?: string, button?: string}} Item what the visitor said; `title` is shown
 * @typedef {object} View who shows it
 * @property {(message: Message, quiet: boolean) => void} add a message that was not here yet; quiet for an old one
 * @property {(item: Item) => void} pend an item that waits to be sent
 * @property {(item: Item, status: number) => void} refuse an item that will never be sent
 * @property {(is: boolean) => void} typing
 * @property {(failure?: Failure, next?: number) => void} wait why nothing is sent now, and for how many seconds
 * @property {() => void} lose the server has forgotten the conversation; a new one begins
 * @property {() => void} clear the conversation is gone
 * @property {() => void} change a choice has changed
 */

const KEY = "mesoguide";
const ASK_TABS = 150; // milliseconds to wait for another tab that knows the conversation
const REPLACED = 1; // second in which the news of another token arrives
const LONGEST_PAUSE = 20; // seconds between two tries
const FAILED_TRIES = 3; // a turn that has failed so often is given up

/** @param {number} seconds */
const sleep = (seconds) => new Promise((resume) => setTimeout(resume, seconds * 1000));

/** What this tab remembers; nothing where the browser forbids it. */
function read() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) || "{}");
  } catch {
    return {};
  }
}

/** @param {string} state */
function write(state) {
  try {
    if (state) sessionStorage.setItem(KEY, state);
    else sessionStorage.removeItem(KEY);
  } catch {
    // A reload then begins a new conversation.
  }
}

export class Conversation {
  keep = false;
  /** Questions for the visit, kept in this tab. @type {string[]} */
  questions = [];

  #api;
  #view;
  #choices;
  #token = "";
  #renewAt = 0;
  #begun = false;
  /** @type {Item[]} */
  #outbox = [];
  #seen = new Set();
  #tried = ""; // the token that the first item of the outbox was sent with
  #from = 0; // number of the welcome, which is not shown: the panel has its own, in the visitor's language
  #last = 0; // number up to which every message is here
  #sending = true; // nothing goes out before `resume` has looked
  #wake = () => {};
  /** @type {AbortController|undefined} */
  #listening;
  #tabs;

  /**
   * @param {string} api ends with a slash @param {View} view
   * @param {() => {notice: string, locale: string}} choices what is told when a session starts
   */
  constructor(api, view, choices) {
    this.#api = api;
    this.#view = view;
    this.#choices = choices;
    this.#tabs = new BroadcastChannel(KEY + api);
    this.#tabs.onmessage = ({ data }) => this.#hear(data);
    addEventListener("online", () => this.retry());
    const saved = read();
    if (saved.api !== api) return;
    this.#begun = true;
    this.#token = saved.token;
    this.#renewAt = saved.renewAt;
    this.#from = this.#last = saved.from;
    this.keep = saved.keep;
    this.questions = saved.questions;
    this.#outbox = saved.outbox;
  }

  get begun() {
    return this.#begun;
  }

  /** Finds the conversation of this tab, or that of another tab, and what was said in it. */
  async resume() {
    for (const item of this.#outbox) this.#view.pend(item);
    if (!this.#token) {
      this.#tabs.postMessage({ ask: true });
      await sleep(ASK_TABS / 1000);
    }
    this.#view.change();
    const token = this.#token;
    if (token) await this.#catchUp(true).catch((error) => this.#check(error, token));
    this.#sending = false;
    this.#send();
  }

  /** @param {{text: string}|{button: string}} content @param {string} title what the visitor sees of it */
  say(content, title) {
    const item = { id: newId(), title, ...content };
    this.#begun = true;
    this.#outbox.push(item);
    this.#save();
    this.#view.pend(item);
    this.#send();
  }

  /** Tries now instead of later. */
  retry() {
    this.#wake();
  }

  /** Takes every new message until `rest` is called: those of other tabs and of staff too. */
  async listen() {
    if (this.#listening) return;
    const { signal } = (this.#listening = new AbortController());
    for (let tries = 0; !signal.aborted; ) {
      const token = this.#token;
      if (token) {
        try {
          await this.#renew();
          const onFrame = (/** @type {string} */ _, /** @type {Message} */ message) => {
            tries = 0;
            // A stream of a conversation that was left behind may still bring something.
            if (token === this.#token) this.#follow(message, false);
          };
          await request(`${this.#api}events`, { method: "GET", token, after: this.#last, signal, onFrame });
        } catch (error) {
          if (!signal.aborted) await this.#check(error, token);
        }
        tries += 1;
      }
      if (!signal.aborted) {
        await Promise.race([
          sleep(token ? Math.min(2 ** tries / 4, LONGEST_PAUSE) : 3600),
          new Promise((resume) => (this.#stir = () => resume(undefined))),
        ]);
      }
    }
  }
  #stir = () => {};

  rest() {
    this.#listening?.abort();
    this.#listening = undefined;
    this.#stir();
  }

  /** Says whether an answer helped. @param {number} seq @param {boolean} helpful @param {string} [comment] */
  rate(seq, helpful, comment = "") {
    return this.#call("feedback", { body: { seq, helpful, comment } });
  }

  /** Changes whether the chat is kept; what was kept is erased. Throws Failure. @param {boolean} keep */
  async setKeep(keep) {
    if (this.#token) {
      // An id is new to the conversation that comes: nothing may be under way.
      if (this.#outbox.length) throw new Failure(0);
      const { consent } = Conversation;
      const session = await this.#call("session", { method: "PATCH", body: consent(keep) });
      this.#replace(session, keep, !keep);
    } else this.keep = keep;
    if (this.#begun) this.#save();
    this.#view.change();
  }

  /** Leaves the conversation; erases it on the server unless it is to be kept. @param {boolean} erase */
  async leave(erase) {
    if (this.#token && (erase || !this.keep)) {
      try {
        await this.#call("conversation", { method: "DELETE" });
      } catch (error) {
        if (/** @type {Failure} */ (error).status !== 401) throw error;
      }
    }
    this.#replace({ token: "", expires_in: 0 }, false, true);
    if (erase) this.questions = [];
  }

  /** @param {string[]} questions */
  setQuestions(questions) {
    this.questions = questions;
    if (this.#begun) this.#save();
  }

  /** @param {boolean} keep */
  static consent(keep) {
    return { consent: keep ? "keep" : "ephemeral", improve: keep };
  }

  async #send() {
    if (this.#sending) return;
    this.#sending = true;
    for (let tries = 0; this.#outbox.length; ) {
      const item = this.#outbox[0];
      const token = this.#token;
      try {
        await this.#deliver(item, tries % 2 === 0);
        this.#drop(item.id);
        this.#tried = "";
        tries = 0;
      } catch (error) {
        const { status, wait } = error instanceof Failure ? error : new Failure(0);
        tries += 1;
        this.#view.typing(false);
        if ((await this.#check(error, token)) && tries <= FAILED_TRIES) continue;
        const again = [0, 401, 429, 502, 503, 504].includes(status) || (status === 500 && tries < FAILED_TRIES);
        if (!again) {
          this.#drop(item.id);
          this.#view.refuse(item, status);
          continue;
        }
        const pause = wait || Math.min(2 ** (tries - 1) / 2, LONGEST_PAUSE);
        // A short trouble is nobody's concern.
        if ((tries > 1 && status !== 500) || wait > 2 || !navigator.onLine) this.#view.wait(new Failure(status), pause);
        await Promise.race([
          sleep(pause),
          new Promise((resume) => (this.#wake = () => resume(undefined))),
        ]);
        continue;
      }
      this.#view.wait();
    }
    this.#view.wait();
    this.#sending = false;
  }

  /** @param {Item} item @param {boolean} stream some proxies cut streams: every other try goes without */
  async #deliver({ id, text, button }, stream) {
    if (!this.#token) await this.#start();
    await this.#renew();
    const token = this.#token;
    // To a conversation that goes on under a new id the message would be new, though it may be in it.
    if (this.#tried && this.#tried !== token) await this.#catchUp(false);
    this.#tried = token;
    if (!this.#outbox.some((item) => item.id === id)) return;
    this.#view.typing(true);
    /** @param {Message} message */
    const take = (message) => {
      if (token === this.#token) this.#take(message, false, id);
    };
    const body = text === undefined ? { id, button } : { id, text };
    const onFrame = (/** @type {string} */ event, /** @type {Message} */ message) => {
      if (event === "message") take(message);
    };
    const answer = await this.#call("messages", { body, onFrame: stream ? onFrame : undefined });
    answer.messages?.forEach(take);
    this.#view.typing(false);
  }

  async #start() {
    const body = { ...this.#choices(), ...Conversation.consent(this.keep) };
    const session = await request(`${this.#api}session`, { body });
    if (this.#token) return; // another tab was quicker
    this.#seen.clear();
    this.#from = this.#last = Math.max(0, ...session.messages.map((/** @type {Message} */ message) => message.seq));
    this.#replace(session, this.keep, false);
  }

  async #renew() {
    if (Date.now() < this.#renewAt) return;
    this.#replace(await this.#call("session/renew", {}), this.keep, false);
  }

  /** Goes on with another token, here and in the other tabs. @param {{token: string, expires_in: number}} session */
  #replace({ token, expires_in }, /** @type {boolean} */ keep, /** @type {boolean} */ clear) {
    const was = this.#token;
    if (clear) this.#from = 0;
    this.#adopt({ token, renewAt: Date.now() + expires_in * 500, keep, clear, from: this.#from });
    this.#tabs.postMessage({ was, ...this.#shared, clear });
  }

  get #shared() {
    return { token: this.#token, renewAt: this.#renewAt, from: this.#from, keep: this.keep };
  }

  #adopt(/** @type {any} */ { token, renewAt, from, keep, clear }) {
    if (!this.#token) this.#last = from;
    this.#from = from;
    this.#token = token;
    this.#renewAt = renewAt;
    this.keep = keep;
    if (clear) {
      this.#seen.clear();
      this.#last = 0;
      this.#outbox = [];
      this.#begun = Boolean(token);
      this.#view.clear();
    }
    if (token) this.#save();
    else write("");
    this.#view.change();
    this.#stir();
  }

  /** What another tab says. */
  async #hear(/** @type {any} */ data) {
    if (data.ask) {
      if (this.#token) this.#tabs.postMessage({ was: "", ...this.#shared });
    } else if (data.was === this.#token && data.token !== this.#token) {
      this.#begun = true;
      this.#adopt(data);
    }
  }

  /** Reads what was said while nobody listened. */
  async #catchUp(/** @type {boolean} */ quiet) {
    for (;;) {
      const path = `history?after=${this.#last}`;
      const { messages } = await this.#call(path, { method: "GET" });
      if (!messages.length) return;
      for (const message of messages) this.#follow(message, quiet);
    }
  }

  /** A message of the one stream that leaves none out. @param {Message} message @param {boolean} quiet */
  #follow(message, quiet) {
    this.#last = Math.max(this.#last, message.seq);
    if (message.role === "user") this.#drop(message.id);
    this.#take(message, quiet);
  }

  /** @param {Message} message @param {boolean} quiet @param {string} [id] of the message that it answers */
  #take(message, quiet, id = "") {
    const key = message.seq || id + message.text;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.#view.add({ ...message, id: message.id ?? id }, quiet);
  }

  /** Returns whether the trouble was a token that is not good any more. */
  async #check(/** @type {any} */ error, /** @type {string} */ token) {
    if (error.status !== 401) return false;
    // The token may be replaced just now, here or in another tab.
    await sleep(REPLACED);
    if (token && token === this.#token) {
      this.#seen.clear();
      this.#last = 0;
      this.#token = "";
      this.#view.lose();
      this.#save();
    }
    return true;
  }

  #drop(/** @type {string|undefined} */ id) {
    this.#outbox = this.#outbox.filter((item) => item.id !== id);
    this.#save();
  }

  #save() {
    write(JSON.stringify({ api: this.#api, ...this.#shared, questions: this.questions, outbox: this.#outbox }));
  }

  /** @param {string} path @param {import("./transport.js").Call} call */
  #call(path, call) {
    return request(this.#api + path, { token: this.#token, ...call });
  }
}
