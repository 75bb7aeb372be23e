"""Changes that people make: each is kept for ever, and can be taken back by another."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol, TypeVar


class Change(Protocol):
    """Who changed something, and when.

    ``number`` counts the changes of its kind in the order they were recorded. ``undoes``
    is the number of the change that an undo takes back, None for what is no undo.
    """

    @property
    def number(self) -> int:  # noqa: D102 - the class says it
        ...

    @property
    def at(self) -> datetime:  # noqa: D102
        ...

    @property
    def undoes(self) -> int | None:  # noqa: D102
        ...


_Change = TypeVar("_Change", bound=Change)


def effective(changes: Iterable[_Change], until: datetime) -> list[_Change]:
    """Give the changes made by ``until`` that nobody took back by then, oldest first."""
    made = sorted((change for change in changes if change.at <= until), key=lambda change: (change.at, change.number))
    undone = {change.undoes for change in made}
    return [change for change in made if change.undoes is None and change.number not in undone]
