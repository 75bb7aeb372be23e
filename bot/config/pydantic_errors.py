"""Validation errors of pydantic, in words for people."""

from collections.abc import Iterable
from typing import Any

from bot.config.chats import CHAT_TABLES
from bot.config.errors import InvalidValue, Mistake, Place
from bot.config.locations import annotation_at, example, heading, inner_model, nearest
from bot.config.notation import found, quoted

_EXPECTED = {
    "string_type": "a string",
    "bool_type": "true or false",
    "int_type": "a whole number",
    # Every minimum of the models is 1.
    "greater_than_equal": "1 or more",
    "dict_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "date_type": "a date",
    "date_from_datetime_inexact": "a date without a time",
}


def mistakes_of(errors: Iterable[Any]) -> list[Mistake]:
    """Return a mistake for each of pydantic's errors: its place, what is wrong, and the fix."""
    return [Mistake(_written(error["loc"]), *_words(error, error["loc"])) for error in errors]


def _written(place: Place) -> Place:
    """Return a place as it is in the file: pydantic puts the kind of a chat after its name."""
    return (*place[:2], *place[3:]) if place[:1] == ("chats",) else place


def _words(error: Any, place: Place) -> tuple[str, str]:
    match error["type"]:
        case "value_error":
            refused = error["ctx"]["error"]
            words_and_hint = (refused.what, refused.hint) if isinstance(refused, InvalidValue) else (str(refused), "")
        case "extra_forbidden":
            words_and_hint = f"unknown key {quoted(str(place[-1]))}", nearest(place)
        case "union_tag_not_found":
            words_and_hint = "missing key kind", f'example: kind = "{next(iter(CHAT_TABLES))}"'
        case "union_tag_invalid":
            words_and_hint = f"invalid kind {quoted(str(error['ctx']['tag']))}", f"must be {_one_of(CHAT_TABLES)}"
        case "missing":
            words_and_hint = "missing key", f"example: {example(place)}"
        case "too_short":
            words_and_hint = "empty list", f"remove the key, or write for example {example(place)}"
        case "literal_error":
            words = error["ctx"]["expected"].replace("'", '"')
            words_and_hint = _not_among(error["input"]), f"must be {words}"
        case kind:
            words_and_hint = f"expected {_expected(kind, place)}, got {found(error['input'])}", _instead(kind, place)
    return words_and_hint


def _one_of(words: Iterable[str]) -> str:
    *others, last = map(quoted, words)
    return f"{', '.join(others)} or {last}"


def _not_among(value: Any) -> str:
    return f"invalid value {quoted(value)}" if isinstance(value, str) else f"expected a string, got {found(value)}"


def _expected(kind: str, place: Place) -> str:
    if kind == "list_type":
        return "a list of tables" if inner_model(annotation_at(place)) else "a list of strings"
    return _EXPECTED.get(kind, "another value")


def _instead(kind: str, place: Place) -> str:
    if kind in {"dict_type", "model_type", "model_attributes_type"} or inner_model(annotation_at(place)):
        return f"write the keys under {heading(place)}"
    return f"example: {example(place)}"
