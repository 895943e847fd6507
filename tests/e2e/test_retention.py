"""What is kept for a time goes when its time is over, and nothing else: ages of seconds against a live server, kill -9
in the middle of a sweep, the store looked over afterwards."""

import os
import re
import shutil
import signal
import sqlite3

import pytest

from harness.recipes import SHIPPED
from harness.sample import silent_wav
from harness.server import NO_WORK
from harness.store import rows
from harness.waiting import until

BASE = "/api/failure-recovery"
EVERY = {"HOLDFAST_RETENTION_EVERY": "200 ms"}


@pytest.fixture
def plain_recipes(tmp_path):
    """The shipped recipes without ages of their own, so that those of the server are in force."""
    folder = shutil.copytree(SHIPPED, tmp_path / "recipes")
    for pipeline in folder.glob("*/pipeline.toml"):
        pipeline.write_text(re.sub(r"\[retention\]\n(\w+ = .*\n)+", "", pipeline.read_text()))
    return {"HOLDFAST_RECIPES_DIR": str(folder)}


def ages(**by_name: str) -> dict[str, str]:
    return {f"HOLDFAST_RETENTION_{name.upper()}": age for name, age in by_name.items()} | EVERY


def short_wav(number: int) -> bytes:
    return silent_wav(0.2, b"%6d" % number)


def cancelled(client, count: int) -> list[str]:
    """So many items that are over and have a file."""
    items = [client.submit(short_wav(number), key=f"key {number}") for number in range(count)]
    for item in items:
        assert client.request("POST", f"/api/v1/items/{item}/cancel").status == 200
    return items


def test_VS_9_a_file_goes_when_its_time_is_over_and_its_transcript_stays(make_server, samples, plain_recipes):
    server = make_server(plain_recipes | ages(files="3 s", dead_letters="1 h")).start()
    client = server.client
    item_id = client.submit(samples.sentence().read_bytes())
    item = client.wait_completed(item_id)
    assert item["retention"]["file_until"] and not item["retention"]["file_gone_at"]
    assert item["retention"]["results_until"] is None, "kept"

    item = until(lambda: (now := client.item(item_id))["retention"]["file_gone_at"] and now, 60, 0.1, "gone")

    until(lambda: not server.blobs(), 10, 0.05, "removed from the disk")
    assert item["retention"]["file_until"] is None
    assert any("deleted" in message and "3 s after" in message for message in item["messages"])
    assert client.get(f"/api/v1/items/{item_id}/media").code == "HF-ITM-09"
    assert client.get(f"/api/v1/items/{item_id}/media").status == 410
    assert item["result"]["transcript"]["text"], "the transcript has an age of its own"
    assert client.get(f"/api/v1/items/{item_id}/transcript.srt").status == 200
    for stage in ("", "convert", "stt"):
        again = client.send_json("POST", f"/api/v1/items/{item_id}/retry", {"from_stage": stage} if stage else {})
        assert again.code == "HF-ITM-10" and "no longer kept" in again.json()["title"]
    last = client.audit(item_id)[-1]
    assert (last["type"], last["detail"]) == ("job.file_expired", "3 s after the end of the work")
    assert server.verify() == []


def test_VS_9_a_later_stage_is_done_again_without_the_file(make_server, samples, plain_recipes):
    server = make_server(plain_recipes | ages(files="1 s", dead_letters="1 h")).start()
    client = server.client
    item_id = client.submit(samples.introduction().read_bytes(), recipe="introductions")
    client.wait_completed(item_id)
    until(lambda: client.item(item_id)["retention"]["file_gone_at"], 60, 0.1, "gone")

    assert client.send_json("POST", f"/api/v1/items/{item_id}/retry", {"from_stage": "mistral"}).status == 200

    item = client.wait_completed(item_id)
    assert item["result"]["form"] is not None and item["result"]["transcript"]["text"]
    assert server.verify() == []


def test_VS_9_nothing_that_waits_is_worked_on_or_failed_a_moment_ago_is_deleted(make_server, samples, plain_recipes):
    short = ages(files="1 s", transcripts="1 s", dead_letters="1 h", items="2 h")
    server = make_server(plain_recipes | short | NO_WORK).start()
    client = server.client
    held = [client.submit(short_wav(number)) for number in range(3)]
    until(lambda: client.item(held[0])["held_for"], 30, 0.05, "held, as nothing can be worked on")
    over = cancelled(client, 1)[0]

    until(lambda: client.item(over)["retention"]["file_gone_at"], 30, 0.05, "the sweeper is at work")

    assert len(server.blobs()) == len(held)
    assert all(client.item(item)["retention"]["file_gone_at"] is None for item in held)
    assert server.verify() == []


def test_VS_9_the_recipe_wins_over_the_server(make_server):
    server = make_server(ages(files="1 s", transcripts="1 s", dead_letters="1 h") | NO_WORK).start()
    client = server.client
    item = cancelled(client, 1)[0]
    until(lambda: client.item(item)["status"] == "cancelled", 30)
    until_day = client.item(item)["retention"]["file_until"]
    assert until_day is not None and client.item(item)["retention"]["file_gone_at"] is None
    day = rows(server.data, "SELECT over_at FROM queue_items")[0][0] + 24 * 3600 * 1000
    shown = rows(server.data, "SELECT strftime('%Y-%m-%dT%H:%M:%S', ?1 / 1000, 'unixepoch')", day)[0][0]
    assert until_day.startswith(shown), "a day, as voicesync says"


def test_FR_10_a_record_goes_as_a_whole_and_its_trail_stays(make_server, plain_recipes):
    short = ages(files="1 s", transcripts="1 s", dead_letters="1 s", items="2 s")
    server = make_server(plain_recipes | short | NO_WORK).start()
    client = server.client
    item = cancelled(client, 1)[0]

    until(lambda: client.get(f"/api/v1/items/{item}").status == 404, 60, 0.05, "removed")

    assert client.items() == [] and server.blobs() == {}
    events = [event for event in client.json(f"{BASE}/audit?limit=200")["data"] if event["item"] == item]
    assert events[0]["type"] == "job.created" and events[-1]["type"] == "job.removed"
    assert events[-1]["detail"] == "2 s after the end of the work"
    assert "recording" not in str(events), "nothing of what its owner sent is in it"
    again = client.submit(short_wav(0), key="key 0")
    assert again != item, "its key is free: sent again it is a new item"
    assert server.verify() == []


def test_FR_10_audits_are_pruned_last_and_that_is_audited(make_server, plain_recipes):
    short = ages(files="1 s", transcripts="1 s", dead_letters="1 s", items="1 s", audit="3 s", management_audit="1 d")
    server = make_server(plain_recipes | short | NO_WORK).start()
    cancelled(server.client, 2)

    pruned = "SELECT actor, subject FROM management_audit WHERE operation = 'prune_audit' AND outcome = 'done'"
    until(lambda: rows(server.data, pruned), 60, 0.1, "trails of removed items pruned")
    until(lambda: rows(server.data, "SELECT count(*) FROM past_events")[0][0] == 0, 60, 0.1)

    assert all(actor == "retention" for actor, _ in rows(server.data, pruned))
    assert server.client.json(f"{BASE}/audit")["data"] == []
    assert server.verify() == []


def test_FR_10_kill_9_in_the_middle_of_a_sweep_loses_nothing_that_is_kept(make_server, plain_recipes):
    server = make_server(plain_recipes | EVERY | NO_WORK).start()
    gone = cancelled(server.client, 150)
    kept = server.client.submit(short_wav(7_000), key="kept")
    server.stop()

    short = ages(files="1 s", transcripts="1 s", dead_letters="1 s", items="2 s")
    server.environment |= short
    removed = "SELECT count(*) FROM queue_items WHERE file_expired_at IS NOT NULL"
    server.start()
    until(lambda: 0 < rows(server.data, removed)[0][0], 60, 0.002, "the sweep has begun")
    server.kill9()
    left = len(server.blobs())
    assert server.verify() == [], "in the middle of it"

    server.start()
    until(lambda: len(server.client.items()) == 1, 120, 0.1, "all records of the past are gone")
    until(lambda: len(server.blobs()) == 1, 30, 0.1, f"and their files, of which {left} were left")
    assert server.client.item(kept)["retention"]["file_gone_at"] is None
    trails = server.client.json(f"{BASE}/audit?limit=1")
    assert trails["data"][0]["item"] in gone
    assert server.verify() == []


def test_FR_10_the_store_gives_its_room_back_without_stopping(make_server, plain_recipes):
    server = make_server(plain_recipes | EVERY | NO_WORK).start()
    client = server.client
    items = cancelled(client, 40)
    # What a long recording leaves: results of a quarter of a megabyte each, as no machine here makes in a moment.
    server.stop()
    connection = sqlite3.connect(server.data / "holdfast.db", isolation_level=None)
    connection.execute(
        "INSERT INTO results SELECT item, 'stt', 'notes', '\"' || hex(zeroblob(120000)) || '\"' FROM queue_items"
    )
    connection.close()
    size = (server.data / "holdfast.db").stat().st_size
    assert size > 9_000_000
    server.environment |= ages(files="1 s", transcripts="1 s", dead_letters="1 s")
    server.start()

    until(lambda: server.client.item(items[-1])["retention"]["results_gone_at"], 60, 0.1, "gone")

    def counted_pages():
        figures = server.client.get("/metrics").body.decode()
        return re.search(r'holdfast_retention_removed_total\{kind="page"\} [1-9]', figures) and figures

    figures = until(counted_pages, 60, 0.1, "given back")
    assert rows(server.data, "SELECT freelist_count FROM pragma_freelist_count")[0][0] <= 256
    assert re.search(r'holdfast_retention_removed_total\{kind="file"\} 40\b', figures)
    server.stop()
    assert (server.data / "holdfast.db").stat().st_size < size / 3
    assert server.start().verify() == []


def test_FR_6_cleanup_tells_what_it_would_delete_and_does_it(make_server, plain_recipes):
    lazy = ages(files="1 s", transcripts="1 s", dead_letters="1 s") | {"HOLDFAST_RETENTION_EVERY": "1 d"}
    server = make_server(plain_recipes | lazy | NO_WORK).start()
    client = server.client
    cancelled(client, 5)
    old = server.data / "staging" / ("0" * 32 + ".part")
    old.write_bytes(b"left by a crash")
    os.utime(old, (0, 0))

    def counted():
        return client.send_json("POST", f"{BASE}/cleanup", {"dry_run": True}).json()

    looked = until(lambda: (now := counted())["retention"]["files"] == 5 and now, 30, 0.1, "due")
    assert looked["staged_removed"] == 1 and looked["retention"]["results"] == 5
    assert len(server.blobs()) == 5 and old.exists(), "only looked"

    done = client.send_json("POST", f"{BASE}/cleanup", {}).json()
    assert done["retention"]["files"] == 5 and done["staged_removed"] == 1 and not done["retention"]["more"]
    assert server.blobs() == {} and not old.exists()
    assert server.verify() == []


def test_FR_7_ages_that_contradict_each_other_keep_the_server_from_starting(make_server):
    server = make_server(ages(files="2 d", transcripts="1 d", dead_letters="1 d"))
    done = server.cli("serve", "--data", str(server.data), "--listen", "127.0.0.1:0")
    assert done.returncode != 0
    assert b"retention.dead_letters (24 h) must not be shorter than retention.files (2 d)" in done.stderr


def test_VS_9_the_orphan_sweep_leaves_what_is_kept_after_a_restart(make_server, plain_recipes):
    server = make_server(plain_recipes | ages(files="1 h", dead_letters="1 h") | NO_WORK).start()
    cancelled(server.client, 3)
    os.kill(server.pid, signal.SIGSTOP)
    os.kill(server.pid, signal.SIGCONT)
    server.restart()
    server.client.send_json("POST", f"{BASE}/cleanup", {})
    assert len(server.blobs()) == 3
    assert server.verify() == []
