#!/usr/bin/env python3
"""Sums up a run of ./run-tests: the steps, the skipped tests with reasons, the failed ones, the closing line.

Usage: report.py RESULTS_FOLDER     Reads steps.tsv and each suite's SUITE.xml (JUnit). Exit 1 on a failure.
"""

import dataclasses
import pathlib
import re
import sys
import xml.etree.ElementTree as xml

# CTest calls a test that could not even be started "skipped"; only these words are the test's own decision.
CTEST_SKIPS = ("SKIP_", "Disabled")


@dataclasses.dataclass
class Tally:
    """What one step brought; skipped and failed as printable lines."""

    passed: int = 0
    failed: list[str] = dataclasses.field(default_factory=list)
    skipped: list[str] = dataclasses.field(default_factory=list)


def skip_reason(case, skipped):
    """pytest has the reason in the message, GoogleTest on the lines after "Skipped" in the output."""
    printed = re.search(r": Skipped\n(.*?)\n*\[  SKIPPED", case.findtext("system-out") or "", re.DOTALL)
    text = printed[1] if printed else skipped.get("message") or skipped.text or "no reason given"
    return " ".join(text.split())


def add_case(tally, case):
    name = ".".join(filter(None, (case.get("classname"), case.get("name"))))
    if case.get("classname") == case.get("name"):  # CTest repeats the name
        name = case.get("name")
    skipped = case.find("skipped")
    if case.find("failure") is not None or case.find("error") is not None:
        tally.failed.append(name)
    elif case.get("status") == "disabled":
        tally.skipped.append(f"{name}: disabled in the source")
    elif skipped is None:
        tally.passed += 1
    elif case.get("status") == "notrun" and not (skipped.get("message") or "").startswith(CTEST_SKIPS):
        tally.failed.append(f"{name}: could not be run ({skipped.get('message')})")
    else:
        tally.skipped.append(f"{name}: {skip_reason(case, skipped)}")


def suite(name, status, path):
    """The tests of one JUnit file; a suite that failed without saying where counts as one failure."""
    tally = Tally()
    try:
        for case in xml.parse(path).iter("testcase"):
            add_case(tally, case)
    except (OSError, xml.ParseError) as error:
        tally.failed.append(f"{name}: no readable result ({error})")
    if status != 0 and not tally.failed:
        tally.failed.append(f"{name}: ended with status {status}")
    if not (tally.passed or tally.failed or tally.skipped):
        tally.failed.append(f"{name}: ran no test")
    return tally


def tally_of(folder, kind, name, status):
    if kind == "suite":
        return suite(name, status, folder / f"{name}.xml")
    if status != 0:
        return Tally(failed=[f"{name}: ended with status {status}"])
    return Tally(passed=1) if kind == "check" else Tally()


def main(folder):
    total = Tally()
    print(f"\n{'step':<20}{'seconds':>8}{'passed':>8}{'failed':>8}{'skipped':>8}")
    for line in (folder / "steps.tsv").read_text().splitlines():
        kind, name, status, seconds = line.split("\t")
        tally = tally_of(folder, kind, name, int(status))
        print(f"{name:<20}{seconds:>8}{tally.passed:>8}{len(tally.failed):>8}{len(tally.skipped):>8}")
        total.passed += tally.passed
        total.failed += tally.failed
        total.skipped += tally.skipped
    for title, lines in (("Skipped", total.skipped), ("Failed", total.failed)):
        if lines:
            print(f"\n{title}:", *lines, sep="\n  ")
    print(f"\n{total.passed} passed, {len(total.failed)} failed, {len(total.skipped)} skipped")
    return 1 if total.failed else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(pathlib.Path(sys.argv[1])))
