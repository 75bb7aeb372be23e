"""What pydantic finds wrong with the file's tables, in people's words."""

from collections.abc import Iterable
from typing import Any, get_args

from bot.config.errors import Mistake, Place, Refused
from bot.config.places import annotation_at, example, heading, inner_model, nearest
from bot.config.words import found, in_toml, quoted

_EXPECTED = {
    "string_type": "a text",
    "bool_type": "true or false",
    "int_type": "a whole number",
    # Of every number that has a least one it is 1.
    "greater_than_equal": "1 or more",
    "dict_type": "a table",
    "model_type": "a table",
    "date_type": "a date",
    "date_from_datetime_inexact": "a date without a time",
}


def mistakes_of(errors: Iterable[Any]) -> list[Mistake]:
    """Tell each of pydantic's errors with its place, what is wrong, and the mend."""
    return [Mistake(error["loc"], *_told(error, error["loc"])) for error in errors]


def _told(error: Any, place: Place) -> tuple[str, str]:
    match error["type"]:
        case "value_error":
            refused = error["ctx"]["error"]
            told = (refused.what, refused.hint) if isinstance(refused, Refused) else (str(refused), "")
        case "extra_forbidden":
            told = "is no known key", nearest(place)
        case "missing":
            told = "is missing", f"write for example {example(place)}"
        case "too_short":
            told = "is empty", f"write for example {example(place)}, or leave the key out"
        case "literal_error":
            told = f"{_shown(error['input'])} is none of the known words", _choices(place)
        case kind:
            told = f"expected {_expected(kind, place)}, found {found(error['input'])}", _instead(kind, place)
    return told


def _shown(value: Any) -> str:
    return quoted(value) if isinstance(value, str) else found(value)


def _choices(place: Place) -> str:
    annotation = annotation_at(place)
    words = [word for each in (annotation, *get_args(annotation)) for word in get_args(each) if isinstance(word, str)]
    *others, last = map(in_toml, words)
    return f"say {', '.join(others)} or {last}"


def _expected(kind: str, place: Place) -> str:
    if kind == "list_type":
        return "a list of tables" if inner_model(annotation_at(place)) else "a list of texts"
    return _EXPECTED.get(kind, "something else")


def _instead(kind: str, place: Place) -> str:
    if kind in {"dict_type", "model_type"} or inner_model(annotation_at(place)):
        return f"write its keys under {heading(place)}"
    return f"write for example {example(place)}"
