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
    GraphQLError,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    build_schema,
    execute_sync,
    parse,
    validate,
)

from bot.recorded.clock_text import utc_seconds
from bot.recorded.github_bodies import Place
from bot.recorded.github_cost import node_count
from bot.recorded.github_nodes import Nodes
from bot.recorded.limits import Quota
from bot.recorded.messages import Request, Response
from bot.recorded.snapshot import Snapshots

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
        context_value=(context, node_count(document, variables)),
        variable_values=dict(variables),
        operation_name=operation,
    )
    told = {"data": result.data} if result.data is not None or not result.errors else {}
    failed = {"errors": [_error(one) for one in result.errors]} if result.errors else {}
    return Response.json(200, told | failed)


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
    told: dict[str, Any] = {"type": kind} if kind else {}
    if error.path:
        told["path"] = error.path
    locations = [location.formatted for location in error.locations or ()]
    return told | ({"locations": locations} if locations else {}) | {"message": error.message}


def _repository(_root: Any, info: GraphQLResolveInfo, **asked: Any) -> Mapping[str, Any]:
    context: Context = info.context[0]
    path = f"{asked['owner']}/{asked['name']}"
    snapshot = context.snapshots.find(path)
    if snapshot is None:
        what = f"Could not resolve to a Repository with the name '{path}'."
        raise GraphQLError(what, extensions={"type": "NOT_FOUND"})
    return Nodes(Place(context.base, snapshot.path), snapshot).repository()


def _rate_limit(_root: Any, info: GraphQLResolveInfo, **_asked: Any) -> Mapping[str, Any]:
    context, nodes = info.context
    told = context.quota.told()
    reset = utc_seconds(datetime.fromtimestamp(told["reset"], UTC))
    return {**told, "cost": 1, "nodeCount": nodes, "resetAt": reset}
