"""Tables, as a page and as lines of a terminal."""
import dataclasses
import datetime
import hashlib
import os
import pathlib
import platform
import textwrap
import tomllib

from lib.instance import ROOT
from lib.measure import CACHE

NOT_HERE = "not measured"
NOTE_COLUMNS = 140
ROLES = ("speech", "vad", "language")


@dataclasses.dataclass
class Section:
    title: str
    columns: list[str]
    rows: list[list[str]] = dataclasses.field(default_factory=list)
    note: str = ""  # below the title: what the figures are of

    def add(self, *cells: object) -> None:
        self.rows.append([NOT_HERE if cell is None else str(cell) for cell in cells])

    def row_names(self) -> list[str]:
        """What is the same in every run."""
        return [row[0] for row in self.rows]


def figure(value: float | None, unit: str = "", digits: int = 1, signed: bool = False) -> str | None:
    if value is None:
        return None
    return f"{value:{'+' if signed else ''}.{digits}f}{' ' + unit if unit else ''}"


def share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "none"


def markdown(section: Section) -> str:
    lines = [f"## {section.title}"] + ([textwrap.fill(section.note, NOTE_COLUMNS), ""] if section.note else [])
    lines += ["| " + " | ".join(section.columns) + " |", "|" + " --- |" * len(section.columns)]
    lines += ["| " + " | ".join(row) + " |" for row in section.rows]
    return "\n".join(lines) + "\n"


def terminal(section: Section) -> str:
    table = [section.columns, *section.rows]
    widths = [max(len(row[at]) for row in table) for at in range(len(section.columns))]
    lines = ["  " + "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]
    return "\n".join([section.title, *lines, ""])


def machine() -> str:
    """In general words: nothing that names this one."""
    flags = set()
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith(("flags", "Features")):
            flags |= set(line.split(":", 1)[1].split())
    vectors = next((word for flag, word in (("avx512f", " with AVX-512"), ("avx2", " with AVX2"), ("asimd", " with NEON"))
                    if flag in flags), "")
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    return (f"{os.cpu_count()} cores ({platform.machine()}{vectors}), {memory:.0f} GiB of memory, no accelerator used;\n"
            f"load, with whatever else it did, {os.getloadavg()[2]:.1f} over the last quarter of an hour of the run")


def models() -> Section:
    """Those that were measured, with what their files really are."""
    section = Section("The models", ["model", "licence", "size", "SHA-256"])
    listed = tomllib.loads((ROOT / "models" / "manifest.toml").read_text())["model"]
    for model in (one for one in listed if one["role"] in ROLES):
        path = pathlib.Path(os.environ.get("HOLDFAST_MODELS_DIR") or CACHE / "models") / model["file"]
        content = path.read_bytes() if path.exists() else None
        section.add(f"`{model['id']}`", model["licence"], figure(model["bytes"] / 1e6, "MB", 0),
                    f"`{hashlib.sha256(content).hexdigest()}`" if content else None)
    return section


HEAD = """# Quality

Made by `bench/quality --write docs/quality.md` on {date}; run it again instead of changing this page. {took}
Machine: {machine}.

What the whole server makes of its input with the models that come along: recordings and texts go in through the API, and what
comes out of it is held against what is known of them. Nothing here is a limit of the server: other models
([how](how-to/use-other-models.md)) have other figures. The language model that comes along has 135 million parameters; its
figures are poor, and are written down as they are.

Recordings, meetings and texts of others are read from `../shared/data` beside the checkout (`HOLDFAST_SHARED`); without it
the rest is measured, and the page says what was left out. `bench/quality speech` and `bench/quality language` print a part.
{left_out}
"""


def page(sections: list[Section], minutes: float, left_out: list[str]) -> str:
    missing = "".join(f"\n**Left out:** {what}.\n" for what in left_out)
    head = HEAD.format(date=datetime.date.today().isoformat(), took=f"It took {minutes:.0f} minutes.", machine=machine(),
                       left_out=missing)
    return head + "\n" + "\n".join(map(markdown, sections))
