"""What the server says about itself is so: health, doctor, log and status against what is really there."""

import json
import os
import shutil
from pathlib import Path

import pytest

from harness.endpoint import Endpoint
from harness.paths import program
from harness.server import NO_WORK
from harness.waiting import until

SPEECH = "ggml-base-q8_0.bin"
#: Held jobs are looked after every second.
QUICK = {"HOLDFAST_ENGINE_PROBE_EVERY": "1 s"}
#: A model that is missing stays so until the test brings it.
NO_FETCH = {"HOLDFAST_MODELS_FETCH": "false"}


def models_folder() -> Path:
    cache = os.environ.get("HOLDFAST_CACHE", str(Path.home() / ".cache" / "holdfast"))
    folder = Path(os.environ.get("HOLDFAST_MODELS_DIR", cache + "/models"))
    if not (folder / SPEECH).exists():
        pytest.skip(f"the speech model is not in {folder}")
    return folder


def lend(source: Path, target: Path) -> None:
    """Puts a file there that costs no room, if the file system can do that."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy(source, target)


@pytest.fixture
def damaged_models(tmp_path):
    """Every model, the speech model with one byte changed: its size is right."""
    folder = tmp_path / "models"
    folder.mkdir()
    for path in models_folder().iterdir():
        if path.is_file() and path.name != SPEECH:
            lend(path, folder / path.name)
    shutil.copyfile(models_folder() / SPEECH, folder / SPEECH)
    with (folder / SPEECH).open("r+b") as model:
        model.seek(40_000_000)
        byte = model.read(1)
        model.seek(40_000_000)
        model.write(bytes([byte[0] ^ 1]))
    return folder


def check_of(server, name: str) -> dict:
    """What health says of a service, once it was looked at."""

    def looked():
        checks = server.client.json("/health")["checks"]
        return checks[name][0] if name in checks else None

    return until(looked, 60, 0.1, f"health says nothing of {name}")


def test_VS_7_a_damaged_model_is_told_set_aside_and_waited_for(make_server, samples, damaged_models):
    server = make_server(QUICK | NO_FETCH | {"HOLDFAST_MODELS_DIR": str(damaged_models)}).start()
    speech = check_of(server, "speech")
    item_id = server.client.submit(samples.sentence(1).read_bytes(), recipe="voicesync")

    assert speech["status"] == "warn" and speech["code"] == "HF-ENG-02", speech
    assert "SHA-256 is wrong" in speech["message"] and "holdfast models pull whisper-base-q8_0" in speech["message"]
    until(lambda: server.client.item(item_id)["error"], 60, 0.1, "not held")
    trail = len(server.client.audit(item_id))
    until((damaged_models / (SPEECH + ".damaged")).exists, 60, 0.1, "not set aside")
    until(lambda: "set aside as" in check_of(server, "speech")["message"], 60, 0.5, "not told")

    assert server.client.item(item_id)["error"]["code"] == "HF-ENG-02"
    assert len(server.client.audit(item_id)) == trail, "held once, not again and again"

    lend(models_folder() / SPEECH, damaged_models / SPEECH)

    server.client.wait_completed(item_id)
    assert len(server.client.audit(item_id)) < trail + 10
    assert server.verify() == []


def test_VS_7_a_voice_model_that_is_deleted_later_is_missed(make_server, samples, damaged_models):
    lend(models_folder() / SPEECH, damaged_models / "right")
    (damaged_models / "right").rename(damaged_models / SPEECH)
    (voice,) = damaged_models.glob("*silero*")
    server = make_server(QUICK | NO_FETCH | {"HOLDFAST_MODELS_DIR": str(damaged_models)}).start()
    assert check_of(server, "speech")["status"] == "pass"

    voice.rename(damaged_models / "elsewhere")
    item_id = server.client.submit(samples.sentence(1).read_bytes(), recipe="voicesync")
    until(lambda: check_of(server, "speech")["status"] == "warn", 60, 0.2, "health does not miss it")

    assert "is missing" in check_of(server, "speech")["message"]
    until(lambda: server.client.item(item_id)["error"], 60, 0.1, "not held")
    (damaged_models / "elsewhere").rename(voice)
    server.client.wait_completed(item_id)


def test_VS_7_a_damaged_model_is_made_again_by_itself(make_server, samples, damaged_models):
    server = make_server(QUICK | {"HOLDFAST_MODELS_DIR": str(damaged_models)}).start()
    item_id = server.client.submit(samples.sentence(1).read_bytes(), recipe="voicesync")

    server.client.wait_completed(item_id)

    assert (damaged_models / (SPEECH + ".damaged")).exists(), "the bad one is kept"
    assert (damaged_models / SPEECH).stat().st_size == (models_folder() / SPEECH).stat().st_size
    events = [line.split(" ", 3)[2] for line in server.log().splitlines()]
    assert events.index("model_fetch_began") < events.index("model_fetched")
    until(lambda: check_of(server, "speech")["status"] == "pass", 60, 0.2, "health does not see it")
    assert server.verify() == []


def test_VS_7_what_makes_models_is_told_no_secret(make_server, damaged_models, tmp_path):
    """Somebody who stands in for bash and writes down what it was given."""
    (damaged_models / SPEECH).unlink()
    heard, programs = tmp_path / "heard", tmp_path / "programs"
    programs.mkdir()
    (programs / "bash").write_text(f"#!/bin/sh\nenv > {heard}.new; mv {heard}.new {heard}; exit 1\n")
    (programs / "bash").chmod(0o755)
    secrets = {"HOLDFAST_ALERTS_SECRET": "canary canary canary", "SOME_TOKEN": "canary"}
    settings = {"HOLDFAST_ALERTS_WEBHOOK": "http://127.0.0.1:1/", "PATH": f"{programs}:{os.environ['PATH']}"}
    make_server(QUICK | secrets | settings | {"HOLDFAST_MODELS_DIR": str(damaged_models)}).start()

    until(heard.exists, 60, 0.1, "nobody was asked")
    said = heard.read_text()
    assert f"HOLDFAST_CACHE={damaged_models.parent}\n" in said and "HOME=" in said
    assert "canary" not in said and "HOLDFAST_ALERTS" not in said, said


def test_VS_7_where_no_model_can_be_made_that_is_said(make_server, damaged_models):
    elsewhere = damaged_models.with_name("elsewhere")
    damaged_models.rename(elsewhere)
    (elsewhere / SPEECH).unlink()
    server = make_server(QUICK | {"HOLDFAST_MODELS_DIR": str(elsewhere)}).start()

    def notes():
        return server.client.json("/health").get("notes", [])

    until(notes, 60, 0.1, "nothing is said")
    assert "only a folder named `models` can be filled" in notes()[0]
    assert "model_fetch_failed" in server.log()


# The log


def test_VS_6_a_missing_ffmpeg_is_said_in_the_log(make_server):
    server = make_server(NO_WORK).start()
    assert check_of(server, "ffmpeg")["code"] == "HF-FFM-01"
    server.term()

    events = [line.split(" ", 3)[1:] for line in server.log().splitlines()]
    assert ["warn", "service_down", 'service=ffmpeg code=HF-FFM-01 message="/nonexistent/ffprobe is missing"'] in events
    assert [event[1] for event in events][:3] == ["starting", "jobs_recovered", "listening"]
    assert [event[1] for event in events][-2:] == ["draining", "drained"]


def test_the_log_is_json_where_that_is_wanted_and_holds_no_content(make_server, samples):
    server = make_server({"HOLDFAST_LOG_FORMAT": "json", "HOLDFAST_LOG_LEVEL": "debug"}).start()
    good = server.client.submit(samples.sentence(1).read_bytes(), name="my-secret-diary.wav", recipe="voicesync")
    bad = server.client.submit(samples.video().read_bytes()[:4000], name="my-secret-film.mp4", recipe="voicesync")
    text = server.client.wait_completed(good)["result"]["transcript"]["text"]
    assert server.client.wait(bad)["status"] == "failed"
    server.term()

    lines = [json.loads(line) for line in server.log().splitlines()]
    assert {"event": "dead_letter", "item": bad, "code": "HF-MED-01"}.items() <= next(
        line for line in lines if line["event"] == "dead_letter"
    ).items()
    assert any(line["event"] == "worker_started" and line["kind"] == "speech" for line in lines)
    assert "secret" not in server.log() and text[:12] not in server.log()


def test_the_log_says_no_more_than_it_is_asked_to(make_server):
    server = make_server(NO_WORK | {"HOLDFAST_LOG_LEVEL": "error"}).start()
    check_of(server, "ffmpeg")
    server.term()
    assert server.log() == ""


# Confinement


@pytest.fixture
def without_landlock(tmp_path):
    """The programs, with a holdfast-confine that behaves as on a kernel without Landlock."""
    folder = tmp_path / "programs"
    folder.mkdir()
    for name in ("holdfast", "holdfast-stt", "holdfast-llm"):
        lend(program(name), folder / name)
    confine = folder / "holdfast-confine"
    confine.write_text(
        "#!/bin/sh\n"
        'if [ "$1" = --report ]; then echo \'{"landlock_abi":0,"landlock_network":false,"seccomp":true}\'; exit; fi\n'
        "for word; do [ $word = --allow-unconfined-files ] && yes=1; done\n"
        'if [ -z "$yes" ]; then echo "this kernel has no Landlock" >&2; exit 125; fi\n'
        'while [ "$1" != -- ]; do shift; done\nshift\nexec "$@"\n'
    )
    confine.chmod(0o755)
    return folder / "holdfast"


@pytest.mark.parametrize("accepted", [False, True])
def test_doctor_and_server_say_the_same_of_a_kernel_without_landlock(make_server, without_landlock, accepted):
    settings = {"HOLDFAST_SECURITY_ALLOW_UNCONFINED_FILES": "true"} if accepted else {}
    server = make_server(settings, holdfast=without_landlock).start()
    told = check_of(server, "ffmpeg")
    doctor = json.loads(server.cli("doctor", "--json").stdout)
    checks = {check["name"]: check for check in doctor["checks"]}

    assert told["status"] == ("pass" if accepted else "warn"), told
    assert checks["ffmpeg"]["state"] == ("ok" if accepted else "bad"), checks["ffmpeg"]
    assert checks["confinement"]["state"] == ("warn" if accepted else "bad"), checks["confinement"]
    assert "security.allow_unconfined_files" in checks["confinement"]["what_to_do"]
    health = server.client.json("/health")
    assert health["status"] == "warn" and ("notes" in health) == accepted
    assert ("files_may_be_unconfined" in server.log()) == accepted
    if not accepted:
        assert "Landlock" in told["message"] and "Landlock" in checks["ffmpeg"]["text"]


# Settings that reach the work


def test_the_language_that_is_configured_is_the_one_that_is_heard(make_server, samples):
    server = make_server({"HOLDFAST_SPEECH_LANGUAGE": "de"}).start()
    item_id = server.client.submit(samples.sentence(1).read_bytes(), recipe="voicesync")
    assert server.client.wait_completed(item_id)["result"]["transcript"]["language"] == "de"


def test_VS_8_the_speech_worker_is_nice_capped_and_runs_eight_bit_weights(make_server, samples):
    server = make_server().start()
    item_id = server.client.submit(samples.sentence(3).read_bytes(), recipe="voicesync")
    worker = server.worker("holdfast-stt", words="--threads")  # past its execve
    stat = Path(f"/proc/{worker.pid}/stat").read_text()
    after_name = stat[stat.rindex(")") + 2 :].split()
    words = worker.command.split()
    threads = int(words[words.index("--threads") + 1])
    most = 0
    while server.client.item(item_id)["status"] not in ("completed", "failed"):
        try:
            most = max(most, len(os.listdir(f"/proc/{worker.pid}/task")))
        except FileNotFoundError:
            break

    assert int(after_name[16]) >= 10, "niceness"
    cap = os.environ.get("HOLDFAST_CAPACITY_THREADS", "0")
    assert threads == (int(cap) or max(2, os.cpu_count() or 1) - 1), "one core is left to everybody else"
    assert 0 < most <= threads + 3, "the engine's threads, the one that listens, and no more"
    assert "q8_0" in words[words.index("--model") + 1]
    server.client.wait_completed(item_id)


def test_LAB_6_two_recordings_are_never_transcribed_at_the_same_time(make_server, samples):
    server = make_server({"HOLDFAST_CAPACITY_MEDIA": "2"}).start()
    content = samples.sentence(3).read_bytes()
    first, second = (server.client.submit(content, key=key, recipe="voicesync") for key in ("one", "two"))
    seen: set[str] = set()

    def over() -> bool:
        status = server.client.json("/api/v1/status")
        busy = [w for w in status["workers"] if w["kind"] == "speech" and w["state"] == "busy"]
        items = server.client.items()  # both at one moment
        transcribing = [item for item in items if item["stage"] == "stt" and item["status"] == "processing"]
        assert len(busy) <= 1 and len(transcribing) <= 1, (busy, transcribing)
        for worker in busy:
            assert (worker["item"], worker["job_id"]) in ((first, "one"), (second, "two"))
            seen.add(worker["item"])
        return all(item["status"] == "completed" for item in items)

    until(over, 300, 0.02, "not done")

    assert seen == {first, second}, "both were seen at work"
    spans = []
    for item_id in (first, second):
        stages = {stage["name"]: stage for stage in server.client.item(item_id)["stages"]}
        spans.append((stages["stt"]["started_at"], stages["stt"]["finished_at"]))
    spans.sort()
    assert spans[0][1] <= spans[1][0], f"one after the other: {spans}"


@pytest.mark.parametrize("status, code", [(503, "HF-LLM-01"), (429, "HF-LLM-02")])
def test_an_endpoint_that_restarts_or_is_busy_costs_no_attempt(make_server, samples, status, code):
    endpoint = Endpoint()
    refused = []
    endpoint.spoil = lambda request: (status, b"{}") if len(endpoint.requests) == 1 else None
    try:
        server = make_server(QUICK | {"HOLDFAST_LANGUAGE_URL": endpoint.url}).start()
        item_id = server.client.upload_video(samples.video().read_bytes()).json()["task_id"]

        def over() -> bool:
            item = server.client.item(item_id)
            if item["error"]:
                refused.append(item["error"]["code"])
            return item["status"] in ("completed", "failed")

        until(over, 120, 0.05, "not over")
        item = server.client.item(item_id)
    finally:
        endpoint.close()

    assert set(refused) == {code}, "held, and said so"
    assert item["status"] == "completed" and item["retry_count"] == 0
    assert {stage["name"]: stage["attempts"] for stage in item["stages"]}["mistral"] == 1
    assert f"job_held item={item_id} stage=mistral attempt=1 code={code}" in server.log()
    assert "jobs_released" in server.log()
