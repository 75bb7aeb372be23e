"""Where the dates of releases come from, and what became of their tags, counted by one statement for each rule."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import sqlalchemy as sa

from bot.domain.filters import Wanted
from bot.domain.origins import Origins
from bot.domain.releases import ReleaseState
from bot.domain.tags import DateSource
from bot.store.rows import LEFT_OUT, Row
from bot.store.schema import releases, repositories
from bot.store.wanted import dated

_NOT_COUNTED = (ReleaseState.WITHDRAWN.value, LEFT_OUT)


def read_origins(connection: sa.Connection, wanted: Wanted) -> Origins:
    """Count the wanted releases by the source of their dates and by what became of their tags."""
    sources: Counter[DateSource] = Counter()
    states: Counter[str] = Counter()
    twins = 0
    for source, state, has_twins, count in _rows(connection, wanted):
        states[state] += count
        if state not in _NOT_COUNTED:
            sources[DateSource(source)] += count
            twins += count if has_twins else 0
    return Origins(
        by_source={source: sources[source] for source in DateSource if sources[source]},
        moved=states[ReleaseState.MOVED.value],
        with_twins=twins,
        withdrawn=states[ReleaseState.WITHDRAWN.value],
        left_out=states[LEFT_OUT],
    )


def _rows(connection: sa.Connection, wanted: Wanted) -> Iterator[Row]:
    every = replace(wanted, with_withdrawn=True)
    has_twins = (sa.func.json_array_length(releases.c.tags) > 1).label("has_twins")
    columns = (releases.c.date_source, releases.c.state, has_twins)
    query = sa.select(*columns, sa.func.count()).join_from(releases, repositories).group_by(*columns)
    for rule in every.rules:
        yield from connection.execute(query.where(*dated(rule, every)))
