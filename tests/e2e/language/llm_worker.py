"""A driver for holdfast-llm: starts it, speaks docs/worker-protocol.md with it, checks answers by schema."""
import json
import os
import socket
import struct
import subprocess
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
RECIPE = ROOT / "recipes" / "introductions"
FRAME_SECONDS = 120
NAMES = {type(None): "null", bool: "boolean", int: "integer", float: "number", str: "string", list: "array",
         dict: "object"}


def program() -> Path:
    folders = [os.environ.get("HOLDFAST_BUILD", ""), ROOT / "build/release", ROOT / "build/dev"]
    for folder in filter(None, folders):
        path = Path(folder) / "holdfast-llm"
        if path.exists():
            return path
    raise FileNotFoundError("holdfast-llm is not built")


def model(role: str = "language") -> tuple[Path, str]:
    """The model file of a role and its right SHA-256, from the manifest."""
    manifest = tomllib.loads((ROOT / "models/manifest.toml").read_text())
    entry = next(one for one in manifest["model"] if one["role"] == role)
    folder = Path(os.environ.get("HOLDFAST_MODELS", Path.home() / ".cache/holdfast/models"))
    return folder / entry["file"], entry["sha256"]


def request(stage: str, lines: list[str], seed: int, **changes) -> dict:
    """The frame that the server makes of a recipe's stage and a transcript."""
    pipeline = tomllib.loads((RECIPE / "pipeline.toml").read_text())
    config = next(one for one in pipeline["stage"] if one["name"] == stage)
    system, task = (RECIPE / config["prompt"]).read_text().split("\n---\n")
    before, after = task.split("{{transcript}}\n")
    frame = {
        "type": "generate", "id": seed, "system": system, "before": before, "after": after.rstrip("\n"),
        "lines": [f"[{number}] {line}" for number, line in enumerate(lines)],
        "schema": json.loads((RECIPE / config["schema"]).read_text()),
        "tokens_max": config["tokens_max"], "temperature": 0.2, "seed": seed,
    }
    return frame | changes


class Worker:
    """A running holdfast-llm. Leaving the `with` closes the channel and waits until it has exited."""

    def __init__(self, file: Path, sha256: str, threads: int = 1, context: int = 2048, flag: str = "--model"):
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        command = [str(program()), flag, str(file), "--model-sha256", sha256,
                   "--threads", str(threads), "--context", str(context)]
        number = theirs.fileno()
        shell = ["bash", "-c", f'exec 3<&{number} {number}<&-; exec "$@"', "bash"] if number != 3 else []
        self.process = subprocess.Popen(shell + command, pass_fds=[number], stderr=subprocess.PIPE, text=True)
        theirs.close()
        self.channel = ours
        self.channel.settimeout(FRAME_SECONDS)
        self.hello = self.read()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.channel.close()
        self.process.wait(FRAME_SECONDS)
        self.process.stderr.close()

    def _exactly(self, count: int) -> bytes:
        parts = b""
        while len(parts) < count:
            part = self.channel.recv(count - len(parts))
            if not part:
                raise EOFError("the worker has gone")
            parts += part
        return parts

    def read(self) -> dict:
        (length,) = struct.unpack(">I", self._exactly(4))
        return json.loads(self._exactly(length))

    def send(self, frame: dict) -> None:
        body = json.dumps(frame).encode()
        self.channel.sendall(struct.pack(">I", len(body)) + body)

    def ask(self, frame: dict) -> tuple[dict, list[dict]]:
        """The last frame of the answer, and the progress frames before it."""
        self.send(frame)
        progress = []
        while (answer := self.read())["type"] == "progress":
            progress.append(answer)
        return answer, progress


def violations(value, schema: dict, place: str = "$") -> list[str]:
    """What breaks the schema: the part of JSON Schema that recipes use, independently of the server."""
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    kind = NAMES[type(value)]
    if kind not in kinds and not (kind == "integer" and "number" in kinds):
        return [f"{place} is {kind}"]
    found = []
    if isinstance(value, str):
        if not schema.get("minLength", 0) <= len(value) <= schema["maxLength"]:
            found.append(f"{place} has {len(value)} characters")
    if isinstance(value, (int, float)) and not schema["minimum"] <= value <= schema["maximum"]:
        found.append(f"{place} is {value}")
    if isinstance(value, list):
        if len(value) > schema["maxItems"]:
            found.append(f"{place} has {len(value)} items")
        for number, item in enumerate(value):
            found += violations(item, schema["items"], f"{place}[{number}]")
    if isinstance(value, dict):
        if set(value) != set(schema["required"]):
            found.append(f"{place} has the fields {sorted(value)}")
        for name in value.keys() & schema["properties"].keys():
            found += violations(value[name], schema["properties"][name], f"{place}.{name}")
    return found
