"""Models are really asked something to know that they work: at the start, after a failure, now and again."""

import json
import os
import shutil
import signal
import threading
from pathlib import Path

import pytest

from harness.paths import program
from harness.recipes import quick_recipes
from harness.waiting import until

BASE = "/api/failure-recovery"
QUICK = {"HOLDFAST_ENGINE_PROBE_EVERY": "500 ms", "HOLDFAST_CAPACITY_THREADS": "1"}
#: Says that it is ready, and answers whatever it is asked with nonsense.
BABBLER = """#!/usr/bin/python3
import json, socket, struct
line = socket.socket(fileno=3)
def say(frame):
    body = json.dumps(frame).encode()
    line.sendall(struct.pack(">I", len(body)) + body)
say({"type": "ready", "engine": "babbler", "load_ms": 1})
while True:
    size = struct.unpack(">I", line.recv(4, socket.MSG_WAITALL))[0]
    asked = json.loads(line.recv(size, socket.MSG_WAITALL))
    say({"type": "finished", "id": asked["id"], "body": {"language": "\\u0001", "text": "{", "language_probability": 7}})
"""


@pytest.fixture
def configured(make_server, tmp_path):
    """Makes a server whose models are asked, with a configuration file."""

    def make(text: str = "", every: str = "1 h", **options):
        path = tmp_path / "holdfast.toml"
        path.write_text(text)
        settings = {"HOLDFAST_CONFIG": str(path), "HOLDFAST_ENGINE_INFERENCE_EVERY": every}
        return make_server(QUICK | settings, **options)

    return make


def worker(server, kind: str) -> dict:
    return next(one for one in server.client.json("/api/v1/status")["workers"] if one["kind"] == kind)


def service(server, name: str) -> dict:
    return server.client.json(f"{BASE}/services/{name}")


def look(server, name: str) -> None:
    assert server.client.request("POST", f"{BASE}/services/{name}/probe").status == 200


def test_FR_4_models_are_asked_at_the_start_and_no_memory_is_kept_for_it(configured):
    server = configured().start()
    for kind in ("speech", "language"):
        until(lambda: (worker(server, kind)["inference_ms"] or {}).get("count"), 120, 0.1, f"{kind} was not asked")
        until(lambda: service(server, kind)["state"] == "up", 60, 0.1, f"{kind} is not up")
        look(server, kind)
        asked = worker(server, kind)
        assert asked["inference_ms"]["count"] == 1, "and not again at each look"
        assert asked["inference_ms"]["p50"] > 0 and asked["inference_ms"]["p99"] >= asked["inference_ms"]["p50"]
        assert asked["state"] == "stopped" and asked["pid"] == 0
    until(
        lambda: not [one for one in server.workers() if one.name.startswith("holdfast-")], 30, 0.05, "models are kept"
    )


def test_FR_4_the_embedding_model_is_looked_at_and_not_loaded_while_nobody_uses_it(make_server, tmp_path):
    recipes = quick_recipes(tmp_path / "recipes")
    shutil.rmtree(recipes / "fragrance")  # the one that compares meanings
    settings = {"HOLDFAST_RECIPES_DIR": str(recipes), "HOLDFAST_ENGINE_INFERENCE_EVERY": "100 ms"}
    server = make_server(QUICK | settings).start()
    until(lambda: service(server, "embedding")["state"] == "up", 120, 0.1, "not up")
    for _ in range(3):
        look(server, "embedding")
    told = worker(server, "embedding")
    assert told["state"] == "stopped" and told["pid"] == 0 and told["inference_ms"] is None, told
    assert told["runs"] == "all-minilm-l6-v2-f16"
    assert server.client.json("/health")["checks"]["embedding"][0]["status"] == "pass"
    assert server.client.json("/health/models/embedding")["status"] == "up"


def test_FR_4_an_embedding_model_that_is_missing_is_told_and_nothing_else_waits_for_it(configured, samples, tmp_path):
    models = tmp_path / "some"
    models.mkdir()
    folder = Path(os.environ.get("HOLDFAST_MODELS_DIR", Path.home() / ".cache/holdfast/models"))
    for file in folder.glob("*"):
        if "MiniLM" not in file.name:
            (models / file.name).symlink_to(file)
    server = configured(f'[models]\ndir = "{models}"\nfetch = false\n').start()
    until(lambda: service(server, "embedding")["state"] == "down", 120, 0.1, "not down")
    down = service(server, "embedding")
    assert down["code"] == "HF-EMB-05" and "holdfast models pull all-minilm-l6-v2-f16" in down["message"], down
    item = server.client.submit(samples.sentence(1).read_bytes(), recipe="voicesync")
    server.client.wait_completed(item)
    doctor = server.cli("doctor", "--json", environment={"HOLDFAST_MODELS_DIR": str(models)})
    (check,) = [one for one in json.loads(doctor.stdout)["checks"] if one["name"] == "model all-minilm-l6-v2-f16"]
    assert check["state"] == "warn", check


@pytest.mark.parametrize(
    "kind, name, code, recipe",
    [("speech", "holdfast-stt", "HF-ENG-09", "voicesync"), ("language", "holdfast-llm", "HF-LLM-06", "introductions")],
)
def test_FR_4_a_model_that_loads_and_answers_nonsense_is_down_and_work_waits(
    configured, samples, tmp_path, kind, name, code, recipe
):
    programs = tmp_path / "programs"
    programs.mkdir()
    for each in ("holdfast", "holdfast-confine", "holdfast-stt", "holdfast-llm"):
        shutil.copy(program(each), programs / each)
    (programs / name).write_text(BABBLER)
    server = configured(holdfast=programs / "holdfast").start()
    until(lambda: service(server, kind)["state"] == "down", 120, 0.1, "not down")
    down = service(server, kind)
    assert down["code"] == code and "asked something small" in down["message"], down
    assert "models verify" in down["what_to_do"]
    item = server.client.submit(samples.sentence(1).read_bytes(), recipe=recipe)
    until(lambda: server.client.item(item)["held_for"] == code, 120, 0.1, "it does not wait")
    assert server.client.item(item)["retry_count"] == 0, "uncharged"
    assert server.client.json("/health")["status"] == "warn"

    shutil.copy(program(name), programs / "right")
    (programs / "right").rename(programs / name)

    server.client.wait_completed(item)
    until(lambda: service(server, kind)["state"] == "up", 60, 0.1, "not up again")
    assert [entry["what"] for entry in service(server, kind)["history"]] == ["down", "up"]


def test_FR_4_a_worker_that_is_stopped_during_the_probe_is_down_and_back_and_the_breaker_hopes(configured, samples):
    server = configured(
        '[engine]\ninference_max = "15 s"\n'
        '[services.speech]\nmisses = 1\nfailures_in_a_row = 1\nopen_for = "1 h"\nopen_max = "1 h"\n',
        every="100 ms",
    ).start()

    def breaker() -> str:
        return service(server, "speech")["breaker"]["state"]

    def killed_at_work() -> bool:
        busy = worker(server, "speech")
        if busy["state"] == "busy" and busy["pid"]:
            os.kill(busy["pid"], signal.SIGKILL)
        return breaker() == "open"

    item = server.client.submit(samples.chapters(2).read_bytes(), recipe="voicesync")
    until(killed_at_work, 120, 0.05, "the breaker did not open")
    until(lambda: service(server, "speech")["state"] == "up", 120, 0.1, "not up")

    def down() -> bool:
        looking = threading.Thread(target=look, args=(server, "speech"))
        looking.start()
        while looking.is_alive():
            asked = worker(server, "speech")
            if asked["state"] == "checking" and asked["pid"]:
                os.kill(asked["pid"], signal.SIGSTOP)
                break
        looking.join()
        return service(server, "speech")["state"] == "down"

    until(down, 120, 0.1, "not found down")
    assert service(server, "speech")["code"] == "HF-ENG-03"
    assert breaker() == "open", "resting for an hour"

    until(lambda: service(server, "speech")["state"] == "up", 120, 0.2, "not back")
    server.client.wait_completed(item)
    assert "half_open" in [entry["what"] for entry in service(server, "speech")["history"]], "tried at once"
    assert server.verify() == []


def test_FR_4_LAB_6_a_worker_at_work_is_not_asked(configured, samples):
    server = configured(every="100 ms").start()
    until(lambda: worker(server, "speech")["inference_ms"], 120, 0.1, "not asked")
    item = server.client.submit(samples.chapters(3).read_bytes(), recipe="voicesync")
    until(lambda: worker(server, "speech")["state"] == "busy", 120, 0.05, "not at work")
    before = worker(server, "speech")
    look(server, "speech")
    after = worker(server, "speech")
    if after["item"] == item:
        assert after["inference_ms"]["count"] == before["inference_ms"]["count"] and after["pid"] == before["pid"]
    assert service(server, "speech")["state"] == "up"
    server.client.wait_completed(item)
