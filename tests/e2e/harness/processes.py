"""Looking at processes through /proc, and ending only those that the tests started.

The test process makes itself the reaper of its descendants, so that a child whose parent was killed does not
vanish from sight: whatever outlives a server becomes a child of ours and is found.
"""

import ctypes
import os
import signal
import socket
import time
from dataclasses import dataclass
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36
_known: set[int] = set()


def become_reaper() -> None:
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


@dataclass(frozen=True)
class Process:
    pid: int
    ppid: int
    name: str
    state: str
    command: str


def look(pid: int) -> Process | None:
    """The process as it is now; None: it is gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
        command = (
            Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        )
    except (FileNotFoundError, ProcessLookupError):
        return None
    opening, closing = stat.index("("), stat.rindex(")")
    state, ppid = stat[closing + 2 :].split()[:2]
    return Process(pid, int(ppid), stat[opening + 1 : closing], state, command)


def everything() -> list[Process]:
    found = (look(int(entry)) for entry in os.listdir("/proc") if entry.isdigit())
    return [process for process in found if process is not None]


def descendants(root: int) -> list[Process]:
    """All below `root`, parents first; zombies included."""
    children: dict[int, list[Process]] = {}
    for process in everything():
        children.setdefault(process.ppid, []).append(process)
    out, todo = [], [root]
    while todo:
        below = children.get(todo.pop(), [])
        out += below
        todo += [process.pid for process in below]
    return out


def own(pid: int) -> None:
    """Says that a child is looked after by a harness object and is no stray."""
    _known.add(pid)


def disown(pid: int) -> None:
    _known.discard(pid)


def _reap_orphans() -> None:
    for process in descendants(os.getpid()):
        if process.ppid == os.getpid() and process.state == "Z" and process.pid not in _known:
            try:
                os.waitpid(process.pid, os.WNOHANG)
            except ChildProcessError:
                pass


def strays() -> list[Process]:
    """Living descendants of the tests that nobody looks after."""
    _reap_orphans()
    looked_after = set(_known)
    for pid in _known:
        looked_after |= {process.pid for process in descendants(pid)}
    return [
        process
        for process in descendants(os.getpid())
        if process.pid not in looked_after and process.state != "Z"
    ]


def wait_for_no_strays(seconds: float = 5.0) -> list[Process]:
    """What is still there after that long; ended then, by process id."""
    deadline = time.monotonic() + seconds
    while (left := strays()) and time.monotonic() < deadline:
        time.sleep(0.05)
    for process in left:
        try:
            os.kill(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    _reap_orphans()
    return left


def is_alive(pid: int) -> bool:
    process = look(pid)
    return process is not None and process.state != "Z"


def stop_and_wait(pids: list[int], seconds: float = 10.0) -> None:
    """SIGSTOP all, and return only when every one is in state T (or gone)."""
    deadline = time.monotonic() + seconds
    for pid in pids:
        try:
            os.kill(pid, signal.SIGSTOP)
        except ProcessLookupError:
            pass
    for pid in pids:
        while not _is_stopped(pid):
            assert time.monotonic() < deadline, f"process {pid} does not stop: {look(pid)}"
            time.sleep(0.001)


def _is_stopped(pid: int) -> bool:
    """A process counts as stopped when every one of its threads is."""
    try:
        tasks = os.listdir(f"/proc/{pid}/task")
    except FileNotFoundError:
        return True
    for task in tasks:
        try:
            stat = Path(f"/proc/{pid}/task/{task}/stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if stat[stat.rindex(")") + 2] not in "TtZX":
            return False
    return True


def memory_peak_kib(pid: int) -> int:
    """VmHWM: the most resident memory that the process ever had."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    raise AssertionError(f"no VmHWM for {pid}")


def reset_memory_peak(pid: int) -> None:
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def free_port() -> int:
    """A port of 127.0.0.1 that nobody has at this moment, for programs that cannot pick one themselves."""
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return line.getsockname()[1]
