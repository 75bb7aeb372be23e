from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.polling.diff import movements
from bot.domain.releases import ReleaseState, releases_of
from bot.domain.repositories import Repository
from bot.domain.tags import Tag, TagDetails, TagEvent, TagEventKind, TagState
from bot.domain.versions.base import Scheme
from bot.domain.versions.pep440 import Pep440Scheme
from bot.domain.versions.semver import SemverScheme
from tests.builders import MONDAY, a_commit, a_repository, a_tag

SEMVER = a_repository(scheme=SemverScheme())


def moved(tag: Tag, *places: str) -> tuple[Tag, list[TagEvent]]:
    """Move a tag from place to place, an hour each."""
    events = []
    for hour, place in enumerate(places):
        at, to = MONDAY + timedelta(hours=hour), a_commit(place)
        events.append(TagEvent(TagEventKind.MOVED, at, tag, to, to))
        tag = replace(tag, target=to, details=TagDetails(to, committed=at), state=TagState.MOVED)
    return tag, events


def told(repository: Repository, events: list[TagEvent], *tags: Tag) -> list[tuple[str, int]]:
    return [(each.event.before.name, each.times) for each in movements(repository, events, tags)]


def test_a_tag_that_moves_often_is_told_once_from_its_first_place_to_its_last() -> None:
    tag, events = moved(a_tag("nightly"), "a", "b", "c")
    [each] = movements(SEMVER, events, [tag, a_tag("v1.0.0")])
    assert (each.times, each.event.before.target, each.event.to_commit) == (3, a_tag("nightly").target, a_commit("c"))
    assert each.event.at == MONDAY + timedelta(hours=2)


def test_a_tag_that_is_left_out_is_not_told_when_it_moves_and_when_it_vanishes() -> None:
    repository = a_repository(scheme=SemverScheme(), exclude="^nightly$")
    tag, events = moved(a_tag("nightly"), "a")
    events.append(TagEvent(TagEventKind.DELETED, MONDAY + timedelta(hours=5), tag, None, None))
    assert told(repository, events, tag) == []
    assert told(SEMVER, events, tag) == [("nightly", 1), ("nightly", 1)]


@pytest.mark.parametrize(
    ("name", "scheme", "is_told"),
    [
        ("v4", SemverScheme(), False),
        ("latest", SemverScheme(), False),
        ("v4", Pep440Scheme(), False),
        ("v4.1", SemverScheme(), False),
        ("v4.0.0", SemverScheme(), True),
        ("v4.0.0", Pep440Scheme(), True),
    ],
)
def test_a_floating_tag_that_moves_onto_a_release_is_not_told(name: str, scheme: Scheme, *, is_told: bool) -> None:
    repository = a_repository(scheme=scheme)
    others = [a_tag(other) for other in ("v4.0.0", "v4.1.0", "v4.1.1") if other != name]
    tag, events = moved(a_tag(name), "v4.1.1")
    assert told(repository, events, tag, *others) == ([(name, 1)] if is_told else [])
    elsewhere, away = moved(a_tag(name), "nowhere")
    assert told(repository, away, elsewhere, *others) == [(name, 1)]


def test_a_release_of_a_floating_name_alone_is_told_when_it_moves() -> None:
    tag, events = moved(a_tag("v4"), "v4.1.0")
    assert told(a_repository(scheme=Pep440Scheme()), events, tag, a_tag("v4.1.0")) == [("v4", 1)]


def test_dirac_twins_do_not_float() -> None:
    tag, events = moved(a_tag("v7r2"), "v7r2p1")
    assert told(a_repository(), events, tag, a_tag("v7.2.0"), a_tag("v7r2p1")) == [("v7r2", 1)]


def test_a_release_has_not_moved_with_its_floating_twin_and_is_shown_by_the_other() -> None:
    tag, _ = moved(a_tag("v4"), "v4.1.0")
    [release, _] = releases_of(a_repository(scheme=Pep440Scheme()), [tag, a_tag("v4.0.0"), a_tag("v4.1.0")])
    assert (release.version, release.state) == ("v4.0.0", ReleaseState.CURRENT)
    [alone] = releases_of(a_repository(scheme=Pep440Scheme()), [tag])
    assert (alone.version, alone.state) == ("v4", ReleaseState.MOVED)
