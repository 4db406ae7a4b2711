// What a visitor can do in a conversation.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { launch, Server, Visitor } from "./harness.js";

/** @type {Server} */ let server;
/** @type {import("playwright-core").Browser} */ let browser;
/** @type {Visitor} */ let visitor;

before(async () => {
  server = await new Server().start();
  browser = await launch();
});
after(async () => {
  await browser.close();
  await server.kill();
});
beforeEach(async () => {
  visitor = await Visitor.at(browser, server.url);
});
afterEach(async () => {
  assert.deepEqual(visitor.complaints, []);
  await visitor.close();
});

test("it does not open by itself, and nothing is stored before the first message", async () => {
  await visitor.page.waitForTimeout(300);
  assert.equal(await visitor.panel.count(), 0);
  await visitor.open();
  await visitor.field.fill("not sent");

  assert.deepEqual(await visitor.stored(), ["", 0, 0, 0]);
  assert.deepEqual(visitor.requests.filter((url) => url.includes("/chat/")), [`${server.url}/chat/info`]);
});

test("the greeting says what this is in at most 60 words, and what can be asked", async () => {
  await visitor.open();

  const hello = await visitor.panel.locator(".hello").innerText();
  assert.ok(hello.split(/\s+/).length <= 60);
  for (const part of ["computer program", "general information", "Not for emergencies", "999"]) assert.ok(hello.includes(part));
  const starters = await visitor.log.locator(".intro .choices button").allInnerTexts();
  assert.equal(starters.length, 6);
  assert.deepEqual(starters.slice(4), ["Make an appointment", "Contact"]);
  assert.equal(await visitor.panel.getByRole("switch").isChecked(), false);
});

test("an answer has all its parts, and folds what is long", async () => {
  await visitor.open();
  const answer = await visitor.ask("Does it help with cellulite?");

  const text = await answer.innerText();
  for (const part of ["We do not know that it helps.", "Evidence: One small study", "Next step: Ask which", "Not yet checked"]) {
    assert.ok(text.includes(part), part);
  }
  assert.ok(!text.includes("Larger trials"));
  await answer.getByText("More about this").click();
  assert.ok(await answer.getByText("Larger trials").isVisible());
  await answer.getByText("Sources (2)").click();
  const source = answer.getByRole("link", { name: "A review of injections" });
  assert.equal(await source.getAttribute("href"), "https://example.org/s1");
  assert.equal(await source.getAttribute("rel"), "noopener noreferrer");
  assert.equal(await answer.locator("ol a").count(), 1);
  assert.equal(await answer.locator("ul li").count(), 2);
  assert.equal(await answer.locator(".card").getAttribute("lang"), "en");
});

test("a follow-up is one press, and a link stays a link", async () => {
  await visitor.open();
  const answer = await visitor.ask("cellulite");
  assert.equal(await answer.getByRole("link", { name: "Book a visit" }).getAttribute("href"), "https://example.org/book");

  await answer.getByRole("button", { name: "What does it cost?" }).click();
  await visitor.replies.nth(1).waitFor();

  assert.deepEqual(await visitor.said(), ["cellulite", await visitor.replies.first().locator(".text").textContent(),
    "What does it cost?", "You said: What does it cost?"]);
});

test("thumbs and a comment reach the server", async () => {
  await visitor.open();
  const answer = await visitor.ask("cellulite");
  const sent = [];
  visitor.page.on("request", (request) => request.url().endsWith("/feedback") && sent.push(request.postDataJSON()));

  await answer.getByRole("button", { name: "No", exact: true }).click();
  const field = answer.locator("form textarea");
  await field.fill("Too long");
  await answer.locator("form").getByRole("button", { name: "Send" }).click();
  await field.waitFor({ state: "hidden" });

  assert.deepEqual(sent, [{ seq: 3, helpful: false, comment: "" }, { seq: 3, helpful: false, comment: "Too long" }]);
  assert.equal(await answer.getByRole("button", { name: "No", exact: true }).getAttribute("aria-pressed"), "true");
});

test("history is there after a reload, in order and without a second welcome", async () => {
  await visitor.open();
  await visitor.ask("first");
  await visitor.ask("second");
  const before = await visitor.said();

  await visitor.page.reload();
  await visitor.open();
  await visitor.replies.nth(1).waitFor();

  assert.deepEqual(await visitor.said(), before);
  assert.equal((await visitor.ask("third")) && (await visitor.said()).length, 6);
});

test("a second tab is in step, both ways", async () => {
  await visitor.open();
  await visitor.ask("from the first");
  const second = await Visitor.at(visitor.page.context(), server.url);
  await second.open();
  await second.replies.first().waitFor();
  await second.ask("from the second");
  await visitor.replies.nth(1).waitFor();

  assert.deepEqual(await visitor.said(), ["from the first", "You said: from the first", "from the second", "You said: from the second"]);
  assert.deepEqual(await second.said(), await visitor.said());
  await second.choose("Erase chat");
  await second.panel.locator(".ask").getByRole("button", { name: "Yes" }).click();
  await visitor.own.first().waitFor({ state: "detached" });
});

test("a turn that fails is tried again as the same message", async () => {
  await visitor.open();
  const ids = [];
  visitor.page.on("request", (request) => request.url().endsWith("/messages") && ids.push(request.postDataJSON().id));

  await visitor.ask("this fails once");

  assert.equal(ids.length, 2);
  assert.equal(new Set(ids).size, 1);
  assert.deepEqual(await visitor.said(), ["this fails once", "You said: this fails once"]);
});

test("a turn that always fails is given up with a way out", async () => {
  await visitor.open();
  await visitor.say("this fails always");
  await visitor.log.locator(".fault").waitFor();

  assert.equal(await visitor.field.inputValue(), "this fails always");
  assert.ok((await visitor.panel.locator(".note:not(.ask)").innerText()).includes("call the clinic"));
});

test("what is written offline is said to wait, and goes out in order", async () => {
  await visitor.open();
  await visitor.ask("online");
  await visitor.page.context().setOffline(true);
  await visitor.say("one");
  await visitor.say("two");
  const note = visitor.panel.locator(".note:not(.ask)");
  await note.getByText("No connection").waitFor();
  assert.ok((await note.innerText()).includes("999"));
  assert.equal(await visitor.log.locator("[data-wait]").count(), 2);

  await visitor.page.context().setOffline(false);
  await visitor.replies.nth(2).waitFor();

  assert.deepEqual((await visitor.said()).slice(2), ["one", "You said: one", "two", "You said: two"]);
  await note.waitFor({ state: "hidden" });
});

test("what waits is still there after a reload", async () => {
  await visitor.open();
  await visitor.ask("online");
  await visitor.page.route("**/chat/messages", (route) => route.abort());
  await visitor.say("kept");
  await visitor.panel.locator(".note:not(.ask)").getByText("No connection").waitFor();
  await visitor.page.unroute("**/chat/messages");

  await visitor.page.reload();
  await visitor.open();
  await visitor.replies.nth(1).waitFor();

  assert.deepEqual(await visitor.said(), ["online", "You said: online", "kept", "You said: kept"]);
});

test("a text that is too long comes back into the field", async () => {
  await visitor.open();
  await visitor.field.fill("x".repeat(1001));
  assert.equal(await visitor.panel.locator(".foot > .small").innerText(), "Characters left: -1");
  await visitor.field.press("Enter");
  await visitor.log.locator(".fault").waitFor();

  assert.ok((await visitor.log.locator(".fault").innerText()).includes("left: -1"));
  assert.equal((await visitor.field.inputValue()).length, 1001);
});

test("an emergency puts the number next to the field until another answer comes", async () => {
  await visitor.open();
  await visitor.ask("I cannot breathe");
  await visitor.page.keyboard.press("Tab");

  const call = visitor.panel.locator("form.composer .call");
  assert.equal(await call.getAttribute("href"), "tel:999");
  assert.ok(await call.evaluate((element) => element.matches(":focus")));
  await visitor.ask("cellulite");
  assert.ok(await call.isHidden());
  assert.ok(await visitor.replies.first().locator(".call").isVisible());
});

test("staff are told apart, and the state says so", async () => {
  await visitor.open();
  await visitor.ask("talk to a person");
  await server.staff("This is Ana from the clinic.");
  await visitor.log.locator("article.staff").waitFor();

  assert.ok((await visitor.panel.locator(".head").innerText()).includes("Clinic staff"));
  assert.ok((await visitor.log.locator("article.staff").innerText()).startsWith("Clinic staff"));
  await visitor.ask("cellulite");
  assert.ok((await visitor.panel.locator(".head").innerText()).includes("Computer program"));
});

test("the switch keeps the chat, and switching off asks first and erases", async () => {
  await visitor.open();
  await visitor.ask("first");
  const box = visitor.panel.getByRole("switch");
  const kept = visitor.page.waitForResponse((response) => response.request().method() === "PATCH");
  await box.check();
  assert.deepEqual((await kept).request().postDataJSON(), { consent: "keep", improve: true });
  await visitor.ask("second");
  assert.equal((await visitor.said()).length, 4);

  await box.click();
  await visitor.panel.getByRole("button", { name: "Cancel" }).click();
  assert.ok(await box.isChecked());
  await box.click();
  await visitor.panel.locator(".ask").getByRole("button", { name: "Yes" }).click();
  await visitor.own.first().waitFor({ state: "detached" });

  assert.equal(await box.isChecked(), false);
  await visitor.ask("third");
  assert.equal((await visitor.said()).length, 2);
});

test("a chat can begin kept", async () => {
  await visitor.open();
  await visitor.panel.getByRole("switch").check();
  const started = visitor.page.waitForRequest((request) => request.url().endsWith("/session"));
  await visitor.ask("first");

  const choices = (await started).postDataJSON();
  assert.deepEqual(choices, { notice: "2026-11-22", locale: "en", consent: "keep", improve: true });
});

test("start over and erase leave nothing, on the server neither", async () => {
  await visitor.open();
  for (const choice of ["Start over", "Erase chat"]) {
    await visitor.ask("something");
    const gone = visitor.page.waitForResponse((response) => response.request().method() === "DELETE");
    await visitor.choose(choice);
    await visitor.panel.locator(".ask").getByRole("button", { name: "Yes" }).click();
    assert.equal((await gone).status(), 204);
    await visitor.own.first().waitFor({ state: "detached" });
    assert.deepEqual(await visitor.stored(), ["", 0, 0, 0]);
  }
});

test("a conversation that the server has forgotten is said to have ended, and the message is answered", async () => {
  await visitor.open();
  await visitor.ask("first");
  const token = await visitor.page.evaluate(() => JSON.parse(sessionStorage.mesoguide).token);
  await fetch(`${server.url}/chat/conversation`, { method: "DELETE", headers: { Authorization: `Bearer ${token}` } });

  await visitor.ask("second");

  assert.equal(await visitor.log.getByText("The earlier chat has ended").count(), 1);
  assert.deepEqual(await visitor.said(), ["first", "You said: first", "second", "You said: second"]);
});

test("questions for the visit are collected, removed and printed", async () => {
  await visitor.open();
  const advice = await visitor.ask("Should I have it?");
  await advice.getByRole("button", { name: "Add to my questions" }).click();
  const page = visitor.panel.locator(".page");
  await page.locator("textarea").fill("Who will inject?");
  await page.getByRole("button", { name: "Add to my questions" }).click();

  assert.deepEqual(await page.locator("li span").allInnerTexts(), ["Should I have it?", "Who will inject?"]);
  await visitor.page.evaluate(() => {
    const { append } = Element.prototype;
    document.body.append = (frame) => {
      append.call(document.body, frame);
      frame.contentWindow.print = () => (window.printed = frame.contentDocument.body.innerText);
    };
  });
  await page.getByRole("button", { name: "Print" }).click();
  await visitor.page.waitForFunction("window.printed?.includes('Who will inject?')");
  await page.getByRole("button", { name: "Remove: Should I have it?" }).click();
  assert.equal(await page.locator("li").count(), 1);
  await page.getByRole("button", { name: "Back to the chat" }).click();
  assert.ok(await visitor.log.isVisible());
});

test("the chat can be saved with its sources", async () => {
  await visitor.open();
  await visitor.ask("cellulite");
  const download = visitor.page.waitForEvent("download");
  await visitor.choose("Save as text");

  let text = "";
  for await (const part of await (await download).createReadStream()) text += part;
  for (const part of ["You: cellulite", "We do not know", "A review of injections", "https://example.org/s1"]) assert.ok(text.includes(part));
});

test("what is kept is told, with whom to ask", async () => {
  await visitor.open();
  await visitor.choose("What is kept");

  const text = await visitor.panel.locator(".page").innerText();
  for (const part of ["Gone after 30 minutes", "Nobody reads chats live", "privacy@example.org"]) assert.ok(text.includes(part));
});

test("the text grows in steps", async () => {
  await visitor.open();
  const size = () => visitor.panel.evaluate((panel) => parseFloat(getComputedStyle(panel).fontSize));
  assert.equal(await size(), 16);
  await visitor.choose("Text size");
  assert.equal(await size(), 20);
});

test("the page is told that a message came, and never what it says", async () => {
  await visitor.page.evaluate(() => {
    window.told = [];
    for (const name of ["open", "close", "message"]) {
      document.querySelector("meso-guide").addEventListener(`mesoguide-${name}`, ({ type, detail }) => window.told.push([type, detail]));
    }
  });
  await visitor.open();
  await visitor.ask("cellulite");
  await visitor.page.keyboard.press("Escape");

  const told = await visitor.page.evaluate("told");
  assert.deepEqual(told[0], ["mesoguide-open", null]);
  assert.deepEqual(told.at(-1), ["mesoguide-close", null]);
  assert.ok(told.some(([, detail]) => detail?.topic === "cellulite_effectiveness"));
  assert.ok(!JSON.stringify(told).includes("know"));
});
