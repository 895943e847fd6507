"""Speech, introductions and memories in modes: what was asked for is done and no more, what is less says so, and the
rest can be had later. The real speech models; the language model is an endpoint of ours."""

import json
import re
import shutil
from urllib.parse import urlencode

import pytest

from harness.endpoint import Endpoint
from harness.paths import program
from harness.waiting import until
from test_memory_ladder import FOLDER, LARGE, SETTINGS as ONE_THREAD, SMALL


@pytest.fixture(scope="module")
def endpoint():
    made = Endpoint()
    yield made
    made.close()


@pytest.fixture(scope="module")
def server(make_module_server, endpoint):
    return make_module_server({"HOLDFAST_LANGUAGE_URL": endpoint.url, "HOLDFAST_ENGINE_PROBE_EVERY": "200 ms"}).start()


class Memory:
    """The programs, with a holdfast-confine that, while memory is `short`, has the larger speech model die as its engine
    dies of that. (Real limits of memory: test_memory_ladder.)"""

    def __init__(self, folder):
        self.programs = folder / "programs"
        self.programs.mkdir()
        self.sign = folder / "short"
        for name in ("holdfast", "holdfast-stt", "holdfast-llm"):
            shutil.copy(program(name), self.programs / name)
        confine = self.programs / "holdfast-confine"
        confine.write_text(
            "#!/bin/sh\n"
            f'case "$*" in *{LARGE}*) if [ -e {self.sign} ]; then\n'
            '  echo "ggml_aligned_malloc: insufficient memory" >&2; kill -ABRT $$; fi;; esac\n'
            f'exec {program("holdfast-confine")} "$@"\n'
        )
        confine.chmod(0o755)
        self.holdfast = self.programs / "holdfast"

    def short(self, yes: bool) -> None:
        self.sign.touch() if yes else self.sign.unlink()


@pytest.fixture
def memory(tmp_path) -> Memory:
    if not (FOLDER / SMALL).exists():
        pytest.skip(f"{SMALL} is not in {FOLDER}: run scripts/setup/models.sh")
    made = Memory(tmp_path)
    made.short(True)
    return made


def send(server, samples, number: int, recipe: str, mode: str = ""):
    """Raw, with the mode in the query."""
    query = {"recipe": recipe, "name": "memo.wav"} | ({"mode": mode} if mode else {})
    content = samples.sentence(number).read_bytes()
    kind = {"Content-Type": "application/octet-stream"}
    return server.client.request("POST", "/api/v1/items?" + urlencode(query), content, kind)


def sent(server, samples, number: int, recipe: str, mode: str = "") -> dict:
    answer = send(server, samples, number, recipe, mode)
    assert answer.status in (201, 202), answer.body
    return server.client.wait_completed(answer.json()["id"])


def names(item: dict) -> list[str]:
    return [stage["name"] for stage in item["stages"]]


def redo(server, item: dict, mode: str | None = None):
    return server.client.send_json("POST", f"/api/v1/items/{item['id']}/redo", {"mode": mode} if mode else {})


def trail(server, item: dict, kind: str) -> list[str]:
    return [event["detail"] for event in server.client.audit(item["id"]) if event["type"] == kind]


def words(item: dict) -> str:
    return " ".join(re.findall(r"[a-z]+", item["result"]["transcript"]["text"].lower()))


def test_FG_2_a_recording_is_transcribed_in_the_mode_that_is_asked_for_and_can_be_had_in_the_fuller_one(
    server, samples
):
    fast = sent(server, samples, 1, "voicesync", "fast")
    assert (fast["requested_mode"], fast["mode"], fast["downshift"]) == ("fast", "fast", None)
    assert "mountains" in words(fast)

    assert redo(server, fast).code == "HF-ITM-11", "it was done as it was asked for"
    assert redo(server, fast, "small").code == "HF-UPL-11"
    assert redo(server, fast, "accurate").status == 200
    full = server.client.wait_completed(fast["id"])
    assert (full["requested_mode"], full["mode"]) == ("accurate", "accurate")
    assert trail(server, full, "job.redo") == ["accurate"] and "mountains" in words(full)
    assert redo(server, full, "fast").code == "HF-ITM-11", "less is no more"
    assert redo(server, full, "accurate").code == "HF-ITM-11"


def test_FG_2_introductions_leave_out_what_was_not_asked_for_and_the_rest_is_done_later(server, samples, endpoint):
    endpoint.requests.clear()
    item = sent(server, samples, 1, "introductions", "transcript")
    assert names(item) == ["upload", "convert", "stt"] and endpoint.requests == []
    assert item["mode"] == "transcript" and set(item["result"]) <= {"transcript"}
    before = item["result"]["transcript"]

    assert redo(server, item, "form").status == 200
    form = server.client.wait_completed(item["id"])
    assert names(form) == ["upload", "convert", "stt", "mistral"] and len(endpoint.requests) == 1
    assert "rating" not in form["result"] and form["result"]["form"] is not None

    assert redo(server, form, "full").status == 200
    full = server.client.wait_completed(item["id"])
    assert names(full) == ["upload", "convert", "stt", "mistral", "llama"] and len(endpoint.requests) == 2
    assert full["result"]["rating"]["score"] is not None
    assert full["result"]["transcript"] == before, "what is finished is not touched"
    assert [stage["attempts"] for stage in full["stages"]] == [1] * 5
    started = [e["stage"] for e in server.client.audit(item["id"]) if e["type"] == "stage.started"]
    assert started == ["convert", "stt", "mistral", "llama"]
    assert server.verify() == []


def test_FG_2_memories_are_taken_out_of_a_transcript_when_somebody_wants_them(server, samples):
    item = sent(server, samples, 2, "memories", "transcript")
    assert names(item) == ["upload", "convert", "stt"]
    assert server.client.json(f"/api/v1/memories/{item['id']}")["id"] == item["id"], "it is a session already"
    assert redo(server, item, "full").status == 200
    assert names(server.client.wait_completed(item["id"])) == ["upload", "convert", "stt", "memories", "action_items"]


def test_LAB_9_what_nobody_asked_to_leave_out_waits_for_its_model(make_server, samples):
    away = Endpoint()
    port = int(away.url.rsplit(":", 1)[1].split("/")[0])
    away.close()
    server = make_server(
        {"HOLDFAST_LANGUAGE_URL": away.url, "HOLDFAST_ENGINE_PROBE_EVERY": "200 ms"}
    ).start()
    item = send(server, samples, 1, "introductions").json()["id"]
    until(lambda: server.client.item(item)["held_for"], 60, 0.2, "it does not wait")
    now = server.client.item(item)
    assert (now["status"], now["mode"], now["downshift"]) == ("pending", "full", None)
    standing = {one["recipe"]: one for one in server.client.json("/api/v1/status")["modes"]}
    assert standing["introductions"]["full"] and standing["memories"]["full"], "nothing is left out for it"
    assert sent(server, samples, 2, "introductions", "transcript")["status"] == "completed", "who asks for less has it"
    back = Endpoint(port)
    try:
        assert server.client.wait_completed(item)["result"]["rating"] is not None
    finally:
        back.close()


def test_FG_2_a_form_a_query_and_a_command_can_name_the_mode(server, samples, tmp_path):
    content = samples.sentence(3).read_bytes()
    fields = {"recipe": "introductions", "mode": "form"}
    form = server.client.send_form("/api/v1/items", content, "a.wav", fields).json()
    assert form["requested_mode"] == "form"
    file = tmp_path / "b.wav"
    file.write_bytes(samples.sentence(4).read_bytes())
    run = server.cli("submit", str(file), "--recipe", "introductions", "--mode", "transcript", "--wait", "--json")
    told = json.loads(run.stdout.splitlines()[-1])
    assert run.returncode == 0, run.stderr
    assert server.client.item(told["id"])["mode"] == "transcript"
    again = server.cli("redo", told["id"], "--mode", "form")
    assert again.returncode == 0, again.stderr
    assert server.client.wait_completed(told["id"])["mode"] == "form"
    for mode in ("full_small", "wild"):
        answer = send(server, samples, 3, "introductions", mode)
        assert answer.code == "HF-UPL-11"
    server.client.wait_completed(form["id"])


def test_FG_2_the_recipes_say_which_modes_can_be_asked_for(server):
    listed = {recipe["name"]: recipe["modes"] for recipe in server.client.json("/api/v1/recipes")["data"]}
    asked = {name: [mode["name"] for mode in modes if mode["asked_for"]] for name, modes in listed.items()}
    assert asked["voicesync"] == ["accurate", "fast"]
    assert asked["introductions"] == ["full", "form", "transcript"]
    assert asked["memories"] == ["full", "fast", "transcript"]
    assert asked["fragrance"] == ["creative", "balanced", "fast"] and asked["chat"] == []
    form = next(mode for mode in listed["introductions"] if mode["name"] == "form")
    assert form["lost"] == ["the rating"] and form["latency"] and form["quality"]


#: One hypothesis: less to compute.
QUICK = ONE_THREAD | {"HOLDFAST_SPEECH_BEAM_SIZE": "1"}


def standing(server, recipe: str = "voicesync") -> dict:
    return next(one for one in server.client.json("/api/v1/status")["modes"] if one["recipe"] == recipe)


def test_FG_14_what_a_smaller_model_transcribed_says_so_in_its_mode_and_is_done_again_by_a_click(
    make_server, samples, memory
):
    settings = QUICK | {"HOLDFAST_CAPACITY_LARGER_AFTER": "1 min", "HOLDFAST_ENGINE_MODE_DWELL": "1 s"}
    server = make_server(settings, holdfast=memory.holdfast).start()
    item = sent(server, samples, 1, "voicesync")

    assert (item["requested_mode"], item["mode"], item["held_for"]) == ("accurate", "small", None)
    told = item["downshift"]
    assert told["warning"] == 'Done in mode "small" instead of "accurate".' and "HF-ENG-04" in told["reason"]
    assert told["impact"]["quality"] and told["impact"]["latency"] and told["impact"]["lost"] == []
    assert [(one["stage"], one["strategy"]) for one in told["stages"]] == [("stt", "smaller")]
    assert trail(server, item, "job.downshifted") == ["small: HF-ENG-04"]
    page = server.client.get("/metrics").body.decode()
    assert 'holdfast_downshifts_total{from="accurate",recipe="voicesync",to="small"} 1' in page
    assert standing(server)["mode"] == "small" and standing(server)["smaller"] == ["stt"]
    assert 'holdfast_recipe_mode{mode="small",recipe="voicesync"} 1' in server.client.get("/metrics").body.decode()
    health = server.client.json("/health")
    assert health["status"] == "warn"
    assert {one["recipe"]: one["mode"] for one in health["modes"]}["introductions"] == "full_small"

    memory.short(False)
    until(lambda: standing(server)["full"], 120, 0.2, "nobody is told that it may be tried larger")
    assert redo(server, item).status == 200
    again = server.client.wait_completed(item["id"])
    assert (again["mode"], again["downshift"]) == ("accurate", None) and "mountains" in words(again)
    assert not [w for stage in again["stages"] for w in stage["warnings"]], "and nothing is left of it"
    assert server.verify() == []


def test_FG_14_where_the_recipe_says_so_it_is_done_again_by_itself_when_the_worker_has_climbed(
    make_server, samples, memory, tmp_path, recipes
):
    folder = tmp_path / "redone"
    shutil.copytree(recipes, folder)
    pipeline = folder / "voicesync" / "pipeline.toml"
    pipeline.write_text(pipeline.read_text() + "redo = true\n")
    settings = QUICK | {"HOLDFAST_CAPACITY_LARGER_AFTER": "30 s", "HOLDFAST_RECIPES_DIR": str(folder)}
    server = make_server(settings, holdfast=memory.holdfast).start()
    item = sent(server, samples, 1, "voicesync")
    assert (item["mode"], item["held_for"]) == ("small", "HF-RDO-01")
    assert trail(server, item, "job.redo") == [], "not while it would be the same again"

    memory.short(False)
    until(lambda: trail(server, item, "job.redo"), 120, 0.5, "it is not done again")
    again = server.client.wait_completed(item["id"])
    assert (again["mode"], again["downshift"], again["held_for"]) == ("accurate", None, None)
    assert server.verify() == []
