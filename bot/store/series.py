"""The changes that people make to the status of series: added, and never altered."""

from dataclasses import asdict, replace

import sqlalchemy as sa

from bot.domain.series_status import SeriesStatus, StatusChange
from bot.store.database import Database
from bot.store.schema import series_changes


class SeriesStore:
    """The recorded changes to the status of series."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, change: StatusChange) -> StatusChange:
        """Record a change, and return it with the number that it got."""
        values = {name: value for name, value in asdict(change).items() if name != "number"}
        with self._database.writing() as connection:
            number = connection.scalar(sa.insert(series_changes).values(values).returning(series_changes.c.id))
        return replace(change, number=number or 0)

    def changes(self) -> list[StatusChange]:
        """Read every change in the order they were recorded."""
        with self._database.reading() as connection:
            rows = connection.execute(sa.select(series_changes).order_by(series_changes.c.id))
            return [
                StatusChange(
                    number=row.id,
                    at=row.at,
                    who=row.who,
                    repository=row.repository,
                    series=row.series,
                    status=SeriesStatus(row.status),
                    note=row.note,
                    undoes=row.undoes,
                )
                for row in rows
            ]
