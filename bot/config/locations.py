"""Places in the file: keys and tables as people write them, and the model fields behind them."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from types import NoneType
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from bot.config.chats import CHAT_TABLES, NamedChat
from bot.config.errors import Place
from bot.config.models import Settings
from bot.config.notation import bare_or_quoted, in_toml, quoted


def key_path(table: Any, place: Iterable[str | int]) -> str:
    """Return a key's place in words; a list's entry with its name too: ``repositories[2] (DIRACGrid/DIRAC).path``."""
    written = ""
    for part in place:
        if isinstance(part, int):
            table = table[part] if isinstance(table, list) and part < len(table) else None
            written += f"[{part}]{_called(table)}"
        else:
            table = table.get(part) if isinstance(table, dict) else None
            written += f".{bare_or_quoted(part)}" if written else bare_or_quoted(part)
    return written


def _called(entry: Any) -> str:
    if not isinstance(entry, dict):
        return ""
    names = (entry.get(key) for key in ("path", "name", "title", "series"))
    return next((f" ({quoted(name)[1:-1]})" for name in names if isinstance(name, str) and name), "")


def annotation_at(place: Place) -> Any:
    """Return the type that the models declare for a place, or None for an unknown place."""
    annotation: Any = Settings
    for part in place:
        if annotation is NamedChat:
            # After a chat's name pydantic has its kind.
            annotation = CHAT_TABLES.get(str(part))
            continue
        inner = get_args(annotation)
        field = _fields(annotation).get(str(part))
        annotation = inner[-1] if inner else _needed(field.annotation) if field else None
    return annotation


def _needed(annotation: Any) -> Any:
    """Return the table of an optional one: ``Model`` for ``Model | None``."""
    return inner_model(annotation) if NoneType in get_args(annotation) and inner_model(annotation) else annotation


def field_at(place: Place) -> FieldInfo | None:
    """Return the field of the last known key on the path to a place."""
    known = [_fields(annotation_at(place[:depth])).get(str(part)) for depth, part in enumerate(place)]
    return next((field for field in reversed(known) if field is not None), None)


def inner_model(annotation: Any) -> type[BaseModel] | None:
    """Return the table behind a key: ``Model`` itself, or that inside ``list[Model]`` or ``dict[str, Model]``.

    None for a key that has none, or one of several.
    """
    for each in (annotation, *get_args(annotation)):
        if isinstance(each, type) and issubclass(each, BaseModel):
            return each
    return None


def heading(place: Place) -> str:
    """Return the heading of the table at a place: ``[poll]``, ``[forges.NAME]``, ``[[digests]]``."""
    names = [part for part in place if isinstance(part, str)]
    if names[:1] in (["forges"], ["indexes"], ["chats"], ["places"]):
        return f"[{'.'.join((names[0], 'NAME', *names[2:]))}]"
    is_list = get_origin(annotation_at(_without_numbers(place))) is list
    path = ".".join(names)
    return f"[[{path}]]" if is_list else f"[{path}]"


def example(place: Place) -> str:
    """Return a line with an example of a key, or an empty string if the models have none."""
    field, name = field_at(place), next((part for part in reversed(place) if isinstance(part, str)), "")
    return f"{name} = {in_toml(field.examples[0])}" if field and field.examples else ""


def nearest(place: Place) -> str:
    """Return a hint for the unknown key at a place: the nearest known key, or the known keys."""
    *table, key = place
    known = sorted(_fields(annotation_at(tuple(table))))
    near = get_close_matches(str(key).lower(), known, n=1)
    if near:
        is_secret = near[0].endswith("_env") and not str(key).endswith("_env")
        return f"did you mean {near[0]}?" + " It takes the name of an environment variable, not the secret" * is_secret
    if key in Settings.model_fields:
        return f"move {key} to the top of the file, above the first [table]"
    return f"known keys: {', '.join(known)}"


def _without_numbers(place: Place) -> Place:
    """Return the place without a list's number at the end: the heading is the list's."""
    return place[:-1] if place and isinstance(place[-1], int) else place


def _fields(annotation: Any) -> Mapping[str, FieldInfo]:
    is_table = isinstance(annotation, type) and issubclass(annotation, BaseModel)
    return annotation.model_fields if is_table else {}
