"""Values and keys written for people, and as TOML."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from bot.config.redaction import masked

_LONGEST = 60
# A datetime is a date to Python, so it comes first.
_SCALARS = (
    (int | float, "a number"),
    (datetime, "a date with a time"),
    (date, "a date"),
    (time, "a time"),
)


def quoted(text: str) -> str:
    """Return a string of the file in quotes, shortened, on one line and with secrets masked."""
    shown = one_line(masked(text))
    return f'"{shown}"' if len(shown) <= _LONGEST else f'"{shown[:_LONGEST]}..."'


def one_line(text: str) -> str:
    """Return a text with unprintable characters and line breaks as escapes."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def found(value: object) -> str:
    """Return a description of a value: ``a number (7)``, ``a string ("soon")``, ``a list``."""
    if isinstance(value, bool | Mapping):
        return "a table" if isinstance(value, Mapping) else in_toml(value)
    if isinstance(value, str):
        return f"a string ({quoted(value)})"
    for kinds, name in _SCALARS:
        if isinstance(value, kinds):
            return f"{name} ({str(value)[:_LONGEST]})"
    return "a list"


def in_toml(value: Any) -> str:
    """Return a value as TOML."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            # TOML takes JSON's strings, but for one character that JSON does not escape.
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case Sequence():
            return f"[{', '.join(in_toml(each) for each in value)}]"
        case _:
            return str(value)


def bare_or_quoted(key: str) -> str:
    """Return a key as TOML, in quotes if it needs them."""
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else quoted(key)
