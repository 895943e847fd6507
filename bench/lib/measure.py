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
    subprocess.run(["ninja", "-C", BUILD, "store_bench", "http_bench", "cache_bench", "nearest_bench"], check=True, stdout=subprocess.DEVNULL)


def row(what: str, value: float | None, unit: str, aim: str = "", most: float | None = None) -> dict:
    """`most`: the aim as a number, where the figure is also shown as a part of it."""
    shown = "not here" if value is None else f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}"
    ratio = None if most is None or value is None else value / most
    return {"what": what, "value": shown, "unit": unit, "aim": aim, "number": value, "ratio": ratio}


def store_bench(*words: object) -> dict:
    out = subprocess.run([BUILD / "store_bench", *map(str, words)], capture_output=True, text=True, check=True).stdout
    return json.loads(out) if out.strip() else {}


def in_scratch(*words: object) -> dict:
    with tempfile.TemporaryDirectory(prefix="holdfast-bench-") as folder:
        return store_bench(words[0], folder, *words[1:])


def median_of(times: int, measure) -> float | None:
    values = [measure() for _ in range(times)]
    return None if None in values else statistics.median(values)


def plural(clients: int) -> str:
    return f"{clients} client{'s' if clients > 1 else ''}"


def best_peer(seconds: float, clients: int, rows: list[dict]) -> float:
    """The most that a peer does with every step durable; adds a row for each of them."""
    best = 0.0
    for name, peer in (("beanstalkd -f0", peers.beanstalkd), ("PostgreSQL SKIP LOCKED", peers.postgres)):
        value = median_of(3, lambda: peer(seconds, clients))
        best = max(best, value or 0)
        rows.append(row(f"{name}, {plural(clients)}", value, "/s"))
    return best


def store(seconds: float) -> list[dict]:
    limit = median_of(3, lambda: in_scratch("raw", 64, seconds / 3)["rows_per_s"])
    rows = [row("raw SQLite, rows of 500 bytes, 64 a commit", limit, "rows/s")]
    for clients in (1, 32):
        value = median_of(5, lambda: in_scratch("cycles", clients, seconds / 3)["cycles_per_s"])
        rows.append(row(f"life cycles, {plural(clients)}", value, "/s"))
    for jobs in (1_000, 100_000):
        with tempfile.TemporaryDirectory(prefix="holdfast-bench-") as folder:
            store_bench("fill", folder, jobs)
            rows.append(row(f"a durable claim among {jobs:,} jobs", store_bench("claim", folder)["claim_us"], "us",
                            "P9: the same up to 1.3 x"))
    return rows


def over_http(seconds: float, clients: int, kind: str, size: int) -> dict:
    with Instance(CYCLE) as server:
        out = subprocess.run([BUILD / "http_bench", str(server.port), str(clients), str(seconds), kind, str(size)],
                             capture_output=True, text=True, check=True).stdout
        return json.loads(out)


def http(seconds: float) -> list[dict]:
    """Every sender waits for each durable answer; a cycle counts when its job is completed."""
    limit = median_of(3, lambda: in_scratch("raw", 64, seconds / 3)["rows_per_s"])
    rows = [row("raw SQLite, rows of 500 bytes, 64 a commit", limit, "rows/s")]
    mine = {}
    for clients in (1, 32):
        runs = [over_http(seconds, clients, "text", 300) for _ in range(5)]
        mine[clients] = statistics.median(run["cycles_per_s"] for run in runs)
        rows.append(row(f"life cycles through HTTP, {plural(clients)}", mine[clients], "/s"))
        rows.append(row(f"a durable answer, {plural(clients)}", statistics.median(run["answer_ms_median"] for run in runs), "ms"))
    rows.append(row("32 clients against the raw limit", mine[32] / limit, "x", "P1: 0.5"))
    for clients, aim in ((1, "P2: 1"), (32, "P1: 3")):
        best = best_peer(seconds, clients, rows)
        if best:
            rows.append(row(f"against the best durable peer, {plural(clients)}", mine[clients] / best, "x", aim))
    files = statistics.median(over_http(seconds, 32, "wav", 65536)["answers_per_s"] for _ in range(3))
    rows.append(row("files of 64 KB saved and queued, 32 clients", files, "/s", "P12: 500"))
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


def nearest(seconds: float) -> list[dict]:
    """Ten nearest of so many vectors of 384 numbers, each question another one."""
    rows = []
    for count, aim, most in ((1_000, "", None), (100_000, "S8: 10", 10.0), (1_000_000, "", None)):
        out = subprocess.run([BUILD / "nearest_bench", str(count), str(seconds)], capture_output=True, text=True,
                             check=True).stdout
        measured = json.loads(out)
        rows.append(row(f"nearest of {count:,} vectors, median", measured["median_ms"], "ms", aim, most))
        rows.append(row(f"nearest of {count:,} vectors, slowest of 100", measured["p99_ms"], "ms"))
        rows.append(row(f"memory of {count:,} vectors", measured["resident_mb"], "MB"))
    return rows


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


def cache(_seconds: float) -> list[dict]:
    """A hit as the code that asks sees it: one at a time, 1 KiB, among 1,000 answers."""
    calls = int(os.environ.get("HOLDFAST_BENCH_CACHE_CALLS", 20_000))

    def hits(kind: str, port: int) -> dict:
        out = subprocess.run([BUILD / "cache_bench", kind, str(port), str(calls)], capture_output=True, text=True, check=True).stdout
        return json.loads(out)

    rows = []
    with peers.redis() as port:
        for name, kind, at, aim in (("in process", "memory", 0, 20), ("Redis", "redis", port, 300)):
            here = kind == "memory" or port is not None
            runs = [hits(kind, at) for _ in range(3)] if here else []
            median, p99 = ((statistics.median(run[which] for run in runs) if here else None) for which in ("hit_us_median", "hit_us_p99"))
            rows += [row(f"a cache hit, {name}, median", median, "us", f"S8: {aim}", aim), row(f"a cache hit, {name}, 99 %", p99, "us")]
    return rows


def speech(_seconds: float) -> list[dict]:
    """Ten minutes of speech, each program with its own defaults of decoding: both follow five hypotheses."""
    cli = sorted(CACHE.glob("engines/whisper.cpp-*/bin/whisper-cli"))
    model, clip = CACHE / "models" / "ggml-base-q8_0.bin", CACHE / "samples" / "introduction.wav"
    if not cli or not model.exists() or not clip.exists():
        return [row("set-up has not been run: no whisper-cli, model or sample", None, "")]
    copies, threads = int(os.environ.get("HOLDFAST_BENCH_SPEECH_COPIES", 25)), str(os.cpu_count())
    with tempfile.TemporaryDirectory(prefix="holdfast-bench-") as folder:
        long = pathlib.Path(folder) / "long.wav"
        inputs = [word for _ in range(copies) for word in ("-i", str(clip))]
        subprocess.run(["ffmpeg", "-v", "error", *inputs, "-filter_complex", f"concat=n={copies}:v=0:a=1",
                        "-ar", "16000", "-ac", "1", long], check=True)
        seconds = (long.stat().st_size - 44) / 32_000

        def bare() -> float:
            began = time.monotonic()
            subprocess.run([cli[-1], "-m", model, "-t", threads, "-l", "auto", "-f", long],
                           check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            return time.monotonic() - began

        def ours() -> float:
            with Instance(HOLDFAST_CAPACITY_THREADS=threads) as server:
                began = time.monotonic()
                subprocess.run([BUILD / "holdfast", "submit", long, "--recipe", "voicesync", "--wait", "--json", "--server",
                                f"http://127.0.0.1:{server.port}"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                return time.monotonic() - began

        pairs = [(bare(), ours()) for _ in range(3)]  # by turns: a busy minute of the machine meets both
        alone, whole = (statistics.median(times) for times in zip(*pairs, strict=True))
    return [row("length of the recording", seconds, "s"),
            row("bare whisper-cli, same model and threads", alone, "s"),
            row("through the whole pipeline", whole, "s"), row("against the bare command", whole / alone, "x", "S1: 1.03")]
