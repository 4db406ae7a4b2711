// Measures the widget beside two others in one run: `make bench-widget`. See README.md.

import { writeFileSync, readFileSync } from "node:fs";
import http from "node:http";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { launch, ROOT, Server } from "../../widget/test/harness.js";

const HERE = path.dirname(fileURLToPath(import.meta.url));
const ROUNDS = Number(process.env.ROUNDS ?? 5);
const MESSAGES = 500;
const KEYS = 30; // keys pressed for the latency
const NETWORK = { offline: false, latency: 150, downloadThroughput: 1.6e6 / 8, uploadThroughput: 750e3 / 8 };
const SLOWER = 4; // times slower CPU
const RATIO = 0.65; // of the best other one's time until ready

const file = (/** @type {string} */ name) => gzipSync(readFileSync(path.join(HERE, "node_modules", name)), { level: 9 });
const FILES = { "/deep-chat.js": file("deep-chat/dist/deepChat.bundle.js"), "/rasa-webchat.js": file("rasa-webchat/lib/index.js") };

/** What stands in each page, how to see that it is ready, and how to reach its field. */
const WIDGETS = {
  MesoGuide: {
    html: '<script type="module" src="/widget/mesoguide.js"></script><meso-guide></meso-guide>',
    ready: "document.querySelector('meso-guide')?.shadowRoot?.querySelector('.launcher')",
    field: "document.querySelector('meso-guide').shadowRoot.querySelector('.composer textarea')",
  },
  "rasa-webchat 1.0.1": {
    html: '<div id="webchat"></div><script src="/rasa-webchat.js"></script><script>WebChat.default({ selector: "#webchat", socketUrl: location.origin, title: "Chat", hideWhenNotConnected: false }, null)</script>',
    ready: "document.querySelector('.rw-launcher')",
  },
  "deep-chat 2.4.2": {
    html: '<script type="module" src="/deep-chat.js"></script><deep-chat demo="true"></deep-chat>',
    ready: "document.querySelector('deep-chat')?.shadowRoot?.querySelector('#text-input')",
    field: "document.querySelector('deep-chat').shadowRoot.querySelector('#text-input')",
  },
};

const server = await new Server().start();
const browser = await launch();
const site = http.createServer((request, response) => {
  const address = request.url ?? "/";
  if (address in FILES) {
    response.writeHead(200, { "Content-Type": "text/javascript", "Content-Encoding": "gzip" });
    return response.end(FILES[address]);
  }
  const name = decodeURIComponent(address.slice(1));
  if (name in WIDGETS) {
    response.writeHead(200, { "Content-Type": "text/html" });
    return response.end(`<!doctype html><html lang="en"><title>Page</title><h1>Page</h1>${WIDGETS[name].html}</html>`);
  }
  const onward = http.request(`${server.url}${address}`, { method: request.method, headers: request.headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 500, answer.headers);
    answer.pipe(response);
  });
  onward.on("error", () => response.destroy());
  request.pipe(onward);
});
await new Promise((resolve) => site.listen(0, "127.0.0.1", () => resolve(undefined)));
const url = `http://127.0.0.1:${site.address().port}`;

const median = (/** @type {number[]} */ values) => values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)];

/** A page of its own, slowed down. @param {string} name */
async function open(name) {
  const context = await browser.newContext({ viewport: { width: 1000, height: 800 } });
  const page = await context.newPage();
  const client = await context.newCDPSession(page);
  await client.send("Network.enable");
  let bytes = 0;
  client.on("Network.loadingFinished", ({ encodedDataLength }) => (bytes += encodedDataLength));
  await client.send("Network.emulateNetworkConditions", NETWORK);
  await client.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
  await page.addInitScript(`
    window.blocked = 0;
    new PerformanceObserver((list) => list.getEntries().forEach(({ duration }) => (window.blocked += duration - 50)))
      .observe({ type: "longtask", buffered: true });
    const timer = setInterval(() => { if (${WIDGETS[name].ready}) { window.readyAt = performance.now(); clearInterval(timer); } }, 4);`);
  await page.goto(`${url}/${encodeURIComponent(name)}`, { waitUntil: "commit" });
  await page.waitForFunction("window.readyAt", undefined, { timeout: 60_000 });
  await page.waitForTimeout(1500);
  return { page, client, context, ready: await page.evaluate("readyAt"), blocked: await page.evaluate("blocked"), bytes: () => bytes };
}

/** Used heap after a collection, in MB. */
async function heap(client) {
  await client.send("HeapProfiler.collectGarbage");
  const { metrics } = await client.send("Performance.getMetrics");
  return metrics.find(({ name }) => name === "JSHeapUsedSize").value / 1e6;
}

/** From a key to the frame after it, with many messages above; and the memory that they take. @param {string} name */
async function long(name) {
  const { page, client, context } = await open(name);
  await client.send("Performance.enable");
  const before = await heap(client);
  if (name === "MesoGuide") {
    const { token } = await (await fetch(`${server.url}/chat/session`, { method: "POST" })).json();
    for (let count = 0; count < MESSAGES / 2; count += 1) {
      const body = JSON.stringify({ id: crypto.randomUUID(), text: "Does it help with cellulite?" });
      await fetch(`${server.url}/chat/messages`, { method: "POST", headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" }, body });
    }
    const state = { api: `${url}/chat/`, token, renewAt: Date.now() + 1e7, from: 1, keep: false, questions: [], outbox: [] };
    await page.evaluate((state) => sessionStorage.setItem("mesoguide", JSON.stringify(state)), state);
    await page.locator("meso-guide .launcher").click();
    await page.waitForFunction((count) => document.querySelector("meso-guide").shadowRoot.querySelectorAll("article").length >= count, MESSAGES, { timeout: 120_000 });
  } else {
    await page.evaluate((count) => {
      document.querySelector("deep-chat").history = Array.from({ length: count }, (_, place) => ({ role: place % 2 ? "ai" : "user", text: "We do not know that it helps. One study had 20 women." }));
    }, MESSAGES);
    await page.waitForTimeout(4000);
  }
  await page.evaluate(`(() => { const field = ${WIDGETS[name].field}; field.focus(); window.times = [];
    field.addEventListener("keydown", ({ timeStamp }) => requestAnimationFrame(() => setTimeout(() => window.times.push(performance.now() - timeStamp)))); })()`);
  for (let count = 0; count < KEYS; count += 1) {
    await page.keyboard.press("a");
    await page.waitForTimeout(60);
  }
  const times = (await page.evaluate("times")).toSorted((one, other) => one - other);
  const memory = (await heap(client)) - before;
  await context.close();
  return { latency: times[Math.floor(times.length * 0.95)], memory };
}

/** From the press of the launcher to a field that takes text, without anything loaded before. */
async function tap() {
  const { page, context, bytes } = await open("MesoGuide");
  const atStart = bytes();
  const time = await page.evaluate(() => new Promise((resolve) => {
    const start = performance.now();
    const root = document.querySelector("meso-guide").shadowRoot;
    root.querySelector(".launcher").click();
    const timer = setInterval(() => {
      if (root.activeElement?.localName !== "textarea") return;
      clearInterval(timer);
      resolve(performance.now() - start);
    }, 4);
  }));
  await page.waitForTimeout(1500);
  const all = bytes();
  await context.close();
  return { time, more: all - atStart };
}

const measured = Object.fromEntries(Object.keys(WIDGETS).map((name) => [name, { ready: [], blocked: [], bytes: [] }]));
for (let round = 0; round < ROUNDS; round += 1) {
  const names = Object.keys(WIDGETS);
  for (const name of [...names.slice(round % 3), ...names.slice(0, round % 3)]) {
    const { ready, blocked, bytes, context } = await open(name);
    measured[name].ready.push(ready);
    measured[name].blocked.push(blocked);
    measured[name].bytes.push(bytes());
    await context.close();
  }
}
const taps = [];
for (let round = 0; round < ROUNDS; round += 1) taps.push(await tap());
const longs = { MesoGuide: await long("MesoGuide"), "deep-chat 2.4.2": await long("deep-chat 2.4.2") };

const range = (/** @type {number[]} */ values, unit = 1) => `${(median(values) / unit).toFixed(unit === 1 ? 0 : 1)} (${(Math.min(...values) / unit).toFixed(unit === 1 ? 0 : 1)}–${(Math.max(...values) / unit).toFixed(unit === 1 ? 0 : 1)})`;
const rows = Object.entries(measured).map(([name, { ready, blocked, bytes }]) => {
  const { latency, memory } = longs[name] ?? {};
  return `| ${name} | ${range(ready)} | ${range(blocked)} | ${range(bytes, 1000)} | ${latency?.toFixed(0) ?? "–"} | ${memory?.toFixed(1) ?? "–"} |`;
});
const best = Math.min(...Object.entries(measured).filter(([name]) => name !== "MesoGuide").map(([, { ready }]) => median(ready)));
const ratio = median(measured.MesoGuide.ready) / best;
const report = `# The widget beside others

Made by \`make bench-widget\` on ${new Date().toISOString().slice(0, 10)}: ${os.cpus()[0].model}, ${os.cpus().length} cores, Chromium ${browser.version()}.
150 ms round trip, 1.6 Mbit/s, CPU ${SLOWER} times slower, everything compressed; median of ${ROUNDS} (lowest–highest). What each column means: [benchmarks/widget](../benchmarks/widget/README.md).

| | ready, ms | blocking, ms | loaded, kB | key to frame with ${MESSAGES} messages, p95, ms | memory of ${MESSAGES} messages, MB |
| --- | --- | --- | --- | --- | --- |
${rows.join("\n")}

Ready in ${ratio.toFixed(2)} of the best other one's time (aim: at most ${RATIO}).
MesoGuide's panel, with nothing loaded before the press: ${range(taps.map(({ time }) => time))} ms until its field takes text, ${range(taps.map(({ more }) => more), 1000)} kB more, words and clinic's facts among them.
`;
console.log(report);
if (process.argv.includes("--write")) writeFileSync(path.join(ROOT, "docs/widget-performance.md"), report);
await browser.close();
site.closeAllConnections();
site.close();
await server.kill();
