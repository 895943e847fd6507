import clips
import pytest
from harness.paths import program
from stt_worker import SttWorker


@pytest.fixture(scope="session")
def wav_of(tmp_path_factory):
    """Makes the WAV of a clip of the index, once."""
    folder = tmp_path_factory.mktemp("clips")
    return lambda entry: clips.to_wav(entry, folder)


@pytest.fixture(scope="session")
def start():
    """Starts workers: start(model_id, with_vad). Each says that it is ready before it is handed out."""
    def start_one(model_id="whisper-base-q8_0", with_vad=True, threads=clips.THREADS):
        file, sha256 = clips.model(model_id)
        vad = clips.model("silero-vad-v6.2.3") if with_vad else (None, None)
        worker = SttWorker(program("holdfast-stt"), file, vad[0], threads, {"model": sha256, "vad": vad[1]})
        hello = worker.read()
        assert hello["type"] == "ready", hello
        assert hello["engine"].startswith("whisper.cpp ") and hello["load_ms"] >= 0
        return worker
    return start_one


@pytest.fixture(scope="module")
def worker(start):
    with start() as running:
        yield running
