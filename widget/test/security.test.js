// Strict policies, hostile content, hostile pages, other origins.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { hostSite, launch, Server, Visitor } from "./harness.js";

const server = new Server();
/** @type {import("playwright-core").Browser} */ let browser;
/** @type {Record<string, {html: string, headers?: Record<string, string>}>} */ const pages = {};
/** @type {Awaited<ReturnType<typeof hostSite>>} */ let site;

const tag = () => `<script type="module" src="${server.url}/widget/mesoguide.js"></script><meso-guide></meso-guide>`;
const page = (/** @type {string} */ head, body = "") => `<!doctype html><html lang="en"><title>Host</title>${head}<body><h1>Host</h1>${body}${tag()}</body></html>`;

before(async () => {
  site = await hostSite((path) => pages[path] ?? { html: "" });
  await server.start("--origin", site.url);
  browser = await launch();
});
after(async () => {
  await browser.close();
  await server.kill();
  site.close();
});

test("a page of another origin under a strict policy with Trusted Types: no violation, no third party", async () => {
  pages["/strict"] = {
    html: page("<script>addEventListener('securitypolicyviolation', (event) => (window.broken ??= []).push(event.violatedDirective))</script>"),
    headers: { "Content-Security-Policy": `default-src 'none'; script-src ${server.url} 'sha256-SHA'; connect-src ${server.url}; style-src 'none'; require-trusted-types-for 'script'; trusted-types 'none'` },
  };
  const script = /<script>(.*?)<\/script>/.exec(pages["/strict"].html)[1];
  const hash = Buffer.from(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(script))).toString("base64");
  pages["/strict"].headers["Content-Security-Policy"] = pages["/strict"].headers["Content-Security-Policy"].replace("SHA", hash);
  const visitor = await Visitor.at(browser, `${site.url}/strict`);
  await visitor.open();
  await visitor.ask("cellulite");
  await visitor.ask("I cannot breathe");
  await visitor.choose("Questions for my visit");

  assert.deepEqual(await visitor.page.evaluate("window.broken ?? []"), []);
  assert.deepEqual(visitor.complaints, []);
  const hosts = new Set(visitor.requests.map((url) => new URL(url).origin));
  assert.deepEqual([...hosts].sort(), [server.url, site.url].sort());
  assert.ok(visitor.requests.every((url) => !/cellulite|breathe/.test(url)));
  await visitor.close();
});

test("the page at / works under its own policy", async () => {
  const visitor = await Visitor.at(browser, server.url);
  await visitor.open();
  await visitor.ask("cellulite");
  await visitor.page.evaluate(() => {
    const { append } = Element.prototype;
    document.body.append = (frame) => {
      append.call(document.body, frame);
      frame.contentWindow.print = () => {};
    };
  });
  await visitor.choose("Print");

  assert.deepEqual(visitor.complaints, []);
  assert.ok(visitor.requests.every((url) => url.startsWith(server.url)));
  await visitor.close();
});

test("an origin that is not on the list gets no chat, and the number is still told", async () => {
  const other = await hostSite(() => ({ html: page("") }));
  const visitor = await Visitor.at(browser, other.url);
  await visitor.page.evaluate(() => document.querySelector("meso-guide").append("Call 999 or the clinic"));
  await visitor.launcher.click();
  await visitor.field.waitFor();

  assert.ok((await visitor.panel.locator("slot").evaluate((slot) => slot.assignedNodes()[0].textContent)).includes("999"));
  await visitor.close();
  other.close();
});

test("markup, script addresses and bad schemes stay text", async () => {
  const visitor = await Visitor.at(browser, server.url);
  visitor.page.on("dialog", (dialog) => visitor.complaints.push(dialog.message()));
  await visitor.open();
  const answer = await visitor.ask("hostile <img src=x onerror=alert(9)> **bold** [x](javascript:alert(8))");
  for (const fold of await answer.locator("summary").all()) await fold.click();
  await visitor.page.waitForTimeout(200);

  assert.equal(await visitor.log.locator("img, script, iframe, [onerror]").count(), 0);
  assert.deepEqual(await visitor.log.locator("a").evaluateAll((links) => links.map(({ href }) => href)), []);
  assert.equal((await visitor.own.first().locator(".card").textContent()), "hostile <img src=x onerror=alert(9)> **bold** [x](javascript:alert(8))");
  const text = await answer.textContent();
  assert.equal(text.split("<img src=x onerror=alert(1)>").length - 1, 9);
  assert.ok(!text.includes("Bad"));
  assert.deepEqual(visitor.complaints, []);
  await visitor.close();
});

const HOSTILE = {
  "resets everything": ["<style>* { all: unset !important; display: block !important; } meso-guide, meso-guide * { display: none !important; opacity: 0 !important; }</style>"],
  "has giant text and its own tags": ["<style>html { font-size: 62.5%; } body { font: 40px serif; line-height: 3; text-align: right; letter-spacing: 5px; } button, dialog { transform: rotate(90deg); }</style>"],
  "covers all with layers": ["<style>body { transform: translateX(0); } #layer { position: fixed; inset: 0; z-index: 1000; }</style>", "<div id=layer></div>"],
  "changes built-in prototypes and uses our names": ["<script>Array.prototype.toJSON = function () { return 'broken'; }; var mesoguide = 1, name = 'x', status = 'y', Panel = 1; Array.prototype.extra = 1;</script>"],
  "has a base and catches every key": ["<base href=\"https://elsewhere.invalid/\"><script>for (const kind of ['keydown', 'keypress', 'keyup']) document.addEventListener(kind, (event) => { window.caught = (window.caught ?? 0) + 1; event.preventDefault(); });</script>"],
};

for (const [name, [head, body]] of Object.entries(HOSTILE)) {
  test(`a page that ${name} does not break it`, async () => {
    pages["/hostile"] = { html: page(head, body) };
    const visitor = await Visitor.at(browser, `${site.url}/hostile`);
    await visitor.open();
    await visitor.field.click();
    await visitor.page.keyboard.type("cellulite");
    const caught = await visitor.page.evaluate("window.caught ?? 0");
    await visitor.page.keyboard.press("Enter");
    await visitor.replies.first().waitFor();

    assert.equal(caught, 0);
    const look = await visitor.panel.evaluate((panel) => {
      const { fontSize, letterSpacing, transform, opacity } = getComputedStyle(panel);
      const { width, height } = panel.getBoundingClientRect();
      return { fontSize, letterSpacing, transform, opacity, width: Math.round(width), height: Math.round(height) };
    });
    assert.deepEqual(look, { fontSize: "16px", letterSpacing: "normal", transform: "none", opacity: "1", width: 416, height: 680 });
    assert.deepEqual(visitor.complaints, []);
    await visitor.close();
  });
}

test("it leaves no name on the page and no style outside", async () => {
  pages["/clean"] = { html: page("") };
  const visitor = await Visitor.at(browser, `${site.url}/clean`);
  const names = "Object.keys(window).sort().join()";
  await visitor.page.goto(`${site.url}/nothing`);
  const before = await visitor.page.evaluate(names);
  await visitor.page.goto(`${site.url}/clean`);
  const look = () => visitor.page.evaluate(() => JSON.stringify([document.body, document.querySelector("h1")].map((element) => Object.values(getComputedStyle(element)))));
  const plain = await look();
  await visitor.open();
  await visitor.ask("cellulite");

  assert.equal(await visitor.page.evaluate(names), before);
  assert.equal(await look(), plain);
  assert.equal(await visitor.page.evaluate("document.adoptedStyleSheets.length"), 0);
  await visitor.close();
});
