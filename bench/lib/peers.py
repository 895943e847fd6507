"""The durable peers, started on free loopback ports with the settings that make each step durable."""
import atexit
import contextlib
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import threading
import time

_running: list[subprocess.Popen] = []


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def stop_all() -> None:
    for process in _running:
        if process.poll() is None:
            process.terminate()
            process.wait(10)
    _running.clear()


atexit.register(stop_all)


class Beanstalk:
    """One connection; put, reserve and delete are each flushed by the server (-f0) before it answers."""

    def __init__(self, port: int):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.file = self.socket.makefile("rb")

    def ask(self, request: bytes) -> list[bytes]:
        self.socket.sendall(request)
        return self.file.readline().split()

    def cycle(self, body: bytes) -> None:
        self.ask(b"put 100 0 60 %d\r\n%s\r\n" % (len(body), body))
        _, number, size = self.ask(b"reserve\r\n")
        self.file.read(int(size) + 2)
        self.ask(b"delete %s\r\n" % number)


def beanstalkd(seconds: float, clients: int) -> float | None:
    """Life cycles per second, or None where beanstalkd is not installed."""
    program = shutil.which("beanstalkd")
    if not program:
        return None
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        process = subprocess.Popen([program, "-l", "127.0.0.1", "-p", str(port), "-b", folder, "-f0"])
        _running.append(process)
        time.sleep(0.3)
        counts = [0] * clients
        end = time.monotonic() + seconds

        def client(at: int) -> None:
            connection = Beanstalk(port)
            while time.monotonic() < end:
                connection.cycle(b"x" * 300)
                counts[at] += 1

        threads = [threading.Thread(target=client, args=(at,)) for at in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        stop_all()
        return sum(counts) / seconds


@contextlib.contextmanager
def redis():
    """The port of a redis-server that keeps everything in memory; None where it is not installed."""
    program = shutil.which("redis-server")
    if not program:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="holdfast-bench-") as folder:
        port = free_port()
        process = subprocess.Popen([program, "--bind", "127.0.0.1", "--port", str(port), "--dir", folder, "--save", "", "--appendonly", "no"],
                                   stdout=subprocess.DEVNULL)
        _running.append(process)
        try:
            for _ in range(500):
                try:
                    socket.create_connection(("127.0.0.1", port)).close()
                    break
                except OSError:
                    time.sleep(0.01)
            yield port
        finally:
            process.terminate()
            process.wait(10)
            _running.remove(process)


PG_CYCLE = """INSERT INTO jobs(body) VALUES (repeat('x', 300));
UPDATE jobs SET state = 1 WHERE id = (SELECT id FROM jobs WHERE state = 0 ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED);
DELETE FROM jobs WHERE id = (SELECT id FROM jobs WHERE state = 1 ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED);
"""


def postgres(seconds: float, clients: int) -> float | None:
    """Life cycles per second of the SKIP LOCKED pattern, each statement its own durable commit; None without PostgreSQL."""
    homes = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin")) if pathlib.Path("/usr/lib/postgresql").is_dir() else []
    if not homes or not (homes[-1] / "pgbench").exists():
        return None
    home = homes[-1]
    run_as = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
    folder = pathlib.Path(tempfile.mkdtemp(prefix="holdfast-bench-pg-"))
    try:
        if run_as:
            shutil.chown(folder, "postgres", "postgres")
        data, port, script = folder / "data", free_port(), folder / "cycle.sql"
        script.write_text(PG_CYCLE)
        script.chmod(0o644)
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "check": True, "cwd": "/"}
        subprocess.run([*run_as, home / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "-E", "UTF8", "--locale=C"], **quiet)
        settings = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=80"
        subprocess.run([*run_as, home / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", settings, "start"], **quiet)
        try:
            at = ["-h", "127.0.0.1", "-p", str(port), "-U", "postgres", "-d", "postgres"]
            table = "CREATE TABLE jobs(id bigserial PRIMARY KEY, state int NOT NULL DEFAULT 0, body text);" \
                    "CREATE INDEX ON jobs(state, id)"
            subprocess.run([home / "psql", *at, "-q", "-c", table], **quiet)
            out = subprocess.run([home / "pgbench", *at, "-n", "-f", script, "-c", str(clients), "-j", "2", "-T", str(int(max(seconds, 1)))],
                                 capture_output=True, text=True, check=True, cwd="/").stdout
            return next(float(line.split()[2]) for line in out.splitlines() if line.startswith("tps"))
        finally:
            subprocess.run([*run_as, home / "pg_ctl", "-D", data, "-m", "immediate", "stop"], **quiet)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
