"""The recordings of others that the tests hear, and the models they are heard with."""
import json
import os
import subprocess
import tomllib
from pathlib import Path

from harness.paths import CHECKOUT, shared_data

# One thread: two that wait for each other on a busy machine are slower than one.
THREADS = int(os.environ.get("HOLDFAST_TEST_THREADS", "1"))


def model(model_id):
    """(file, right SHA-256) of a model in the cache, from the manifest."""
    manifest = tomllib.loads((CHECKOUT / "models/manifest.toml").read_text())
    entry = next(one for one in manifest["model"] if one["id"] == model_id)
    folder = Path(os.environ.get("HOLDFAST_MODELS") or Path.home() / ".cache/holdfast/models")
    file = folder / entry["file"]
    assert file.exists(), f"{file} is missing: run ./quickstart --setup-only"
    return file, entry["sha256"]


def index():
    return json.loads(shared_data("index.json").read_text())


def speech_clips():
    return [entry for entry in index() if entry["file"].startswith("speech/")]


def wordless_media():
    """Media files of others in which nobody speaks, whatever else is to be heard."""
    return [entry for entry in index()
            if entry["file"].startswith("media/") and "empty transcript" in (entry.get("expected") or "")]


def to_wav(entry, folder):
    """What the media stage makes of it: 16 kHz, mono, 16 bit."""
    wav = folder / (entry["sha256"][:16] + ".wav")
    if not wav.exists():
        subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", "-i", str(shared_data(entry["file"])),
                        "-map", "0:a:0", "-ac", "1", "-ar", "16000", "-c:a", "pcm_s16le", str(wav)], check=True)
    return wav
