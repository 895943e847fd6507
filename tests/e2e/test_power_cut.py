"""Power cuts: uploads at full speed, everything frozen, the file system shut down without flushing its
log, and every acknowledged item has to be there with the right bytes afterwards. A missing folder sync
must be caught by the same.

Two layouts. `one`: the data folder as it is, on one file system; there the store's own syncs force the
log out, and the renames before them with it, so that a missing folder sync would hide. `two`: the store's
file is a link to another file system, so that nothing but the folder's own sync can make a rename
durable; both are cut at the same moment."""

import contextlib
import hashlib
import os
import shutil
import subprocess
import threading
import time

import pytest

from harness import processes
from harness.disk import Disk, needs_scratch_disks
from harness.sample import silent_wav
from harness.server import NO_WORK

CUTS = int(os.environ.get("HOLDFAST_POWER_CUTS", "25"))
CUTS_FEWER = CUTS * 2 // 5
SENDERS = 6
UPLOAD_SECONDS = 0.35
SETTINGS = NO_WORK | {"HOLDFAST_STORAGE_RESERVE": "1 MB", "HOLDFAST_ENGINE_PROBE_EVERY": "1 h"}
STORE_NAME = "holdfast.db"

pytestmark = [pytest.mark.slow, pytest.mark.power]

#: fsync of a folder does nothing; of a file it does what it should.
NO_FOLDER_SYNC = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sys/stat.h>
static int is_folder(int fd) { struct stat s; return fstat(fd, &s) == 0 && S_ISDIR(s.st_mode); }
int fsync(int fd) { return is_folder(fd) ? 0 : ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(fd); }
int fdatasync(int fd) { return is_folder(fd) ? 0 : ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(fd); }
"""
#: fsync does nothing at all.
NO_SYNC = "int fsync(int fd) { (void)fd; return 0; } int fdatasync(int fd) { (void)fd; return 0; }"


class Ledger:
    """What was acknowledged, kept outside of what loses its power."""

    def __init__(self):
        self.digests: dict[str, str] = {}
        self.new: dict[str, str] = {}

    def note(self, item_id: str, digest: str) -> None:
        self.new[item_id] = digest

    def take_new(self) -> dict[str, str]:
        taken, self.new = self.new, {}
        self.digests |= taken
        return taken


def send_until_cut(client, ledger: Ledger, cycle: int, sender: int, enough: threading.Event) -> None:
    for number in range(100_000):
        if enough.is_set():
            return
        tag = f"{cycle}/{sender}/{number}".encode()
        content = silent_wav(0.05 + 0.3 * (number % 3), tag)
        try:
            answer = client.upload_raw(content, timeout=20)
        except OSError:
            return
        if answer.status != 201:
            return
        ledger.note(answer.json()["id"], hashlib.sha256(content).hexdigest())


def one_cut(server, disks: list[Disk], ledger: Ledger, cycle: int) -> None:
    """Uploads, freeze, cut, kill, power on. The server is left stopped.

    In odd cycles the cut comes in the middle of everything. In even ones it comes just after the last
    answer: no later upload's sync can then make an earlier rename durable by chance.
    """
    client, enough = server.client, threading.Event()
    senders = [
        threading.Thread(target=send_until_cut, args=(client, ledger, cycle, number, enough))
        for number in range(SENDERS)
    ]
    for sender in senders:
        sender.start()
    time.sleep(UPLOAD_SECONDS)
    if cycle % 2 == 0:
        enough.set()
        for sender in senders:
            sender.join(30)
    processes.stop_and_wait([server.pid, *(worker.pid for worker in server.workers())])
    for disk in disks:
        disk.cut_power()
    server.kill9()
    assert processes.wait_for_no_strays() == []
    for sender in senders:
        sender.join(30)
    for disk in disks:
        disk.power_on()


def lost_of(server, acknowledged: dict[str, str]) -> list[str]:
    """What is not there, or not as it was sent."""
    on_disk = {hashlib.sha256(path.read_bytes()).hexdigest() for path in server.blobs().values()}
    lost = []
    for item_id, digest in acknowledged.items():
        answer = server.client.get(f"/api/v1/items/{item_id}")
        if answer.status != 200 or answer.json()["input"]["sha256"] != digest:
            lost.append(f"{item_id}: no record")
        elif digest not in on_disk:
            lost.append(f"{item_id}: no file")
    return lost


def cut_again_and_again(
    server, disks, cycles: int, stop_at_first: bool = False
) -> tuple[int, list[str], int]:
    """(how many cycles, what was lost, how many were acknowledged)"""
    ledger, lost = Ledger(), []
    for cycle in range(1, cycles + 1):
        try:
            server.start()
            one_cut(server, disks, ledger, cycle)
            server.start()
        except AssertionError as problem:
            if not stop_at_first:
                raise
            return cycle, [f"does not start again: {problem}"], len(ledger.digests)
        lost += lost_of(server, ledger.take_new())
        server.kill9()
        if lost and stop_at_first:
            break
    return cycle, lost, len(ledger.digests)


def folder_on(make_server, disks: list[Disk], settings=None):
    """A server whose files are on the first disk and whose store is on the last one."""
    data = disks[0].mount_point / "data"
    data.mkdir()
    if len(disks) > 1:
        (data / STORE_NAME).symlink_to(disks[1].mount_point / STORE_NAME)
    return make_server(SETTINGS | (settings or {}), data=data)


@contextlib.contextmanager
def mounted(disks: list[Disk]):
    with contextlib.ExitStack() as stack:
        for disk in disks:
            stack.enter_context(disk)
        yield


def scratch_disks(tmp_path, kinds: list[str]) -> list[Disk]:
    for kind in kinds:
        needs_scratch_disks(kind)
    return [Disk(tmp_path / f"disk{number}", kind) for number, kind in enumerate(kinds)]


@pytest.mark.parametrize(
    "kinds,cycles",
    [(["xfs", "xfs"], CUTS), (["ext4", "ext4"], CUTS_FEWER), (["xfs"], CUTS_FEWER), (["ext4"], CUTS_FEWER)],
    ids=["xfs-two", "ext4-two", "xfs-one", "ext4-one"],
)
def test_LAB_1_power_cuts_lose_nothing_that_was_acknowledged(make_server, tmp_path, kinds, cycles):
    disks = scratch_disks(tmp_path, kinds)
    with mounted(disks):
        server = folder_on(make_server, disks)
        try:
            done, lost, acknowledged = cut_again_and_again(server, disks, cycles)
            assert lost == []
            assert done == cycles and acknowledged > 10 * cycles, acknowledged
            server.start()
            assert server.verify() == []
        finally:
            end(server)


@pytest.mark.parametrize("kind", ["xfs", "ext4"])
@pytest.mark.parametrize("name,source", [("folder", NO_FOLDER_SYNC), ("any", NO_SYNC)], ids=["folder", "any"])
def test_LAB_1_a_missing_sync_is_caught_in_as_many_cuts(make_server, tmp_path, kind, name, source):
    disks = scratch_disks(tmp_path, [kind, kind])
    shim = compiled(tmp_path, source)
    with mounted(disks):
        server = folder_on(make_server, disks, {"LD_PRELOAD": shim})
        try:
            done, lost, _ = cut_again_and_again(server, disks, CUTS_FEWER, stop_at_first=True)
            assert (
                lost
            ), f"a missing sync ({name}) was not seen in {done} cuts, so the test above proves nothing"
        finally:
            server.environment.pop("LD_PRELOAD")
            end(server)


def compiled(folder, source: str) -> str:
    compiler = next((one for one in ("cc", "gcc", "clang", "clang-19") if shutil.which(one)), None)
    if compiler is None:
        pytest.skip("no C compiler, so the missing sync cannot be planted")
    (folder / "shim.c").write_text(source)
    built = folder / "shim.so"
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-O1", "-o", str(built), str(folder / "shim.c"), "-ldl"], check=True
    )
    return str(built)


def end(server) -> None:
    """Before its disks go away; whatever state the test left it in."""
    if server.process is not None:
        server.kill9()
    processes.wait_for_no_strays()
