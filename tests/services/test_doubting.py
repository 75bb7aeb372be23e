"""What a poll does with a forge that contradicts what is known: asks again, and waits before it believes."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import cycle

from bot.domain.polling.record import PollDepth
from bot.domain.tags import TagDetails, TagEventKind, TagRef
from bot.services.poll import Asked, PollOutcome, poll
from bot.services.ports import ForgeUnavailable, PollAnswer, PollRequest
from bot.store.store import Store
from tests.builders import MONDAY, a_commit, a_ref, a_repository, days
from tests.fakes import FakeForge, validator_of
from tests.whole import observe_whole

DIRAC, PILOT = a_repository(), a_repository("DIRACGrid/Pilot")
Refs = dict[TagRef, TagDetails | None]
Answer = Refs | ForgeUnavailable
ALL = tuple(f"v7r1p{number}" for number in range(10))


def refs(*names: str) -> Refs:
    return {a_ref(name): TagDetails(a_commit(name), committed=MONDAY - days(9)) for name in names}


class Flapping(FakeForge):
    """A forge that gives its answers about DIRAC in turn; about all else it gives the same as ever."""

    def __init__(self, *answers: Answer) -> None:
        super().__init__(Pilot=refs("v1r0"))
        self.turns = cycle(answers)

    def poll(self, requests: Sequence[PollRequest]) -> Iterator[PollAnswer]:
        for request in requests:
            if request.path == DIRAC.path:
                self.answers["DIRAC"] = next(self.turns)
            yield from super().poll([request])


def polled(
    forge: FakeForge, store: Store, *, after: timedelta = timedelta(), look: PollDepth = PollDepth.COMPLETE
) -> PollOutcome:
    asked = [Asked(repository, look) for repository in (DIRAC, PILOT)]
    outcomes = {each.repository: each for each in poll(asked, {"github": forge}, store, lambda: MONDAY + after)}
    assert outcomes[PILOT.key].error is None
    return outcomes[DIRAC.key]


def events(store: Store) -> list[TagEventKind]:
    return [event.kind for _, event in store.tags.events([DIRAC.key])]


def present(store: Store) -> set[str]:
    return {name for name, tag in store.tags.record(DIRAC.key).tags.items() if tag.is_present}


def test_a_tag_that_a_list_lacks_once_is_asked_for_again_and_stays(store: Store) -> None:
    polled(FakeForge(DIRAC=refs(*ALL), Pilot=refs("v1r0")), store)
    forge = Flapping(refs(*ALL[1:], "v7r2"), refs(*ALL))
    outcome = polled(forge, store, after=timedelta(hours=1), look=PollDepth.QUICK)
    assert (outcome.status, outcome.new, outcome.deleted, outcome.requests) == ("ok", ("v7r2",), (), 2)
    assert outcome.notice == "conflicting answers for 1 tag; kept as before"
    assert present(store) == {*ALL, "v7r2"}
    again = forge.asked[-1]
    assert (again.path, again.look, again.validator, again.head) == (DIRAC.path, PollDepth.COMPLETE, None, None)


def test_after_a_contradiction_the_whole_list_is_asked_for(store: Store) -> None:
    polled(FakeForge(DIRAC=refs(*ALL), Pilot=refs("v1r0")), store)
    polled(Flapping(refs(*ALL[1:]), refs(*ALL)), store, after=timedelta(hours=1))
    held = store.tags.record(DIRAC.key)
    assert (held.validator, held.complete_at) == (None, MONDAY)
    assert store.tags.record(PILOT.key).validator == validator_of(refs("v1r0"))


def test_a_forge_that_flaps_for_ever_makes_no_events(store: Store) -> None:
    polled(FakeForge(DIRAC=refs(*ALL), Pilot=refs("v1r0")), store)
    forge = Flapping(refs(*ALL[2:]), refs(*ALL))
    for hour in range(20):
        polled(forge, store, after=timedelta(hours=1 + hour))
    assert (events(store), present(store)) == ([], set(ALL))


def test_a_tag_that_both_lists_lack_is_deleted(store: Store) -> None:
    polled(FakeForge(DIRAC=refs(*ALL), Pilot=refs("v1r0")), store)
    outcome = polled(Flapping(refs(*ALL[1:])), store, after=timedelta(hours=1))
    assert (outcome.deleted, events(store)) == (ALL[:1], [TagEventKind.DELETED])
    held = store.tags.record(DIRAC.key)
    assert (held.validator, held.complete_at) == (validator_of(refs(*ALL[1:])), MONDAY + timedelta(hours=1))


def test_a_list_that_cannot_be_asked_for_again_is_not_recorded(store: Store) -> None:
    polled(FakeForge(DIRAC=refs(*ALL), Pilot=refs("v1r0")), store)
    forge = Flapping(refs(*ALL[2:], "v7r2"), ForgeUnavailable("x", "answered 502"))
    outcome = polled(forge, store, after=timedelta(hours=1))
    assert outcome.error == "cannot confirm changes of 2 known tags: answered 502"
    assert (present(store), events(store), outcome.requests) == (set(ALL), [], 2)


def test_a_first_list_is_not_doubted(store: Store) -> None:
    forge = Flapping(refs(*ALL))
    polled(forge, store)
    assert [request.path for request in forge.asked] == [DIRAC.path, PILOT.path]


def test_a_list_that_lacks_most_tags_is_believed_after_half_an_hour(store: Store) -> None:
    polled(FakeForge(DIRAC=refs(*ALL), Pilot=refs("v1r0")), store)
    short = Flapping(refs("v7r1p0", "v7r2"))
    for minutes in (60, 75, 89):
        outcome = polled(short, store, after=timedelta(minutes=minutes), look=PollDepth.QUICK)
        assert outcome.error == ("only 1 of 10 known tags listed; treated as deleted if this persists for 30 min")
        assert (present(store), events(store)) == (set(ALL), [])
    assert {request.validator for request in short.asked[4:] if request.path == DIRAC.path} == {None}
    [seen, _] = observe_whole([DIRAC, PILOT], store)
    assert (seen.error, seen.failing_since) == ("only 1 of 10 known tags listed", MONDAY + timedelta(hours=1))
    outcome = polled(short, store, after=timedelta(minutes=90))
    assert (len(outcome.deleted), outcome.new, present(store)) == (9, ("v7r2",), {"v7r1p0", "v7r2"})
    assert store.tags.record(DIRAC.key).suspected_at is None


def test_a_list_without_tags_is_believed_after_half_an_hour_of_however_few(store: Store) -> None:
    polled(FakeForge(DIRAC=refs("v7r1", "v7r2"), Pilot=refs("v1r0")), store)
    none = Flapping({})
    for minutes in (60, 89):
        outcome = polled(none, store, after=timedelta(minutes=minutes))
        assert (outcome.error or "").startswith("none of 2 known tags listed; ")
        assert (present(store), events(store)) == ({"v7r1", "v7r2"}, [])
    outcome = polled(none, store, after=timedelta(minutes=90))
    assert (outcome.status, outcome.deleted, present(store)) == ("ok", ("v7r1", "v7r2"), set())
    assert polled(none, store, after=timedelta(minutes=100)).status == "empty"


def test_a_list_that_is_whole_again_ends_the_suspicion(store: Store) -> None:
    polled(FakeForge(DIRAC=refs(*ALL), Pilot=refs("v1r0")), store)
    polled(Flapping(refs("v7r1p0")), store, after=timedelta(minutes=60))
    assert store.tags.record(DIRAC.key).suspected_at == MONDAY + timedelta(minutes=60)
    outcome = polled(Flapping(refs(*ALL, "v7r2")), store, after=timedelta(minutes=75))
    assert (outcome.new, store.tags.record(DIRAC.key).suspected_at) == (("v7r2",), None)
    again = polled(Flapping(refs("v7r1p0")), store, after=timedelta(minutes=120))
    assert "known tags listed" in (again.error or "")
    assert events(store) == []


def test_another_failure_does_not_end_the_suspicion(store: Store) -> None:
    polled(FakeForge(DIRAC=refs(*ALL), Pilot=refs("v1r0")), store)
    polled(Flapping(refs("v7r1p0")), store, after=timedelta(minutes=60))
    polled(Flapping(ForgeUnavailable("x", "answered 502")), store, after=timedelta(minutes=75))
    assert len(polled(Flapping(refs("v7r1p0")), store, after=timedelta(minutes=90)).deleted) == 9


class Renamed(FakeForge):
    """A forge that tells of DIRAC what was set, and of nothing else."""

    says: str | None = ""

    def poll(self, requests: Sequence[PollRequest]) -> Iterator[PollAnswer]:
        for request in requests:
            if request.validator is not None:
                yield PollAnswer(request.path, requests=1, renamed=self.says)
            else:
                yield PollAnswer(request.path, (a_ref("v7r1"),), {}, validator="v1", requests=1, renamed=self.says)


def test_a_renaming_is_kept_until_the_forge_says_otherwise(store: Store) -> None:
    forge = Renamed()
    kept = []
    for says in ("renamed to DIRAC/DIRAC", "renamed", None, ""):
        forge.says = says
        list(poll([Asked(DIRAC, PollDepth.COMPLETE)], {"github": forge}, store, lambda: MONDAY))
        kept.append(store.tags.record(DIRAC.key).renamed)
    assert kept == ["renamed to DIRAC/DIRAC"] * 3 + [""]
