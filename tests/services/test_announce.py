"""Each release is told to each of its subscribers exactly once, whatever happens on the way."""

from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.errors import UsageError
from bot.domain.filters import KindWord
from bot.domain.notes.record import NotesRecord, NotesSource
from bot.domain.package_index import IndexListing, IndexVersion
from bot.domain.polling.record import PollDepth
from bot.domain.releases import releases_of
from bot.domain.repositories import Counts, Repository
from bot.domain.subscriptions import Subscription
from bot.domain.tags import TagDetails, TagRef
from bot.domain.versions.semver import SemverScheme
from bot.services.announce import announce
from bot.services.deliver import DeliverySender, drop, retry
from bot.services.poll import Asked, poll
from bot.services.ports import ChatDoubtful, ChatRefused, ChatUnavailable
from bot.services.rebuild import refresh_releases
from bot.store.schema import metadata
from bot.store.store import Store
from tests.builders import PARIS, a_commit, a_repository, days, paris
from tests.databases import database_url, postgresql, store
from tests.examples import part_of
from tests.fakes import FakeChat, FakeForge

# On both databases.
__all__ = ["database_url", "postgresql", "store"]

DIRAC = a_repository()
LIBRARY = a_repository("lab/library", scheme=SemverScheme(), counts=Counts.FINAL)
START = paris("2021-02-15T20:00")
MINUTE = timedelta(minutes=1)


@dataclass
class Lab:
    """A forge, a chat and a worker that polls, announces and delivers when it is told to."""

    store: Store
    chat: FakeChat = field(default_factory=FakeChat)
    watched: tuple[Repository, ...] = (DIRAC, LIBRARY)
    now: datetime = START
    tags: dict[str, dict[str, TagDetails]] = field(default_factory=lambda: {"DIRAC": {}, "library": {}})

    def tag(self, *names: str, repository: str = "DIRAC", published: datetime | None = None) -> None:
        for name in names:
            details = TagDetails(a_commit(name), committed=self.now - MINUTE, published=published)
            self.tags[repository][name] = details

    def poll(self) -> None:
        answers: dict[str, dict[TagRef, TagDetails | None]] = {
            name: {TagRef(tag, told.commit or "", annotated=False): told for tag, told in held.items()}
            for name, held in self.tags.items()
        }
        asked = [Asked(each, PollDepth.FULL) for each in self.watched]
        list(poll(asked, {"github": FakeForge(**answers)}, self.store, lambda: self.now))
        self.now += MINUTE

    def subscribe(self, channel: str, repository: str = DIRAC.key, **more: object) -> Subscription:
        made = Subscription(0, channel, repository, self.now, "slack:U1", **more)  # type: ignore[arg-type]
        return self.store.subscriptions.add(made)

    def announce(self) -> list[int]:
        return announce(self.store, self.chat, self.watched, self.now, PARIS)

    def deliver(self) -> None:
        self.chat.time = self.now
        DeliverySender(self.chat, self.store.deliveries, lambda: self.now).deliver_all()

    def live(self) -> None:
        """Do what the worker does at a minute."""
        self.poll()
        self.announce()
        self.deliver()

    @property
    def posted(self) -> list[tuple[str, str]]:
        return self.chat.posted


@pytest.fixture
def lab(store: Store) -> Lab:
    lab = Lab(store)
    lab.tag("v7r1p28", "v7r1p27")
    lab.tag("1.0.0", repository="library")
    lab.live()
    return lab


def test_a_release_that_came_after_the_subscription_is_told_once_in_a_line_that_stands_alone(lab: Lab) -> None:
    lab.subscribe("#c")
    lab.tag("v7r1p29")
    lab.live()
    lab.live()
    line = (
        "v7r1p29 of DIRAC (patch release of v7r1) is out: 15 Feb 2021 20:00"
        " https://github.example/DIRACGrid/DIRAC/releases/tag/v7r1p29"
    )
    assert lab.posted == [("#c", line)]


def test_what_was_there_before_is_not_news_nor_what_came_before_another_subscription(lab: Lab) -> None:
    lab.subscribe("#early")
    lab.tag("v7r1p29")
    lab.poll()
    lab.subscribe("#late")
    lab.live()
    assert [channel for channel, _ in lab.posted] == ["#early"]


def test_a_subscription_is_to_the_kinds_and_the_series_that_it_names(lab: Lab) -> None:
    lab.subscribe("#final")
    lab.subscribe("#patch", kinds=(KindWord.PATCH,))
    lab.subscribe("#pre", kinds=(KindWord.PRE_RELEASE,))
    lab.subscribe("#series", series="v7r1")
    lab.tag("v7r1p29", "v7r2", "v7r3-pre1")
    lab.live()
    versions = {channel: [line.split()[0] for line in text.splitlines()] for channel, text in lab.posted}
    assert {channel: set(found) for channel, found in versions.items()} == {
        "#final": {"v7r1p29", "v7r2"},
        "#patch": {"v7r1p29"},
        "#pre": {"v7r3-pre1"},
        "#series": {"v7r1p29"},
    }


def test_a_release_is_told_with_the_notes_that_are_recorded_of_it(lab: Lab) -> None:
    lab.live()
    lab.subscribe("#c")
    lab.tag("v7r0p50")
    lab.poll()
    lab.store.notes.write(NotesRecord(DIRAC.key, "7.0.50", NotesSource.FILE, "dirac", "NEW: (#1) Tokens\n", lab.now))
    lab.announce()
    lab.deliver()
    [(_, text)] = lab.posted
    assert text.splitlines()[1:] == ["1 new", "• NEW: Tokens (#1)"]


def test_two_subscriptions_of_one_channel_tell_it_once(lab: Lab) -> None:
    lab.subscribe("#c")
    lab.subscribe("#c", series="v7r1")
    lab.tag("v7r1p29")
    lab.live()
    assert len(lab.posted) == 1


def test_a_subscription_to_one_release_ends_when_it_is_told(lab: Lab) -> None:
    made = lab.subscribe("@U1", normalized="7.2.0", version="v7r2")
    lab.tag("v7r1p29", "v7r2-pre1")
    lab.live()
    assert lab.posted == []
    lab.tag("v7r2")
    lab.live()
    lab.tag("v7r2p1")
    lab.live()
    assert [text.split()[0] for _, text in lab.posted] == ["v7r2"]
    [ended] = lab.store.subscriptions.all()
    assert (ended.number, ended.ended_by, ended.is_removed) == (made.number, "", False)
    assert ended.ended_at is not None


def test_nothing_is_told_to_who_has_unsubscribed(lab: Lab) -> None:
    made = lab.subscribe("#c")
    lab.tag("v7r1p29")
    lab.live()
    assert [each.number for each in lab.store.subscriptions.end([made.number], lab.now, "ann")] == [made.number]
    lab.tag("v7r1p30")
    del lab.tags["DIRAC"]["v7r1p29"]
    lab.live()
    lab.now += days(1)
    lab.live()
    assert len(lab.posted) == 1


def test_a_subscription_whose_end_is_undone_tells_what_came_meanwhile(lab: Lab) -> None:
    made = lab.subscribe("#c")
    lab.store.subscriptions.end([made.number], lab.now, "ann")
    lab.tag("v7r1p29")
    lab.live()
    lab.store.subscriptions.resume([made.number], "bob")
    lab.live()
    assert lab.posted == []
    lab.store.subscriptions.resume([made.number], "ann")
    lab.live()
    assert len(lab.posted) == 1


def test_a_channel_that_is_subscribed_by_its_name_and_its_id_hears_each_release_once(lab: Lab) -> None:
    lab.chat.ids = {"#releases": "C0123", "#lost": ChatRefused("#lost", "the bot is not in a channel of this name")}
    for channel in ("#releases", "C0123", "#lost"):
        lab.subscribe(channel)
    lab.tag("v7r1p29")
    lab.live()
    # By the name first, so that its id is known from then on.
    assert [channel for channel, _ in lab.posted] == ["#releases", "#lost"]
    del lab.tags["DIRAC"]["v7r1p29"]
    lab.live()
    lab.now += days(1)
    lab.live()
    assert sorted(channel for channel, text in lab.posted if "withdrawn" in text) == ["#lost", "C0123"]


def test_what_a_channel_was_told_under_its_name_is_not_told_to_its_id(lab: Lab) -> None:
    lab.chat.ids = {"#releases": "C0123"}
    lab.subscribe("#releases")
    lab.tag("v7r1p29")
    lab.live()
    lab.subscribe("C0123")
    lab.tag("v7r1p30")
    lab.live()
    assert [(channel, text.split()[0]) for channel, text in lab.posted] == [
        ("#releases", "v7r1p29"),
        ("C0123", "v7r1p30"),
    ]


def test_a_channel_waits_whose_chat_does_not_say_whether_it_is_another(lab: Lab) -> None:
    lab.chat.ids = {"#releases": ChatUnavailable("#releases", "cannot reach Slack")}
    for channel in ("#releases", "C0123"):
        lab.subscribe(channel)
    lab.tag("v7r1p29")
    lab.live()
    lab.chat.ids = {"#releases": "C0123"}
    lab.live()
    assert [channel for channel, _ in lab.posted] == ["C0123"]


def test_an_added_repository_and_a_corrected_rule_bring_no_news(lab: Lab) -> None:
    strict = replace(LIBRARY, scheme=SemverScheme("lib-"))
    lab.watched = (DIRAC,)
    lab.subscribe("#c", LIBRARY.key)
    lab.subscribe("#c", "github:lab/another")
    lab.watched = (DIRAC, strict, a_repository("lab/another", scheme=SemverScheme()))
    lab.tags["another"] = {}
    lab.tag("2.0.0", repository="another")
    lab.tag("1.0.1", repository="library")
    lab.live()
    lab.watched = (DIRAC, LIBRARY)
    refresh_releases(lab.watched, lab.store)
    lab.live()
    assert lab.posted == []
    lab.tag("1.0.2", repository="library")
    lab.live()
    assert [text.split()[0] for _, text in lab.posted] == ["1.0.2"]


def test_a_release_that_is_announced_for_a_day_is_told_on_it(lab: Lab) -> None:
    lab.subscribe("#c")
    lab.tag("v7r1p29", published=START + days(3))
    lab.live()
    lab.now = START + days(3) - 2 * MINUTE
    lab.live()
    assert lab.posted == []
    lab.now = START + days(3) + MINUTE
    lab.live()
    lab.live()
    assert [text.partition(" https")[0] for _, text in lab.posted] == [
        "v7r1p29 of DIRAC (patch release of v7r1) is out: 18 Feb 2021 20:00"
    ]


def test_a_tag_that_moved_is_told_once_to_those_who_were_told_of_it(lab: Lab) -> None:
    lab.subscribe("#told")
    lab.tag("v7r1p29")
    lab.live()
    lab.subscribe("#later")
    lab.tags["DIRAC"]["v7r1p29"] = TagDetails(a_commit("elsewhere"), committed=START)
    for _ in range(3):
        lab.now += timedelta(hours=1)
        lab.live()
    [_, (channel, text)] = lab.posted
    assert channel == "#told"
    assert text.startswith("v7r1p29 of DIRAC was moved to another commit after it was announced here (")


def test_a_withdrawn_release_is_told_also_where_its_release_ended_the_subscription(lab: Lab) -> None:
    lab.subscribe("@U1", normalized="7.1.29", version="v7r1p29")
    lab.tag("v7r1p29")
    lab.live()
    del lab.tags["DIRAC"]["v7r1p29"]
    for _ in range(3):
        lab.now += timedelta(hours=1)
        lab.live()
    assert [text.partition(" https")[0] for _, text in lab.posted[1:]] == [
        "v7r1p29 of DIRAC was withdrawn after it was announced here: its tag was deleted"
    ]


def test_a_yanked_release_is_told_with_the_reason(store: Store) -> None:
    indexed = replace(LIBRARY, index="pypi:library")
    lab = Lab(store, watched=(indexed,))
    lab.live()
    lab.subscribe("#c", LIBRARY.key)
    lab.tag("1.0.1", repository="library")
    lab.live()
    listing = IndexListing("pypi:library").updated([IndexVersion("1.0.1", lab.now, "broken wheel")], lab.now)
    record = store.tags.record(LIBRARY.key)
    made = releases_of(indexed, [tag for _, tag in store.tags.of([LIBRARY.key])], {listing.source: listing})
    store.polls.write_releases(record, record.rules, made)
    lab.announce()
    lab.deliver()
    lab.announce()
    lab.deliver()
    assert [text.partition(" https")[0] for _, text in lab.posted[1:]] == [
        "1.0.1 of library was yanked from the package index after it was announced here (broken wheel)"
    ]


def test_what_became_of_a_release_is_not_told_where_the_release_never_arrived(lab: Lab) -> None:
    lab.subscribe("#c")
    lab.tag("v7r1p29")
    lab.chat.errors = [ChatRefused("#c", "not a member")]
    lab.live()
    del lab.tags["DIRAC"]["v7r1p29"]
    lab.now += timedelta(hours=1)
    lab.live()
    lab.now += timedelta(hours=1)
    lab.live()
    assert lab.posted == []
    [failed] = lab.store.deliveries.in_states(["failed"])
    assert (failed.what, failed.channel) == ("release announcement", "#c")


def test_a_failed_announcement_may_be_retried_whatever_was_announced_since_and_a_dropped_one_is_over(lab: Lab) -> None:
    lab.subscribe("#c")
    lab.tag("v7r1p29")
    lab.chat.errors = [ChatRefused("#c", "not a member")]
    lab.live()
    lab.tag("v7r1p30")
    lab.live()
    [failed] = lab.store.deliveries.in_states(["failed"])
    retry(failed.id, lab.store, "ann", lab.now)
    lab.deliver()
    assert [text.split()[0] for _, text in lab.posted] == ["v7r1p30", "v7r1p29"]
    lab.tag("v7r1p31")
    lab.chat.errors = [ChatRefused("#c", "not a member")]
    lab.live()
    [failed] = lab.store.deliveries.in_states(["failed"])
    drop(failed.id, lab.store.deliveries, lab.chat, "ann", lab.now)
    lab.live()
    assert len(lab.posted) == 2


def test_many_releases_are_one_message_and_what_it_does_not_name_is_in_the_next(lab: Lab) -> None:
    lab.chat.most = 2
    lab.subscribe("#c")
    lab.tag(*(f"v7r1p{number}" for number in range(29, 34)))
    lab.live()
    assert len(lab.posted) == 1
    lab.live()
    lab.live()
    lab.live()
    assert [len(text.splitlines()) for _, text in lab.posted] == [2, 2, 1]
    assert len({line for _, text in lab.posted for line in text.splitlines()}) == 5


def test_a_release_that_is_not_named_yet_does_not_end_its_subscription(lab: Lab) -> None:
    lab.chat.most = 1
    lab.subscribe("#c")
    last = lab.subscribe("#c", normalized="7.1.30", version="v7r1p30")
    lab.tag("v7r1p29", "v7r1p30")
    lab.live()
    assert [each.ended_at for each in lab.store.subscriptions.all() if each.number == last.number] == [None]
    lab.live()
    assert [each.ended_at is None for each in lab.store.subscriptions.all()] == [True, False]


def test_a_channel_that_cannot_be_posted_to_waits(lab: Lab) -> None:
    lab.subscribe("#c")
    lab.chat.lacking["#c"] = UsageError("slack", "$SLACK_BOT_TOKEN is not set", "set it")
    lab.tag("v7r1p29")
    lab.live()
    assert lab.store.deliveries.in_states(["pending"]) == []
    lab.chat.lacking.clear()
    lab.live()
    assert len(lab.posted) == 1


class TwoWorkers(FakeChat):
    """A chat for which another worker announces the same while the first one writes its message."""

    def freeze_announcement(self, channel: str, announcement: object) -> object:  # type: ignore[override]
        lab, self.lab = self.lab, None
        if lab is not None:
            assert len(announce(lab.store, FakeChat(), lab.watched, lab.now, PARIS)) == 1
        return super().freeze_announcement(channel, announcement)  # type: ignore[arg-type]

    lab: Lab | None = None


def test_of_two_workers_that_announce_one_release_one_does(lab: Lab) -> None:
    lab.subscribe("#c")
    lab.tag("v7r1p29")
    lab.poll()
    lab.chat = chat = TwoWorkers()
    chat.lab = lab
    assert lab.announce() == []
    lab.deliver()
    assert len(lab.posted) == 1


class Killed(BaseException):
    """The end of a worker by kill -9."""


class BadChat(FakeChat):
    """A chat in which what ``fates`` say becomes of the posts to come."""

    def __init__(self) -> None:
        super().__init__()
        self.fates: list[str] = []

    def post(  # type: ignore[override]
        self, channel: str, message: str, key: str, deadline: float = float("inf"), *, thread: str | None = None
    ) -> object:
        fate = self.fates.pop(0) if self.fates else ""
        self.takes = fate == "taken, no answer"
        match fate:
            case "killed before":
                raise Killed
            case "lost" | "taken, no answer":
                self.errors = [ChatDoubtful(channel, "no answer")]
            case "away":
                self.errors = [ChatUnavailable(channel, "away", retry_after=60)]
        posted = super().post(channel, message, key, deadline, thread=thread)
        if fate == "killed after":
            raise Killed
        return posted


_FATES = ("", "killed before", "killed after", "lost", "taken, no answer", "away")
_NAMES = {
    "DIRAC": [f"v7r{r}p{p}" for r in (0, 1) for p in (1, 2, 3)] + ["v8r0"],
    "library": ["1.0.1", "1.1.0", "2.0.0"],
}
_channels = st.sampled_from(["#a", "@U1"])
_tags = st.sampled_from([(repository, name) for repository, names in _NAMES.items() for name in names])
_wanted = st.tuples(_channels, st.sampled_from([DIRAC.key, DIRAC.key, LIBRARY.key]), st.sampled_from(["", "v7r1"]))
_steps = st.one_of(
    *(st.tuples(st.just("tag"), _tags) for _ in range(2)),
    st.tuples(st.just("delete"), _tags),
    st.tuples(st.just("subscribe"), _wanted),
    st.tuples(st.just("wait_for"), st.tuples(_channels, st.sampled_from(["v7r1p2", "v7r0p1"]))),
    st.tuples(st.just("unsubscribe"), st.integers(0, 3)),
    *(st.tuples(st.just(name), st.none()) for name in ("poll", "poll", "announce")),
    st.tuples(st.just("deliver"), st.lists(st.sampled_from(_FATES), max_size=3)),
    st.tuples(st.just("sleep"), st.sampled_from([1, 6, 90])),
)


class Model:
    """What has to be told, known by what was done: no clocks, no database."""

    def __init__(self) -> None:
        self.polls = 0
        self.came: dict[tuple[str, str], int] = {}
        self.present: set[tuple[str, str]] = set()
        self.active: list[tuple[int, str, str, str, str, int]] = []
        self.told: Counter[tuple[str, str, str]] = Counter()

    def poll(self, tags: Mapping[str, Iterable[str]]) -> None:
        self.polls += 1
        self.present = {(repository, name) for repository, names in tags.items() for name in names}
        for key in self.present:
            self.came.setdefault(key, self.polls)

    def announce(self) -> None:
        for number, channel, repository, series, version, since in list(self.active):
            for key in sorted(self.present):
                if self.came[key] <= since or key[0] != repository:
                    continue
                is_meant = key[1] == version if version else series in ("", key[1].partition("p")[0])
                if not is_meant:
                    continue
                self.told[channel, *key] = 1
                if version:
                    self.active = [each for each in self.active if each[0] != number]


@dataclass
class Life:
    """A lab, and what has to be told there; each method is a step of a history."""

    lab: Lab
    chat: BadChat
    model: Model = field(default_factory=Model)

    def tag(self, named: tuple[str, str]) -> None:
        repository, name = named
        self.lab.tags[repository].setdefault(name, TagDetails(a_commit(name), committed=self.lab.now))

    def delete(self, named: tuple[str, str]) -> None:
        repository, name = named
        self.lab.tags[repository].pop(name, None)

    def subscribe(self, wanted: tuple[str, str, str]) -> None:
        channel, key, series = wanted
        name = key.rpartition("/")[2]
        series = series if name == "DIRAC" else ""
        made = self.lab.subscribe(channel, key, series=series)
        self.model.active.append((made.number, channel, name, series, "", self.model.polls))

    def wait_for(self, wanted: tuple[str, str]) -> None:
        channel, version = wanted
        normalized = f"7.{version[3]}.{version[5]}"
        made = self.lab.subscribe(channel, normalized=normalized, version=version)
        self.model.active.append((made.number, channel, "DIRAC", "", version, self.model.polls))

    def unsubscribe(self, place: int) -> None:
        if self.model.active:
            number = self.model.active[place % len(self.model.active)][0]
            self.lab.store.subscriptions.end([number], self.lab.now, "ann")
            self.model.active = [each for each in self.model.active if each[0] != number]

    def poll(self, _: None = None) -> None:
        # A tag that vanished is believed to be gone after half an hour.
        self.lab.poll()
        self.lab.now += timedelta(minutes=40)
        self.lab.poll()
        self.model.poll(self.lab.tags)

    def announce(self, _: None = None) -> None:
        """Announce until nothing is left that a message did not name."""
        while self.lab.announce():
            pass
        self.model.announce()

    def deliver(self, fates: list[str]) -> None:
        self.chat.fates = list(fates)
        with suppress(Killed):
            self.lab.deliver()

    def sleep(self, minutes: int) -> None:
        self.lab.now += timedelta(minutes=minutes)

    def told(self) -> Counter[tuple[str, str, str]]:
        """Count what was told, after every worker has been well again for a while."""
        for _ in range(12):
            self.announce()
            self.sleep(10)
            self.deliver([])
        lines = [(channel, line) for channel, text in self.chat.posted for line in text.splitlines()]
        words = [(channel, line.split()) for channel, line in lines if " is out: " in line]
        return Counter((channel, found[2], found[0]) for channel, found in words)


@pytest.mark.long
@settings(max_examples=part_of(30), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=st.lists(_steps, max_size=40))
def test_over_any_history_each_release_is_told_exactly_once_to_each_subscriber(
    store: Store, steps: list[tuple[str, object]]
) -> None:
    with store.database.writing() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
    chat = BadChat()
    chat.most = 2
    life = Life(Lab(store, chat), chat)
    life.tag(("DIRAC", "v7r0"))
    life.tag(("library", "1.0.0"))
    life.poll()
    for name, argument in steps:
        getattr(life, name)(argument)
    assert life.told() == life.model.told
