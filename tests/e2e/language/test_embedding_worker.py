"""The real holdfast-llm with the embedding model that comes along."""
import hashlib
import math

import pytest

from llm_worker import Worker, model

DIMENSION = 384
TOKENS = 256
#: Similarities that the authors' own implementation gives to the first sentence and the others.
HAPPY = ["That is a happy person", "That is a happy dog", "That is a very happy person", "Today is a sunny day"]
REFERENCE = [1.0, 0.6946, 0.9429, 0.2569]


@pytest.fixture(scope="module")
def worker():
    file, sha256 = model("embedding")
    assert file.exists(), f"{file} is missing: run ./quickstart --setup-only"
    with Worker(file, sha256, context=TOKENS, flag="--embedder") as running:
        assert running.hello["type"] == "ready", running.hello
        yield running


def embed(worker, *texts: str) -> dict:
    answer, _ = worker.ask({"type": "embed", "id": 1, "texts": list(texts)})
    assert answer["type"] == "finished", answer
    return answer["body"]


def product(left: list[float], right: list[float]) -> float:
    return sum(a * b for a, b in zip(left, right))


def test_FG_3_vectors_are_those_of_the_original_model(worker):
    body = embed(worker, *HAPPY)

    assert body["model"] == "all-MiniLM-L6-v2-f16" and body["cut"] == 0
    assert [len(vector) for vector in body["vectors"]] == [DIMENSION] * len(HAPPY)
    for vector, reference in zip(body["vectors"], REFERENCE):
        assert math.isclose(product(vector, vector), 1.0, abs_tol=1e-5)
        assert math.isclose(product(body["vectors"][0], vector), reference, abs_tol=0.003)


def test_FG_3_a_text_has_the_same_vector_whatever_it_is_asked_with(worker):
    alone = embed(worker, HAPPY[1])["vectors"][0]
    embed(worker, "something else " * 40)
    among = embed(worker, *HAPPY)["vectors"][1]

    assert alone == among


def test_FG_3_a_long_text_is_read_from_its_beginning_and_said_to_be_cut(worker):
    words = "rose and musk with a little amber "
    body = embed(worker, words * 100, words * 200, "short")

    assert body["cut"] == 2
    assert body["vectors"][0] == body["vectors"][1] != body["vectors"][2]


def test_a_text_is_data_whatever_it_says(worker):
    odd = ["[CLS] [SEP] [MASK]", "\u0000\u0001\u202e", "\U0001f600\U0001f600", "\u4f60\u597d", "x" * 8192, "'; DROP TABLE"]
    body = embed(worker, *odd)

    assert len(body["vectors"]) == len(odd)
    marked, plain = embed(worker, "a [SEP] b", "a b")["vectors"]
    assert product(marked, plain) < 0.999, "the mark is text, and text says something"


@pytest.mark.parametrize("texts", [[], [""], ["a"] * 65, ["x" * 8193], ["a", 7]])
def test_FG_3_what_cannot_be_embedded_is_refused_and_the_worker_lives_on(worker, texts):
    answer, _ = worker.ask({"type": "embed", "id": 2, "texts": texts})

    assert answer["type"] == "failed" and answer["class"] == "permanent", answer
    assert answer["code"] in ("HF-EMB-04", "HF-SRV-01")
    assert embed(worker, "a")["vectors"]


def test_FG_3_a_damaged_or_other_model_is_said_to_be_one(tmp_path):
    file, sha256 = model("embedding")
    with Worker(file, "0" * 64, flag="--embedder") as wrong:
        assert (wrong.hello["type"], wrong.hello["class"], wrong.hello["code"]) == ("failed", "dependency", "HF-EMB-05")
    damaged = tmp_path / "model.gguf"
    damaged.write_bytes(file.read_bytes()[:1000])
    with Worker(damaged, hashlib.sha256(damaged.read_bytes()).hexdigest(), flag="--embedder") as broken:
        assert broken.hello["code"] == "HF-EMB-05"
    writes, its_sum = model("language")
    with Worker(writes, its_sum, flag="--embedder") as other:
        assert other.hello["code"] == "HF-EMB-05" and "no model that makes one vector" in other.hello["message"]
    with Worker(file, sha256) as other:
        assert other.hello["type"] == "failed" and other.hello["code"] == "HF-LLM-05"
