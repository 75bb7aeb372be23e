"""The addresses of the API, each with what answers it."""

from collections.abc import Callable, Mapping
from functools import partial

from bot.web.addresses import api
from bot.web.api.document import openapi
from bot.web.api.operations import OPERATIONS, Operation
from bot.web.formats import json_document
from bot.web.visits import Document, Visit


def _answer(operation: Operation, visit: Visit) -> Document:
    return json_document(operation.data(visit))


def _described(visit: Visit) -> Document:
    return json_document(openapi(visit.root, visit.source.version))


DESCRIPTION = api("openapi.json")
ANSWERS: Mapping[str, Callable[[Visit], Document]] = {
    **{api(operation.name): partial(_answer, operation) for operation in OPERATIONS},
    DESCRIPTION: _described,
}
