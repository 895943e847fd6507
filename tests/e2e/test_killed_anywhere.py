"""kill -9 of the server, of a worker and of FFmpeg at every stage: the work goes on by itself, finished
stages are not done again, results appear once, and nothing that was acknowledged is lost."""

import difflib
import json
import os
import random
import re
import signal
import threading
import time

import pytest

from harness import processes, sample
from harness.endpoint import Endpoint
from harness.recipes import quick_recipes
from harness.sample import silent_wav
from harness.server import NO_WORK
from harness.store import segments_stored, store_file
from harness.waiting import until

MAINTENANCE = "System maintenance complete, processing your videos now"
TECHNICAL = "Technical issue detected, your video will be processed shortly"
KILLS = int(os.environ.get("HOLDFAST_RANDOM_KILLS", "15"))
SEED = int(os.environ.get("HOLDFAST_KILL_SEED", "0")) or random.randrange(1 << 32)


@pytest.fixture(scope="module")
def uninterrupted(make_module_server, samples):
    """What a run that nobody disturbs gives."""
    server = make_module_server().start()
    item = server.client.wait_completed(server.client.submit(samples.chapters(3).read_bytes()))
    assert server.term() == 0
    server.start()
    return item


@pytest.fixture
def endpoint():
    made = Endpoint()
    yield made
    made.close()


@pytest.fixture
def long_sound(samples):
    """Two minutes of eight channels, so that converting takes a while; transcribing it does not."""

    def make(path):
        sample.ffmpeg(
            "-i",
            str(samples.sentence()),
            "-af",
            "apad=whole_dur=120,aformat=channel_layouts=7.1",
            "-ar",
            "96000",
            "-c:a",
            "flac",
            "-compression_level",
            "0",
            str(path),
        )

    return samples.made("long.flac", make).read_bytes()


def stage_of(item: dict, name: str) -> dict:
    return next(stage for stage in item["stages"] if stage["name"] == name)


def wait_for_stage(server, item_id: str, name: str) -> dict:
    def look():
        item = server.client.item(item_id)
        assert item["status"] in ("pending", "processing"), item
        return item if item["stage"] == name and item["status"] == "processing" else None

    return until(look, 120, 0.01, f"stage {name}")


def wait_for_segment(server, item_id: str) -> None:
    wait_for_stage(server, item_id, "stt")
    until(lambda: segments_stored(server.data), 120, 0.01, "the first stored segment")


def words(item: dict) -> list[str]:
    return re.findall(r"[a-z0-9']+", item["result"]["transcript"]["text"].lower())


def words_that_differ(one: list[str], other: list[str]) -> int:
    changes = difflib.SequenceMatcher(None, one, other, autojunk=False).get_opcodes()
    return sum(max(a2 - a1, b2 - b1) for kind, a1, a2, b1, b2 in changes if kind != "equal")


def assert_same_transcript(uninterrupted: dict, after: dict) -> None:
    assert words_that_differ(words(uninterrupted), words(after)) <= 3, "the same but for the words at the seam"
    gaps = [item["result"]["transcript"]["gaps"] for item in (uninterrupted, after)]
    assert gaps[0] == gaps[1], "a hole is not mended by an interruption, nor forgotten"
    warnings = [stage_of(item, "stt")["warnings"] for item in (uninterrupted, after)]
    assert warnings[0] == warnings[1]


def assert_once(server, item: dict) -> None:
    """Completed once, each stage once, one start for each fence."""
    audit = server.client.audit(item["id"])
    kinds = [(row["type"], row["stage"]) for row in audit]
    assert kinds.count(("job.created", "upload")) == 1
    assert [row["type"] for row in audit].count("job.completed") == 1
    for stage in item["stages"][1:]:
        assert kinds.count(("stage.completed", stage["name"])) == 1, audit
    fences = [row["fence"] for row in audit if row["type"] == "stage.started"]
    assert fences == list(range(1, len(fences) + 1))
    assert server.verify() == []


# The server


def test_LAB_4_LAB_10_server_killed_while_transcribing_goes_on_at_the_checkpoint(
    make_server, samples, uninterrupted
):
    server = make_server().start()
    item_id = server.client.submit(samples.chapters(3).read_bytes())
    wait_for_segment(server, item_id)
    before = server.client.item(item_id)

    server.kill9()
    assert server.verify() == []
    stored = server.start() and segments_stored(server.data)
    after, heard = server.client.wait_and_listen(item_id)

    assert stored >= 1, "the checkpoint is to survive"
    assert stage_of(after, "convert") == stage_of(before, "convert"), "a finished stage is not done again"
    assert MAINTENANCE in heard and after["messages"] == []
    assert (
        stage_of(after, "stt")["attempts"] == 1 and after["retry_count"] == 0
    ), "our death is not the file's fault"
    assert_same_transcript(uninterrupted, after)
    assert_once(server, after)


def test_LAB_4_server_killed_while_converting(make_server, long_sound):
    server = make_server().start()
    item_id = server.client.submit(long_sound, name="long.flac")
    server.converter()

    server.kill9()
    assert processes.wait_for_no_strays() == [], "ffmpeg must not outlive its server"
    assert server.verify() == []
    server.start()

    after, heard = server.client.wait_and_listen(item_id)
    assert MAINTENANCE in heard and after["messages"] == []
    assert_once(server, after)


def test_LAB_4_server_killed_in_the_language_stage(make_server, samples, endpoint):
    server = make_server({"HOLDFAST_LANGUAGE_URL": endpoint.url}).start()
    endpoint.hold()
    item_id = server.client.submit(samples.sentence().read_bytes(), recipe="introductions")
    before = wait_for_stage(server, item_id, "mistral")
    until(lambda: endpoint.requests, why="the endpoint is asked")

    server.kill9()
    endpoint.release()
    assert server.verify() == []
    server.start()

    after = server.client.wait_completed(item_id)
    for name in ("convert", "stt"):
        assert stage_of(after, name) == stage_of(before, name), "finished stages are not done again"
    assert after["result"]["transcript"]["text"] == before["result"]["transcript"]["text"]
    assert after["result"]["rating"]["score"] == 7
    assert_once(server, after)


def test_LAB_4_workers_go_when_their_server_is_killed(make_server, samples):
    server = make_server().start()
    item_id = server.client.submit(samples.chapters(2).read_bytes())
    wait_for_stage(server, item_id, "stt")
    worker = server.worker("holdfast-stt")

    server.kill9()

    until(lambda: not processes.is_alive(worker.pid), 5, why="a worker ends when its server is gone")
    server.start()


def test_LAB_1_killed_while_uploads_come_in_nothing_acknowledged_is_lost(make_server):
    server = make_server(NO_WORK).start()
    dice = random.Random(SEED)
    acknowledged: dict[str, str] = {}

    def send(stop: threading.Event, line: int) -> None:
        for number in range(100_000):
            if stop.is_set():
                return
            key = f"{line}-{number}-{len(acknowledged)}"
            try:
                answer = client.upload(silent_wav(0.2, key.encode()), key=key)
            except OSError:
                return
            if answer.status in (200, 201):
                acknowledged[answer.json()["id"]] = answer.json()["input"]["sha256"]

    for cycle in range(5):
        client, stop = server.client, threading.Event()
        senders = [threading.Thread(target=send, args=(stop, cycle * 10 + line)) for line in range(4)]
        for sender in senders:
            sender.start()
        time.sleep(dice.uniform(0.1, 0.6))
        server.kill9()
        stop.set()
        for sender in senders:
            sender.join(30)
        assert server.verify() == [], f"seed {SEED}"
        server.start()
    listed = {item_id: server.client.item(item_id)["input"]["sha256"] for item_id in acknowledged}
    assert len(acknowledged) > 20 and listed == acknowledged, f"seed {SEED}"


def test_LAB_1_retry_with_the_same_key_after_a_crash_makes_one_job(make_server):
    server = make_server(NO_WORK).start()
    content, dice = silent_wav(0.5, b"retried"), random.Random(SEED)
    for cycle in range(6):
        sender = threading.Thread(target=lambda: try_upload(server.client, content, f"key {cycle}"))
        sender.start()
        time.sleep(dice.uniform(0, 0.03))
        server.kill9()
        sender.join(30)
        server.start()
        assert try_upload(server.client, content, f"key {cycle}").status in (200, 201)
    keys = [item["job_id"] for item in server.client.items()]
    assert sorted(keys) == [f"key {cycle}" for cycle in range(6)]
    assert server.verify() == []


def try_upload(client, content: bytes, key: str):
    try:
        return client.upload(content, key=key)
    except OSError:
        return None


@pytest.mark.slow
def test_LAB_4_killed_at_random_moments_and_at_commits_three_items_end_once(make_server, samples, tmp_path):
    recipes = quick_recipes(tmp_path / "recipes", interruptions=100)
    server = make_server({"HOLDFAST_RECIPES_DIR": str(recipes)}).start()
    ids = [
        server.client.submit(samples.chapters(1).read_bytes(), key="long"),
        server.client.submit(samples.sentence(1).read_bytes(), recipe="introductions", key="form"),
        server.client.submit(samples.video().read_bytes(), recipe="introductions", key="video"),
    ]
    dice = random.Random(SEED)

    for kill in range(KILLS):
        wait_for_a_moment(server, dice, at_commit=kill % 2 == 0)
        server.kill9()
        assert processes.wait_for_no_strays() == []
        assert server.verify() == [], f"seed {SEED}, kill {kill}"
        server.start()

    for item_id in ids:
        item = server.client.wait_completed(item_id, 600)
        assert item["retry_count"] == 0, f"seed {SEED}: {item}"
        assert_once(server, item)
    assert len(server.client.items()) == 3


def wait_for_a_moment(server, dice: random.Random, at_commit: bool) -> None:
    """Some time, or until the store's log was written so many times, and not a moment longer."""
    if not at_commit:
        return time.sleep(dice.uniform(0.05, 3))
    log = store_file(server.data).with_name(store_file(server.data).name + "-wal")
    deadline = time.monotonic() + 5
    for _ in range(dice.randint(1, 6)):
        last = log.stat().st_mtime_ns if log.exists() else 0
        while time.monotonic() < deadline and (not log.exists() or log.stat().st_mtime_ns == last):
            pass
    return None


def test_LAB_4_killed_during_recovery_again_and_again(make_server, samples):
    server = make_server().start()
    item_id = server.client.submit(samples.chapters(1).read_bytes())
    wait_for_stage(server, item_id, "stt")
    for _ in range(4):
        server.kill9()
        assert server.verify() == []
        server.start()
    assert server.client.item(item_id)["messages"] == [MAINTENANCE], "said once, not once for each time"
    after = server.client.wait_completed(item_id)
    assert_once(server, after)


# Workers


def test_LAB_9_speech_worker_killed_is_replaced_and_goes_on(make_server, samples, uninterrupted):
    server = make_server().start()
    item_id = server.client.submit(samples.chapters(3).read_bytes())
    wait_for_segment(server, item_id)
    before, victim = server.client.item(item_id), server.worker("holdfast-stt")

    os.kill(victim.pid, signal.SIGKILL)
    after, heard = server.client.wait_and_listen(item_id)

    assert server.worker("holdfast-stt").pid != victim.pid
    assert TECHNICAL in heard and after["messages"] == []
    assert after["retry_count"] == 1 and stage_of(after, "stt")["attempts"] == 2
    assert stage_of(after, "convert") == stage_of(before, "convert")
    assert_same_transcript(uninterrupted, after)
    assert_once(server, after)


def test_LAB_9_ffmpeg_killed_is_started_again(make_server, long_sound):
    server = make_server().start()
    item_id = server.client.submit(long_sound, name="long.flac")

    os.kill(server.converter().pid, signal.SIGKILL)
    after, heard = server.client.wait_and_listen(item_id)

    assert stage_of(after, "convert")["attempts"] == 2 and after["retry_count"] == 1
    assert TECHNICAL in heard and after["messages"] == []
    assert_once(server, after)


def test_LAB_9_language_worker_killed_is_replaced(make_server, samples):
    server = make_server().start()
    item_id = server.client.submit(samples.introduction().read_bytes(), recipe="introductions")
    before = wait_for_stage(server, item_id, "mistral")

    os.kill(server.worker("holdfast-llm").pid, signal.SIGKILL)
    after, heard = server.client.wait_and_listen(item_id)

    assert after["retry_count"] == 1 and TECHNICAL in heard and after["messages"] == []
    assert stage_of(after, "stt") == stage_of(before, "stt")
    assert after["result"]["rating"]["criteria"]
    assert_once(server, after)


def at_work_on(server, item_id: str) -> int:
    """The process of the speech worker that has taken up this item."""

    def look():
        workers = server.client.json("/api/v1/status")["workers"]
        return next((one["pid"] for one in workers if item_id in one.values() and one["state"] == "busy"), None)

    return until(look, 60, 0.002, "a worker at work on the item")


def test_LAB_4_a_file_that_kills_its_worker_twice_is_set_aside_and_others_go_on(make_server, samples):
    server = make_server().start()
    poison = server.client.submit(samples.chapters(1).read_bytes(), name="poison.wav")  # one window: one place
    good = server.client.submit(samples.sentence().read_bytes(), name="good.wav")

    killed: set[int] = set()
    while len(killed) < 2:
        pid = at_work_on(server, poison)
        if pid not in killed:
            os.kill(pid, signal.SIGKILL)
            killed.add(pid)
    item = server.client.wait(poison)

    assert item["status"] == "failed" and item["error"]["code"] == "HF-ENG-05", item["error"]
    assert item["error"]["what_to_do"]
    assert server.client.wait_completed(good)
    assert server.client.get(f"/api/v1/items/{poison}/media").body == samples.chapters(1).read_bytes()
    again = server.client.request("POST", f"/api/v1/items/{poison}/retry")
    assert again.status == 200, again
    assert server.client.wait_completed(poison)
    assert server.verify() == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "stage,program,recipe",
    [("stt", "holdfast-stt", "voicesync"), ("mistral", "holdfast-llm", "introductions")],
)
def test_LAB_9_a_hung_worker_is_replaced(make_server, samples, tmp_path, stage, program, recipe):
    recipes = quick_recipes(tmp_path / "recipes", silence="10 s")
    server = make_server({"HOLDFAST_RECIPES_DIR": str(recipes)}).start()
    item_id = server.client.submit(samples.introduction().read_bytes(), recipe=recipe)
    wait_for_stage(server, item_id, stage)
    victim = server.worker(program)

    os.kill(victim.pid, signal.SIGSTOP)  # alive, but nothing comes of it
    after, heard = server.client.wait_and_listen(item_id)

    assert not processes.is_alive(victim.pid), "a hung worker is ended"
    assert TECHNICAL in heard and after["messages"] == [] and after["retry_count"] == 1
    assert_once(server, after)


def test_a_stopped_server_does_not_lose_its_own_lease_to_itself(make_server, samples):
    """Paused beyond its lease and woken: the fence decides, and the item is completed once."""
    server = make_server({"HOLDFAST_ENGINE_LEASE": "1 s", "HOLDFAST_ENGINE_HEARTBEAT": "200 ms"}).start()
    item_id = server.client.submit(samples.chapters(1).read_bytes())
    wait_for_stage(server, item_id, "stt")

    processes.stop_and_wait([server.pid])
    time.sleep(2.5)
    os.kill(server.pid, signal.SIGCONT)

    assert_once(server, server.client.wait_completed(item_id))


# Stopping on purpose


def test_VS_4_sigterm_gives_work_back_uncharged_and_exits_0(make_server, samples):
    server = make_server().start()
    item_id = server.client.submit(samples.chapters(2).read_bytes())
    waiting = server.client.submit(samples.sentence().read_bytes())
    wait_for_stage(server, item_id, "stt")

    assert server.term() == 0
    assert processes.wait_for_no_strays() == []
    assert server.verify() == []
    server.start()

    after = server.client.wait_completed(item_id)
    assert stage_of(after, "stt")["attempts"] == 1 and after["retry_count"] == 0
    assert_once(server, after)
    assert_once(server, server.client.wait_completed(waiting))


def test_VS_4_sigterm_during_uploads_loses_nothing_acknowledged(make_server):
    server = make_server(NO_WORK).start()
    acknowledged, client, done = [], server.client, threading.Event()

    def send(line: int) -> None:
        for number in range(100_000):
            try:
                answer = client.upload(silent_wav(0.3, f"{line} {number}".encode()))
            except OSError:
                return
            if answer.status == 201:
                acknowledged.append(answer.json()["id"])
            elif done.is_set():
                return

    senders = [threading.Thread(target=send, args=(line,)) for line in range(4)]
    for sender in senders:
        sender.start()
    until(lambda: len(acknowledged) > 10, why="uploads come in")
    done.set()
    assert server.term() == 0
    for sender in senders:
        sender.join(30)

    assert server.verify() == [] and not server.parts()
    server.start()
    assert {item["id"] for item in all_items(server.client)} >= set(acknowledged)


def all_items(client) -> list[dict]:
    out, query = [], "limit=200"
    while True:
        page = client.json(f"/api/v1/items?{query}")
        out += page["data"]
        if not page["next_cursor"]:
            return out
        query = f"limit=200&cursor={page['next_cursor']}"


def test_two_servers_on_one_data_folder_the_second_is_refused(make_server):
    server = make_server().start()

    done = server.cli(
        "serve", "--single-user", "--data", str(server.data), "--listen", "127.0.0.1:0", seconds=30
    )

    assert done.returncode == 11, done
    assert server.client.get("/livez").status == 200
    assert b"listening" not in done.stdout
    assert done.stderr, "it says why"


# By hand


def test_LAB_5_cancel_stops_the_work_and_retry_finishes_it(make_server, samples):
    server = make_server().start()
    item_id = server.client.submit(samples.chapters(2).read_bytes())
    wait_for_stage(server, item_id, "stt")

    answer = server.client.request("POST", f"/api/v1/items/{item_id}/cancel")
    item = server.client.wait(item_id)
    assert answer.status == 200 and item["status"] == "cancelled"
    assert json.loads(answer.body)["cancel_requested"] is True
    again = server.client.request("POST", f"/api/v1/items/{item_id}/cancel")
    assert (again.status, again.code) == (409, "HF-ITM-03")

    assert server.client.request("POST", f"/api/v1/items/{item_id}/retry").status == 200
    assert server.client.wait_completed(item_id)["result"]["transcript"]["text"]
    assert server.verify() == []
