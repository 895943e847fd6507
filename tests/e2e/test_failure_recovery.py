"""Failure recovery over HTTP against a live server with real failures in it: files that are no media, a worker that
is killed twice, and a language endpoint that is away."""

import json
import os
import re
import signal
import sqlite3

import pytest

from harness.endpoint import Endpoint
from harness.sample import silent_wav
from harness.waiting import until

BASE = "/api/failure-recovery"
#: Parts with tests of their own.
ELSEWHERE = tuple(
    f"{BASE}/{part}"
    for part in ("health", "limits", "services", "circuit-breakers", "queues", "workers", "cache", "restore")
)
QUICK = {"HOLDFAST_ENGINE_PROBE_EVERY": "200 ms"}


class Operator:
    """Asks the routes of failure recovery, and remembers which."""

    def __init__(self, client, routes: set[tuple[str, str]]):
        self.client, self.routes, self.asked = client, routes, set()

    def ask(self, method: str, path: str, body=None, status: int = 200):
        headers = {} if body is None else {"Content-Type": "application/json"}
        content = None if body is None else json.dumps(body)
        answer = self.client.request(method, BASE + path, content, headers)
        assert answer.status == status, (method, path, answer)
        self.asked.add((method, self._route_of(method, path.partition("?")[0])))
        return answer

    def _route_of(self, method: str, path: str) -> str:
        """The first route that has it, fixed words before names."""
        fitting = [
            route
            for asked, route in self.routes
            if asked == method and re.fullmatch(re.sub(r"\{[a-z_]+\}", "[^/]+", route), BASE + path)
        ]
        assert fitting, (method, path)
        return min(fitting, key=lambda route: route.count("{"))

    def get(self, path: str):
        return self.ask("GET", path).json()

    def post(self, path: str, body=None, status: int = 200):
        return self.ask("POST", path, body, status).json()

    def refused(self, method: str, path: str, body=None) -> str:
        headers = {} if body is None else {"Content-Type": "application/json"}
        answer = self.client.request(method, BASE + path, None if body is None else json.dumps(body), headers)
        return f"{answer.status} {answer.code}"


def recovery_routes(client) -> set[tuple[str, str]]:
    return {
        (method.upper(), path)
        for path, methods in client.json("/openapi.json")["paths"].items()
        for method in methods
        if path.startswith(BASE) and not path.startswith(ELSEWHERE)
    }


def kill_the_worker_twice(server, item_id: str) -> None:
    killed: set[int] = set()
    while len(killed) < 2:

        def at_work():
            workers = [w for w in server.client.json("/api/v1/status")["workers"] if w["kind"] == "speech"]
            return next((w["pid"] for w in workers if w["item"] == item_id and w["state"] == "busy"), None)

        pid = until(at_work, 60, 0.002, "a worker at work on the item")
        if pid not in killed:
            os.kill(pid, signal.SIGKILL)
            killed.add(pid)


@pytest.fixture(scope="module")
def endpoint():
    made = Endpoint()
    made.spoil = lambda request: (503, b"{}")
    yield made
    made.close()


@pytest.fixture(scope="module")
def troubled(make_module_server, samples, endpoint):
    """A server with a file without sound, two that are cut off, one that killed its worker twice, and one that is
    held because the endpoint is away."""
    server = make_module_server(QUICK | {"HOLDFAST_LANGUAGE_URL": endpoint.url}).start()
    client = server.client
    items = {
        "mute": client.submit(samples.mute_video().read_bytes(), name="mute.mp4", key="mute"),
        "cut": client.submit(samples.truncated_video().read_bytes(), name="cut.mp4", key="cut"),
        "cut again": client.submit(samples.truncated_video().read_bytes(), name="again.mp4", key="cut again"),
        "poison": client.submit(samples.chapters(1).read_bytes(), name="poison.wav", key="poison"),
    }
    kill_the_worker_twice(server, items["poison"])
    for item_id in items.values():
        assert client.wait(item_id)["status"] == "failed"
    items["held"] = client.submit(samples.introduction().read_bytes(), recipe="introductions", key="held")
    until(lambda: client.item(items["held"])["held_for"], 120, 0.1, "held for the endpoint")
    return server, items


def test_FR_6_every_route_against_real_failures(troubled, endpoint, samples):
    server, items = troubled
    client = server.client
    routes = recovery_routes(client)
    operator = Operator(client, routes)
    assert len(routes) >= 19

    # The whole
    overview = operator.get("/system-overview")
    assert overview["status"] in ("pass", "warn") and overview["dead_letters"]["count"] == 4
    queues = {queue["queue_type"]: queue for queue in operator.get("/queue-stats")["data"]}
    assert queues["convert"]["failed"] == 3 and queues["transcribe"]["failed"] == 1
    assert queues["generate"]["held"] == 1 and queues["transcribe"]["completed_last_hour"] == 1
    one = operator.get("/queue-stats/convert")
    assert [group["code"] for group in one["dead_letters"]] == ["HF-MED-01", "HF-MED-03"]
    metrics = operator.get("/metrics")
    assert operator.get("/alerts")["rules"], "by which it would tell"
    assert metrics["dead_letters"] == 4 and metrics["jobs"]["failed"] == 4
    assert operator.refused("GET", "/queue-stats/dance") == "404 HF-QUE-01"

    # One item
    status = operator.get(f"/pipeline-status/{items['poison']}")
    stt = next(stage for stage in status["stages"] if stage["name"] == "stt")
    assert status["error"]["code"] == "HF-ENG-05" and (stt["attempts"], stt["crashes"]) == (2, 2)
    held = operator.get("/pipeline-status/held")
    assert held["item"] == items["held"] and held["wait"]["state"] == "held" and held["wait"]["for"] == "HF-LLM-01"
    assert operator.refused("GET", "/pipeline-status/none") == "404 HF-ITM-06"
    assert len(operator.get("/items?status=failed")["data"]) == 4
    assert operator.get(f"/items/{items['mute']}")["history"][0]["type"] == "job.created"
    first = operator.get("/audit?limit=3")
    second = operator.get(f"/audit?limit=3&cursor={first['next_cursor']}")
    assert [event["seq"] for event in first["data"] + second["data"]] == [1, 2, 3, 4, 5, 6]

    # Dead letters
    page = operator.get("/dead-letters?limit=3")
    rest = operator.get(f"/dead-letters?limit=3&cursor={page['next_cursor']}")
    assert {item["id"] for item in page["data"] + rest["data"]} == set(items.values()) - {items["held"]}
    groups = operator.get("/dead-letters/groups")["data"]
    counted = [(group["code"], group["count"]) for group in groups]
    assert counted == [("HF-MED-01", 2), ("HF-MED-03", 1), ("HF-ENG-05", 1)], "the largest first"
    inspected = operator.get(f"/dead-letters/{items['poison']}")
    assert inspected["original_stored"] and "convert" in inspected["finished_stages"]
    assert [event["type"] for event in inspected["history"]].count("stage.started") == 3
    assert operator.refused("GET", f"/dead-letters/{items['held']}") == "404 HF-ITM-06"
    exported = operator.ask("GET", f"/dead-letters/{items['mute']}/file")
    assert exported.body == samples.mute_video().read_bytes()

    # Changes of one
    again = operator.post(f"/dead-letters/{items['poison']}/retry", {"from_stage": "convert"})
    assert again["status"] == "pending"
    assert client.wait_completed(items["poison"])["result"]["transcript"]["text"]
    by_hand = operator.post(
        f"/dead-letters/{items['mute']}/result", {"results": {"transcript": {"text": "Nothing is said."}}}
    )
    assert by_hand["status"] == "completed"
    transcript = client.item(items["mute"])["result"]["transcript"]
    assert transcript["by_hand"]["operator"] and transcript["text"] == "Nothing is said."
    assert client.get(f"/api/v1/items/{items['mute']}/transcript.txt").body.strip() == b"Nothing is said."
    discarded = operator.post(f"/dead-letters/{items['cut']}/discard", {"reason": "cut off in the camera"})
    assert discarded["discarded"] == "cut off in the camera"
    assert client.item(items["cut"])["discarded"] == "cut off in the camera"
    retried = client.request("POST", f"/api/v1/items/{items['cut']}/retry")
    assert (retried.status, retried.code) == (409, "HF-ITM-07")

    # Changes of many
    look = operator.post("/dead-letters/retry", {"filter": {"code": "HF-MED-01"}, "dry_run": True})
    assert look["matched"] == 1 and look["sample"] == [items["cut again"]]
    begun = operator.post("/dead-letters/retry", {"filter": {"code": "HF-MED-01"}, "per_minute": 1}, 202)
    redrive = f"/redrives/{begun['id']}"
    until(lambda: operator.get(redrive)["retried"] == 1, why="the redrive's first portion")
    assert operator.get("/redrives")["data"][0]["id"] == begun["id"]
    assert operator.ask("DELETE", redrive).json()["state"] == "stopped"
    assert operator.refused("GET", "/redrives/rdr_none") == "404 HF-QUE-02"
    assert client.wait(items["cut again"])["status"] == "failed", "it is still cut off"
    assert operator.post("/dead-letters/purge", {})["matched"] == 1, "a dry run unless told otherwise"
    purged = operator.post("/dead-letters/purge", {"reason": "end of term", "dry_run": False})
    assert purged == {"dry_run": False, "discarded": 1, "remaining": 0}

    # Recovery
    endpoint.spoil = lambda request: None
    operator.post("/recovery/generate/trigger")
    assert client.wait_completed(items["held"])["retry_count"] == 0
    assert operator.refused("POST", "/recovery/dance/trigger") == "404 HF-QUE-01"
    changed = operator.ask("PUT", "/rules", {"transcribe": {"crashes_max": 3, "no_progress_ms": 60000}}).json()
    assert changed["in_force"]["transcribe"]["crashes_max"] == 3
    assert operator.refused("PUT", "/rules", {"transcribe": {"crashes_max": 0}}) == "422 HF-QUE-03"
    assert operator.get("/rules")["in_force"]["transcribe"]["crashes_max"] == 3
    cleaned = operator.post("/cleanup", {"dry_run": True})
    assert cleaned["orphans"] == 2, "the files of what was given up"
    assert cleaned["suspects"] == 1, "and the sound that was made of one of them, when it is certain"

    assert operator.asked == routes, f"not asked: {routes - operator.asked}"
    assert server.verify() == []


def test_FR_6_hostile_paging_is_refused(troubled):
    server, _ = troubled
    operator = Operator(server.client, recovery_routes(server.client))
    for path in ("/dead-letters", "/items", "/audit"):
        for query in ("limit=-1", "limit=0", "limit=99999999999", "limit=ten", "limit=1%00", "cursor=-1", "cursor=zzz"):
            assert operator.refused("GET", f"{path}?{query}").startswith("400 HF-REQ-01"), (path, query)


def test_FR_3_rules_and_redrives_survive_kill_9(make_server, samples):
    server = make_server().start()
    for number in range(3):
        content = samples.truncated_video().read_bytes() + bytes([number])
        item_id = server.client.submit(content, name=f"cut{number}.mp4")
        assert server.client.wait(item_id)["status"] == "failed"
    operator = Operator(server.client, recovery_routes(server.client))
    operator.ask("PUT", "/rules", {"convert": {"attempts_max": 7}})
    begun = operator.post("/dead-letters/retry", {"per_minute": 1}, 202)
    until(lambda: operator.get(f"/redrives/{begun['id']}")["retried"] == 1, why="the first portion")

    server.kill9()
    server.start()

    operator = Operator(server.client, recovery_routes(server.client))
    assert operator.get("/rules")["in_force"]["convert"]["attempts_max"] == 7
    after = operator.get(f"/redrives/{begun['id']}")
    assert (after["state"], after["retried"], after["matched"]) == ("running", 1, 3), "paced over the restart"
    assert operator.ask("DELETE", f"/redrives/{begun['id']}").json()["state"] == "stopped"


def test_FG_15_dead_letters_at_the_command_line(make_server, samples, tmp_path):
    server = make_server().start()
    content = samples.mute_video().read_bytes()
    item_id = server.client.submit(content, name="mute.mp4")
    assert server.client.wait(item_id)["status"] == "failed"

    def ran(*words: str, **options) -> bytes:
        done = server.cli(*words, **options)
        assert done.returncode == 0, done
        return done.stdout

    assert ran("dead-letters", "list").decode().split("\t")[:1] == [item_id]
    assert json.loads(ran("dead-letters", "list", "--groups", "--json"))["data"][0]["code"] == "HF-MED-03"
    assert b"stage.started" in ran("dead-letters", "show", item_id)
    assert b"failed 1" in ran("queue", "stats")
    ran("dead-letters", "export", item_id, "-o", str(tmp_path / "mute.mp4"))
    assert (tmp_path / "mute.mp4").read_bytes() == content
    assert b"1 match" in ran("dead-letters", "retry", "--code", "HF-MED-03", "--dry-run")
    assert server.cli("dead-letters", "retry").returncode == 2, "all is said by name"
    assert server.cli("dead-letters", "discard", item_id).returncode == 2, "a reason is needed"
    results = json.dumps({"transcript": {"text": "A mute film."}}).encode()
    done = ran("dead-letters", "result", item_id, "-", "--json", input=results)
    assert json.loads(done)["status"] == "completed"
    other = server.client.submit(content + b"x", name="mute2.mp4")
    assert server.client.wait(other)["status"] == "failed"
    assert json.loads(ran("dead-letters", "discard", other, "--reason", "no use", "--json"))["discarded"] == "no use"
    assert server.verify() == []


def test_FR_3_documents_that_are_damaged_do_not_keep_the_server_from_starting(make_server):
    server = make_server().start()
    server.kill9()
    with sqlite3.connect(server.data / "holdfast.db") as store:
        for name in ("recovery/rules", "redrive/rdr_x", "admission/limits", "service/speech"):
            store.execute("INSERT OR REPLACE INTO states VALUES(?, 'rubbish')", (name,))
    store.close()

    server.start()

    server.client.wait_completed(server.client.submit(silent_wav(1)))
    told = server.log_file.read_text()
    for event in ("rules_unreadable", "redrive_unreadable", "limits_unreadable", "service_document_refused"):
        assert event in told, event
