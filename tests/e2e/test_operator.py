"""The procedures of an operator as commands: workers, queues, the cache and the models."""

import json

from harness.sample import silent_wav
from harness.server import NO_WORK
from harness.store import rows
from harness.waiting import until

ADMIN = ("root", "a long enough password")


def run(server, *words, code=0, **options):
    done = server.cli(*words, "--json", **options)
    assert done.returncode == code, done.stdout.decode() + done.stderr.decode()
    return json.loads(done.stdout)


def test_FG_15_a_parked_queue_begins_nothing_over_a_restart_and_goes_on_when_it_is_resumed(make_server, samples):
    server = make_server().start()
    parked = run(server, "queue", "park", "media")
    assert (parked["queue"], parked["parked"]) == ("media", True)
    item = server.client.submit(samples.introduction().read_bytes())
    server.restart()
    shown = run(server, "queue", "show", "media")
    assert shown["parked"] and [one["id"] for one in shown["items"]] == [item]
    assert not any(row["type"] == "stage.started" for row in server.client.audit(item))
    assert {queue["queue"]: queue["parked"] for queue in run(server, "queue", "show")["data"]} == {
        "embedding": False,
        "engine": False,
        "media": True,
    }
    run(server, "queue", "park", "engine")
    run(server, "queue", "resume", "media")
    converted = until(lambda: [row for row in server.client.audit(item) if row["type"] == "stage.completed"])
    assert [row["stage"] for row in converted] == ["convert"]
    assert [one["id"] for one in run(server, "queue", "show", "engine")["items"]] == [item]
    run(server, "queue", "resume", "engine")
    server.client.wait_completed(item)


def test_FG_15_a_cleared_queue_is_written_down_first_and_comes_back_from_that(make_server, tmp_path):
    server = make_server(NO_WORK).start()
    run(server, "queue", "park", "media")
    ids = [server.client.submit(silent_wav(0.1, b"%d" % n), name=f"{n}.wav") for n in range(4)]
    refused = server.cli("queue", "clear", "media", "--json")
    assert refused.returncode == 2, "nobody confirmed it"
    assert {server.client.item(one)["status"] for one in ids} == {"pending"}

    backup = tmp_path / "cleared.json"
    cleared = run(server, "queue", "clear", "media", "--yes", "--backup", str(backup))

    assert sorted(cleared["cancelled"]) == sorted(ids) and cleared["passed_over"] == []
    assert {server.client.item(one)["status"] for one in ids} == {"cancelled"}
    assert {one["name"] for one in json.loads(backup.read_text())["items"]} == {f"{n}.wav" for n in range(4)}
    assert run(server, "queue", "clear", "media", "--yes")["cancelled"] == []
    again = run(server, "queue", "restore", str(backup))
    assert sorted(again["restored"]) == sorted(ids)
    assert {server.client.item(one)["status"] for one in ids} == {"pending"}
    assert run(server, "queue", "restore", str(backup))["passed_over"], "what waits already is left as it is"
    assert server.verify() == []


def test_FG_15_a_list_that_cannot_be_written_clears_nothing(make_server, tmp_path):
    server = make_server(NO_WORK).start()
    run(server, "queue", "park", "media")
    item = server.client.submit(silent_wav(0.1))
    taken = tmp_path / "there.json"
    taken.write_text("mine")
    for place in (taken, tmp_path / "no" / "such" / "folder.json"):
        done = server.cli("queue", "clear", "media", "--yes", "--backup", str(place))
        assert done.returncode == 1, done
    assert server.client.item(item)["status"] == "pending" and taken.read_text() == "mine"
    assert run(server, "queue", "clear", "media", "--yes", "--no-backup")["cancelled"] == [item]
    assert server.cli("queue", "restore", str(taken)).returncode == 1


def test_FG_15_a_worker_that_is_restarted_in_its_work_costs_an_attempt_and_no_item(make_server, samples):
    server = make_server().start()
    item = server.client.submit(samples.introduction().read_bytes())

    def at_work():
        return next((w for w in run(server, "workers", "list")["data"] if w["item"] == item and w["kind"] == "speech"), None)

    before = until(at_work, every=0.01)
    assert run(server, "workers", "restart", str(before["pid"]))["ended"] == 1
    done = server.client.wait_completed(item)
    assert sum(stage["attempts"] for stage in done["stages"]) >= len(done["stages"]) + 1
    after = {w["pid"] for w in run(server, "workers", "list")["data"] if w["kind"] == "speech"}
    assert after and before["pid"] not in after
    assert run(server, "workers", "restart", "speech")["ended"] == 1
    server.client.wait_completed(server.client.submit(samples.introduction().read_bytes(), key="again"))
    for unknown in ("nobody", "1", str(server.pid)):
        assert run(server, "workers", "restart", unknown, code=1)["error"]["code"] == "HF-WRK-01"


def test_FG_15_the_cache_is_cleared_and_every_procedure_is_of_superusers_and_in_their_audit(make_server):
    server = make_server(NO_WORK, single_user=False)
    server.add_user(*ADMIN, "--superuser")
    server.add_user("ana", "another long password")
    server.start()
    root, ana = server.log_in(*ADMIN), server.log_in("ana", "another long password")
    base = "/api/failure-recovery"
    orders = [
        ("queues/media/park", {}),
        ("queues/media/resume", {}),
        ("queues/media/clear", {"items": []}),
        ("restore", {"items": ["itm_none"]}),
        ("cache/clear", {}),
    ]
    for path, body in orders:
        assert ana.send_json("POST", f"{base}/{path}", body).status == 403
    before = len(rows(server.data, "SELECT * FROM management_audit"))
    for path, body in orders:
        answer = root.send_json("POST", f"{base}/{path}", body)
        assert answer.status == 200, answer
    assert len(rows(server.data, "SELECT * FROM management_audit")) == before + len(orders)
    assert root.send_json("POST", f"{base}/restore", {"items": ["itm_none"]}).json()["passed_over"] == ["itm_none"]
    assert root.send_json("POST", f"{base}/queues/none/park", {}).status == 404
    assert root.send_json("POST", f"{base}/queues/media/clear", {"items": "all"}).status == 400
    assert root.send_json("POST", f"{base}/queues/media/clear", {"everything": []}).status == 400


def test_FG_15_models_are_rebuilt_and_what_is_damaged_is_set_aside_first(shared_server, tmp_path):
    models = tmp_path / "models"
    models.mkdir()
    (models / "ggml-base-q8_0.bin").write_bytes(b"ggml, but not all of it")
    # Without the program that makes them nothing can be fetched: what was found is done all the same.
    done = shared_server.cli(
        "models", "rebuild", "--json", environment={"HOLDFAST_MODELS_DIR": str(models), "PATH": str(tmp_path)}
    )
    assert done.returncode != 0
    assert b"whisper-base-q8_0 is damaged; set aside as" in done.stderr
    assert [path.name for path in models.iterdir()] == ["ggml-base-q8_0.bin.damaged"]
