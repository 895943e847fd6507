"""A scratch Holdfast for a benchmark."""
import http.client
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("HOLDFAST_BUILD", ROOT / "build" / "release"))
SMALL_WAV = b"RIFF" + (36 + 1024).to_bytes(4, "little") + b"WAVEfmt " + (16).to_bytes(4, "little") + \
    (1).to_bytes(2, "little") * 2 + (16000).to_bytes(4, "little") + (32000).to_bytes(4, "little") + \
    (2).to_bytes(2, "little") + (16).to_bytes(2, "little") + b"data" + (1024).to_bytes(4, "little") + bytes(1024)


class Instance:
    def __init__(self, recipes: pathlib.Path | None = None, folder: str | None = None,
                 programs: pathlib.Path = BUILD, **settings: str):
        self.scratch = None if folder else tempfile.TemporaryDirectory(prefix="holdfast-bench-")
        self.folder = folder or self.scratch.name
        self.environment = dict(os.environ, HOLDFAST_CAPACITY_ENGINE="32", HOLDFAST_ADMISSION_WAITING_MAX="0") | settings
        if recipes:
            self.environment["HOLDFAST_RECIPES_DIR"] = str(recipes)
        self.programs = programs
        self.process = None

    def __enter__(self) -> "Instance":
        began = time.monotonic()
        self.process = subprocess.Popen(
            [self.programs / "holdfast", "serve", "--single-user", "--data", self.folder, "--listen", "127.0.0.1:0"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=self.environment)
        line = self.process.stdout.readline()
        self.start_s = time.monotonic() - began
        self.port = int(line.rsplit(":", 1)[1])
        return self

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()
        if self.scratch:
            self.scratch.cleanup()

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def cpu_s(self) -> float:
        """Processor time of the server's threads, and of the helpers that it started and that have ended."""
        own = sum(int(task.read_text().split()[0]) for task in pathlib.Path(f"/proc/{self.process.pid}/task").glob("*/schedstat"))
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return own / 1e9 + (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")

    def memory_mb(self, field: str = "VmRSS") -> float:
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(field + ":"):
                return int(line.split()[1]) / 1024
        raise RuntimeError(f"no {field} of the server")


def send(connection: http.client.HTTPConnection, body: bytes, recipe: str) -> dict:
    connection.request("POST", f"/api/v1/items?recipe={recipe}&name=bench.wav", body, {"Content-Type": "audio/wav"})
    answer = connection.getresponse()
    item = json.loads(answer.read())
    if answer.status != 201:
        raise RuntimeError(f"upload refused: {item}")
    return item


def item(connection: http.client.HTTPConnection, number: str) -> dict:
    connection.request("GET", f"/api/v1/items/{number}")
    return json.loads(connection.getresponse().read())
