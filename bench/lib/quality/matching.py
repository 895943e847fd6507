"""When something that was found is what a label says, and what follows from it. Pure.

Two texts are held against each other by their telling words: letters and digits in lower case, without the commonest
words of English and German. Two words are alike when they are equal, or begin with the same four letters or more and
differ only in an ending such as "s", "ing", "ed", "en". A found text is what a label says when it holds at least
three fifths of the label's telling words. Each label and each found text counts once, the best pairs first; what
says the same again is one that was not asked for. An owner or a time is right when it holds all telling words of
the label's, or when neither has one.
"""
import re
import unicodedata

SHARE_MIN = 0.6
ENDINGS = {"", "e", "s", "es", "d", "ed", "ing", "y", "ies", "ied", "ying", "n", "en", "er", "t", "te", "ly"}
STEM_MIN = 4
COMMON = set("a an and are as at be been but by can do does for from had has have he her him his i in is it its me my of on or our "
             "out she so some than that the their them then they this to too up us was we were will with would you your "
             "der die das den dem des ein eine einen einem einer und oder ist sind war bin im in am an auf zu zum zur von mit für "
             "ich du er sie es wir ihr mir mich mein meine meinen".split())


def words_of(text: str) -> list[str]:
    """All words as they are written, without apostrophes."""
    text = unicodedata.normalize("NFKC", text).replace("'", "").replace("’", "")
    return re.findall(r"\w+", text)


def telling(text: str) -> list[str]:
    """The words that count, in lower case; all of them where a text has only common ones."""
    every = [word.lower() for word in words_of(text)]
    return [word for word in every if word not in COMMON] or every


def alike(left: str, right: str) -> bool:
    if left == right:
        return True
    if not (left.isalpha() and right.isalpha()):
        return False
    same = 0
    while same < min(len(left), len(right)) and left[same] == right[same]:
        same += 1
    return any(left[at:] in ENDINGS and right[at:] in ENDINGS for at in range(STEM_MIN, same + 1))


def share_in(wanted: str, text: str) -> float:
    """Which part of the telling words of `wanted` stands in `text`, 0..1."""
    words, there = telling(wanted), [word.lower() for word in words_of(text)]
    return sum(any(alike(word, one) for one in there) for word in words) / len(words) if words else 0.0


def pairs(labels: list[dict], found: list[dict]) -> list[tuple[int, int]]:
    """Positions in both that belong together."""
    scored = [(share_in(label["text"], one["text"]), at, to) for at, label in enumerate(labels) for to, one in enumerate(found)]
    taken: list[tuple[int, int]] = []
    for share, at, to in sorted(scored, key=lambda one: (-one[0], one[1], one[2])):
        if share >= SHARE_MIN and all(at != a and to != b for a, b in taken):
            taken.append((at, to))
    return taken


def part_right(label: dict, one: dict, field: str) -> bool:
    wanted, got = label.get(field) or "", one.get(field) or ""
    return share_in(wanted, got) == 1 if wanted else not got


def tally(labels: list[dict], found: list[dict], transcript: str) -> dict[str, int]:
    """The counts of one text. `heard`: labels that the transcript holds at all; no model could find more."""
    together = pairs(labels, found)
    counts = {"labels": len(labels), "found": len(found), "right": len(together),
              "heard": sum(share_in(label["text"], transcript) >= SHARE_MIN for label in labels)}
    for field in ("owner", "due"):
        counts[field] = sum(part_right(labels[at], found[to], field) for at, to in together)
    return counts


def add(tallies: list[dict[str, int]]) -> dict[str, int]:
    return {key: sum(one[key] for one in tallies) for key in ("labels", "heard", "found", "right", "owner", "due")}


def precision(counts: dict[str, int]) -> float | None:
    return counts["right"] / counts["found"] if counts["found"] else None


def recall(counts: dict[str, int]) -> float | None:
    return counts["right"] / counts["labels"] if counts["labels"] else None
