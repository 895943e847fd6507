"""A headless Chromium, driven through its debugging pipe: no port, no driver program, nothing but the
standard library. Messages are JSON, each followed by a zero byte. Source: the Chrome DevTools Protocol."""

import base64
import json
import os
import select
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from harness import processes

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-default-apps",
    "--metrics-recording-only",
    "--mute-audio",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
    "--window-size=1100,900",
)


def chromium() -> str:
    found = next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))),
        None,
    )
    if found is None:
        pytest.skip("no Chromium here, so the page cannot be looked at")
    return found


class Browser:
    """One browser with one page. `requests` are the addresses it asked for, `console` what scripts said."""

    def __init__(self, folder: Path):
        self.folder, self.number, self.session, self.rest = folder, 0, "", b""
        self.requests: list[str] = []
        self.console: list[str] = []
        self.loads = 0
        to_read, self.to_write = os.pipe()
        self.from_read, from_write = os.pipe()

        def take_pipes() -> None:  # the protocol wants them as descriptors 3 and 4
            os.dup2(to_read, 103)
            os.dup2(from_write, 104)
            os.dup2(103, 3)
            os.dup2(104, 4)

        self.process = subprocess.Popen(
            [chromium(), *FLAGS, f"--user-data-dir={folder / 'profile'}", "about:blank"],
            preexec_fn=take_pipes,
            pass_fds=(3, 4),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=(folder / "chromium.log").open("wb"),
            env=os.environ | {"HOME": str(folder)},
            start_new_session=True,
        )
        processes.own(self.process.pid)
        os.close(to_read)
        os.close(from_write)
        self._attach()

    def _attach(self) -> None:
        """A page of our own: which of those that are there at the start is shown differs from time to time."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "DOM"):
            self.call(f"{domain}.enable")
        for pid in self._all():
            processes.own(pid)

    def _all(self) -> list[int]:
        """Its processes, also those that cut the tie to it: they are known by its folder."""
        mine = [process.pid for process in processes.everything() if str(self.folder) in process.command]
        return [self.process.pid, *(process.pid for process in processes.descendants(self.process.pid)), *mine]

    def close(self) -> None:
        for pid in self._all():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            processes.disown(pid)
        self.process.wait(30)
        os.close(self.to_write)
        os.close(self.from_read)
        processes.wait_for_no_strays()

    # Messages

    def call(self, method: str, seconds: float = 60, **parameters) -> dict:
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to_write, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + seconds
        while True:
            got = self._message(deadline, method)
            if got.get("id") == self.number:
                assert "error" not in got, (method, got["error"])
                return got["result"]
            self._note(got)

    def _message(self, deadline: float, what: str) -> dict:
        while b"\0" not in self.rest:
            ready, _, _ = select.select([self.from_read], [], [], max(0.0, deadline - time.monotonic()))
            assert ready, f"the browser does not answer to {what}"
            piece = os.read(self.from_read, 1 << 20)
            assert piece, f"the browser is gone: {(self.folder / 'chromium.log').read_text()[-2000:]}"
            self.rest += piece
        raw, _, self.rest = self.rest.partition(b"\0")
        return json.loads(raw)

    def _note(self, event: dict) -> None:
        method, parameters = event.get("method"), event.get("params", {})
        if method == "Network.requestWillBeSent":
            self.requests.append(parameters["request"]["url"])
        elif method == "Page.loadEventFired":
            self.loads += 1
        elif method in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown"):
            self.console.append(json.dumps(parameters)[:500])

    # Doing

    def open(self, url: str) -> None:
        loaded = self.loads
        self.call("Page.navigate", url=url)
        deadline = time.monotonic() + 60
        while self.loads == loaded:
            self._note(self._message(deadline, f"opening {url}"))

    def ask(self, expression: str):
        """The value of a JavaScript expression."""
        got = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in got, got["exceptionDetails"]
        return got["result"].get("value")

    def wait(self, expression: str, seconds: float = 60):
        deadline = time.monotonic() + seconds
        while not (value := self.ask(expression)):
            assert (
                time.monotonic() < deadline
            ), f"never true: {expression}\n{self.text()[:3000]}\n{self.console}"
            time.sleep(0.1)
        return value

    def text(self) -> str:
        return self.ask("document.body.innerText")

    def choose_file(self, selector: str, path: Path) -> None:
        root = self.call("DOM.getDocument")["root"]["nodeId"]
        node = self.call("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        assert node, f"there is no {selector} on the page"
        self.call("DOM.setFileInputFiles", nodeId=node, files=[str(path)])

    def screenshot(self, path: Path, width: int = 1100, height: int = 900, scheme: str = "light") -> None:
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        time.sleep(0.3)
        path.write_bytes(
            base64.b64decode(self.call("Page.captureScreenshot", captureBeyondViewport=True)["data"])
        )
