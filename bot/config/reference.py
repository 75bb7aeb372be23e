"""The table of every key, as Markdown, from the models: ``python -m bot.config.reference`` prints it."""

import sys
from collections.abc import Iterator
from inspect import getdoc
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from bot.config.errors import Place
from bot.config.models import ConfigFile
from bot.config.places import heading, inner_model
from bot.config.words import in_toml


def reference() -> str:
    """Write the keys of every table: what each means, its default, and an example."""
    return "\n\n".join(_tables(ConfigFile, ())) + "\n"


def _tables(model: type[BaseModel], place: Place) -> Iterator[str]:
    fields = model.model_fields
    nested = {key: inner for key, field in fields.items() if (inner := inner_model(field.annotation))}
    title = f"### `{heading(place)}`\n\n{getdoc(model)}" if place else "### At the top"
    rows = "\n".join(_row(key, field) for key, field in fields.items() if key not in nested)
    yield f"{title}\n\n| key | default | example | meaning |\n|---|---|---|---|\n{rows}"
    for key, inner in nested.items():
        yield from _tables(inner, _inside(place, key))


def _inside(place: Place, key: str) -> Place:
    """Give the place of a table inside another: any entry of a list or a table of tables will do."""
    written = heading(place) if place else ""
    between = (0,) if written.startswith("[[") else ("NAME",) if written.endswith(".NAME]") else ()
    return (*place, *between, key)


def _row(key: str, field: FieldInfo) -> str:
    shown = (f"`{key}`", _default(field.default), _code(field.examples[0]) if field.examples else "", field.description)
    return f"| {' | '.join((cell or '').replace('|', chr(92) + '|') for cell in shown)} |"


def _default(value: Any) -> str:
    if value is PydanticUndefined:
        return "needed"
    return "" if value is None or value in ("", []) else _code(value)


def _code(value: Any) -> str:
    return f"`{in_toml(value)}`"


if __name__ == "__main__":
    sys.stdout.write(reference())
