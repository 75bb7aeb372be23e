"""GitHub's GraphQL API: queries are run against a part of its public schema, errors come with status 200."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache
from importlib import resources
from typing import Any, cast

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    build_schema,
    execute_sync,
    parse,
    validate,
    value_from_ast_untyped,
)

from bot.demo.recorded.clock_text import utc_seconds
from bot.demo.recorded.github_bodies import RepositoryAddress
from bot.demo.recorded.github_nodes import Nodes
from bot.demo.recorded.limits import Quota
from bot.demo.recorded.messages import Request, Response
from bot.demo.recorded.snapshot import Snapshots

DOCS = "https://docs.github.com/graphql/guides/forming-calls-with-graphql#authenticating-with-graphql"


@dataclass(frozen=True)
class Context:
    """What the resolvers need beside the query."""

    base: str
    snapshots: Snapshots
    quota: Quota


def answer(request: Request, context: Context) -> Response:
    """Run the query of a request."""
    if request.method != "POST":
        return Response.json(404, {"message": "Not Found", "documentation_url": DOCS, "status": "404"})
    try:
        asked = json.loads(request.body)
    except ValueError:
        return Response.json(400, {"message": "Problems parsing JSON", "documentation_url": DOCS, "status": "400"})
    query = asked.get("query") if isinstance(asked, dict) else None
    if not isinstance(query, str):
        return _refused([GraphQLError("A query attribute must be specified and must be a string.")])
    return _run(query, asked.get("variables") or {}, asked.get("operationName"), context)


def limited() -> Response:
    """Answer when the hour's points are spent."""
    return Response.json(
        200, {"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded for user ID 1."}]}
    )


@cache
def schema() -> GraphQLSchema:
    """Build the schema with its two entry points."""
    text = (resources.files(__package__) / "github_schema.graphql").read_text(encoding="utf-8")
    built = build_schema(text)
    entries = cast("GraphQLObjectType", built.query_type).fields
    entries["repository"].resolve = _repository
    entries["rateLimit"].resolve = _rate_limit
    return built


def _run(query: str, variables: Mapping[str, Any], operation: str | None, context: Context) -> Response:
    document, errors = _understood(query)
    if document is None:
        return _refused(errors)
    result = execute_sync(
        schema(),
        document,
        context_value=(context, _node_count(document, variables)),
        variable_values=dict(variables),
        operation_name=operation,
    )
    body = {"data": result.data} if result.data is not None or not result.errors else {}
    failed = {"errors": [_error(one) for one in result.errors]} if result.errors else {}
    return Response.json(200, body | failed)


@lru_cache(maxsize=256)
def _understood(query: str) -> tuple[DocumentNode | None, Sequence[GraphQLError]]:
    try:
        document = parse(query)
    except GraphQLError as error:
        return None, [error]
    errors = validate(schema(), document)
    return (None, errors) if errors else (document, [])


def _refused(errors: Sequence[GraphQLError]) -> Response:
    return Response.json(200, {"errors": [_error(one) for one in errors]})


def _error(error: GraphQLError) -> dict[str, Any]:
    kind = (error.extensions or {}).get("type")
    entry: dict[str, Any] = {"type": kind} if kind else {}
    if error.path:
        entry["path"] = error.path
    locations = [location.formatted for location in error.locations or ()]
    return entry | ({"locations": locations} if locations else {}) | {"message": error.message}


def _repository(_root: Any, info: GraphQLResolveInfo, **asked: Any) -> Mapping[str, Any]:
    context: Context = info.context[0]
    path = f"{asked['owner']}/{asked['name']}"
    snapshot = context.snapshots.find(path)
    if snapshot is None:
        what = f"Could not resolve to a Repository with the name '{path}'."
        raise GraphQLError(what, extensions={"type": "NOT_FOUND"})
    return Nodes(RepositoryAddress(context.base, snapshot.path), snapshot).repository()


def _rate_limit(_root: Any, info: GraphQLResolveInfo, **_asked: Any) -> Mapping[str, Any]:
    context, nodes = info.context
    quota = context.quota.values()
    reset = utc_seconds(datetime.fromtimestamp(quota["reset"], UTC))
    return {**quota, "cost": 1, "nodeCount": nodes, "resetAt": reset}


def _node_count(document: DocumentNode, variables: Mapping[str, Any]) -> int:
    """Add up ``first`` and ``last`` of every connection, each times those that stand around it."""
    fragments = {part.name.value: part for part in document.definitions if isinstance(part, FragmentDefinitionNode)}
    operations = [part for part in document.definitions if isinstance(part, OperationDefinitionNode)]
    return sum(_nodes(operation.selection_set, fragments, variables) for operation in operations)


def _nodes(
    selected: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode], variables: Mapping[str, Any]
) -> int:
    total = 0
    for part in selected.selections:
        size = 0
        if isinstance(part, FragmentSpreadNode):
            inner = fragments[part.name.value].selection_set
        elif isinstance(part, FieldNode | InlineFragmentNode) and part.selection_set:
            inner = part.selection_set
            size = _size(part, variables) if isinstance(part, FieldNode) else 0
        else:
            continue
        total += size + max(size, 1) * _nodes(inner, fragments, variables)
    return total


def _size(field: FieldNode, variables: Mapping[str, Any]) -> int:
    for argument in field.arguments:
        if argument.name.value in {"first", "last"}:
            value = value_from_ast_untyped(argument.value, dict(variables))
            return value if isinstance(value, int) else 0
    return 0
