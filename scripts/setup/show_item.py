#!/usr/bin/env python3
"""Prints one item object (standard input, JSON) for people: transcript, form, rating, times.

Usage: holdfast submit ... --wait --json | show_item.py      Exit status 1 if the item is not completed.
"""

import datetime
import json
import sys
import textwrap

WIDTH = 100


def heading(text):
    print(f"\n  {text}")


def paragraph(text, indent="    "):
    print(textwrap.fill(text, WIDTH, initial_indent=indent, subsequent_indent=indent))


def show_transcript(transcript):
    heading(f"Transcript ({transcript['language']}, {transcript['duration_s']:.0f} s of audio)")
    for segment in transcript["segments"]:
        paragraph(f"[{segment['start_s']:6.1f} s] {segment['text'].strip()}")
    for gap in transcript.get("gaps", []):
        paragraph(f"[{gap['start_s']:6.1f} s] not transcribed until {gap['end_s']:.1f} s: {gap['cause']}")


def show_form(form):
    heading("Form")
    for name, field in form.items():
        value = field["value"] if isinstance(field, dict) and "value" in field else field
        shown = ", ".join(map(str, value)) if isinstance(value, list) else value
        shown = "-" if shown in (None, "") else str(shown)
        print(textwrap.fill(shown, WIDTH, initial_indent=f"    {name:<16} ", subsequent_indent=" " * 21))


def show_rating(rating):
    heading(f"Rating: {rating['score']} of 10")
    for criterion in rating.get("criteria", []):
        paragraph(f"{criterion['name']} {criterion['score']}: {criterion['reason']}")


def seconds_between(start, end):
    parse = datetime.datetime.fromisoformat
    return (parse(end) - parse(start)).total_seconds()


def show_times(item):
    heading("Times")
    for stage in item["stages"]:
        if stage.get("started_at") and stage.get("finished_at"):
            took = seconds_between(stage["started_at"], stage["finished_at"])
            print(f"    {stage.get('title') or stage['name']:<28} {took:7.1f} s")
    total = seconds_between(item["created_at"], item["updated_at"])
    print(f"    {'From upload to result':<28} {total:7.1f} s")


def show(item):
    """Prints what the item has; an item that is not completed says why."""
    result = item.get("result") or {}
    if result.get("transcript"):
        show_transcript(result["transcript"])
    if result.get("form"):
        show_form(result["form"])
    if result.get("rating"):
        show_rating(result["rating"])
    if item.get("downshift"):
        heading("Note")
        paragraph(item["downshift"]["warning"])
    show_times(item)
    if item["status"] != "completed":
        heading(f"The item is {item['status']}")
        error = item.get("error") or {}
        paragraph(f"{error.get('message', 'no cause is recorded')} {error.get('what_to_do', '')}")


if __name__ == "__main__":
    read = json.load(sys.stdin)
    show(read)
    sys.exit(0 if read["status"] == "completed" else 1)
