"""The year 2021 of DIRAC as it happened, tag by tag, told in weekly digests: every release exactly once."""

import math
import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache, partial
from zoneinfo import ZoneInfo

import pytest

from bot.demo.recorded.history import RecordedTag, load
from bot.domain.digests.delivery import Frozen, Posted
from bot.domain.digests.digest import Digest
from bot.domain.digests.schedule import all_due
from bot.domain.periods.period import AsOf
from bot.domain.polling.record import PollDepth
from bot.domain.releases import releases_of
from bot.domain.tags import Tag, TagDetails, TagRef, TagState
from bot.services.deliver import DeliverySender
from bot.services.digests import DigestOrder, make_owed
from bot.services.poll import Asked, poll
from bot.services.ports import ChatDoubtful, ChatUnavailable
from bot.store.store import Store
from tests.builders import PARIS, UTC_ZONE, a_repository, days, paris
from tests.fakes import FakeChat, FakeForge

DIRAC = a_repository()
WEEKLY = DigestOrder("weekly", "#dirac", "last-week", [DIRAC], schedule="0 9 * * mon")
# The bot is set up before the first Monday of the year, and is looked at a month after its end.
SET_UP, LOOKED_AT = paris("2021-01-04T08:00"), paris("2022-02-01T12:00")
SPRING = paris("2021-05-01T12:00")
FIRST, LAST = paris("2020-12-28T00:00"), paris("2022-01-03T00:00")

pytestmark = pytest.mark.long

Arrival = Callable[[RecordedTag], datetime]
Down = Sequence[tuple[datetime, datetime]]


@cache
def history() -> tuple[RecordedTag, ...]:
    tags = load(DIRAC.path).tags.values()
    return tuple(tag for tag in tags if paris("2020-10-01T00:00") <= tag.committed < LOOKED_AT)


@cache
def of_the_year(first: datetime = FIRST, last: datetime = LAST) -> frozenset[str]:
    """The releases of the weeks that the year's digests are about, counted from the tags without the bot."""
    released = releases_of(DIRAC, [_tag(tag) for tag in history()])
    return frozenset(each.normalized for each in released if each.date is not None and first <= each.date < last)


@cache
def _tag(tag: RecordedTag) -> Tag:
    details = TagDetails(tag.commit, None, tag.tagged, tag.committed)
    # Seen at once: a date after that would not be believed.
    seen = max(date for date in (tag.tagged, tag.committed) if date is not None)
    return Tag(
        tag.name,
        tag.target,
        tag.tag_object is not None,
        details,
        seen,
        seen,
        backfilled=False,
        state=TagState.CURRENT,
    )


class Channel(FakeChat):
    """A chat that keeps what each message that it took tells; some posts end in doubt, or do not go out."""

    def __init__(self, trouble: random.Random | None = None) -> None:
        super().__init__()
        self.made: list[Digest] = []
        self._trouble = trouble

    def freeze(self, channel: str, digest: Digest) -> Frozen:
        self.made.append(digest)
        return super().freeze(channel, replace(digest, headline=str(len(self.made) - 1)))

    def post(
        self, channel: str, message: str, key: str, deadline: float = math.inf, *, thread: str | None = None
    ) -> Posted:
        drawn = self._trouble.random() if self._trouble else 1.0
        self.takes = drawn < 0.3
        if drawn < 0.6:
            self.errors = [ChatDoubtful(channel, "lost")]
        elif drawn < 0.7:
            self.errors = [ChatUnavailable(channel, "wait", retry_after=7_200)]
        return super().post(channel, message, key, deadline, thread=thread)

    def named_by(self, order: DigestOrder = WEEKLY) -> Counter[str]:
        """How often each release was told in the channel by the digests of an order."""
        posted = (self.made[int(number)] for _, number in self.posted)
        return Counter(release for digest in posted if digest.name == order.name for release in told_by(digest))

    def made_for(self, order: DigestOrder) -> list[Digest]:
        return [digest for digest in self.made if digest.name == order.name]


def told_by(digest: Digest) -> list[str]:
    return [release.normalized for release in digest.news]


@dataclass
class Bot:
    """The bot with its store and channel, whose clock and forge are simulated."""

    store: Store
    channel: Channel
    arrival: Arrival = lambda tag: tag.committed

    def live(self, *orders: DigestOrder, zone: ZoneInfo = PARIS, until: datetime, down: Down = ()) -> None:
        """Wake whenever a tag arrives or a digest is due, and twice a week; not while down, and at once after it."""
        wakes = all_due("0 12 * * tue,thu", zone, SET_UP, until)
        arrivals = [self.arrival(tag) for tag in history()]
        ups = [end for _, end in down]
        due = [moment for order in orders for moment in all_due(order.schedule, zone, SET_UP, until)]
        [record] = self.store.tags.records([DIRAC.key])
        known = record.polled_at
        for now in sorted({SET_UP, *arrivals, *due, *wakes, *ups}):
            if SET_UP <= now <= until and (known is None or now > known) and not any(a <= now < b for a, b in down):
                self._wake(now, orders, zone)

    def _wake(self, now: datetime, orders: Sequence[DigestOrder], zone: ZoneInfo) -> None:
        here = {tag for tag in history() if self.arrival(tag) <= now}
        refs = {TagRef(t.name, t.target, t.tag_object is not None): _tag(t).details for t in here}
        list(poll([Asked(DIRAC, PollDepth.COMPLETE)], {"github": FakeForge(DIRAC=refs)}, self.store, lambda: now))
        self.channel.time = now
        make_owed(orders, self.store, self.channel, AsOf.at(now, zone))
        DeliverySender(self.channel, self.store.deliveries, lambda: now).deliver_all()


def assert_told_once(releases: Counter[str], last: datetime = LAST) -> None:
    assert [name for name, count in releases.items() if count > 1] == []
    assert of_the_year(last=last) - releases.keys() == set()


def spells(seed: int, count: int, last: datetime = LAST) -> list[tuple[datetime, datetime]]:
    """Draw times of being down, from hours to a month."""
    drawn = random.Random(seed)
    begins = [SET_UP + days(1) + (last - SET_UP) * drawn.random() for _ in range(count)]
    return [(begin, begin + timedelta(hours=2) * 2 ** (8.5 * drawn.random())) for begin in begins]


def test_the_year_has_the_releases_that_dirac_made() -> None:
    assert len(of_the_year()) > 100
    assert {"7.2.0", "7.0.49", "7.1.29", "7.2.0a34"} <= of_the_year()


def test_a_year_without_trouble(store: Store) -> None:
    bot = Bot(store, Channel())
    bot.live(WEEKLY, until=LOOKED_AT)
    assert_told_once(bot.channel.named_by())
    assert len(bot.channel.posted) == 57
    assert not any(digest.late or digest.is_made_late for digest in bot.channel.made)


_exhaustive = partial(pytest.param, marks=pytest.mark.exhaustive)


@pytest.mark.parametrize(
    ("seed", "until"), [(1, SPRING), _exhaustive(1, LOOKED_AT), _exhaustive(2, LOOKED_AT)], ids=str
)
def test_a_year_in_which_the_bot_is_often_down_and_slack_loses_answers(
    store: Store, seed: int, until: datetime
) -> None:
    bot = Bot(store, Channel(random.Random(seed)))
    orders = [replace(WEEKLY, name=catch_up, catch_up=catch_up) for catch_up in ("last", "all", "none")]
    bot.live(*orders, until=until, down=spells(seed, 12 * (until - SET_UP) // (LOOKED_AT - SET_UP), until))
    for order in orders:
        assert_told_once(bot.channel.named_by(order), reported(until))
    assert len(bot.channel.posted) == len({number for _, number in bot.channel.posted})


@pytest.mark.parametrize(
    ("seed", "until"), [(3, SPRING), _exhaustive(3, LOOKED_AT), _exhaustive(4, LOOKED_AT)], ids=str
)
def test_a_year_in_which_tags_are_pushed_days_after_their_commits(store: Store, seed: int, until: datetime) -> None:
    drawn = random.Random(seed)
    pushed = {tag.name: tag.committed + drawn.choice([0, 0, 1]) * days(20) * drawn.random() for tag in history()}
    bot = Bot(store, Channel(), lambda tag: pushed[tag.name])
    bot.live(WEEKLY, until=until, down=spells(seed, 3, until))
    assert any(digest.late for digest in bot.channel.made)
    assert_told_once(bot.channel.named_by(), reported(until))


@pytest.mark.parametrize(
    ("schedule", "periods", "until"),
    [
        ("0 9 * * mon", ("since-last", "1m", "this-year"), SPRING),
        # Each day has one: a few months are as many digests.
        _exhaustive("0 9 * * *", ("since-last", "yesterday"), paris("2021-04-12T12:00")),
        _exhaustive("0 9 1 * *", ("since-last", "1m", "last-month"), LOOKED_AT),
        _exhaustive("0 9 * * mon", ("since-last", "7d", "1m", "last-month", "this-month", "this-year"), LOOKED_AT),
        _exhaustive("0 9 * * *", ("7d", "last-week", "this-week"), paris("2021-04-12T12:00")),
    ],
)
def test_digests_of_any_schedule_and_period_name_each_release_once(
    store: Store, schedule: str, periods: Sequence[str], until: datetime
) -> None:
    bot = Bot(store, Channel(random.Random(7)))
    orders = [replace(WEEKLY, name=period, schedule=schedule, period=period) for period in periods]
    bot.live(*orders, until=until, down=spells(7, 6, until))
    for order in orders:
        assert_all_told_once(bot.channel, order, min(LAST, until - days(14)))


def reported(until: datetime) -> datetime:
    """Return until when all releases are in a digest, if the bot is looked at then; it may have been down."""
    return min(LAST, until - days(21))


def assert_all_told_once(channel: Channel, order: DigestOrder, last: datetime = LAST) -> None:
    """Look at what the digests of an order named of the time that they are about, up to ``last``."""
    named, made = channel.named_by(order), channel.made_for(order)
    assert [name for name, count in named.items() if count > 1] == []
    starts = [digest.period.start for digest in made if digest.period.start is not None]
    reported_until = max(digest.period.end for digest in made)
    released = of_the_year(min(starts), min(reported_until, last))
    assert len(released) > 20
    assert released - named.keys() == set()


@pytest.mark.parametrize("until", [paris("2021-07-01T12:00"), _exhaustive(LOOKED_AT)], ids=str)
def test_digests_follow_each_other_over_changes_of_zone_and_schedule_in_the_middle_of_a_week(
    store: Store, until: datetime
) -> None:
    bot = Bot(store, Channel())
    periods = ("last-week", "since-last")
    order, zone = WEEKLY, PARIS
    for moment, next_order, next_zone in (*changes(until), (until, WEEKLY, PARIS)):
        bot.live(*(replace(order, name=period, period=period) for period in periods), zone=zone, until=moment)
        order, zone = next_order, next_zone
    weeks, since_last = (replace(WEEKLY, name=period) for period in periods)
    assert_told_once(bot.channel.named_by(weeks), reported(until))
    made = [digest.period for digest in bot.channel.made_for(since_last)]
    assert [each.start for each in made[1:]] == [each.end for each in made[:-1]]
    assert_all_told_once(bot.channel, since_last)


def changes(until: datetime) -> Iterable[tuple[datetime, DigestOrder, ZoneInfo]]:
    """What is changed in the configuration before then, each in the middle of a week."""
    all_changes = (
        (paris("2021-03-10T15:00"), WEEKLY, ZoneInfo("America/New_York")),
        (paris("2021-04-14T15:00"), replace(WEEKLY, schedule="30 17 * * fri"), ZoneInfo("America/New_York")),
        (paris("2021-06-05T15:00"), replace(WEEKLY, schedule="30 17 * * fri"), ZoneInfo("Asia/Tokyo")),
        (paris("2021-09-06T12:00"), WEEKLY, UTC_ZONE),
        (paris("2021-10-31T02:30"), WEEKLY, PARIS),
    )
    return (change for change in all_changes if change[0] < until)
