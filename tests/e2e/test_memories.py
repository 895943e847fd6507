"""Memories and action items: what was said, tied to where it was said, once, whatever dies while they are found."""

import json
import os
import re
import signal
import subprocess

import pytest

from harness.endpoint import Endpoint
from harness.paths import program
from harness.recipes import quick_recipes
from harness.sample import say
from harness.store import rows
from harness.waiting import until

MEMO = (
    "This is a note for next week. I have to call the dentist on Monday morning. "
    "Maria will bring the documents to the office on Wednesday. My sister moves to Hamburg in October. "
    "Please send the invoice to the printing house before Friday."
)
RECORDED_AT = "2026-03-01T08:30:00.000Z"
KINDS = {"memories": "memory", "action_items": "action"}


@pytest.fixture
def endpoint():
    made = Endpoint()
    made.spoil = repeat
    yield made
    made.close()


@pytest.fixture(scope="module")
def one_by_one(tmp_path_factory):
    """Recipes whose models read a transcript segment by segment."""
    folder = quick_recipes(tmp_path_factory.mktemp("one_by_one") / "recipes")
    pipeline = folder / "memories" / "pipeline.toml"
    pipeline.write_text(re.sub(r"window_characters = \d+", "window_characters = 1", pipeline.read_text()))
    return folder


@pytest.fixture(scope="module")
def memo(samples):
    return samples.made("memo.wav", lambda path: say(MEMO, path, 150)).read_bytes()


@pytest.fixture(scope="module")
def remembered(shared_server, memo):
    """One memo that went the whole way, on the real engines."""
    fields = {"recipe": "memories", "job_id": "audio-7", "recorded_at": RECORDED_AT}
    answer = shared_server.client.send_form("/api/v1/items", memo, "memo.wav", fields)
    assert answer.status == 201, answer
    return shared_server, shared_server.client.wait_completed(answer.json()["id"])


def lines_of(request: dict) -> list[str]:
    """The transcript's lines that a model is shown."""
    return re.findall(r"^\[\d+\] .*$", request["messages"][-1]["content"], re.MULTILINE)


def asked_for(request: dict) -> str:
    return next(iter(request["response_format"]["json_schema"]["schema"]["properties"]))


def repeat(request: dict) -> tuple[int, bytes]:
    """A model that gives back the first line that it reads, and something that nobody said."""
    said = beginning(lines_of(request)[0].split("] ", 1)[1])
    extra = {"owner": None, "due": None} if asked_for(request) == "action_items" else {}
    listed = [{"text": said} | extra, {"text": "Purple submarines sing operas."} | extra]
    message = {"role": "assistant", "content": json.dumps({asked_for(request): listed})}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return 200, json.dumps({"choices": [choice]}).encode()


def beginning(sentence: str) -> str:
    """Its first words, as many as any schema has room for."""
    return sentence[:80].rsplit(" ", 1)[0].rstrip(".,") if len(sentence) > 80 else sentence


def words_of(text: str) -> set[str]:
    return set(re.findall(r"[a-z0-9]+", text.lower()))


def stage_of(item: dict, name: str) -> dict:
    return next(stage for stage in item["stages"] if stage["name"] == name)


def stored(server, item_id: str) -> list[tuple]:
    """Kind and text of the item's rows, with the job_id that shows which item they belong to."""
    query = (
        "SELECT e.kind, e.text FROM memory_extractions e JOIN queue_items q USING(item) "
        "WHERE q.job_key = ? ORDER BY e.id"
    )
    return rows(server.data, query, server.client.item(item_id)["job_id"])


def shown(item: dict) -> list[tuple]:
    result = item["result"] or {}
    return [(at, one["text"]) for at, name in enumerate(KINDS) for one in result.get(name, [])]


def assert_complete(server, item: dict) -> None:
    """Every segment that a repeating model has read is there once, as a memory and as an action."""
    sentences = [beginning(segment["text"]) for segment in item["result"]["transcript"]["segments"]]
    for name in KINDS:
        assert [one["text"] for one in item["result"][name]] == sentences
        assert [one["segments"] for one in item["result"][name]] == [[at] for at in range(len(sentences))]
    assert stored(server, item["id"]) == shown(item)
    assert server.verify() == []


def pipeline_status(server, key: str) -> dict:
    return server.client.json(f"/api/failure-recovery/pipeline-status/{key}")


# What comes out


def test_FR_9_each_memory_is_in_words_that_were_said_where_it_says(remembered):
    _, item = remembered
    segments = item["result"]["transcript"]["segments"]
    found = item["result"]["memories"] + item["result"]["action_items"]

    assert found, "something of the memo is remembered"
    for one in found:
        assert one["segments"] == sorted(set(one["segments"])) != []
        evidence = set().union(*(words_of(segments[at]["text"]) for at in one["segments"]))
        names = set(re.findall(r"(?<=[a-z] )[A-Z][a-z]+", one["text"]))
        assert words_of(" ".join(names)) <= evidence, f"a name that was not said: {one}"
        assert 0 <= one["confidence"] <= 1
    shown = {"text", "segments", "confidence", "people", "places", "when"}
    assert all(set(one) == shown for one in item["result"]["memories"])
    assert all(set(one) == shown | {"owner", "due", "due_at", "due_until", "due_rule"} for one in item["result"]["action_items"])


def test_FR_9_sessions_memories_and_action_items_are_listed(remembered):
    server, item = remembered
    (session,) = server.client.json("/api/v1/memories")["data"]
    whole = server.client.json(f"/api/v1/memories/{item['id']}")

    assert session["id"] == item["id"] and session["job_id"] == "audio-7"
    assert session["started_at"] == RECORDED_AT and session["status"] == "completed"
    assert session["title"].startswith("This is a note")
    assert session["memories_count"] == len(item["result"]["memories"]) == len(whole["memories"])
    assert session["action_items_count"] == len(item["result"]["action_items"])
    segments = item["result"]["transcript"]["segments"]
    for one in whole["memories"]:
        assert [place["text"] for place in one["evidence"]] == [segments[at]["text"] for at in one["segments"]]
    listed = server.client.json("/api/v1/action-items?limit=200")["data"]
    assert sorted(one["text"] for one in listed) == sorted(one["text"] for one in item["result"]["action_items"])


def test_FR_9_what_is_shown_is_what_is_stored(remembered):
    server, item = remembered

    assert stored(server, item["id"]) == shown(item)
    started = rows(server.data, "SELECT started_at FROM memory_sessions")
    assert started == [(1772353800000,)]
    assert server.verify() == []


def test_FR_9_show_tells_it_in_words(remembered):
    server, item = remembered
    command = [str(program("holdfast")), "show", item["id"], "--server", server.url]
    page = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout

    assert "\nMemories\n" in page and "\nAction items\n" in page
    for one in item["result"]["memories"] + item["result"]["action_items"]:
        assert one["text"] in page


def test_FR_1_pipeline_status_tells_each_stage_of_an_audio(remembered):
    server, item = remembered
    status = pipeline_status(server, "audio-7")

    assert status["audio_uuid"] == "audio-7" and status["item"] == item["id"]
    assert [stage["name"] for stage in status["stages"]] == ["upload", "convert", "stt", "memories", "action_items"]
    assert [stage["state"] for stage in status["stages"]] == ["completed"] * 5
    assert all(stage["attempts"] == 1 for stage in status["stages"])
    assert status["wait"]["state"] == "over" and status["error"] is None


def test_recorded_at_must_be_a_time(shared_server, memo):
    fields = {"recipe": "memories", "recorded_at": "yesterday"}
    answer = shared_server.client.send_form("/api/v1/items", memo, "memo.wav", fields)

    assert answer.status == 400 and answer.code == "HF-REQ-01"


def test_FR_9_nothing_is_remembered_of_silence(shared_server, samples):
    item_id = shared_server.client.submit(samples.silence().read_bytes(), recipe="memories")
    item = shared_server.client.wait_completed(item_id)

    assert item["result"]["memories"] == [] == item["result"]["action_items"]
    assert "no speech" in stage_of(item, "memories")["warnings"]


# What dies meanwhile


def test_FR_1_server_killed_while_memories_are_found(make_server, samples, endpoint, one_by_one):
    settings = {"HOLDFAST_LANGUAGE_URL": endpoint.url, "HOLDFAST_RECIPES_DIR": str(one_by_one)}
    server = make_server(settings).start()
    endpoint.spoil = held_after(endpoint, 2)
    item_id = server.client.submit(samples.chapters(2).read_bytes(), recipe="memories", key="audio-1")
    until(lambda: len(endpoint.requests) == 3, why="the third piece is asked for")
    before = pipeline_status(server, "audio-1")
    assert before["stage"] == "memories" and before["wait"]["state"] == "processing"
    assert 0 < before["stages"][3]["checkpoint_s"] and 0 < before["progress"] < 1
    assert stored(server, item_id) == [], "nothing is there before all is read"

    server.kill9()
    endpoint.spoil = repeat
    endpoint.release()
    assert server.verify() == []
    asked = len(endpoint.requests)
    server.start()

    item = server.client.wait_completed(item_id)
    assert_complete(server, item)
    again = [lines_of(request)[0] for request in endpoint.requests[asked:] if asked_for(request) == "memories"]
    assert again[0] == lines_of(endpoint.requests[2])[0], "it goes on at the piece that was being read"
    assert "left out what the model made up" in stage_of(item, "memories")["warnings"][0]
    trail = [(entry["type"], entry["stage"]) for entry in server.client.audit(item_id)]
    assert trail.count(("stage.interrupted", "memories")) == 1
    assert trail.count(("stage.started", "memories")) == 2
    assert trail.count(("stage.completed", "memories")) == 1


def held_after(endpoint: Endpoint, count: int):
    """A repeating model that holds back every answer after so many."""

    def spoil(request):
        if len(endpoint.requests) > count:
            endpoint.hold()
            endpoint.open.wait(120)
        return repeat(request)

    return spoil


def test_FR_1_language_worker_killed_while_memories_are_found(make_server, samples, one_by_one):
    server = make_server({"HOLDFAST_RECIPES_DIR": str(one_by_one)}).start()
    item_id = server.client.submit(samples.chapters(3).read_bytes(), recipe="memories", key="audio-2")

    def read_some():
        stage = pipeline_status(server, "audio-2")["stages"][3]
        return stage["state"] == "processing" and stage["checkpoint_s"]

    reached = until(read_some, 120, 0.005, "some pieces are read")
    os.kill(server.worker("holdfast-llm").pid, signal.SIGKILL)
    item = server.client.wait_completed(item_id)

    trail = server.client.audit(item_id)
    (failed,) = [entry for entry in trail if entry["type"] == "stage.failed"]
    assert failed["stage"] in KINDS and failed["attempt"] == 1 and failed["detail"] == "HF-ENG-01"
    assert stage_of(item, failed["stage"])["attempts"] == 2 and item["retry_count"] == 1
    assert pipeline_status(server, "audio-2")["stages"][3]["checkpoint_s"] > reached
    assert stored(server, item_id) == shown(item)
    assert len(set(shown(item))) == len(shown(item))
    assert server.verify() == []


def test_FR_1_cancelled_or_failed_it_leaves_nothing_and_a_retry_makes_it_whole(
    make_server, samples, endpoint, one_by_one
):
    settings = {"HOLDFAST_LANGUAGE_URL": endpoint.url, "HOLDFAST_RECIPES_DIR": str(one_by_one)}
    server = make_server(settings).start()
    endpoint.spoil = held_after(endpoint, 1)
    item_id = server.client.submit(samples.chapters(2).read_bytes(), recipe="memories")
    until(lambda: len(endpoint.requests) == 2, why="the second piece is asked for")

    assert server.client.request("POST", f"/api/v1/items/{item_id}/cancel").status == 200
    endpoint.spoil = repeat
    endpoint.release()
    assert server.client.wait(item_id)["status"] == "cancelled"
    assert stored(server, item_id) == []

    assert server.client.request("POST", f"/api/v1/items/{item_id}/retry").status == 200
    assert_complete(server, server.client.wait_completed(item_id))
    server.client.send_json("POST", f"/api/v1/items/{item_id}/retry", {"from_stage": "memories"})
    assert_complete(server, server.client.wait_completed(item_id))
