"""What is measured. Each function returns rows: what, value, unit, aim. Aims are those of the project's targets."""
import datetime
import json
import os
import pathlib
import statistics
import subprocess
import tempfile
import threading
import time

from lib import peers
from lib.instance import BUILD, ROOT, SMALL_WAV, Instance, item, send

CYCLE = ROOT / "bench" / "recipes"
CACHE = pathlib.Path(os.environ.get("HOLDFAST_CACHE") or
                     pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "holdfast")


def build() -> None:
    subprocess.run(["ninja", "-C", BUILD, "store_bench"], check=True, stdout=subprocess.DEVNULL)


def row(what: str, value: float | None, unit: str, aim: str = "") -> dict:
    shown = "not here" if value is None else f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}"
    return {"what": what, "value": shown, "unit": unit, "aim": aim, "number": value}


def store_bench(*words: object) -> dict:
    out = subprocess.run([BUILD / "store_bench", *map(str, words)], capture_output=True, text=True, check=True).stdout
    return json.loads(out) if out.strip() else {}


def in_scratch(*words: object) -> dict:
    with tempfile.TemporaryDirectory(prefix="holdfast-bench-") as folder:
        return store_bench(words[0], folder, *words[1:])


def median_of(times: int, measure) -> float | None:
    values = [measure() for _ in range(times)]
    return None if None in values else statistics.median(values)


def store(seconds: float) -> list[dict]:
    limit = median_of(3, lambda: in_scratch("raw", 64, seconds / 3)["rows_per_s"])
    one = median_of(3, lambda: in_scratch("cycles", 1, seconds / 3)["cycles_per_s"])
    many = median_of(3, lambda: in_scratch("cycles", 32, seconds / 3)["cycles_per_s"])
    rows = [row("raw SQLite, 500-byte rows, 64 a commit", limit, "rows/s"),
            row("life cycles, 1 client", one, "/s", "P2: the best durable peer"),
            row("life cycles, 32 clients", many, "/s", "P1: 3 x the best durable peer")]
    best = {1: 0.0, 32: 0.0}
    for name, peer in (("beanstalkd -f0", peers.beanstalkd), ("PostgreSQL SKIP LOCKED", peers.postgres)):
        for clients in (1, 32):
            value = peer(seconds, clients)
            best[clients] = max(best[clients], value or 0)
            rows.append(row(f"{name}, {clients} client{'s' if clients > 1 else ''}", value, "/s"))
    if best[32]:
        rows.append(row("32 clients against the best peer", many / best[32], "x", "P1: 3"))
        rows.append(row("1 client against the best peer", one / best[1], "x", "P2: 1"))
    for jobs in (1_000, 100_000):
        with tempfile.TemporaryDirectory(prefix="holdfast-bench-") as folder:
            store_bench("fill", folder, jobs)
            rows.append(row(f"a durable claim among {jobs:,} jobs", store_bench("claim", folder)["claim_us"], "us",
                            "P9: the same up to 1.3 x"))
    return rows


def http(seconds: float) -> list[dict]:
    rows = []
    for clients in (1, 32):
        with Instance(CYCLE) as server:
            finished = [0] * clients
            end = time.monotonic() + seconds

            def client(at: int) -> None:
                connection = server.connect()
                while time.monotonic() < end:
                    send(connection, SMALL_WAV, "cycle")
                    finished[at] += 1

            threads = [threading.Thread(target=client, args=(at,)) for at in range(clients)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            rows.append(row(f"files of 1 KiB saved, queued and worked on, {clients} client{'s' if clients > 1 else ''}",
                            sum(finished) / seconds, "/s", "P12: 500 (64 KB, 32 clients)" if clients > 1 else ""))
    return rows


def pickup(_seconds: float) -> list[dict]:
    def parse(text: str) -> float:
        return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000

    waits = []
    with Instance(CYCLE) as server:
        connection = server.connect()
        for _ in range(50):
            sent = send(connection, SMALL_WAV, "cycle")
            time.sleep(0.05)
            stages = item(connection, sent["id"])["stages"]
            waits.append(parse(stages[1]["started_at"]) - parse(stages[0]["finished_at"]))
    waits.sort()
    return [row("saved to stage started, median", statistics.median(waits), "ms", "P4: 1"),
            row("saved to stage started, 98 %", waits[-2], "ms", "P4: 5")]


def disk(_seconds: float) -> list[dict]:
    return [row("a finished job with audit trail, payload 300 B", in_scratch("bytes", 5_000)["bytes_per_job"], "bytes", "P6: 1024")]


def memory(_seconds: float) -> list[dict]:
    with Instance() as server:
        time.sleep(2)
        idle = server.memory_mb()
    with tempfile.TemporaryDirectory(prefix="holdfast-bench-") as folder:
        store_bench("fill", folder, 100_000)
        with Instance(None, folder) as server:
            time.sleep(2)
            loaded = server.memory_mb()
    return [row("resident, idle", idle, "MB", "P7: 15"), row("resident, 100,000 jobs queued", loaded, "MB", "P7: 40")]


def recovery(_seconds: float) -> list[dict]:
    with tempfile.TemporaryDirectory(prefix="holdfast-bench-") as folder:
        store_bench("fill", folder, 100_000)
        times = []
        for _ in range(5):
            with Instance(None, folder) as server:
                times.append(server.start_s)
    return [row("start to serving, 100,000 unfinished jobs", statistics.median(times), "s", "P10: 2")]


def upload(_seconds: float) -> list[dict]:
    size = int(os.environ.get("HOLDFAST_BENCH_UPLOAD_BYTES", 1 << 30))
    head = SMALL_WAV[:4] + (0xFFFFFFFF).to_bytes(4, "little") + SMALL_WAV[8:44]

    def plain(folder: str) -> float:
        began = time.monotonic()
        subprocess.run(["dd", "if=/dev/zero", f"of={folder}/plain", "bs=1M", f"count={size >> 20}", "conv=fsync"],
                       check=True, stderr=subprocess.DEVNULL)
        return size / (time.monotonic() - began) / 1e6

    def ours() -> tuple[float, float]:
        with Instance(CYCLE) as server:
            before = server.memory_mb("VmHWM")
            connection = server.connect()
            began = time.monotonic()
            connection.putrequest("POST", "/api/v1/items?recipe=cycle&name=big.wav")
            connection.putheader("Content-Length", str(size))
            connection.putheader("Content-Type", "audio/wav")
            connection.endheaders(head)
            block = memoryview(bytes(1 << 20))
            left = size - len(head)
            while left:
                connection.sock.sendall(block[:min(left, len(block))])
                left -= min(left, len(block))
            connection.getresponse().read()
            return size / (time.monotonic() - began) / 1e6, server.memory_mb("VmHWM") - before

    with tempfile.TemporaryDirectory(prefix="holdfast-bench-") as folder:
        dd = statistics.median(plain(folder) for _ in range(3))
    runs = [ours() for _ in range(3)]
    mine = statistics.median(speed for speed, _ in runs)
    return [row("dd conv=fsync", dd, "MB/s"), row("upload to durable answer", mine, "MB/s"),
            row("against dd", mine / dd, "x", "P11: 0.9"),
            row("memory it added", max(grown for _, grown in runs), "MB", "P11: 16")]


def speech(_seconds: float) -> list[dict]:
    cli = sorted(CACHE.glob("engines/whisper.cpp-*/bin/whisper-cli"))
    model, clip = CACHE / "models" / "ggml-base-q8_0.bin", CACHE / "samples" / "introduction.wav"
    if not cli or not model.exists() or not clip.exists():
        return [row("set-up has not been run: no whisper-cli, model or sample", None, "")]
    with tempfile.TemporaryDirectory(prefix="holdfast-bench-") as folder:
        long = pathlib.Path(folder) / "long.wav"
        inputs = [word for _ in range(8) for word in ("-i", str(clip))]
        subprocess.run(["ffmpeg", "-v", "error", *inputs, "-filter_complex", "concat=n=8:v=0:a=1", "-ar", "16000", "-ac", "1", long], check=True)
        threads = str(os.cpu_count())

        def bare() -> float:
            began = time.monotonic()
            subprocess.run([cli[-1], "-m", model, "-t", threads, "-bs", "1", "-bo", "1", "-l", "auto", "-f", long],
                           check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            return time.monotonic() - began

        def ours() -> float:
            with Instance() as server:
                began = time.monotonic()
                subprocess.run([BUILD / "holdfast", "submit", long, "--recipe", "voicesync", "--wait", "--json", "--server",
                                f"http://127.0.0.1:{server.port}"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                return time.monotonic() - began

        alone = statistics.median(bare() for _ in range(3))
        whole = statistics.median(ours() for _ in range(3))
    return [row("bare whisper-cli, greedy, same model and threads", alone, "s"),
            row("through the whole pipeline", whole, "s"), row("against the bare command", whole / alone, "x", "S1: 1.03")]
