"""GraphQL connections: pages between cursors, where a cursor is a place in the order and not a number."""

import base64
import json
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from graphql import FieldNode, GraphQLError, GraphQLResolveInfo

Item = TypeVar("Item")
Key = list[Any]
MOST = 100
_COUNTS = {"totalCount", "__typename"}


def connection(
    items: Sequence[Item],
    key: Callable[[Item], Key],
    node: Callable[[Item], Mapping[str, Any]],
    asked: Mapping[str, Any],
) -> dict[str, Any]:
    """Cut a page out of a list; ``asked`` holds first, last, after, before, and ``descending``.

    Since a cursor names a place, what is added or deleted meanwhile neither doubles nor hides an item.
    """
    ordered = sorted(items, key=key)
    start, end = _between([key(item) for item in ordered], asked)
    if asked.get("descending"):
        ordered.reverse()
        start, end = len(ordered) - end, len(ordered) - start
    first, last = asked.get("first"), asked.get("last")
    page_end = end if first is None else min(end, start + first)
    page_start = start if last is None else max(start, page_end - last)
    page = ordered[page_start:page_end]
    cursors = [encode(key(item)) for item in page]
    return {
        "totalCount": len(ordered),
        "nodes": lambda _info: [node(item) for item in page],
        "edges": lambda _info: [{"cursor": c, "node": node(item)} for c, item in zip(cursors, page, strict=True)],
        "pageInfo": {
            "startCursor": cursors[0] if cursors else None,
            "endCursor": cursors[-1] if cursors else None,
            "hasNextPage": page_end < len(ordered),
            "hasPreviousPage": page_start > 0,
        },
    }


def check_bounds(info: GraphQLResolveInfo, asked: Mapping[str, Any]) -> None:
    """Raise an error for a list without a size, or a size above 100; a mere count needs none."""
    name = info.field_name
    sizes = {word: asked[word] for word in ("first", "last") if asked.get(word) is not None}
    if not sizes and _is_listed(info):
        what = f"You must provide a `first` or `last` value to properly paginate the `{name}` connection."
        raise GraphQLError(what, extensions={"type": "MISSING_PAGINATION_BOUNDARIES"})
    for word, size in sizes.items():
        if size > MOST:
            what = f"Requesting {size} records on the `{name}` connection exceeds the `{word}` limit of {MOST} records."
            raise GraphQLError(what, extensions={"type": "EXCESSIVE_PAGINATION"})
        if size < 0:
            what = f"`{word}` on the `{name}` connection cannot be less than zero."
            raise GraphQLError(what, extensions={"type": "INVALID_PAGINATION"})


def _is_listed(info: GraphQLResolveInfo) -> bool:
    parts = [part for node in info.field_nodes if node.selection_set for part in node.selection_set.selections]
    return any(not isinstance(part, FieldNode) or part.name.value not in _COUNTS for part in parts)


def encode(key: Key) -> str:
    """Write a place as an opaque cursor."""
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode()


def decode(cursor: str) -> Key:
    """Read a cursor; refuses what never was one."""
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor))
    except ValueError:
        key = None
    if not isinstance(key, list):
        what = f"`{cursor}` does not appear to be a valid cursor."
        raise GraphQLError(what, extensions={"type": "INVALID_CURSOR_ARGUMENTS"})
    return key


def _between(keys: list[Key], asked: Mapping[str, Any]) -> tuple[int, int]:
    """Find the part of the ascending keys that lies between the cursors."""
    lower, upper = asked.get("after"), asked.get("before")
    if asked.get("descending"):
        lower, upper = upper, lower
    start = bisect_right(keys, decode(lower)) if lower else 0
    end = bisect_left(keys, decode(upper)) if upper else len(keys)
    return start, max(start, end)
