"""One `holdfast serve` on a scratch data folder: started, killed, restarted and at the end looked over."""

import json
import os
import queue
import re
import signal
import subprocess
import threading
from pathlib import Path

from harness import processes
from harness.client import Client
from harness.paths import program
from harness.waiting import until

READY = re.compile(r"listening on (http://\S+:(\d+))")
#: A server with these takes files and holds them: nothing is worked on.
NO_WORK = {"HOLDFAST_MEDIA_FFMPEG": "/nonexistent/ffmpeg", "HOLDFAST_MEDIA_FFPROBE": "/nonexistent/ffprobe"}
#: Models are loaded for work only: asking them something at each start costs seconds, and a test that looks for the
#: worker of an item would find another. test_probes.py asks.
NO_INFERENCE = {"HOLDFAST_ENGINE_INFERENCE_EVERY": "0 s"}
START_SECONDS = 60
DRAIN_SECONDS = 60
#: Of the environment the server gets these; anything else could change what is tested. On a busy machine
#: HOLDFAST_CAPACITY_THREADS=1 helps: threads of an engine that wait for each other spin.
KEPT_ENVIRONMENT = (
    "PATH",
    "HOME",
    "LANG",
    "HOLDFAST_CACHE",
    "XDG_CACHE_HOME",
    "HOLDFAST_MODELS_DIR",
    "HOLDFAST_CAPACITY_THREADS",
)


def scratch_environment(folder: Path) -> dict[str, str]:
    """An environment in which no configuration of the machine is found."""
    kept = {name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ}
    for name in ("tmp", "config"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    return kept | NO_INFERENCE | {"TMPDIR": str(folder / "tmp"), "XDG_CONFIG_HOME": str(folder / "config")}


class Server:
    """`folder` holds data/, tmp/ and the log; `settings` are HOLDFAST_... variables; `wrapper` stands
    before the command (strace); `holdfast` is another program than the built one; without `single_user`
    everybody has to log in; `listen` names a port that is the same after a restart."""

    def __init__(
        self,
        folder: Path,
        settings: dict[str, str] | None = None,
        data: Path | None = None,
        wrapper: tuple[str, ...] = (),
        holdfast: Path | None = None,
        single_user: bool = True,
        listen: str = "127.0.0.1:0",
    ):
        self.folder = folder
        self.data = data or folder / "data"
        self.log_file = folder / "server.log"
        self.environment = scratch_environment(folder) | (settings or {})
        self.wrapper = wrapper
        self.single_user = single_user
        self.listen = listen
        self.holdfast = holdfast or program("holdfast")
        self.process: subprocess.Popen | None = None
        self.url = ""
        self.port = 0
        self.pid = 0
        self._lines: queue.Queue[str] = queue.Queue()

    # Starting

    def start(self, seconds: float = START_SECONDS) -> "Server":
        assert self.process is None, "already started"
        command = [
            *self.wrapper,
            str(self.holdfast),
            "serve",
            *(["--single-user"] if self.single_user else []),
            "--data",
            str(self.data),
            "--listen",
            self.listen,
        ]
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                stdout=subprocess.PIPE,
                stderr=log,
                stdin=subprocess.DEVNULL,
                env=self.environment,
                cwd=self.folder,
            )
        processes.own(self.process.pid)
        threading.Thread(target=self._read_lines, args=(self.process,), daemon=True).start()
        self._take_address(seconds)
        self.pid = self._find_pid()
        return self

    def _read_lines(self, process: subprocess.Popen) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            self._lines.put(line.decode(errors="replace").rstrip("\n"))
        self._lines.put("")  # the end

    def _take_address(self, seconds: float) -> None:
        try:
            line = self._lines.get(timeout=seconds)
        except queue.Empty:
            line = ""
        match = READY.search(line)
        assert match, f"the server did not say where it listens (said {line!r})\n{self.log_tail()}"
        self.url, self.port = match[1], int(match[2])

    def setup_link(self, seconds: float = 10) -> str:
        """The link that a server without users prints after its address; empty: it prints none."""
        try:
            return self._lines.get(timeout=seconds).rpartition(" ")[2]
        except queue.Empty:
            return ""

    def _find_pid(self) -> int:
        assert self.process is not None
        if not self.wrapper:
            return self.process.pid
        below = processes.descendants(self.process.pid)
        return next(process.pid for process in below if process.name == "holdfast")

    @property
    def client(self) -> Client:
        return Client("127.0.0.1", self.port)

    def add_user(self, name: str, password: str, *flags: str) -> None:
        """With the command for it, whether or not the server runs."""
        line = (password + "\n").encode()
        done = self.cli("user", "add", name, "--password-stdin", *flags, "--data", str(self.data), input=line)
        assert done.returncode == 0, done.stderr.decode()

    def log_in(self, name: str, password: str) -> Client:
        """A client whose requests are those of this user."""
        answer = self.client.log_in(name, password)
        assert answer.status == 200, answer
        return Client("127.0.0.1", self.port, answer.json()["access_token"])

    # Ending

    def kill9(self) -> None:
        """The whole server dies in an instant, as by the out-of-memory killer. Its workers are not
        touched."""
        assert self.process is not None
        os.kill(self.pid, signal.SIGKILL)
        self._gone()

    def term(self, seconds: float = DRAIN_SECONDS) -> int:
        """Asks it to drain; returns its exit code."""
        assert self.process is not None
        os.kill(self.pid, signal.SIGTERM)
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            tail = self.log_tail()
            self.kill9()
            raise AssertionError(f"SIGTERM did not end the server within {seconds} s\n{tail}") from None
        self._gone()
        return code

    def _gone(self) -> None:
        assert self.process is not None
        self.process.wait(30)
        processes.disown(self.process.pid)
        if self.process.stdout is not None:
            self.process.stdout.close()
        self.process, self._lines = None, queue.Queue()

    def restart(self) -> "Server":
        if self.process is not None:
            assert self.term() == 0, self.log_tail()
        return self.start()

    def stop(self) -> None:
        """The end of a test: drained, nothing left behind."""
        if self.process is not None and self.process.poll() is None:
            code = self.term()
            assert code == 0, f"SIGTERM must end in 0, not {code}\n{self.log_tail()}"
        elif self.process is not None:
            code = self.process.poll()
            self._gone()
            raise AssertionError(f"the server ended by itself with {code}\n{self.log_tail()}")
        self.assert_clean()

    def assert_clean(self) -> None:
        left = processes.wait_for_no_strays()
        assert not left, f"processes outlived the server: {left}"
        assert not self.leftovers(), f"left behind: {self.leftovers()}"

    def leftovers(self) -> list[str]:
        """Work folders, temporary files and anything in the data folder that is neither store nor file."""
        out = [str(path) for path in (self.folder / "tmp").rglob("*")]
        for name in ("staging", "work"):
            out += [str(path) for path in (self.data / name).glob("*")]
        return out

    # Looking

    def workers(self) -> list[processes.Process]:
        """Child processes, helpers of helpers as well."""
        return [process for process in processes.descendants(self.pid) if process.state != "Z"]

    def worker(self, name: str, seconds: float = 60, words: str = "") -> processes.Process:
        """Waits until a child process of that program's name is there, with `words` in its command line."""

        def find():
            return next(
                (one for one in self.workers() if one.name.startswith(name) and words in one.command), None
            )

        return until(find, seconds, 0.002, f"no worker {name}")

    def converter(self) -> processes.Process:
        """The ffmpeg that works on somebody's file, not the one that is tried out at the start."""
        return self.worker("ffmpeg", words=str(self.data / "files"))

    def log(self) -> str:
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def log_tail(self, lines: int = 40) -> str:
        return "log:\n" + "\n".join(self.log().splitlines()[-lines:])

    def cli(self, *words: str, seconds: float = 120, **options) -> subprocess.CompletedProcess:
        """Runs a command of the program against this server."""
        environment = self.environment | {"HOLDFAST_SERVER": self.url, "HOLDFAST_DATA": str(self.data)}
        environment |= options.pop("environment", {})
        return subprocess.run(
            [str(self.holdfast), *words],
            capture_output=True,
            timeout=seconds,
            env=environment,
            cwd=self.folder,
            **options,
        )

    def verify(self) -> list[dict]:
        """The violations that `holdfast verify` finds on the data folder."""
        done = self.cli("verify", "--data", str(self.data), "--json")
        assert done.returncode in (0, 15), f"verify ended in {done.returncode}: {done.stderr.decode()}"
        report = json.loads(done.stdout)
        assert report["ok"] == (not report["violations"]) == (done.returncode == 0)
        return report["violations"]

    def blobs(self) -> dict[str, Path]:
        """Every whole file in the data folder by its name."""
        return {path.name: path for path in (self.data / "files").glob("??/*")}

    def parts(self) -> list[Path]:
        """Bodies that are still coming in, or were left there."""
        return list((self.data / "staging").glob("*"))
