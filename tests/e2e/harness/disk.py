"""Scratch file systems in a file, whose power can be cut.

The cut is the file system's own shutdown call: from that moment nothing reaches the image, and what was
not synced is gone. Everything that writes there has to be stopped first (an fsync under way during the
call may return success without being one), which is the caller's part."""

import fcntl
import os
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

_SHUTDOWN = 0x8004587D  # _IOR('X', 125, uint32_t)
_NO_LOG_FLUSH = 2
_MAKE = {"xfs": ("mkfs.xfs", "-q", "-f"), "ext4": ("mkfs.ext4", "-q", "-F", "-m", "0")}


def needs_scratch_disks(kind: str) -> None:
    """Skips, and says why, where file systems cannot be made and mounted."""
    if os.geteuid() != 0:
        pytest.skip("mounting a scratch file system needs root")
    for program in (_MAKE[kind][0], "mount", "umount"):
        if shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin") is None:
            pytest.skip(f"{program} is not installed, so no scratch {kind} can be made")
    if not Path("/dev/loop-control").exists():
        pytest.skip("there are no loop devices here")


def _run(*command: str) -> None:
    path = {"PATH": os.environ.get("PATH", "") + ":/usr/sbin:/sbin"}
    done = subprocess.run(command, capture_output=True, timeout=60, env=os.environ | path)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr.decode()}"


class Disk:
    """A mounted scratch file system; a context manager, so that it is always unmounted."""

    def __init__(self, folder: Path, kind: str, mebibytes: int = 320):
        self.kind, self.image, self.mount_point = kind, folder / f"{kind}.img", folder / kind
        self.mount_point.mkdir(parents=True)
        with self.image.open("wb") as file:
            file.truncate(mebibytes << 20)
        _run(*_MAKE[kind], str(self.image))
        self.mounted = False

    def __enter__(self) -> "Disk":
        self.mount()
        return self

    def __exit__(self, *_) -> None:
        if self.mounted:
            self.unmount()
        self.image.unlink()

    def mount(self) -> None:
        _run("mount", "-o", "loop", str(self.image), str(self.mount_point))
        self.mounted = True

    def unmount(self) -> None:
        _run("umount", str(self.mount_point))
        self.mounted = False

    def cut_power(self) -> None:
        """What was not synced until now is lost. Nothing may be writing."""
        descriptor = os.open(self.mount_point, os.O_RDONLY)
        try:
            fcntl.ioctl(descriptor, _SHUTDOWN, struct.pack("I", _NO_LOG_FLUSH))
        finally:
            os.close(descriptor)

    def power_on(self) -> None:
        """What is in the image is all there is."""
        self.unmount()
        self.mount()
