"""The outcome of a poll as a table."""

from collections.abc import Sequence
from dataclasses import replace

from bot.render.table import Cell, Column, Style, Table
from bot.render.words import plural
from bot.services.poll import PollOutcome

_NUMBERS = ("tags", "new", "moved", "deleted", "unclassified", "requests")
_COLUMNS = (Column("repository"), Column("status"), *(Column(name, is_number=True) for name in _NUMBERS))


def poll_table(outcomes: Sequence[PollOutcome], seconds: float) -> Table:
    """Return a table of what a poll found in each repository; ``seconds`` is its duration."""
    requests = sum(outcome.requests for outcome in outcomes)
    table = Table.of(_COLUMNS, (_row(outcome) for outcome in outcomes))
    return replace(table, footer=(f"{plural(requests, 'request')} in {seconds:.1f} s",))


def _row(outcome: PollOutcome) -> tuple[str | Cell, ...]:
    found = (outcome.tags, len(outcome.new), len(outcome.moved), len(outcome.deleted), len(outcome.unclassified))
    status = Cell(outcome.status, Style.ERROR if outcome.error else Style.PLAIN)
    return (outcome.repository, status, *map(str, (*found, outcome.requests)))
