"""Whether what was published stands where it says it was said: looked up here, with none of the server's code. Pure."""
from lib.quality.matching import COMMON, alike, telling, words_of

KINDS = ("values of forms", "memories", "action items", "owners", "times", "people and places")
FIRST_PERSON = {"im", "ive", "ill", "id"}


def exact_words(value: str) -> list[str]:
    """What is right or wrong: words with a digit, and words after the first that begin with a capital letter and are not "I"."""
    return [word for at, word in enumerate(words_of(value))
            if any(map(str.isdigit, word)) or (at > 0 and word[0].isupper() and word.lower() not in COMMON | FIRST_PERSON)]


def look_up(value: str, said: str) -> dict[str, int]:
    """Of one value: 1 if every telling word was said, how many words there are and were said, exact words that were not, and
    signs of JSON or markup, which nobody speaks."""
    there = [word.lower() for word in words_of(said)]
    words = telling(value)
    found = sum(any(alike(word, one) for one in there) for word in words)
    missed = [word for word in exact_words(value) if not any(alike(word.lower(), one) for one in there)]
    return {"values": 1, "whole": int(found == len(words)), "words": len(words), "said": found, "exact_missed": len(missed),
            "signs": sum(sign in value and sign not in said for sign in "<>{}[]")}


def add(looked: list[dict[str, int]]) -> dict[str, int]:
    return {key: sum(one[key] for one in looked) for key in ("values", "whole", "words", "said", "exact_missed", "signs")}


def at_segments(lines: list[str], segments: list[int]) -> str:
    return " ".join(lines[at] for at in segments if at < len(lines))


def form_values(form: dict | None, lines: list[str]) -> list[tuple[str, str]]:
    """(value, what was said in the segments that it names)."""
    out = []
    for field in (form or {}).values():
        value = field["value"]
        for one in value if isinstance(value, list) else [] if value is None else [value]:
            out.append((str(one), at_segments(lines, field["segments"])))
    return out


def extracted_values(found: list[dict], lines: list[str]) -> dict[str, list[tuple[str, str]]]:
    """By what they are: texts, owners, times, names. "speaker" stands for whoever spoke, and is no word of theirs."""
    out: dict[str, list[tuple[str, str]]] = {"texts": [], "owners": [], "times": [], "people and places": []}
    for one in found:
        said = at_segments(lines, one["segments"])
        out["texts"].append((one["text"], said))
        if one.get("owner") not in (None, "speaker"):
            out["owners"].append((one["owner"], said))
        if one.get("due"):
            out["times"].append((one["due"], said))
        out["people and places"] += [(name, said) for name in one["people"] + one["places"]]
    return out
