"""A look into the store of a running server, for what the API rightly does not show."""

import sqlite3
from pathlib import Path


def store_file(data: Path) -> Path:
    (store,) = [path for path in data.iterdir() if path.suffix in (".db", ".sqlite", ".sqlite3")]
    return store


def rows(data: Path, query: str, *values) -> list[tuple]:
    """Read-only, and only while a server runs: the last one to close a store would write into it."""
    connection = sqlite3.connect(f"file:{store_file(data)}?mode=ro", uri=True, timeout=10)
    try:
        return connection.execute(query, values).fetchall()
    finally:
        connection.close()


def segments_stored(data: Path) -> int:
    return rows(data, "SELECT count(*) FROM transcript_segments")[0][0]
