"""Whether what was published was said, and whether it is what was to be found."""
import contextlib
import json
import re

from lib.quality import corpus, grounded, matching
from lib.quality.answers import schemas
from lib.quality.gather import DICTATED, EXTRACTED, INTRODUCTIONS, MEETINGS, SPOKEN, Work
from lib.quality.page import Section, figure, share

LEFT_OUT = re.compile(r"not said in the recording \((\d+)\)")
KINDS = {"action": "action_items", "memory": "memories"}
TITLES = {"action": "action items", "memory": "memories"}
LANGUAGES = {"English": "en", "German": "de", "all": None}


# What was said

def letters(text: str) -> str:
    return "".join(letter for letter in text if letter.isalnum())


def lines_of_text(done: Work, text: str) -> list[str]:
    """The lines of a text as the model was shown them, which is what numbers of segments count."""
    known, wanted = schemas()["form"], letters(text)
    shown = [answer["asked"]["lines"] for answer in done.answers if answer["asked"]["schema"] == known]
    return max((lines for lines in shown if wanted.startswith(letters("".join(lines)))), key=lambda one: len(letters("".join(one))),
               default=[])


def segments_of(seen: dict) -> list[str]:
    return [segment["text"] for segment in ((seen["result"] or {}).get("transcript") or {}).get("segments", [])]


def published_values(done: Work) -> dict[str, list[tuple[str, str]]]:
    """Every value with what was said where it says it was, by kind."""
    values: dict[str, list[tuple[str, str]]] = {kind: [] for kind in grounded.KINDS}
    for (group, _), seen in done.items.items():
        if group == INTRODUCTIONS:
            values["values of forms"] += grounded.form_values((seen["result"] or {}).get("form"), segments_of(seen))
    for (group, name), (recipe, body, _) in done.sent.items():
        if recipe == "written":
            lines = lines_of_text(done, body.decode())
            values["values of forms"] += grounded.form_values((done.items[group, name]["result"] or {}).get("form"), lines)
    for seen in done.of(*EXTRACTED):
        for result in ("memories", "action_items"):
            parts = grounded.extracted_values((seen["result"] or {}).get(result) or [], segments_of(seen))
            values["memories" if result == "memories" else "action items"] += parts.pop("texts")
            for kind, more in parts.items():
                values[kind] += more
    return values


def left_out(done: Work, values: dict) -> dict[str, int]:
    """How much the model wrote that was not published, by kind."""
    forms = [answer["answered"].get("body", {}).get("text", "{}") for answer in done.answers
             if answer["asked"]["schema"] == schemas()["form"]]
    written_values = 0
    for text in forms:
        with contextlib.suppress(ValueError):
            for value in json.loads(text).values():
                written_values += len([one for one in (value if isinstance(value, list) else [value]) if one])
    out = {"values of forms": written_values - len(values["values of forms"])}
    for stage, kind in (("memories", "memories"), ("action_items", "action items")):
        warnings = [warning for seen in done.of(*EXTRACTED) for one in seen["stages"] if one["name"] == stage
                    for warning in one["warnings"]]
        out[kind] = sum(int(number) for warning in warnings for number in LEFT_OUT.findall(warning))
    return out


def grounded_table(done: Work) -> Section:
    section = Section("Groundedness: is it said where it says it was", ["what is published", "values", "all telling words there",
                      "words there", "numbers and names not there", "signs of JSON or markup not there", "aim", "left out as not said"],
                      note="Each value is looked up in the segments that it names, by rules of the command itself "
                           "(`bench/lib/quality/grounded.py`), not by the server's. Of longer sentences the server asks for four fifths of "
                           "the telling words, of forms for three fifths; of numbers and names for all. What is left out is a share of what "
                           "the model wrote.")
    values = published_values(done)
    dropped = left_out(done, values)
    for kind in grounded.KINDS:
        sums = grounded.add([grounded.look_up(value, said) for value, said in values[kind]])
        wrote = sums["values"] + dropped.get(kind, 0)
        section.add(kind, sums["values"], share(sums["whole"], sums["values"]), share(sums["said"], sums["words"]),
                    sums["exact_missed"], sums["signs"], "0 and 0",
                    f"{dropped[kind]} of {wrote}" if kind in dropped else "-")
    return section


# What was to be found

def tally_of(one: dict, seen: dict, kind: str) -> dict[str, int]:
    result = seen["result"] or {}
    return matching.tally(one.get(kind, []), result.get(KINDS[kind]) or [], (result.get("transcript") or {}).get("text") or "")


def figures(counts: dict[str, int]) -> list[object]:
    percent = [figure(None if value is None else 100 * value, "%", 0) or "none"
               for value in (matching.precision(counts), matching.recall(counts))]
    return [counts["labels"], counts["heard"], counts["found"], counts["right"], *percent]


def found_row(done: Work, group: str, kind: str, language: str | None) -> list[object]:
    items = done.named(group)
    texts = [one for one in corpus.spoken() if one["id"] in items and language in (None, one["language"])]
    counts = matching.add([tally_of(one, items[one["id"]], kind) for one in texts])
    parts = [f"{counts[field]} of {counts['right']}" if kind == "action" else "-" for field in ("owner", "due")]
    return [len(texts), *figures(counts), *parts]


def nothing_row(done: Work) -> list[object]:
    """Of texts in which nothing is to be done."""
    items = done.named(DICTATED)
    texts = [one for one in corpus.spoken() if one["id"] in items and not one.get("action")]
    return [len(texts), *figures(matching.add([tally_of(one, items[one["id"]], "action") for one in texts])), "-", "-"]


def found_table(done: Work) -> Section:
    section = Section("Action items and memories: found in texts of our own",
                      ["what", "texts", "labels", "in the transcript", "found", "right", "precision", "recall", "owner right", "time right"],
                      note="`tests/data/quality/spoken.toml`: short texts with labels, through the recipe `memories`, which takes "
                           "recordings only. Word for word: a stand-in for the speech worker gives the server the text as the "
                           "transcript, one segment a sentence (`bench/lib/quality/dictation.py`). Spoken: espeak-ng speaks it and the speech model writes it down; "
                           "what is not heard cannot be found. When two say the same is told in `bench/lib/quality/matching.py`. Owner and "
                           "time are of those that are right.")
    for kind, title in TITLES.items():
        for group, way in ((DICTATED, "word for word"), (SPOKEN, "spoken")):
            for name, language in LANGUAGES.items():
                section.add(f"{title}, {way}, {name}", *found_row(done, group, kind, language))
    section.add("action items, word for word, where nothing is to be done", *nothing_row(done))
    return section


def meetings_table(done: Work) -> Section:
    section = Section("Action items: found in meetings of others",
                      ["meeting", "labels", "in the transcript", "found", "right", "precision", "recall"],
                      note="Parts of meetings of the shared folder, word for word; labels are what their human summaries say is to be "
                           "done (`tests/data/quality/meetings.toml`).")
    items, listed = done.named(MEETINGS), {one["id"]: one for one in corpus.meetings()}
    for name in (one["id"] for one in corpus.meeting_list()):
        section.add(name, *(figures(tally_of(listed[name], items[name], "action")) if name in items else [None] * 6))
    return section
