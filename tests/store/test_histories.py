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
from bot.domain.polling.record import RepositoryRecord
from bot.services.ports import EvidenceAnswer, RecordChanged
from bot.store.sql import SqlStore
from tests.builders import PARIS, a_repository, days, paris, releases
from tests.store.polls import KEY, NOTHING, START, hour, mark, poll, ref
from tests.whole import every_mention

NEW = "github:DIRACGrid/new"
DIRAC = a_repository()
RELEASES = releases(DIRAC, {"v7r1p1": START}, backfilled=False)


def identified(store: SqlStore, key: str = KEY, identity: str = "1", number: int = 0) -> None:
    """Poll a repository of which the forge tells the id."""
    poll(store, hour(number), [ref("v7r1p1")], key=key, releases=RELEASES)
    store.write_poll(store.record(key), replace(mark(hour(number)), identity=identity), NOTHING, None)


def keep_digest(store: SqlStore, number: int, seen: dict[str, int], name: str = "weekly") -> None:
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
    store.add_delivery(digest, "#c", Frozen("{}"))


def seen(store: SqlStore, name: str = "weekly") -> list[dict[str, int]]:
    return [store.seen_by(each.id) for each in store.past_digests(name, "#c")]


def move(store: SqlStore) -> None:
    store.continue_history(store.record(NEW), store.record(KEY))


def test_all_that_is_held_and_told_of_a_repository_moves_with_it(store: SqlStore) -> None:
    identified(store)
    poll(store, hour(1), [ref("v7r1p1", "c2")])
    milestone = ReportedMilestone(1, "v7r2", START, (), None, None)
    pull = PullRequest(7, "hackathon", "b", START)
    store.write_evidence(KEY, EvidenceAnswer("x", milestones=(milestone,), pulls=(pull,), validators={"pulls": "W/1"}))
    change = store.add_change(KEY, "v7r2", MilestoneChange(0, START, "ada", ChangeKind.ADD, "Release", "release"))
    keep_digest(store, 0, {KEY: 2, "github:a/b": 5})
    store.write_failure(KEY, hour(2), "not found", is_suspected=True, rival="9")
    held, [(_, event)], evidence = store.record(KEY), store.events([KEY]), store.evidence(KEY)
    mentions = every_mention(store, "weekly", "#c")
    assert mentions
    move(store)
    moved = store.record(NEW)
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
    assert store.record(KEY) == RepositoryRecord(KEY)
    assert store.events([NEW]) == [(NEW, event)]
    assert [each.normalized for each in store.releases([NEW])] == ["7.1.1"]
    assert (store.evidence(NEW), store.evidence(KEY).milestones) == (evidence, ())
    assert store.changes() == {(NEW, "v7r2"): [change]}
    assert [each.key for each in every_mention(store, "weekly", "#c")] == [(NEW, each.key[1]) for each in mentions]
    assert seen(store) == [{"github:a/b": 5, NEW: 2}]


def test_a_digest_that_saw_nothing_by_the_new_key_counts_as_made_from_what_the_one_before_saw(store: SqlStore) -> None:
    identified(store)
    store.write_failure(NEW, hour(1), "not found")
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
def test_a_record_that_changed_meanwhile_moves_nothing(store: SqlStore, late: str, *, is_known: bool) -> None:
    identified(store)
    if is_known:
        store.write_failure(NEW, hour(1), "not found")
    new, old = store.record(NEW), store.record(KEY)
    store.write_failure(late, hour(2), "answered 502")
    before = store.record(NEW), store.record(KEY)
    with pytest.raises(RecordChanged):
        store.continue_history(new, old)
    assert (store.record(NEW), store.record(KEY)) == before


def test_of_two_workers_one_moves_the_history(store: SqlStore) -> None:
    identified(store)
    new, old = store.record(NEW), store.record(KEY)
    store.continue_history(new, old)
    moved = store.record(NEW)
    with pytest.raises(RecordChanged):
        store.continue_history(new, old)
    assert (store.record(NEW), store.record(KEY)) == (moved, RepositoryRecord(KEY))


def test_histories_that_nobody_watches_are_found_by_forge_and_id(store: SqlStore) -> None:
    watched, other_forge, unknown = "github:DIRACGrid/watched", "gitlab:DIRACGrid/DIRAC", "github:DIRACGrid/unknown"
    closed = f"{KEY}:1:{hour(0).isoformat()}"
    identified(store, number=2)
    identified(store, "github:DIRACGrid/before", number=1)
    identified(store, watched, "2")
    identified(store, other_forge, "1")
    identified(store, unknown, "")
    identified(store, closed, "3")
    store.write_failure("github:DIRACGrid/never", hour(1), "another", rival="4")
    assert store.unwatched([watched]) == {("github", "1"): KEY, ("gitlab", "1"): other_forge}
