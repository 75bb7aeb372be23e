"""Reference of the configuration: the JSON Schema of the file, and Markdown tables of every key.

``python -m bot.config.reference`` prints the table.
"""

import sys
from collections.abc import Iterator, Sequence
from inspect import getdoc
from typing import Any, ClassVar

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic.json_schema import DefsRef, GenerateJsonSchema
from pydantic_core import PydanticUndefined

from bot.config.certifications import MilestoneSettings
from bot.config.chats import CHAT_TABLES
from bot.config.errors import Place
from bot.config.forges import ForgeSettings, IndexSettings
from bot.config.locations import heading, inner_model
from bot.config.models import DatabaseSettings, DigestSettings, Settings
from bot.config.notation import in_toml
from bot.render.markdown_table import markdown_table


class _Schema(GenerateJsonSchema):
    """The schema of the file, in which a table is called by its title."""

    titles: ClassVar = {
        each.__name__: str(each.model_config["title"])
        for each in (DatabaseSettings, DigestSettings, ForgeSettings, IndexSettings, MilestoneSettings)
    }

    def get_defs_ref(self, core_mode_ref: Any) -> DefsRef:
        """Return the key of a definition."""
        ref, mode = core_mode_ref
        for name, title in self.titles.items():
            ref = ref.replace(f".{name}:", f".{title}:")
        return super().get_defs_ref((ref, mode))


def schema() -> dict[str, Any]:
    """Return the JSON Schema of the file."""
    made = Settings.model_json_schema(schema_generator=_Schema)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | made


def reference() -> str:
    """Return a Markdown table of the keys of every table: meaning, default and example."""
    return "\n\n".join(_tables(Settings, ())) + "\n"


def _tables(model: type[BaseModel], place: Place) -> Iterator[str]:
    fields = model.model_fields
    nested = {key: models for key, field in fields.items() if (models := _inner_models(key, field))}
    title = f"### {_title(model, place)}\n\n{getdoc(model)}" if place else "### At the top"
    rows = (_row(key, field) for key, field in fields.items() if key not in nested)
    yield f"{title}\n\n{markdown_table(('key', 'default', 'example', 'meaning'), rows)}"
    for key, models in nested.items():
        for table in models:
            yield from _tables(table, _inside(place, key))


def _inner_models(key: str, field: FieldInfo) -> Sequence[type[BaseModel]]:
    """Return the tables behind a key: one, or one for each kind of chat."""
    inner = inner_model(field.annotation)
    return tuple(CHAT_TABLES.values()) if key == "chats" else (inner,) if inner else ()


def _title(model: type[BaseModel], place: Place) -> str:
    kind = next((kind for kind, each in CHAT_TABLES.items() if each is model), "")
    return f"`{heading(place)}`, kind {kind}" if kind else f"`{heading(place)}`"


def _inside(place: Place, key: str) -> Place:
    """Return the place of a table inside another, as any entry of a list or a table of tables."""
    written = heading(place) if place else ""
    between = (0,) if written.startswith("[[") else ("NAME",) if written.endswith(".NAME]") else ()
    return (*place, *between, key)


def _row(key: str, field: FieldInfo) -> Sequence[str]:
    example = _code(field.examples[0]) if field.examples else ""
    return (f"`{key}`", _default(field.default), example, field.description or "")


def _default(value: Any) -> str:
    if value is PydanticUndefined:
        return "required"
    return "" if value is None or value in ("", []) else _code(value)


def _code(value: Any) -> str:
    return f"`{in_toml(value)}`"


if __name__ == "__main__":
    sys.stdout.write(reference())
