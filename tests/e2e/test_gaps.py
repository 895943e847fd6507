"""Parts of a transcript that could not be made out: told with their cause, heard again when somebody asks, and nothing
else of the transcript is touched, whatever dies meanwhile."""

import json
import os
import signal
import sqlite3

import pytest

from harness.sample import say
from harness.store import rows, store_file
from harness.waiting import until

PLEA = (
    "My name is Anna Keller. I come from Vienna and I study computer science. "
    + "please come here " * 8
    + ". My goal is to become an engineer. I speak German and English."
)
CAUSES = {
    "the speech engine failed here",
    "somebody speaks, and no words were made out",
    "the words were only guessed",
    "the same words again and again",
    "nothing that was heard there was said",
}


def fill(client, item_id: str, **body):
    return client.send_json("POST", f"/api/v1/items/{item_id}/gaps/fill", body)


def types(client, item_id: str) -> list[str]:
    return [entry["type"] for entry in client.audit(item_id)]


def text_rows(server, item_id: str) -> list[tuple]:
    """All that is stored of the transcript's text, byte by byte. There is one item."""
    return rows(server.data, "SELECT start_ms, end_ms, confidence, text, words FROM transcript_segments ORDER BY number")


def lose_a_segment(server, item_id: str, number: int) -> tuple[float, float, str]:
    """Makes a gap of one of the segments of a completed item, as if nothing had been made out there. The server is down.
    Gives its place and what had been heard."""
    store = sqlite3.connect(store_file(server.data))
    start, end, text = store.execute(
        "SELECT start_ms, end_ms, text FROM transcript_segments WHERE number = ?", (number,)
    ).fetchone()
    store.execute("DELETE FROM transcript_segments WHERE number = ?", (number,))
    store.execute("UPDATE transcript_segments SET number = number - 1 WHERE number > ?", (number,))
    (item,) = store.execute("SELECT item FROM transcript_segments LIMIT 1").fetchone()
    cause = "somebody speaks, and no words were made out"
    store.execute("INSERT INTO transcript_gaps VALUES(?, 0, ?, ?, ?)", (item, start, end, cause))
    (told,) = store.execute("SELECT json FROM results WHERE name = 'transcript'").fetchone()
    gap = {"start_s": start / 1000, "end_s": end / 1000, "cause": cause}
    told = json.dumps(json.loads(told) | {"gaps": [gap]})
    store.execute("UPDATE results SET json = ? WHERE name = 'transcript'", (told,))
    store.commit()
    store.close()
    return start / 1000, end / 1000, text


@pytest.fixture
def holey(make_server, samples, request):
    """An item of which the second segment is lost; its server, id, the gap's start, and what was said there."""
    server = make_server().start()
    recipe = getattr(request, "param", "voicesync")
    item_id = server.client.submit(samples.chapters(3).read_bytes(), recipe=recipe)
    server.client.wait_completed(item_id)
    server.term()
    start_s, _, text = lose_a_segment(server, item_id, 1)
    server.start()
    return server, item_id, start_s, text


def gaps_of(item: dict) -> list[dict]:
    return item["result"]["transcript"]["gaps"]


def assert_filled_once(server, item_id: str, before: list[tuple]) -> None:
    """Every byte of the text from before is there, in order, with more between; and it was put in once."""
    item = server.client.wait_completed(item_id)
    assert gaps_of(item) == [] and not any("could not be transcribed" in w for s in item["stages"] for w in s["warnings"])
    after = text_rows(server, item_id)
    assert [row for row in after if row in before] == before
    assert len(after) > len(before) and [row[0] for row in after] == sorted(row[0] for row in after)
    assert types(server.client, item_id).count("job.gaps_filled") == 1
    assert server.verify() == []


def test_a_gap_is_filled_with_the_real_model_and_nothing_else_changes(holey):
    server, item_id, start_s, text = holey
    before = text_rows(server, item_id)

    answer = fill(server.client, item_id, start_s=start_s)

    assert answer.status == 200 and answer.json()["status"] in ("pending", "processing"), answer
    assert answer.json()["result"]["transcript"]["segments"], "what there is can be read meanwhile"
    assert_filled_once(server, item_id, before)
    gained = [row for row in text_rows(server, item_id) if row not in before]
    heard = " ".join(row[3] for row in gained).lower()
    said = [word.strip(".,") for word in text.lower().split() if len(word) > 4]
    assert said and sum(word in heard for word in said) >= len(said) / 2, (heard, text)
    asked = next(entry for entry in server.client.audit(item_id) if entry["type"] == "job.fill_requested")
    assert asked["detail"].startswith("1 gap, ")
    assert fill(server.client, item_id).code == "HF-GAP-01"


@pytest.mark.parametrize("holey", ["introductions"], indirect=True)
def test_what_was_made_of_the_transcript_is_made_anew_when_text_was_gained(holey):
    server, item_id, _, _ = holey
    done = server.cli("fill", item_id, "--json")
    assert done.returncode == 0, done.stderr
    item = server.client.wait_completed(item_id)

    assert gaps_of(item) == [] and item["result"]["form"] and item["result"]["rating"]
    trail = [(entry["type"], entry["stage"]) for entry in server.client.audit(item_id)]
    for stage in ("mistral", "llama"):
        assert trail.count(("stage.completed", stage)) == 2
    assert trail.count(("stage.completed", "stt")) == 2
    assert server.verify() == []


@pytest.mark.parametrize("who", ["server", "worker"])
def test_a_death_while_a_gap_is_filled_loses_nothing_and_fills_it_once(holey, who):
    server, item_id, _, _ = holey
    before = text_rows(server, item_id)
    assert fill(server.client, item_id).status == 200
    until(lambda: server.client.item(item_id)["stage"] == "stt", 60, 0.01, "the gap is heard")
    worker = server.worker("holdfast-stt")

    if who == "worker":
        os.kill(worker.pid, signal.SIGKILL)
    else:
        server.kill9()
        assert server.verify() == []
        server.start()
        assert [row for row in text_rows(server, item_id) if row in before] == before

    assert_filled_once(server, item_id, before)


def test_stopping_leaves_the_transcript_as_it_was(holey):
    server, item_id, _, _ = holey
    before, shown = text_rows(server, item_id), server.client.item(item_id)["result"]
    assert fill(server.client, item_id).status == 200

    server.client.request("POST", f"/api/v1/items/{item_id}/cancel")

    item = server.client.wait_completed(item_id)
    assert item["result"] == shown and text_rows(server, item_id) == before
    assert "job.fill_given_up" in types(server.client, item_id)
    assert server.verify() == []


def test_a_loop_is_a_gap_with_its_cause_and_stays_one_where_it_really_is(make_server, samples):
    server = make_server().start()
    recording = samples.made("plea.wav", lambda path: say(PLEA, path))
    item_id = server.client.submit(recording.read_bytes())
    item = server.client.wait_completed(item_id, seconds=600)
    (gap,) = gaps_of(item)
    assert gap["cause"] == "the same words again and again" and gap["cause"] in CAUSES
    assert item["result"]["transcript"]["text"].count("come here") <= 4, "the loop is not text"
    before, shown = text_rows(server, item_id), server.client.item(item_id)["result"]["transcript"]
    text = server.client.get(f"/api/v1/items/{item_id}/transcript.txt").body.decode()
    assert "[Not transcribed from" in text

    assert fill(server.client, item_id).status == 200
    item = server.client.wait_completed(item_id, seconds=600)

    assert text_rows(server, item_id) == before
    again = dict(gap, cause=gap["cause"] + " (tried again)")
    assert item["result"]["transcript"] == shown | {"gaps": [again]}
    assert server.verify() == []


def test_refusals_have_codes(make_server, samples):
    server = make_server(single_user=False, settings={"HOLDFAST_RETENTION_EVERY": "200 ms"})
    server.add_user("ada", "a long pass phrase")
    server.add_user("ben", "a long pass phrase")
    server.start()
    ada, ben = (server.log_in(name, "a long pass phrase") for name in ("ada", "ben"))
    item_id = ada.submit(samples.sentence().read_bytes())
    assert fill(ada, item_id).code == "HF-ITM-03"
    ada.wait_completed(item_id)

    assert fill(ben, item_id).code == "HF-ITM-06"
    assert fill(ada, item_id).code == "HF-GAP-01"
    assert fill(ada, item_id, start_s=1.5).code == "HF-GAP-01"
    assert fill(ada, item_id, start_s="soon").code == "HF-REQ-01"
    assert "job.fill_requested" not in types(ada, item_id)
