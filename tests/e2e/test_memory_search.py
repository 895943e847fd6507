"""Memories found again: by words and by meaning in one ranking, once, by their owner alone, and never after they are gone."""

import os
import signal
import subprocess
from urllib.parse import quote

import pytest

from harness.endpoint import Endpoint
from harness.paths import program, shared_data
from harness.sample import say
from harness.store import rows
from harness.waiting import until
from test_memories import MEMO, one_by_one, repeat  # noqa: F401 (a fixture)

RARE = "Brontosaurus"


@pytest.fixture
def endpoint():
    made = Endpoint()
    made.spoil = repeat
    yield made
    made.close()


@pytest.fixture(scope="module")
def memo(samples):
    return samples.made("memo.wav", lambda path: say(MEMO, path, 150)).read_bytes()


def remember(server, recording: bytes, **fields) -> dict:
    answer = server.client.send_form("/api/v1/items", recording, "memo.wav", {"recipe": "memories"} | fields)
    assert answer.status == 201, answer
    return server.client.wait_completed(answer.json()["id"])


def search(server, words: str, limit: int = 20) -> dict:
    return server.client.json(f"/api/v1/memories/search?q={quote(words)}&limit={limit}")


def embedder(server) -> dict:
    return next(one for one in server.client.json("/api/v1/status")["workers"] if one["kind"] == "embedding")


def vectors(server) -> int:
    return rows(server.data, "SELECT count(*) FROM vectors WHERE space = 'memory'")[0][0]


def has_all_vectors(server) -> bool:
    return vectors(server) == rows(server.data, "SELECT count(*) FROM memory_extractions")[0][0] > 0


@pytest.fixture(scope="module")
def remembered(make_module_server, memo, one_by_one):  # noqa: F811
    """A memo of which every sentence is remembered. Speech and meanings are those of the real models."""
    model = Endpoint()
    model.spoil = repeat
    settings = {"HOLDFAST_LANGUAGE_URL": model.url, "HOLDFAST_RECIPES_DIR": str(one_by_one)}
    server = make_module_server(settings).start()
    yield server, remember(server, memo, recorded_at="2026-03-03T09:30:00+01:00")
    model.close()


def test_FR_9_a_recording_of_others_is_found_by_its_words_at_the_second(shared_server):
    """All of it on the real engines."""
    server = shared_server
    speech = remember(server, shared_data("speech", "en_jfk.flac").read_bytes())

    found = search(server, "what your country can do")["data"]

    assert found
    segments = speech["result"]["transcript"]["segments"]
    for one in found:
        if one["item"] == speech["id"]:
            assert one["start_s"] == segments[one["segments"][0]]["start_s"]
            assert one["page"].startswith(f"/#/items/{speech['id']}@")
    assert "words" in found[0]["found_by"] and "country" in found[0]["snippet"]


def test_FR_9_what_means_nearly_the_same_is_found_without_its_words(remembered):
    server, item = remembered
    until(lambda: has_all_vectors(server), 120, 0.2, "every memory gets its vector")

    told = search(server, "tooth doctor appointment")

    assert told["mode"] == "words_and_meaning" and told["degraded"] is None
    dentist = [one for one in told["data"] if "dentist" in one["snippet"].lower()]
    assert dentist and dentist[0]["found_by"] == ["meaning"] and 0.3 <= dentist[0]["similarity"] <= 1
    both = search(server, "dentist")["data"][0]
    assert both["found_by"] == ["words", "meaning"] and both["item"] == item["id"]


def test_FR_9_days_are_held_against_the_recordings_time(remembered):
    server, item = remembered
    found = item["result"]["memories"] + item["result"]["action_items"]
    days = {date["said"].split()[0].lower(): date["at"] for one in found for date in one["when"]}
    days |= {one["due"].split()[-1].lower(): one["due_at"] for one in item["result"]["action_items"] if one["due_at"]}

    # 3 March 2026 is a Tuesday.
    known = {"monday": "2026-03-09", "wednesday": "2026-03-04", "friday": "2026-03-06"}
    assert {name: at for name, at in days.items() if name in known} == {name: known[name] for name in days if name in known}
    assert set(known) <= set(days), f"no day was resolved: {found}"
    session = server.client.json(f"/api/v1/memories/{item['id']}")
    assert session["utc_offset"] == "+01:00"


def test_FR_9_the_command_line_searches(remembered):
    server, item = remembered
    command = [str(program("holdfast")), "search", "the", "dentist", "--server", server.url]
    told = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout

    assert item["id"] in told and "dentist" in told
    as_json = subprocess.run([*command, "--json"], capture_output=True, text=True, timeout=60, check=True).stdout
    assert '"mode"' in as_json
    refused = subprocess.run([*command[:2], "***", *command[4:]], capture_output=True, text=True, timeout=60)
    assert refused.returncode != 0 and "HF-REQ-01" in refused.stderr


@pytest.mark.parametrize("words", ['"', 'dentist"', "NEAR(dentist", "dentist*", "a AND", "text:x", "'; DROP TABLE x; --", "(((", "^", "\u202e\ufeffx"])
def test_FR_9_nothing_that_is_looked_for_is_syntax(remembered, words):
    server, _ = remembered
    answer = server.client.get(f"/api/v1/memories/search?q={quote(words)}")

    assert answer.status == 200 or (answer.status == 400 and answer.code == "HF-REQ-01"), answer


def test_FR_9_too_much_is_refused(remembered):
    server, _ = remembered

    assert server.client.get("/api/v1/memories/search?q=" + "x" * 2000).code == "HF-REQ-01"
    assert server.client.get("/api/v1/memories/search?q=" + "x" * 1_000_000).status in (400, 414, 431)
    assert server.client.get("/api/v1/memories/search").code == "HF-REQ-01"
    assert search(server, "dentist")["data"], "it still answers"


def test_FR_9_while_the_embedding_worker_is_stopped_words_are_found_and_it_says_so(remembered):
    server, item = remembered
    search(server, "dentist")
    worker = embedder(server)
    assert worker["pid"], worker
    os.kill(worker["pid"], signal.SIGSTOP)

    told = search(server, "dentist")

    assert told["mode"] == "words" and told["degraded"]["code"] == "HF-EMB-01"
    assert told["data"][0]["item"] == item["id"] and told["data"][0]["found_by"] == ["words"]
    told = until(lambda: (now := search(server, "dentist"))["degraded"] is None and now, 120, 0.5, "it comes back")
    assert told["data"][0]["found_by"] == ["words", "meaning"]


def test_FR_9_what_was_made_while_the_model_was_away_gets_its_vector_when_it_is_back(make_server, memo, endpoint):
    settings = {"HOLDFAST_LANGUAGE_URL": endpoint.url, "HOLDFAST_EMBEDDING_URL": "http://127.0.0.1:9/v1"}
    server = make_server(settings).start()
    remember(server, memo)
    told = search(server, "dentist")
    assert told["data"] and told["mode"] == "words" and told["degraded"]["code"].startswith("HF-")
    assert vectors(server) == 0

    server.stop()
    del server.environment["HOLDFAST_EMBEDDING_URL"]
    server.start()

    until(lambda: has_all_vectors(server), 120, 0.2, "every memory gets its vector")
    assert search(server, "dentist")["degraded"] is None
    assert server.verify() == []


def test_FR_9_the_same_recording_sent_twice_is_told_once(make_server, memo, endpoint):
    server = make_server({"HOLDFAST_LANGUAGE_URL": endpoint.url}).start()
    first = remember(server, memo)
    once = [one["text"] for one in server.client.json("/api/v1/action-items?limit=200")["data"]]
    second = remember(server, memo)

    listed = server.client.json("/api/v1/action-items?limit=200")["data"]
    assert [one["text"] for one in listed] == once != []
    assert {one["item"] for one in listed} == {second["id"]}
    assert all(one["also_in"] == [first["id"]] for one in listed)
    places = [(one["kind"], one["snippet"]) for one in search(server, "dentist office documents", 200)["data"]]
    assert len(places) == len(set(places)) > 0
    sessions = server.client.json("/api/v1/memories")["data"]
    assert [one["same_recording"] for one in sessions] == [[first["id"]], [second["id"]]]


def test_FR_9_FR_7_nobody_finds_what_somebody_else_said(make_server, memo, endpoint):
    server = make_server({"HOLDFAST_LANGUAGE_URL": endpoint.url}, single_user=False).start()
    password = "a long word of nobody"
    for name, flags in (("ana", ()), ("bo", ()), ("boss", ("--superuser",))):
        server.add_user(name, password, *flags)
    people = {name: server.log_in(name, password) for name in ("ana", "bo", "boss")}
    answer = people["ana"].send_form("/api/v1/items", memo, "memo.wav", {"recipe": "memories"})
    people["ana"].wait_completed(answer.json()["id"])
    until(lambda: has_all_vectors(server), 120, 0.2, "every memory gets its vector")

    for words in ("dentist", "note for next week", "tooth doctor"):
        found = {who: client.json(f"/api/v1/memories/search?q={quote(words)}")["data"] for who, client in people.items()}
        assert found["bo"] == found["boss"] == [], words
        assert words == "tooth doctor" or found["ana"], words
    assert server.client.get("/api/v1/memories/search?q=dentist").status == 401


def test_FR_9_FR_10_what_is_deleted_is_in_no_file_and_not_found(make_server, samples, endpoint):
    settings = {"HOLDFAST_LANGUAGE_URL": endpoint.url, "HOLDFAST_RETENTION_TRANSCRIPTS": "1 s", "HOLDFAST_RETENTION_FILES": "1 s"}
    settings |= {"HOLDFAST_RETENTION_DEAD_LETTERS": "2 s", "HOLDFAST_RETENTION_ITEMS": "3 s", "HOLDFAST_RETENTION_EVERY": "1 d"}
    server = make_server(settings).start()
    said = f"The {RARE} lives in the museum. Anna will draw the {RARE} on Friday."
    item = remember(server, samples.made("rare.wav", lambda path: say(said, path, 140)).read_bytes())
    rare = next(word.strip(".,") for word in item["result"]["transcript"]["text"].split() if word.lower().startswith("bro"))
    until(lambda: has_all_vectors(server), 120, 0.2, "every memory gets its vector")
    assert search(server, rare)["data"]
    assert holds(server, rare), "it is in the files while it is kept"

    def swept():
        server.client.send_json("POST", "/api/failure-recovery/cleanup", {})
        return server.client.get(f"/api/v1/items/{item['id']}").status == 404

    until(swept, 60, 0.5, "the item is removed")
    assert search(server, rare)["data"] == []
    assert vectors(server) == 0
    server.stop()

    checkpoint(server)
    assert not holds(server, rare), "its words are in no file of the store"
    assert server.verify() == []


def holds(server, word: str) -> bool:
    """Whether any file of the store has the word, in either case."""
    files = [path for path in server.data.rglob("holdfast.db*") if path.is_file()]
    assert files
    return any(word.lower().encode() in path.read_bytes().lower() for path in files)


def checkpoint(server) -> None:
    """Brings the log of a stopped server's store into its file, with nothing but SQLite."""
    import sqlite3

    connection = sqlite3.connect(next(server.data.rglob("holdfast.db")))
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
