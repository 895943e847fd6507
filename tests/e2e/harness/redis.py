"""A real redis-server on a free port of the loopback, without anything on a disk."""

import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from harness import processes
from harness.processes import free_port
from harness.waiting import until


class Redis:
    def __init__(self, folder: Path, *words: str):
        self.program = shutil.which("redis-server")
        if self.program is None:
            pytest.skip("redis-server is not installed (scripts/setup/packages.sh test)")
        self.folder = folder
        self.words = words
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.process: subprocess.Popen | None = None
        self.start()

    def start(self) -> None:
        with (self.folder / "redis.log").open("ab") as log:
            self.process = subprocess.Popen(
                [self.program, "--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self.folder), "--save", "",
                 "--appendonly", "no", *self.words],
                stdout=log, stderr=log)
        processes.own(self.process.pid)
        until(self._answers, 60, 0.01, "redis-server does not start")

    def _answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), 5).close()
            return True
        except OSError:
            return False

    def tell(self, *words: str) -> bytes:
        """One command; the first line of the answer."""
        with socket.create_connection(("127.0.0.1", self.port), 30) as line, line.makefile("rb") as answer:
            line.sendall(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w.encode()), w.encode()) for w in words))
            return answer.readline().strip()

    def freeze(self) -> None:
        """It takes connections and says nothing."""
        os.kill(self.process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self.process.pid, signal.SIGCONT)

    def kill9(self) -> None:
        if self.process is None:
            return
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait(30)
        processes.disown(self.process.pid)
        self.process = None
