"""Where things are. Nothing here names a machine: the checkout is found from this file."""

import os
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[3]
BUILD = Path(os.environ.get("HOLDFAST_BUILD") or CHECKOUT / "build" / "release").resolve()
CACHE = Path(os.environ.get("HOLDFAST_CACHE") or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "holdfast")
SHARED = Path(os.environ.get("HOLDFAST_SHARED") or CHECKOUT.parent / "shared")


def program(name: str) -> Path:
    """A built program; fails loudly, because a missing program must not look like a passed test."""
    path = BUILD / name
    assert path.exists(), f"{name} is not built: run ./quickstart --setup-only, or set HOLDFAST_BUILD"
    return path


def peer(package: str, name: str) -> Path:
    """A program of others that set-up unpacked for the tests."""
    path = CACHE / "peers" / package / "usr" / "bin" / name
    assert path.exists(), f"{name} is not there: run scripts/setup/peers.sh"
    return path


def official_client(language: str) -> Path:
    """The folder of an official OpenAI client that set-up unpacked for the tests."""
    path = CACHE / "clients" / language
    assert path.exists(), f"the {language} client is not there: run scripts/setup/clients.sh"
    return path


def shared_data(*parts: str) -> Path:
    """A folder of the shared test inputs; skips where a clone has none."""
    path = SHARED.joinpath("data", *parts)
    if not path.exists():
        pytest.skip(
            f"the shared test inputs are not beside this checkout ({'/'.join(parts)}); set HOLDFAST_SHARED"
        )
    return path
