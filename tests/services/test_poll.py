"""Polling: what is recorded, what is told, and that no failure spreads."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.domain.filters import KindWord, wanted
from bot.domain.patterns import Pattern
from bot.domain.periods.period import Period
from bot.domain.polling.diff import PollChanges
from bot.domain.polling.record import PollDepth, PollMark, RepositoryRecord
from bot.domain.releases import Coverage, Release
from bot.domain.repositories import Repository
from bot.domain.tags import DateSource, TagDetails, TagRef
from bot.domain.versions.regex import RegexScheme
from bot.services.basis import basis_of
from bot.services.poll import Asked, PollOutcome, poll
from bot.services.ports import ForgeUnavailable, PollAnswer, PollRequest
from bot.services.rebuild import refresh_releases
from bot.services.release_source import ReleasesKnownAt
from bot.store.errors import RecordChanged
from bot.store.polls import PollStore
from bot.store.store import Store
from bot.store.tags import TagStore
from tests.builders import MONDAY, UTC_ZONE, a_commit, a_ref, a_repository, days
from tests.fakes import FakeForge, validator_of
from tests.memory import store_in_memory
from tests.whole import observe_whole

DIRAC, PILOT = a_repository(), a_repository("DIRACGrid/Pilot")
HOUR = timedelta(hours=1)


Answer = dict[TagRef, TagDetails | None]


def refs(*names: str, committed: bool = True) -> Answer:
    return {
        a_ref(name): TagDetails(a_commit(name), committed=MONDAY - days(9)) if committed else None for name in names
    }


def polled(
    forge: FakeForge, store: Store, *repositories: Repository, after: float = 0.0, look: PollDepth = PollDepth.COMPLETE
) -> list[PollOutcome]:
    at = MONDAY + days(after)
    asked = [Asked(repository, look) for repository in repositories or [DIRAC]]
    outcomes = poll(asked, {"github": forge}, store, lambda: at)
    return sorted(outcomes, key=lambda outcome: outcome.repository)


def test_a_first_poll_is_recorded_whole_and_a_second_finds_nothing_new(store: Store) -> None:
    forge = FakeForge(DIRAC=refs("v7r1", "v7.1.0", "grep"))
    [first], [second] = polled(forge, store), polled(forge, store)
    assert (first.status, first.tags, first.new, first.unclassified) == ("ok", 3, ("v7r1", "v7.1.0", "grep"), ("grep",))
    assert (second.status, second.tags, second.new) == ("unchanged", 3, ())
    [seen] = observe_whole([DIRAC], store)
    assert [(release.version, release.tags) for release in seen.releases] == [("v7r1", ("v7.1.0", "v7r1"))]
    assert seen.releases[0].backfilled


def test_what_is_known_is_not_asked_again(store: Store) -> None:
    held = refs("v7r1") | refs("v7r2", committed=False)
    forge = FakeForge(DIRAC=held)
    polled(forge, store)
    polled(forge, store, after=0.01)
    again = forge.asked[1]
    assert again.validator == validator_of(held)
    assert set(again.known) == {"v7r1", "v7r2"}
    assert again.detailed == {"v7r1"}
    assert again.rank("v7r10") > again.rank("v7r2") > again.rank("grep")


def test_what_is_held_is_read_only_where_a_forge_wants_to_know(store: Store) -> None:
    polled(FakeForge(DIRAC=refs("v7r1")), store)

    class Forgetful(FakeForge):
        def poll(self, requests: Sequence[PollRequest]) -> Iterator[PollAnswer]:
            for request in requests:
                assert "_held" not in vars(request)
                yield PollAnswer(request.path, requests=1, look=PollDepth.QUICK, head="seen")

    [outcome] = polled(Forgetful(), store, after=1, look=PollDepth.QUICK)
    assert (outcome.status, outcome.tags, outcome.requests) == ("unchanged", 1, 1)
    held = store.tags.record(DIRAC.key)
    assert (held.polled_at, held.complete_at, held.head) == (MONDAY + days(1), MONDAY, "seen")


def test_what_was_never_polled_is_not_only_looked_at_quickly(store: Store) -> None:
    forge = FakeForge(DIRAC=refs("v7r1"))
    polled(forge, store, look=PollDepth.QUICK)
    polled(forge, store, look=PollDepth.QUICK, after=1)
    assert [request.look for request in forge.asked] == [PollDepth.COMPLETE, PollDepth.QUICK]
    assert (forge.asked[1].is_detailed, forge.asked[1].head) == (True, None)


def test_a_validator_is_given_up_with_the_list_that_it_was_for(store: Store) -> None:
    class Changing(FakeForge):
        validators = iter(["v1", None, None])

        def poll(self, requests: Sequence[PollRequest]) -> Iterator[PollAnswer]:
            for answer in super().poll(requests):
                yield replace(answer, validator=next(self.validators))

    forge = Changing(DIRAC=refs("v7r1"))
    polled(forge, store)
    forge.answers["DIRAC"] = refs("v7r2")
    polled(forge, store, after=1)
    assert store.tags.record(DIRAC.key).validator is None


def test_a_forge_that_is_left_in_the_middle_is_asked_no_more(store: Store) -> None:
    forge = FakeForge(**{f"r{number}": refs("v7r1") for number in range(100)})
    watched = [a_repository(f"site/r{number}") for number in range(100)]
    outcomes = poll([Asked(each, PollDepth.COMPLETE) for each in watched], {"github": forge}, store, lambda: MONDAY)
    next(outcomes)
    outcomes.close()  # type: ignore[attr-defined]
    assert len(forge.asked) < 30


def test_moved_deleted_and_restored_tags_are_told(store: Store) -> None:
    polled(FakeForge(DIRAC=refs("v7r1", "v7r2")), store)
    moved: Answer = {a_ref("v7r1", "9" * 40): TagDetails("9" * 40, committed=MONDAY)}
    [outcome] = polled(FakeForge(DIRAC=moved), store, after=1)
    assert [(move.tag, move.from_, move.to) for move in outcome.moved] == [("v7r1", a_commit("v7r1"), "9" * 40)]
    assert outcome.deleted == ("v7r2",)
    [back] = polled(FakeForge(DIRAC=moved | refs("v7r2")), store, after=2)
    assert back.new == ("v7r2",)


def known_at(store: Store, moment: datetime) -> list[Release]:
    everything = wanted([DIRAC], [KindWord.ALL], [], since=None, until=MONDAY + days(365))
    return ReleasesKnownAt([DIRAC], store.tags, moment).newest(replace(everything, with_withdrawn=True))


def test_what_was_known_before_an_event_can_still_be_told(store: Store) -> None:
    polled(FakeForge(DIRAC=refs("v7r1")), store)
    polled(FakeForge(DIRAC=refs("v7r2")), store, after=1)
    assert [[r.version for r in known_at(store, MONDAY + days(d)) if r.is_counted] for d in (0.5, 2)] == [
        ["v7r1"],
        ["v7r2"],
    ]


def test_a_failure_is_kept_and_harms_no_other_repository(store: Store) -> None:
    broken = ForgeUnavailable("github:DIRACGrid/DIRAC", "answered 502")
    forge = FakeForge(DIRAC=refs("v7r1"), Pilot=refs("v1r0"))
    polled(forge, store, DIRAC, PILOT)
    forge.answers["DIRAC"] = broken
    failed, fine = polled(forge, store, DIRAC, PILOT, after=1)
    assert (failed.status, failed.error, fine.status) == ("error", "answered 502", "unchanged")
    assert failed.retry == "run it again"
    polled(forge, store, DIRAC, after=2)
    [seen] = observe_whole([DIRAC], store)
    assert (seen.error, seen.failing_since, seen.polled_at) == ("answered 502", MONDAY + days(1), MONDAY)
    assert [release.version for release in seen.releases] == ["v7r1"]


def test_a_poll_that_succeeds_again_clears_the_failure(store: Store) -> None:
    forge = FakeForge(DIRAC=ForgeUnavailable("x", "answered 502"))
    polled(forge, store)
    forge.answers["DIRAC"] = refs("v7r1")
    polled(forge, store, after=1)
    [seen] = observe_whole([DIRAC], store)
    assert (seen.error, seen.failing_since) == (None, None)


def test_a_forge_that_breaks_off_is_told_for_each_of_its_repositories(store: Store) -> None:
    forge = FakeForge(DIRAC=ZeroDivisionError(), Pilot=refs("v1r0"))
    outcomes = polled(forge, store, DIRAC, PILOT)
    assert [outcome.status for outcome in outcomes] == ["error", "error"]
    assert all("poll aborted by an internal error" in (outcome.error or "") for outcome in outcomes)


def complete_until(store: Store, *repositories: Repository) -> datetime | None:
    return basis_of(repositories, store, Period(None, MONDAY, UTC_ZONE), days(1)).complete_until


def test_a_record_is_complete_until_its_earliest_last_poll(store: Store) -> None:
    polled(FakeForge(DIRAC=refs("v7r1")), store)
    assert complete_until(store, DIRAC) == MONDAY
    assert complete_until(store, DIRAC, PILOT) is None


def test_releases_are_made_anew_when_the_rules_change(store: Store) -> None:
    polled(FakeForge(DIRAC=refs("v7r1", "rel-7_2")), store)
    changed = a_repository(scheme=RegexScheme(Pattern(r"rel-(?P<major>\d+)_(?P<minor>\d+)")))
    refresh_releases([changed], store)
    [seen] = observe_whole([changed], store)
    assert [release.version for release in seen.releases] == ["rel-7_2"]


class Announcing(FakeForge):
    """A forge whose release objects are told once; after that nothing changes."""

    def poll(self, requests: Sequence[PollRequest]) -> Iterator[PollAnswer]:
        for answer in super().poll(requests):
            yield answer if len(self.asked) == 1 else PollAnswer(answer.path, requests=1, look=PollDepth.QUICK)


def test_an_announced_unclassified_tag_is_dated_anew_on_its_day_though_nothing_changed(store: Store) -> None:
    ref, day = a_ref("grep"), MONDAY + days(7)
    forge = Announcing(DIRAC={ref: TagDetails(ref.target, published=day, committed=MONDAY - days(1))})
    counted = []
    for after in (0, 6.95, 6.97):
        polled(forge, store, after=after, look=PollDepth.QUICK)
        counted.append(store.releases.unclassified([DIRAC.key], day, day + days(1)))
    assert counted == [{}, {}, {DIRAC.key: 1}]


def test_an_announced_release_is_dated_anew_on_its_day_though_nothing_changed_on_the_forge(store: Store) -> None:
    ref, day = a_ref("v7r0p1"), MONDAY + days(7)
    forge = Announcing(DIRAC={ref: TagDetails(ref.target, published=day, committed=MONDAY - days(1))})

    def seen(after: float) -> Release:
        [outcome] = polled(forge, store, after=after, look=PollDepth.QUICK)
        assert outcome.status == ("unchanged" if after else "ok")
        [release] = store.releases.of([DIRAC.key])
        return release

    for before in (0, 1, 6.95):
        release = seen(before)
        assert (release.date, release.date_source) == (MONDAY - days(1), DateSource.COMMIT)
        assert (release.upcoming, store.tags.record(DIRAC.key).upcoming_at) == (day, day)
    for after in (6.97, 8):
        release = seen(after)
        assert (release.date, release.date_source, release.upcoming) == (day, DateSource.PUBLISHED, None)
        assert store.tags.record(DIRAC.key).upcoming_at is None
    [known] = known_at(store, MONDAY + days(3))
    assert (known.date_source, known.upcoming) == (DateSource.COMMIT, day)


def test_until_its_day_an_announced_release_makes_no_poll_read_the_history() -> None:
    class Counting(TagStore):
        read = 0

        def record(self, repository: str) -> RepositoryRecord:
            self.read += 1
            return super().record(repository)

    ref, day = a_ref("v7r0p1"), MONDAY + days(7)
    forge = Announcing(DIRAC={ref: TagDetails(ref.target, published=day, committed=MONDAY - days(1))})
    with store_in_memory() as store:
        store.tags = tags = Counting(store.database)
        reads = []
        for after in (0, 1, 6.9, 7, 8):
            tags.read = 0
            polled(forge, store, after=after, look=PollDepth.QUICK)
            reads.append(tags.read)
    assert reads == [1, 0, 0, 1, 0]


@pytest.mark.parametrize("ahead", [days(1), -days(1)])
def test_what_is_observed_is_dated_by_the_forges_clock(store: Store, ahead: timedelta) -> None:
    forge = FakeForge(DIRAC=refs("v7r1"))
    forge.ahead = ahead
    polled(forge, store)
    moved_to: Answer = {a_ref("v7r1", "9" * 40): TagDetails("9" * 40, committed=MONDAY)}
    forge.answers["DIRAC"] = moved_to | refs("v7r2")
    polled(forge, store, after=1)
    polled(FakeForge(DIRAC=refs("v7r2")), store, after=3)
    assert store.tags.record(DIRAC.key).polled_at == MONDAY + days(3)
    seen = {tag.name: tag.first_seen for _, tag in store.tags.of([DIRAC.key])}
    assert seen == {"v7r1": MONDAY + ahead, "v7r2": MONDAY + days(1) + ahead}
    [(_, moved), (_, gone)] = store.tags.events([DIRAC.key])
    assert (moved.at, gone.at) == (MONDAY + days(1) + ahead, MONDAY + days(3))


def test_a_failure_and_a_poll_without_news_are_dated_by_the_forges_clock(store: Store) -> None:
    forge = Announcing(DIRAC=refs("v7r1"))
    forge.ahead = timedelta(hours=-2)
    polled(forge, store)
    polled(forge, store, after=1, look=PollDepth.QUICK)
    assert store.tags.record(DIRAC.key).polled_at == MONDAY + days(1) - 2 * HOUR
    forge.answers["DIRAC"] = ForgeUnavailable("x", "answered 502")
    failing = FakeForge(**forge.answers)
    failing.ahead = forge.ahead
    polled(failing, store, after=2)
    assert store.tags.record(DIRAC.key).failed_at == MONDAY + days(2) - 2 * HOUR


class Interrupted(PollStore):
    """The polls of a store into which another worker writes just before the first write."""

    def __init__(self, store: Store, other: FakeForge) -> None:
        super().__init__(store.database)
        self.store = store
        self.other: FakeForge | None = other

    def write(
        self,
        record: RepositoryRecord,
        mark: PollMark,
        changes: PollChanges,
        releases: Sequence[Release] | None,
        coverage: Coverage | None = None,
        *,
        readers: Collection[str] = (),
    ) -> None:
        if self.other is not None:
            other, self.other = self.other, None
            polled(other, self.store)
        super().write(record, mark, changes, releases, coverage, readers=readers)


def test_two_workers_with_one_answer_record_it_once() -> None:
    with store_in_memory() as store:
        store.polls = Interrupted(store, FakeForge(DIRAC=refs("v7r1")))
        [outcome] = polled(FakeForge(DIRAC=refs("v7r1", "v7r2")), store)
        assert outcome.new == ("v7r2",)
        assert {tag.name for _, tag in store.tags.of([DIRAC.key])} == {"v7r1", "v7r2"}


def test_a_stale_record_is_refused(store: Store) -> None:
    stale = store.tags.record(DIRAC.key)
    polled(FakeForge(DIRAC=refs("v7r1")), store)
    with pytest.raises(RecordChanged):
        store.polls.write_releases(stale, "rules", [])
