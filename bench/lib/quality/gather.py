"""Sends recordings and texts to real servers and keeps what became of them."""
import contextlib
import dataclasses
import shutil

from lib.instance import Instance
from lib.quality import corpus, dictation, work

DICTATED, MEETINGS, SPOKEN, INTRODUCTIONS, TEXTS, HOSTILE_TEXTS, REQUESTS, HOSTILE_REQUESTS = GROUPS = (
    "own texts, word for word", "meetings of others, word for word", "own texts, spoken", "introductions, spoken", "texts of others",
    "hostile texts", "requests for a fragrance", "hostile requests")
EXTRACTED = (DICTATED, MEETINGS, SPOKEN)
#: Two answers at once: nothing is timed here.
SETTINGS = work.SETTINGS | {"HOLDFAST_CAPACITY_ENGINE": "2"}


@dataclasses.dataclass
class Work:
    """What was sent and what became of it. Keys are (group, name)."""

    sent: dict[tuple[str, str], tuple[str, bytes, str]] = dataclasses.field(default_factory=dict)
    items: dict[tuple[str, str], dict] = dataclasses.field(default_factory=dict)
    answers: list[dict] = dataclasses.field(default_factory=list)
    refused: dict[str, int] = dataclasses.field(default_factory=dict)

    def of(self, *groups: str) -> list[dict]:
        return [seen for (group, _), seen in self.items.items() if group in groups]

    def named(self, wanted: str) -> dict[str, dict]:
        return {name: seen for (group, name), seen in self.items.items() if group == wanted}


def speakers() -> bool:
    return shutil.which("espeak-ng") is not None


Sent = dict[tuple[str, str], tuple[str, bytes, str]]


def dictated() -> tuple[Sent, list[dict]]:
    """What goes in word for word, and the texts that dictation.py has for it."""
    listed = [(DICTATED, one) for one in corpus.spoken()] + [(MEETINGS, one) for one in corpus.meetings()]
    sent = {(group, one["id"]): ("memories", dictation.recording(number), one["id"] + ".wav")
            for number, (group, one) in enumerate(listed)}
    return sent, [{"language": one["language"], "sentences": corpus.sentences(one["text"])} for _, one in listed]


def recordings() -> Sent:
    sent = {}
    if speakers():
        for one in corpus.spoken():
            sent[SPOKEN, one["id"]] = ("memories", work.say(one["text"], one["language"]), one["id"] + ".wav")
        for language, text in corpus.INTRODUCTIONS.items():
            sent[INTRODUCTIONS, language] = ("introductions", work.say(text, language), language + ".wav")
    clip = corpus.shared("speech", "en_ami_selfintro.wav")
    if clip:
        sent[INTRODUCTIONS, clip.stem] = ("introductions", clip.read_bytes(), clip.name)
    return sent


def written() -> Sent:
    sent = {}
    for group, recipe, texts in ((TEXTS, "written", corpus.texts()), (HOSTILE_TEXTS, "written", corpus.HOSTILE),
                                 (REQUESTS, "fragrance", corpus.requests()), (HOSTILE_REQUESTS, "fragrance", corpus.HOSTILE)):
        for name, text in texts.items():
            sent[group, name] = (recipe, text.encode(), "text.txt")
    return sent


def few(sent: Sent, but_for: Sent) -> Sent:
    """One for each recipe of which none was sent yet."""
    known = {recipe for recipe, _, _ in but_for.values()}
    first: dict[str, tuple[str, str]] = {}
    for key, (recipe, _, _) in sent.items():
        if recipe not in known:
            first.setdefault(recipe, key)
    return {key: sent[key] for key in first.values()}


def refusals_of(server: Instance) -> dict[str, int]:
    refused = {}
    for name, (body, _) in corpus.REFUSED.items():
        with contextlib.closing(server.connect()) as connection:
            refused[name] = work.post(connection, body, "fragrance", "text.txt")[0]
    return refused


def run(done: Work, sent: Sent, texts: list[dict]) -> None:
    """Sends it to a server of its own and adds what came of it."""
    with work.tapped_programs(texts) as programs, work.patient_recipes() as recipes, \
            Instance(recipes, None, programs, **SETTINGS) as server:
        done.refused = done.refused or refusals_of(server)
        done.items |= work.wait_all(server, work.send_all(server, sent))
        done.answers += work.answers(programs)
    done.sent |= sent


def measure(quick: bool = False) -> Work:
    done = Work()
    dictations, texts = dictated()
    for sent, words in ((dictations | written(), texts), (recordings(), [])):
        run(done, few(sent, done.sent) if quick else sent, words)
    return done
