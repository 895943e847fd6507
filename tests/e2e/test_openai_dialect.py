"""OpenAI's dialect with OpenAI's own clients: every call is an item first, and a repetition attaches to it."""

import json
import os
import shutil
import subprocess
import sys
import threading

import pytest

from harness import processes
from harness.endpoint import Endpoint, smallest
from harness.paths import official_client
from harness.waiting import until

PASSWORD = "correct horse battery"
HELLO = [{"role": "user", "content": "hello"}]
SCHEMA = {
    "type": "object",
    "properties": {"mood": {"enum": ["good", "bad"]}, "count": {"type": "integer", "minimum": 0, "maximum": 10}},
    "required": ["mood", "count"],
    "additionalProperties": False,
}
JAVASCRIPT = """
import fs from "node:fs";
const { default: OpenAI, toFile } = await import(process.env.CLIENT);
const client = new OpenAI({ baseURL: process.env.URL, apiKey: "any", maxRetries: 8, timeout: Number(process.env.TIMEOUT) });
const said = {};
const messages = [{ role: "user", content: process.env.SAY }];
if (process.env.ONLY_CHAT) {
  said.chat = (await client.chat.completions.create({ model: "stand-in", messages })).choices[0].message.content;
} else {
  said.models = (await client.models.list()).data.map((model) => model.id);
  said.chat = (await client.chat.completions.create({ model: "stand-in", messages })).choices[0].message.content;
  said.stream = "";
  for await (const chunk of await client.chat.completions.create({ model: "stand-in", messages, stream: true }))
    said.stream += chunk.choices[0]?.delta?.content ?? "";
  said.embedding = (await client.embeddings.create({ model: said.models.at(-1), input: ["a cat", "a dog"] })).data.map((one) => one.embedding.length);
  const file = fs.createReadStream(process.env.FILE);
  said.text = (await client.audio.transcriptions.create({ model: "whisper-1", file })).text;
  try {
    await client.chat.completions.create({ model: "stand-in", messages, n: 2 });
  } catch (error) {
    said.error = [error.constructor.name, error.status, error.code, error.param];
  }
}
console.log(JSON.stringify(said));
"""


@pytest.fixture(scope="session")
def openai():
    """The official Python client."""
    sys.path.insert(0, str(official_client("python")))
    import openai

    return openai


@pytest.fixture
def endpoint():
    made = Endpoint()
    made.spoil = lambda request: answer(f"You said: {request['messages'][-1]['content']}")
    yield made
    made.close()


def answer(text: str, finish: str = "stop") -> tuple[int, bytes]:
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish}
    usage = {"prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 12}
    return 200, json.dumps({"model": "stand-in", "choices": [choice], "usage": usage}).encode()


@pytest.fixture
def serving(make_server, endpoint):
    """A server whose language model is the endpoint, on a port that it keeps over a restart."""
    settings = {"HOLDFAST_LANGUAGE_URL": endpoint.url, "HOLDFAST_LANGUAGE_MODEL": "stand-in"}
    return make_server(settings, listen=f"127.0.0.1:{processes.free_port()}").start()


@pytest.fixture(scope="module")
def real(make_module_server):
    """A server with the models that come along."""
    return make_module_server().start()


def client_of(openai, server, **options):
    return openai.OpenAI(base_url=server.url + "/v1", api_key="any", **({"max_retries": 0} | options))


def say(client, messages=HELLO, **options):
    return client.chat.completions.create(model="stand-in", messages=messages, **options)


def types(server, item: str) -> list[str]:
    return [line["type"] for line in server.client.audit(item)]


class Aside(threading.Thread):
    """A call of its own thread; `result()` is what it gave, or raises what it raised."""

    def __init__(self, call):
        super().__init__(daemon=True)
        self.call, self.value, self.problem = call, None, None
        self.start()

    def run(self):
        try:
            self.value = self.call()
        except Exception as problem:
            self.problem = problem

    def result(self, seconds: float = 120):
        self.join(seconds)
        assert not self.is_alive(), "the call does not end"
        if self.problem:
            raise self.problem
        return self.value


# ---- chat ------------------------------------------------------------------------------------------------------


def test_a_chat_completion_is_an_item_with_its_answer(openai, serving, endpoint):
    raw = client_of(openai, serving).chat.completions.with_raw_response.create(
        model="stand-in", messages=HELLO, temperature=0, max_tokens=20, seed=3, stop=["END"]
    )

    made = raw.parse()
    assert made.choices[0].message.content == "You said: hello" and made.choices[0].finish_reason == "stop"
    assert made.usage.total_tokens == 12 and made.model == "stand-in"
    item = serving.client.item(raw.headers["x-holdfast-item"])
    assert made.id == "chatcmpl-" + item["id"]
    assert (item["recipe"], item["status"]) == ("chat", "completed")
    assert item["result"]["answer"]["text"] == "You said: hello"
    asked = endpoint.requests[0]
    assert (asked["max_tokens"], asked["temperature"], asked["seed"], asked["stop"]) == (20, 0, 3, ["END"])
    until(lambda: "job.answered" in types(serving, item["id"]))
    assert serving.verify() == []


def test_TH_2_a_client_that_gives_up_and_retries_gets_the_answer_of_the_one_work(openai, serving, endpoint):
    endpoint.hold()
    tries = []
    http_client = openai.DefaultHttpxClient(event_hooks={"request": [tries.append]})
    client = client_of(openai, serving, timeout=0.5, max_retries=50, http_client=http_client)
    call = Aside(lambda: say(client))
    until(lambda: len(tries) >= 3, why="it has given up twice")
    endpoint.release()

    assert call.result().choices[0].message.content == "You said: hello"
    [item] = serving.client.items()
    assert len(endpoint.requests) == 1
    assert types(serving, item["id"]).count("stage.started") == 1
    until(lambda: "job.answered" in types(serving, item["id"]))

    assert say(client_of(openai, serving)).choices[0].message.content == "You said: hello"
    assert len(serving.client.items()) == 2 and len(endpoint.requests) == 2, "a deliberate second call is new work"


def test_TH_2_a_server_that_is_killed_in_between_is_not_noticed(openai, serving, endpoint):
    endpoint.hold()
    client = client_of(openai, serving, max_retries=20)
    call = Aside(lambda: say(client))
    until(lambda: endpoint.requests, why="the model is being asked")
    serving.kill9()
    serving.start()
    until(lambda: len(endpoint.requests) == 2, why="the work is taken up again")
    endpoint.release()

    assert call.result().choices[0].message.content == "You said: hello"
    [item] = serving.client.items()
    assert types(serving, item["id"]).count("stage.completed") == 1
    assert serving.verify() == []


def test_TH_2_an_answer_that_was_ready_before_the_kill_is_given_afterwards(openai, serving, endpoint):
    endpoint.hold()
    impatient = client_of(openai, serving, timeout=0.5)
    with pytest.raises(openai.APITimeoutError):
        say(impatient)
    endpoint.release()
    [item] = serving.client.items()
    serving.client.wait_completed(item["id"])
    serving.kill9()
    serving.start()

    assert say(client_of(openai, serving)).choices[0].message.content == "You said: hello"
    assert len(serving.client.items()) == 1 and len(endpoint.requests) == 1


def test_an_idempotency_key_is_one_item_for_ever(openai, serving, endpoint):
    client = client_of(openai, serving)
    headers = {"Idempotency-Key": "order 66"}
    first, second = (say(client, extra_headers=headers) for _ in range(2))

    assert first.id == second.id and len(endpoint.requests) == 1
    with pytest.raises(openai.UnprocessableEntityError) as refused:
        say(client, [{"role": "user", "content": "something else"}], extra_headers=headers)
    assert refused.value.code == "HF-IDM-01"


def test_a_stream_gives_the_stored_answer_in_pieces(openai, serving, endpoint):
    long = [{"role": "user", "content": "many words " * 20}]
    stream = say(client_of(openai, serving), long, stream=True, stream_options={"include_usage": True})

    chunks = list(stream)
    said = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert said == "You said: " + long[0]["content"] and len(chunks) > 5
    assert chunks[-1].usage.total_tokens == 12
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
    [item] = serving.client.items()
    assert item["status"] == "completed"


def test_a_stream_that_fails_ends_in_an_error_of_the_client(openai, make_server, endpoint):
    endpoint.spoil = lambda request: (400, b"{}")
    settings = {"HOLDFAST_LANGUAGE_URL": endpoint.url, "HOLDFAST_LANGUAGE_MODEL": "stand-in"}
    server = make_server(settings).start()
    with pytest.raises(openai.APIError) as refused:
        list(say(client_of(openai, server), stream=True))
    assert refused.value.code == "HF-LLM-03"
    assert len(server.client.items()) == 1


def test_json_by_a_schema_is_asked_for_and_checked(openai, serving, endpoint):
    endpoint.spoil = lambda request: answer(json.dumps(smallest(SCHEMA) | {"mood": "good", "count": 3}))
    form = {"type": "json_schema", "json_schema": {"name": "mood", "strict": True, "schema": SCHEMA}}
    made = say(client_of(openai, serving), response_format=form)

    assert json.loads(made.choices[0].message.content) == {"mood": "good", "count": 3}
    assert endpoint.requests[0]["response_format"]["json_schema"]["schema"] == SCHEMA
    endpoint.spoil = lambda request: answer("prose")
    with pytest.raises(openai.APIStatusError) as refused:
        say(client_of(openai, serving), response_format={"type": "json_object"})
    assert refused.value.code == "HF-LLM-03"


def test_the_model_that_comes_along_talks_and_keeps_to_a_schema(openai, real):
    client = client_of(openai, real, timeout=600)
    model = next(one.id for one in client.models.list() if "smollm" in one.id)
    free = client.chat.completions.create(
        model=model,
        messages=[{"role": "system", "content": "You are brief."}, {"role": "user", "content": "What is the sea?"}],
        max_tokens=24,
        temperature=0,
    )
    assert free.choices[0].message.content.strip() and 0 < free.usage.completion_tokens <= 24

    form = {"type": "json_schema", "json_schema": {"name": "mood", "schema": SCHEMA}}
    bound = client.chat.completions.create(model=model, messages=HELLO, response_format=form, max_tokens=60)
    made = json.loads(bound.choices[0].message.content)
    assert made["mood"] in ("good", "bad") and 0 <= made["count"] <= 10
    with pytest.raises(openai.UnprocessableEntityError) as refused:
        client.chat.completions.create(model=model, messages=[{"role": "user", "content": "word " * 6000}])
    assert refused.value.code == "HF-LLM-04"


# ---- recordings ------------------------------------------------------------------------------------------------


def test_VS_1_a_recording_comes_back_in_every_format(openai, real, samples):
    client = client_of(openai, real, timeout=600)
    recording = samples.sentence(0).read_bytes()

    def transcribed(**options):
        return client.audio.transcriptions.create(model="whisper-1", file=("a.wav", recording), **options)

    plain = transcribed()
    assert "ocean" in plain.text.lower() and plain.usage.type == "duration"
    assert transcribed(response_format="text").strip() == plain.text
    assert "00:00:0" in transcribed(response_format="srt") and "-->" in transcribed(response_format="srt")
    assert transcribed(response_format="vtt").startswith("WEBVTT")
    whole = transcribed(response_format="verbose_json", language="en", timestamp_granularities=["word", "segment"])
    assert whole.language == "en" and whole.duration > 1
    assert "".join(segment.text for segment in whole.segments).strip()
    assert all(0 <= word.start <= word.end <= whole.duration + 1 for word in whole.words) and len(whole.words) > 5
    events = list(transcribed(stream=True))
    assert [event.type for event in events][-1] == "transcript.text.done"
    assert "".join(event.delta for event in events[:-1]) == events[-1].text == plain.text
    item = real.client.items("limit=1")[0]
    assert (item["recipe"], item["status"]) == ("voicesync", "completed")


def test_TH_2_a_recording_that_is_sent_again_and_again_is_transcribed_once(openai, make_server, samples):
    server = make_server().start()
    client = client_of(openai, server, timeout=0.5, max_retries=100)
    made = client.audio.transcriptions.create(model="whisper-1", file=samples.introduction())

    assert "anna" in made.text.lower() or "vienna" in made.text.lower(), made.text
    [item] = server.client.items()
    assert types(server, item["id"]).count("job.completed") == 1
    assert types(server, item["id"]).count("stage.started") == 2, "converted once, transcribed once"
    until(lambda: len(server.blobs()) <= 2, why="what was sent again is removed, but the recording and its sound")


def test_what_is_no_recording_is_refused(openai, real):
    client = client_of(openai, real)
    with pytest.raises(openai.APIStatusError) as refused:
        client.audio.transcriptions.create(model="whisper-1", file=("a.wav", b"no sound at all"))
    assert refused.value.status_code == 415 and refused.value.code == "HF-UPL-02"
    with pytest.raises(openai.BadRequestError) as refused:
        client.audio.transcriptions.create(model="whisper-1", file=("a.wav", b"RIFF"), prompt="Names: Ana.")
    assert refused.value.param == "prompt"


# ---- embeddings and models -------------------------------------------------------------------------------------


def test_embeddings_say_what_is_alike(openai, real):
    client = client_of(openai, real, timeout=600)
    model = client.models.list().data[-1].id
    texts = ["A light scent for summer.", "A fresh fragrance for the warm season.", "The train leaves at nine."]
    made = client.embeddings.create(model=model, input=texts)
    vectors = [one.embedding for one in made.data]

    def likeness(a, b):
        return sum(x * y for x, y in zip(a, b))

    assert [one.index for one in made.data] == [0, 1, 2] and len(vectors[0]) == 384
    assert likeness(vectors[0], vectors[1]) > likeness(vectors[0], vectors[2])
    floats = client.embeddings.create(model=model, input=texts[0], encoding_format="float", dimensions=384)
    assert likeness(floats.data[0].embedding, vectors[0]) > 0.99
    with pytest.raises(openai.BadRequestError) as refused:
        client.embeddings.create(model=model, input=["x"] * 65)
    assert refused.value.param == "input"


def test_models_are_those_that_are_configured(openai, real):
    client = client_of(openai, real)
    names = [model.id for model in client.models.list()]
    assert names == ["whisper-base-q8_0", "smollm2-135m-instruct-q4_1", "all-minilm-l6-v2-f16"]
    assert client.models.retrieve(names[1]).id == names[1]
    with pytest.raises(openai.NotFoundError) as refused:
        client.models.retrieve("gpt-4o")
    assert refused.value.code == "HF-OAI-02" and refused.value.type == "model_not_found"
    with pytest.raises(openai.NotFoundError):
        client.chat.completions.create(model="gpt-4o", messages=HELLO)


# ---- who, how much, and how badly ------------------------------------------------------------------------------


def test_FR_7_a_key_is_a_token_and_items_are_the_owners(openai, make_server, endpoint):
    settings = {"HOLDFAST_LANGUAGE_URL": endpoint.url, "HOLDFAST_LANGUAGE_MODEL": "stand-in"}
    server = make_server(settings, single_user=False)
    for name in ("ana", "bo"):
        server.add_user(name, PASSWORD)
    server.start()
    with pytest.raises(openai.AuthenticationError) as refused:
        say(client_of(openai, server))
    assert refused.value.code == "HF-AUT-01"
    people = {name: server.log_in(name, PASSWORD) for name in ("ana", "bo")}
    endpoint.hold()
    calls = []
    for person in people.values():
        token = person.send_json("POST", "/api/v1/me/tokens", {"label": "client"}).json()["token"]
        client = openai.OpenAI(base_url=server.url + "/v1", api_key=token, max_retries=0)
        calls.append(Aside(lambda client=client: say(client)))
    until(lambda: all(len(person.items()) == 1 for person in people.values()), why="equal calls of two are two items")
    endpoint.release()
    assert len({call.result().id for call in calls}) == 2


def test_too_much_to_do_slows_clients_down(openai, serving, endpoint):
    endpoint.hold()
    for number in range(2):
        body = {"text": f"number {number}"}
        headers = {"Prefer": "respond-async"}
        serving.client.send_json("POST", "/api/v1/recipes/chat/requests", body, headers=headers)
    until(lambda: endpoint.requests)
    assert serving.client.send_json("PATCH", "/api/failure-recovery/limits", {"waiting_max": 1}).status == 200
    with pytest.raises(openai.RateLimitError) as refused:
        say(client_of(openai, serving))
    assert refused.value.code == "HF-ADM-02" and refused.value.response.headers["retry-after"] == "30"
    endpoint.release()
    until(lambda: {one["status"] for one in serving.client.items()} == {"completed"})
    assert say(client_of(openai, serving)).choices[0].message.content == "You said: hello"


def test_what_cannot_be_taken_is_refused_in_the_dialects_words_and_nothing_is_kept(openai, serving):
    def send(body, kind: str = "application/json", path: str = "/v1/chat/completions"):
        return serving.client.request("POST", path, body, {"Content-Type": kind})

    good = json.dumps({"model": "stand-in", "messages": HELLO})
    deep = '{"model":"stand-in","messages":' + "[" * 500 + "]" * 500 + "}"
    long = json.dumps({"model": "stand-in", "messages": [{"role": "user", "content": "x" * 70_000}]})
    control = '{"model":"stand-in","messages":[{"role":"user","content":"\\u001b[2J"}]}'
    for body, kind, code in [
        ("{", "application/json", "HF-REQ-01"),
        ('{"model":NaN}', "application/json", "HF-REQ-01"),
        (b"\xff\xfe", "application/json", "HF-REQ-01"),
        (deep, "application/json", "HF-REQ-02"),
        (json.dumps({"x": "x" * (2 << 20)}), "application/json", "HF-REQ-02"),
        (good, "text/plain", "HF-REQ-11"),
        (good.replace("}]", '}],"temperature":-1e308'), "application/json", "HF-OAI-01"),
        (control, "application/json", "HF-OAI-01"),
        (long, "application/json", "HF-OAI-01"),
    ]:
        refused = send(body, kind)
        assert 400 <= refused.status < 500, refused
        assert refused.json()["error"]["code"] == code, refused
        assert set(refused.json()["error"]) == {"message", "type", "param", "code"}
    assert send(good, path="/v1/audio/transcriptions").json()["error"]["code"] == "HF-REQ-11"
    assert serving.client.get("/v1/nowhere").json()["error"]["code"] == "HF-REQ-06"
    assert serving.client.items() == []


# ---- JavaScript ------------------------------------------------------------------------------------------------


def run_javascript(server, tmp_path, **environment) -> subprocess.Popen:
    folder = official_client("javascript")
    node = shutil.which("node") or str(folder / "bin" / "node")
    script = tmp_path / "script.mjs"
    script.write_text(JAVASCRIPT)
    environment = {
        "PATH": os.environ["PATH"],
        "CLIENT": (folder / "node_modules" / "openai" / "index.mjs").as_uri(),
        "URL": server.url + "/v1",
        "TIMEOUT": "600000",
        "SAY": "hello",
    } | environment
    return subprocess.Popen([node, str(script)], stdout=subprocess.PIPE, env=environment, cwd=tmp_path)


def said_by(script: subprocess.Popen) -> dict:
    out, _ = script.communicate(timeout=300)
    assert script.returncode == 0
    return json.loads(out)


def test_the_javascript_client_gets_the_same(serving, samples, tmp_path):
    said = said_by(run_javascript(serving, tmp_path, FILE=str(samples.sentence(0))))

    assert said["models"] == ["whisper-base-q8_0", "stand-in", "all-minilm-l6-v2-f16"]
    assert said["chat"] == said["stream"] == "You said: hello"
    assert said["embedding"] == [384, 384]
    assert "ocean" in said["text"].lower()
    assert said["error"] == ["BadRequestError", 400, "HF-OAI-01", "n"]


def test_TH_2_a_javascript_client_that_gives_up_attaches_as_well(serving, endpoint, tmp_path):
    endpoint.hold()
    script = run_javascript(serving, tmp_path, ONLY_CHAT="1", TIMEOUT="800")
    until(lambda: endpoint.requests, why="the model is being asked")
    serving.kill9()
    serving.start()
    until(lambda: len(endpoint.requests) == 2, why="the work is taken up again")
    endpoint.release()

    assert said_by(script)["chat"] == "You said: hello"
    [item] = serving.client.items()
    assert types(serving, item["id"]).count("stage.completed") == 1
