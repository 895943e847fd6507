"""Whoever watches the server: systemd's notify protocol, its unit, and a real supervisord."""

import os
import re
import signal
import socket
import sqlite3
import subprocess
from http.client import HTTPConnection
from pathlib import Path

import pytest

from harness import processes
from harness.client import Client
from harness.paths import CHECKOUT, peer, program
from harness.processes import free_port
from harness.sample import silent_wav
from harness.server import scratch_environment
from harness.waiting import until

UNIT = CHECKOUT / "deploy" / "systemd" / "holdfast.service"


class Manager:
    """Stands in for systemd: the socket to which the server tells how it is."""

    def __init__(self, folder: Path):
        self.path = folder / "notify"
        self.line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.line.bind(str(self.path))
        self.line.settimeout(60)

    def hear(self) -> str:
        return self.line.recv(4096).decode()

    def hear_until(self, wanted: str) -> list[str]:
        heard = [self.hear()]
        while heard[-1] != wanted:
            heard.append(self.hear())
        return heard

    def settings(self, watchdog_seconds: int) -> dict[str, str]:
        return {"NOTIFY_SOCKET": str(self.path), "WATCHDOG_USEC": str(watchdog_seconds * 1_000_000)}


def test_VS_4_systemd_is_told_when_it_is_ready_alive_and_stopping(make_server, tmp_path):
    manager = Manager(tmp_path)
    server = make_server(manager.settings(watchdog_seconds=3)).start()

    assert manager.hear_until("READY=1") == ["READY=1"], "nothing is said before it can take an upload"
    server.client.submit(silent_wav(1))
    manager.hear_until("WATCHDOG=1")
    manager.hear_until("WATCHDOG=1")
    assert re.fullmatch(r"STATUS=Ready\. \d+ working, \d+ waiting\.", manager.hear())
    server.term()
    manager.hear_until("STOPPING=1")


def test_VS_4_a_start_that_finds_its_address_taken_gives_back_what_it_had_begun(make_server, samples):
    server = make_server().start()
    item = server.client.submit(samples.chapters(2).read_bytes())
    until(lambda: server.client.item(item)["stage"] == "stt", 120, 0.01)
    server.worker("holdfast-stt")
    server.kill9()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        done = server.cli("serve", "--single-user", "--data", str(server.data), "--listen", address, seconds=60)

    said = done.stderr.decode()
    assert done.returncode == 1 and b"listening" not in done.stdout
    assert said.splitlines()[-1] == f"holdfast: cannot listen on {address}: Address already in use [HF-SRV-01]"
    events = [line.split(" ", 3)[2] for line in said.splitlines()[:-1]]
    assert events.index("did_not_start") < events.index("drained")
    with sqlite3.connect(f"file:{server.data / 'holdfast.db'}?mode=ro", uri=True) as store:
        held = store.execute("SELECT id FROM queue_items WHERE lease_node IS NOT NULL").fetchall()
    assert held == [], "it is left with a dead server"
    server.assert_clean()
    server.start()
    server.client.wait_completed(item)


def test_VS_4_a_server_that_is_stopped_gives_no_sign_of_life(make_server, tmp_path):
    manager = Manager(tmp_path)
    server = make_server(manager.settings(watchdog_seconds=3)).start()
    manager.hear_until("WATCHDOG=1")

    os.kill(server.pid, signal.SIGSTOP)
    try:
        manager.line.settimeout(4)  # more than the watchdog time: by now systemd would have ended it
        with pytest.raises(TimeoutError):
            while True:
                manager.hear()
    finally:
        os.kill(server.pid, signal.SIGCONT)
    manager.line.settimeout(60)
    manager.hear_until("WATCHDOG=1")


def test_VS_4_the_unit_is_right_and_confines_what_it_starts(tmp_path):
    unit = tmp_path / "holdfast.service"
    unit.write_text(UNIT.read_text().replace("/usr/local/bin/holdfast", str(program("holdfast"))))

    checked = subprocess.run(["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True, timeout=60)
    rated = subprocess.run(["systemd-analyze", "security", "--offline=true", "--threshold=25", unit],
                           capture_output=True, text=True, timeout=60)

    assert checked.returncode == 0 and "holdfast" not in checked.stderr, checked.stderr
    assert rated.returncode == 0, rated.stdout


@pytest.fixture
def supervised(tmp_path):
    """A supervisord that runs our server with the program section that we ship."""
    port = free_port()
    shipped = (CHECKOUT / "deploy" / "supervisord" / "holdfast.conf").read_text()
    environment = scratch_environment(tmp_path) | {"HOLDFAST_DATA": str(tmp_path / "data")}
    words = ",".join(f'{name}="{value}"' for name, value in environment.items())
    section = re.sub(r"(?m)^command=.*", f"command={program('holdfast')} serve --single-user --listen 127.0.0.1:{port}", shipped)
    section = re.sub(r"(?m)^environment=.*", f"environment={words}", section)
    section = re.sub(r"(?m)^(user=.*|stdout_logfile=.*)\n", "", section)
    configuration = tmp_path / "supervisord.conf"
    configuration.write_text(f"[supervisord]\nnodaemon=true\nlogfile={tmp_path}/supervisord.log\npidfile={tmp_path}/pid\n{section}")
    packages = peer("supervisor", "supervisord").parents[1] / "lib" / "python3" / "dist-packages"
    process = subprocess.Popen(
        ["/usr/bin/python3", "-c", "from supervisor.supervisord import main; main()", "-c", configuration],
        env=os.environ | {"PYTHONPATH": str(packages)}, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    processes.own(process.pid)
    yield process, Client("127.0.0.1", port)
    process.terminate()
    process.wait(60)
    processes.disown(process.pid)
    assert processes.wait_for_no_strays() == []


def answers(client: Client) -> bool:
    line = HTTPConnection(client.host, client.port, timeout=5)
    try:
        line.request("GET", "/readyz")
        return line.getresponse().status == 200
    except OSError:
        return False
    finally:
        line.close()


def test_VS_4_a_killed_server_is_started_again_and_goes_on(supervised):
    process, client = supervised
    until(lambda: answers(client))
    item = client.submit(silent_wav(2))
    victim = next(child for child in processes.descendants(process.pid) if child.name == "holdfast")

    os.kill(victim.pid, signal.SIGKILL)

    until(lambda: not processes.is_alive(victim.pid))
    until(lambda: answers(client))
    assert client.wait_completed(item)["status"] == "completed"


def test_VS_4_what_is_installed_runs_without_the_checkout(tmp_path):
    installed = subprocess.run([CHECKOUT / "deploy" / "install.sh", tmp_path / "prefix"], capture_output=True, text=True, timeout=120)
    assert installed.returncode == 0, installed.stderr
    models = tmp_path / "prefix" / "share" / "holdfast" / "models"
    environment = scratch_environment(tmp_path) | {"HOLDFAST_DATA": str(tmp_path / "data"), "HOLDFAST_MODELS_DIR": str(models)}

    seen = subprocess.run([tmp_path / "prefix" / "bin" / "holdfast", "doctor"], env=environment, cwd=tmp_path,
                          capture_output=True, text=True, timeout=120)

    assert seen.returncode == 0, seen.stdout + seen.stderr
    assert str(models) in seen.stdout
