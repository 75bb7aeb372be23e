"""Changes that people make: each is kept for ever, and can be taken back by another."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol, TypeVar


class Change(Protocol):
    """Who changed something, and when.

    ``number`` counts the changes of its kind in the order they were recorded. ``undoes``
    is the number of the change that an undo takes back, None for what is not an undo.
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
    """Return the changes made by ``until`` that nobody took back, oldest first.

    An undo holds for every moment, also for those between the change and its undo: afterwards everything is as if
    the change had not been made.
    """
    known = list(changes)
    undone = {change.undoes for change in known}
    made = [change for change in known if change.undoes is None and change.number not in undone and change.at <= until]
    return sorted(made, key=lambda change: (change.at, change.number))
