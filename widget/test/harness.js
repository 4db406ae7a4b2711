// What the browser tests share: the stub server, Chromium, a page with the widget, a proxy that breaks.

import { spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const PATIENCE = 6000; // milliseconds

export const ROOT = path.resolve(fileURLToPath(import.meta.url), "../../..");
const PYTHON = process.env.PYTHON ?? path.join(ROOT, ".venv/bin/python");

/** Starts the stub server; `kill` ends it as a power cut does, and `start` again takes up what is in its folder. */
export class Server {
  folder = mkdtempSync(path.join(tmpdir(), "mesoguide-widget-"));
  port = 0;

  /** @param {...string} options */
  async start(...options) {
    const command = ["-W", "ignore", "-m", "tests.widget.stub_server", "--port", String(this.port), "--folder", this.folder];
    this.process = spawn(PYTHON, [...command, ...options], { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] });
    this.port = await new Promise((resolve, reject) => {
      this.process.stdout.on("data", (data) => {
        const ready = /^ready (\d+)$/m.exec(String(data));
        if (ready) resolve(Number(ready[1]));
      });
      this.process.once("exit", (code) => reject(new Error(`the stub server ended with ${code}`)));
    });
    this.url = `http://127.0.0.1:${this.port}`;
    return this;
  }

  async kill() {
    const ended = new Promise((resolve) => this.process.once("exit", resolve));
    this.process.kill("SIGKILL");
    await ended;
  }

  /** A member of staff says something in the conversation that was last used. @param {string} text */
  async staff(text) {
    await fetch(`${this.url}/test/staff`, { method: "POST", body: JSON.stringify({ text }) });
  }
}

/** A TCP proxy before the server, whose connections can be cut at any moment. */
export class Proxy {
  /** @type {Set<import("node:net").Socket>} */
  sockets = new Set();
  cutAfter = Infinity; // bytes of answers until the connection is cut
  down = false;

  /** @param {number} target a port */
  constructor(target) {
    this.server = net.createServer((visitor) => {
      if (this.down) return visitor.destroy();
      const server = net.connect(target, "127.0.0.1");
      for (const [one, other] of [[visitor, server], [server, visitor]]) {
        this.sockets.add(one);
        one.on("error", () => {});
        one.on("close", () => {
          this.sockets.delete(one);
          other.destroy();
        });
      }
      visitor.on("data", (data) => server.write(data));
      server.on("data", (data) => {
        if (this.cutAfter === Infinity) return visitor.write(data);
        visitor.write(data.subarray(0, this.cutAfter));
        this.cutAfter -= data.length;
        if (this.cutAfter <= 0) {
          this.cutAfter = Infinity;
          visitor.destroy();
        }
      });
    });
  }

  async start() {
    await new Promise((resolve) => this.server.listen(0, "127.0.0.1", () => resolve(undefined)));
    this.url = `http://127.0.0.1:${this.server.address().port}`;
    return this;
  }

  cut() {
    for (const socket of this.sockets) socket.destroy();
  }

  stop() {
    this.server.close();
    this.cut();
  }
}

/** Serves pages of another origin. @param {(path: string) => {html: string, headers?: Record<string, string>}} page */
export async function hostSite(page) {
  const server = http.createServer((request, response) => {
    const { html, headers } = page(request.url ?? "/");
    response.writeHead(200, { "Content-Type": "text/html; charset=utf-8", ...headers });
    response.end(html);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

export function launch() {
  return chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-quic"] });
}

/** The widget in a page, acted on as by a visitor. */
export class Visitor {
  /** @param {import("playwright-core").Page} page */
  constructor(page) {
    this.page = page;
    page.setDefaultTimeout(PATIENCE);
    this.complaints = [];
    this.requests = [];
    page.on("pageerror", (error) => this.complaints.push(String(error)));
    page.on("console", (line) => {
      if (line.type() === "error" && !line.text().startsWith("Failed to load resource")) this.complaints.push(line.text());
    });
    page.on("request", (request) => this.requests.push(request.url()));
    this.launcher = page.locator("meso-guide .launcher");
    this.panel = page.locator("meso-guide dialog");
    this.field = this.panel.locator("form.composer textarea");
    this.log = this.panel.locator(".log");
    this.replies = this.log.locator("article.assistant, article.staff");
    this.own = this.log.locator("article.user");
  }

  /** @param {import("playwright-core").Browser|import("playwright-core").BrowserContext} where @param {string} url */
  static async at(where, url, options = {}) {
    const page = "newContext" in where ? await (await where.newContext(options)).newPage() : await where.newPage();
    const visitor = new Visitor(page);
    await page.goto(url);
    return visitor;
  }

  async open() {
    await this.launcher.click();
    await this.panel.locator(".choices button").first().waitFor();
    return this;
  }

  /** Types and sends. @param {string} text */
  async say(text) {
    await this.field.fill(text);
    await this.field.press("Enter");
  }

  /** Says it and waits for one more reply. @param {string} text */
  async ask(text) {
    const before = await this.replies.count();
    await this.say(text);
    await this.replies.nth(before).waitFor();
    return this.replies.nth(before);
  }

  /** What stands in the conversation, in order. */
  said() {
    return this.log.locator("article").evaluateAll((articles) => articles.map((article) =>
      (article.querySelector("p.card, .text")?.textContent ?? "").trim()));
  }

  /** Presses an entry of the menu. @param {string} name */
  async choose(name) {
    await this.panel.getByRole("button", { name: "More options" }).click();
    await this.panel.locator(".page").getByRole("button", { name }).click();
  }

  stored() {
    return this.page.evaluate(async () => [
      document.cookie, localStorage.length, sessionStorage.length, (await indexedDB.databases()).length,
    ]);
  }

  close() {
    return this.page.context().close();
  }
}
