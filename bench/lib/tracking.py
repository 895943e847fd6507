"""What it costs that every item is tracked (FR_8): processor, memory, disk and time, beside the work itself.

The recipe `cycle` has no work in it: all that its items cost is the tracking. The aims are the best of what is claimed
elsewhere for the same: 1 % of a processor, 10 MB, 1 KB and 1 ms for each item."""
import contextlib
import datetime
import pathlib
import socket
import tempfile
import threading
import time

from lib.instance import SMALL_WAV, Instance, item, send
from lib.measure import CYCLE, in_scratch, row, store_bench

SERVICES = 10
QUEUED = 10_000
#: Each service is looked at every 20 s, give or take a half: less says little about monitoring.
IDLE_SECONDS_MIN = 20
ITEMS_A_SECOND = 10


@contextlib.contextmanager
def watched_services(folder: str):
    """A configuration with services to look at, all of which are there: they are this program."""
    listener = socket.create_server(("127.0.0.1", 0))

    def greet() -> None:
        with contextlib.suppress(OSError):  # it was closed
            while True:
                listener.accept()[0].close()

    threading.Thread(target=greet, daemon=True).start()
    tables = [f'[services.peer{number}]\nkind = "tcp"\naddress = "127.0.0.1:{listener.getsockname()[1]}"\n'
              for number in range(SERVICES)]
    path = pathlib.Path(folder) / "watched.toml"
    path.write_text("\n".join(tables))
    try:
        yield str(path)
    finally:
        listener.close()


def spent(server: Instance, seconds: float, meanwhile=lambda: None) -> tuple[float, float]:
    """Seconds of processor that the server takes while `seconds` pass, and how many really did."""
    before, began = server.cpu_s(), time.monotonic()
    while time.monotonic() - began < seconds:
        meanwhile()
        time.sleep(1 / ITEMS_A_SECOND)
    return server.cpu_s() - before, time.monotonic() - began


def moment(text: str) -> float:
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000


def mean_latency_ms(connection, ids: list[str]) -> float:
    """From saved to completed. The stamps are whole milliseconds: only the mean of many says more."""
    waits = []
    for number in ids:
        stages = item(connection, number)["stages"]
        waits.append(moment(stages[-1]["finished_at"]) - moment(stages[0]["finished_at"]))
    return sum(waits) / len(waits)


def tracking(seconds: float) -> list[dict]:
    with tempfile.TemporaryDirectory(prefix="holdfast-bench-") as folder, watched_services(folder) as config:
        with Instance(CYCLE, HOLDFAST_CONFIG=config) as server:
            time.sleep(2)
            idle_s, passed = spent(server, max(IDLE_SECONDS_MIN, 8 * seconds))
            idle = idle_s / passed
            idle_mb = server.memory_mb()
            connection, sent = server.connect(), []
            busy_s, passed = spent(server, 2 * seconds, lambda: sent.append(send(connection, SMALL_WAV, "cycle")["id"]))
            added_ms = (busy_s - idle * passed) / len(sent) * 1000
            time.sleep(1)
            latency = mean_latency_ms(connection, sent)
            busy_mb = server.memory_mb()
        queue = str(pathlib.Path(folder) / "queue")
        pathlib.Path(queue).mkdir()
        store_bench("fill", queue, QUEUED)
        with Instance(None, queue, HOLDFAST_CONFIG=config) as server:
            time.sleep(2)
            queued_mb = server.memory_mb()
    commit = 1000 / in_scratch("raw", 1, seconds / 3)["rows_per_s"]
    return [row(f"processor, idle, {SERVICES} services watched", idle * 100, "%", "P8: 0.2; FR_8: 1", 0.2),
            row("processor added by an item", added_ms, "ms"),
            row("the same at one item a second", added_ms / 10, "%", "FR_8: 1", 1),
            row(f"resident, idle, {SERVICES} services watched", idle_mb, "MB", "P7: 15; FR_8: 10", 10),
            row(f"resident after {len(sent)} items", busy_mb, "MB", "FR_8: 20", 20),
            row(f"resident, {QUEUED:,} items queued", queued_mb, "MB", "FR_8: 20", 20),
            row("disk for a finished item", in_scratch("bytes", 5_000)["bytes_per_job"], "bytes", "P6, FR_8: 1024", 1024),
            row("saved to completed, mean", latency, "ms"),
            row("one durable commit of this disk, which is part of that", commit, "ms"),
            row("latency added beside that commit", max(latency - commit, 0), "ms", "FR_8: 1", 1)]
