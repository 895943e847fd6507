"""bench/quality: its rules on small cases, all of it on one case of each kind, and that its page has what it makes."""

import json
import os
import re
import subprocess
import sys

import pytest

from harness.paths import CHECKOUT, SHARED

sys.path.insert(0, str(CHECKOUT / "bench"))
from lib.quality import answers, corpus, dictation, gather, grounded, language, matching, page, speech  # noqa: E402

PAGE = CHECKOUT / "docs" / "quality.md"
COMMAND = [sys.executable, str(CHECKOUT / "bench" / "quality")]


def labels(*texts):
    return [{"text": text} for text in texts]


# When a label counts as found


def test_FR_9_a_found_text_says_what_a_label_says_by_three_fifths_of_its_words():
    label = "send the report to the bank"
    assert matching.share_in(label, "Anna will send a report to the bank by Friday.") == 1
    assert matching.pairs(labels(label), labels("Anna sends the report")) == [(0, 0)]
    assert matching.pairs(labels(label), labels("the bank is closed")) == []
    assert matching.pairs(labels(label), []) == matching.pairs([], labels(label)) == []


def test_FR_9_each_label_and_each_find_counts_once_the_best_pair_first():
    there = labels("call the dentist", "call the dentist and the garage")
    found = labels("Call the dentist.", "I have to call the dentist and the garage.", "I must call the dentist!")

    assert sorted(matching.pairs(there, found)) == [(0, 0), (1, 1)]
    counts = matching.tally(there, found, "I call the dentist and the garage")
    assert (counts["labels"], counts["heard"], counts["found"], counts["right"]) == (2, 2, 3, 2)
    assert matching.precision(counts) == pytest.approx(2 / 3) and matching.recall(counts) == 1


def test_words_may_differ_by_an_ending_but_not_by_a_stem():
    for left, right in (("study", "studies"), ("repair", "repairing"), ("measure", "measured"), ("kaufe", "kauft")):
        assert matching.alike(left, right), (left, right)
    for left, right in (("planet", "planned"), ("car", "cars"), ("7", "70"), ("1000", "10000"), ("bank", "banjo")):
        assert not matching.alike(left, right), (left, right)


def test_an_owner_is_right_when_it_is_the_same_or_when_neither_has_one():
    assert matching.part_right({"owner": "Anna"}, {"owner": "Anna Keller"}, "owner")
    assert matching.part_right({}, {"owner": None}, "owner")
    assert not matching.part_right({}, {"owner": "Anna"}, "owner")
    assert not matching.part_right({"owner": "speaker"}, {"owner": None}, "owner")


def test_where_nothing_is_found_or_nothing_is_to_be_found_there_is_no_figure():
    nothing = matching.add([])
    assert matching.precision(nothing) is None and matching.recall(nothing) is None


# Whether a value was said


def test_FR_9_a_value_is_looked_up_word_by_word():
    said = "Yesterday I met Maria in Hamburg at 7."
    looked = grounded.look_up("Maria was met in Hamburg, 7", said)
    assert (looked["words"], looked["said"], looked["exact_missed"], looked["signs"]) == (4, 4, 0, 0)
    looked = grounded.look_up("I met Peter in Hamburg at 8.']}", said)
    assert (looked["whole"], looked["exact_missed"], looked["signs"]) == (0, 2, 2)


def test_FR_9_values_are_looked_up_in_the_segments_that_they_name():
    lines = ["My name is Anna.", "I live in Graz."]
    form = {"name": {"value": "Anna", "segments": [0]}, "towns": {"value": ["Graz"], "segments": [1]},
            "age": {"value": None, "segments": []}}
    assert grounded.form_values(form, lines) == [("Anna", lines[0]), ("Graz", lines[1])]
    one = {"text": "Anna is a name", "segments": [1], "owner": "speaker", "due": None, "people": ["Anna"], "places": []}
    assert grounded.extracted_values([one], lines) == {
        "texts": [("Anna is a name", lines[1])], "owners": [], "times": [], "people and places": [("Anna", lines[1])]}


# What is sent


def test_a_dictated_text_is_known_by_the_length_of_its_silence():
    for number in (0, 1, 27, 200):
        whole = len(dictation.recording(number))
        assert dictation.number_of(whole) == dictation.number_of(whole + 34) == number  # FFmpeg's head is longer


def test_there_are_labels_enough_in_both_languages_and_texts_without_any():
    texts = corpus.spoken()
    assert len({one["id"] for one in texts}) == len(texts) >= 20
    assert sum(len(one.get("action", [])) for one in texts) >= 40
    assert {one["language"] for one in texts} == {"en", "de"}
    assert sum(not one.get("action") for one in texts) >= 4
    for one in texts:
        for label in one.get("action", []) + one.get("memory", []):
            assert matching.share_in(label["text"], one["text"]) >= matching.SHARE_MIN, label


def test_turns_of_a_meeting_are_made_fit_to_be_spoken():
    assert corpus.plain("Okay {vocalsound} , the T_V_ is on . Um {disfmarker}") == "Okay, the TV is on. Um"


# All of it


def test_S6_one_of_each_kind_goes_the_whole_way(tmp_path):
    pytest.importorskip("jsonschema", reason="python3-jsonschema is not installed")
    done = subprocess.run([*COMMAND, "--quick", "--json"], capture_output=True, text=True, timeout=600,
                          env=os.environ | {"HOLDFAST_SHARED": str(SHARED), "TMPDIR": str(tmp_path)})
    assert done.returncode == 0, done.stderr
    told = {one["title"]: one for one in json.loads(done.stdout)["sections"]}
    checked = [dict(zip(told[title]["columns"], row)) for title in told if title.startswith("JSON: valid") for row in told[title]["rows"]]

    assert {row["result"] for row in checked} == {*answers.SHAPES, "all"}, "nothing is by no schema"
    assert all(int(row["answers"]) > 0 and row["share"] == "100.0 %" for row in checked), checked
    assert [row[0] for row in told["JSON: what no model is to see"]["rows"] if row[1] != row[2]] == []
    assert not list(tmp_path.iterdir()), "its scratch folders are gone"


def test_the_page_has_every_row_that_the_command_makes():
    """Of a run that measured nothing: the names of the rows are those of any run."""
    made = [page.models(), *speech.sections({}), *language.sections(gather.Work())]
    written = PAGE.read_text()
    for section in made:
        table = written.split(f"## {section.title}\n", 1)[1].split("\n## ", 1)[0]
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in re.findall(r"^\|.*\|$", table, re.M)]
        assert rows[0] == section.columns, section.title
        assert [row[0] for row in rows[2:]] == section.row_names(), section.title
