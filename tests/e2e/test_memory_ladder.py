"""Memory that is too short costs quality, not availability: the real speech worker under a real limit of its memory."""

import json
import os
import resource
import shutil
import sys
from pathlib import Path

import pytest

from harness import sample
from harness.paths import program
from harness.waiting import until

sys.path.insert(0, str(Path(__file__).parent / "speech"))
from stt_worker import SttWorker, WorkerGone  # noqa: E402

LARGE, SMALL, VOICE = "ggml-base-q8_0.bin", "ggml-base-q5_1.bin", "ggml-silero-v6.2.3.bin"
FOLDER = Path(
    os.environ.get("HOLDFAST_MODELS_DIR")
    or Path(os.environ.get("HOLDFAST_CACHE", Path.home() / ".cache" / "holdfast")) / "models"
)
WARNING = "transcribed with a smaller model (whisper-base-q5_1) because memory was short"
#: One thread: the ladder has two steps, and memory does not depend on the machine.
SETTINGS = {
    "HOLDFAST_CAPACITY_THREADS": "1",
    "HOLDFAST_CAPACITY_LARGER_AFTER": "1 s",
    "HOLDFAST_ENGINE_PROBE_EVERY": "500 ms",
    "HOLDFAST_SPEECH_MEMORY_MAX": "0 B",
}


def works(model: str, wav: Path | None, hypotheses: int, kilobytes: int) -> bool:
    """Whether the worker loads, and transcribes the sentence if there is one, with so much memory of its own."""

    def limited():
        resource.setrlimit(resource.RLIMIT_DATA, (kilobytes * 1024, kilobytes * 1024))

    try:
        with SttWorker(program("holdfast-stt"), FOLDER / model, FOLDER / VOICE, threads=1, before=limited) as worker:
            if worker.read()["type"] != "ready":
                return False
            if wav is not None:
                worker.transcribe(wav, beam_size=hypotheses, language="en")
            return True
    except (WorkerGone, OSError, AssertionError):
        return False


def least(model: str, wav: Path | None, hypotheses: int) -> int:
    """Kilobytes of memory, to a thousand."""
    too_little, enough = 200_000, 1_400_000
    while enough - too_little > 1_000:
        middle = (too_little + enough) // 2
        if works(model, wav, hypotheses, middle):
            enough = middle
        else:
            too_little = middle
    return enough


@pytest.fixture(scope="module")
def wav(samples, tmp_path_factory) -> Path:
    if not (FOLDER / SMALL).exists():
        pytest.skip(f"{SMALL} is not in {FOLDER}: run scripts/setup/models.sh")
    wav = tmp_path_factory.mktemp("sound") / "sentence.wav"
    sample.ffmpeg("-i", str(samples.sentence(1)), "-ar", "16000", "-ac", "1", str(wav))
    return wav


def between(least_kb: int, most_kb: int) -> int:
    """A limit that the smaller one keeps and the larger one does not."""
    if most_kb - least_kb < 3000:
        pytest.skip(f"no limit tells them apart here: {least_kb} and {most_kb} kB")
    return (least_kb + most_kb) // 2


class Limit:
    """The programs, with a holdfast-confine that limits memory as a file says before it becomes the real one."""

    def __init__(self, folder: Path):
        self.file = folder / "limit"
        self.programs = folder / "programs"
        self.programs.mkdir()
        for name in ("holdfast", "holdfast-stt", "holdfast-llm"):
            shutil.copy(program(name), self.programs / name)
        confine = self.programs / "holdfast-confine"
        confine.write_text(
            "#!/bin/sh\n"
            f'limit=$(cat {self.file})\n'
            'case "$*" in *holdfast-stt*) [ -z "$limit" ] || ulimit -d "$limit";; esac\n'
            f'exec {program("holdfast-confine")} "$@"\n'
        )
        confine.chmod(0o755)
        self.set(None)

    def set(self, kilobytes: int | None) -> None:
        new = self.file.with_suffix(".new")
        new.write_text("" if kilobytes is None else str(kilobytes))
        new.rename(self.file)

    @property
    def holdfast(self) -> Path:
        return self.programs / "holdfast"


@pytest.fixture
def limit(tmp_path) -> Limit:
    return Limit(tmp_path)


def speech(server) -> dict:
    status = json.loads(server.cli("status", "--json").stdout)
    return next(worker for worker in status["workers"] if worker["kind"] == "speech")


def stage_of(server, item: str) -> dict:
    return next(stage for stage in server.client.item(item)["stages"] if stage["name"] == "stt")


def submit(server, samples, number: int) -> str:
    return server.client.submit(samples.sentence(number).read_bytes(), key=f"key-{number}", recipe="voicesync")


def test_FG_14_a_model_that_has_no_room_is_replaced_by_a_smaller_one_and_comes_back(
    make_server, samples, wav, limit
):
    limit.set(between(least(SMALL, wav, 1), least(LARGE, None, 1)))
    server = make_server(SETTINGS | {"HOLDFAST_SPEECH_BEAM_SIZE": "1"}, holdfast=limit.holdfast).start()
    first = submit(server, samples, 1)
    done = server.client.wait_completed(first)

    assert WARNING in stage_of(server, first)["warnings"], "less is said, not hidden"
    assert stage_of(server, first)["attempts"] == 1 and done["retry_count"] == 0, "nobody is charged for it"
    assert "blue ocean" in done["result"]["transcript"]["text"].lower() or done["result"]["transcript"]["text"]
    assert [e["detail"] for e in server.client.audit(first) if e["type"] == "stage.warned"] == [WARNING]
    worker = speech(server)
    assert worker["runs"] == "whisper-base-q5_1" and worker["steps_down"] == 1, worker
    health = server.client.json("/health")
    assert health["status"] == "warn" and any("whisper-base-q5_1" in note for note in health["notes"]), health
    assert 'holdfast_worker_steps_down{pool="speech",runs="whisper-base-q5_1"} 1' in server.client.get("/metrics").body.decode()
    assert "worker_smaller kind=speech runs=whisper-base-q5_1 was=whisper-base-q8_0 code=HF-ENG-04" in server.log()

    limit.set(None)

    def larger() -> bool:
        item = submit(server, samples, 2 + larger.count)
        larger.count += 1
        server.client.wait_completed(item)
        larger.warnings = stage_of(server, item)["warnings"]
        return speech(server)["steps_down"] == 0

    larger.count = 0
    until(larger, 120, 0.5, "it did not come back")
    assert speech(server)["runs"] == "whisper-base-q8_0" and WARNING not in larger.warnings
    assert "worker_larger kind=speech runs=whisper-base-q8_0 was=whisper-base-q5_1" in server.log()
    assert "notes" not in server.client.json("/health")
    assert server.verify() == []


def test_FG_14_memory_that_runs_out_in_the_middle_of_work_is_survived_by_the_smaller_model(
    make_server, samples, wav, limit
):
    limit.set(between(max(least(SMALL, wav, 5), least(LARGE, None, 5)), least(LARGE, wav, 5)))
    server = make_server(SETTINGS, holdfast=limit.holdfast).start()
    item = submit(server, samples, 1)
    server.client.wait_completed(item)

    stage = stage_of(server, item)
    assert stage["attempts"] == 2, "it loaded, and ran out while it worked"
    assert WARNING in stage["warnings"]
    failed = [event for event in server.client.audit(item) if event["type"] == "stage.failed"]
    assert [event["detail"] for event in failed] == ["HF-ENG-04"], "no death that would set the file aside"
    assert speech(server)["runs"] == "whisper-base-q5_1"
    assert server.verify() == []


def test_FG_14_where_not_even_the_smallest_has_room_work_waits_and_goes_on(make_server, samples, wav, limit):
    limit.set(least(SMALL, None, 1) // 2)
    server = make_server(SETTINGS, holdfast=limit.holdfast).start()
    item = submit(server, samples, 1)
    until(lambda: server.client.item(item)["held_for"] == "HF-ENG-10", 60, 0.1, "not held")
    held = server.client.item(item)
    assert held["status"] == "pending" and "smallest" in held["error"]["message"], held
    assert stage_of(server, item)["attempts"] == 0

    limit.set(None)

    server.client.wait_completed(item)
    assert server.verify() == []


@pytest.fixture
def small_group():
    """A control group of 100 MB: what is in it and takes more is killed by the kernel."""
    v1, v2 = Path("/sys/fs/cgroup/memory"), Path("/sys/fs/cgroup")
    root, limit_file = (v1, "memory.limit_in_bytes") if v1.exists() else (v2, "memory.max")
    group = root / f"holdfast-test-{os.getpid()}"
    try:
        group.mkdir()
        (group / limit_file).write_text(str(100 << 20))
    except OSError as problem:
        if group.exists():
            group.rmdir()
        pytest.skip(f"no control group of our own can be made here: {problem}")
    yield group
    until(lambda: not (group / "cgroup.procs").read_text(), 30, 0.05, "somebody is left in the group")
    group.rmdir()


def test_FG_14_whom_the_kernel_kills_for_memory_comes_back_smaller(make_server, samples, limit, small_group):
    confine = limit.programs / "holdfast-confine"
    confine.write_text(
        "#!/bin/sh\n"
        f'case "$*" in *{LARGE}*) echo $$ > {small_group}/cgroup.procs;; esac\n'
        f'exec {program("holdfast-confine")} "$@"\n'
    )
    server = make_server(SETTINGS, holdfast=limit.holdfast).start()
    item = submit(server, samples, 1)
    server.client.wait_completed(item)

    assert WARNING in stage_of(server, item)["warnings"]
    assert speech(server)["runs"] == "whisper-base-q5_1"
    killed = [line for line in server.log().splitlines() if "worker_smaller" in line]
    assert killed and all("killed by signal 9" in line for line in killed), killed
    assert server.verify() == []
