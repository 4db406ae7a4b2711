// Two tabs write while connections break, the server is killed, tabs sleep and are loaded again.
// TURNS sets how many messages, SEED which faults: TURNS=1000 takes some minutes.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, Proxy, Server, Visitor } from "./harness.js";

const TURNS = Number(process.env.TURNS ?? 200);
const BATCH = 10; // messages that a tab writes in a row
const SETTLE = 60_000; // milliseconds until everything has arrived after the last fault

let seed = Number(process.env.SEED ?? 7);
/** A number from 0 to below `limit`, the same ones for the same seed. @param {number} limit */
function random(limit) {
  seed = (seed * 1103515245 + 12345) % 2147483648;
  return Math.floor((seed / 2147483648) * limit);
}
const sleep = (/** @type {number} */ time) => new Promise((resolve) => setTimeout(resolve, time));

/** @type {Server} */ let server;
/** @type {Proxy} */ let proxy;
/** @type {import("playwright-core").Browser} */ let browser;

before(async () => {
  server = await new Server().start();
  proxy = await new Proxy(server.port).start();
  browser = await launch();
});
after(async () => {
  await browser.close();
  proxy.stop();
  await server.kill();
});

/** Waits until nothing waits to be sent. @param {Visitor} visitor @param {number} count */
const settled = (visitor, count) => visitor.page.waitForFunction((count) => {
  const log = document.querySelector("meso-guide").shadowRoot.querySelector(".log");
  return log.querySelectorAll("article").length >= count && !log.querySelector("[data-wait]");
}, count, { timeout: SETTLE, polling: 100 });

test(`${TURNS} turns: none lost, none double, all in order, in both tabs`, { timeout: 280_000 + TURNS * 1000 }, async () => {
  const context = await browser.newContext({ viewport: { width: 1000, height: 700 } });
  const tabs = [await Visitor.at(context, proxy.url)];
  await tabs[0].open();
  await tabs[0].panel.getByRole("switch").check();
  await tabs[0].ask("begin");
  tabs.push(await Visitor.at(context, proxy.url));
  await tabs[1].open();
  const clients = await Promise.all(tabs.map(({ page }) => context.newCDPSession(page)));

  const sent = [[], []];
  const faults = {
    cut: () => proxy.cut(),
    cutInMidStream: () => (proxy.cutAfter = random(2000)),
    down: async () => {
      proxy.down = true;
      proxy.cut();
      await sleep(200 + random(600));
      proxy.down = false;
    },
    kill: async () => {
      await server.kill();
      await sleep(random(300));
      await server.start();
    },
    sleepingTab: async () => {
      const client = clients[random(2)];
      await client.send("Page.setWebLifecycleState", { state: "frozen" });
      proxy.cut();
      await sleep(500);
      await client.send("Page.setWebLifecycleState", { state: "active" });
    },
    offline: async () => {
      await context.setOffline(true);
      await sleep(300);
      await context.setOffline(false);
    },
    reload: async () => {
      const tab = tabs[random(2)];
      await tab.page.reload();
      await tab.open();
    },
    none: () => {},
  };
  const names = Object.keys(faults);
  for (let round = 0; sent[0].length + sent[1].length < TURNS; round += 1) {
    for (const [which, tab] of tabs.entries()) {
      for (let count = 0; count < BATCH; count += 1) {
        const text = `${"AB"[which]}${String(sent[which].length).padStart(4, "0")}`;
        await tab.say(text);
        sent[which].push(text);
        if (count === random(BATCH)) proxy.cutAfter = random(3000);
      }
    }
    await faults[names[round % names.length]]();
    // Writing goes on at the pace of somebody who waits for answers now and then.
    if (round % 5 === 4) await Promise.all(tabs.map((tab) => settled(tab, 0)));
  }
  const all = 2 * (sent[0].length + sent[1].length + 1);
  await Promise.all(tabs.map((tab) => settled(tab, all)));
  await sleep(500);

  const token = await tabs[0].page.evaluate(() => JSON.parse(sessionStorage.mesoguide).token);
  const history = [];
  for (let seq = 0; ; ) {
    const answer = await fetch(`${server.url}/chat/history?after=${seq}`, { headers: { Authorization: `Bearer ${token}` } });
    const { messages } = await answer.json();
    if (!messages.length) break;
    history.push(...messages);
    seq = messages.at(-1).seq;
  }
  const said = history.slice(1).map(({ text }) => text);
  assert.equal(said.length, all);
  for (const [which, texts] of sent.entries()) {
    assert.deepEqual(said.filter((text) => new RegExp(`^${"AB"[which]}\\d`).test(text)), texts);
  }
  for (let place = 0; place < said.length; place += 2) assert.equal(said[place + 1], `You said: ${said[place]}`);
  for (const tab of tabs) {
    assert.deepEqual(await tab.said(), said);
    assert.deepEqual(tab.complaints, []);
  }
});
