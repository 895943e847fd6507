"""The store takes no writes, for a real reason: somebody has locked it, or its disk is full. Uploads are taken all the
same, outlive a kill, and are in the store once, in their order, when it writes again."""

import os
import sqlite3
import subprocess

import pytest

from harness.receiver import Receiver
from harness.sample import silent_wav
from harness.server import NO_WORK
from harness.store import rows
from harness.waiting import until


class Lock:
    """Another process's transaction that writes, as long as the block goes on."""

    def __init__(self, server):
        self.path = server.data / "holdfast.db"

    def __enter__(self):
        self.connection = sqlite3.connect(self.path, isolation_level=None, timeout=30)
        self.connection.execute("BEGIN EXCLUSIVE")
        return self

    def __exit__(self, *_):
        self.connection.execute("ROLLBACK")
        self.connection.close()


def spool_of(server):
    return server.client.json("/health")["checks"]["spool"][0]


def until_refused(server):
    return until(lambda: spool_of(server)["writes"] == "refused" and spool_of(server))


def until_flushed(server):
    until(lambda: spool_of(server)["records"] == 0 and spool_of(server)["writes"] == "taken")


def stored_names(server):
    """In the order in which they were recorded."""
    return [name for (name,) in rows(server.data, "SELECT i.name FROM queue_items q JOIN inputs i USING(item) ORDER BY item")]


def test_FG_11_uploads_to_a_locked_store_are_saved_told_so_and_recorded_once_in_their_order(make_server):
    server = make_server(NO_WORK).start()
    first = server.client.submit(silent_wav(0.1), name="before.wav")
    with Lock(server):
        answers = [server.client.upload(silent_wav(0.1, b"%d" % n), name=f"{n}.wav") for n in range(5)]
        assert {answer.status for answer in answers} == {201}
        assert {answer.json()["held_for"] for answer in answers} == {"HF-SPL-01"}
        ids = [answer.json()["id"] for answer in answers]
        assert until_refused(server) | {"since": 0} == spool_of(server) | {"since": 0}
        assert (spool_of(server)["records"], spool_of(server)["reason"]) == (5, "locked")
        # What can be read goes on being read, and what waits is among it.
        assert server.client.item(ids[2])["held_for"] == "HF-SPL-01"
        assert [item["id"] for item in server.client.items()] == [*reversed(ids), first]
        assert [item["id"] for item in server.client.items("limit=2")] == [ids[4], ids[3]]
        assert server.client.get(f"/api/v1/items/{ids[0]}/media").body == silent_wav(0.1, b"0")
        assert server.client.json("/health")["checks"]["store"][0]["status"] == "warn"
        assert server.client.get("/readyz").status == 200
        warned = server.client.upload_video(silent_wav(0.1), name="5.wav").json()
        assert warned["status"] == "uploaded" and "recorded" in warned["warning"]
        assert server.client.send_json("POST", f"/api/v1/items/{first}/cancel", {}).status == 503
        assert rows(server.data, "SELECT count(*) FROM queue_items") == [(1,)]
    until_flushed(server)

    assert stored_names(server) == ["before.wav", *(f"{n}.wav" for n in range(6))]
    assert server.client.item(ids[2])["held_for"] != "HF-SPL-01"
    assert [row["type"] for row in server.client.audit(ids[2])][0] == "job.created"
    assert not list((server.data / "spool").iterdir())
    assert server.verify() == []


def test_FG_11_the_same_key_is_the_same_item_while_the_store_is_locked_and_after(make_server):
    server = make_server(NO_WORK).start()
    stored = server.client.submit(silent_wav(0.1), key="early")
    with Lock(server):
        one = server.client.upload(silent_wav(0.1), key="late")
        again = server.client.upload(silent_wav(0.1), key="late")
        assert (one.status, again.status) == (201, 200) and one.json()["id"] == again.json()["id"]
        assert server.client.upload(silent_wav(0.2), key="late").code == "HF-IDM-01"
        assert server.client.upload(silent_wav(0.1), key="early").json()["id"] == stored
        assert server.client.upload(silent_wav(0.2), key="early").code == "HF-IDM-01"
    until_flushed(server)
    assert server.client.upload(silent_wav(0.1), key="late").json()["id"] == one.json()["id"]
    assert rows(server.data, "SELECT count(*) FROM queue_items") == [(2,)]


def test_FG_11_a_kill_while_the_store_is_locked_loses_nothing_and_the_next_life_takes_more(make_server):
    server = make_server(NO_WORK).start()
    server.client.submit(silent_wav(0.1), name="before.wav")
    with Lock(server):
        ids = [server.client.submit(silent_wav(0.1, b"%d" % n), name=f"{n}.wav") for n in range(3)]
        for life in range(2):
            server.kill9()
            server.start()
            assert spool_of(server)["records"] == 3 + life
            ids.append(server.client.submit(silent_wav(0.1, b"+%d" % life), name=f"{3 + life}.wav"))
            assert server.client.item(ids[0])["held_for"] == "HF-SPL-01"
        server.kill9()
    server.start()
    until_flushed(server)
    assert stored_names(server) == ["before.wav", *(f"{n}.wav" for n in range(5))]
    assert {item["id"] for item in server.client.items()} >= set(ids)
    assert server.verify() == []


def test_FG_11_a_flush_that_is_killed_on_its_way_and_begun_again_records_everything_once(make_server):
    server = make_server(NO_WORK).start()
    with Lock(server):
        for n in range(60):
            server.client.submit(silent_wav(0.1, b"%d" % n), name=f"{n}.wav")
    until(lambda: rows(server.data, "SELECT count(*) FROM queue_items")[0][0] > 3, every=0.001)
    server.kill9()
    kept = sum(1 for _ in (server.data / "spool").iterdir())
    server.start()
    until_flushed(server)
    assert stored_names(server) == [f"{n}.wav" for n in range(60)]
    assert kept, "it was too late to be killed on its way"
    assert not list((server.data / "spool").iterdir())


def test_FG_11_more_than_a_hundred_in_the_spool_alert_as_critical_until_they_are_recorded(make_server):
    receiver = Receiver().open()
    try:
        server = make_server(NO_WORK | receiver.settings | {"HOLDFAST_ALERTS_DRILL_SPEED": "60"}).start()
        with Lock(server):
            for n in range(101):
                server.client.submit(silent_wav(0.1, b"%d" % n), name=f"{n}.wav")
            assert "holdfast_spool_records 101" in server.client.get("/metrics").body.decode()
            until(lambda: receiver.said("HoldfastSpoolLong") == ["firing"])
        until(lambda: receiver.said("HoldfastSpoolLong") == ["firing", "resolved"])
        until_flushed(server)
        assert stored_names(server) == [f"{n}.wav" for n in range(101)]
        assert "holdfast_spool_records 0" in server.client.get("/metrics").body.decode()
    finally:
        receiver.close()


def test_FG_11_a_result_that_the_store_does_not_take_outlives_a_kill(make_server, samples, recipes):
    server = make_server().start()
    item = server.client.submit(samples.introduction().read_bytes(), recipe="voicesync")
    server.converter()
    with Lock(server):
        until(lambda: spool_of(server)["records"] == 1, why="the converted sound's settlement is not in the spool")
        server.kill9()
    server.start()
    until_flushed(server)
    done = server.client.wait_completed(item)
    assert next(stage for stage in done["stages"] if stage["name"] == "convert")["attempts"] == 1
    completed = [row for row in server.client.audit(item) if row["type"] == "stage.completed"]
    assert len(completed) == len({row["stage"] for row in completed})


def test_FG_11_a_backup_that_is_made_meanwhile_has_what_waits_and_a_restored_server_records_it(make_server, tmp_path):
    server = make_server(NO_WORK).start()
    server.client.submit(silent_wav(0.1), name="before.wav")
    with Lock(server):
        late = server.client.submit(silent_wav(0.1, b"late"), name="late.wav")
        made = server.cli("backup", "create", str(tmp_path / "backups"), "--json")
        assert made.returncode == 0, made.stderr.decode()
    assert server.cli("restore", str(tmp_path / "backups"), "--into", str(tmp_path / "new")).returncode == 0
    again = make_server(NO_WORK, data=tmp_path / "new").start()
    until_flushed(again)
    assert stored_names(again) == ["before.wav", "late.wav"]
    assert again.client.get(f"/api/v1/items/{late}/media").body == silent_wav(0.1, b"late")
    until_flushed(server)


def test_FG_11_a_malformed_page_is_a_refusal_and_ends_no_process(make_server):
    server = make_server(NO_WORK).start()
    first = server.client.submit(silent_wav(0.1), name="before.wav")
    assert server.term() == 0
    database = server.data / "holdfast.db"
    connection = sqlite3.connect(database)
    ((root,),) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'inputs'").fetchall()
    connection.close()
    whole = database.read_bytes()
    at = (root - 1) * 4096
    database.write_bytes(whole[:at] + b"\xff" * 64 + whole[at + 64 :])
    server.start()
    pid = server.pid

    late = [server.client.submit(silent_wav(0.1, b"%d" % n), name=f"{n}.wav") for n in range(3)]

    assert (spool_of(server)["records"], spool_of(server)["reason"]) == (3, "damaged")
    assert server.client.item(late[1])["held_for"] == "HF-SPL-01"
    assert server.client.get(f"/api/v1/items/{first}").status == 500
    assert server.pid == pid and server.process.poll() is None
    server.kill9()
    for beside in ("-wal", "-shm"):
        (server.data / f"holdfast.db{beside}").unlink(missing_ok=True)
    database.write_bytes(whole)  # as from a backup
    server.start()
    until_flushed(server)
    assert stored_names(server) == ["before.wav", "0.wav", "1.wav", "2.wav"]
    assert server.verify() == []


# A full disk: the store lies on a small one of its own, the spool on another.

needs_mounts = pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small file system needs root")


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "small"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)], check=True)
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


#: Nothing is kept in reserve, and no model answers: requests only wait.
ON_SMALL_DISK = {"HOLDFAST_STORAGE_RESERVE": "0 B", "HOLDFAST_LANGUAGE_URL": "http://127.0.0.1:9"}


def fill(folder):
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass
    return filler


def send_text(server, text):
    return server.client.request("POST", "/api/v1/items?recipe=fragrance", text, {"Content-Type": "text/plain"})


@needs_mounts
def test_FG_11_requests_on_a_full_disk_are_kept_on_the_spools_disk_and_recorded_when_there_is_room(
    small_disk, make_server, tmp_path
):
    spool = tmp_path / "spool"
    server = make_server(ON_SMALL_DISK | {"HOLDFAST_STORAGE_SPOOL": str(spool)}, data=small_disk / "data").start()
    filler = fill(small_disk)
    ids = []
    until(lambda: send_and_note(server, ids)["held_for"] == "HF-SPL-01", every=0)
    for _ in range(3):
        send_and_note(server, ids)
    assert spool_of(server)["reason"] == "disk_full"
    refused = server.client.upload(silent_wav(1))
    assert refused.status == 507 and refused.code == "HF-STO-02"
    server.kill9()
    server.start()
    assert spool_of(server)["records"] >= 4
    filler.unlink()
    until_flushed(server)
    assert {item["id"] for item in server.client.items()} == set(ids)
    assert rows(server.data, "SELECT count(*) FROM queue_items") == [(len(ids),)]
    assert server.verify() == []


def send_and_note(server, ids):
    answer = send_text(server, f"A fresh scent of lemon, number {len(ids)}.")
    assert answer.status == 201, answer
    ids.append(answer.json()["id"])
    return answer.json()


@needs_mounts
def test_FG_11_without_room_for_the_spool_either_nothing_is_promised(small_disk, make_server):
    server = make_server(ON_SMALL_DISK, data=small_disk / "data").start()
    filler = fill(small_disk)
    answers = []
    until(lambda: answers.append(send_text(server, "A warm scent.")) or answers[-1].status != 201, every=0)
    assert answers[-1].status == 507 and answers[-1].code == "HF-STO-02"
    filler.unlink()
    until_flushed(server)
    taken = [answer for answer in answers if answer.status == 201]
    assert rows(server.data, "SELECT count(*) FROM queue_items") == [(len(taken),)]
