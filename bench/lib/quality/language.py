"""What the language model makes of recordings and texts."""
from lib.quality.answers import fates, json_table, refusals
from lib.quality.findings import found_table, grounded_table, meetings_table
from lib.quality.gather import Work, measure  # noqa: F401  measure is asked for here
from lib.quality.page import Section


def sections(done: Work) -> list[Section]:
    return [json_table(done), fates(done), refusals(done), grounded_table(done), found_table(done),
            meetings_table(done)]
