"""The state of the database in a few numbers: what changes whenever anything that is shown of it does."""

from typing import Any

import sqlalchemy as sa

from bot.store.database import Database
from bot.store.schema import (
    deliveries,
    digests,
    evidence_validators,
    index_listings,
    milestone_changes,
    organisations,
    release_notes,
    repositories,
    series_changes,
    watch_changes,
)

_polls = repositories.c
_NUMBERS = (
    sa.func.count(_polls.id),
    sa.func.sum(_polls.revision),
    sa.func.max(_polls.polled_at),
    sa.func.max(_polls.failed_at),
    sa.func.count(_polls.failing_since),
)


def state_of(database: Database) -> str:
    """Return what names the state of a database: records are revised, polls are dated, and changes are only added."""
    others = [_number(sa.func.max(table.c.id)) for table in (digests, milestone_changes, series_changes, watch_changes)]
    others += [
        _number(sa.func.max(column))
        for column in (release_notes.c.read_at, index_listings.c.read_at, organisations.c.tried_at)
    ]
    others += [_number(sa.func.count(deliveries.c.id)), _number(sa.func.sum(deliveries.c.generation))]
    evidence = sa.select(evidence_validators.c.validator).order_by(evidence_validators.c.validator)
    with database.reading() as connection:
        row = connection.execute(sa.select(*_NUMBERS, *others)).one()
        validators = connection.execute(evidence).scalars()
        return " ".join(map(str, (*row, *validators)))


def _number(value: sa.ColumnElement[Any]) -> sa.ScalarSelect[Any]:
    return sa.select(value).scalar_subquery()
