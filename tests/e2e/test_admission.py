"""Who is let in and what is begun when memory, queues or people are too many. The memory is a file of the test's own."""

import json

import pytest

from harness.meminfo import FakeMemory
from harness.sample import silent_wav
from harness.server import NO_WORK
from harness.waiting import until

LIMITS = "/api/failure-recovery/limits"
AT_CAPACITY = "System at capacity, please wait 2 minutes"


@pytest.fixture
def memory(tmp_path) -> FakeMemory:
    return FakeMemory(tmp_path)


def memory_of(server) -> dict:
    return server.client.json("/api/v1/status")["memory"]


def messages_of(server) -> list[str]:
    return server.client.json("/api/v1/status")["messages"]


def wait_until_waiting(server, count: int) -> None:
    """Each item is taken up once, found to need what is not there, and waits from then on."""
    until(lambda: sum(item["held_for"] is not None for item in map(server.client.item, ids(server))) == count)


def ids(server) -> list[str]:
    return [item["id"] for item in server.client.items()]


def change_limits(server, **limits):
    return server.client.request("PATCH", LIMITS, json.dumps(limits), {"Content-Type": "application/json"})


def test_LAB_7_new_tasks_pause_while_memory_is_short_and_go_on_when_there_is_room(make_server, memory):
    server = make_server(memory.settings).start()
    memory.set(19)
    until(lambda: memory_of(server)["work"] == "paused")

    item = server.client.submit(silent_wav(2))
    memory.set(40)  # between the marks: nothing changes
    until(lambda: memory_of(server)["available_bytes"] == 400_000 * 1024)
    assert memory_of(server)["work"] == "paused"
    assert server.client.item(item)["status"] == "pending"

    memory.set(51)
    assert server.client.wait_completed(item)["status"] == "completed"
    assert memory_of(server)["work"] == "full"
    assert messages_of(server) == []


def test_LAB_8_uploads_are_refused_at_capacity_and_what_is_there_is_worked_on(make_server, memory):
    server = make_server(memory.settings).start()
    before = server.client.submit(silent_wav(2))
    server.client.wait_completed(before)
    memory.set(9)
    until(lambda: memory_of(server)["uploads"] == "refused")

    for send in (server.client.upload, server.client.upload_raw, server.client.upload_video):
        refused = send(silent_wav(2))
        assert refused.status == 503
        assert refused.headers["retry-after"] == "120"
        assert refused.code == "HF-ADM-01"
        assert refused.json()["detail"] == AT_CAPACITY
    assert AT_CAPACITY in messages_of(server)
    assert server.client.get("/readyz").status == 503
    assert server.client.get("/livez").status == 200
    assert [item["id"] for item in server.client.items()] == [before]

    memory.set(60)
    until(lambda: memory_of(server)["uploads"] == "accepted")
    assert AT_CAPACITY not in messages_of(server)
    server.client.wait_completed(server.client.submit(silent_wav(2)))


def test_FG_9_a_full_queue_refuses_with_its_length_and_a_way_out(make_server):
    server = make_server(NO_WORK | {"HOLDFAST_ADMISSION_WAITING_MAX": "3"}).start()
    for _ in range(3):
        server.client.submit(silent_wav(2))
    wait_until_waiting(server, 3)

    refused = server.client.upload(silent_wav(2))

    assert (refused.status, refused.code, refused.headers["retry-after"]) == (503, "HF-ADM-02", "30")
    assert refused.json()["queue_size"] == 3
    assert "fast mode" in refused.json()["what_to_do"]
    for _ in range(9):
        assert server.client.upload(silent_wav(2)).status == 503
    assert "queue_refusals" in server.log_file.read_text()


def test_LAB_11_limits_are_changed_while_running_and_hold_after_a_kill(make_server):
    server = make_server(NO_WORK).start()
    server.client.submit(silent_wav(2))
    wait_until_waiting(server, 1)

    assert change_limits(server, active_users_max=15, waiting_max_of={"media": 1}).status == 200
    assert server.client.upload(silent_wav(2)).code == "HF-ADM-02"

    server.kill9()
    server.start()
    shown = server.client.json(LIMITS)
    assert (shown["active_users_max"], shown["waiting_max_of"]) == (15, {"media": 1})
    wait_until_waiting(server, 1)
    assert server.client.upload(silent_wav(2)).code == "HF-ADM-02"

    assert change_limits(server, waiting_max_of={}).status == 200
    server.client.submit(silent_wav(2))


@pytest.mark.parametrize(
    "change",
    [
        {"active_users_max": 30, "waiting_max": -1},
        {"active_users_max": 30, "work": {"stop_below_percent": 90}},
        {"active_users_max": 30, "waiting_max_of": {"nowhere": 1}},
        {"active_users_max": 30, "surprise": True},
    ],
)
def test_LAB_11_a_broken_change_is_refused_as_a_whole(shared_server, change):
    before = shared_server.client.json(LIMITS)

    assert change_limits(shared_server, **change).status in (400, 422)

    assert shared_server.client.json(LIMITS) == before
