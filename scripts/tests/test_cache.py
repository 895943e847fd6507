"""The cache of set-up (scripts/setup/lib.sh): whole results, noticed damage, one set-up at a time."""

import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).parents[2]


def environment(cache):
    return os.environ | {"HOLDFAST_CACHE": str(cache)}


def shell(cache, script):
    """Runs bash with lib.sh sourced; returns (exit status, all output)."""
    done = subprocess.run(
        ["bash", "-c", f"source {ROOT}/scripts/setup/lib.sh\n{script}"],
        env=environment(cache),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def sealed_entry(cache):
    made = 'lock_cache; mkdir "$HF_CACHE/e"; echo good >"$HF_CACHE/e/lib.a"; seal "$HF_CACHE/e"'
    status, output = shell(cache, made)
    assert status == 0, output
    return cache / "e"


def test_a_whole_entry_is_kept(tmp_path):
    entry = sealed_entry(tmp_path)

    assert shell(tmp_path, f"is_intact {entry}")[0] == 0


def test_a_damaged_entry_is_set_aside(tmp_path):
    entry = sealed_entry(tmp_path)
    (entry / "lib.a").write_text("rot\n")

    status, output = shell(tmp_path, f"is_intact {entry} || echo again")

    assert status == 0 and output.endswith("again\n")
    assert not entry.exists()
    assert (tmp_path / "e.damaged" / "lib.a").read_text() == "rot\n"


def test_an_entry_with_a_missing_file_is_set_aside(tmp_path):
    entry = sealed_entry(tmp_path)
    (entry / "lib.a").unlink()

    assert "again" in shell(tmp_path, f"is_intact {entry} || echo again")[1]
    assert not entry.exists()


def test_what_an_interrupted_set_up_left_is_cleared(tmp_path):
    half = tmp_path / "tmp" / "half"
    half.mkdir(parents=True)

    assert shell(tmp_path, "lock_cache")[0] == 0
    assert not half.exists()


def test_a_second_set_up_waits_for_the_first(tmp_path):
    library = f"source {ROOT}/scripts/setup/lib.sh"
    with subprocess.Popen(
        ["bash", "-c", f"{library}\nlock_cache; echo held; read -r; touch {tmp_path}/first"],
        env=environment(tmp_path),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as first:
        assert first.stdout.readline() == "held\n"
        with subprocess.Popen(
            ["bash", "-c", f"{library}\nlock_cache; ls {tmp_path}/first"],
            env=environment(tmp_path),
            stdout=subprocess.PIPE,
            text=True,
        ) as second:
            assert "waiting" in second.stdout.readline()
            first.communicate("\n")
            assert second.communicate()[0] == f"{tmp_path}/first\n"
            assert second.returncode == 0


def test_a_failing_command_shows_its_log_and_stops(tmp_path):
    status, output = shell(tmp_path, "logged step-x bash -c 'echo what went wrong; exit 3'; echo unreached")

    assert status == 1
    assert "what went wrong" in output and "step-x failed" in output
    assert "unreached" not in output


def test_the_manifest_names_files_sums_and_recipes_that_exist():
    command = ["/usr/bin/python3", ROOT / "tools/models/manifest.py", "list"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    models = (ROOT / "scripts/setup/models.sh").read_text()

    seen = set()
    for line in listed:
        identifier, file, size, sha256, made_by, made_from = line.split("\t")
        assert int(size) > 0 and len(sha256) == 64 and "/" not in file
        assert f"make_{made_by}()" in models
        assert made_from == "-" or made_from in seen, f"{identifier} stands before what it is made from"
        seen.add(identifier)
    assert len(seen) == len(listed) > 0
