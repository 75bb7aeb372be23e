"""A repository whose path was changed in the configuration keeps its history and what was told of it."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from bot.domain.digests.continuity import PastDigest
from bot.domain.digests.digest import Digest
from bot.domain.organisations import Listed, Member, Organisation
from bot.domain.periods.period import AsOf
from bot.domain.polling.record import PollDepth, RepositoryRecord
from bot.domain.repositories import Counts, Repository
from bot.domain.subscriptions import Subscription
from bot.domain.tags import TagDetails, TagEventKind, TagRef
from bot.domain.versions.semver import SemverScheme
from bot.domain.watch_rules import TagRules, WatchRules
from bot.services.announce import announce
from bot.services.deliver import DeliverySender
from bot.services.digests import DigestOrder, keep_digest, make_digest
from bot.services.identity import accept
from bot.services.organisations import follow
from bot.services.poll import Asked, PollOutcome, poll
from bot.services.ports import PollAnswer, PollRequest
from bot.store.digests import DigestStore
from bot.store.histories import HistoryStore
from bot.store.store import Store
from tests.builders import PARIS, a_commit, a_ref, a_repository, paris
from tests.fakes import FakeChat, FakeForge
from tests.memory import store_in_memory

OLD = a_repository("lab/old", scheme=SemverScheme(), counts=Counts.FINAL)
NEW, THIRD = (a_repository(path, scheme=SemverScheme(), counts=Counts.FINAL) for path in ("lab/new", "lab/third"))
MONTHLY = DigestOrder("monthly", "#c", "4w", [OLD], schedule="0 9 * * mon")
START = paris("2026-01-05T12:00")
# Mondays.
FIRST, SECOND, LAST = paris("2026-01-12T09:00"), paris("2026-01-19T09:00"), paris("2026-01-26T09:00")
CONTINUED = "history of github:lab/old continues as github:lab/new"


class Renamed(FakeForge):
    """A forge that answers for one repository by every path, with an id of its own by path."""

    def __init__(self, dates: dict[str, datetime], ids: dict[str, str]) -> None:
        refs: dict[TagRef, TagDetails | None] = {
            a_ref(name): TagDetails(a_commit(name), committed=date) for name, date in dates.items()
        }
        super().__init__(**dict.fromkeys(("old", "new", "third", "OLD"), refs))
        self.ids = ids

    def poll(self, requests: Sequence[PollRequest]) -> Iterator[PollAnswer]:
        for answer in super().poll(requests):
            yield replace(answer, identity=self.ids.get(answer.path, "1"))


def _same(moment: datetime) -> datetime:
    return moment


@dataclass
class Lab:
    """A repository whose tags are set by name, polled by the path that is watched, with the digests made of it."""

    store: Store
    dates: dict[str, datetime] = field(default_factory=lambda: {"v1.0.0": paris("2025-11-02T10:00")})
    ids: dict[str, str] = field(default_factory=dict)
    asked: list[PollRequest] = field(default_factory=list)

    def poll(
        self, at: datetime, repository: Repository = OLD, *also: Repository, look: PollDepth = PollDepth.FULL
    ) -> PollOutcome:
        """Poll one repository, with others watched beside it."""
        forge = Renamed(self.dates, self.ids)
        watched = [repository.key, *(each.key for each in also)]
        polling = poll([Asked(repository, look)], {"github": forge}, self.store, partial(_same, at), watched=watched)
        [outcome] = polling
        self.asked = forge.asked
        return outcome

    def fail(self, at: datetime, repository: Repository) -> None:
        forge = FakeForge()
        list(
            poll(
                [Asked(repository, PollDepth.FULL)], {"github": forge}, self.store, lambda: at, watched=[repository.key]
            )
        )

    def make(self, at: datetime, repository: Repository = OLD, store: Store | None = None) -> Digest:
        order = replace(MONTHLY, repositories=[repository])
        digest = replace(make_digest(order, store or self.store, AsOf.at(at, PARIS), at), due=at)
        keep_digest(order, digest, FakeChat(), self.store)
        return digest

    def names(self, repository: Repository) -> set[str]:
        return set(self.store.tags.record(repository.key).tags)


@pytest.fixture
def lab(store: Store) -> Lab:
    lab = Lab(store)
    lab.poll(START)
    lab.dates["v1.0.1"] = paris("2026-01-08T10:00")
    lab.poll(paris("2026-01-08T11:00"))
    return lab


def new_in(digest: Digest) -> list[str]:
    return [release.version for release in digest.news]


def test_the_first_poll_by_another_path_continues_the_history(lab: Lab) -> None:
    before = lab.store.tags.record(OLD.key)
    outcome = lab.poll(FIRST, NEW)
    after = lab.store.tags.record(NEW.key)
    assert (outcome.status, outcome.new, outcome.deleted, outcome.notice) == ("unchanged", (), (), CONTINUED)
    assert after.backfilled_at == before.backfilled_at
    assert {tag.name: (tag.first_seen, tag.backfilled) for tag in after.tags.values()} == {
        "v1.0.0": (START, True),
        "v1.0.1": (paris("2026-01-08T11:00"), False),
    }
    assert lab.store.tags.record(OLD.key) == RepositoryRecord(OLD.key)
    assert [release.url for release in lab.store.releases.of([NEW.key])] == [
        f"https://github.example/lab/new/releases/tag/{name}" for name in ("v1.0.0", "v1.0.1")
    ]
    assert lab.poll(SECOND, NEW).notice == ""


def test_what_the_answer_brings_is_news_of_the_continued_history(lab: Lab) -> None:
    lab.dates["v1.0.2"] = paris("2026-01-02T10:00")
    outcome = lab.poll(FIRST, NEW)
    assert (outcome.status, outcome.new) == ("ok", ("v1.0.2",))
    assert not lab.store.tags.record(NEW.key).tags["v1.0.2"].backfilled


def test_a_path_that_differs_in_case_alone_is_another_path(lab: Lab) -> None:
    upper = replace(OLD, path="lab/OLD")
    assert lab.poll(FIRST, upper).notice == "history of github:lab/old continues as github:lab/OLD"
    assert lab.names(upper) == {"v1.0.0", "v1.0.1"}


def test_a_repository_that_is_still_watched_keeps_its_history(lab: Lab) -> None:
    outcome = lab.poll(FIRST, NEW, OLD)
    assert (outcome.new, outcome.notice) == (("v1.0.0", "v1.0.1"), "")
    assert lab.names(OLD) == {"v1.0.0", "v1.0.1"}
    assert all(tag.backfilled for tag in lab.store.tags.record(NEW.key).tags.values())


@pytest.mark.parametrize(
    ("ids", "repository"),
    [({"lab/new": "2"}, NEW), ({"lab/new": ""}, NEW), ({}, replace(NEW, forge="other"))],
    ids=["another id", "no id", "another forge"],
)
def test_a_repository_of_another_identity_has_a_history_of_its_own(
    lab: Lab, ids: dict[str, str], repository: Repository
) -> None:
    lab.ids = ids
    forges = {repository.forge: Renamed(lab.dates, ids)}
    [outcome] = poll([Asked(repository, PollDepth.FULL)], forges, lab.store, lambda: FIRST, watched=[repository.key])
    assert (outcome.new, outcome.notice) == (("v1.0.0", "v1.0.1"), "")
    assert lab.names(OLD) == {"v1.0.0", "v1.0.1"}


def test_a_closed_history_stays_closed(lab: Lab) -> None:
    lab.ids = {"lab/old": "2"}
    assert lab.poll(FIRST).error is not None
    accept(OLD, lab.store, who="ada", at=FIRST)
    assert lab.store.histories.unwatched([]) == {}
    assert (lab.poll(SECOND, NEW, OLD).notice, lab.poll(LAST, THIRD).notice) == (
        "",
        "history of github:lab/new continues as github:lab/third",
    )
    assert lab.names(replace(OLD, path=f"lab/old:1:{FIRST.isoformat()}")) == {"v1.0.0", "v1.0.1"}


def test_an_accepted_repository_continues_the_history_that_it_had_at_another_path(lab: Lab) -> None:
    lab.ids = {"lab/third": "3"}
    lab.poll(START, THIRD, OLD)
    lab.ids = {}
    assert lab.poll(FIRST, THIRD, OLD).error is not None
    accept(THIRD, lab.store, who="ada", at=FIRST)
    assert lab.poll(LAST, THIRD).notice == "history of github:lab/old continues as github:lab/third"


def test_another_repository_than_the_accepted_one_continues_nothing(lab: Lab) -> None:
    for identity in ("3", "2"):
        lab.ids = {"lab/third": identity}
        lab.poll(FIRST, THIRD, OLD)
    accept(THIRD, lab.store, who="ada", at=FIRST)
    lab.ids = {}
    assert lab.poll(SECOND, THIRD).error is not None
    assert lab.names(OLD) == {"v1.0.0", "v1.0.1"}


def test_of_two_histories_the_one_polled_last_is_continued(lab: Lab) -> None:
    lab.poll(FIRST, THIRD, OLD)
    lab.dates["v1.0.2"] = paris("2026-01-12T10:00")
    lab.poll(SECOND, OLD, THIRD)
    assert lab.poll(LAST, NEW).notice == CONTINUED
    assert lab.names(THIRD) == {"v1.0.0", "v1.0.1"}


def test_a_poll_that_failed_before_does_not_count_as_the_first(lab: Lab) -> None:
    lab.fail(FIRST, NEW)
    assert lab.store.tags.record(NEW.key).error is not None
    assert lab.poll(SECOND, NEW).notice == CONTINUED
    assert (lab.store.tags.record(NEW.key).error, lab.names(NEW)) == (None, {"v1.0.0", "v1.0.1"})


def test_the_id_is_asked_for_where_a_history_may_be_continued(lab: Lab) -> None:
    lab.poll(FIRST)
    assert [request.may_be_known for request in lab.asked] == [False]
    lab.poll(FIRST, THIRD, OLD)
    assert [request.may_be_known for request in lab.asked] == [False]
    lab.poll(FIRST, NEW, THIRD)
    assert [request.may_be_known for request in lab.asked] == [True]


def test_a_single_answer_calls_no_tag_of_the_history_deleted_or_moved(lab: Lab) -> None:
    del lab.dates["v1.0.1"]
    outcome = lab.poll(FIRST, NEW)
    assert (outcome.deleted, outcome.notice, lab.names(NEW)) == ((), CONTINUED, {"v1.0.0", "v1.0.1"})
    record = lab.store.tags.record(NEW.key)
    assert (record.validator, record.complete_at) == (None, paris("2026-01-08T11:00"))
    assert lab.poll(SECOND, NEW, look=PollDepth.COMPLETE).deleted == ("v1.0.1",)
    assert [event.kind for _, event in lab.store.tags.events([NEW.key])] == [TagEventKind.DELETED]


class Interrupted(HistoryStore):
    """The histories of a store to which another worker writes just before one is moved, once."""

    def __init__(self, store: Store, other: Callable[[Store], object]) -> None:
        super().__init__(store.database)
        self.store = store
        self.other: Callable[[Store], object] | None = other

    def move_to(self, record: RepositoryRecord, former: RepositoryRecord) -> None:
        if self.other is not None:
            other, self.other = self.other, None
            other(self.store)
        super().move_to(record, former)


def test_what_another_worker_wrote_meanwhile_is_looked_at_again() -> None:
    with store_in_memory() as store:
        store.histories = Interrupted(store, lambda store: store.polls.write_failure(NEW.key, FIRST, "answered 502"))
        lab = Lab(store)
        lab.poll(START)
        assert (lab.poll(FIRST, NEW).notice, lab.names(NEW)) == (CONTINUED, {"v1.0.0"})
        assert store.tags.record(NEW.key).error is None


def poll_unknowing(store: Store) -> None:
    """Poll the new path as a worker that does not know what is watched."""
    forges = {"github": Renamed({"v1.0.0": paris("2025-11-02T10:00")}, {})}
    list(poll([Asked(NEW, PollDepth.FULL)], forges, store, lambda: FIRST))


def test_a_history_that_another_worker_began_meanwhile_is_left_alone() -> None:
    with store_in_memory() as store:
        store.histories = Interrupted(store, poll_unknowing)
        lab = Lab(store)
        lab.poll(START)
        assert lab.poll(FIRST, NEW).notice == ""
        assert (lab.names(OLD), lab.names(NEW)) == ({"v1.0.0"}, {"v1.0.0"})


def test_no_release_is_told_twice_and_a_late_one_is_told(lab: Lab) -> None:
    assert new_in(lab.make(FIRST)) == ["v1.0.1"]
    lab.dates["v1.0.2"] = paris("2025-12-02T10:00")
    lab.poll(paris("2026-01-14T11:00"), NEW)
    second = lab.make(SECOND, NEW)
    assert (new_in(second), [each.version for each in second.late]) == (["v1.0.2"], ["v1.0.2"])
    assert new_in(lab.make(LAST, NEW)) == []


def test_what_came_before_a_digest_that_was_made_while_the_new_path_failed_is_still_news(lab: Lab) -> None:
    lab.make(FIRST)
    # Dated before the period of every digest.
    lab.dates["v1.0.2"] = paris("2025-12-02T10:00")
    lab.poll(paris("2026-01-14T11:00"))
    lab.fail(SECOND, NEW)
    assert new_in(lab.make(SECOND, NEW)) == []
    lab.poll(paris("2026-01-20T11:00"), NEW)
    assert new_in(lab.make(LAST, NEW)) == ["v1.0.2"]


def test_a_digest_that_no_earlier_one_saw_the_history_for_calls_none_of_it_new(lab: Lab) -> None:
    lab.dates["v1.0.2"] = paris("2025-12-02T10:00")
    lab.poll(paris("2026-01-09T11:00"))
    lab.fail(FIRST, NEW)
    lab.make(FIRST, NEW)
    lab.poll(paris("2026-01-14T11:00"), NEW)
    assert new_in(lab.make(SECOND, NEW)) == ["v1.0.1"]


def test_a_digest_that_is_made_while_the_history_moves_tells_nothing_twice(tmp_path: Path) -> None:
    class Moving(DigestStore):
        moves = False

        def past(self, name: str, channel: str, *, untold: bool = False) -> list[PastDigest]:
            found = super().past(name, channel, untold=untold)
            if self.moves:
                with ThreadPoolExecutor(1) as worker:
                    worker.submit(made.poll, SECOND, NEW).result()
            return found

    with Store.open(f"sqlite:///{tmp_path}/bot.db") as store:
        store.digests = digests = Moving(store.database)
        made = Lab(store)
        made.poll(START)
        made.dates["v1.0.1"] = paris("2026-01-08T10:00")
        made.poll(paris("2026-01-08T11:00"))
        assert new_in(made.make(FIRST)) == ["v1.0.1"]
        digests.moves = True
        assert new_in(made.make(SECOND, NEW)) == []


def test_a_poll_that_does_not_know_what_is_watched_continues_nothing(lab: Lab) -> None:
    [outcome] = poll([Asked(NEW, PollDepth.FULL)], {"github": Renamed(lab.dates, {})}, lab.store, lambda: FIRST)
    assert (outcome.notice, lab.names(OLD)) == ("", {"v1.0.0", "v1.0.1"})


def test_a_member_that_is_renamed_in_its_organisation_continues_its_history(lab: Lab) -> None:
    organisation = Organisation("github", "lab")
    forge = FakeForge()
    forge.lists["lab"] = [Listed("lab/old"), Listed("lab/third")]
    follow([organisation], {"github": forge}, lab.store.watchlist, lambda: START, timedelta(0))
    rules = WatchRules(TagRules("semver", "old-", "final"))
    lab.store.watchlist.write_fit(organisation.key, "lab/old", rules, is_doubtful=False)
    forge.lists["lab"] = [Listed("lab/new", identity="1", is_archived=True), Listed("lab/third", identity="3")]
    follow([organisation], {"github": forge}, lab.store.watchlist, lambda: FIRST, timedelta(0))
    members = lab.store.watchlist.additions().members[organisation.key]
    # The flags and rules are those that it came with.
    assert members == (
        Member(Listed("lab/new"), rules),
        Member(Listed("lab/old"), rules, missed=2),
        Member(Listed("lab/third")),
    )
    assert [member.is_there for member in members] == [True, False, True]
    assert lab.poll(FIRST, NEW, THIRD).notice == CONTINUED


def told_to(lab: Lab, at: datetime, *watched: Repository) -> list[tuple[str, str]]:
    """Announce and deliver; return who was told of which release, and what."""
    chat = FakeChat()
    announce(lab.store, chat, watched, at, PARIS)
    DeliverySender(chat, lab.store.deliveries, lambda: at).deliver_all()
    lines = [(channel, line) for channel, text in chat.posted for line in text.splitlines()]
    return [(channel, line.partition(": ")[0]) for channel, line in lines]


def subscribed(lab: Lab, channel: str, repository: Repository) -> None:
    lab.store.subscriptions.add(Subscription(0, channel, repository.key, START, "slack:U1"))


def test_subscriptions_go_on_at_the_new_path_and_tell_nothing_again(lab: Lab) -> None:
    subscribed(lab, "#c", OLD)
    lab.dates["v1.0.2"] = paris("2026-01-09T10:00")
    lab.poll(paris("2026-01-09T11:00"))
    assert told_to(lab, FIRST, OLD) == [("#c", "v1.0.2 of old (patch release of 1.0) is out")]
    lab.poll(FIRST, NEW)
    assert told_to(lab, FIRST, NEW) == []
    lab.dates["v1.0.3"] = paris("2026-01-13T10:00")
    lab.poll(paris("2026-01-13T11:00"), NEW)
    assert told_to(lab, SECOND, NEW) == [("#c", "v1.0.3 of new (patch release of 1.0) is out")]


def test_a_subscription_made_at_the_new_path_is_not_told_of_the_history_that_comes_there(lab: Lab) -> None:
    lab.fail(FIRST, NEW)
    subscribed(lab, "#c", NEW)
    lab.poll(FIRST, NEW)
    assert told_to(lab, FIRST, NEW) == []
    lab.dates["v1.0.3"] = paris("2026-01-13T10:00")
    lab.poll(paris("2026-01-13T11:00"), NEW)
    assert len(told_to(lab, SECOND, NEW)) == 1


def test_subscriptions_hold_for_the_repository_that_was_accepted_at_their_path(lab: Lab) -> None:
    subscribed(lab, "#c", OLD)
    lab.dates["v1.0.2"] = paris("2026-01-09T10:00")
    lab.poll(paris("2026-01-09T11:00"))
    assert len(told_to(lab, FIRST, OLD)) == 1
    lab.ids["lab/old"] = "2"
    lab.dates = {"v2.0.0": paris("2026-01-10T10:00")}
    lab.poll(FIRST)
    accept(OLD, lab.store, who="ann", at=FIRST)
    lab.poll(FIRST)
    assert told_to(lab, FIRST, OLD) == []
    lab.dates |= {"v1.0.2": paris("2026-01-13T10:00")}
    lab.poll(SECOND)
    assert told_to(lab, SECOND, OLD) == [("#c", "v1.0.2 of old (patch release of 1.0) is out")]
