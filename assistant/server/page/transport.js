// Talks to the chat API. Knows nothing of the document and keeps nothing in the browser.

/**
 * @typedef {{id: string, title: string, topic?: string, url?: string}} Button
 * @typedef {{id: string, title: string, publisher?: string, year?: number, url?: string|null}} Source
 * @typedef {object} Message a reply, as the chat API sends it
 * @property {number} [seq] counts from 1 in each conversation, the visitor's own messages included; 0 for none
 * @property {string} [role] assistant or staff (user in the history, which the page does not read)
 * @property {string} kind
 * @property {string} [urgency] now, today, days or none
 * @property {string|null} [premise] corrects what the question took for true; shown before the text
 * @property {string} text tiny Markdown: bold, list, link
 * @property {string} [more]
 * @property {string} [next_step]
 * @property {{level: string, words: string}|null} [evidence]
 * @property {Source[]} [sources]
 * @property {{on: string|null, by: string|null, note?: string}|null} [reviewed]
 * @property {Button[]} [buttons]
 * @property {string} [lang]
 * @property {string} [time] ISO 8601
 *
 * @typedef {{text: string}|{button: string}} Content what the visitor typed or pressed
 * @typedef {"network"|"server"|"busy"|"long"|"refused"} FailureKind
 * @typedef {{status: number, retryAfter: number, data: any}} Answer retryAfter: seconds, 0 when not asked for
 * @typedef {(seconds: number) => void} OnWait called when the server asks for a pause
 * @typedef {{emergency?: unknown, phone?: unknown}} Problem fields of the problem document that are used
 */

const ANSWER_TIMEOUT = 30_000; // milliseconds
const LONGEST_WAIT = 60; // seconds; a longer Retry-After is told to the visitor instead of waited for
const ATTEMPTS = 3;
const BODY_LIMIT = 16_000; // bytes; the server cuts the connection when there are more

/** A message that got no answer; sending it again helps unless it is `long` or `refused`. */
export class ChatError extends Error {
  /** @param {FailureKind} kind @param {Problem} [problem] */
  constructor(kind, problem = {}) {
    super(kind);
    this.kind = kind;
    this.problem = problem;
  }
}

/** One conversation with the assistant. */
export class Transport {
  #base;
  #notice;
  #token = "";
  /** @type {Set<number>} */
  #seen = new Set();

  /**
   * @param {URL} base address of the chat API, ends with a slash
   * @param {string} notice version of the notice that the page shows
   */
  constructor(base, notice) {
    this.#base = base;
    this.#notice = notice;
  }

  /**
   * Opens a session; returns its welcome messages.
   * @param {OnWait} [onWait] @returns {Promise<Message[]>}
   */
  async open(onWait) {
    const response = await this.#post("session", { consent: "ephemeral", notice: this.#notice }, onWait);
    const session = response.data;
    if (response.status !== 201 || typeof session.token !== "string") throw failure(response);
    this.#token = session.token;
    this.#seen.clear();
    return this.#fresh(session.messages);
  }

  /**
   * Sends one message and returns the replies not seen before. The same id
   * again is the same turn, so a retry cannot ask twice.
   * @param {string} id @param {Content} content @param {OnWait} onWait @returns {Promise<Message[]>}
   */
  async send(id, content, onWait) {
    if (!this.#token) await this.open(onWait);
    let response = await this.#post("messages", { id, ...content }, onWait);
    if (response.status === 401) {
      await this.open(onWait);
      response = await this.#post("messages", { id, ...content }, onWait);
    }
    const messages = this.#fresh(response.data.messages);
    if (response.status !== 200 || messages.length === 0) throw failure(response);
    return messages;
  }

  /** @param {unknown} messages @returns {Message[]} */
  #fresh(messages) {
    if (!Array.isArray(messages)) return [];
    return messages.filter((message) => {
      const shown = typeof message?.text === "string" && message.role !== "user";
      if (!shown || this.#seen.has(message.seq)) return false;
      // 0 is no number: an emergency was answered that could not be stored
      if (message.seq > 0) this.#seen.add(message.seq);
      return true;
    });
  }

  /**
   * Waits and sends again when the server is busy (429, said by `onWait`) or still at work on it (503).
   * @param {string} path @param {object} body @param {OnWait} [onWait] @returns {Promise<Answer>}
   */
  async #post(path, body, onWait) {
    for (let attempt = 1; ; attempt += 1) {
      const response = await this.#request(path, body);
      const seconds = response.retryAfter;
      const worthIt = seconds > 0 && seconds <= LONGEST_WAIT && attempt < ATTEMPTS;
      if (!onWait || !worthIt || ![429, 503].includes(response.status)) return response;
      if (response.status === 429) onWait(seconds);
      await new Promise((resume) => setTimeout(resume, seconds * 1000));
    }
  }

  /** @param {string} path @param {object} content @returns {Promise<Answer>} */
  async #request(path, content) {
    const body = JSON.stringify(content);
    if (new Blob([body]).size > BODY_LIMIT) throw new ChatError("long");
    /** @type {Record<string, string>} */
    const headers = { "Content-Type": "application/json", Accept: "application/json" };
    if (this.#token && path !== "session") headers.Authorization = `Bearer ${this.#token}`;
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), ANSWER_TIMEOUT);
    try {
      const response = await fetch(new URL(path, this.#base), {
        method: "POST",
        headers,
        body,
        signal: abort.signal,
        cache: "no-store",
        credentials: "omit",
      });
      const retryAfter = Number(response.headers.get("Retry-After"));
      return { status: response.status, retryAfter, data: await readJson(response) };
    } catch {
      throw new ChatError("network");
    } finally {
      clearTimeout(timer);
    }
  }
}

/** A random UUID; `crypto.randomUUID` does not exist on plain http pages. @returns {string} */
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** The body as an object, empty if it is none. @param {Response} response @returns {Promise<any>} */
async function readJson(response) {
  const text = await response.text();
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}

/** @param {Answer} answer @returns {ChatError} */
function failure({ status, data }) {
  if (status === 429) return new ChatError("busy", data);
  if (status === 413) return new ChatError("long", data);
  if ([400, 415, 422].includes(status)) return new ChatError("refused", data);
  return new ChatError("server", data);
}
