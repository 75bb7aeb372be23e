"""The archive of digests: read only, since digests are written with their deliveries."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from bot.domain.digests.archive import ArchivedDigest, DigestId, NamedRelease
from bot.domain.digests.delivery import DeliveryState
from bot.domain.digests.news import Role
from bot.domain.tags import DateSource
from bot.store.database import Database
from bot.store.rows import Row
from bot.store.schema import deliveries, digest_releases, digests, releases, repositories

# What each digest tells is long, and read of one of them.
_COLUMNS = [column for column in digests.c if column not in (digests.c.seen, digests.c.content)]
_ARCHIVED = sa.select(*_COLUMNS, deliveries.c.state, deliveries.c.posted).join_from(digests, deliveries)


class DigestArchive:
    """All digests that were made, with what each told."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def newest(
        self, *, name: str | None = None, channel: str | None = None, most: int = 50, after: int = 0
    ) -> list[ArchivedDigest]:
        """Read digests, the newest first: at most ``most``, without the first ``after``.

        Only those of a name, or made for a channel, where these are given.
        """
        wanted = [] if name is None else [digests.c.name == name]
        wanted += [] if channel is None else [digests.c.channel == channel]
        order = (digests.c.period_end.desc(), digests.c.id.desc())
        with self._database.reading() as connection:
            query = _ARCHIVED.where(*wanted).order_by(*order).limit(most).offset(after)
            return [_archived(row) for row in connection.execute(query)]

    def audiences(self) -> list[tuple[str, str]]:
        """Read the name and the channel of all digests, each pair once, in alphabetical order."""
        with self._database.reading() as connection:
            query = sa.select(digests.c.name, digests.c.channel).distinct().order_by(digests.c.name, digests.c.channel)
            return [(row.name, row.channel) for row in connection.execute(query)]

    def find(self, of: DigestId) -> ArchivedDigest | None:
        """Read a digest, None where there is none."""
        return next((each for each in self.copies(of) if each.of.copy == of.copy), None)

    def copies(self, of: DigestId) -> list[ArchivedDigest]:
        """Read a digest and those that were posted again beside it, in their order."""
        is_it = (
            digests.c.name == of.name,
            digests.c.channel == of.channel,
            digests.c.period_end == of.end,
            digests.c.period_start.is_(None) if of.start is None else digests.c.period_start == of.start,
            # One without a slot stands for its period, and so for the slot at its end.
            sa.func.coalesce(digests.c.slot, digests.c.period_end) == (of.slot or of.end),
        )
        with self._database.reading() as connection:
            found = connection.execute(_ARCHIVED.where(*is_it).order_by(digests.c.copy, digests.c.id))
            return [_archived(row) for row in found]

    def content(self, number: int) -> Mapping[str, Any] | None:
        """Read what a digest told, None for one that was made before this was kept."""
        with self._database.reading() as connection:
            content: Mapping[str, Any] | None = connection.scalar(
                sa.select(digests.c.content).where(digests.c.id == number)
            )
            return content

    def named(self, number: int) -> list[NamedRelease]:
        """Read the releases that a digest named, in the order of repositories and versions."""
        mentions = digest_releases.c
        is_release = sa.and_(
            releases.c.repository_id == repositories.c.id, releases.c.normalized == mentions.normalized
        )
        source = digest_releases.outerjoin(repositories, repositories.c.key == mentions.repository)
        query = (
            sa.select(*mentions, releases.c.version, releases.c.url)
            .select_from(source.outerjoin(releases, is_release))
            .where(mentions.digest_id == number, mentions.role == Role.NAMED)
            .order_by(mentions.repository, releases.c.order_key, mentions.normalized)
        )
        with self._database.reading() as connection:
            return [
                NamedRelease(
                    (row.repository, row.normalized),
                    row.version,
                    row.date,
                    DateSource(row.date_source) if row.date_source else None,
                    row.url,
                )
                for row in connection.execute(query)
            ]


def _archived(row: Row) -> ArchivedDigest:
    of = DigestId(row.name, row.channel, row.period_start, row.period_end, row.slot, row.copy)
    state = DeliveryState(row.state)
    return ArchivedDigest(
        row.id,
        of,
        row.time_zone,
        row.made_at,
        row.headline,
        state,
        is_told=state == DeliveryState.SENT or row.posted > 0,
    )
