"""The machine's memory, as a file that a test writes."""

from pathlib import Path


class FakeMemory:
    """A file in the form of /proc/meminfo that stands for the machine's memory."""

    def __init__(self, folder: Path):
        self.file = folder / "meminfo"
        self.set(80)

    def set(self, percent_available: int) -> None:
        new = self.file.with_suffix(".new")
        new.write_text(f"MemTotal: 1000000 kB\nMemAvailable: {percent_available * 10000} kB\n")
        new.rename(self.file)

    @property
    def settings(self) -> dict[str, str]:
        return {"HOLDFAST_ADMISSION_MEMORY": "system", "HOLDFAST_ADMISSION_MEMINFO": str(self.file)}
