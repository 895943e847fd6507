"""The command line: what it prints is for scripts, and its exit code says what happened."""

import json
import os
import re
import signal
import subprocess
import time

import pytest

from harness.paths import program
from harness.sample import silent_wav
from harness.server import NO_WORK
from harness.waiting import until

COMMANDS = [
    "serve",
    "submit",
    "status",
    "show",
    "watch",
    "get",
    "list",
    "retry",
    "cancel",
    "dead-letters list",
    "dead-letters show",
    "dead-letters retry",
    "dead-letters discard",
    "dead-letters export",
    "dead-letters result",
    "queue stats",
    "models list",
    "models pull",
    "models verify",
    "doctor",
    "verify",
    "config show",
    "config check",
    "config schema",
    "version",
    "help",
    "completion",
]


@pytest.fixture(scope="module")
def done(shared_server, samples):
    """One short recording that went the whole way from the command line."""
    result = shared_server.cli(
        "submit", str(samples.sentence(1)), "--recipe", "voicesync", "--job-id", "cli-1", "--wait", "--json"
    )
    return result, json.loads(result.stdout)


@pytest.fixture(scope="module")
def failed(shared_server, samples):
    result = shared_server.cli("submit", str(samples.mute_video()), "--wait", "--json")
    return result, json.loads(result.stdout)


@pytest.fixture(scope="module")
def idle(make_module_server):
    """A server that takes files and works on none."""
    return make_module_server(NO_WORK).start()


@pytest.fixture
def sound(tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(silent_wav(0.2, os.urandom(8)))
    return path


def problem_of(result) -> dict:
    problem = json.loads(result.stdout)["error"]
    assert {"code", "message", "retryable", "what_to_do"} <= problem.keys()
    return problem


# submit


def test_submit_wait_gives_one_item_and_0(done):
    result, item = done
    assert result.returncode == 0, result.stderr
    assert item["status"] == "completed" and item["job_id"] == "cli-1"
    assert "mountains" in item["result"]["transcript"]["text"].lower()
    assert result.stdout.count(b"\n") == 1, "one object on one line"


def test_submit_wait_ends_in_3_when_the_item_failed(failed):
    result, item = failed
    assert result.returncode == 3
    assert item["status"] == "failed" and item["error"]["code"] == "HF-MED-03"


def test_submit_wait_ends_in_4_when_it_waited_long_enough(idle, sound):
    result = idle.cli("submit", str(sound), "--wait", "--timeout", "1 s", "--json")
    assert result.returncode == 4, result
    shown = json.loads(result.stdout)
    assert shown["status"] in ("pending", "processing"), shown


def test_submit_ends_in_13_when_nobody_is_there(shared_server, sound):
    result = shared_server.cli("submit", str(sound), "--server", "http://127.0.0.1:9", "--json")
    assert result.returncode == 13
    assert problem_of(result)["code"] == "HF-CLI-02" and problem_of(result)["retryable"] is True


def test_submit_ends_in_14_when_refused_for_now(make_server, sound):
    full = make_server({"HOLDFAST_STORAGE_RESERVE": "900000 GB"}).start()
    result = full.cli("submit", str(sound), "--json")
    assert result.returncode == 14
    assert problem_of(result)["code"] == "HF-STO-02"


@pytest.mark.parametrize("content,code", [(b"", "HF-UPL-08"), (b"no media at all" * 100, "HF-UPL-02")])
def test_submit_ends_in_1_when_refused_for_good(shared_server, tmp_path, content, code):
    file = tmp_path / "bad.mp4"
    file.write_bytes(content)
    result = shared_server.cli("submit", str(file), "--json")
    assert result.returncode == 1
    assert problem_of(result)["code"] == code and problem_of(result)["what_to_do"]


def test_submit_of_a_file_that_is_not_there(shared_server, tmp_path):
    result = shared_server.cli("submit", str(tmp_path / "none.wav"), "--json")
    assert result.returncode == 1 and problem_of(result)["code"] == "HF-CLI-03"


def test_submit_reads_standard_input(idle, sound):
    with sound.open("rb") as file:
        plain = idle.cli("submit", "-", "--name", "piped.wav", "--json", stdin=file)
    piped = idle.cli("submit", "-", "--json", input=silent_wav(0.3, b"through a pipe"))

    assert plain.returncode == 0 and json.loads(plain.stdout)["input"]["name"] == "piped.wav"
    assert piped.returncode == 0 and json.loads(piped.stdout)["input"]["bytes"] == len(silent_wav(0.3))


def test_submit_with_the_same_key_is_taken_once(idle, sound):
    ids = {
        json.loads(idle.cli("submit", str(sound), "--job-id", "once", "--json").stdout)["id"]
        for _ in range(2)
    }
    assert len(ids) == 1
    sound.write_bytes(silent_wav(0.2, b"something else"))
    assert idle.cli("submit", str(sound), "--job-id", "once", "--json").returncode == 1


def test_submit_interrupted_while_waiting_leaves_the_work_alone(idle, sound):
    command = [
        str(program("holdfast")),
        "submit",
        str(sound),
        "--job-id",
        "interrupted",
        "--wait",
        "--server",
        idle.url,
    ]
    waiting = subprocess.Popen(command, env=idle.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    until(lambda: any(item["job_id"] == "interrupted" for item in idle.client.items()), why="sent")
    time.sleep(0.3)

    waiting.send_signal(signal.SIGINT)
    waiting.communicate(timeout=30)

    assert waiting.returncode == 130
    (item,) = [item for item in idle.client.items() if item["job_id"] == "interrupted"]
    assert item["status"] == "pending" and not item["cancel_requested"]


def test_no_colours_or_redrawing_outside_a_terminal(done):
    result, _ = done
    assert b"\x1b" not in result.stdout + result.stderr and b"\r" not in result.stderr


# Looking


def test_show_and_list_and_get(shared_server, done, failed):
    item = done[1]
    shown = json.loads(shared_server.cli("show", item["id"], "--json").stdout)
    listed = json.loads(shared_server.cli("list", "--status", "completed", "--json").stdout)
    text = shared_server.cli("get", item["id"], "--format", "txt")
    subtitles = shared_server.cli("get", item["id"], "--format", "srt")

    assert shown == item
    listed = listed["data"] if isinstance(listed, dict) else listed
    assert item["id"] in [one["id"] for one in listed] and failed[1]["id"] not in [
        one["id"] for one in listed
    ]
    assert b"mountains" in text.stdout.lower() and b" --> " in subtitles.stdout
    assert shared_server.cli("show", item["id"]).stdout.count(b"\n") > 3
    assert item["id"].encode() in shared_server.cli("list").stdout


def test_get_writes_a_file(shared_server, done, tmp_path):
    target = tmp_path / "out.vtt"
    result = shared_server.cli("get", done[1]["id"], "--format", "vtt", "-o", str(target))
    assert result.returncode == 0 and target.read_text().startswith("WEBVTT")
    assert list(tmp_path.iterdir()) == [target]


def test_get_of_an_item_without_transcript_and_of_none(shared_server, failed):
    assert shared_server.cli("get", failed[1]["id"]).returncode == 1
    nothing = shared_server.cli("show", "itm_00000000000000000000000000", "--json")
    assert nothing.returncode == 1 and problem_of(nothing)["code"] == "HF-ITM-06"


def test_status_has_the_fields_of_the_interface(shared_server, done):
    status = json.loads(shared_server.cli("status", "--json").stdout)

    assert {"queues", "services", "workers", "memory", "messages"} <= status.keys()
    for worker in status["workers"]:
        assert {"kind", "pid", "state", "item", "job_id"} <= worker.keys()
    pids = {process.pid for process in shared_server.workers()}
    assert {worker["pid"] for worker in status["workers"] if worker["pid"]} <= pids
    assert shared_server.cli("status").returncode == 0


def test_watch_follows_an_item_to_its_end(shared_server, done, failed):
    assert shared_server.cli("watch", done[1]["id"], "--json").returncode == 0
    assert shared_server.cli("watch", failed[1]["id"], "--json").returncode == 3


# Changing


def test_cancel_and_retry(idle, sound):
    item_id = json.loads(idle.cli("submit", str(sound), "--json").stdout)["id"]
    until(lambda: idle.client.item(item_id)["held_for"], why="it waits for the program that is missing")

    cancelled = idle.cli("cancel", item_id, "--json")
    twice = idle.cli("cancel", item_id, "--json")
    retried = idle.cli("retry", item_id, "--json")
    wrong = idle.cli("retry", item_id, "--from-stage", "no-such", "--json")

    assert cancelled.returncode == 0 and json.loads(cancelled.stdout)["status"] == "cancelled"
    assert twice.returncode == 1 and problem_of(twice)["code"] == "HF-ITM-03"
    assert retried.returncode == 0 and json.loads(retried.stdout)["status"] in ("pending", "processing")
    assert wrong.returncode == 1 and problem_of(wrong)["code"] == "HF-ITM-04"


def test_retry_from_a_stage_does_the_work_again(shared_server, done):
    before = done[1]
    assert shared_server.cli("retry", before["id"], "--from-stage", "stt").returncode == 0
    after = shared_server.client.wait_completed(before["id"])
    assert after["result"]["transcript"]["text"] == before["result"]["transcript"]["text"]
    assert shared_server.verify() == []


# Checks of the machine and the data


def test_doctor_says_what_it_looked_at(shared_server):
    result = shared_server.cli("doctor", "--json")
    report = json.loads(result.stdout)
    assert result.returncode == 0, report
    states = {check["name"]: check["state"] for check in report["checks"]}
    assert states["ffmpeg"] == states["confinement"] == states["model whisper-base-q8_0"] == "ok", states
    assert shared_server.cli("doctor").returncode == 0


def check_named(doctor, name: str) -> dict:
    return next(check for check in json.loads(doctor.stdout)["checks"] if check["name"] == name)


def test_VS_6_doctor_says_that_ffmpeg_is_missing(shared_server):
    result = shared_server.cli(
        "doctor", "--json", environment={"HOLDFAST_MEDIA_FFMPEG": "/nonexistent/ffmpeg"}
    )
    assert result.returncode == 15
    ffmpeg = check_named(result, "ffmpeg")
    assert ffmpeg["state"] == "bad" and ffmpeg["text"] == "/nonexistent/ffmpeg is missing", ffmpeg
    assert "apt-get install ffmpeg" in ffmpeg["what_to_do"]


def test_VS_7_doctor_and_models_verify_see_a_damaged_model(shared_server, tmp_path):
    models = tmp_path / "models"
    models.mkdir()
    (models / "ggml-base-q8_0.bin").write_bytes(b"ggml, but not all of it")
    environment = {"HOLDFAST_MODELS_DIR": str(models)}

    doctor = shared_server.cli("doctor", "--json", environment=environment)
    verified = shared_server.cli("models", "verify", "--json", environment=environment)

    assert doctor.returncode == 15 and verified.returncode == 15
    speech = check_named(doctor, "model whisper-base-q8_0")
    assert speech["state"] == "bad" and speech["text"].endswith("ggml-base-q8_0.bin is damaged"), speech
    assert "holdfast models pull whisper-base-q8_0" in speech["what_to_do"]
    told = {model["id"]: model for model in json.loads(verified.stdout)["models"]}
    assert told["whisper-base-q8_0"]["state"] == "damaged"
    assert told["whisper-base-q8_0"]["set_aside"] == str(models / "ggml-base-q8_0.bin.damaged")
    assert not (models / "ggml-base-q8_0.bin").exists(), "set aside, so that nothing loads it"
    assert [path.name for path in models.iterdir()] == ["ggml-base-q8_0.bin.damaged"]


def test_verify_on_a_running_and_on_a_stopped_instance(make_server, sound):
    server = make_server(NO_WORK).start()
    server.client.submit(sound.read_bytes())
    assert server.verify() == []
    server.term()
    assert server.verify() == []
    (blob,) = server.blobs().values()
    content = blob.read_bytes()

    blob.chmod(0o600)
    blob.write_bytes(content[:-1] + b"!")
    assert server.verify(), "another content than was accepted"
    blob.unlink()
    assert server.verify(), "a file that is gone"
    blob.write_bytes(content)
    assert server.verify() == []
    server.start()


def test_verify_where_there_is_nothing(shared_server, tmp_path):
    result = shared_server.cli("verify", "--data", str(tmp_path / "none"), "--json")
    assert result.returncode == 10 and not (tmp_path / "none").exists()
    empty = tmp_path / "empty"
    empty.mkdir()
    result = shared_server.cli("verify", "--data", str(empty), "--json")
    assert result.returncode == 10 and not list(empty.iterdir()), result


# Configuration


def test_config_show_says_where_each_value_came_from(shared_server, tmp_path):
    file = tmp_path / "holdfast.toml"
    file.write_text('[uploads]\nmax_size = "5 GB"\n')
    result = shared_server.cli("config", "show", "--origin", "--config", str(file))
    shown = result.stdout.decode()
    assert result.returncode == 0
    assert re.search(r"max_size.*5 GB.*holdfast\.toml", shown), shown
    assert re.search(r"dir.*HOLDFAST_RECIPES_DIR", shown), "from the environment"
    assert "default" in shown


def test_config_check_suggests_the_right_key(shared_server, tmp_path):
    file = tmp_path / "holdfast.toml"
    file.write_text('[uploads]\nmax_sise = "5 GB"\n')
    result = shared_server.cli("config", "check", "--config", str(file))
    said = (result.stdout + result.stderr).decode()
    assert result.returncode == 16
    assert "max_sise" in said and "max_size" in said and re.search(r"holdfast\.toml.*2", said), said


def test_a_misspelt_variable_is_told_with_the_right_one(shared_server):
    result = shared_server.cli("config", "check", environment={"HOLDFAST_UPLOADS_MAX_SISE": "1 GB"})
    said = (result.stdout + result.stderr).decode()
    assert "HOLDFAST_UPLOADS_MAX_SISE" in said and "HOLDFAST_UPLOADS_MAX_SIZE" in said


@pytest.mark.parametrize(
    "settings",
    [
        {"HOLDFAST_UPLOADS_MAX_SIZE": "much"},
        {"HOLDFAST_ENGINE_LEASE": "1 s", "HOLDFAST_ENGINE_HEARTBEAT": "1 s"},
    ],
)
def test_wrong_settings_are_refused_at_the_start(shared_server, tmp_path, settings):
    result = shared_server.cli(
        "serve",
        "--single-user",
        "--data",
        str(tmp_path / "d"),
        "--listen",
        "127.0.0.1:0",
        environment=settings,
        seconds=20,
    )
    assert result.returncode == 16, result
    assert next(iter(settings)) in result.stderr.decode() or "heartbeat" in result.stderr.decode()
    assert not (tmp_path / "d").exists()


@pytest.mark.parametrize("listen", ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"])
def test_single_user_is_refused_where_others_could_reach_it(shared_server, tmp_path, listen):
    result = shared_server.cli(
        "serve", "--single-user", "--data", str(tmp_path / "d"), "--listen", listen, seconds=20
    )
    assert result.returncode == 2 and b"loopback" in result.stderr
    assert not (tmp_path / "d").exists()


def test_data_folder_and_address_from_the_environment(make_server):
    server = make_server()
    settings = server.environment | {
        "HOLDFAST_DATA": str(server.data),
        "HOLDFAST_SERVER_LISTEN": "127.0.0.1:0",
    }
    process = subprocess.Popen(
        [str(program("holdfast")), "serve", "--single-user"],
        env=settings,
        cwd=server.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert process.stdout.readline().startswith(b"listening on http://127.0.0.1:")
        assert (server.data / "files").is_dir()
    finally:
        process.terminate()
        assert process.wait(30) == 0
        process.stdout.close()


# Help


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_each_command(shared_server, command):
    result = shared_server.cli(*command.split(), "--help")
    assert result.returncode == 0
    assert f"holdfast {command}" in result.stdout.decode() and b"Exit codes" in result.stdout


def test_version(shared_server):
    told = json.loads(shared_server.cli("version", "--json").stdout)
    assert re.fullmatch(r"\d+\.\d+\.\d+.*", told["version"])
    major, minor, patch = (int(part) for part in told["sqlite"].split("."))
    assert (major, minor, patch) >= (3, 51, 3)


@pytest.mark.parametrize(
    "words,meant",
    [
        (["sumbit", "x"], "submit"),
        (["lst"], "list"),
        (["models", "pul"], "models pull"),
        (["list", "--staus", "failed"], "--status"),
    ],
)
def test_did_you_mean(shared_server, words, meant):
    result = shared_server.cli(*words)
    assert result.returncode == 2 and meant in result.stderr.decode()


def test_a_code_is_explained(shared_server):
    told = shared_server.cli("help", "HF-STO-02")
    assert told.returncode == 0 and b"room" in told.stdout
    assert shared_server.cli("help", "HF-NO-99").returncode == 2


def test_serve_says_where_it_listens_as_json(make_server):
    server = make_server()
    process = subprocess.Popen(
        [str(program("holdfast")), "serve", "--single-user", "--json"],
        env=server.environment | {"HOLDFAST_DATA": str(server.data), "HOLDFAST_SERVER_LISTEN": "127.0.0.1:0"},
        cwd=server.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        said = json.loads(process.stdout.readline())
        assert said["event"] == "listening" and said["url"].startswith("http://127.0.0.1:")
    finally:
        process.terminate()
        assert process.wait(30) == 0
