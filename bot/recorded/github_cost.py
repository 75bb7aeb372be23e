"""How many nodes a GraphQL query may give: GitHub tells it with the rate limit."""

from collections.abc import Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    value_from_ast_untyped,
)


def node_count(document: DocumentNode, variables: Mapping[str, Any]) -> int:
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
