"""A part that fails is left alone and comes back by itself: real endpoints and services that are broken and mended."""

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from harness.endpoint import Endpoint
from harness.waiting import until

BASE = "/api/failure-recovery"
#: Held jobs are looked after often.
QUICK = {"HOLDFAST_ENGINE_PROBE_EVERY": "500 ms"}
MISTRAL = "language%2Fmistral"


@pytest.fixture
def endpoint():
    made = Endpoint()
    yield made
    made.close()


@pytest.fixture
def configured(make_server, tmp_path):
    """Makes a server with a configuration file."""

    def make(text: str, settings: dict[str, str] | None = None):
        path = tmp_path / "holdfast.toml"
        path.write_text(text)
        return make_server(QUICK | {"HOLDFAST_CONFIG": str(path)} | (settings or {}))

    return make


def breaker(server, name: str = MISTRAL) -> dict:
    return server.client.json(f"{BASE}/circuit-breakers/{name}")


def history(server, name: str = MISTRAL) -> list[str]:
    return [entry["what"] for entry in server.client.json(f"{BASE}/services/{name}")["history"]]


def act(server, path: str) -> dict:
    answer = server.client.request("POST", BASE + path)
    assert answer.status == 200, answer.body
    return answer.json()


def submit(server, samples, count: int) -> list[str]:
    content = samples.sentence(1).read_bytes()
    return [
        server.client.submit(content, name=f"{i}.wav", key=f"key-{i}", recipe="introductions") for i in range(count)
    ]


def held(server, items: list[str]) -> list[str]:
    return [item for item in items if server.client.item(item)["held_for"] == "HF-SVC-01"]


def failures(server, items: list[str]) -> int:
    """Attempts that were charged."""
    return sum(
        event["type"] in ("stage.failed", "job.dead") for item in items for event in server.client.audit(item)
    )


@pytest.mark.parametrize("status, body", [(500, b"{}"), (200, b"not JSON"), (200, b'{"choices":[]}')])
def test_FR_5_a_sick_endpoint_rests_and_work_waits_uncharged(configured, samples, endpoint, status, body):
    sick = threading.Event()
    sick.set()
    spoiled = []

    def spoil(request):
        if not sick.is_set():
            return None
        spoiled.append(request)
        return status, body

    endpoint.spoil = spoil
    server = configured(
        '[services.language]\nopen_for = "2 s"\nopen_max = "2 s"\n', {"HOLDFAST_LANGUAGE_URL": endpoint.url}
    ).start()
    items = submit(server, samples, 5)
    until(lambda: held(server, items), 120, 0.05, "nobody waits")
    seen = server.client.json("/api/v1/status")["services"]
    health = server.client.json("/health")

    sick.clear()

    for item in items:
        server.client.wait_completed(item)
    states = {service["name"]: (service["breaker"] or {}).get("state") for service in seen}
    assert states["language/mistral"] in ("open", "half_open"), states
    assert states["speech"] == "closed" and states["store"] is None
    assert health["checks"]["language/mistral"][0]["status"] == "warn"
    assert failures(server, items) == len(spoiled), "only what really failed was charged"
    assert len(spoiled) <= 5, "the endpoint was not stormed"
    assert history(server)[:2] == ["up", "open"] or "open" in history(server)
    until(lambda: breaker(server)["state"] == "closed", 60, 0.1, "not closed again")
    assert "breaker service=language/mistral state=open" in server.log()


def test_FR_5_busy_with_a_time_is_waited_for_and_never_opens(configured, samples, endpoint):
    busy = [(429, b"{}", {"Retry-After": "1"})] * 3
    endpoint.spoil = lambda request: busy.pop() if busy else None
    server = configured("", {"HOLDFAST_LANGUAGE_URL": endpoint.url}).start()
    items = submit(server, samples, 4)
    until(lambda: breaker(server)["gated_until"], 120, 0.02, "no gate")
    for item in items:
        server.client.wait_completed(item)
        assert {stage["attempts"] for stage in server.client.item(item)["stages"]} == {1}, "nothing was charged"
    assert "open" not in history(server) and "gated" in history(server)
    assert failures(server, items) == 0


def test_FR_5_an_open_breaker_survives_a_kill_and_is_reset_by_hand(configured, samples, endpoint):
    sick = threading.Event()
    sick.set()
    endpoint.spoil = lambda request: (500, b"{}") if sick.is_set() else None
    server = configured(
        '[services.language]\nopen_for = "1 h"\nopen_max = "1 h"\n', {"HOLDFAST_LANGUAGE_URL": endpoint.url}
    ).start()
    items = submit(server, samples, 5)
    until(lambda: held(server, items), 120, 0.05, "nobody waits")
    before = breaker(server)
    until(lambda: "open" in history(server), 60, 0.05, "no history")

    server.kill9()
    sick.clear()
    server.start()

    after = breaker(server)
    assert after["state"] == "open" and after["openings_in_a_row"] == 1
    assert after["last_failure"] == "HF-LLM-01" == before["last_failure"]
    assert "open" in history(server)
    asked = len(endpoint.requests)
    until(lambda: len(held(server, items)) >= 2, 120, 0.05, "no longer held")
    assert len(endpoint.requests) == asked, "nobody asks while it rests"

    assert act(server, f"/circuit-breakers/{MISTRAL}/reset")["state"] == "closed"

    for item in items:
        server.client.wait_completed(item)


def test_FR_5_a_part_is_kept_out_of_work_and_let_in_by_hand(configured, samples):
    server = configured("").start()
    assert act(server, "/circuit-breakers/ffmpeg/open")["by_hand"]
    item = server.client.submit(samples.sentence(1).read_bytes(), recipe="voicesync")
    until(lambda: held(server, [item]), 60, 0.05, "it does not wait")
    assert server.client.item(item)["error"]["code"] == "HF-SVC-01"
    server.kill9()
    server.start()
    assert breaker(server, "ffmpeg")["by_hand"], "an operator's word outlives the process"
    act(server, "/circuit-breakers/ffmpeg/close")
    server.client.wait_completed(item)


def test_FR_6_names_that_are_not_there_change_nothing(configured):
    server = configured("").start()
    for path in ("circuit-breakers/nobody", "circuit-breakers/store", "services/nobody"):
        answer = server.client.get(f"{BASE}/{path}")
        assert answer.status == 404 and answer.code == "HF-SVC-02"
    for name in ("nobody", "store", "%2e%2e%2fffmpeg"):
        for action in ("reset", "open", "close"):
            assert server.client.request("POST", f"{BASE}/circuit-breakers/{name}/{action}").status == 404


# Services that are only looked at


class Site:
    """An HTTP server whose answer can be changed."""

    def __init__(self):
        site = self
        self.status = 200

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(site.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/ready"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def test_FR_4_any_service_is_looked_at_down_and_back(configured, tmp_path):
    site, listener, flag = Site(), socket.create_server(("127.0.0.1", 0)), tmp_path / "flag"
    port = listener.getsockname()[1]
    flag.touch()
    server = configured(
        f'[services.site]\nkind = "http"\nurl = "{site.url}"\nevery = "200 ms"\n'
        f'[services.db]\npreset = "postgresql"\naddress = "127.0.0.1:{port}"\nevery = "200 ms"\n'
        f'[services.flag]\nkind = "command"\ncommand = ["test", "-e", "{flag}"]\nevery = "200 ms"\n'
    ).start()
    names = ("site", "db", "flag")

    def states() -> list[str]:
        found = server.client.json(f"{BASE}/health")["services"]
        return [next(s["state"] for s in found if s["name"] == name) for name in names]

    until(lambda: states() == ["up"] * 3, 60, 0.05, "not up")
    site.status = 500
    listener.close()
    flag.unlink()
    until(lambda: states() == ["down"] * 3, 60, 0.05, "not down")
    health = server.client.json("/health")
    assert health["status"] == "warn", "uploads are taken all the same"
    assert health["checks"]["site"][0]["code"] == "HF-SVC-04"
    assert "status 500" in health["checks"]["site"][0]["message"]
    site.status = 200
    listener = socket.create_server(("127.0.0.1", port))
    flag.touch()
    until(lambda: states() == ["up"] * 3, 60, 0.05, "not up again")
    for name in names:
        detail = server.client.json(f"{BASE}/services/{name}")
        assert [entry["what"] for entry in detail["history"]] == ["up", "down", "up"]
        assert detail["probe_ms"]["count"] >= 4 and detail["breaker"] is None
    server.restart()
    until(lambda: states() == ["up"] * 3, 60, 0.05, "not up after the restart")
    assert history(server, "db")[:3] == ["up", "down", "up"], "what was seen is kept"
    listener.close()
    site.close()


def test_FG_12_health_of_one_model(configured, endpoint):
    server = configured("", {"HOLDFAST_LANGUAGE_URL": endpoint.url}).start()
    until(lambda: server.client.json("/health/models/mistral")["status"] == "up", 60, 0.1, "not up")
    model = server.client.json("/health/models/mistral")
    assert model["last_check"] and model["error"] is None and model["latency_ms"] >= 0
    endpoint.close()
    act(server, "/services/language/probe")
    act(server, "/services/language/probe")
    model = server.client.json("/health/models/mistral")
    assert model["status"] == "down" and model["error"]["code"] == "HF-LLM-01"
    assert server.client.get("/health/models/nobody").status == 404


def test_a_mistake_in_a_service_is_told_with_its_place(configured):
    server = configured('[services.qdrant]\npreset = "qdrant"\nevry = "1 s"\n')
    done = server.cli("config", "check", "--json")
    assert done.returncode != 0
    text = json.dumps(json.loads(done.stdout or done.stderr))
    assert "holdfast.toml:3:1: unknown key services.qdrant.evry; did you mean every?" in text
