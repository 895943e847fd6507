"""Word error rate, time and memory by model and number of hypotheses, and words that nobody said."""
import datetime
import sys
import tomllib

from lib.instance import ROOT, Instance
from lib.quality import corpus
from lib.quality.page import Section, figure
from lib.quality.work import SETTINGS, send_all, wait_all, worker_memory_mb

sys.path.insert(0, str(ROOT / "tests" / "e2e" / "speech"))
from scoring import error_counts  # noqa: E402

HYPOTHESES = (1, 5)
AIM_POINTS = 0.5
LANGUAGES = ("en", "de", "es", "fr", "pt", "sv", "ja")
SPEECH_STAGE = "stt"  # of the recipe voicesync
DIFFERENCE = "8 bit against 16 bit, hypotheses: {}"


def models() -> list[dict]:
    listed = tomllib.loads((ROOT / "models" / "manifest.toml").read_text())["model"]
    return [model for model in listed if model["role"] == "speech"]


def runs() -> list[tuple[str, int]]:
    return [(model["id"], count) for model in models() for count in HYPOTHESES]


def seconds_of(stage: dict) -> float:
    began, ended = (datetime.datetime.fromisoformat(stage[key].replace("Z", "+00:00")) for key in ("started_at", "finished_at"))
    return (ended - began).total_seconds()


def hear(model: str, hypotheses: int, entries: list[dict]) -> tuple[dict[str, dict], float | None]:
    """Items by file, and the worker's memory in MB. One item before them is not counted: the model is loaded for it."""
    settings = SETTINGS | {"HOLDFAST_SPEECH_MODEL": model, "HOLDFAST_SPEECH_BEAM_SIZE": str(hypotheses)}
    sent = {entry["file"]: ("voicesync", corpus.shared(entry["file"]).read_bytes(), entry["file"].rsplit("/", 1)[1])
            for entry in entries}
    with Instance(None, None, **settings) as server:
        wait_all(server, send_all(server, {"first": sent[min(entries, key=lambda one: one["seconds"])["file"]]}))
        items = wait_all(server, send_all(server, sent))
        return items, worker_memory_mb(server, "holdfast-stt")


def heard_text(item: dict) -> str:
    return ((item.get("result") or {}).get("transcript") or {}).get("text") or ""


def heard_language(item: dict) -> str:
    return ((item.get("result") or {}).get("transcript") or {}).get("language") or ""


def errors_by_language(known: list[dict], items: dict[str, dict]) -> dict[str, list[int]]:
    """Errors, length, recordings, and of how many the language was found."""
    table: dict[str, list[int]] = {}
    for entry in known:
        seen = items[entry["file"]]
        errors, length = error_counts(entry["reference"], heard_text(seen), entry["language"])
        row = table.setdefault(entry["language"], [0, 0, 0, 0])
        for at, more in enumerate((errors, length, 1, heard_language(seen) == entry["language"])):
            row[at] += more
    return table


def rate(table: dict[str, list[int]]) -> float:
    """Errors in a hundred words of all languages together."""
    return 100 * sum(row[0] for row in table.values()) / sum(row[1] for row in table.values())


def a_minute(known: list[dict], items: dict[str, dict]) -> float:
    """Seconds of the speech stage for each minute of speech."""
    stages = [stage for entry in known for stage in items[entry["file"]]["stages"] if stage["name"] == SPEECH_STAGE]
    spent = sum(map(seconds_of, stages))
    return 60 * spent / sum(entry["seconds"] for entry in known)


def invented(silent: list[dict], items: dict[str, dict]) -> int:
    return sum(len(heard_text(items[entry["file"]]).split()) for entry in silent)


def measure(quick: bool = False) -> dict[tuple[str, int], dict]:
    """What came out of each run. Empty without the shared folder."""
    known, silent = corpus.clips()
    if quick:
        known, silent = [one for one in known if one["file"].endswith("en_brooklyn.flac")], silent[:1]
    if not known:
        return {}
    measured = {}
    for model, hypotheses in [("whisper-base-q8_0", 1)] if quick else runs():
        items, memory = hear(model, hypotheses, known + silent)
        measured[model, hypotheses] = {
            "languages": errors_by_language(known, items), "a_minute": a_minute(known, items), "memory_mb": memory,
            "invented": invented(silent, items), "silent": len(silent), "clips": len(known),
            "failed": [file for file, seen in items.items() if seen["status"] != "completed"]}
    return measured


def whole(measured: dict) -> Section:
    section = Section("Speech: by model and number of hypotheses",
                      ["model", "hypotheses", "wrong words", "seconds for a minute of speech", "most memory of the worker",
                       "words invented where nobody speaks", "aim (S5)"],
                      note="Recordings of others whose whole text is known, through the recipe `voicesync`, one worker with as many "
                           "threads as the server gives it; wrong words are those of all languages together (of Japanese: characters). "
                           "Scored as the recordings' makers ask: without case, punctuation and fillers, digits as words "
                           "(`tests/e2e/speech/scoring.py`). The seconds are those of one hour of one machine. Nobody speaks in silence, "
                           "noise, tones and music; a word there is invented.")
    for model, hypotheses in runs():
        got = measured.get((model, hypotheses))
        cells = [figure(rate(got["languages"]), "%", 2), figure(got["a_minute"], "s", 1), figure(got["memory_mb"], "MB", 0),
                 f"{got['invented']} in {got['silent']} recordings"] if got else [None] * 4
        section.add(f"`{model}`", hypotheses, *cells, "0")
    return section


def difference(measured: dict) -> Section:
    section = Section("Speech: what eight bits cost", ["what", "points of wrong words", "aim (S2)"],
                      note="Five hypotheses are the default.")
    for hypotheses in HYPOTHESES:
        small, full = (measured.get((f"whisper-base-{bits}", hypotheses)) for bits in ("q8_0", "f16"))
        points = rate(small["languages"]) - rate(full["languages"]) if small and full else None
        section.add(DIFFERENCE.format(hypotheses), figure(points, "", 2, signed=True), f"at most {AIM_POINTS}")
    return section


def by_language(measured: dict) -> Section:
    titles = [f"{model.removeprefix('whisper-base-')}, {count}" for model, count in runs()]
    section = Section("Speech: wrong words by language", ["language", "recordings", "words", *titles, "language found"],
                      note="In percent, by model and number of hypotheses. The language is found by the model, here of 8 bit with five "
                           "hypotheses.")
    for language in LANGUAGES:
        rows = [measured[run]["languages"].get(language) if run in measured else None for run in runs()]
        first = next(filter(None, rows), None)
        found = rows[runs().index(("whisper-base-q8_0", 5))]
        section.add(language, *([first[2], first[1]] if first else [None, None]),
                    *(figure(100 * row[0] / row[1], "%", 1) if row else None for row in rows),
                    f"{found[3]} of {found[2]}" if found else None)
    return section


def sections(measured: dict) -> list[Section]:
    return [whole(measured), difference(measured), by_language(measured)]
