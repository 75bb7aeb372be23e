"""A clock that was ahead once: what it recorded is told, and stops nothing."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.clocks import TOLERANCE
from bot.domain.organisations import Organisation
from bot.domain.periods.period import AsOf, Period
from bot.domain.polling.record import PollDepth
from bot.domain.tags import TagDetails, TagRef
from bot.services.basis import basis_of
from bot.services.digests import make_owed
from bot.services.organisations import follow
from bot.services.poll import Asked, poll
from bot.services.poll_schedule import Timing, due
from bot.services.ports import ForgeUnavailable
from bot.services.status import Status, read_status
from bot.store.clock import _COLUMNS, _LONGER_WAITS, _WAITS
from bot.store.schema import UtcDateTime, metadata
from bot.store.store import Store
from tests.builders import MONDAY, PARIS, UTC_ZONE, a_ref, a_repository, paris
from tests.fakes import FakeChat, FakeForge
from tests.services.test_digests import WEEKLY, see

DIRAC = a_repository()
TIMING = Timing(timedelta(minutes=10), timedelta(hours=1))
DAY = timedelta(days=1)


def polled(store: Store, at: datetime, forge: FakeForge | None = None) -> None:
    fine = FakeForge(DIRAC={a_ref("v7r1"): None})
    list(poll([Asked(DIRAC, PollDepth.FULL)], {"github": forge or fine}, store, lambda: at))


def now(store: Store) -> Status:
    return read_status([DIRAC], {"github": FakeForge()}, store, TIMING, MONDAY)


@pytest.mark.parametrize("ahead", [DAY, 400 * DAY], ids=str)
def test_it_is_polled_at_once_and_status_tells_it_and_claims_nothing(store: Store, ahead: timedelta) -> None:
    polled(store, MONDAY + ahead)
    told = now(store)
    assert (told.complete_until, told.is_fine) == (None, False)
    assert [(each.of, each.at) for each in told.future] == [("polls", MONDAY + ahead)]
    assert [each.next_poll for each in told.repositories] == [None]
    assert [each.look for each in due([DIRAC], store.tags, TIMING, MONDAY)] == [PollDepth.FULL]
    polled(store, MONDAY)
    assert now(store).complete_until == MONDAY
    assert due([DIRAC], store.tags, TIMING, MONDAY) == []


def test_a_failure_of_the_future_neither_stops_polls_nor_makes_more_of_them(store: Store) -> None:
    polled(store, MONDAY + DAY, FakeForge(DIRAC=ForgeUnavailable("x", "answered 502")))
    assert len(due([DIRAC], store.tags, TIMING, MONDAY)) == 1
    polled(store, MONDAY, FakeForge(DIRAC=ForgeUnavailable("x", "answered 502")))
    assert store.tags.record(DIRAC.key).failing_since == MONDAY
    polled(store, MONDAY)
    assert due([DIRAC], store.tags, TIMING, MONDAY + timedelta(seconds=1)) == []


def test_clocks_that_differ_by_minutes_are_no_fault(store: Store) -> None:
    polled(store, MONDAY + TOLERANCE)
    assert now(store).future == []


def test_a_suspicion_of_the_future_ends_after_half_an_hour(store: Store) -> None:
    refs: dict[TagRef, TagDetails | None] = {a_ref(f"v7r1p{number}"): None for number in range(20)}
    polled(store, MONDAY, FakeForge(DIRAC=refs))
    polled(store, MONDAY + DAY, FakeForge(DIRAC={}))
    polled(store, MONDAY, FakeForge(DIRAC={}))
    assert store.tags.record(DIRAC.key).suspected_at == MONDAY
    polled(store, MONDAY + timedelta(minutes=31), FakeForge(DIRAC={}))
    assert store.tags.record(DIRAC.key).tag_count == 0


def complete_until(store: Store) -> datetime | None:
    return basis_of([DIRAC], store, Period(None, MONDAY, UTC_ZONE), DAY).complete_until


def test_a_count_is_never_complete_until_a_moment_in_the_future(store: Store) -> None:
    polled(store, datetime.now(UTC) + DAY)  # noqa: TID251 - the database's clock decides
    assert complete_until(store) is None
    polled(store, MONDAY)
    assert complete_until(store) == MONDAY


def test_organisations_that_were_listed_in_the_future_are_listed(store: Store) -> None:
    forge = FakeForge()
    forge.lists["DIRACGrid"] = []
    organisation = Organisation("github", "DIRACGrid")
    store.watchlist.write_listing(organisation.key, [], MONDAY + DAY)
    follow([organisation], {"github": forge}, store.watchlist, lambda: MONDAY, timedelta(hours=1))
    assert store.watchlist.listings()[organisation.key].tried_at == MONDAY


def test_digests_go_on_after_one_was_made_by_a_clock_that_was_ahead(store: Store) -> None:
    chat = FakeChat()
    start = paris("2021-02-08T12:00")
    store.digests.known_since(WEEKLY.name, WEEKLY.channel, start)
    see(store, "2021-02-10T10:00")
    [made] = make_owed([WEEKLY], store, chat, as_of(start + 364 * DAY))
    assert made.period_end > paris("2022-01-01T00:00")
    assert len(make_owed([WEEKLY], store, chat, as_of(paris("2021-02-15T09:00")))) == 1
    assert make_owed([WEEKLY], store, chat, as_of(paris("2021-02-15T09:01"))) == []


def as_of(moment: datetime) -> AsOf:
    return AsOf.at(moment, PARIS)


def test_every_moment_that_is_recorded_is_looked_at() -> None:
    """Columns that may lie in the future by their meaning, or are not our clock's, are named here."""
    named = {
        "tags",
        "releases",
        "digests.period_start",
        "digests.period_end",
        "deliveries.unsure_until",
        "forge_limits.resets_at",
        "leases.ends_at",
        "reported_milestones",
        "pull_requests",
        "tag_events",
        "unclassified_tags.date",
        "counts_by_kind.first",
        "counts_by_series.last",
        "digest_releases.date",
        "repositories.upcoming_at",
        # Made of the moments of polls, which are looked at; rounds begin by the database's clock.
        "looks",
        "look_rounds",
    }
    found = columns() - looked_at()
    assert {each for each in found if not {each, each.partition(".")[0]} & named} == set()


def columns() -> set[str]:
    return {
        str(column) for table in metadata.tables.values() for column in table.c if isinstance(column.type, UtcDateTime)
    }


def looked_at() -> set[str]:
    return {str(column) for group in (_COLUMNS, _WAITS, _LONGER_WAITS) for each in group.values() for column in each}
