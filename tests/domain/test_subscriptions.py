"""What is news to a subscription, and what became of a release that was told."""

from dataclasses import replace

import pytest

from bot.domain.filters import KindWord
from bot.domain.releases import Release, ReleaseState, releases_of
from bot.domain.subscriptions import Arrival, NotifiedRelease, ReleaseEvent, Subscription, is_news, what_became_of
from bot.domain.tags import DateSource
from tests.builders import MONDAY, a_repository, a_tag, days

DIRAC = a_repository()
WANTED = Subscription(1, "#c", DIRAC.key, MONDAY, "slack:U1", seen=5)
NOW = MONDAY + days(1)


def a_release(name: str = "v7r1p29") -> Release:
    return releases_of(DIRAC, [a_tag(name, MONDAY, backfilled=False)])[0]


def arrival(revision: int = 6, *, has_new_tag: bool = True, **parts: object) -> Arrival:
    return Arrival(replace(a_release(), **parts), revision, has_new_tag)  # type: ignore[arg-type]


def test_a_release_that_came_later_with_its_tag_is_news() -> None:
    assert is_news(WANTED, arrival(), NOW)


@pytest.mark.parametrize(
    "other",
    [
        arrival(5),
        arrival(has_new_tag=False),
        arrival(backfilled=True),
        arrival(state=ReleaseState.WITHDRAWN),
        arrival(is_left_out=True),
        arrival(upcoming=NOW + days(2)),
        arrival(date=NOW + days(0.01), date_source=DateSource.PUBLISHED),
        arrival(repository="github:lab/another"),
    ],
)
def test_any_other_is_none(other: Arrival) -> None:
    assert not is_news(WANTED, other, NOW)


def test_a_subscription_covers_what_it_names() -> None:
    release, first = a_release(), a_release("v7r2")
    assert not replace(WANTED, series="v7r0").covers(release)
    assert not replace(WANTED, kinds=(KindWord.MINOR,)).covers(release)
    assert not WANTED.covers(a_release("v7r2-pre1"))
    assert replace(WANTED, kinds=(KindWord.ALL,)).covers(a_release("v7r2-pre1"))
    waiting = replace(WANTED, normalized="7.2.0", version="v7r2")
    assert (waiting.covers(first), waiting.covers(release)) == (True, False)
    of_product = replace(release, repository=f"{DIRAC.key}#api")
    assert WANTED.covers(of_product)
    assert not replace(WANTED, repository=of_product.repository).covers(release)


@pytest.mark.parametrize(
    ("then", "now", "event"),
    [
        (ReleaseState.CURRENT, ReleaseState.CURRENT, None),
        (ReleaseState.CURRENT, ReleaseState.MOVED, ReleaseEvent.MOVED),
        (ReleaseState.MOVED, ReleaseState.MOVED, None),
        (ReleaseState.CURRENT, ReleaseState.YANKED, ReleaseEvent.YANKED),
        (ReleaseState.YANKED, ReleaseState.YANKED, None),
        (ReleaseState.MOVED, ReleaseState.WITHDRAWN, ReleaseEvent.WITHDRAWN),
    ],
)
def test_what_became_of_a_release_is_told_once(
    then: ReleaseState, now: ReleaseState, event: ReleaseEvent | None
) -> None:
    release = replace(a_release(), state=now)
    told = NotifiedRelease("#c", release, then, release.commit, frozenset({ReleaseEvent.OUT}))
    assert what_became_of(told) is event
    if event is not None:
        assert what_became_of(replace(told, events=told.events | {event})) is None


def test_a_tag_that_had_moved_and_moves_again_is_told() -> None:
    release = replace(a_release(), state=ReleaseState.MOVED)
    told = NotifiedRelease("#c", release, ReleaseState.MOVED, "0" * 40, frozenset({ReleaseEvent.OUT}))
    assert what_became_of(told) is ReleaseEvent.MOVED
