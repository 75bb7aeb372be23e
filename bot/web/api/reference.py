"""Reference of the API, made of its OpenAPI document: every operation and every object, as Markdown.

``python -m bot.web.api.reference`` prints what follows the head of docs/API.md.
"""

import sys
from collections.abc import Sequence
from typing import Any

from bot.render.markdown_table import markdown_table
from bot.web.addresses import API
from bot.web.api.document import openapi

Json = dict[str, Any]

_FORMATS = {"date-time": "date and time", "date": "date"}


def reference() -> str:
    """Return the operations with their parameters, then the objects of their answers with their fields."""
    document = openapi("", "")
    schemas: Json = document["components"]["schemas"]
    operations = (_operation(path, described["get"], schemas) for path, described in sorted(document["paths"].items()))
    objects = (_object(name, schema, schemas) for name, schema in sorted(schemas.items()) if "properties" in schema)
    return "\n\n".join(("## Operations of the API", *operations, "## Objects of the API", *objects)) + "\n"


def _operation(path: str, operation: Json, schemas: Json) -> str:
    answer = operation["responses"]["200"]["content"]["application/json"]["schema"]
    parameters = [_parameter(each, schemas) for each in operation["parameters"]]
    table = markdown_table(("parameter", "type", "meaning"), parameters) if parameters else "It takes no parameter."
    return f"### {API}{path}\n\n{operation['summary']}: {_type(answer, schemas)}.\n\n{table}"


def _parameter(parameter: Json, schemas: Json) -> Sequence[str]:
    schema = parameter["schema"]
    may_repeat = schema["type"] == "array"
    parts = (
        _type(schema["items"] if may_repeat else schema, schemas),
        *(["may be repeated"] if may_repeat else []),
        *(["required"] if parameter["required"] else []),
    )
    return (f"`{parameter['name']}`", "; ".join(parts), parameter["description"])


def _object(name: str, schema: Json, schemas: Json) -> str:
    required = schema.get("required", ())
    rows = [
        (f"`{key}`", _type(field, schemas) + ("" if key in required else "; may be absent"), _meaning(field, schemas))
        for key, field in schema["properties"].items()
    ]
    return f"### {name}\n\n{_words(schema)}\n\n{markdown_table(('field', 'type', 'meaning'), rows)}"


def _meaning(field: Json, schemas: Json) -> str:
    """Return what a field says, else what its enumeration says; an object's own words are in its section."""
    named = schemas.get(field.get("$ref", "").rpartition("/")[2], {})
    return _words(field) or ("" if "properties" in named else _words(named))


def _words(schema: Json) -> str:
    """Return a description as one line of Markdown."""
    return " ".join(str(schema.get("description", "")).replace("``", "`").split())


def _type(schema: Json, schemas: Json) -> str:
    """Return the type of a value in words; an object links to its table, an enumeration lists its values."""
    match schema:
        case {"anyOf": alternatives}:
            return " or ".join(_type(each, schemas) for each in alternatives)
        case {"$ref": ref}:
            name = ref.rpartition("/")[2]
            found = schemas[name]
            return f"[{name}](#{name.lower()})" if "properties" in found else _type(found, schemas)
        case {"enum": values}:
            return f"one of {', '.join(f'`{each}`' for each in values)}"
        case {"type": "array", "items": items}:
            one = _type(items, schemas)
            return f"list of {one}s" if one.isalpha() else f"list of {one}"
        case {"type": kind, **others}:
            return _FORMATS.get(others.get("format", ""), str(kind))
        case _:
            return "any JSON"


if __name__ == "__main__":
    sys.stdout.write(reference())
