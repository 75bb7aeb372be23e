"""Digests to keep in a store."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from bot.domain.digests.compose import Observed, Reminding, compose_digest
from bot.domain.digests.continuity import PastDigest
from bot.domain.digests.digest import Digest
from bot.domain.digests.news import Audience, audience_of
from bot.domain.periods.period import AsOf, Period
from bot.store.store import Store
from tests.builders import PARIS, a_repository, days, paris, releases
from tests.whole import every_mention

CHANNEL = "#dirac-releases"
WEEK = Period(paris("2021-02-15"), paris("2021-02-22"), PARIS)
NEXT_WEEK = Period(paris("2021-02-22"), paris("2021-03-01"), PARIS)
START, MONDAY = paris("2021-01-01"), paris("2021-02-22T09:00")
SEEN = {"github:DIRACGrid/DIRAC": 0}
FROM_THE_BEGINNING = Period(None, paris("2021-02-22"), PARIS)


def a_digest(
    period: Period = WEEK,
    dates: Mapping[str, str] = MappingProxyType({}),
    *,
    name: str = "weekly",
    made_at: datetime | None = None,
    slot: datetime | None = None,
) -> Digest:
    """Compose a digest of releases with these dates; those of before its period are late."""
    repository = a_repository()
    found = releases(repository, {tag: paris(day) for tag, day in dates.items()}, backfilled=False)
    made = compose_digest(
        Audience(name, previous=PastDigest(0, None, paris("2021-01-01"), "Europe/Paris", START, START)),
        period,
        AsOf.at(period.end, PARIS),
        [Observed(repository, found)],
        made_at=made_at or period.end,
        reminding=Reminding(days(1), days(7)),
    )
    return replace(made, ledger=replace(made.ledger, slot=slot))


def told(store: Store, name: str = "weekly", channel: str = CHANNEL) -> set[str]:
    """The releases that the digests of a name told a channel, those never sent apart."""
    past, mentions = store.digests.past(name, channel, untold=True), every_mention(store, name, channel)
    audience = audience_of(name, Period(None, paris("2030-01-01"), PARIS), None, past, mentions)
    return {normalized for _, normalized in audience.announced}
