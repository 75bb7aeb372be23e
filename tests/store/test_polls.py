"""Polls written and read back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from itertools import count
from pathlib import Path
from threading import Barrier, Thread

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.polling.diff import PollChanges
from bot.domain.polling.record import PollDepth, PollMark, PollState, RepositoryRecord, Unchanged
from bot.domain.releases import coverage_of, releases_of
from bot.domain.tags import Tag, TagDetails, TagEvent, TagEventKind, TagState
from bot.store.errors import RecordChanged
from bot.store.store import Store
from tests.builders import a_repository, a_tag, paris, releases
from tests.examples import part_of
from tests.statements import asked_of
from tests.store.polls import KEY, NOTHING, START, add_tags, hour, mark, on, poll, ref, rows_written

_numbers = count()

_MOMENTS = st.datetimes(
    min_value=datetime(2, 1, 1),
    max_value=datetime(9998, 1, 1),
    timezones=st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)
# What PostgreSQL and git both refuse in a text is left out: half a surrogate pair, and NUL.
_TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
_DETAILS = st.builds(
    TagDetails,
    commit=st.none() | _TEXTS,
    published=st.none() | _MOMENTS,
    tagger=st.none() | _MOMENTS,
    committed=st.none() | _MOMENTS,
)
_TAGS = st.builds(
    Tag,
    name=_TEXTS,
    target=_TEXTS,
    annotated=st.booleans(),
    details=st.none() | _DETAILS,
    first_seen=_MOMENTS,
    last_seen=st.just(START),
    backfilled=st.booleans(),
    state=st.sampled_from([TagState.CURRENT, TagState.MOVED]),
    moved_at=st.none() | _MOMENTS,
)
_EVENTS = st.builds(
    TagEvent,
    kind=st.sampled_from(TagEventKind),
    at=_MOMENTS,
    before=_TAGS,
    to_target=st.none() | _TEXTS,
    to_commit=st.none() | _TEXTS,
)
_on_both_databases = settings(
    max_examples=part_of(50), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def test_an_unknown_repository_has_an_empty_record(store: Store) -> None:
    assert store.tags.record(KEY) == RepositoryRecord(KEY)
    assert store.tags.records([KEY]) == [RepositoryRecord(KEY)]
    assert store.tags.of([KEY]) == []
    assert store.tags.events([KEY]) == []


@_on_both_databases
@given(tags=st.lists(_TAGS, max_size=5, unique_by=lambda tag: tag.name))
def test_every_tag_comes_back_as_it_was_written(store: Store, tags: list[Tag]) -> None:
    key = f"github:made/up-{next(_numbers)}"
    add_tags(store, key, tags)
    assert store.tags.record(key).tags == {tag.name: tag for tag in tags}
    assert store.tags.of([key]) == [(key, tag) for tag in sorted(tags, key=lambda tag: tag.name)]


@_on_both_databases
@given(events=st.lists(_EVENTS, max_size=5))
def test_every_event_comes_back_as_it_was_written_oldest_first(store: Store, events: list[TagEvent]) -> None:
    key = f"github:made/up-{next(_numbers)}"
    store.polls.write(RepositoryRecord(key), mark(START), PollChanges(events=tuple(events)), None)
    assert store.tags.events([key]) == [(key, event) for event in sorted(events, key=lambda e: e.at.astimezone(UTC))]


def test_a_first_poll_is_written_without_reading_anything(store: Store) -> None:
    dirac = a_repository()
    tags = [a_tag("v7r1", paris("2021-02-22T01:00")), a_tag("nightly")]
    releases_made = releases_of(dirac, tags)
    coverage, changes = coverage_of(dirac, tags, releases_made), PollChanges(added=tuple(tags))
    with asked_of(store) as asked:
        store.polls.write(RepositoryRecord(dirac.key), mark(START), changes, releases_made, coverage)
    done = {statement.partition(" ")[0] for statement in asked.statements}
    assert done == {"INSERT", "UPDATE"}
    [held] = store.tags.held([dirac.key])
    assert (held.tag_count, len(releases_made)) == (2, 1)


def test_times_come_back_in_utc(store: Store) -> None:
    add_tags(store, KEY, [a_tag("v7r1", paris("2021-02-22T01:00"))])
    details = store.tags.record(KEY).tags["v7r1"].details
    assert details is not None
    assert details.committed is not None
    assert details.committed.isoformat() == "2021-02-22T00:00:00+00:00"


@pytest.mark.parametrize("twin", ["CTA-Test", "cta-test", "CTA-TEST ", "CTA-TE\u0301ST"])
def test_names_are_compared_exactly(store: Store, twin: str) -> None:
    add_tags(store, KEY, [a_tag("CTA-TEST"), a_tag(twin)])
    assert set(store.tags.record(KEY).tags) == {"CTA-TEST", twin}


def test_names_are_ordered_by_code_point_not_by_language(store: Store) -> None:
    names = ["a", "B", "v7r1p10", "v7r1p9", "é", "_", "\U0001f600", "\uffff"]
    add_tags(store, KEY, [a_tag(name) for name in names])
    assert [tag.name for _, tag in store.tags.of([KEY])] == sorted(names)


def test_the_first_poll_sets_every_mark(store: Store) -> None:
    found = PollChanges(added=(a_tag("v7r1"), a_tag("v7r2", dated=False)))
    store.polls.write(RepositoryRecord(KEY), PollMark(hour(0), "W/1", PollDepth.FULL, "r1", "head 1"), found, None)
    [held] = store.tags.records([KEY])
    assert held == RepositoryRecord(
        KEY,
        revision=1,
        rules="r1",
        validator="W/1",
        polled_at=hour(0),
        full_at=hour(0),
        backfilled_at=hour(0),
        head="head 1",
        complete_at=hour(0),
        changed_at=hour(0),
        tag_count=2,
        undetailed_count=1,
    )


def test_a_later_poll_moves_on_what_it_did(store: Store) -> None:
    store.polls.write(store.tags.record(KEY), mark(hour(0), full=True, validator="W/1", rules="r1"), NOTHING, None)
    store.polls.write(store.tags.record(KEY), mark(hour(1), validator=None, rules="r2"), NOTHING, None)
    held = store.tags.record(KEY)
    assert (held.revision, held.rules, held.validator) == (2, "r2", None)
    assert (held.polled_at, held.complete_at, held.full_at, held.backfilled_at) == (hour(1), hour(1), hour(0), hour(0))


def test_polls_without_news_move_on_what_they_did_and_clear_the_error(store: Store) -> None:
    add_tags(store, KEY, [a_tag("v7r1")])
    before = store.tags.record(KEY)
    store.polls.write_failure(KEY, hour(1), "no answer")
    store.polls.write_unchanged(
        [Unchanged(KEY, hour(2), PollDepth.QUICK, head="head 1"), Unchanged("github:no/body", hour(2), PollDepth.FULL)]
    )
    quick = store.tags.record(KEY)
    assert (quick.error, quick.failing_since, quick.failed_at) == (None, None, hour(1))
    assert (quick.polled_at, quick.complete_at, quick.head) == (hour(2), before.complete_at, "head 1")
    assert quick.revision > before.revision
    assert quick.tags["v7r1"].last_seen == hour(2)
    store.polls.write_unchanged([Unchanged(KEY, hour(3), PollDepth.FULL, validator="W/3")])
    full = store.tags.record(KEY)
    assert (full.polled_at, full.complete_at, full.full_at) == (hour(3), hour(3), hour(3))
    assert (full.validator, full.head, full.changed_at) == ("W/3", "head 1", before.changed_at)
    assert store.tags.record("github:no/body") == RepositoryRecord("github:no/body")


def test_a_poll_that_finds_the_record_changed_by_one_without_news_reads_it_again(store: Store) -> None:
    add_tags(store, KEY, [a_tag("v7r1")])
    before = store.tags.record(KEY)
    store.polls.write_unchanged([Unchanged(KEY, hour(2), PollDepth.QUICK)])
    with pytest.raises(RecordChanged):
        store.polls.write(before, mark(hour(3)), NOTHING, None)


@pytest.mark.long
def test_a_thousand_polls_without_news_do_not_make_the_file_grow(tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    keys = [f"github:site/r{number}" for number in range(20)]
    with Store.open(f"sqlite:///{path}") as store:
        for key in keys:
            add_tags(store, key, [a_tag("v7r1")])

        def polled(times: int) -> int:
            for number in range(times):
                store.polls.write_unchanged(
                    [Unchanged(key, hour(number), PollDepth.COMPLETE, "W/1", "head 1") for key in keys]
                )
            return sum(each.stat().st_size for each in tmp_path.iterdir())

        before = polled(10)
        assert polled(1_000) <= before + 4_200_000  # the log of writes (WAL) goes round within 1,000 pages
        assert path.stat().st_size <= before


def test_the_same_answer_again_changes_nothing_but_the_marks(store: Store) -> None:
    refs = [ref("v7r1"), ref("v7r1p1")]
    poll(store, hour(0), refs)
    assert poll(store, hour(1), refs).is_empty
    assert poll(store, hour(2), None).is_empty
    assert store.tags.events([KEY]) == []
    assert {tag.first_seen for _, tag in store.tags.of([KEY])} == {hour(0)}


def test_a_poll_without_news_writes_one_row() -> None:
    with Store.open("sqlite://") as store:
        poll(store, hour(0), [ref(f"v7r1p{number}") for number in range(20)])
        before = rows_written(store)
        poll(store, hour(1), None)
        assert rows_written(store) - before == 1


def test_a_tag_that_is_there_was_last_seen_by_the_last_poll(store: Store) -> None:
    poll(store, hour(0), [ref("v7r1")])
    poll(store, hour(5), [ref("v7r1")])
    assert store.tags.record(KEY).tags["v7r1"].last_seen == hour(5)


def test_a_tag_that_vanished_was_last_seen_by_the_poll_before(store: Store) -> None:
    poll(store, hour(0), [ref("v7r1")])
    poll(store, hour(5), [ref("v7r1")])
    poll(store, hour(6), [])
    poll(store, hour(9), [])
    gone = store.tags.record(KEY).tags["v7r1"]
    assert (gone.state, gone.last_seen) == (TagState.DELETED, hour(5))


def test_when_a_tag_vanished_is_decided_by_the_record_not_by_the_tag_given(store: Store) -> None:
    add_tags(store, KEY, [a_tag("v7r1")])
    poll(store, hour(5), None)
    record = store.tags.record(KEY)
    stale = replace(record.tags["v7r1"], state=TagState.DELETED, last_seen=hour(-100))
    store.polls.write(record, mark(hour(6)), PollChanges(changed=(stale,)), None)
    assert store.tags.record(KEY).tags["v7r1"].last_seen == hour(5)


def test_a_tag_that_came_back_is_seen_again(store: Store) -> None:
    poll(store, hour(0), [ref("v7r1")])
    poll(store, hour(1), [])
    poll(store, hour(2), [ref("v7r1")])
    poll(store, hour(3), None)
    back = store.tags.record(KEY).tags["v7r1"]
    assert (back.state, back.first_seen, back.last_seen) == (TagState.CURRENT, hour(0), hour(3))


def test_a_tag_that_moved_is_kept_as_it_was_and_as_it_is(store: Store) -> None:
    poll(store, hour(0), [ref("v7r1", "c1"), ref("v7r2", "c9")])
    poll(store, hour(1), [ref("v7r1", "c2"), ref("v7r2", "c9")])
    moved = store.tags.record(KEY).tags["v7r1"]
    assert (moved.target, moved.details, moved.state) == ("c2", on("c2"), TagState.MOVED)
    assert store.tags.record(KEY).tags["v7r2"].target == "c9"
    [(key, event)] = store.tags.events([KEY])
    assert (key, event.kind, event.at, event.to_commit) == (KEY, TagEventKind.MOVED, hour(1), "c2")
    assert (event.before.target, event.before.last_seen) == ("c1", hour(0))


def test_events_after_a_moment_leave_out_that_moment(store: Store) -> None:
    for number in range(4):
        poll(store, hour(number), [ref("v7r1", f"c{number}")])
    assert [event.at for _, event in store.tags.events([KEY], after=hour(1))] == [hour(2), hour(3)]


def test_repositories_come_in_the_order_asked(store: Store) -> None:
    for key in ("github:a/a", "github:b/b"):
        add_tags(store, key, [a_tag("v1")])
    asked = ["github:b/b", "gitlab:not/known", "github:a/a"]
    assert [key for key, _ in store.tags.of(asked)] == ["github:b/b", "github:a/a"]
    assert [(each.repository, each.revision) for each in store.tags.records(asked)] == [
        ("github:b/b", 1),
        ("gitlab:not/known", 0),
        ("github:a/a", 1),
    ]


def test_one_repository_is_not_mixed_with_another(store: Store) -> None:
    poll(store, hour(0), [ref("v1", "c1")], key="github:a/a")
    poll(store, hour(0), [ref("v1", "c1")], key="github:b/b")
    poll(store, hour(1), [ref("v1", "c2")], key="github:a/a")
    assert store.tags.record("github:b/b").tags["v1"].target == "c1"
    assert store.tags.events(["github:b/b"]) == []


def test_failures_are_kept_since_the_first_until_a_poll_succeeds(store: Store) -> None:
    store.polls.write_failure(KEY, paris("2021-02-01T10:00"), "not found")
    store.polls.write_failure(KEY, hour(3), "no answer")
    failing = store.tags.record(KEY)
    assert (failing.error, failing.failing_since) == ("no answer", paris("2021-02-01T10:00"))
    assert (failing.polled_at, failing.backfilled_at) == (None, None)
    poll(store, hour(4), [])
    assert (store.tags.record(KEY).error, store.tags.record(KEY).failing_since) == (None, None)


def test_a_failure_leaves_the_last_poll_as_it_was(store: Store) -> None:
    poll(store, hour(0), [ref("v7r1")])
    store.polls.write_failure(KEY, hour(1), "no answer")
    assert (store.tags.record(KEY).polled_at, store.tags.record(KEY).revision) == (hour(0), 2)


def test_what_was_read_before_another_wrote_is_refused_whole(store: Store) -> None:
    poll(store, hour(0), [ref("v7r1")])
    stale = store.tags.record(KEY)
    poll(store, hour(1), [ref("v7r1")])
    now = store.tags.record(KEY)
    found = releases(a_repository(), {"v7r1": START})
    with pytest.raises(RecordChanged):
        store.polls.write(stale, mark(hour(2)), PollChanges(added=(a_tag("v7r2"),)), found)
    with pytest.raises(RecordChanged):
        store.polls.write_releases(stale, "r2", found)
    assert store.tags.record(KEY) == now
    assert store.releases.of([KEY]) == []


def test_a_repository_first_polled_by_another_is_refused(store: Store) -> None:
    unknown = store.tags.record(KEY)
    poll(store, hour(0), [ref("v7r1")])
    with pytest.raises(RecordChanged):
        store.polls.write(unknown, mark(hour(1)), NOTHING, None)


@pytest.mark.parametrize("is_known", [False, True])
def test_of_many_who_read_the_same_record_one_writes(database_url: str, *, is_known: bool) -> None:
    with Store.open(database_url) as store:
        if is_known:
            poll(store, hour(0), [])
        record = store.tags.record(KEY)
    workers, written = 4, []
    together = Barrier(workers)

    def write(number: int) -> None:
        with Store.open(database_url) as own:
            together.wait()
            try:
                own.polls.write(record, mark(hour(number)), PollChanges(added=(a_tag(f"v{number}"),)), None)
            except RecordChanged:
                return
            written.append(f"v{number}")

    threads = [Thread(target=write, args=(number,)) for number in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(written) == 1
    with Store.open(database_url) as store:
        assert list(store.tags.record(KEY).tags) == written


def test_long_texts_are_kept_whole(store: Store) -> None:
    long = "ü" * 200_000
    store.polls.write_failure(KEY, START, long)
    assert store.tags.record(KEY).error == long


def test_a_moment_on_the_hour_and_one_just_after_are_told_apart(store: Store) -> None:
    just_after = START + timedelta(microseconds=1)
    add_tags(store, KEY, [a_tag("v1", START), a_tag("v2", just_after)])
    dates = [tag.details.committed for _, tag in store.tags.of([KEY]) if tag.details is not None]
    assert dates == [START, just_after]


def test_a_last_poll_that_failed_is_noted_until_its_answer_begins_later(store: Store) -> None:
    poll(store, START, [ref("v7r1")])
    store.polls.write_failure(KEY, hour(1), "GitHub is not responding")
    [record] = store.tags.records([KEY])
    state = PollState(START, "GitHub is not responding", record.considered_count, record.unclassified_count)
    polls = store.tags.last_polls(["github:a/unknown", KEY], hour(1), timedelta(days=1))
    assert (polls.noted, polls.earliest) == ({KEY: state, "github:a/unknown": PollState()}, None)
    past = store.tags.last_polls([KEY], START, timedelta(days=1))
    assert (past.noted, past.earliest) == ({}, START)


def test_the_tags_that_are_there_are_listed_in_parts(store: Store) -> None:
    poll(store, hour(0), [ref(name) for name in ("a1", "a2", "a3")])
    poll(store, hour(0), [ref("other")], key="github:lab/B")
    poll(store, hour(1), [ref("a1"), ref("a3", "c2")])
    assert [store.tags.present(KEY, 1, after) for after in range(3)] == [["a1"], ["a3"], []]
