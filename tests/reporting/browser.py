"""A browser without a network, spoken to through the pipe of its DevTools protocol."""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

PATIENCE = 60.0
"""Seconds to wait for an answer on a busy machine."""


def found() -> str | None:
    """Return the path of a Chromium; None if there is none."""
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    return next((path for name in names if (path := shutil.which(name))), None)


class Browser:
    """A headless browser whose every name lookup fails."""

    def __init__(self, program: str) -> None:
        self._home = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        to_it, self._write = os.pipe()
        self._read, from_it = os.pipe()
        flags = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            f"--user-data-dir={self._home.name}",
            "--remote-debugging-pipe",
            "about:blank",
        ]
        # The protocol speaks on the descriptors 3 and 4.
        moved = f'exec "$0" "$@" 3<&{to_it} 4>&{from_it} 2>/dev/null'
        self._process = subprocess.Popen(
            ["/bin/bash", "-c", moved, program, *flags], pass_fds=(to_it, from_it)
        )
        os.close(to_it)
        os.close(from_it)
        self._rest, self._count = b"", 0
        self._events: list[dict[str, Any]] = []

    def close(self) -> None:
        """End the browser that this object started, and remove its folder."""
        self.ask("Browser.close")
        self._process.wait(PATIENCE)
        os.close(self._read)
        os.close(self._write)
        self._home.cleanup()

    def ask(self, method: str, session: str = "", **values: Any) -> dict[str, Any]:
        """Send a command and return its answer; events on the way are kept."""
        self._count += 1
        message = {"id": self._count, "method": method, "params": values}
        if session:
            message["sessionId"] = session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            got = self._next()
            if got.get("id") == self._count:
                if "error" in got:
                    raise RuntimeError(f"{method}: {got['error']}")
                answer: dict[str, Any] = got["result"]
                return answer
            if "method" in got:
                self._events.append(got)

    def _next(self) -> dict[str, Any]:
        until = time.monotonic() + PATIENCE
        while b"\0" not in self._rest:
            if not select.select([self._read], [], [], max(0.0, until - time.monotonic()))[0]:
                raise TimeoutError("the browser does not answer")
            part = os.read(self._read, 1 << 16)
            if not part:
                raise RuntimeError("the browser has gone")
            self._rest += part
        first, _, self._rest = self._rest.partition(b"\0")
        message: dict[str, Any] = json.loads(first)
        return message

    def open(self, path: Path, width: int = 1280, *, scripts: bool = True) -> Tab:
        """Open a file in a tab of a width, and wait until its charts stand."""
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        tab = Tab(self, session, target)
        for room in ("Page", "Runtime", "Network", "Log"):
            tab.ask(f"{room}.enable")
        tab.ask(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=900,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        if not scripts:
            tab.ask("Emulation.setScriptExecutionDisabled", value=True)
        tab.ask("Page.navigate", url=path.as_uri())
        ready = "document.readyState === 'complete'"
        if scripts:
            ready += " && document.documentElement.dataset.charts !== undefined"
        until = time.monotonic() + PATIENCE
        while not tab.value(ready):
            if time.monotonic() > until:
                raise TimeoutError(f"{path.name} does not come to rest: {tab.complaints()}")
            time.sleep(0.1)
        return tab

    def events(self, session: str) -> list[dict[str, Any]]:
        """Return what has happened in a session so far."""
        return [event for event in self._events if event.get("sessionId") == session]


class Tab:
    """One page in the browser."""

    def __init__(self, browser: Browser, session: str, target: str) -> None:
        self.browser, self.session, self.target = browser, session, target

    def ask(self, method: str, **values: Any) -> dict[str, Any]:
        """Send a command to this tab."""
        return self.browser.ask(method, self.session, **values)

    def value(self, expression: str) -> Any:
        """Return what an expression comes to in the page; promises are awaited."""
        got = self.ask(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in got:
            raise RuntimeError(str(got["exceptionDetails"]))
        return got["result"].get("value")

    def complaints(self) -> list[str]:
        """Return every error in the console, exception and failed request."""
        out = []
        for event in self.browser.events(self.session):
            method, about = event["method"], event["params"]
            if method == "Runtime.exceptionThrown":
                out.append(f"exception: {about['exceptionDetails'].get('text')}")
            elif method == "Runtime.consoleAPICalled" and about["type"] in {"error", "warning"}:
                out.append(f"console: {[arg.get('value') for arg in about['args']]}")
            elif method == "Log.entryAdded" and about["entry"]["level"] in {"error", "warning"}:
                out.append(f"log: {about['entry']['text']}")
            elif method == "Network.loadingFailed":
                out.append(f"failed: {about.get('errorText')}")
        return out

    def requests(self) -> list[str]:
        """Return the address of everything the page asked for, itself and its own data apart."""
        asked = [
            event["params"]["request"]["url"]
            for event in self.browser.events(self.session)
            if event["method"] == "Network.requestWillBeSent"
        ]
        return [url for url in asked if not url.startswith(("file:", "data:", "blob:"))]

    def close(self) -> None:
        """Close the tab."""
        self.browser.ask("Target.closeTarget", targetId=self.target)
