"""Names that people type: found in any spelling, or refused with the nearest known ones."""

import pytest

from bot.domain.errors import UsageError
from bot.domain.versions.numbered import NumberedScheme
from bot.domain.versions.pep440 import Pep440Scheme
from bot.services.names import date_of_release, releases_named, require_series
from bot.store.releases import ReleaseStore
from bot.store.store import Store
from tests.builders import a_repository, a_tag, paris
from tests.histories import write_tags

DIRAC, WEB = a_repository(), a_repository("DIRACGrid/WebAppDIRAC")
X = a_repository("DIRACGrid/diracx", scheme=Pep440Scheme())
WATCHED = [DIRAC, WEB, X]
FIRST = paris("2020-05-24T10:00")


@pytest.fixture
def told(store: Store) -> ReleaseStore:
    names = ["v7r0p1", "v7r1-pre1", "v7r1", "v7r1p1", "v7r2-pre1", "v8r0"]
    write_tags(store, DIRAC, [a_tag(name, FIRST) for name in names])
    write_tags(store, WEB, [a_tag("v4r3", FIRST), a_tag("v4r4", dated=False)])
    write_tags(store, X, [a_tag("v0.1.0", FIRST)])
    return store.releases


@pytest.mark.parametrize("text", ["v7r1", "7.1", "V7R1", "v7_1"])
def test_a_series_with_any_release_is_known_since_its_first(told: ReleaseStore, text: str) -> None:
    assert require_series(text, WATCHED, WATCHED, told).began == FIRST
    assert require_series("v7r2", [DIRAC], WATCHED, told).began == FIRST  # by its pre-release
    assert require_series("v4r4", [WEB], WATCHED, told).began is None  # by a release without a date


def test_a_series_that_is_planned_is_known(told: ReleaseStore) -> None:
    assert require_series("v9r0", [DIRAC], WATCHED, told, lambda: frozenset({(DIRAC.key, "v9r0")})).began is None


def test_a_series_is_read_as_each_repository_spells_it(told: ReleaseStore) -> None:
    assert require_series("v0r1", [X], WATCHED, told).began == FIRST
    assert require_series("0.1", WATCHED, WATCHED, told).began == FIRST


def test_an_unknown_series_is_refused_with_the_nearest(told: ReleaseStore) -> None:
    with pytest.raises(UsageError) as refused:
        require_series("v7r9", [DIRAC], WATCHED, told)
    said = 'series "v7r9": not found in github:DIRACGrid/DIRAC; nearest: v7r2, v7r1, v7r0, v8r0'
    assert str(refused.value) == said
    with pytest.raises(UsageError, match=r'series "newest": not found in .*; nearest: '):
        require_series("newest", WATCHED, WATCHED, told)


def test_the_nearest_series_are_spelled_as_their_project_spells_them(store: Store) -> None:
    nix, expat = a_repository("o/nix", scheme=Pep440Scheme()), a_repository("o/expat", scheme=NumberedScheme("R_"))
    write_tags(store, nix, [a_tag(name, FIRST) for name in ("24.03", "24.03.1", "23.11.2")])
    write_tags(store, expat, [a_tag(name, FIRST) for name in ("R_2_8_0", "R_2_8_2")])
    for text, near in (("24.05", "24.03, R_2_8, 23.11"), ("r_2_9", "R_2_8, 24.03, 23.11")):
        with pytest.raises(UsageError, match=f'series "{text}": not found in .*; nearest: {near}$'):
            require_series(text, [nix, expat], [nix, expat], store.releases)


def test_the_name_of_a_tag_names_the_release_of_its_own_project(store: Store) -> None:
    expat, other = (
        a_repository("o/expat", scheme=NumberedScheme("R_")),
        a_repository("o/other", scheme=NumberedScheme()),
    )
    write_tags(store, expat, [a_tag("R_2_8_2", FIRST)])
    write_tags(store, other, [a_tag("v2.8.2", FIRST)])
    for text, keys in (("r_2_8_2", [expat.key]), ("2.8.2", [expat.key, other.key])):
        assert [each.repository for each in releases_named(text, [expat, other], store.releases)] == keys


def test_a_series_of_another_repository_is_refused_with_that_one(told: ReleaseStore) -> None:
    with pytest.raises(UsageError) as refused:
        require_series("v7r1", [WEB], WATCHED, told)
    assert str(refused.value) == (
        'series "v7r1": not found in github:DIRACGrid/WebAppDIRAC, but in github:DIRACGrid/DIRAC; name that repository'
    )


def test_with_nothing_polled_there_is_nothing_near(store: Store) -> None:
    with pytest.raises(UsageError, match="no releases known yet; run: release-bot poll"):
        require_series("v7r1", [DIRAC], WATCHED, store.releases)


def test_a_release_is_found_in_any_spelling(told: ReleaseStore) -> None:
    for text in ("v7r1p1", "7.1.1", "V7R1P1"):
        assert [release.version for release in releases_named(text, WATCHED, told)] == ["v7r1p1"]
        assert date_of_release(text, [DIRAC], WATCHED, told) == FIRST


def test_an_unknown_release_is_refused_with_the_nearest(told: ReleaseStore) -> None:
    with pytest.raises(UsageError) as refused:
        date_of_release("v7r1p9", [DIRAC], WATCHED, told)
    assert str(refused.value).startswith('release "v7r1p9": not found in github:DIRACGrid/DIRAC; nearest: v7r1p1, ')
    with pytest.raises(UsageError, match=r"not found in github:DIRACGrid/WebAppDIRAC, but in github:DIRACGrid/DIRAC"):
        date_of_release("v7r1p1", [WEB], WATCHED, told)
    with pytest.raises(UsageError, match="date unknown"):
        date_of_release("v4r4", [WEB], WATCHED, told)


def test_a_release_of_two_repositories_is_not_clear(store: Store, told: ReleaseStore) -> None:
    write_tags(store, a_repository("x/y"), [a_tag("v7r1p1", FIRST)])
    with pytest.raises(UsageError, match="exists in github:DIRACGrid/DIRAC and github:x/y"):
        date_of_release("v7r1p1", [DIRAC, a_repository("x/y")], WATCHED, told)
