"""The archive of digests: what was made, when, for whom, and whether it was told."""

from datetime import datetime

from bot.domain.digests.continuity import PastPeriod
from bot.domain.digests.delivery import DeliveryState
from bot.domain.releases import Key
from bot.domain.tags import DateSource
from bot.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class DigestId:
    """What tells a digest from all others of its name and channel: its period, and its slot or None, and its copy.

    ``start`` is None for a period from the beginning of history. ``copy`` is above 0 for one that was posted again.
    """

    name: str
    channel: str
    start: datetime | None
    end: datetime
    slot: datetime | None = None
    copy: int = 0


@dataclass(frozen=True, slots=True)
class ArchivedDigest:
    """A digest that was made: its number in the database, its headline, and the state of its delivery.

    ``is_told`` says that the channel has at least its first message.
    """

    number: int
    of: DigestId
    time_zone: str
    made_at: datetime
    headline: str
    state: DeliveryState
    is_told: bool

    @property
    def period(self) -> PastPeriod:
        """Its period."""
        return PastPeriod(self.of.start, self.of.end, self.time_zone)


@dataclass(frozen=True, slots=True)
class NamedRelease:
    """A release that a digest named, with the date that it had then; ``version`` and ``url`` are today's, if known."""

    key: Key
    version: str | None
    date: datetime | None
    source: DateSource | None
    url: str | None
