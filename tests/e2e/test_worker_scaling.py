"""More workers while many wait, fewer again when it is over."""

from harness.endpoint import Endpoint
from harness.recipes import patient_recipes
from harness.waiting import until

SETTINGS = {
    "HOLDFAST_CAPACITY_ENGINE_MAX": "3",
    "HOLDFAST_CAPACITY_MORE_ABOVE": "4",
    "HOLDFAST_CAPACITY_FEWER_AFTER": "2 s",
    "HOLDFAST_ALERTS_DRILL_SPEED": "60",
}
RECIPE = "/api/v1/recipes/fragrance/requests"


def messages(server) -> list[str]:
    return server.client.json("/api/v1/status")["messages"]


def test_FG_10_a_long_queue_brings_more_workers_tells_it_and_lets_them_go_again(make_server, tmp_path):
    endpoint = Endpoint()
    try:
        recipes = {"HOLDFAST_RECIPES_DIR": str(patient_recipes(tmp_path / "recipes"))}
        server = make_server(SETTINGS | recipes | {"HOLDFAST_LANGUAGE_URL": endpoint.url}).start()
        endpoint.hold()
        items = []
        for number in range(12):
            body = {"text": f"A scent for day {number}", "mode": "fast"}
            answer = server.client.send_json("POST", RECIPE, body, headers={"Prefer": "respond-async"})
            assert answer.status == 202, answer.body
            items.append(answer.json()["id"])
        more = "Many items wait, so 2 more engine workers are at work."
        until(lambda: more in messages(server), 60, 0.2, "no more than before are at work")
        until(lambda: len(endpoint.requests) == 3, 30, 0.1, "they have nothing to do")
        assert "holdfast_workers_added 2" in server.client.get("/metrics").body.decode()
        alerts = lambda: {one["alert"] for one in server.client.json("/api/v1/status")["alerts"]}  # noqa: E731
        until(lambda: "HoldfastWorkersAdded" in alerts(), 30, 0.2, "nobody was told")
        endpoint.release()
        for item in items:
            server.client.wait_completed(item)
        until(lambda: "holdfast_workers_added 0" in server.client.get("/metrics").body.decode(), 200, 1, "still more")
        until(lambda: "HoldfastWorkersAdded" not in alerts(), 30, 0.2, "still told")
        assert not any("more engine" in message for message in messages(server))
        log = server.log()
        assert log.count("workers_more") == 2 and log.count("workers_fewer") == 2
    finally:
        endpoint.close()


def test_FG_10_further_workers_are_processes_of_their_own_that_end_when_they_are_not_needed(make_server, samples):
    settings = SETTINGS | {"HOLDFAST_CAPACITY_ENGINE_MAX": "2", "HOLDFAST_CAPACITY_MORE_ABOVE": "4"}
    server = make_server(settings).start()
    queue = "/api/failure-recovery/queues/engine"
    assert server.client.request("POST", f"{queue}/park").status == 200  # until it is seen how many wait
    sound = samples.sentence(1).read_bytes()
    items = [server.client.submit(sound, name=f"{i}.wav", key=f"key-{i}", recipe="voicesync") for i in range(6)]
    workers = lambda: [one for one in server.client.json("/api/v1/status")["workers"] if one["kind"] == "speech"]  # noqa: E731
    until(lambda: any("1 more engine worker" in message for message in messages(server)), 60, 0.2, "nobody is added")
    assert server.client.request("POST", f"{queue}/resume").status == 200
    until(lambda: len({one["pid"] for one in workers() if one["state"] == "busy"}) == 2, 120, 0.05, "one works alone")
    for item in items:
        done = server.client.wait_completed(item)
        assert {stage["attempts"] for stage in done["stages"] if stage["name"] == "stt"} == {1}
    until(lambda: len(workers()) == 1, 120, 1, "the second one is still there")
