"""What moves with a repository to another key, on both databases."""

from dataclasses import replace

import pytest

from bot.domain.certification.hints import PullRequest
from bot.domain.certification.milestones import ChangeKind, MilestoneChange, ReportedMilestone
from bot.domain.digests.compose import Observed, Reminding, compose_digest
from bot.domain.digests.delivery import Frozen
from bot.domain.digests.digest import Digest
from bot.domain.digests.news import Audience
from bot.domain.periods.period import AsOf, Period
from bot.domain.polling.record import PollMark, RepositoryRecord
from bot.domain.watchlist import WatchChange, WatchKind
from bot.services.ports import EvidenceAnswer
from bot.store.errors import RecordChanged
from bot.store.store import Store
from tests.builders import PARIS, a_repository, days, paris, releases
from tests.store.polls import KEY, NOTHING, START, hour, mark, poll, ref
from tests.whole import every_mention

NEW = "github:DIRACGrid/new"
DIRAC = a_repository()
RELEASES = releases(DIRAC, {"v7r1p1": START}, backfilled=False)


def identified(store: Store, key: str = KEY, identity: str = "1", number: int = 0) -> None:
    """Poll a repository of which the forge tells the id."""
    poll(store, hour(number), [ref("v7r1p1")], key=key, releases=RELEASES)
    store.polls.write(store.tags.record(key), replace(mark(hour(number)), identity=identity), NOTHING, None)


def keep_digest(store: Store, number: int, seen: dict[str, int], name: str = "weekly") -> None:
    """Keep a digest of DIRAC's release, made from these revisions."""
    start = paris("2021-02-01") + days(7 * number)
    period = Period(start, start + days(7), PARIS)
    made = compose_digest(
        Audience(name),
        period,
        AsOf.at(period.end, PARIS),
        [Observed(DIRAC, RELEASES)],
        made_at=period.end,
        reminding=Reminding(days(1), days(7)),
    )
    digest: Digest = replace(made, ledger=replace(made.ledger, seen=seen))
    store.deliveries.add(digest, "#c", Frozen("{}"))


def seen(store: Store, name: str = "weekly") -> list[dict[str, int]]:
    return [store.digests.seen_by(each.id) for each in store.digests.past(name, "#c")]


def move(store: Store) -> None:
    store.histories.move_to(store.tags.record(NEW), store.tags.record(KEY))


def test_all_that_is_held_and_told_of_a_repository_moves_with_it(store: Store) -> None:
    identified(store)
    poll(store, hour(1), [ref("v7r1p1", "c2")])
    milestone = ReportedMilestone(1, "v7r2", START, (), None, None)
    pull = PullRequest(7, "hackathon", "b", START)
    store.certification.write_evidence(
        KEY, EvidenceAnswer("x", milestones=(milestone,), pulls=(pull,), validators={"pulls": "W/1"})
    )
    change = store.certification.add_change(
        KEY, "v7r2", MilestoneChange(0, START, "ada", ChangeKind.ADD, "Release", "release")
    )
    keep_digest(store, 0, {KEY: 2, "github:a/b": 5})
    store.polls.write_failure(KEY, hour(2), "not found", is_suspected=True, rival="9")
    held, [(_, event)], evidence = store.tags.record(KEY), store.tags.events([KEY]), store.certification.evidence(KEY)
    mentions = every_mention(store, "weekly", "#c")
    assert mentions
    move(store)
    moved = store.tags.record(NEW)
    assert moved == replace(
        held,
        repository=NEW,
        revision=held.revision + 1,
        validator=None,
        head=None,
        error=None,
        failing_since=None,
        suspected_at=None,
        rival="",
    )
    assert store.tags.record(KEY) == RepositoryRecord(KEY)
    assert store.tags.events([NEW]) == [(NEW, event)]
    assert [each.normalized for each in store.releases.of([NEW])] == ["7.1.1"]
    assert (store.certification.evidence(NEW), store.certification.evidence(KEY).milestones) == (evidence, ())
    assert store.certification.changes() == {(NEW, "v7r2"): [change]}
    assert [each.key for each in every_mention(store, "weekly", "#c")] == [(NEW, each.key[1]) for each in mentions]
    assert seen(store) == [{"github:a/b": 5, NEW: 2}]


def test_a_digest_that_saw_nothing_by_the_new_key_counts_as_made_from_what_the_one_before_saw(store: Store) -> None:
    identified(store)
    store.polls.write_failure(NEW, hour(1), "not found")
    keep_digest(store, 0, {NEW: 0})
    keep_digest(store, 1, {KEY: 1})
    keep_digest(store, 1, {KEY: 2}, "monthly")
    keep_digest(store, 2, {NEW: 1, "github:a/b": 5})
    keep_digest(store, 3, {NEW: 1, KEY: 2})
    keep_digest(store, 4, {"github:a/b": 6})
    move(store)
    assert seen(store) == [{}, {NEW: 1}, {"github:a/b": 5, NEW: 1}, {NEW: 2}, {"github:a/b": 6}]
    assert seen(store, "monthly") == [{NEW: 2}]


@pytest.mark.parametrize("late", [KEY, NEW])
@pytest.mark.parametrize("is_known", [True, False])
def test_a_record_that_changed_meanwhile_moves_nothing(store: Store, late: str, *, is_known: bool) -> None:
    identified(store)
    if is_known:
        store.polls.write_failure(NEW, hour(1), "not found")
    new, old = store.tags.record(NEW), store.tags.record(KEY)
    store.polls.write_failure(late, hour(2), "answered 502")
    before = store.tags.record(NEW), store.tags.record(KEY)
    with pytest.raises(RecordChanged):
        store.histories.move_to(new, old)
    assert (store.tags.record(NEW), store.tags.record(KEY)) == before


def test_of_two_workers_one_moves_the_history(store: Store) -> None:
    identified(store)
    new, old = store.tags.record(NEW), store.tags.record(KEY)
    store.histories.move_to(new, old)
    moved = store.tags.record(NEW)
    with pytest.raises(RecordChanged):
        store.histories.move_to(new, old)
    assert (store.tags.record(NEW), store.tags.record(KEY)) == (moved, RepositoryRecord(KEY))


def test_histories_that_nobody_watches_are_found_by_forge_and_id(store: Store) -> None:
    watched, other_forge, unknown = "github:DIRACGrid/watched", "gitlab:DIRACGrid/DIRAC", "github:DIRACGrid/unknown"
    closed = f"{KEY}:1:{hour(0).isoformat()}"
    identified(store, number=2)
    identified(store, "github:DIRACGrid/before", number=1)
    identified(store, watched, "2")
    identified(store, other_forge, "1")
    identified(store, unknown, "")
    identified(store, closed, "3")
    store.polls.write_failure("github:DIRACGrid/never", hour(1), "another", rival="4")
    assert store.histories.unwatched([watched]) == {("github", "1"): KEY, ("gitlab", "1"): other_forge}


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
