"""The configuration file with a repository or an organisation more or less: all else stays as somebody wrote it.

A file is taken as lines: what comes between the first and the last key of an entry is the
entry's, and the comment right above it. What comes out is read again and compared
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

# The tables that entries are added to.
REPOSITORIES, ORGANISATIONS = "repositories", "organisations"

Entry = Mapping[str, Any]


def added(text: str, entry: Entry, tables: str = REPOSITORIES) -> str:
    """Write an entry after the last one that is there, at the end where there is none."""
    before = tomllib.loads(text)
    after = before | {tables: [*before.get(tables, []), dict(entry)]}
    lines = _lines(text)
    starts = _starts(lines, tables)
    place = _end(lines, starts[-1], tables) if starts else len(lines)
    above = "\n" if "".join(lines[:place]).strip() else ""
    written = [*lines[:place], above, *_written(entry, tables), *lines[place:]]
    return _checked(_with_breaks(written), after, tables)


def removed(text: str, number: int, tables: str = REPOSITORIES) -> str:
    """Take away the entry of this number, counted from 0, with the comment right above it."""
    before = tomllib.loads(text)
    after = before | {tables: [each for place, each in enumerate(before[tables]) if place != number]}
    if not after[tables]:
        del after[tables]
    lines = _lines(text)
    starts = _starts(lines, tables)
    if len(starts) != len(before[tables]):
        raise _unwritable(tables)
    start, end = starts[number], _end(lines, starts[number], tables)
    while start and lines[start - 1].lstrip().startswith("#"):
        start -= 1
    if not any(line.strip() for line in lines[end : end + 1]):
        end += 1
    return _checked("".join([*lines[:start], *lines[end:]]), after, tables)


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


def _starts(lines: list[str], tables: str) -> list[int]:
    header = re.compile(rf"\s*\[\[\s*{tables}\s*\]\]")
    return [number for number, line in enumerate(lines) if header.match(line)]


def _end(lines: list[str], start: int, tables: str) -> int:
    """Give the line after an entry's last key: comments and blank lines after it are not its own."""
    another = re.compile(rf"\s*\[(?!\s*{tables}\s*\.|\[\s*{tables}\s*\.)")
    end = start + 1
    for number in range(start + 1, len(lines)):
        line = lines[number]
        if another.match(line):
            break
        if line.strip() and not line.lstrip().startswith("#"):
            end = number + 1
    return end


def _written(entry: Entry, tables: str) -> list[str]:
    table = tomlkit.document()
    for key, value in entry.items():
        table[key] = _inline(value) if isinstance(value, Mapping) else value
    return _lines(f"[[{tables}]]\n{tomlkit.dumps(table)}")


def _inline(value: Entry) -> tomlkit.items.InlineTable:
    table = tomlkit.inline_table()
    table.update(value)
    return table


def _with_breaks(lines: list[str]) -> str:
    """Join lines with the line break of the file, one after each."""
    ending = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
    return "".join(line if line.endswith(ending) or not line else line.rstrip("\r\n") + ending for line in lines)


def _checked(text: str, expected: Mapping[str, Any], tables: str) -> str:
    try:
        is_right = tomllib.loads(text) == expected
    except tomllib.TOMLDecodeError:
        is_right = False
    if not is_right:
        raise _unwritable(tables)
    return text


def _unwritable(tables: str) -> BotError:
    what = f"is not written with a [[{tables}]] table for each of its {tables}"
    return BotError("the configuration", what, "change it by hand; release-bot config check reads it again")
