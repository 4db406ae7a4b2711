// One request to the chat API. Knows nothing of conversations and keeps nothing.

/**
 * @typedef {{id: string, title: string, topic?: string, url?: string}} Button
 * @typedef {{id: string, title: string, publisher?: string, year?: number, url?: string|null}} Source
 * @typedef {object} Message docs/chat-api.md, "A message"
 * @property {number} seq 0 where it could not be stored
 * @property {"assistant"|"staff"|"user"} role
 * @property {string} time ISO 8601
 * @property {string} text tiny Markdown; plain for the visitor's own
 * @property {string} [id] the client's id, of the visitor's own messages
 * @property {string} [kind]
 * @property {string} [urgency] now, today, days or none
 * @property {string|null} [topic]
 * @property {string} [more]
 * @property {string | null} [premise]
 * @property {string} [next_step]
 * @property {{level: string, words: string}|null} [evidence]
 * @property {Source[]} [sources]
 * @property {{on: string|null, by: string|null, note?: string}|null} [reviewed]
 * @property {Button[]} [buttons]
 * @property {string} [lang]
 *
 * @typedef {object} Call
 * @property {string} [method]
 * @property {string} [token]
 * @property {object} [body]
 * @property {number} [after] number of the last message that is here
 * @property {AbortSignal} [signal]
 * @property {(event: string, data: any) => void} [onFrame] asks for a stream and takes its events
 */

// A stream sends something every 15 seconds; a connection that sleeps longer is dead.
const PATIENCE = 25_000; // milliseconds

/** A request that brought nothing: `status` 0 where no answer came, `wait` in seconds where one is asked for. */
export class Failure {
  /** @param {number} status @param {number} [wait] */
  constructor(status, wait = 0) {
    this.status = status;
    this.wait = wait;
  }
}

/**
 * Returns the answer's JSON; of a stream, when it has said `done`. Throws Failure.
 * @param {string} address @param {Call} call @returns {Promise<any>}
 */
export async function request(address, { method = "POST", token, body, after, signal, onFrame }) {
  const abort = new AbortController();
  const stop = () => abort.abort();
  let timer = setTimeout(stop, PATIENCE);
  signal?.addEventListener("abort", stop);
  /** @type {Record<string, string>} */
  const headers = { Accept: onFrame ? "text/event-stream" : "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body) headers["Content-Type"] = "application/json";
  if (after) headers["Last-Event-ID"] = String(after);
  try {
    const response = await fetch(address, {
      method,
      headers,
      body: body && JSON.stringify(body),
      signal: abort.signal,
      cache: "no-store",
      credentials: "omit",
    });
    if (!response.ok) throw new Failure(response.status, Number(response.headers.get("Retry-After")));
    if (response.status === 204) return {};
    if (!onFrame) return await response.json();
    const reader = /** @type {ReadableStream} */ (response.body).pipeThrough(new TextDecoderStream()).getReader();
    for (let rest = ""; ; ) {
      const { value, done } = await reader.read();
      if (done) throw new Failure(0);
      clearTimeout(timer);
      timer = setTimeout(stop, PATIENCE);
      const blocks = (rest + value).split("\n\n");
      rest = /** @type {string} */ (blocks.pop());
      for (const block of blocks) {
        const [, event, data] = /^event: (.*)\ndata: (.*)$/m.exec(block) ?? [];
        if (event === "done") return {};
        if (event === "error") throw new Failure(JSON.parse(data).status);
        if (event) onFrame(event, JSON.parse(data));
      }
    }
  } catch (error) {
    throw error instanceof Failure ? error : new Failure(0);
  } finally {
    clearTimeout(timer);
    stop();
  }
}

/** A random UUID: `crypto.randomUUID` does not exist on plain http pages, where the end of a blob's address is one. */
export const newId = () => crypto.randomUUID?.() ?? URL.createObjectURL(new Blob()).slice(-36);
