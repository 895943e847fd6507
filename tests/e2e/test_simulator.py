"""The simulator: thousands of worlds without a broken promise, and every planted bug is seen."""

import datetime
import json
import os
import subprocess

import pytest

from harness.paths import program

SEEDS = int(os.environ.get("HOLDFAST_SIM_SEEDS", "2000"))
# `./run-tests` itself plays 20,000 seeds and those of the day before these tests begin.
MANY_SEEDS = int(os.environ.get("HOLDFAST_SIM_MANY_SEEDS", "2000"))
SEEDS_ON_SQLITE = int(os.environ.get("HOLDFAST_SIM_SQLITE_SEEDS", "300"))
SEEDS_OF_TODAY = 200
SEEDS_FOR_A_BUG = 3000


def simulate(*words: str, seconds: float = 900) -> subprocess.CompletedProcess:
    return subprocess.run(
        [str(program("holdfast-sim")), *words], capture_output=True, text=True, timeout=seconds
    )


def report_of(done: subprocess.CompletedProcess) -> dict:
    assert done.returncode in (0, 1), done.stderr
    report = json.loads(done.stdout)
    assert (done.returncode == 0) == (not report["violations"])
    return report


def planted_bugs() -> list[str]:
    try:
        return simulate("--bug", "list", seconds=20).stdout.split()
    except AssertionError:
        return ["not-built"]  # the test that uses it says so


def races() -> list[str]:
    try:
        lines = simulate("--scenario", "list", seconds=20).stdout.splitlines()
        return [line.split(":")[0] for line in lines]
    except AssertionError:
        return ["not-built"]


def test_I_simulated_worlds_keep_every_promise():
    report = report_of(simulate("--seeds", f"1..{SEEDS}", "--hours", "1", "--threads", "2", "--json"))

    assert report["violations"] == []
    assert report["seeds"] == SEEDS
    assert report["simulated_hours"] >= SEEDS * 0.9
    assert report["faults"] > SEEDS, "worlds without faults prove nothing"
    assert [what for what, times in report["coverage"].items() if times == 0] == [], "never reached, so never tried"


def test_I_worlds_on_the_real_store_keep_every_promise():
    """Power cuts, torn and lost writes, failed syncs and full disks under the SQLite store."""
    seeds = f"1..{SEEDS_ON_SQLITE}"

    report = report_of(
        simulate("--store", "sqlite", "--seeds", seeds, "--hours", "1", "--threads", "2", "--json")
    )

    assert report["violations"] == []
    assert report["acknowledged"] > SEEDS_ON_SQLITE and report["faults"] > SEEDS_ON_SQLITE


@pytest.mark.slow
def test_I_many_simulated_worlds_keep_every_promise():
    seeds = f"{SEEDS + 1}..{SEEDS + MANY_SEEDS}"
    report = report_of(simulate("--seeds", seeds, "--hours", "1", "--threads", "2", "--json", seconds=3600))
    assert report["violations"] == [] and report["seeds"] == MANY_SEEDS


def test_I_seeds_of_today_keep_every_promise():
    first = int(datetime.date.today().strftime("%Y%m%d")) * 1000
    seeds = f"{first}..{first + SEEDS_OF_TODAY - 1}"

    report = report_of(simulate("--seeds", seeds, "--hours", "1", "--threads", "2", "--json"))

    assert report["violations"] == [], f"replay with --seed N --trace; seeds were {seeds}"


@pytest.mark.parametrize("bug", planted_bugs())
def test_I_planted_bug_is_caught(bug):
    """In the first drawn seeds, or by a race that is set up on purpose, or at last in more seeds."""

    def seen(*words: str) -> bool:
        return bool(report_of(simulate(*words, "--threads", "2", "--bug", bug, "--json"))["violations"])

    if seen("--seeds", "1..250") or any(seen("--scenario", race, "--seeds", "1..5") for race in races()):
        return
    for first in range(251, SEEDS_FOR_A_BUG + 1, 250):
        if seen("--seeds", f"{first}..{first + 249}"):
            return
    pytest.fail(f"{bug} was not seen in {SEEDS_FOR_A_BUG} seeds")


@pytest.mark.parametrize("race", races())
def test_FR_3_a_known_race_keeps_every_promise(race):
    for store in ("memory", "sqlite"):
        seeds = "1..100" if store == "memory" else "1..20"
        done = simulate("--scenario", race, "--store", store, "--seeds", seeds, "--threads", "2", "--json")
        assert report_of(done)["violations"] == []


def test_I_coverage_names_what_was_never_reached_first():
    lines = simulate("--seed", "1", "--coverage").stdout.splitlines()
    counts = [int(line.split()[0]) for line in lines if "/" in line]

    assert len(counts) > 80
    assert counts[0] == 0 and counts[-1] > 0, "one seed does not reach everything"
    assert counts.count(0) == counts.index(next(filter(None, counts)))


def test_I_there_are_planted_bugs_and_an_unknown_one_is_refused():
    assert len(planted_bugs()) >= 3
    assert simulate("--seed", "1", "--hours", "1", "--bug", "no-such-bug").returncode == 2
    assert simulate("--seed", "1", "--hours", "1", "--store", "no-such-store").returncode == 2
    assert len(races()) >= 10
    assert simulate("--seed", "1", "--scenario", "no-such-race").returncode == 2


@pytest.mark.parametrize("bug", ["sqlite-unsynced", "sqlite-hidden-error"])
def test_I_a_store_that_answers_before_the_sync_is_caught_in_few_seeds(bug):
    done = simulate("--store", "sqlite", "--seeds", "1..100", "--hours", "1", "--bug", bug, "--json")

    assert report_of(done)["violations"]


@pytest.mark.parametrize("store", ["memory", "sqlite"])
def test_I_a_seed_replays_exactly(store):
    words = ["--hours", "2", "--trace", "--store", store]
    runs = [simulate("--seed", "77", *words) for _ in range(2)]

    assert runs[0].returncode == 0
    assert len(runs[0].stdout.splitlines()) > 20
    assert runs[0].stdout == runs[1].stdout
    assert runs[0].stdout != simulate("--seed", "78", *words).stdout
