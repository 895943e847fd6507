"""Fixtures of the end-to-end tests. A server is always stopped by its process id and looked over
afterwards."""

import os
import shutil

import pytest

from harness import processes
from harness.recipes import quick_recipes
from harness.sample import Samples
from harness.server import Server

processes.become_reaper()


@pytest.fixture(scope="session")
def samples(tmp_path_factory) -> Samples:
    missing = [name for name in ("ffmpeg", "espeak-ng") if shutil.which(name) is None]
    if missing:
        pytest.skip(f"{' and '.join(missing)} not installed, so no recording can be made to test with")
    return Samples(tmp_path_factory.mktemp("samples"))


@pytest.fixture(scope="session")
def recipes(tmp_path_factory):
    """The shipped recipes with short waits."""
    return quick_recipes(tmp_path_factory.mktemp("recipes") / "recipes")


@pytest.fixture
def make_server(tmp_path_factory, recipes, request):
    """Makes servers on fresh folders; at the end each is drained and must have left nothing behind."""
    yield from _servers(tmp_path_factory, recipes, request)


@pytest.fixture(scope="module")
def make_module_server(tmp_path_factory, recipes, request):
    yield from _servers(tmp_path_factory, recipes, request)


@pytest.fixture
def server(make_server) -> Server:
    """A server of its own for this test."""
    return make_server().start()


@pytest.fixture(scope="module")
def shared_server(make_module_server) -> Server:
    """One server for all tests of a file that do not disturb each other."""
    return make_module_server().start()


def _servers(tmp_path_factory, recipes, request):
    made: list[Server] = []

    def make(settings: dict[str, str] | None = None, **options) -> Server:
        settings = {"HOLDFAST_RECIPES_DIR": str(recipes)} | (settings or {})
        made.append(Server(tmp_path_factory.mktemp("server"), settings, **options))
        return made[-1]

    yield make
    _stop_all(made)


def _stop_all(made: list[Server]) -> None:
    """Every one is stopped, whatever goes wrong with another."""
    problems = []
    for server in made:
        try:
            server.stop()
        except AssertionError as problem:
            problems.append(str(problem))
    left = processes.wait_for_no_strays()
    assert not problems and not left, "\n".join([*problems, *map(str, left)])
