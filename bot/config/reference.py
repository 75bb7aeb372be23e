"""The table of every key, as Markdown, from the models: ``python -m bot.config.reference`` prints it."""

import sys
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from bot.config.models import ConfigFile
from bot.config.reading import inner_model

_LISTS = {"repositories", "digests", "certifications", "milestones"}


def reference() -> str:
    """Write the keys of every table: what each means, and its default."""
    return "\n\n".join(_tables(ConfigFile, "")) + "\n"


def _tables(model: type[BaseModel], name: str) -> Iterator[str]:
    plain: dict[str, FieldInfo] = {}
    nested: dict[str, FieldInfo] = {}
    for key, field in model.model_fields.items():
        (nested if inner_model(field.annotation) else plain)[key] = field
    heading = f"### `{name}`\n\n{model.__doc__}" if name else "### At the top"
    rows = "\n".join(_row(key, field) for key, field in plain.items())
    if rows:
        yield f"{heading}\n\n| key | default | meaning |\n|---|---|---|\n{rows}"
    for key, field in nested.items():
        inner = inner_model(field.annotation)
        if inner is not None:
            yield from _tables(inner, _named(name, key))


def _named(name: str, key: str) -> str:
    outer = name.strip("[]")
    path = ".".join(part for part in (outer, key) if part)
    if key == "forges":
        return "[forges.NAME]"
    return f"[[{path}]]" if key in _LISTS else f"[{path}]"


def _row(key: str, field: FieldInfo) -> str:
    description = (field.description or "").replace("|", "\\|")
    return f"| `{key}` | {_default(field.default)} | {description} |"


def _default(value: Any) -> str:
    if value is PydanticUndefined:
        return "needed"
    if value is None or value in ("", []):
        return ""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"`{text}`"


if __name__ == "__main__":
    sys.stdout.write(reference())
