"""A headless Chromium for tests, spoken to over a pipe in the Chrome DevTools Protocol."""

import base64
import fcntl
import json
import os
import select
import signal
import time
from pathlib import Path
from typing import Any

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--headless",
    "--hide-scrollbars",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-pipe",
)
PATIENCE = 15  # seconds
SHIFT = 8
KEYS = {"Enter": (13, "\r"), "Tab": (9, "")}


class BrowserError(Exception):
    """The browser refused a command, fell silent, or a script in the page failed."""


class Browser:
    """One Chromium process; `close` ends it."""

    def __init__(self, profile: Path) -> None:
        to_browser, self._write = os.pipe()
        self._read, from_browser = os.pipe()
        # Chromium reads commands from descriptor 3 and writes to 4; the pipes' own numbers may be these.
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in (to_browser, from_browser)]
        actions: list[tuple] = [(os.POSIX_SPAWN_OPEN, n, os.devnull, os.O_RDWR, 0) for n in (0, 1, 2)]
        actions += [(os.POSIX_SPAWN_DUP2, end, n) for end, n in zip(ends, (3, 4), strict=True)]
        command = [str(CHROMIUM), *FLAGS, f"--user-data-dir={profile}", "about:blank"]
        self._process = os.posix_spawn(CHROMIUM, command, os.environ, file_actions=actions)
        for end in (to_browser, from_browser, *ends):
            os.close(end)
        self._rest = b""
        self._number = 0
        self.events: list[dict[str, Any]] = []

    def call(self, method: str, session: str = "", **parameters: Any) -> dict[str, Any]:
        """Returns the command's result; events that come before it are kept in `events`."""
        self._number += 1
        command = {"id": self._number, "method": method, "params": parameters}
        if session:
            command["sessionId"] = session
        os.write(self._write, json.dumps(command).encode() + b"\0")
        deadline = time.monotonic() + PATIENCE
        answer = None
        while answer is None:
            for message in self._messages():
                if message.get("id") == self._number:
                    answer = message
                else:
                    self.events.append(message)
            if answer is None and time.monotonic() > deadline:
                raise BrowserError(f"{method}: no answer in {PATIENCE} s")
        if "error" in answer:
            raise BrowserError(f"{method}: {answer['error']}")
        return answer["result"]

    def _messages(self) -> list[dict[str, Any]]:
        if not select.select([self._read], [], [], 0.2)[0]:
            return []
        self._rest += os.read(self._read, 1 << 20)
        *whole, self._rest = self._rest.split(b"\0")
        return [json.loads(part) for part in whole]

    def close(self) -> None:
        """Ends the process and waits for it."""
        os.kill(self._process, signal.SIGTERM)
        os.waitpid(self._process, 0)
        os.close(self._write)
        os.close(self._read)


class Tab:
    """One page with a profile of its own; it is acted on as by a person's hands."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._context = browser.call("Target.createBrowserContext")["browserContextId"]
        created = browser.call("Target.createTarget", url="about:blank", browserContextId=self._context)
        attached = browser.call("Target.attachToTarget", targetId=created["targetId"], flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Accessibility"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Returns the result of a command to this tab."""
        return self._browser.call(method, self._session, **parameters)

    def open(self, url: str, size: tuple[int, int] = (390, 844), **media: str) -> None:
        """Loads the address in a window of that size (CSS pixels), media features in snake case."""
        width, height = size
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.call("Emulation.setDeviceMetricsOverride", **metrics)
        features = [{"name": name.replace("_", "-"), "value": value} for name, value in media.items()]
        self.call("Emulation.setEmulatedMedia", media="screen", features=features)
        self.call("Page.navigate", url=url)
        self.wait("location.href !== 'about:blank' && document.readyState === 'complete'")

    def value(self, script: str) -> Any:
        """Returns what the expression yields (JSON types); a promise is awaited."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise BrowserError(f"{script}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def wait(self, condition: str) -> None:
        """Returns as soon as the expression is true."""
        deadline = time.monotonic() + PATIENCE
        while not self.value(f"Boolean({condition})"):
            if time.monotonic() > deadline:
                raise BrowserError(f"never true: {condition}; the page says: {self.text('body')}")
            time.sleep(0.02)

    def text(self, selector: str) -> str:
        """Returns the visible text of the first match with blanks folded, empty when there is none."""
        return " ".join(
            self.value(f"document.querySelector({json.dumps(selector)})?.innerText ?? ''").split()
        )

    def type(self, text: str) -> None:
        """Puts the text in where the focus is."""
        self.call("Input.insertText", text=text)

    def press(self, key: str, modifiers: int = 0) -> None:
        """Presses and lets go of Enter or Tab."""
        code, character = KEYS[key]
        event = {"key": key, "code": key, "windowsVirtualKeyCode": code, "modifiers": modifiers}
        self.call("Input.dispatchKeyEvent", type="keyDown", text=character, **event)
        self.call("Input.dispatchKeyEvent", type="keyUp", **event)

    def click(self, selector: str) -> None:
        """Clicks in the middle of the first match; something that covers it gets the click."""
        script = f"""(() => {{
            const element = document.querySelector({json.dumps(selector)});
            element.scrollIntoView({{block: "center", behavior: "instant"}});
            const box = element.getBoundingClientRect();
            return [box.x + box.width / 2, box.y + box.height / 2];
        }})()"""
        x, y = self.value(script)
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def accessible(self) -> list[tuple[str, str]]:
        """Returns role and name of every node that a screen reader is given."""
        nodes = self.call("Accessibility.getFullAXTree")["nodes"]
        seen = (node for node in nodes if not node["ignored"])
        return [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in seen]

    def complaints(self) -> list[str]:
        """Returns errors and policy violations of the console, and dialogs; 4xx and 5xx are left out."""
        self.value("0")
        found = []
        for event in self._browser.events:
            parameters = event["params"]
            if event.get("sessionId") != self._session:
                continue
            if event["method"] == "Log.entryAdded":
                if not parameters["entry"]["text"].startswith("Failed to load resource"):
                    found.append(parameters["entry"]["text"])
            elif event["method"] in ("Runtime.exceptionThrown", "Page.javascriptDialogOpening"):
                found.append(json.dumps(parameters))
        return found

    def screenshot(self, path: Path) -> None:
        """Writes what the window shows as a PNG."""
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))

    def close(self) -> None:
        """Closes the tab and forgets its profile."""
        self._browser.call("Target.disposeBrowserContext", browserContextId=self._context)
