"""The file's values in people's words, and in TOML."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from bot.config.masking import masked

_LONGEST = 60
# A date with a time is a date to Python, so it is looked for first.
_SCALARS = (
    (int, "a number"),
    (float, "a number"),
    (datetime, "a date with a time"),
    (date, "a date"),
    (time, "a time"),
)


def quoted(text: str) -> str:
    """Show a text of the file between quotes, shortened, on one line and without secrets."""
    shown = one_line(masked(text))
    return f'"{shown}"' if len(shown) <= _LONGEST else f'"{shown[:_LONGEST]}..."'


def one_line(text: str) -> str:
    """Write unprintable characters, line breaks among them, as escapes."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def found(value: object) -> str:
    """Say what stands in the file: ``a number (7)``, ``a text ("soon")``, ``a list``."""
    if isinstance(value, bool | Mapping):
        return "a table" if isinstance(value, Mapping) else in_toml(value)
    if isinstance(value, str):
        return f"a text ({quoted(value)})"
    for kinds, name in (
        (int | float, "a number"),
        (datetime, "a date with a time"),
        (date, "a date"),
        (time, "a time"),
    ):
        if isinstance(value, kinds):
            return f"{name} ({str(value)[:_LONGEST]})"
    return "a list"


def in_toml(value: Any) -> str:
    """Write a value as it would stand in the file."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return json.dumps(value, ensure_ascii=False)
        case Sequence():
            return f"[{', '.join(in_toml(each) for each in value)}]"
        case _:
            return str(value)
