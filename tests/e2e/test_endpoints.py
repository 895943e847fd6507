"""Several endpoints for a role: shared out by weight, each with its own breaker, and the next where one fails."""

import pytest

from harness.models import Models
from harness.recipes import patient_recipes
from harness.waiting import until

RECIPE = "/api/v1/recipes/fragrance/requests"
BASE = "/api/failure-recovery"


@pytest.fixture
def pair():
    made = [Models(), Models()]
    yield made
    for models in made:
        models.close()


def table(name: str, url: str, roles: str, weight: int = 1) -> str:
    return f'[endpoints.{name}]\nurl = "{url}"\nmodel = "m-{name}"\nroles = {roles}\nweight = {weight}\n'


@pytest.fixture
def configured(make_server, tmp_path):
    """Makes a server with a configuration file; the recipe's models have a minute."""
    folder = patient_recipes(tmp_path / "recipes")

    def make(text: str):
        path = tmp_path / "holdfast.toml"
        path.write_text(text)
        return make_server(
            {
                "HOLDFAST_CONFIG": str(path),
                "HOLDFAST_RECIPES_DIR": str(folder),
                "HOLDFAST_ENGINE_PROBE_EVERY": "200 ms",
                "HOLDFAST_ENGINE_MODE_DWELL": "1 s",
            }
        ).start()

    return make


ROLES = '["qwen", "mistral", "llama"]'


def answered(server, number: int) -> dict:
    answer = server.client.send_json("POST", RECIPE, {"text": f"A fresh scent number {number}"})
    assert answer.status == 200, answer.body
    return answer.json()


def service(server, name: str) -> dict:
    services = server.client.json("/api/v1/status")["services"]
    return next(one for one in services if one["name"] == name)


def test_FG_1_calls_are_shared_out_by_weight_and_each_role_goes_to_those_that_answer_it(configured, pair):
    big, small = pair
    server = configured(
        table("big", big.url, '["qwen", "mistral"]', 3) + table("small", small.url, '["qwen", "llama"]', 1)
    )
    for number in range(4):
        item = answered(server, number)
        assert item["mode"] == "creative" and item["downshift"] is None
    # The brief is the same each time, so what is asked about it is asked once: the cache has it.
    assert sorted(big.asked) == ["mistral", "qwen", "qwen", "qwen"]
    assert sorted(small.asked) == ["llama", "qwen"]
    assert {request["model"] for request in big.endpoint.requests} == {"m-big"}
    kinds = [worker["runs"] for worker in server.client.json("/api/v1/status")["workers"]]
    assert "big" in kinds and "small" in kinds


def test_FG_16_where_one_fails_the_other_answers_within_the_same_attempt(configured, pair):
    big, small = pair
    server = configured(
        table("big", big.url, ROLES, 100)
        + table("small", small.url, ROLES)
        + '[services."endpoint/big"]\nopen_for = "1 h"\nopen_max = "1 h"\n'
    )
    big.sick = {"qwen": 100, "mistral": 100, "llama": 100}
    for number in range(3):
        item = answered(server, number)
        assert item["mode"] == "creative" and item["downshift"] is None, "nobody notices"
        assert {stage["attempts"] for stage in item["stages"] if stage["name"] != "upload"} == {1}
    assert sorted(set(small.asked)) == ["llama", "mistral", "qwen"]
    until(lambda: service(server, "endpoint/big")["breaker"]["state"] == "open", 30, 0.1, "its breaker is closed")
    assert service(server, "endpoint/small")["breaker"]["state"] == "closed"
    assert service(server, "language/qwen")["breaker"]["state"] == "closed"
    asked = len(big.asked)
    answered(server, 4)
    assert len(big.asked) == asked, "one that rests is left alone"
    big.sick = {}
    assert server.client.request("POST", f"{BASE}/circuit-breakers/endpoint%2Fbig/reset").status == 200
    answered(server, 5)
    assert len(big.asked) > asked


def test_FG_3_with_all_endpoints_gone_the_ladder_goes_down_and_up_again_by_itself(configured, pair):
    big, small = pair
    server = configured(table("big", big.url, ROLES) + table("small", small.url, ROLES))
    assert answered(server, 0)["mode"] == "creative"
    ports = [models.port for models in pair]
    for models in pair:
        models.close()
    item = answered(server, 1)
    assert item["mode"] == "emergency" and item["result"]["metadata"]["reliability"] == "low"
    for name in ("big", "small"):
        server.client.request("POST", f"{BASE}/services/endpoint%2F{name}/probe")
        server.client.request("POST", f"{BASE}/services/endpoint%2F{name}/probe")
    until(lambda: service(server, "endpoint/small")["state"] == "down", 60, 0.1, "nobody saw that it is gone")

    back = Models(ports[1])
    try:
        server.client.request("POST", f"{BASE}/services/endpoint%2Fsmall/probe")
        until(lambda: answered(server, 2 + len(back.asked))["mode"] == "creative", 60, 0.5, "still less")
    finally:
        back.close()


def test_a_role_without_an_endpoint_is_answered_by_the_worker_of_our_own(configured, pair):
    big, _ = pair
    server = configured(table("big", big.url, '["mistral", "llama"]'))
    workers = server.client.json("/api/v1/status")["workers"]
    assert [worker["kind"] for worker in workers].count("language") == 2
    item = answered(server, 0)
    assert "qwen" not in big.asked and item["result"]["metadata"] is not None
