"""The configuration file with a repository more or less: everything else stays as somebody wrote it.

A file is taken as lines: what comes between a repository's first and last key is the
repository's, and the comment right above it. What comes out is read again and compared
with what it should say, so that no file is ever spoilt.
"""

import re
import shutil
import tomllib
from collections.abc import Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import tomlkit

from bot.config.errors import ConfigErrors
from bot.config.settings import load
from bot.domain.errors import BotError

_TABLES = "repositories"
_HEADER = re.compile(r"\s*\[\[\s*repositories\s*\]\]")
_OTHER_HEADER = re.compile(r"\s*\[(?!\s*repositories\s*\.|\[\s*repositories\s*\.)")

Entry = Mapping[str, Any]


def added(text: str, entry: Entry) -> str:
    """Write a repository after the last one that is there, at the end where there is none."""
    before = tomllib.loads(text)
    after = before | {_TABLES: [*before.get(_TABLES, []), dict(entry)]}
    lines = _lines(text)
    starts = _starts(lines)
    place = _end(lines, starts[-1]) if starts else len(lines)
    written = [*lines[:place], *_written(entry, has_before=bool("".join(lines[:place]).strip())), *lines[place:]]
    return _checked(_with_breaks(written), after)


def removed(text: str, number: int) -> str:
    """Take away the repository of this number, counted from 0, with the comment right above it."""
    before = tomllib.loads(text)
    after = before | {_TABLES: [each for place, each in enumerate(before[_TABLES]) if place != number]}
    if not after[_TABLES]:
        del after[_TABLES]
    lines = _lines(text)
    starts = _starts(lines)
    if len(starts) != len(before[_TABLES]):
        raise _unwritable()
    start, end = starts[number], _end(lines, starts[number])
    while start and lines[start - 1].lstrip().startswith("#"):
        start -= 1
    if not any(line.strip() for line in lines[end : end + 1]):
        end += 1
    return _checked("".join([*lines[:start], *lines[end:]]), after)


def write(path: Path, text: str, environment: Mapping[str, str]) -> None:
    """Write a file anew, if it is right: it is there whole, or stays as it was. Raises ConfigErrors and BotError."""
    target = path.resolve()
    try:
        with NamedTemporaryFile("wb", dir=target.parent, suffix=".toml", delete=False) as file:
            file.write(text.encode())
        written = Path(file.name)
        try:
            _check(written, path, environment)
            shutil.copymode(target, written)
            written.replace(target)
        finally:
            written.unlink(missing_ok=True)
    except OSError as error:
        hint = "give this user the right to write the file and its folder"
        raise BotError(str(path), f"cannot be written ({error.strerror})", hint) from error


def _check(written: Path, path: Path, environment: Mapping[str, str]) -> None:
    try:
        load(written, environment)
    except ConfigErrors as error:
        told = (BotError(each.where.replace(str(written), str(path)), each.what, each.hint) for each in error.errors)
        raise ConfigErrors(tuple(told)) from error


def _lines(text: str) -> list[str]:
    """Split at line feeds alone: TOML knows no other line break, as ``splitlines`` does."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _starts(lines: list[str]) -> list[int]:
    return [number for number, line in enumerate(lines) if _HEADER.match(line)]


def _end(lines: list[str], start: int) -> int:
    """Give the line after a repository's last key: comments and blank lines after it are not its own."""
    end = start + 1
    for number in range(start + 1, len(lines)):
        line = lines[number]
        if _HEADER.match(line) or _OTHER_HEADER.match(line):
            break
        if line.strip() and not line.lstrip().startswith("#"):
            end = number + 1
    return end


def _written(entry: Entry, *, has_before: bool) -> list[str]:
    table = tomlkit.document()
    for key, value in entry.items():
        table[key] = _inline(value) if isinstance(value, Mapping) else value
    text = f"[[{_TABLES}]]\n{tomlkit.dumps(table)}"
    return ["\n" * has_before, *_lines(text)]


def _inline(value: Entry) -> tomlkit.items.InlineTable:
    table = tomlkit.inline_table()
    table.update(value)
    return table


def _with_breaks(lines: list[str]) -> str:
    """Join lines with the line break of the file, one after each."""
    ending = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
    return "".join(line if line.endswith(ending) or not line else line.rstrip("\r\n") + ending for line in lines)


def _checked(text: str, expected: Mapping[str, Any]) -> str:
    try:
        is_right = tomllib.loads(text) == expected
    except tomllib.TOMLDecodeError:
        is_right = False
    if not is_right:
        raise _unwritable()
    return text


def _unwritable() -> BotError:
    what = "is not written with a [[repositories]] table for each repository"
    return BotError("the configuration", what, "change it by hand; release-bot config check reads it again")
