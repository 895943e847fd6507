"""Backups: made while the server works, held against their manifests, restored into a new folder and served from."""

import json
import os
import signal
import subprocess
import threading

import pytest

from harness.sample import silent_wav
from harness.server import NO_WORK
from harness.waiting import until


def backup(server, target, *flags, code=0):
    done = server.cli("backup", "create", str(target), "--json", *flags)
    assert done.returncode == code, done.stdout.decode() + done.stderr.decode()
    return json.loads(done.stdout)


def verified(server, place, code=0):
    done = server.cli("backup", "verify", str(place), "--json")
    assert done.returncode == code, done.stdout.decode() + done.stderr.decode()
    return json.loads(done.stdout)


def restored(server, place, into, code=0):
    done = server.cli("restore", str(place), "--into", str(into), "--json")
    assert done.returncode == code, done.stdout.decode() + done.stderr.decode()
    return json.loads(done.stdout)


class Uploads:
    """Files that are sent one after the other until the block ends; `taken`: ids in the order of their answers."""

    def __init__(self, server):
        self.server, self.taken, self._over = server, [], threading.Event()
        self._thread = threading.Thread(target=self._send)

    def _send(self):
        content = silent_wav(0.2)
        while not self._over.is_set():
            answer = self.server.client.upload(content, name=f"{len(self.taken)}.wav")
            assert answer.status in (200, 201, 202), answer
            self.taken.append(answer.json()["id"])

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join(60)


def test_FG_15_a_backup_is_made_while_uploads_go_on_and_restored_to_what_was_answered_before_it(make_server, tmp_path):
    server = make_server(NO_WORK).start()
    with Uploads(server) as uploads:
        until(lambda: len(uploads.taken) >= 20)
        before = list(uploads.taken)
        made = backup(server, tmp_path / "backups")
        assert len(uploads.taken) > len(before), "nothing was sent while it was made, so nothing is proven"

    assert made["ok"] and made["point"]["items"] >= len(before)
    assert verified(server, tmp_path / "backups")["ok"]
    told = restored(server, tmp_path / "backups", tmp_path / "restored")
    assert told["point"] == made["point"] and told["violations"] == []

    again = make_server(NO_WORK, data=tmp_path / "restored").start()
    there = {item["id"] for item in all_items(again)}
    assert set(before) <= there <= set(uploads.taken) and len(there) == made["point"]["items"]
    sent = server.client.get(f"/api/v1/items/{before[3]}/media").body
    assert sent and again.client.get(f"/api/v1/items/{before[3]}/media").body == sent


def all_items(server):
    items, cursor = [], ""
    while True:
        page = server.client.json("/api/v1/items?limit=200" + (f"&cursor={cursor}" if cursor else ""))
        items += page["data"]
        cursor = page.get("next_cursor")
        if not cursor:
            return items


def test_FG_15_a_backup_that_is_killed_on_its_way_is_none_and_the_next_one_clears_it_away(make_server, tmp_path):
    server = make_server(NO_WORK).start()
    for number in range(40):
        server.client.submit(silent_wav(5), name=f"{number}.wav")
    target = tmp_path / "backups"
    command = [str(server.holdfast), "backup", "create", str(target), "--data", str(server.data)]
    child = subprocess.Popen(command, env=server.environment, stdout=subprocess.DEVNULL, cwd=server.folder)
    until(lambda: any((target / ".partial" / "files").glob("??/*")), every=0.001)
    os.kill(child.pid, signal.SIGKILL)
    child.wait(30)

    assert not (target / ".partial" / "manifest.json").exists(), "it was too late to be killed on its way"
    assert server.cli("backup", "verify", str(target)).returncode == 10
    assert server.cli("restore", str(target), "--into", str(tmp_path / "none")).returncode == 10
    assert not (tmp_path / "none").exists()
    assert backup(server, target)["point"]["items"] == 40
    assert not (target / ".partial").exists() and verified(server, target)["ok"]


def test_FG_15_a_changed_byte_of_a_backup_is_found_with_the_name_of_its_file_and_never_restored(make_server, tmp_path):
    server = make_server(NO_WORK).start()
    server.client.submit(silent_wav(1))
    made = backup(server, tmp_path / "backups")
    folder = tmp_path / "backups" / os.path.basename(made["backup"])
    (file,) = folder.glob("files/??/*")

    for damaged, name in ((file, str(file.relative_to(folder))), (folder / "holdfast.db", "holdfast.db")):
        whole = damaged.read_bytes()
        damaged.write_bytes(whole[:-7] + bytes([whole[-7] ^ 1]) + whole[-6:])
        (found,) = verified(server, tmp_path / "backups", code=15)["backups"]
        assert [finding["name"] for finding in found["findings"]] == [name]
        assert name in restored(server, tmp_path / "backups", tmp_path / "new", code=15)["error"]["message"]
        assert not (tmp_path / "new").exists()
        damaged.write_bytes(whole)
    file.unlink()
    (found,) = verified(server, tmp_path / "backups", code=15)["backups"]
    assert "is not there" in found["findings"][0]["what"]


@pytest.mark.parametrize("what", ["manifest.json", "manifest.sha256"])
def test_FG_15_a_changed_manifest_is_no_manifest(make_server, tmp_path, what):
    server = make_server(NO_WORK).start()
    made = backup(server, tmp_path / "backups")
    file = tmp_path / "backups" / os.path.basename(made["backup"]) / what
    whole = file.read_bytes()
    file.write_bytes((b"0" if whole[:1] != b"0" else b"1") + whole[1:])
    (found,) = verified(server, tmp_path / "backups", code=15)["backups"]
    assert [finding["name"] for finding in found["findings"]] == ["manifest.json"]


def test_FG_15_an_incremental_backup_copies_only_what_is_new_and_is_whole_by_itself(make_server, tmp_path):
    server = make_server(NO_WORK).start()
    first = server.client.submit(silent_wav(20))
    whole = backup(server, tmp_path / "backups", "--incremental")
    second = server.client.submit(silent_wav(1))
    later = backup(server, tmp_path / "backups", "--incremental")

    assert whole["bytes_copied"] == whole["bytes"]
    assert later["bytes"] > whole["bytes"] and later["bytes_copied"] < whole["bytes_copied"] - 500_000
    for file in (tmp_path / "backups" / os.path.basename(whole["backup"])).glob("files/??/*"):
        file.unlink()  # an earlier backup that is thrown away takes nothing along
    restored(server, tmp_path / "backups" / os.path.basename(later["backup"]), tmp_path / "new")
    again = make_server(NO_WORK, data=tmp_path / "new").start()
    assert {item["id"] for item in all_items(again)} == {first, second}


def test_FG_15_an_earlier_backup_that_rotted_gives_nothing_to_the_next_one(make_server, tmp_path):
    server = make_server(NO_WORK).start()
    server.client.submit(silent_wav(2))
    made = backup(server, tmp_path / "backups", "--incremental")
    (file,) = (tmp_path / "backups" / os.path.basename(made["backup"])).glob("files/??/*")
    file.write_bytes(b"rot" + file.read_bytes()[3:])

    later = backup(server, tmp_path / "backups", "--incremental")

    assert later["ok"] and later["bytes_copied"] == later["bytes"]
    assert verified(server, later["backup"])["ok"]


def test_FG_15_what_the_data_folder_itself_has_lost_is_said_and_the_rest_is_backed_up(make_server, tmp_path):
    server = make_server(NO_WORK).start()
    server.client.submit(silent_wav(1))
    (lost,) = server.blobs().values()
    server.client.submit(silent_wav(2))
    kept = lost.read_bytes()
    lost.unlink()

    made = backup(server, tmp_path / "backups", code=15)

    assert [one["name"] for one in made["unsound"]] == [f"files/{lost.name[:2]}/{lost.name}"]
    assert verified(server, tmp_path / "backups")["ok"], "what it says is there is there"
    (violation,) = restored(server, tmp_path / "backups", tmp_path / "new", code=15)["violations"]
    assert violation["invariant"] == "blob_missing"
    lost.write_bytes(kept)


def test_FG_15_nothing_is_restored_over_something(make_server, tmp_path):
    server = make_server(NO_WORK).start()
    server.client.submit(silent_wav(1))
    backup(server, tmp_path / "backups")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")

    assert restored(server, tmp_path / "backups", tmp_path / "mine", code=1)["error"]["code"] == "HF-BAK-03"
    assert restored(server, tmp_path / "backups", server.data, code=1)["error"]["code"] == "HF-BAK-03"
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["letter.txt"]
    assert server.cli("backup", "create", str(tmp_path / "x"), "--data", str(tmp_path / "mine")).returncode == 10
