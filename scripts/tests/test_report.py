"""report.py: what counts as passed, failed and skipped, and the closing line."""

import pathlib
import re
import subprocess
import sys

REPORT = pathlib.Path(__file__).with_name("report.py")

CTEST = """<testsuite>
<testcase name="A.Passes" classname="A.Passes" status="run"/>
<testcase name="A.Fails" classname="A.Fails" status="fail"><failure message=""/></testcase>
<testcase name="A.Skips" classname="A.Skips" status="notrun">
<skipped message="SKIP_REGULAR_EXPRESSION_MATCHED"/>
<system-out>[ RUN      ] A.Skips
a_test.cpp:3: Skipped
no such disk

[  SKIPPED ] A.Skips (0 ms)</system-out></testcase>
<testcase name="A.Gone" classname="A.Gone" status="notrun">
<skipped message="Unable to find executable: a"/></testcase>
<testcase name="A.Off" classname="A.Off" status="disabled"/>
</testsuite>"""


def report(folder, steps, **suites):
    """Runs report.py on steps (columns) and suites (name = JUnit text); returns (exit status, lines)."""
    (folder / "steps.tsv").write_text("".join("\t".join(map(str, step)) + "\n" for step in steps))
    for name, text in suites.items():
        (folder / f"{name}.xml").write_text(text)
    done = subprocess.run([sys.executable, REPORT, folder], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout.splitlines()


def test_sums_over_all_suites(tmp_path):
    pytest_xml = '<testsuites><testsuite><testcase classname="t" name="a"/></testsuite></testsuites>'

    status, lines = report(
        tmp_path,
        [("check", "tidy", 0, 1), ("suite", "ctest", 8, 2), ("suite", "pytest", 0, 3)],
        ctest=CTEST,
        pytest=pytest_xml,
    )

    assert lines[-1] == "3 passed, 2 failed, 2 skipped"
    assert status == 1


def test_says_why_a_test_was_skipped(tmp_path):
    _, lines = report(tmp_path, [("suite", "ctest", 8, 2)], ctest=CTEST)

    assert "  A.Skips: no such disk" in lines


def test_a_test_that_cannot_be_started_has_failed(tmp_path):
    _, lines = report(tmp_path, [("suite", "ctest", 8, 2)], ctest=CTEST)

    failed = lines[lines.index("Failed:") :]
    assert any(re.match(r"  A\.Gone: could not be run", line) for line in failed)


def test_a_suite_that_left_no_result_has_failed(tmp_path):
    status, lines = report(tmp_path, [("suite", "pytest", 0, 1)])

    assert (status, lines[-1]) == (1, "0 passed, 1 failed, 0 skipped")


def test_a_suite_that_ran_no_test_has_failed(tmp_path):
    status, lines = report(tmp_path, [("suite", "pytest", 0, 1)], pytest="<testsuites/>")

    assert (status, lines[-1]) == (1, "0 passed, 1 failed, 0 skipped")


def test_a_build_counts_only_when_it_fails(tmp_path):
    assert report(tmp_path, [("setup", "build", 0, 9), ("check", "tidy", 0, 1)])[0] == 0

    status, lines = report(tmp_path, [("setup", "build", 1, 9), ("check", "tidy", 0, 1)])

    assert (status, lines[-1]) == (1, "1 passed, 1 failed, 0 skipped")
