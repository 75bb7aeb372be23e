"""The series that have a status, and the one that is meant where somebody gives it one."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.domain.errors import UsageError
from bot.domain.repositories import Repository
from bot.domain.series_status import Line, marked_series
from bot.services.names import lines_named, unknown_series

if TYPE_CHECKING:
    from bot.domain.certification.certification import Plan
    from bot.store.store import Store


def named_lines(watched: Sequence[Repository], plans: Sequence["Plan"], store: "Store") -> frozenset[Line]:
    """Return the series that are known whether they have a release or not: by a milestone, or by a status."""
    from bot.services.certification import planned_lines

    return planned_lines(plans) | marked_series(watched, store.series.changes()).keys()


def known_lines(
    text: str, chosen: Sequence[Repository], watched: Sequence[Repository], plans: Sequence["Plan"], store: "Store"
) -> list[Line]:
    """Return the known series that a text names in the chosen repositories, in their order."""
    lines = lines_named(text, chosen)
    known = store.releases.known_series(lines).keys() | named_lines(watched, plans, store)
    return [line for line in lines if line in known]


def require_lines(
    text: str, chosen: Sequence[Repository], watched: Sequence[Repository], plans: Sequence["Plan"], store: "Store"
) -> list[Line]:
    """Return the known series that a text names. Raises UsageError where there is none, with the nearest."""
    if known := known_lines(text, chosen, watched, plans, store):
        return known
    raise unknown_series(text, chosen, watched, store.releases, lambda: named_lines(watched, plans, store))


def line_to_mark(
    text: str, asked: Sequence[Repository], watched: Sequence[Repository], plans: Sequence["Plan"], store: "Store"
) -> Line:
    """Return the one series that is to get a status. Raises UsageError for an unknown or unclear one.

    ``asked`` are the repositories that were named, all where it is empty. Of a repository that is named, a series may
    be one to come.
    """
    if len(asked) == 1 and (lines := lines_named(text, asked)):
        return lines[0]
    known = require_lines(text, asked or watched, watched, plans, store)
    if len(known) > 1:
        raise UsageError(
            f'series "{text}"', f"exists in {' and '.join(key for key, _ in known)}", "name the repository"
        )
    return known[0]
