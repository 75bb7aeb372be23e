"""What a poll does where another repository is at a watched path, and what it is to accept that one."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.errors import UsageError
from bot.domain.polling.record import PollDepth
from bot.domain.tags import TagDetails, TagRef
from bot.domain.watchlist import WatchKind, standing
from bot.services.identity import accept
from bot.services.poll import Asked, PollOutcome, poll
from bot.services.ports import ForgeUnavailable, PollAnswer, PollRequest
from bot.store.store import Store
from tests.builders import MONDAY, a_commit, a_ref, a_repository, days
from tests.fakes import FakeForge
from tests.whole import observe_whole

DIRAC = a_repository()
OTHER_SAID = "another repository is now at this path (id 2, was 1)"


def refs(*names: str) -> dict[TagRef, TagDetails | None]:
    return {a_ref(name): TagDetails(a_commit(name), committed=MONDAY - days(9)) for name in names}


class Identified(FakeForge):
    """A forge that tells its id of DIRAC with every answer."""

    def __init__(self, identity: str, *names: str) -> None:
        super().__init__(DIRAC=refs(*names))
        self.identity = identity

    def poll(self, requests: Sequence[PollRequest]) -> Iterator[PollAnswer]:
        for answer in super().poll(requests):
            yield replace(answer, identity=self.identity) if answer.error is None else answer


def polled(forge: FakeForge, store: Store, hours: int, look: PollDepth = PollDepth.COMPLETE) -> PollOutcome:
    at = MONDAY + timedelta(hours=hours)
    [outcome] = poll([Asked(DIRAC, look)], {"github": forge}, store, lambda: at)
    return outcome


def released(store: Store) -> list[str]:
    return [release.version for release in store.releases.of([DIRAC.key])]


def test_another_repository_at_the_path_is_an_error_and_nothing_of_it_is_recorded(store: Store) -> None:
    polled(Identified("1", "v7r1", "v7r2"), store, 0)
    stranger = Identified("2", "v9r0", "v7r1")
    for hours in (1, 2, 30):
        outcome = polled(stranger, store, hours)
        assert (outcome.error or "").startswith(
            f"{OTHER_SAID}; to watch the new one: release-bot watch accept {DIRAC.key}"
        )
    assert (released(store), store.tags.events([DIRAC.key])) == (["v7r1", "v7r2"], [])
    [seen] = observe_whole([DIRAC], store)
    assert (seen.error, seen.failing_since) == (OTHER_SAID, MONDAY + timedelta(hours=1))
    # One that was found once is looked for whatever the list says, and asked for nothing twice.
    assert [request.is_contested for request in stranger.asked] == [False, True, True]
    assert {request.validator for request in stranger.asked[1:]} == {None}


def test_the_same_tags_do_not_make_it_the_same_repository(store: Store) -> None:
    polled(Identified("1", "v7r1"), store, 0)
    assert (polled(Identified("2", "v7r1"), store, 1, PollDepth.FULL).error or "").startswith(OTHER_SAID)


def test_the_old_one_that_is_back_ends_the_trouble(store: Store) -> None:
    polled(Identified("1", "v7r1"), store, 0)
    polled(Identified("2", "v9r0"), store, 1)
    assert polled(Identified("1", "v7r1", "v7r2"), store, 2).new == ("v7r2",)
    assert (store.tags.record(DIRAC.key).rival, store.tags.record(DIRAC.key).error) == ("", None)


def test_a_record_without_an_id_takes_the_first_that_is_seen(store: Store) -> None:
    polled(Identified("", "v7r1"), store, 0)
    assert polled(Identified("7", "v7r1"), store, 1).status == "unchanged"
    assert store.tags.record(DIRAC.key).identity == "7"
    assert polled(Identified("", "v7r1", "v7r2"), store, 2).new == ("v7r2",)
    assert store.tags.record(DIRAC.key).identity == "7"


def test_an_accepted_repository_is_a_backfill_and_the_old_history_is_closed(store: Store) -> None:
    polled(Identified("1", "v7r1", "v7r2"), store, 0)
    stranger = Identified("2", "v7r1", "v9r0")
    polled(stranger, store, 1)
    at = MONDAY + timedelta(hours=2)
    change = accept(DIRAC, store, who="ada", at=at)
    assert (change.kind, change.who, change.target, change.at) == (WatchKind.ACCEPT, "ada", DIRAC.key, at)
    assert released(store) == []
    outcome = polled(stranger, store, 3)
    assert (outcome.error, outcome.deleted, outcome.moved) == (None, (), ())
    record = store.tags.record(DIRAC.key)
    assert (record.identity, record.rival, record.backfilled_at) == ("2", "", MONDAY + timedelta(hours=3))
    assert all(tag.backfilled for tag in record.tags.values())
    assert (released(store), store.tags.events([DIRAC.key])) == (["v7r1", "v9r0"], [])
    closed = f"{DIRAC.key}:1:{at.isoformat()}"
    assert [release.version for release in store.releases.of([closed])] == ["v7r1", "v7r2"]
    # It says nothing of whether the repository is watched.
    assert standing(store.watchlist.additions().changes) == {}


def test_nothing_is_accepted_where_no_other_repository_was_found(store: Store) -> None:
    polled(Identified("1", "v7r1"), store, 0)
    with pytest.raises(UsageError, match="no other repository found at this path; to check now"):
        accept(DIRAC, store, who="ada", at=MONDAY)


def test_another_failure_keeps_what_was_found(store: Store) -> None:
    polled(Identified("1", "v7r1"), store, 0)
    polled(Identified("2", "v9r0"), store, 1)
    polled(FakeForge(DIRAC=ForgeUnavailable("x", "answered 502")), store, 2)
    assert store.tags.record(DIRAC.key).rival == "2"


def test_an_answer_that_was_on_its_way_when_another_was_accepted_is_not_recorded(store: Store) -> None:
    polled(Identified("1", "v7r1"), store, 0)
    polled(Identified("2", "v9r0"), store, 1)

    class Slow(Identified):
        def poll(self, requests: Sequence[PollRequest]) -> Iterator[PollAnswer]:
            accept(DIRAC, store, who="ada", at=MONDAY + timedelta(hours=2))
            yield from super().poll(requests)

    outcome = polled(Slow("1", "v7r1", "v7r2"), store, 2)
    assert "another repository was accepted at this path during the poll" in (outcome.error or "")
    assert (released(store), store.tags.record(DIRAC.key).backfilled_at) == ([], None)


def test_it_is_accepted_again_and_again(store: Store) -> None:
    for hours, identity in enumerate(("1", "2", "1", "2")):
        polled(Identified(identity, f"v7r{hours}"), store, 3 * hours)
        if hours:
            accept(DIRAC, store, who="ada", at=MONDAY + timedelta(hours=3 * hours + 1))
            polled(Identified(identity, f"v7r{hours}"), store, 3 * hours + 2)
        assert released(store) == [f"v7r{hours}"]
