"""What happened in an interval: late, moved, withdrawn and yanked."""

from datetime import datetime, timedelta

import pytest

from bot.domain.package_index import IndexListing, IndexVersion
from bot.domain.periods.options import read_span
from bot.domain.polling.record import PollDepth
from bot.domain.releases import releases_of
from bot.domain.tags import TagDetails, TagRef
from bot.queries.base import QueryContext, Watched
from bot.queries.happenings import Happenings, happenings
from bot.queries.one_release import one_release
from bot.queries.selection import Filters, select
from bot.render.markup import TEXT
from bot.services.poll import Asked, poll
from bot.store.store import Store
from tests.builders import MONDAY, a_repository, as_of, days
from tests.fakes import FakeForge

REPOSITORY = a_repository(index="pypi:DIRAC")


def polled(store: Store, at: datetime, **commits: tuple[str, datetime]) -> None:
    held: dict[TagRef, TagDetails | None] = {
        TagRef(name, commit, annotated=False): TagDetails(commit, committed=date)
        for name, (commit, date) in commits.items()
    }
    list(poll([Asked(REPOSITORY, PollDepth.FULL)], {"github": FakeForge(DIRAC=held)}, store, lambda: at))


@pytest.fixture
def context(store: Store) -> QueryContext:
    first = ("a" * 40, MONDAY - days(40))
    gone = ("b" * 40, MONDAY - days(39))
    polled(store, MONDAY - days(30), v7r1p1=first, v7r1p2=gone)
    late = ("c" * 40, MONDAY - days(20))
    polled(store, MONDAY - days(2), v7r1p1=("d" * 40, MONDAY - days(3)), v7r1p3=late)
    yanked = IndexListing("pypi:DIRAC").updated([IndexVersion("7.1.1", yanked="broken")], MONDAY - days(1))
    store.polls.write_listing(REPOSITORY.source, yanked)
    record = store.tags.record(REPOSITORY.key)
    made = releases_of(REPOSITORY, record.tags.values(), {yanked.source: yanked})
    store.polls.write_releases(record, record.rules, made)
    return QueryContext(store, Watched([REPOSITORY]), as_of("2021-02-22T14:00"), timedelta(hours=2))


def found(context: QueryContext, period: str) -> Happenings:
    return happenings(select(Filters(span=read_span(period, context.as_of)), context), context)


def test_what_happened_in_the_interval_is_told(context: QueryContext) -> None:
    week = found(context, "7d")
    assert [release.version for release in week.late] == ["v7r1p3"]
    assert [(each.event.before.name, each.version) for each in week.moved] == [("v7r1p1", "7.1.1")]
    assert [each.event.before.name for each in week.withdrawn] == ["v7r1p2"]
    assert [release.version for release in week.yanked] == ["v7r1p1"]
    assert week.answer(TEXT).sentence.startswith("1 release late, 1 tag moved, 1 tag deleted")
    assert week.data()["moved"][0]["to"] == "d" * 40


def test_what_happened_before_or_after_is_not(context: QueryContext) -> None:
    early = found(context, "2021-01")
    assert not [*early.late, *early.moved, *early.withdrawn, *early.yanked]


def test_a_release_is_told_with_all_that_happened_to_it(context: QueryContext) -> None:
    moved = one_release(REPOSITORY, "v7r1p1", context)
    assert moved is not None
    assert [event.kind.value for event in moved.events] == ["moved"]
    assert [seen.tag.name for seen in moved.tags] == ["v7r1p1"]
    assert moved.after is not None
    assert moved.after.version == "v7r1p3"
    gone = one_release(REPOSITORY, "v7r1p2", context)
    assert gone is not None
    assert [event.kind.value for event in gone.events] == ["deleted"]
    data = gone.data()
    assert (data["previous"], data["next"]) == ("v7r1p1", "v7r1p3")
    assert one_release(REPOSITORY, "v7r1p9", context) is None
