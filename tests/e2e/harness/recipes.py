"""The shipped recipes with short waits, so that a retry takes a moment instead of a quarter of a minute."""

import re
import shutil
from pathlib import Path

from harness.paths import CHECKOUT

SHIPPED = CHECKOUT / "recipes"


def patient_recipes(into: Path) -> Path:
    """The same, but whoever is asked has a minute for each answer."""
    folder = quick_recipes(into)
    pipeline = folder / "fragrance" / "pipeline.toml"
    pipeline.write_text(re.sub(r'(time_max|silence_max) = "[^"]*"', r'\1 = "60 s"', pipeline.read_text()))
    return folder


def quick_recipes(into: Path, silence: str = "", interruptions: int | None = None) -> Path:
    """A copy in `into`: backoff of a fraction of a second, `silence` until a worker counts as hung, and
    if said another number of server deaths in a row until an item is set aside."""
    shutil.copytree(SHIPPED, into)
    for pipeline in into.glob("*/pipeline.toml"):
        text = pipeline.read_text()
        text = re.sub(r'backoff_base = "[^"]*"', 'backoff_base = "100 ms"', text)
        text = re.sub(r'backoff_ceiling = "[^"]*"', 'backoff_ceiling = "400 ms"', text)
        if silence:
            text = re.sub(r'silence_max = "[^"]*"', f'silence_max = "{silence}"', text)
        if interruptions is not None:
            text = re.sub(r"(retry = \{[^}]*?) *\}", rf"\1, interruptions_max = {interruptions} }}", text)
        pipeline.write_text(text)
    return into
