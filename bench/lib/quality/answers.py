"""Whether what the language model wrote is JSON by its schema, and what became of what was sent."""
import collections
import json

from lib.instance import ROOT
from lib.quality import corpus
from lib.quality.gather import GROUPS, Work
from lib.quality.page import Section, share

#: Results by the recipe and stage that make them: the schema is the recipe's own.
SHAPES = {"form": "introductions", "rating": "introductions", "memories": "memories", "action_items": "memories",
          "brief": "fragrance", "validation": "fragrance", "hints": "fragrance"}


def schemas() -> dict[str, dict]:
    return {shape: json.loads((ROOT / "recipes" / recipe / "schemas" / f"{shape}.json").read_text())
            for shape, recipe in SHAPES.items()}


def shape_of(answer: dict, known: dict[str, dict]) -> str | None:
    return next((shape for shape, schema in known.items() if schema == answer["asked"]["schema"]), None)


def no_json(word: str) -> None:
    raise ValueError(word)  # NaN and its like, which Python takes


def is_valid(answer: dict, schema: dict, validator) -> bool:
    """Whether the text that the worker gave is one JSON value by the schema; a failed answer is not."""
    try:
        value = json.loads(answer["answered"]["body"]["text"], parse_constant=no_json)
    except (KeyError, ValueError):
        return False
    return validator(schema).is_valid(value)


def json_table(done: Work) -> Section:
    from jsonschema import Draft202012Validator  # Debian's python3-jsonschema: not the server's validator
    section = Section("JSON: valid by the recipe's schema", ["result", "recipe", "answers", "valid", "share", "ended early",
                      "aim (S6)"],
                      note="Every answer of the language worker, as it left the worker's process, checked by Debian's "
                           "python3-jsonschema against the recipe's schema. The worker is the real one, confined as always; its frames are read on "
                           "the way to the server. Answers are ended early when `tokens_max` is near.")
    known = schemas()
    total = collections.Counter()
    by_shape: dict[str | None, collections.Counter] = {shape: collections.Counter() for shape in known}
    for answer in done.answers:
        shape = shape_of(answer, known)
        counts = by_shape.setdefault(shape, collections.Counter())
        counts["answers"] += 1
        counts["valid"] += shape is not None and is_valid(answer, known[shape], Draft202012Validator)
        counts["early"] += bool(answer["answered"].get("body", {}).get("shortened"))
    for shape, counts in by_shape.items():
        total.update(counts)
        section.add(shape or "by no schema of a recipe", SHAPES.get(shape, ""), counts["answers"], counts["valid"],
                    share(counts["valid"], counts["answers"]), counts["early"], "100 %")
    section.add("all", "", total["answers"], total["valid"], share(total["valid"], total["answers"]), total["early"], "100 %")
    return section


def codes_of(items: list[dict]) -> str:
    codes = collections.Counter((seen["error"] or {}).get("code", seen["status"]) for seen in items if seen["status"] != "completed")
    return ", ".join(f"{code} ({count})" for code, count in sorted(codes.items())) or "none"


def fates(done: Work) -> Section:
    section = Section("JSON: what became of what was sent", ["what", "sent", "completed", "not completed, with code",
                      "another way than in full", "stages tried again"], note="Hostile are: " + ", ".join(corpus.HOSTILE) + ".")
    for group in GROUPS:
        items = done.of(group)
        section.add(group, len(items), sum(seen["status"] == "completed" for seen in items), codes_of(items),
                    sum(bool(seen["downshift"]) for seen in items),
                    sum(stage["attempts"] > 1 for seen in items for stage in seen["stages"]))
    return section


def refusals(done: Work) -> Section:
    section = Section("JSON: what no model is to see", ["text", "answer", "aim"])
    for name, (_, status) in corpus.REFUSED.items():
        section.add(name, done.refused.get(name), status)
    return section
