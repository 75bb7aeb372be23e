"""The configuration by environment variables: RELEASE_BOT_POLL__EVERY=5m is ``every`` in ``[poll]``.

Two underscores part the tables, a number is that of a list's entry. A variable replaces the file's value of its key.
"""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin

from bot.config.chats import CHAT_TABLES, NamedChat
from bot.config.errors import Mistake, Place
from bot.config.find import FILE_VARIABLE
from bot.config.locations import annotation_at, inner_model
from bot.config.models import Settings

PREFIX = "RELEASE_BOT_"
# Stands for the file where there is none: paths are relative to the working directory.
NO_FILE = Path(f"{PREFIX}*")
_SEPARATOR = "__"
# These say where the configuration is, and are no keys of it.
_OTHERS = frozenset({FILE_VARIABLE})
# What Kubernetes and Docker links set in every container beside a service called release-bot, or release-bot-web.
_OF_SERVICES = re.compile(r"(?:.*_)?(?:SERVICE_(?:HOST|PORT.*)|PORT(?:_\d+_(?:TCP|UDP|SCTP).*)?)")
_PARSED = (bool, int, float, date)
# From the name of a chat's table on.
_BELOW_A_CHAT = 2


@dataclass(frozen=True)
class EnvironmentKeys:
    """The keys that are set by variables: the values by place, and the mistakes in the variables themselves."""

    values: Mapping[Place, Any] = field(default_factory=dict)
    mistakes: tuple[Mistake, ...] = ()

    def merged_into(self, file: Mapping[str, Any]) -> tuple[dict[str, Any], list[Mistake]]:
        """Return the tables of a file with these keys in place of its own, and the keys that find no place there."""
        table: dict[str, Any] = dict(file)
        mistakes = []
        for place, value in sorted(self.values.items(), key=lambda item: _in_order(item[0])):
            if hint := _put(table, place, value):
                mistakes.append(Mistake((_variable(place),), "no place for this key", hint))
        return table, mistakes

    def variable_of(self, place: Place, file: Mapping[str, Any]) -> str:
        """Return the variable that a place was set by, or that could set what is missing; empty for the file's own."""
        for length in range(len(place), 0, -1):
            if place[:length] in self.values:
                return _variable(place[:length])
        part = next((key for key in sorted(self.values, key=_in_order) if key[: len(place)] == place), None)
        if part is not None:
            return _variable(part)
        return "" if _has(file, place[:-1]) else _variable(place)


def is_configured(environment: Mapping[str, str]) -> bool:
    """Return whether a variable sets a key of the configuration."""
    return any(True for _ in _named(environment))


def read_environment(environment: Mapping[str, str]) -> EnvironmentKeys:
    """Return the keys that variables set."""
    values: dict[Place, Any] = {}
    mistakes: list[Mistake] = []
    for variable, text in sorted(_named(environment)):
        place = _place(variable)
        if place[0] not in Settings.model_fields:
            mistakes.append(Mistake((f"${variable}",), "unknown variable", _nearest(str(place[0]))))
            continue
        try:
            values[place] = _value(text, _annotation_of(place))
        except ValueError:
            what = "neither TOML nor JSON"
            hint = 'write the value as in the file, such as [{forge = "github", path = "DIRACGrid/DIRAC"}]'
            mistakes.append(Mistake((f"${variable}",), what, hint))
    mistakes += _overlapping(values)
    return EnvironmentKeys(values, tuple(mistakes))


def _named(environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the variables of keys with their values; an empty one counts as not set."""
    for variable, text in environment.items():
        rest = variable.removeprefix(PREFIX)
        is_key = rest not in (variable, "") and variable not in _OTHERS and not _OF_SERVICES.fullmatch(rest)
        if is_key and text.strip():
            yield variable, text.strip()


def _place(variable: str) -> Place:
    parts = variable.removeprefix(PREFIX).lower().split(_SEPARATOR)
    return tuple(int(part) if re.fullmatch("[0-9]{1,3}", part) else part for part in parts)


def _variable(place: Place) -> str:
    return f"${PREFIX}{_SEPARATOR.join(str(part).upper() for part in place)}"


def _value(text: str, annotation: Any) -> Any:
    """Return a value as its key's type needs it: text as it is, anything else read. Raises ValueError."""
    kinds = [_bare(kind) for kind in (annotation, *get_args(annotation))]
    if text[0] in "[{" and any(map(_is_nested, kinds)):
        return _parsed(text)
    if any(isinstance(kind, type) and issubclass(kind, _PARSED) for kind in kinds):
        try:
            return _parsed(text.lower() if text.lower() in ("true", "false") else text)
        except ValueError:
            return text
    return text


def _bare(annotation: Any) -> Any:
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def _is_nested(annotation: Any) -> bool:
    is_chat = annotation == _bare(NamedChat)
    return is_chat or get_origin(annotation) in (list, dict) or inner_model(annotation) is not None


def _annotation_of(place: Place) -> Any:
    """Return the type of a place; a chat's keys are those of any kind of chat."""
    table, *below = place
    if table != "chats" or len(below) < _BELOW_A_CHAT:
        return annotation_at(place)
    name, *keys = below
    found = (annotation_at((table, name, kind, *keys)) for kind in CHAT_TABLES)
    return next((each for each in found if each is not None), None)


def _parsed(text: str) -> Any:
    try:
        table = tomllib.loads(f"value = {text}")
    except (tomllib.TOMLDecodeError, RecursionError):
        try:
            return json.loads(text)
        except RecursionError as error:
            raise ValueError(text) from error
    if table.keys() != {"value"}:
        raise ValueError(text)
    return table["value"]


def _overlapping(values: Mapping[Place, Any]) -> Iterator[Mistake]:
    """Yield a mistake for each variable that sets a key within another variable's value."""
    for place in values:
        outer = next((place[:length] for length in range(1, len(place)) if place[:length] in values), None)
        if outer is not None:
            what = f"{_variable(outer)} sets the whole of {outer[-1]} already"
            yield Mistake((_variable(place),), what, "set one of the two")


def _put(table: dict[str, Any], place: Place, value: Any) -> str:
    """Set a key of nested tables and lists, copying what it changes; return a hint where it has no place."""
    inner: Any = table
    for part, below in zip(place, (*place[1:], None), strict=True):
        if isinstance(inner, list):
            if not isinstance(part, int) or part > len(inner):
                return f"entries are numbered from 0 without gaps; the next one is {len(inner)}"
            inner.extend([{}] * (part == len(inner)))
        elif not isinstance(inner, dict) or isinstance(part, int):
            return "it has no such keys; see docs/CONFIGURATION.md"
        held = inner[part] if _has(inner, (part,)) else None
        inner[part] = value if below is None else _copied(held, below)
        inner = inner[part]
    return ""


def _copied(held: Any, below: str | int) -> Any:
    """Return a copy of a table or list, or a new one for the part below."""
    if held is None or held == {}:
        return [] if isinstance(below, int) else {}
    return held.copy() if isinstance(held, dict | list) else held


def _has(table: Any, place: Place) -> bool:
    """Return whether there is something at a place of nested tables and lists."""
    for part in place:
        is_index = isinstance(table, list) and isinstance(part, int) and part < len(table)
        if not is_index and not (isinstance(table, dict) and part in table):
            return False
        table = table[part]
    return True


def _in_order(place: Place) -> tuple[tuple[int, str], ...]:
    """Sort the entries of a list by number."""
    return tuple((part, "") if isinstance(part, int) else (-1, part) for part in place)


def _nearest(key: str) -> str:
    known = sorted(Settings.model_fields)
    near = get_close_matches(key, known, n=1)
    named = [_variable((each,)) for each in near or known]
    return f"did you mean {named[0]}?" if near else f"known: {', '.join(named)}"
