"""What Prometheus is told, and the alerts that it makes of it: with the real Prometheus, which scrapes a live server."""

import json
import re
import subprocess
import urllib.request
from pathlib import Path

import pytest

from harness import processes
from harness.endpoint import Endpoint
from harness.meminfo import FakeMemory
from harness.paths import CHECKOUT, peer
from harness.processes import free_port
from harness.sample import silent_wav
from harness.server import NO_WORK
from harness.waiting import until

DEPLOY = CHECKOUT / "deploy" / "prometheus"


def promtool(*words: str, given: bytes = b"") -> subprocess.CompletedProcess:
    return subprocess.run([peer("prometheus", "promtool"), *words], input=given, capture_output=True, cwd=DEPLOY, timeout=120)


def figures(server) -> dict[str, float]:
    """Every line of the page: name with labels, and value."""
    answer = server.client.get("/metrics")
    assert answer.status == 200, answer
    lines = [line for line in answer.body.decode().splitlines() if line and not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_FG_13_the_rules_are_right_and_fire_when_they_should():
    for words in (("check", "rules", "holdfast.rules.yml"), ("check", "config", "prometheus.yml"),
                  ("test", "rules", "holdfast.rules.test.yml")):
        done = promtool(*words)
        assert done.returncode == 0, done.stdout + done.stderr


def test_FR_8_the_page_keeps_the_conventions_and_counts_what_happened(make_server):
    server = make_server().start()
    sent = silent_wav(2)
    server.client.wait_completed(server.client.submit(sent))
    assert server.client.upload(b"").status == 400
    until(lambda: 'holdfast_service_up{service="store"}' in figures(server))

    page = figures(server)
    assert page['holdfast_items{state="completed"}'] == 1
    assert page['holdfast_upload_bytes_total{recipe="voicesync"}'] == len(sent)
    assert page['holdfast_uploads_refused_total{code="HF-UPL-08"}'] == 1
    assert page['holdfast_stage_attempts_total{outcome="completed",stage="convert"}'] == 1
    assert page['holdfast_items_total{outcome="completed",recipe="voicesync"}'] == 1
    assert page['holdfast_service_up{service="store"}'] == 1
    assert page["process_resident_memory_bytes"] > 1e6
    assert page['holdfast_http_request_duration_seconds_count{method="POST",route="/api/v1/items",status="201"}'] == 1
    checked = promtool("check", "metrics", given=server.client.get("/metrics").body)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_FG_13_a_server_that_never_ended_anything_has_the_series_that_its_alert_looks_at(make_server):
    page = figures(make_server(NO_WORK).start())

    for stage in ("convert", "transcribe", "generate"):
        assert page[f'holdfast_stage_attempts_total{{outcome="completed",stage="{stage}"}}'] == 0


def test_FR_7_no_name_of_a_file_or_item_is_on_the_page(make_server):
    server = make_server().start()
    item = server.client.submit(silent_wav(2), name="canary-7261.wav", key="canary-7262")
    server.client.wait_completed(item)
    server.client.get(f"/api/v1/items/{item}/transcript.srt")
    server.client.get("/canary-7263")

    page = server.client.get("/metrics").body.decode()

    assert "canary" not in page and item not in page


class Prometheus:
    """A real one on a free port, with our rules but shorter times, so that nobody waits five minutes."""

    def __init__(self, folder: Path, server_port: int):
        rules = (DEPLOY / "holdfast.rules.yml").read_text()
        rules = re.sub(r"for: \w+", "for: 1s", rules)
        rules = rules.replace("[5m]", "[8s]").replace("[15m]", "[8s]").replace("offset 15m", "offset 8s").replace("[1h]", "[1m]").replace("2e9", "1e18")
        (folder / "rules.yml").write_text(rules)
        (folder / "prometheus.yml").write_text(
            "global: {evaluation_interval: 1s}\n"
            f"rule_files: [{folder / 'rules.yml'}]\n"
            "scrape_configs:\n  - job_name: holdfast\n    scrape_interval: 1s\n"
            f'    static_configs: [{{targets: ["127.0.0.1:{server_port}"]}}]\n'
        )
        self.port = free_port()
        self.log = (folder / "prometheus.log").open("wb")
        self.process = subprocess.Popen(
            [peer("prometheus", "prometheus"), f"--config.file={folder / 'prometheus.yml'}",
             f"--storage.tsdb.path={folder / 'data'}", f"--web.listen-address=127.0.0.1:{self.port}"],
            stdout=self.log, stderr=self.log, cwd=folder)
        processes.own(self.process.pid)

    def firing(self) -> set[str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/v1/alerts", timeout=10) as answer:
                alerts = json.load(answer)["data"]["alerts"]
        except OSError:
            return set()  # not up yet
        return {alert["labels"]["alertname"] for alert in alerts if alert["state"] == "firing"}

    def until_fires(self, alert: str, cause=lambda: None, every: float = 0.2) -> None:
        """Repeats the cause: a rate is seen only of what goes on happening."""
        until(lambda: cause() or alert in self.firing(), 120, every, why=f"{alert} fires")

    def until_clears(self, alert: str) -> None:
        until(lambda: alert not in self.firing(), 120, why=f"{alert} clears")

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(30)
        processes.disown(self.process.pid)
        self.log.close()


@pytest.fixture
def watched(make_server, tmp_path):
    """A server without FFmpeg and with a memory of the test's own, and a Prometheus that watches it."""
    memory = FakeMemory(tmp_path)
    server = make_server(NO_WORK | memory.settings).start()
    prometheus = Prometheus(tmp_path, server.port)
    yield server, memory, prometheus
    prometheus.close()


@pytest.mark.slow
def test_FG_13_alerts_fire_and_clear_in_a_real_prometheus(watched):
    server, memory, prometheus = watched
    prometheus.until_fires("HoldfastServiceDown")  # FFmpeg is not there
    prometheus.until_fires("HoldfastDiskReserveLow")  # the mark was set above every disk

    memory.set(5)
    prometheus.until_fires("HoldfastWorkPaused")
    prometheus.until_fires("HoldfastUploadsRefused")
    refused: list[int] = []
    prometheus.until_fires("HoldfastErrorRateHigh", lambda: refused.append(server.client.upload(silent_wav(1)).status))
    assert set(refused) == {503}
    memory.set(80)
    for alert in ("HoldfastWorkPaused", "HoldfastUploadsRefused", "HoldfastErrorRateHigh"):
        prometheus.until_clears(alert)

    items = [server.client.submit(silent_wav(1)) for _ in range(101)]
    prometheus.until_fires("HoldfastQueueLong")
    prometheus.until_fires("HoldfastNoProgress")
    for item in items:
        server.client.request("POST", f"/api/v1/items/{item}/cancel")
    prometheus.until_clears("HoldfastQueueLong")
    prometheus.until_clears("HoldfastNoProgress")

    server.kill9()
    prometheus.until_fires("HoldfastDown")


@pytest.mark.slow
def test_FG_13_failing_models_and_dead_letters_raise_alerts(make_server, tmp_path, samples):
    endpoint = Endpoint()
    endpoint.spoil = lambda request: (200, b'{"choices":[{"message":{"content":"no JSON"}}]}')
    server = make_server({"HOLDFAST_LANGUAGE_URL": endpoint.url}).start()
    prometheus = Prometheus(tmp_path, server.port)
    try:
        sent: list[str] = []
        words = samples.sentence().read_bytes()
        prometheus.until_fires(
            "HoldfastModelFailureRateHigh", lambda: sent.append(server.client.submit(words, recipe="introductions")), 2
        )
        for _ in range(8):
            server.client.submit(samples.truncated_video().read_bytes())
        prometheus.until_fires("HoldfastDeadLettersGrowing")
        prometheus.until_clears("HoldfastModelFailureRateHigh")
        prometheus.until_clears("HoldfastDeadLettersGrowing")
    finally:
        prometheus.close()
        endpoint.close()
