"""Rows of the tables of faults, and how they are written."""

from collections.abc import Sequence
from dataclasses import dataclass

HEAD = "| fault | what the bot did | what the user sees |\n|---|---|---|\n"


@dataclass(frozen=True)
class Row:
    """A fault, what the bot did, and the lines that it said."""

    fault: str
    did: str
    seen: str


def table(rows: Sequence[Row]) -> str:
    """Write a Markdown table."""
    return HEAD + "".join(f"| {each.fault} | {each.did} | {code(each.seen)} |\n" for each in rows)


def code(lines: str) -> str:
    """Write lines as code that stands in a table."""
    shown = [f"`{line.replace('`', '').replace('|', chr(92) + '|')}`" for line in lines.splitlines() if line.strip()]
    return "<br>".join(shown) or "nothing"
