// Opens pages of the console in Chromium and tells what is wrong with them; driven by test_browser.py.
// Standard input: {url, name, visits: [{session, paths}], keys, password, pictures}; the first visit's session
// is signed in. Standard output: {problems, keyed}.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const require = createRequire(path.join(process.cwd(), "package.json"));
const { chromium } = require("playwright-core");
const AXE = readFileSync(require.resolve("axe-core"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const WINDOWS = {
  "desktop, light": { viewport: { width: 1280, height: 900 }, colorScheme: "light" },
  "phone, dark": { viewport: { width: 360, height: 740 }, colorScheme: "dark" },
};

const { url, name, visits, keys, password, pictures } = JSON.parse(readFileSync(0, "utf8"));
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
const problems = [];

async function open(session, options) {
  const context = await browser.newContext(options);
  if (session) await context.addCookies([{ name, value: session, url }]);
  return context.newPage();
}

/** What axe finds in a page, with everything folded out. */
async function broken(page) {
  await page.evaluate(() => document.querySelectorAll("details").forEach((one) => { one.open = true; }));
  await page.evaluate(AXE);
  return page.evaluate(async (tags) => {
    const { violations, incomplete } = await window.axe.run(document, { runOnly: tags });
    // of a table that is wider than the window axe cannot see all; a wide window shows it whole
    const unseen = ({ id, nodes }) => id === "color-contrast" && nodes.every(({ target }) =>
      document.querySelector(target.flat().join(" "))?.closest(".scroll"));
    return [...violations, ...incomplete.filter((one) => !unseen(one))].map(({ id, nodes }) =>
      `${id}: ${nodes.map(({ target, any }) => `${target.flat().join(" ")} ${any[0]?.message ?? ""}`).join(", ")}`);
  }, TAGS);
}

async function look(page, where) {
  if (await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)) problems.push(`${where}: too wide`);
  await page.screenshot({ path: `${pictures}/${where.replace(/^\/welcome\/[^,]*/, "/welcome").replace(/[^a-z0-9]+/g, "-")}.png`, fullPage: true });
  problems.push(...(await broken(page)).map((what) => `${where}: ${what}`));
}

for (const [window, options] of Object.entries(WINDOWS)) {
  for (const { session, paths } of visits) {
    const page = await open(session, options);
    let where = "";
    page.on("console", (message) => { if (message.type() === "error") problems.push(`${where}: ${message.text()}`); });
    for (const one of paths) {
      where = `${one}, ${window}`;
      await page.goto(url + one);
      await look(page, where);
    }
    await page.context().close();
  }
}

const page = await open(visits[0].session, { viewport: { width: 1280, height: 900 }, colorScheme: "dark" });
await page.goto(`${url}/audit`);
await look(page, "/audit, desktop, dark");
await page.goto(`${url}/account`);
await page.fill("#old-2", password);
await page.press("#old-2", "Enter");
await page.waitForSelector(".codes");
await look(page, "/account/codes, desktop, dark");

// The right topic for one question after the other, by keys alone.
const keyed = [];
await page.goto(`${url}/correct/unanswered`);
for (const row of keys) {
  keyed.push(await page.locator(".question").innerText());
  const moved = page.waitForNavigation();
  for (const key of row) await page.keyboard.press(key);
  await moved;
}
keyed.push(await page.locator("h1").innerText());
await browser.close();
console.log(JSON.stringify({ problems, keyed }));
