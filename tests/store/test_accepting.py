"""What stays of a repository whose path another one took, on both databases."""

from dataclasses import replace

import pytest

from bot.domain.certification.milestones import ReportedMilestone
from bot.domain.polling.record import PollMark
from bot.domain.watchlist import WatchChange, WatchKind
from bot.services.ports import EvidenceAnswer, RecordChanged
from bot.store.sql import SqlStore
from tests.builders import a_repository, releases
from tests.store.polls import KEY, NOTHING, START, hour, mark, poll, ref

CHANGE = WatchChange(0, hour(2), "ada", WatchKind.ACCEPT, KEY)
CLOSED = f"{KEY}:1:{hour(2).isoformat()}"


def contested(store: SqlStore) -> None:
    """Poll a repository of id 1, and then find another at its path."""
    poll(store, START, [ref("v7r1")], releases=releases(a_repository(), {"v7r1": START}))
    store.write_poll(store.record(KEY), replace(mark(START), identity="1", undated_because="no token"), NOTHING, None)
    milestone = ReportedMilestone(1, "v7r2", START, (), None, None)
    store.write_evidence(KEY, EvidenceAnswer("DIRACGrid/DIRAC", milestones=(milestone,)))
    store.write_failure(KEY, hour(1), "another", rival="2")


def test_the_history_is_kept_under_a_key_that_nobody_watches(store: SqlStore) -> None:
    contested(store)
    held = store.record(KEY)
    assert (held.identity, held.rival, held.undated_because) == ("1", "2", "no token")
    made = store.accept_rival(held, CHANGE)
    assert store.additions().changes == (made,)
    new, old = store.record(KEY), store.record(CLOSED)
    assert (new.identity, new.rival, new.error, new.tag_count, dict(new.tags)) == ("2", "", None, 0, {})
    assert (old.identity, set(old.tags), old.backfilled_at) == ("1", {"v7r1"}, START)
    assert [release.version for release in store.releases([CLOSED])] == ["v7r1"]
    assert (store.releases([KEY]), store.evidence(KEY).milestones) == ([], ())
    assert [each.title for each in store.evidence(CLOSED).milestones] == ["v7r2"]


def test_a_record_that_changed_meanwhile_is_left_as_it_is(store: SqlStore) -> None:
    contested(store)
    read = store.record(KEY)
    store.write_failure(KEY, hour(2), "answered 502")
    with pytest.raises(RecordChanged):
        store.accept_rival(read, CHANGE)
    assert (store.additions().changes, store.record(KEY).rival) == ((), "2")


def test_a_poll_that_succeeds_forgets_the_other_one(store: SqlStore) -> None:
    contested(store)
    store.write_poll(store.record(KEY), PollMark(hour(2), None, mark(START).look, "r1", identity="1"), NOTHING, None)
    assert (store.record(KEY).rival, store.record(KEY).undated_because) == ("", "no token")
