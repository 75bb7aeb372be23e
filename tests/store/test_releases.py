"""Releases written as a difference and read by repository and date."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count

import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.filters import ReleaseRule, Wanted
from bot.domain.package_index import IndexListing, IndexVersion
from bot.domain.polling.record import RepositoryRecord
from bot.domain.releases import Release, ReleaseState, key_of, next_publication, releases_of
from bot.domain.tags import DateSource
from bot.domain.versions.version import ReleaseKind
from bot.store.store import Store
from tests.builders import a_repository, a_tag, paris, releases
from tests.examples import part_of
from tests.store.polls import KEY, NOTHING, START, hour, mark, rows_written

DIRAC = a_repository()
_numbers = count()

_TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
_MOMENTS = st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=st.just(UTC))
_RELEASES = st.builds(
    Release,
    repository=st.just(""),
    version=_TEXTS,
    normalized=_TEXTS,
    series=_TEXTS,
    kind=st.sampled_from(ReleaseKind),
    order=_TEXTS,
    date=st.none() | _MOMENTS,
    date_source=st.none() | st.sampled_from(DateSource),
    first_seen=_MOMENTS,
    backfilled=st.booleans(),
    commit=st.none() | _TEXTS,
    tags=st.lists(_TEXTS, max_size=3).map(tuple),
    url=st.none() | _TEXTS,
    state=st.sampled_from(ReleaseState),
    upcoming=st.none() | _MOMENTS,
    yanked=st.none() | _TEXTS,
    notes_url=st.none() | _TEXTS,
)
_SETS = st.lists(_RELEASES, max_size=4, unique_by=lambda release: release.normalized)


def write(store: Store, wanted: Sequence[Release], key: str = KEY) -> None:
    store.polls.write_releases(store.tags.record(key), "r1", wanted)


def versions(found: Sequence[Release]) -> list[str]:
    return [release.version for release in found]


@settings(max_examples=part_of(50), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=_SETS, second=_SETS)
def test_what_is_written_replaces_what_was_there(store: Store, first: list[Release], second: list[Release]) -> None:
    key = f"github:made/up-{next(_numbers)}"
    for wanted in ([replace(r, repository=key) for r in each] for each in (first, second, first)):
        write(store, wanted, key)
        found = store.releases.of([key], undated=True)
        assert sorted(found, key=lambda r: r.normalized) == sorted(wanted, key=lambda r: r.normalized)
        assert store.tags.record(key).upcoming_at == next_publication(wanted)
        assert [release.order for release in found] == sorted(release.order for release in wanted)


def test_a_poll_writes_its_releases_with_it(store: Store) -> None:
    found = releases(DIRAC, {"v7r1p1": START, "v7r1p2": hour(1)})
    store.polls.write(RepositoryRecord(KEY), mark(START), NOTHING, found)
    assert store.releases.of([KEY]) == found


def test_a_poll_without_releases_leaves_them_as_they_are(store: Store) -> None:
    found = releases(DIRAC, {"v7r1p1": START})
    store.polls.write(RepositoryRecord(KEY), mark(START), NOTHING, found)
    store.polls.write(store.tags.record(KEY), mark(hour(1)), NOTHING, None)
    assert store.releases.of([KEY]) == found


def test_a_poll_that_found_none_removes_those_that_were(store: Store) -> None:
    store.polls.write(RepositoryRecord(KEY), mark(START), NOTHING, releases(DIRAC, {"v7r1p1": START}))
    store.polls.write(store.tags.record(KEY), mark(hour(1)), NOTHING, [])
    assert store.releases.of([KEY]) == []


def test_a_release_that_did_not_change_keeps_its_row(store: Store) -> None:
    write(store, releases(DIRAC, {"v7r1p1": START, "v7r1p2": START}))
    before = _row_numbers(store)
    write(store, releases(DIRAC, {"v7r1p1": START, "v7r1p2": hour(1), "v7r1p3": START}))
    after = _row_numbers(store)
    assert {name: after[name] for name in before} == before
    assert set(after) == {"7.1.1", "7.1.2", "7.1.3"}


def test_only_what_differs_is_written() -> None:
    with Store.open("sqlite://") as store:
        write(store, releases(DIRAC, {"v7r1p1": START, "v7r1p2": START, "v7r1p3": START}))
        before = rows_written(store)
        write(store, releases(DIRAC, {"v7r1p1": START, "v7r1p2": hour(1), "v7r1p4": START}))
        kept = ["the last date of the series as it was", "and as it is"]
        one_each = ["the repository", "changed", "new", "vanished", *kept]
        assert rows_written(store) - before == len(one_each)


def _row_numbers(store: Store) -> dict[str, int]:
    with store.database.reading() as connection:
        rows = connection.execute(sa.text("SELECT normalized, id FROM releases"))
        return {row.normalized: row.id for row in rows}


def test_new_rules_are_named_with_the_releases_made_by_them(store: Store) -> None:
    store.polls.write(RepositoryRecord(KEY), mark(START, rules="old"), NOTHING, None)
    store.polls.write_releases(store.tags.record(KEY), "new", releases(DIRAC, {"v7r1p1": START}))
    record = store.tags.record(KEY)
    assert (record.rules, record.revision, record.polled_at) == ("new", 2, START)
    assert versions(store.releases.of([KEY])) == ["v7r1p1"]


def test_a_period_takes_in_its_start_and_leaves_out_its_end(store: Store) -> None:
    write(store, releases(DIRAC, {f"v7r1p{number}": hour(number) for number in range(1, 6)}))
    assert versions(store.releases.of([KEY], since=hour(2), until=hour(4))) == ["v7r1p2", "v7r1p3"]
    assert versions(store.releases.of([KEY], since=hour(4))) == ["v7r1p4", "v7r1p5"]
    assert versions(store.releases.of([KEY], until=hour(2))) == ["v7r1p1"]


def test_a_period_is_compared_in_utc_whatever_its_zone(store: Store) -> None:
    write(store, releases(DIRAC, {"v7r1p1": paris("2021-02-15T00:30"), "v7r1p2": paris("2021-02-14T23:30")}))
    since = paris("2021-02-15T00:00")
    assert versions(store.releases.of([KEY], since=since)) == ["v7r1p1"]
    assert versions(store.releases.of([KEY], until=since)) == ["v7r1p2"]


def test_releases_without_a_date_come_along_only_when_asked_for(store: Store) -> None:
    tags = [a_tag("v7r1p1", START), a_tag("v7r1p2", dated=False), a_tag("v7r1p3", hour(5))]
    write(store, releases_of(DIRAC, tags))
    assert versions(store.releases.of([KEY])) == ["v7r1p1", "v7r1p3"]
    assert versions(store.releases.of([KEY], undated=True)) == ["v7r1p1", "v7r1p2", "v7r1p3"]
    assert versions(store.releases.of([KEY], until=hour(1), undated=True)) == ["v7r1p1", "v7r1p2"]


def test_releases_come_by_repository_as_asked_then_by_version(store: Store) -> None:
    web = a_repository("DIRACGrid/WebAppDIRAC")
    write(store, releases(DIRAC, {"v7r1p10": START, "v7r1p9": hour(1)}))
    write(store, releases(web, {"v4r3p1": START}), web.key)
    assert versions(store.releases.of([web.key, KEY, "github:not/known"])) == ["v4r3p1", "v7r1p9", "v7r1p10"]
    assert versions(store.releases.of([KEY])) == ["v7r1p9", "v7r1p10"]
    assert store.releases.of([]) == []


def test_releases_at_an_edge_come_with_the_number_of_undated_ones_in_one_statement(store: Store) -> None:
    dates = {"v7r1p1": hour(1), "v7r1p2": hour(3), "v7r1p3": hour(6)}
    late = [a_tag(name, date, backfilled=False, first_seen=hour(5)) for name, date in dates.items()]
    write(store, releases_of(DIRAC, [a_tag("v7r1p9", dated=False), *late]))

    def uncertain(
        since: datetime | None, until: datetime, kind: ReleaseKind = ReleaseKind.PATCH
    ) -> tuple[int, list[str]]:
        rule = ReleaseRule((KEY,), frozenset({kind}))
        found = store.releases.uncertain(Wanted((KEY,), (rule,), since, until))
        return found.undated, versions(found.at_edges)

    assert uncertain(None, hour(2)) == (1, ["v7r1p1"])
    assert uncertain(hour(2), hour(4)) == (1, ["v7r1p2", "v7r1p1"])
    assert uncertain(hour(2), hour(5)) == (1, ["v7r1p2", "v7r1p1"])
    assert uncertain(None, hour(6)) == (1, [])
    assert uncertain(hour(2), hour(4), ReleaseKind.MINOR) == (0, [])


def test_the_newest_of_each_repository_is_the_last_by_date_then_by_version(store: Store) -> None:
    other = a_repository("lab/other")
    write(store, releases(DIRAC, {"v7r2p1": hour(1), "v7r1p1": hour(3), "v7r1p2": hour(3), "v7r1p3": hour(9)}))
    write(store, releases(other, {"v1r0p1": hour(2)}), other.key)
    keys = (other.key, KEY, "github:not/held")
    rule = ReleaseRule(keys, frozenset({ReleaseKind.PATCH}))
    found = store.releases.newest_of_each(Wanted(keys, (rule,), None, hour(4)))
    assert sorted(versions(found)) == ["v1r0p1", "v7r1p2"]
    assert versions(store.releases.newest_of_each(Wanted(keys, (rule,), hour(1), hour(2)))) == ["v7r2p1"]


def test_the_dates_of_the_wanted_releases_are_in_the_order_of_time(store: Store) -> None:
    other = a_repository("lab/other")
    write(store, releases(DIRAC, {"v7r1p2": hour(3), "v7r1p1": hour(1), "v7r2-pre1": hour(2), "v7r1p3": hour(9)}))
    write(store, releases(other, {"v1r0p1": hour(2)}), other.key)
    rules = [ReleaseRule((key,), frozenset({ReleaseKind.PATCH})) for key in (KEY, other.key)]
    wanted = Wanted((KEY, other.key), tuple(rules), hour(1), hour(9))
    assert store.releases.dates(wanted) == [hour(1), hour(2), hour(3)]
    assert len(store.releases.dates(replace(wanted, since=None, until=hour(10)))) == 4


def test_a_yanked_release_neither_leads_its_series_nor_is_the_newest(store: Store) -> None:
    first, second = releases(DIRAC, {"v7r1p1": START, "v7r1p2": hour(1)})
    write(store, [first, replace(second, state=ReleaseState.YANKED, yanked="Buggy")])
    wanted = Wanted((KEY,), (ReleaseRule((KEY,), frozenset({ReleaseKind.PATCH})),), None, hour(4))
    assert versions(store.releases.newest(wanted)) == ["v7r1p2", "v7r1p1"]
    assert versions(store.releases.leading(wanted)) == versions(store.releases.newest_of_each(wanted)) == ["v7r1p1"]
    assert versions(store.releases.leading_of_living([KEY], since=START, until=hour(4))) == ["v7r1p1"]


def test_a_yanked_release_that_is_left_out_is_read_as_yanked(store: Store) -> None:
    [release] = releases(DIRAC, {"v7r1p1": START})
    for left_out in (True, False):
        yanked = replace(release, state=ReleaseState.YANKED, yanked="Buggy", is_left_out=left_out)
        write(store, [yanked])
        assert store.releases.of([KEY]) == [yanked]


def test_what_a_package_index_lists_is_kept(store: Store) -> None:
    fine = IndexListing("pypi:DIRAC", validator="e1", read_at=START, untagged=("9.2.0",))
    listing, other = fine.failed("down", START), IndexListing("pypi:other", read_at=START)
    store.polls.write_listing(KEY, other)
    both = {}
    for versions in ([IndexVersion("9.1.5", START, "Buggy")], [IndexVersion("9.2.0")]):
        listing = listing.updated(versions, START)
        store.polls.write_listing(KEY, listing)
        both = {listing.source: listing, other.source: other}
        assert store.tags.listings([KEY, "github:a/b"]) == {KEY: both}
    assert store.tags.record(KEY).listings == both


def test_a_release_is_preceded_by_the_one_before_it_in_its_series(store: Store) -> None:
    names = ["v7r1", "v7r1p1", "v7r1p2", "v7r2-pre1", "v7r2-pre2", "v7r2", "v7r2p1-pre1", "v7r2p1"]
    made = releases(DIRAC, {name: hour(at) for at, name in enumerate(names)})
    gone = replace(made[1], state=ReleaseState.WITHDRAWN)
    write(store, [gone if each is made[1] else each for each in made])
    keys = {release.version: key_of(release) for release in made}
    found = store.releases.preceding(keys.values())
    assert {name: found[key].version for name, key in keys.items() if key in found} == {
        "v7r1p1": "v7r1",
        "v7r1p2": "v7r1",
        "v7r2-pre2": "v7r2-pre1",
        "v7r2": "v7r2-pre2",
        "v7r2p1-pre1": "v7r2",
        "v7r2p1": "v7r2",
    }
    assert store.releases.preceding([]) == {}
