#!/usr/bin/env python3
"""Prints models/manifest.toml as lines of tab-separated columns, for shell scripts.

Usage: manifest.py list           id, file, bytes, sha256, recipe of making, id of what it is made from (or -)
       manifest.py packages ID    requirement, sha256 of the package file
"""

import pathlib
import sys
import tomllib

MANIFEST = pathlib.Path(__file__).parents[2] / "models" / "manifest.toml"


def load():
    with open(MANIFEST, "rb") as file:
        return tomllib.load(file)["model"]


def main(arguments):
    if arguments == ["list"]:
        for model in load():
            fields = ("id", "file", "bytes", "sha256", "made_by")
            print(*(model[field] for field in fields), model.get("made_from", "-"), sep="\t")
    elif len(arguments) == 2 and arguments[0] == "packages":
        for model in load():
            if model["id"] == arguments[1]:
                for package in model.get("package", []):
                    print(package["requirement"], package["sha256"], sep="\t")
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
