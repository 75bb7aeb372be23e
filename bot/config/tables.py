"""The file's tables as they stand there, right or not: what has another type counts as not there."""

from collections.abc import Iterator
from typing import Any

Table = dict[str, Any]


def entries_of(table: Table, key: str) -> Iterator[tuple[int, Table]]:
    """Give the tables of a list with their numbers."""
    entries = table.get(key)
    for number, entry in enumerate(entries if isinstance(entries, list) else []):
        if isinstance(entry, dict):
            yield number, entry


def texts_of(table: Table, key: str) -> Iterator[tuple[int, str]]:
    """Give the texts of a list with their numbers."""
    texts = table.get(key)
    for number, text in enumerate(texts if isinstance(texts, list) else []):
        if isinstance(text, str):
            yield number, text


def table_of(table: Table, key: str) -> Table:
    """Give a table, empty where there is none."""
    inner = table.get(key)
    return inner if isinstance(inner, dict) else {}


def text_of(table: Table, key: str) -> str:
    """Give a text, empty where there is none."""
    text = table.get(key)
    return text if isinstance(text, str) and text.strip() else ""
