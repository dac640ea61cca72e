# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian's Chromium without a window, driven over its own debugging protocol.

The protocol runs over two pipes, a JSON message at a time, so that neither a driver nor a library has to fit the
version of the browser, which Debian exchanges every few weeks. https://chromedevtools.github.io/devtools-protocol/
"""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

PATIENCE_SECONDS = 30.0
_KEYS = {
    "Tab": {"key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9},
    "Enter": {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r"},
    "Space": {"key": " ", "code": "Space", "windowsVirtualKeyCode": 32, "text": " "},
    "ArrowDown": {"key": "ArrowDown", "code": "ArrowDown", "windowsVirtualKeyCode": 40},
}
_SHIFT = 8


class Browser:
    """One Chromium with one page. ``events``: everything the page told so far, in order."""

    def __init__(self, folder: Path) -> None:
        program = shutil.which("chromium")
        if program is None:
            raise FileNotFoundError(
                "Chromium is missing, and the report is looked at in it: apt-get install chromium (make setup does)."
            )
        from_browser, to_us = os.pipe()
        from_us, to_browser = os.pipe()
        options = [
            *("--headless=new", "--remote-debugging-pipe", f"--user-data-dir={folder}"),
            *("--no-first-run", "--disable-gpu", "--disable-background-networking", "--disable-component-update"),
            *(
                "--disable-sync",
                "--disable-extensions",
                "--disable-dev-shm-usage",
                "--hide-scrollbars",
                "--force-color-profile=srgb",
            ),
            *(["--no-sandbox"] if os.geteuid() == 0 else []),
        ]
        # The browser wants the pipes as its descriptors 3 and 4.
        self._process = subprocess.Popen(
            ["bash", "-c", f'exec "$@" 3<&{from_us} 4>&{to_us}', "chromium", program, *options, "about:blank"],
            pass_fds=(from_us, to_us),
            env=os.environ | {"HOME": str(folder), "DBUS_SESSION_BUS_ADDRESS": "none:"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(from_us)
        os.close(to_us)
        self._reads, self._writes = from_browser, to_browser
        self._buffer = b""
        self._number = 0
        self._session = ""
        self.events: list[dict[str, Any]] = []
        try:
            page = self._page()
            self._session = str(self.send("Target.attachToTarget", targetId=page, flatten=True)["sessionId"])
            for domain in ("Page", "Network", "Log", "Runtime"):
                self.send(f"{domain}.enable")
        except BaseException:
            self._end()
            raise

    def close(self) -> None:
        """End the browser. Whatever it leaves is in its folder."""
        try:
            self._session = ""
            self.send("Browser.close")
            self._process.wait(PATIENCE_SECONDS)
        finally:
            self._end()

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method of the protocol and wait for what it gives."""
        self._number += 1
        number = self._number
        message = {"id": number, "method": method, "params": parameters}
        content = json.dumps(message | ({"sessionId": self._session} if self._session else {})).encode() + b"\0"
        while content:
            content = content[os.write(self._writes, content) :]
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            answer = self._receive(deadline, method)
            if answer.get("id") == number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                result: dict[str, Any] = answer["result"]
                return result
            self.events.append(answer)

    def open(self, path: Path, *, width: int = 1280, height: int = 900, scheme: str = "light") -> None:
        """Open a file as a person does, in a window of so many pixels, on a system of that colour scheme."""
        self.send(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        self.media(scheme)
        self.events.clear()
        self.send("Page.navigate", url=path.as_uri())
        self._until("Page.loadEventFired")

    def media(self, scheme: str, media: str = "") -> None:
        """What the system and the page's medium (``print``, say) are from now on."""
        self.send(
            "Emulation.setEmulatedMedia", media=media, features=[{"name": "prefers-color-scheme", "value": scheme}]
        )

    def run(self, script: str) -> Any:
        """The value of a JavaScript expression, or of its promise."""
        given = self.send("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in given:
            raise RuntimeError(json.dumps(given["exceptionDetails"])[:2000])
        return given["result"].get("value")

    def press(self, key: str, *, shift: bool = False) -> None:
        """Press and release a key."""
        modifiers = _SHIFT if shift else 0
        kind = "keyDown" if "text" in _KEYS[key] else "rawKeyDown"
        self.send("Input.dispatchKeyEvent", type=kind, modifiers=modifiers, **_KEYS[key])
        released = {name: value for name, value in _KEYS[key].items() if name != "text"}
        self.send("Input.dispatchKeyEvent", type="keyUp", modifiers=modifiers, **released)

    def write(self, text: str) -> None:
        """Type a text into what has the focus."""
        self.send("Input.insertText", text=text)

    def picture(self, path: Path) -> None:
        """A PNG of the whole page."""
        given = self.send("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(given["data"]))

    def printed(self) -> bytes:
        """The page as a printer gets it: a PDF on A4."""
        given = self.send("Page.printToPDF", paperWidth=8.27, paperHeight=11.69, printBackground=True)
        return base64.b64decode(given["data"])

    def requests(self) -> list[str]:
        """What was asked for since the page was opened, the page itself among it."""
        return [
            event["params"]["request"]["url"]
            for event in self.events
            if event.get("method") == "Network.requestWillBeSent"
        ]

    def complaints(self) -> list[str]:
        """What the console showed since then: errors, warnings, broken policies."""
        wanted = {"Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown"}
        return [json.dumps(event["params"])[:500] for event in self.events if event.get("method") in wanted]

    def _end(self) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._reads)
        os.close(self._writes)

    def _page(self) -> str:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            for target in self.send("Target.getTargets")["targetInfos"]:
                if target["type"] == "page":
                    return str(target["targetId"])
            time.sleep(0.05)
        raise TimeoutError("Chromium started, and opened no page")

    def _until(self, event: str) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not any(one.get("method") == event for one in self.events):
            self.events.append(self._receive(deadline, event))

    def _receive(self, deadline: float, what: str) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._reads], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise TimeoutError(f"Chromium gave no answer to {what} within {PATIENCE_SECONDS:g} s")
            piece = os.read(self._reads, 1 << 20)
            if not piece:
                raise ConnectionError(f"Chromium ended while {what} was waited for")
            self._buffer += piece
        message, _, self._buffer = self._buffer.partition(b"\0")
        answer: dict[str, Any] = json.loads(message)
        return answer
