"""What stays of a repository whose path another one took, on both databases."""

from dataclasses import replace

import pytest

from bot.domain.certification.milestones import ReportedMilestone
from bot.domain.polling.record import PollMark
from bot.domain.watchlist import WatchChange, WatchKind
from bot.services.ports import EvidenceAnswer
from bot.store.errors import RecordChanged
from bot.store.store import Store
from tests.builders import a_repository, releases
from tests.store.polls import KEY, NOTHING, START, hour, mark, poll, ref

CHANGE = WatchChange(0, hour(2), "ada", WatchKind.ACCEPT, KEY)
CLOSED = f"{KEY}:1:{hour(2).isoformat()}"


def contested(store: Store) -> None:
    """Poll a repository of id 1, and then find another at its path."""
    poll(store, START, [ref("v7r1")], releases=releases(a_repository(), {"v7r1": START}))
    store.polls.write(
        store.tags.record(KEY), replace(mark(START), identity="1", undated_because="no token"), NOTHING, None
    )
    milestone = ReportedMilestone(1, "v7r2", START, (), None, None)
    store.certification.write_evidence(KEY, EvidenceAnswer("DIRACGrid/DIRAC", milestones=(milestone,)))
    store.polls.write_failure(KEY, hour(1), "another", rival="2")


def test_the_history_is_kept_under_a_key_that_nobody_watches(store: Store) -> None:
    contested(store)
    held = store.tags.record(KEY)
    assert (held.identity, held.rival, held.undated_because) == ("1", "2", "no token")
    made = store.histories.accept_rival(held, CHANGE)
    assert store.watchlist.additions().changes == (made,)
    new, old = store.tags.record(KEY), store.tags.record(CLOSED)
    assert (new.identity, new.rival, new.error, new.tag_count, dict(new.tags)) == ("2", "", None, 0, {})
    assert (old.identity, set(old.tags), old.backfilled_at) == ("1", {"v7r1"}, START)
    assert [release.version for release in store.releases.of([CLOSED])] == ["v7r1"]
    assert (store.releases.of([KEY]), store.certification.evidence(KEY).milestones) == ([], ())
    assert [each.title for each in store.certification.evidence(CLOSED).milestones] == ["v7r2"]


def test_a_record_that_changed_meanwhile_is_left_as_it_is(store: Store) -> None:
    contested(store)
    read = store.tags.record(KEY)
    store.polls.write_failure(KEY, hour(2), "answered 502")
    with pytest.raises(RecordChanged):
        store.histories.accept_rival(read, CHANGE)
    assert (store.watchlist.additions().changes, store.tags.record(KEY).rival) == ((), "2")


def test_a_poll_that_succeeds_forgets_the_other_one(store: Store) -> None:
    contested(store)
    store.polls.write(
        store.tags.record(KEY), PollMark(hour(2), None, mark(START).look, "r1", identity="1"), NOTHING, None
    )
    assert (store.tags.record(KEY).rival, store.tags.record(KEY).undated_because) == ("", "no token")
