"""The OpenAPI document: what the API takes and answers, made of its operations and their models."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from pydantic.json_schema import models_json_schema

from bot.web.addresses import API
from bot.web.api.models import Error, Model
from bot.web.api.operations import OPERATIONS, Operation, Parameter

Json = dict[str, Any]
_REF = "#/components/schemas/{model}"
_SCHEMES = {"bearer": {"type": "http", "scheme": "bearer"}, "password": {"type": "http", "scheme": "basic"}}
_REFUSALS = {"400": "What was asked cannot be answered", "503": "The database cannot be read"}


def openapi(root: str, version: str) -> Json:
    """Return the document of a site whose addresses all begin with ``root``, in OpenAPI 3.1."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "release-bot",
            "version": version,
            "description": "Reads what the bot knows of releases; the JSON is that of its command line.",
        },
        "servers": [{"url": f"{root}{API}"}],
        "paths": {f"/{each.name}": {"get": _operation(each)} for each in OPERATIONS},
        # Without a token where the pages are open to everybody.
        "security": [{}, {"bearer": []}, {"password": []}],
        "components": {"schemas": _schemas(), "securitySchemes": _SCHEMES},
    }


@cache
def _schemas() -> Json:
    # In the form of what is read, so that a key which may be absent is not required.
    named: Sequence[tuple[type[Model], Any]] = [(each.model, "validation") for each in OPERATIONS]
    _, found = models_json_schema([*named, (Error, "validation")], ref_template=_REF)
    schemas: Json = found["$defs"]
    return schemas


def _operation(operation: Operation) -> Json:
    schema: Json = {"$ref": _REF.format(model=operation.model.__name__)}
    answer = {"type": "array", "items": schema} if operation.is_list else schema
    error = {"$ref": _REF.format(model=Error.__name__)}
    return {
        "operationId": operation.name,
        "summary": operation.summary,
        "parameters": [_parameter(each) for each in operation.parameters],
        "responses": {
            "200": _response(operation.summary, answer),
            "401": {"description": "No token, or a wrong one"},
            **{status: _response(why, error) for status, why in _REFUSALS.items()},
        },
    }


def _parameter(parameter: Parameter) -> Json:
    one: Json = {"type": "string", **({"enum": list(parameter.known)} if parameter.known else {})}
    return {
        "name": parameter.name,
        "in": "query",
        "description": parameter.description,
        "required": parameter.is_required,
        "schema": {"type": "array", "items": one} if parameter.is_list else one,
        **({"style": "form", "explode": True} if parameter.is_list else {}),
    }


def _response(description: str, schema: Json) -> Json:
    return {"description": description, "content": {"application/json": {"schema": schema}}}
