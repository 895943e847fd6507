"""A model fails, or all of them: what is still done, that it is said, and that it heals by itself."""

import json
import threading

import pytest

from harness.models import Models
from harness.recipes import patient_recipes
from harness.waiting import until

RECIPE = "/api/v1/recipes/fragrance/requests"
TEXT = "A fresh EDT for summer mornings with bergamot and mint."


@pytest.fixture
def models():
    made = Models()
    yield made
    made.close()


@pytest.fixture
def server(make_server, models, tmp_path):
    folder = patient_recipes(tmp_path / "recipes")
    popular = folder / "fragrance" / "popular.json"
    popular.write_text(json.dumps({k: v for k, v in json.loads(popular.read_text()).items() if k != "fast"}))
    settings = {
        "HOLDFAST_RECIPES_DIR": str(folder),
        "HOLDFAST_LANGUAGE_URL": models.url,
        "HOLDFAST_ENGINE_PROBE_EVERY": "200 ms",
        "HOLDFAST_ENGINE_MODE_DWELL": "1 s",
    }
    return make_server(settings).start()


def ask(server, text: str = TEXT, mode: str | None = None, key: str | None = None):
    return server.client.send_json("POST", RECIPE, {"text": text, "mode": mode, "job_id": key})


def answered(server, text: str = TEXT, mode: str | None = None) -> dict:
    answer = ask(server, text, mode)
    assert answer.status == 200, answer.body
    return answer.json()


def told(item: dict, stage: str) -> dict:
    return next(one for one in item["downshift"]["stages"] if one["stage"] == stage)


def standing(server) -> dict:
    modes = server.client.json("/api/v1/status")["modes"]
    return next(one for one in modes if one["recipe"] == "fragrance")


def probe(server) -> None:
    server.client.request("POST", "/api/failure-recovery/services/language/probe")


def test_FG_1_each_mode_has_its_own_models_and_no_others(server, models):
    for mode, roles in {
        "creative": ["qwen", "mistral", "llama"],
        "balanced": ["qwen", "mistral"],
        "fast": ["qwen"],
    }.items():
        models.asked.clear()
        item = answered(server, f"A {mode} scent of roses", mode)
        assert models.asked == roles
        assert (item["requested_mode"], item["mode"], item["downshift"]) == (mode, mode, None)
        assert [stage["name"] for stage in item["stages"]] == ["upload", *roles]
        assert item["result"]["metadata"]["reliability"] == "high"
    for mode in ("wild", "emergency"):
        assert ask(server, mode=mode).code == "HF-UPL-11"


def test_FG_5_hints_come_from_templates_when_their_model_fails_and_are_done_again_by_a_click(server, models):
    models.sick["llama"] = 1
    item = answered(server)

    assert (item["requested_mode"], item["mode"], item["status"]) == ("creative", "balanced", "completed")
    assert told(item, "llama")["strategy"] == "template" and told(item, "llama")["cause"] == "HF-LLM-01"
    assert item["downshift"]["impact"]["lost"] == ["hints by a model"]
    assert len(item["result"]["hints"]) > 1
    assert 'holdfast_downshifts_total{from="creative",recipe="fragrance",to="balanced"} 1' in server.client.get(
        "/metrics"
    ).body.decode()

    assert server.client.request("POST", f"/api/v1/items/{item['id']}/redo").status == 200
    again = server.client.wait_completed(item["id"])
    assert (again["mode"], again["downshift"]) == ("creative", None)
    assert again["result"]["hints"] == ["Think of a window that is opened at dawn."]
    assert server.client.request("POST", f"/api/v1/items/{item['id']}/redo").code == "HF-ITM-11"


def test_FG_4_rules_check_when_the_model_fails_and_the_real_check_is_made_later_by_itself(server, models):
    models.sick["mistral"] = 1
    item = answered(server)

    check = item["result"]["validation"]
    assert check["ifra_compliance"] == "unknown" and any("IFRA" in warning for warning in check["warnings"])
    assert told(item, "mistral")["strategy"] == "rules" and item["mode"] == "fast"

    def checked_by_the_model():
        now = server.client.item(item["id"])
        result = now["result"] or {}
        done = now["status"] == "completed" and not now["downshift"]
        return done and result["validation"]["ifra_compliance"] == "compliant" and now

    again = until(checked_by_the_model)
    assert (again["mode"], again["held_for"]) == ("creative", None)
    assert "job.redo" in [entry["type"] for entry in server.client.audit(item["id"])]
    assert server.verify() == []


def test_FG_3_a_similar_answer_says_what_it_answered_and_opposites_are_never_similar(server, models):
    first = answered(server, "A light floral scent with roses for spring evenings")

    def fallen(text: str) -> dict:
        models.sick["qwen"] = 2
        item = answered(server, text)
        models.sick["qwen"] = 0
        return item

    until(lambda: fallen("A light floral fragrance with roses for evenings in spring")["mode"] == "fallback")
    item = fallen("A light floral perfume with roses for the evenings of spring")
    stage = told(item, "qwen")
    assert stage["strategy"] == "similar", stage
    assert stage["similarity"] >= 0.8 and stage["answered"].startswith("A light floral")
    assert item["result"]["brief"] == first["result"]["brief"]
    assert item["result"]["metadata"]["similarity"] == stage["similarity"]
    assert item["result"]["metadata"]["warning"]

    opposite = fallen("A light floral scent without roses for spring evenings")
    assert told(opposite, "qwen")["strategy"] == "rules"


def test_FG_7_a_hundred_equal_requests_make_one_call_of_each_model(server, models):
    answers: list[int] = []
    threads = [threading.Thread(target=lambda: answers.append(ask(server).status)) for _ in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    items = [server.client.wait_completed(item["id"]) for item in server.client.items()]
    assert len(items) == 100 and set(answers) <= {200, 202}
    assert sorted(models.asked) == ["llama", "mistral", "qwen"]
    assert len({json.dumps(item["result"]["brief"]) for item in items}) == 1


def test_FG_6_FG_16_when_nothing_answers_it_is_an_emergency_that_is_told_and_left_by_itself(server, models):
    before = answered(server)
    models.close()
    probe(server)
    probe(server)
    until(lambda: standing(server)["last_resort"])
    assert server.client.json("/health")["status"] == "warn"
    assert 'holdfast_recipe_last_resort{recipe="fragrance"} 1' in server.client.get("/metrics").body.decode()

    earlier = answered(server)
    assert earlier["result"]["brief"] == before["result"]["brief"]
    assert earlier["mode"] == "emergency" and earlier["result"]["metadata"]["age_s"] >= 0

    popular = answered(server, "Something of leather for winter nights")
    assert popular["mode"] == "emergency" and told(popular, "qwen")["strategy"] == "popular"
    assert popular["result"]["metadata"]["reliability"] == "low"

    refused = ask(server, "Something of tobacco", mode="fast", key="later")
    assert (refused.status, refused.code) == (503, "HF-MOD-01")
    assert refused.json()["retry_after"] == 300 and refused.headers["retry-after"] == "300"
    waiting = refused.json()["id"]
    assert server.client.item(waiting)["status"] == "pending"

    back = Models(models.port)
    try:
        probe(server)
        until(lambda: not standing(server)["last_resort"] and standing(server)["full"])
        assert server.client.wait_completed(waiting)["result"]["brief"]
        assert ask(server, "Something of tobacco", mode="fast", key="later").json()["id"] == waiting
    finally:
        back.close()
    assert server.verify() == []
