"""The drills themselves: each is played against the real programs, and one is shown a server that breaks its promise."""

import json
import os
import shutil
import subprocess

import pytest

from harness.paths import CHECKOUT, program
from harness.server import scratch_environment

SECONDS = 1500
#: What a drill needs that not every machine lets one have.
NEEDS_RIGHTS = {"VS_2", "LAB_1-disk"}


def drill(folder, *words: str, holdfast=None) -> subprocess.CompletedProcess:
    return subprocess.run(
        [str(holdfast or program("holdfast")), "drill", *words],
        capture_output=True,
        timeout=SECONDS,
        env=scratch_environment(folder),
        cwd=folder,
    )


@pytest.fixture(scope="module")
def listed(tmp_path_factory) -> list[dict]:
    return json.loads(drill(tmp_path_factory.mktemp("list"), "list", "--json").stdout)


def test_drills_name_rows_that_there_are(listed):
    known = {"VS": 9, "LAB": 13, "FR": 10, "TH": 9, "FG": 16}
    for one in listed:
        assert {"id", "title", "rows"} <= one.keys()
        for row in one["rows"]:
            application, _, number = row.partition("_")
            assert 1 <= int(number) <= known[application], row


@pytest.mark.slow
def test_LAB_VS_FR_FG_every_drill_is_played_and_nothing_is_lost(tmp_path, listed):
    done = drill(tmp_path, "run", "--all", "--json", "--table", str(tmp_path / "drills.md"))
    found = json.loads(done.stdout)

    assert [one["id"] for one in found] == [one["id"] for one in listed]
    skipped = {one["id"] for one in found if one["skipped"]}
    broken = [one for one in found if not one["ok"] and not one["skipped"]]
    assert not broken, json.dumps(broken, indent=1)
    assert done.returncode == 0
    assert skipped <= (set() if os.geteuid() == 0 else NEEDS_RIGHTS), skipped
    assert sum(one["lost"] for one in found) == 0 and all(one["sent"] > 0 for one in found if not one["skipped"])
    assert all(one["seen"] and one["recovery_s"] >= 0 for one in found if not one["skipped"])
    assert list((tmp_path / "tmp").iterdir()) == [], "a drill left something behind"
    page = (tmp_path / "drills.md").read_text()
    assert all(f"| `{one['id']}` " in page for one in found)


def test_the_page_in_the_tree_tells_of_every_drill(listed):
    page = (CHECKOUT / "docs" / "drills.md").read_text()
    assert [one["id"] for one in listed if f"| `{one['id']}` {one['title']} |" not in page] == []


def test_LAB_12_acceptance_prints_its_figures_against_the_limits(tmp_path):
    done = drill(tmp_path, "acceptance", "--uploads", "6", "--for", "1 s", "--json")
    report = json.loads(done.stdout)

    figures = {figure["name"]: figure for figure in report["figures"]}
    assert report["ok"] and done.returncode == 0, report
    assert figures["files lost"]["value"] == 0 and figures["uploads acknowledged"]["value"] == 6
    assert figures["completed at the first attempt"]["value"] < 100, "a fault was really injected"
    assert figures["of the others, completed on retry"]["value"] == 100


def test_a_server_that_loses_files_is_found_out(tmp_path):
    """The drill is given a server that throws the stored files away whenever it starts."""
    folder = tmp_path / "programs"
    folder.mkdir()
    for name in ("holdfast-stt", "holdfast-llm", "holdfast-confine"):
        (folder / name).symlink_to(program(name))
    shutil.copy(program("holdfast"), folder / "holdfast-real")
    (folder / "holdfast").write_text(
        "#!/bin/sh\n"
        'for word; do [ -d "$word/files" ] && rm -rf "$word/files"/??; done\n'
        f'exec "{folder}/holdfast-real" "$@"\n'
    )
    (folder / "holdfast").chmod(0o755)
    recipes = {"HOLDFAST_RECIPES_DIR": str(CHECKOUT / "recipes")}

    done = subprocess.run(
        [str(folder / "holdfast-real"), "drill", "run", "LAB_1", "--json"],
        capture_output=True,
        timeout=SECONDS,
        env=scratch_environment(tmp_path) | recipes,
        cwd=tmp_path,
    )

    (found,) = json.loads(done.stdout)
    assert done.returncode == 1 and not found["ok"], found
    assert "acknowledged files are gone" in found["failure"]


def test_wrong_use_is_said(tmp_path):
    assert drill(tmp_path, "run").returncode == 2
    unknown = drill(tmp_path, "run", "LAB_99", "--json")
    assert unknown.returncode == 2 and "LAB_99" in json.loads(unknown.stdout)["error"]["message"]
    missing = drill(tmp_path, "run", "LAB_1", "--sample", str(tmp_path / "nothing.wav"), "--json")
    assert missing.returncode == 1 and json.loads(missing.stdout)["error"]["code"] == "HF-CLI-03"
