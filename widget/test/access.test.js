// Keyboard, screen reader, axe, small windows; pictures of the main states are left in tests/widget/pictures.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { launch, ROOT, Server, Visitor } from "./harness.js";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core"), "utf8");
const PICTURES = path.join(ROOT, "tests/widget/pictures");
const WIDTHS = { phone: [375, 720], narrow: [320, 568], desktop: [1280, 800], zoomed: [320, 256] };

/** @type {Server} */ let server;
/** @type {import("playwright-core").Browser} */ let browser;

before(async () => {
  mkdirSync(PICTURES, { recursive: true });
  server = await new Server().start();
  browser = await launch();
});
after(async () => {
  await browser.close();
  await server.kill();
});

/** @param {string} [locale] */
const at = (options = {}, locale = "") => Visitor.at(browser, `${server.url}/${locale && `?${locale}`}`, { bypassCSP: true, ...options });

/** What has the focus, in the widget if it is there. @param {Visitor} visitor */
const focused = (visitor) => visitor.page.evaluate(() => {
  const inside = document.querySelector("meso-guide").shadowRoot.activeElement ?? document.activeElement;
  return inside.ariaLabel || inside.innerText.trim() || inside.className || inside.localName;
});

/** Rules that are broken, and what axe could not decide. @param {Visitor} visitor */
async function broken(visitor, isForced = false) {
  if (!(await visitor.page.evaluate("window.axe"))) await visitor.page.evaluate(AXE);
  return visitor.page.evaluate(async (isForced) => {
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    const { violations, incomplete } = await window.axe.run(document, {
      runOnly: tags,
      // The browser picks these colours then; axe reads a property that does not follow.
      rules: { "color-contrast": { enabled: !isForced } },
    });
    return [...violations, ...incomplete].map(({ id, nodes }) =>
      `${id}: ${nodes.map(({ target, any }) => `${target.flat().join(" ")} ${any[0]?.message ?? ""}`).join(", ")}`);
  }, isForced);
}

/** Keeps what is announced and when the focus moves. @param {Visitor} visitor */
const watch = (visitor) => visitor.page.evaluate(() => {
  window.heard = [];
  const root = document.querySelector("meso-guide").shadowRoot;
  for (const region of root.querySelectorAll("[aria-live=polite], [role=alert]")) {
    new MutationObserver((records) => {
      for (const { addedNodes } of records) {
        for (const node of addedNodes) window.heard.push([region.role, node.textContent]);
      }
    }).observe(region, { childList: true, subtree: true, characterData: true });
  }
});

test("everything can be reached and done with the keyboard alone", async () => {
  const visitor = await at();
  const { keyboard } = visitor.page;
  while ((await focused(visitor)) !== "Ask a question") await keyboard.press("Tab");
  await keyboard.press("Enter");
  await visitor.panel.locator(".choices button").first().waitFor();
  assert.equal(await focused(visitor), "Your question");

  await keyboard.type("cellulite");
  await keyboard.press("Enter");
  await visitor.replies.first().waitFor();
  assert.equal(await focused(visitor), "Your question");
  const stops = new Set();
  for (let count = 0; count < 60; count += 1) {
    await keyboard.press("Shift+Tab");
    stops.add((await focused(visitor)).replace(/\s+/g, " "));
  }
  for (const stop of [
    "More about this", "Sources (2)", "What does it cost?", "Book a visit (new tab)", "Yes", "No", "Conversation", "Contact",
    "Emergency 999", "Clinic 020 7946 0958", "Close", "More options", "Your question",
  ]) assert.ok(stops.has(stop), `${stop} is not among ${[...stops].join(" | ")}`);

  await visitor.panel.getByRole("button", { name: "More options" }).focus();
  await keyboard.press("Enter");
  assert.equal(await focused(visitor), "More options");
  for (const name of ["Text size", "Questions for my visit", "What is kept", "Print", "Save as text", "Start over", "Erase chat"]) {
    await keyboard.press("Tab");
    assert.equal(await focused(visitor), name);
  }
  await keyboard.press("Escape");
  assert.equal(await focused(visitor), "More options");
  await keyboard.press("Escape");
  assert.ok(await visitor.panel.isHidden());
  assert.equal(await focused(visitor), "Ask a question");
  await visitor.close();
});

test("the switch, the thumbs and a page of the menu work with the keyboard", async () => {
  const visitor = await at();
  await visitor.open();
  const { keyboard } = visitor.page;
  await visitor.panel.getByRole("switch").focus();
  await keyboard.press("Space");
  assert.ok(await visitor.panel.getByRole("switch").isChecked());
  const answer = await visitor.ask("cellulite");
  await answer.getByRole("button", { name: "Yes" }).focus();
  await keyboard.press("Enter");
  await answer.locator("form textarea").waitFor();
  await visitor.panel.getByRole("button", { name: "More options" }).focus();
  for (const key of ["Enter", "Tab", "Tab", "Enter"]) await keyboard.press(key);
  assert.equal(await focused(visitor), "Questions for my visit");
  await visitor.close();
});

test("each reply is announced once, an emergency once and loudly, old ones never", async () => {
  const visitor = await at();
  await visitor.open();
  await watch(visitor);
  const regions = await visitor.panel.evaluate((panel) =>
    [...panel.querySelectorAll("[aria-live], [role=log], [role=status], [role=alert]")].map(({ role }) => role));
  assert.deepEqual(regions, ["log", "alert"]);

  await visitor.ask("cellulite");
  await visitor.ask("I cannot breathe");
  await visitor.ask("hello");
  await visitor.page.waitForTimeout(300);

  const heard = await visitor.page.evaluate("heard");
  assert.deepEqual(heard.map(([region]) => region), ["log", "alert", "log"]);
  assert.ok(heard[0][1].startsWith("Assistant: We do not know that it helps."));
  assert.ok(heard[0][1].includes("Next step: Ask which study"));
  assert.ok(heard[1][1].startsWith("Assistant: Call 999 now"));

  await visitor.page.reload();
  await visitor.launcher.click();
  await watch(visitor).catch(() => {});
  await visitor.replies.nth(2).waitFor();
  await visitor.page.waitForTimeout(300);
  assert.deepEqual(await visitor.panel.locator("[role=log], [role=alert]").allTextContents(), ["", ""]);
  await visitor.close();
});

test("the focus stays where it is when messages come", async () => {
  const visitor = await at();
  await visitor.open();
  const answer = await visitor.ask("cellulite");
  await answer.getByText("More about this").focus();
  await server.staff("This is Ana.");
  await visitor.log.locator("article.staff").waitFor();

  assert.equal(await focused(visitor), "More about this");
  await visitor.close();
});

test("a screen reader is given names, roles, headings and languages", async () => {
  const visitor = await at({ locale: "de" }, "de");
  await visitor.page.evaluate(() => document.querySelector("meso-guide").setAttribute("locale", "de"));
  await visitor.open();
  await visitor.ask("cellulite");
  const client = await visitor.page.context().newCDPSession(visitor.page);
  const { nodes } = await client.send("Accessibility.getFullAXTree");
  const seen = nodes.filter(({ ignored }) => !ignored).map(({ role, name }) => `${role.value} ${name?.value ?? ""}`);
  for (const one of ["dialog Frage stellen", "region Gespräch", "textbox Ihre Frage", "button Senden", "heading Frage stellen", "button Schließen"]) {
    assert.ok(seen.includes(one), `${one}: ${seen.join(" | ")}`);
  }
  assert.equal(await visitor.panel.getAttribute("lang"), "de");
  assert.equal(await visitor.replies.locator(".card").getAttribute("lang"), "en");
  assert.equal(await visitor.replies.getByText("Quellen (2)").getAttribute("lang"), "de");
  assert.ok((await visitor.panel.locator(".intro").innerText()).includes("Die Antworten sind auf Englisch."));
  await visitor.close();
});

test("a phone's panel keeps the page behind it out of reach, a desktop's does not", async () => {
  const phone = await at({ viewport: { width: 375, height: 720 } });
  await phone.open();
  const { keyboard } = phone.page;
  for (let count = 0; count < 25; count += 1) {
    await keyboard.press("Tab");
    const where = await phone.page.evaluate(() => document.activeElement?.localName);
    assert.ok(["meso-guide", "body"].includes(where), where);
  }
  await keyboard.press("Escape");
  await phone.panel.waitFor({ state: "hidden" });
  await phone.close();

  const desktop = await at();
  await desktop.open();
  await desktop.page.locator("header a").first().focus();
  assert.equal(await desktop.page.evaluate(() => document.activeElement?.localName), "a");
  await desktop.close();
});

test("the number to call is in sight at 400 % with a keyboard open", async () => {
  const visitor = await at({ viewport: { width: 320, height: 256 } });
  await visitor.launcher.click();
  await visitor.ask("I cannot breathe");
  await visitor.page.setViewportSize({ width: 320, height: 150 });
  await visitor.field.focus();
  await visitor.page.keyboard.press("Tab");

  const box = await visitor.panel.locator("form.composer .call").boundingBox();
  assert.ok(box.y >= 0 && box.y + box.height <= 150, JSON.stringify(box));
  assert.ok(await visitor.panel.locator("form.composer .call").evaluate((call) => call.matches(":focus")));
  await visitor.close();
});

/** @type {[string, () => Promise<void>][]} */
const axe = [];
for (const [name, [width, height]] of Object.entries(WIDTHS)) {
  for (const theme of ["light", "dark", "forced"]) {
    for (const direction of ["ltr", "rtl"]) {
      axe.push([`axe finds nothing: ${name}, ${theme}, ${direction}`, async () => {
        const visitor = await at({
          viewport: { width, height },
          colorScheme: theme === "dark" ? "dark" : "light",
          forcedColors: theme === "forced" ? "active" : "none",
          reducedMotion: "reduce",
        });
        await visitor.page.evaluate((is) => is && document.querySelector("meso-guide").setAttribute("locale", "ar"), direction === "rtl");
        const picture = (/** @type {string} */ state) => theme !== "forced" && ["phone", "desktop"].includes(name)
          && visitor.page.screenshot({ path: path.join(PICTURES, `${name}-${theme}-${direction}-${state}.png`) });
        const states = {
          closed: () => {},
          greeting: () => visitor.open(),
          answer: () => visitor.ask("Does it help with cellulite?"),
          unfolded: async () => {
            for (const fold of await visitor.replies.locator("summary").all()) await fold.click();
            await visitor.replies.first().locator("form .choice").nth(1).click();
            await visitor.replies.first().locator("form textarea").waitFor();
          },
          menu: () => visitor.panel.locator(".head .round").first().click(),
          ask: () => visitor.panel.locator(".page li button").last().click(),
          visit: async () => {
            await visitor.panel.locator(".ask button").last().click();
            const advice = await visitor.ask("Should I have it?");
            await advice.locator(".choices button").last().click();
          },
          emergency: async () => {
            await visitor.panel.locator(".page > button").last().click();
            await visitor.ask("I cannot breathe");
          },
          crisis: () => visitor.ask("suicide"),
          offline: async () => {
            await visitor.page.context().setOffline(true);
            await visitor.say("and now");
            await visitor.panel.locator(".note:not(.ask)").waitFor();
          },
        };
        // Every state in the two usual sizes; elsewhere those that have more in them than others.
        const all = ["phone", "desktop"].includes(name);
        for (const [state, reach] of Object.entries(states)) {
          await reach();
          await picture(state);
          if (!all && !["greeting", "unfolded", "emergency", "offline"].includes(state)) continue;
          assert.deepEqual(await broken(visitor, theme === "forced"), [], state);
          const wide = await visitor.panel.evaluateAll(([panel]) => panel && panel.scrollWidth - panel.clientWidth);
          assert.ok(!wide, `${state} runs out sideways by ${wide}`);
        }
        await visitor.close();
      }]);
    }
  }
}
describe("axe", { concurrency: 2 }, () => axe.forEach(([name, run]) => void test(name, run)));

test("what can be pressed is large enough, and text grows without loss", async () => {
  const visitor = await at({ viewport: { width: 320, height: 568 } });
  await visitor.open();
  await visitor.ask("cellulite");
  await visitor.choose("Text size");
  await visitor.panel.getByRole("button", { name: "Text size" }).click();
  const small = await visitor.panel.locator("button, summary, .choice, .call, .help a, textarea").evaluateAll((controls) => controls
    .filter((control) => control.checkVisibility())
    .map((control) => [control.innerText || control.ariaLabel, control.getBoundingClientRect()])
    .filter(([, { width, height }]) => width < 44 || height < 44)
    .map(([name]) => name));
  assert.deepEqual(small, []);
  await visitor.close();
});
