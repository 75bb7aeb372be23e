"""Each release is announced once for a digest's name and channel, whatever happens to its tags, dates and rules."""

import json
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.chats.slack.blocks import render_digest
from bot.domain.digests.continuity import PastDigest
from bot.domain.digests.delivery import Frozen
from bot.domain.digests.digest import Digest, mentions_of
from bot.domain.digests.news import Role
from bot.domain.patterns import Pattern
from bot.domain.periods.period import AsOf
from bot.domain.polling.record import PollDepth
from bot.domain.releases import ReleaseState, key_of
from bot.domain.repositories import Counts, Repository
from bot.domain.tags import TagDetails, TagRef
from bot.domain.versions.pep440 import Pep440Scheme
from bot.domain.versions.semver import SemverScheme
from bot.services.deliver import DeliverySender, drop
from bot.services.digests import DigestOrder, keep_digest, make_digest, make_owed
from bot.services.poll import Asked, poll
from bot.services.rebuild import refresh_releases
from bot.store.store import Store
from tests.builders import PARIS, a_commit, a_ref, a_repository, days, paris
from tests.examples import part_of
from tests.fakes import FakeChat, FakeForge
from tests.memory import store_in_memory
from tests.whole import every_mention

R = a_repository("lab/R", scheme=SemverScheme(), counts=Counts.FINAL)
WEEKLY = DigestOrder("weekly", "#c", "since-last", [R], schedule="0 9 * * mon")
# Mondays.
FIRST, SECOND, THIRD = paris("2026-01-12T09:00"), paris("2026-01-19T09:00"), paris("2026-01-26T09:00")
BEFORE = paris("2026-01-06T12:00")


def _same(moment: datetime) -> datetime:
    return moment


@dataclass
class Lab:
    """A repository whose tags and dates are set by name, with the digests made of it."""

    store: Store
    chat: FakeChat = field(default_factory=FakeChat)
    dates: dict[str, datetime] = field(default_factory=dict)
    published: dict[str, datetime] = field(default_factory=dict)
    commits: dict[str, str] = field(default_factory=dict)
    rule: Repository = R

    def poll(self, at: datetime) -> None:
        answer: dict[TagRef, TagDetails | None] = {
            a_ref(name, self.commits.get(name)): TagDetails(
                self.commits.get(name, a_commit(name)), self.published.get(name), None, date
            )
            for name, date in self.dates.items()
        }
        forge = FakeForge(R=answer)
        # Twice: what contradicts the known tags is asked for again, and a list that lacks most is not believed at once.
        for moment in (at, at + timedelta(minutes=40)):
            list(poll([Asked(self.rule, PollDepth.FULL)], {"github": forge}, self.store, partial(_same, moment)))

    def read_by(self, rule: Repository) -> None:
        self.rule = rule
        refresh_releases([rule], self.store)

    def make(self, at: datetime, order: DigestOrder = WEEKLY) -> Digest:
        order = replace(order, repositories=[self.rule])
        digest = replace(make_digest(order, self.store, AsOf.at(at, PARIS), at), due=at)
        keep_digest(order, digest, self.chat, self.store)
        return digest


@pytest.fixture
def lab(store: Store) -> Lab:
    lab = Lab(store, dates={"v1.0.0": paris("2025-12-01T10:00")})
    lab.poll(BEFORE)
    return lab


def new_in(digest: Digest) -> list[str]:
    return [release.version for release in digest.news]


def test_a_release_object_published_later_is_a_changed_date_and_no_news(lab: Lab) -> None:
    lab.dates["v1.0.1"] = paris("2026-01-08T10:00")
    lab.poll(paris("2026-01-08T11:00"))
    assert new_in(lab.make(FIRST)) == ["v1.0.1"]
    lab.published["v1.0.1"] = paris("2026-01-14T10:00")
    lab.poll(paris("2026-01-14T11:00"))
    second = lab.make(SECOND)
    assert new_in(second) == []
    assert second.headline == "No releases of R"
    assert [(each.release.version, each.date) for each in second.redated] == [("v1.0.1", paris("2026-01-08T10:00"))]
    [part] = second.repositories
    assert ([each.version for each in part.releases], part.new) == (["v1.0.1"], frozenset())
    assert lab.make(THIRD).redated == ()


def test_a_tag_that_is_moved_twice_is_announced_once(lab: Lab) -> None:
    lab.dates["v1.0.1"] = paris("2026-01-08T10:00")
    lab.poll(paris("2026-01-08T11:00"))
    made = [lab.make(FIRST)]
    for number, at in enumerate((paris("2026-01-14T10:00"), paris("2026-01-21T10:00")), start=1):
        lab.dates["v1.0.1"], lab.commits["v1.0.1"] = at, str(number) * 40
        lab.poll(at + timedelta(hours=1))
        made.append(lab.make(at.replace(hour=9) + days(5)))
    assert [new_in(each) for each in made] == [["v1.0.1"], [], []]
    assert [len(each.moved) for each in made] == [0, 1, 1]


def test_drafts_of_backfilled_tags_that_are_published_on_one_day_are_no_news(store: Store) -> None:
    lab = Lab(store, dates={f"v1.{n}.0": paris("2025-12-01T10:00") for n in range(20)})
    lab.poll(BEFORE)
    assert new_in(lab.make(FIRST)) == []
    lab.published = dict.fromkeys(lab.dates, paris("2026-01-14T10:00"))
    lab.poll(paris("2026-01-14T11:00"))
    assert new_in(lab.make(SECOND)) == []


def test_a_backfilled_release_without_a_date_is_no_news_when_it_gets_one(store: Store) -> None:
    lab = Lab(store, dates={"v1.0.0": paris("2025-12-01T10:00")})
    lab.dates["v1.1.0"] = None  # type: ignore[assignment]
    lab.poll(BEFORE)
    lab.make(FIRST)
    lab.published["v1.1.0"] = paris("2026-01-14T10:00")
    lab.poll(paris("2026-01-14T11:00"))
    assert new_in(lab.make(SECOND)) == []


def test_dates_of_a_backfill_that_are_asked_for_later_count_in_their_period(store: Store) -> None:
    forge = FakeForge(R={a_ref("v1.1.0"): None})
    list(poll([Asked(R, PollDepth.FULL)], {"github": forge}, store, lambda: BEFORE))
    lab = Lab(store, dates={"v1.1.0": paris("2026-01-06T10:00")})
    lab.poll(paris("2026-01-07T10:00"))
    assert new_in(lab.make(FIRST)) == ["v1.1.0"]


def test_releases_that_a_changed_scheme_makes_of_known_tags_are_counted_in_one_line(lab: Lab) -> None:
    lab.dates |= {f"2026.{n}": paris("2026-01-08T10:00") for n in range(1, 13)}
    lab.poll(paris("2026-01-08T11:00"))
    assert new_in(lab.make(FIRST)) == []
    lab.read_by(replace(R, scheme=Pep440Scheme()))
    lab.dates["2026.13"] = paris("2026-01-14T10:00")
    lab.poll(paris("2026-01-14T11:00"))
    second = lab.make(SECOND)
    assert new_in(second) == ["2026.13"]
    [change] = second.rule_changes
    assert (change.name, change.count) == ("R", 12)
    third = lab.make(THIRD)
    assert (new_in(third), third.rule_changes) == ([], ())


def test_what_a_changed_rule_made_stays_unannounced_in_longer_periods(lab: Lab) -> None:
    monthly = replace(WEEKLY, period="1m")
    lab.dates["2026.1"] = paris("2026-01-08T10:00")
    lab.poll(paris("2026-01-08T11:00"))
    lab.make(FIRST, monthly)
    lab.read_by(replace(R, scheme=Pep440Scheme()))
    assert new_in(lab.make(SECOND, monthly)) == []
    assert new_in(lab.make(THIRD, monthly)) == []


def test_a_new_channel_and_an_added_repository_bring_no_old_releases(lab: Lab) -> None:
    lab.dates["v1.0.1"] = paris("2026-01-08T10:00")
    lab.poll(paris("2026-01-08T11:00"))
    lab.make(FIRST)
    assert new_in(lab.make(SECOND, replace(WEEKLY, channel="#new"))) == []
    other = a_repository("lab/other", scheme=SemverScheme(), counts=Counts.FINAL)
    order = replace(WEEKLY, name="both")
    empty = make_digest(replace(order, repositories=[other]), lab.store, AsOf.at(FIRST, PARIS), FIRST)
    keep_digest(order, empty, lab.chat, lab.store)
    assert new_in(lab.make(SECOND, order)) == []


def test_two_digests_in_one_channel_announce_each_their_own(lab: Lab) -> None:
    monthly = replace(WEEKLY, name="monthly", schedule="0 9 1 * *")
    lab.dates["v1.0.1"] = paris("2026-01-08T10:00")
    lab.poll(paris("2026-01-08T11:00"))
    assert new_in(lab.make(FIRST)) == ["v1.0.1"]
    assert new_in(lab.make(paris("2026-02-01T09:00"), monthly)) == ["v1.0.1"]


def test_a_release_of_monday_morning_is_announced_once_with_overlapping_weeks(lab: Lab) -> None:
    sevens = replace(WEEKLY, period="7d")
    lab.dates["v1.0.1"] = paris("2026-01-12T08:00")
    lab.poll(paris("2026-01-12T08:10"))
    assert lab.make(FIRST, sevens).headline == "1 release of R (1.0: 1)"
    assert lab.make(SECOND, sevens).headline == "No releases of R"


def test_a_preview_of_a_slot_says_what_was_posted_for_it(lab: Lab) -> None:
    lab.dates["v1.0.1"] = paris("2026-01-08T10:00")
    lab.poll(paris("2026-01-08T11:00"))
    posted = lab.make(FIRST)
    lab.make(SECOND)
    later = make_digest(WEEKLY, lab.store, AsOf.at(paris("2026-01-15T18:00"), PARIS), paris("2026-01-15T18:00"))
    assert (later.period, new_in(later)) == (posted.period, new_in(posted))


def test_a_digest_that_is_made_long_after_later_ones_repeats_nothing(lab: Lab) -> None:
    lab.make(FIRST)
    lab.dates["v1.0.1"] = paris("2026-01-15T10:00")
    lab.poll(paris("2026-01-15T11:00"))
    assert new_in(lab.make(THIRD)) == ["v1.0.1"]
    assert new_in(lab.make(SECOND)) == []


def test_what_was_dropped_after_the_next_digest_was_made_is_announced_by_the_one_after_it(lab: Lab) -> None:
    lab.make(FIRST)
    lab.dates["v1.0.1"] = paris("2026-01-15T10:00")
    lab.poll(paris("2026-01-15T11:00"))
    lab.make(SECOND)
    assert new_in(lab.make(THIRD)) == []
    _, second, _ = lab.store.deliveries.in_states(["pending"])
    drop(second.id, lab.store.deliveries, lab.chat, "tester", THIRD)
    assert new_in(lab.make(THIRD + days(7))) == ["v1.0.1"]


def test_a_release_with_a_changed_date_whose_announcement_was_dropped_is_announced_after_all(lab: Lab) -> None:
    lab.dates["v1.0.1"] = paris("2026-01-08T10:00")
    lab.poll(paris("2026-01-08T11:00"))
    assert new_in(lab.make(FIRST)) == ["v1.0.1"]
    lab.published["v1.0.1"] = paris("2026-01-14T10:00")
    lab.poll(paris("2026-01-14T11:00"))
    assert [each.release.version for each in lab.make(SECOND).redated] == ["v1.0.1"]
    first, _ = lab.store.deliveries.in_states(["pending"])
    drop(first.id, lab.store.deliveries, lab.chat, "tester", SECOND)
    assert [each.version for each in lab.make(THIRD).late] == ["v1.0.1"]
    assert new_in(lab.make(THIRD + days(7))) == []


def test_a_tag_that_was_gone_at_every_digest_is_announced_once_it_is_back(lab: Lab) -> None:
    lab.make(FIRST)
    lab.dates |= {"v1.0.1": paris("2026-01-13T10:00"), "v1.0.2": paris("2026-01-13T10:00")}
    lab.poll(paris("2026-01-13T11:00"))
    del lab.dates["v1.0.1"]
    lab.poll(paris("2026-01-14T11:00"))
    assert new_in(lab.make(SECOND)) == ["v1.0.2"]
    lab.dates["v1.0.1"] = paris("2026-01-13T10:00")
    lab.poll(paris("2026-01-20T11:00"))
    assert [release.version for release in lab.make(THIRD).late] == ["v1.0.1"]


def test_a_release_with_a_commit_of_the_future_is_announced_when_it_is_seen_and_once(lab: Lab) -> None:
    lab.make(FIRST)
    lab.dates["v1.0.1"] = paris("2026-03-01T10:00")
    lab.poll(paris("2026-01-14T11:00"))
    assert new_in(lab.make(SECOND)) == ["v1.0.1"]
    lab.published["v1.0.1"] = paris("2026-01-10T10:00")
    lab.poll(paris("2026-01-20T11:00"))
    third = lab.make(THIRD)
    assert (new_in(third), list(third.late)) == ([], [])
    assert [(each.release.version, each.date) for each in third.redated] == [("v1.0.1", paris("2026-01-14T11:00"))]


class SlackMessages(FakeChat):
    """A chat that writes messages as Slack takes them, and keeps the words of each."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[set[str]] = []

    def freeze(self, channel: str, digest: Digest) -> Frozen:
        message = render_digest(digest)
        # Some are named once more where it is said that their dates may be of another period.
        blocks = json.dumps([message.blocks, *(each.blocks for each in message.replies)])
        told = re.sub(r"[^\\]*may belong to the other side of a period's edge:[^\"]*", "", blocks)
        self.words.append(set(re.findall(r"v2[\w.-]+", told)))
        return Frozen(super().freeze(channel, digest).message, message.unnamed)


class FewWords(SlackMessages):
    """A chat whose messages have room for 500 releases, and which has no threads."""

    def freeze(self, channel: str, digest: Digest) -> Frozen:
        self.words.append({release.version for release in digest.news[:500]})
        return Frozen(FakeChat.freeze(self, channel, digest).message, frozenset(map(key_of, digest.news[500:])))


@pytest.mark.long
@pytest.mark.parametrize(("chat", "count", "messages"), [(SlackMessages(), 1_200, 1), (FewWords(), 1_200, 3)])
def test_of_many_late_releases_each_is_named_once_in_consecutive_digests(
    store: Store, chat: SlackMessages, count: int, messages: int
) -> None:
    lab = Lab(store, chat, dates={"v1.0.0": paris("2025-12-01T10:00")})
    lab.poll(BEFORE)
    lab.make(FIRST)
    late = {f"v2.{number}.0-rc.{number}": paris("2025-06-01T10:00") for number in range(count)}
    lab.dates |= late
    lab.poll(paris("2026-01-15T11:00"))
    for week in range(1, 5):
        lab.make(FIRST + days(7) * week)
    named = Counter(word for words in chat.words for word in words & late.keys())
    assert (len(named), set(named.values())) == (count, {1})
    assert sum(bool(words & late.keys()) for words in chat.words) == messages


NAMES = [f"v1.{number}.0" for number in range(1, 9)] + [f"2026.{number}" for number in range(1, 4)]
RULES = (R, replace(R, scheme=Pep440Scheme()))
ORDERS = (WEEKLY, replace(WEEKLY, name="monthly", period="1m"), replace(WEEKLY, channel="#other", period="7d"))
names = st.sampled_from(NAMES)
STEPS = st.one_of(
    st.tuples(st.just("tag"), names, st.integers(-40, 3)),
    st.tuples(st.just("move"), names, st.integers(-10, 0)),
    st.tuples(st.just("delete"), names, st.just(0)),
    st.tuples(st.just("publish"), names, st.integers(-3, 0)),
    st.tuples(st.just("rule"), st.just(""), st.integers(0, 1)),
    st.tuples(st.just("drop"), st.just(""), st.integers(0, 3)),
    st.tuples(st.just("send"), st.just(""), st.just(0)),
    st.tuples(st.just("down"), st.just(""), st.integers(1, 20)),
)


@pytest.mark.long
@settings(max_examples=part_of(30), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(STEPS, max_size=30))
def test_whatever_happens_each_release_is_announced_once_or_will_be(steps: list[tuple[str, str, int]]) -> None:
    with store_in_memory() as store:
        world = World(store)
        for step, name, number in steps:
            world.now += timedelta(hours=31)
            world.do(step, name, number)
            world.make()
        world.settle()
        world.judge()


class World:
    """A lab in which time passes; three digests, of two names and two channels, are made when they are due."""

    def __init__(self, store: Store) -> None:
        # The second is of the first weeks of some digests, and not of others.
        self.backfilled = {"0.1.0": paris("2025-10-01T10:00"), "0.2.0": paris("2026-01-03T10:00")}
        self.lab = Lab(store, dates={f"v{name}": date for name, date in self.backfilled.items()})
        self.store = store
        self.now = BEFORE
        self.moves = 0
        self.lab.poll(self.now)
        self.make()

    def do(self, step: str, name: str, number: int) -> None:
        match step:
            case "rule":
                self.lab.read_by(RULES[number])
            case "drop":
                for delivery in self.store.deliveries.in_states(["pending"])[number : number + 1]:
                    drop(delivery.id, self.store.deliveries, self.lab.chat, "tester", self.now)
            case "send":
                DeliverySender(self.lab.chat, self.store.deliveries, lambda: self.now).deliver_all()
            case "down":
                self.now += days(number)
            case _:
                self._change(step, name, number)
                self.lab.poll(self.now)

    def _change(self, step: str, name: str, number: int) -> None:
        lab = self.lab
        if step == "tag":
            lab.dates.setdefault(name, self.now + days(number))
        elif name in lab.dates:
            match step:
                case "move":
                    self.moves += 1
                    lab.dates[name], lab.commits[name] = self.now + days(number), f"{self.moves:040}"
                case "publish":
                    lab.published[name] = self.now + days(number)
                case _:
                    del lab.dates[name]

    def make(self) -> None:
        orders = [replace(order, repositories=[self.lab.rule]) for order in ORDERS]
        make_owed(orders, self.store, self.lab.chat, AsOf.at(self.now, PARIS))

    def settle(self) -> None:
        """Let every date come, and the next digests be made."""
        for _ in range(3):
            self.now += days(20)
            self.lab.poll(self.now)
            self.make()

    def judge(self) -> None:
        for order in ORDERS:
            mentions = every_mention(self.store, order.name, order.channel)
            sent = {each.id: each for each in self.store.digests.past(order.name, order.channel)}
            named = [each for each in mentions if each.role is Role.NAMED and each.digest in sent]
            count = Counter(each.key[1] for each in named)
            assert [name for name, number in count.items() if number > 1] == []
            for each in named:
                date = self.backfilled.get(each.key[1])
                digest = sent[each.digest]
                assert date is None or digest.period_start is None or digest.period_start <= date < digest.period_end
            if sent:
                silent = {each.key[1] for each in mentions if each.role is Role.SILENT}
                assert self._expected(list(sent.values())) - silent - count.keys() == set()

    def _expected(self, sent: list[PastDigest]) -> set[str]:
        """What has to be named: all that a poll brought live, but what was there and old before the first digest.

        Of that, a tag that moves later is told as moved, and need not be named as new.
        """
        start = min(each.period_start for each in sent if each.period_start is not None)
        observed_at = min(each.observed_at for each in sent)
        held = [each for each in self.store.releases.of([R.key]) if each.is_counted and not each.backfilled]
        return {
            each.normalized
            for each in held
            if each.date is not None
            and (each.first_seen > observed_at or (each.date >= start and each.state is not ReleaseState.MOVED))
        }


def test_what_happened_to_tags_is_told_once_though_the_clock_of_digests_is_ahead_of_that_of_polls(lab: Lab) -> None:
    lab.dates |= {"v1.0.1": paris("2026-01-08T10:00"), "nightly-build": paris("2026-01-08T10:00")}
    lab.poll(paris("2026-01-08T11:00"))
    # Made by a clock that is ahead: all that follows is observed at moments before this one.
    ahead = [lab.make(FIRST + timedelta(hours=30))]
    lab.commits["v1.0.1"] = "1" * 40
    del lab.dates["v1.0.0"]
    lab.dates["another-build"] = paris("2026-01-12T10:00")
    lab.poll(paris("2026-01-12T11:00"))
    later = [lab.make(SECOND), lab.make(THIRD)]
    assert [[tag.tag for tag in each.unclassified] for each in [*ahead, *later]] == [
        ["nightly-build"],
        ["another-build"],
        [],
    ]
    assert [(len(each.moved), len(each.deleted)) for each in later] == [(1, 1), (0, 0)]


def test_no_new_date_and_no_corrected_rule_makes_news_of_a_backfilled_tag_that_nothing_read(store: Store) -> None:
    early = paris("2025-11-01T10:00")
    lab = Lab(store, dates={"rel-1.0.0": early, "rel-1.0.1": early, "v0.9.0": early})
    lab.poll(BEFORE)
    lab.make(FIRST)
    lab.published["rel-1.0.0"] = paris("2026-01-14T10:00")
    lab.poll(paris("2026-01-14T11:00"))
    lab.read_by(replace(R, scheme=SemverScheme("rel-")))
    second = lab.make(SECOND)
    assert (new_in(second), list(second.late)) == ([], [])
    assert [change.count for change in second.rule_changes] == [2]


def test_what_is_left_out_and_taken_back_in_is_as_little_news_as_before(lab: Lab) -> None:
    lab.make(FIRST)
    lab.published["v1.0.0"] = paris("2026-01-14T10:00")
    lab.poll(paris("2026-01-14T11:00"))
    lab.read_by(replace(R, exclude=Pattern("^v1[.]0[.]0$")))
    lab.read_by(R)
    assert [new_in(lab.make(at)) for at in (SECOND, THIRD)] == [[], []]


def kept(digest: Digest) -> set[str]:
    """Return what a digest announces, by its normalized version, pre-releases too."""
    return {release.normalized for release, role in mentions_of(digest, frozenset()) if role is Role.NAMED}


def test_a_scheme_that_writes_a_version_otherwise_announces_nothing_again_though_its_date_changed(lab: Lab) -> None:
    lab.dates["v1.1.0-rc.1"] = paris("2026-01-08T10:00")
    lab.poll(paris("2026-01-08T11:00"))
    assert kept(lab.make(FIRST)) == {"1.1.0-rc.1"}
    lab.published["v1.1.0-rc.1"] = paris("2026-01-14T10:00")
    lab.poll(paris("2026-01-14T11:00"))
    lab.read_by(replace(R, scheme=Pep440Scheme()))
    assert kept(lab.make(SECOND)) == set()


def test_a_tag_pushed_on_an_old_commit_before_the_first_digest_is_in_it(lab: Lab) -> None:
    lab.dates["v1.0.1"] = paris("2025-12-10T10:00")
    lab.poll(paris("2026-01-08T11:00"))
    lab.dates["v1.0.2"] = paris("2025-12-11T10:00")
    # The first digest is made a little after its moment: what was seen in between is in it too.
    lab.poll(FIRST + timedelta(minutes=1))
    first = replace(make_digest(WEEKLY, lab.store, AsOf.at(FIRST, PARIS), FIRST + timedelta(hours=2)), due=FIRST)
    keep_digest(WEEKLY, first, lab.chat, lab.store)
    assert [each.version for each in first.late] == ["v1.0.1", "v1.0.2"]
    assert not lab.make(SECOND).late
