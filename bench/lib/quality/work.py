"""Sends to a scratch server and waits until all is over; what a language worker was asked and answered meanwhile."""
import contextlib
import http.client
import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import urllib.parse

from lib.instance import BUILD, ROOT, Instance, item

HERE = pathlib.Path(__file__).resolve().parent
OVER = ("completed", "failed", "cancelled")
WAIT_SECONDS_MAX = 1800
VOICES = {"en": "en-us", "de": "de"}
WORDS_PER_MINUTE = 150
#: As a user has it, but no model is asked for a sign of life, and nothing is turned away.
SETTINGS = {"HOLDFAST_CAPACITY_ENGINE": "1", "HOLDFAST_ENGINE_INFERENCE_EVERY": "0 s"}


def say(text: str, language: str) -> bytes:
    """A recording of the text in the synthesizer's voice."""
    done = subprocess.run(["espeak-ng", "-v", VOICES[language], "-s", str(WORDS_PER_MINUTE), "--stdout", text],
                          capture_output=True, check=True)
    return done.stdout


def post(connection: http.client.HTTPConnection, body: bytes, recipe: str, name: str) -> tuple[int, dict]:
    path = f"/api/v1/items?recipe={recipe}&name={urllib.parse.quote(name)}"
    connection.request("POST", path, body, {"Content-Type": "application/octet-stream"})
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())


def send_all(server: Instance, sent: dict[str, tuple[str, bytes, str]]) -> dict[str, str]:
    """Ids of what was taken, by the keys of `sent`: (recipe, body, file name)."""
    taken = {}
    for key, (recipe, body, name) in sent.items():
        with contextlib.closing(server.connect()) as connection:
            status, answer = post(connection, body, recipe, name)
        if status != 201:
            raise RuntimeError(f"{key} was refused: {status} {answer.get('code')}")
        taken[key] = answer["id"]
    return taken


def wait_all(server: Instance, ids: dict[str, str]) -> dict[str, dict]:
    """The items once all of them are over."""
    done: dict[str, dict] = {}
    until = time.monotonic() + WAIT_SECONDS_MAX
    with contextlib.closing(server.connect()) as connection:
        while len(done) < len(ids):
            if time.monotonic() > until:
                raise RuntimeError(f"{len(ids) - len(done)} items are not over")
            for key in ids.keys() - done.keys():
                seen = item(connection, ids[key])
                if seen["status"] not in OVER:
                    break
                done[key] = seen
            else:
                continue
            time.sleep(0.2)
    return done


def worker_memory_mb(server: Instance, name: str) -> float | None:
    """The most memory that the server's worker of that name ever had; None: there is none."""
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            fields = dict(line.split(":\t", 1) for line in (folder / "status").read_text().splitlines() if ":\t" in line)
            if fields["Name"] == name and int(fields["PPid"]) == server.process.pid:
                return int(fields["VmHWM"].split()[0]) / 1024
    return None


@contextlib.contextmanager
def tapped_programs(texts: list[dict]):
    """A folder of the programs in which tap.py stands before the language worker. With texts, dictation.py is the speech worker."""
    with tempfile.TemporaryDirectory(prefix="holdfast-bench-") as name:
        folder = pathlib.Path(name)
        (folder / "real").symlink_to(BUILD)
        shutil.copy2(BUILD / "holdfast", folder)  # it looks for the others beside itself
        for program in ("holdfast-stt", "holdfast-llm"):
            (folder / program).symlink_to(BUILD / program)
        shutil.copy2(HERE / "tap.py", folder / "holdfast-confine")
        shutil.copy2(HERE / "dictation.py", folder)
        if texts:
            (folder / "texts.json").write_text(json.dumps(texts))
        (folder / "answers.jsonl").touch()
        yield folder


@contextlib.contextmanager
def patient_recipes():
    """The recipes that come along, with time for every answer whatever else the machine does, and form and rating of a text."""
    with tempfile.TemporaryDirectory(prefix="holdfast-bench-") as name:
        folder = pathlib.Path(name) / "recipes"
        shutil.copytree(ROOT / "recipes", folder)
        shutil.copytree(folder / "introductions", folder / "written")
        shutil.copy2(HERE / "written.toml", folder / "written" / "pipeline.toml")
        pipeline = folder / "fragrance" / "pipeline.toml"
        pipeline.write_text(re.sub(r'(time_max|silence_max|deadline) = "[^"]*"', r'\1 = "5 min"', pipeline.read_text()))
        yield folder


def answers(programs: pathlib.Path) -> list[dict]:
    return [json.loads(line) for line in (programs / "answers.jsonl").read_text().splitlines()]
