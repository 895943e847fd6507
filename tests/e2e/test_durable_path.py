"""Nothing bypasses the durable path: every stage, result and transcript is there because the store has
it, with the audit rows of its transition and the fencing token of its lease; and nothing is answered
before it is on the disk."""

import hashlib
import shutil
import sqlite3
import time

import pytest

from harness import trace
from harness.sample import silent_wav
from harness.server import NO_WORK
from harness.store import rows, segments_stored, store_file
from harness.waiting import until

STAGES_THAT_PUBLISH = {"stt": "transcript", "mistral": "form", "llama": "rating"}


@pytest.fixture(scope="module")
def finished(shared_server, samples):
    task = shared_server.client.upload_video(samples.introduction().read_bytes()).json()[
        "task_id"
    ]
    item = shared_server.client.wait_completed(task)
    return shared_server, item, shared_server.client.audit(task)


def published(item) -> set[str]:
    """The results that are shown; what is said of how they were made is none."""
    return set(item["result"] or {}) - {"metadata"}


def of_type(audit, kind, stage=None):
    return [row for row in audit if row["type"] == kind and stage in (None, row["stage"])]


def test_every_finished_stage_has_its_audit_rows_with_one_fence(finished):
    _, item, audit = finished

    assert audit[0]["type"] == "job.created" and audit[-1]["type"] == "job.completed"
    for stage in item["stages"][1:]:
        (started,) = of_type(audit, "stage.started", stage["name"])
        (completed,) = of_type(audit, "stage.completed", stage["name"])
        assert started["fence"] == completed["fence"] > 0
        assert started["seq"] < completed["seq"]
        assert started["at"] <= completed["at"] == stage["finished_at"]


def test_fences_grow_and_no_row_is_out_of_order(finished):
    _, _, audit = finished
    started = [row["fence"] for row in of_type(audit, "stage.started")]
    assert started == list(range(1, len(started) + 1))
    assert [row["seq"] for row in audit] == sorted({row["seq"] for row in audit})


def test_each_result_was_published_once_by_the_stage_that_completed(finished):
    server, item, audit = finished
    completed = {row["stage"] for row in of_type(audit, "stage.completed")}

    assert published(item) == set(STAGES_THAT_PUBLISH.values())
    stored = rows(
        server.data,
        "SELECT r.stage, r.name FROM results r JOIN queue_items q USING(item) JOIN inputs i "
        "USING(item) WHERE i.name = ?",
        item["input"]["name"],
    )
    assert sorted(stored) == sorted(STAGES_THAT_PUBLISH.items())
    assert {stage for stage, _ in stored} <= completed


def test_transcript_and_results_are_never_seen_before_their_stage_is_committed(make_server, samples):
    server = make_server().start()
    item_id = server.client.submit(samples.introduction().read_bytes(), recipe="introductions")

    item, seen = server.client.item(item_id), 0
    while item["status"] not in ("completed", "failed"):
        item = server.client.item(item_id)
        shown = published(item)
        audit = server.client.audit(item_id)  # asked after the item, so it knows at least as much
        committed = {STAGES_THAT_PUBLISH.get(row["stage"]) for row in of_type(audit, "stage.completed")}
        assert shown <= committed, (shown, committed)
        seen += bool(shown)
        time.sleep(0.02)
    assert item["status"] == "completed" and seen


def test_segments_are_in_the_store_before_the_stage_completes(make_server, samples):
    server = make_server().start()
    item_id = server.client.submit(samples.chapters(3).read_bytes())

    stored, item = 0, server.client.item(item_id)
    while item["status"] not in ("completed", "failed") and not stored:
        stored = segments_stored(server.data)
        item = server.client.item(item_id)
        time.sleep(0.02)

    assert stored, "segments are to be stored as they are finished, not at the end"
    assert not of_type(server.client.audit(item_id), "stage.completed", "stt")
    assert server.client.wait_completed(item_id)


#: What somebody, or a bug of ours, could do to a finished item behind the back of the durable path. The words of
#: the trail are numbers in the store: 0 job.created, 1 stage.started, 2 stage.completed, 7 job.completed.
TAMPERING = {
    "completed without a word of it": "DELETE FROM audit WHERE type = 7",
    "a stage completed without a word of it": "DELETE FROM audit WHERE type = 2 AND stage = 'stt'",
    "worked on without a lease": "DELETE FROM audit WHERE type = 1 AND stage = 'stt'",
    "made from nothing": "DELETE FROM audit WHERE type = 0",
    "completed under another lease": "UPDATE audit SET fence = fence + 1 WHERE type = 2 AND stage = 'stt'",
    "a transcript that is gone": "DELETE FROM results",
    "a result of a stage that it has not": "INSERT INTO results SELECT item, 'llama', 'rating', '{}' FROM queue_items",
    "a newer lease than was ever given": "UPDATE queue_items SET fence = fence + 1",
    "over, and waiting": "UPDATE queue_items SET status = 0, bulkhead = 'engine'",
    "a job that cannot be read": "UPDATE queue_items SET progress = x'ff'",
    "a plan that cannot be read": "UPDATE plans SET stages = x'05'",
}


@pytest.fixture(scope="module")
def stopped(make_module_server, samples):
    """A data folder with one finished item, and nobody serving it."""
    server = make_module_server().start()
    server.client.wait_completed(server.client.submit(samples.silence(1).read_bytes()))
    assert server.term() == 0
    assert server.verify() == []
    return server


@pytest.mark.parametrize("how", TAMPERING)
def test_what_bypassed_the_durable_path_is_found_by_verify(stopped, tmp_path, how):
    store = store_file(stopped.data)
    kept = {path: path.read_bytes() for path in store.parent.glob(store.name + "*")}
    try:
        connection = sqlite3.connect(store)
        assert connection.execute(TAMPERING[how]).rowcount > 0, "nothing was changed, so nothing is tested"
        connection.commit()
        connection.close()

        assert stopped.verify(), how
    finally:
        for path in store.parent.glob(store.name + "*"):
            path.unlink()
        for path, content in kept.items():
            path.write_bytes(content)


def test_a_sound_that_the_work_still_needs_is_looked_for_by_verify(make_server, samples, tmp_path):
    """Converted, and held because there is no model to go on with."""
    server = make_server({"HOLDFAST_MODELS_DIR": str(tmp_path / "none")}).start()
    item_id = server.client.submit(samples.sentence().read_bytes())
    until(lambda: server.client.item(item_id)["stage"] == "stt", why="converted")
    until(lambda: server.client.item(item_id)["held_for"], why="held")
    server.term()
    assert server.verify() == []
    handed_in = hashlib.sha256(samples.sentence().read_bytes()).hexdigest()
    (sound,) = [path for path in server.blobs().values()
                if hashlib.sha256(path.read_bytes()).hexdigest() != handed_in]

    sound.chmod(0o600)
    sound.write_bytes(sound.read_bytes() + b"!")
    assert [one["invariant"] for one in server.verify()] == ["blob_damaged"]
    sound.unlink()
    assert [one["invariant"] for one in server.verify()] == ["blob_missing"]
    server.start()


def test_verify_writes_nothing(stopped):
    before = {path: path.stat().st_mtime_ns for path in stopped.data.rglob("*")}

    assert stopped.verify() == []

    kept = {path: stamp for path, stamp in before.items() if not path.name.endswith(("-wal", "-shm"))}
    assert {path: path.stat().st_mtime_ns for path in kept} == kept


@pytest.mark.skipif(
    shutil.which("strace") is None, reason="strace is not installed, so the order of writes cannot be seen"
)
def test_LAB_1_file_then_folder_then_record_are_on_disk_before_the_answer(make_server):
    calls = "fsync,fdatasync,rename,renameat,renameat2,sendto,sendmsg,write,writev"
    server = make_server(NO_WORK)
    log = server.folder / "calls.txt"
    server.wrapper = ("strace", "-f", "-y", "-s", "64", "-e", f"trace={calls}", "-o", str(log))
    server.start()

    for number in range(3):
        item_id = server.client.submit(silent_wav(0.1, tag=bytes([number + 1]) * 8))
        until(lambda: server.client.item(item_id)["held_for"], why="quiet before the next one")
    server.term()

    uploads = trace.uploads_in(log.read_text(errors="replace"), str(server.data))
    assert len(uploads) == 3
    for upload in uploads:
        assert upload.order() == [
            "file synced",
            "renamed",
            "folder synced",
            "record synced",
            "answered",
        ], upload
