"""Worlds of a few repositories in which anything happens to tags, rules and digests, drawn by a seed."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial

import sqlalchemy as sa

from bot.domain.certification.certification import Plan
from bot.domain.certification.milestones import Milestone
from bot.domain.digests.delivery import DeliveryState, Frozen, Settlement
from bot.domain.digests.digest import Digest
from bot.domain.patterns import Pattern
from bot.domain.periods.period import AsOf
from bot.domain.polling.record import PollDepth
from bot.domain.releases import key_of
from bot.domain.repositories import Counts, Repository
from bot.domain.tags import DateSource, TagDetails, TagRef
from bot.domain.versions.pep440 import Pep440Scheme
from bot.domain.versions.semver import SemverScheme
from bot.services.digests import DigestOrder, keep_digest, make_digest
from bot.services.poll import Asked, poll
from bot.services.ports import ForgeUnavailable
from bot.services.rebuild import refresh_releases
from bot.store.store import Store
from tests.builders import PARIS, a_repository, days, paris
from tests.fakes import FakeChat, FakeForge

BEGIN = paris("2026-01-05T08:00")

_SEMVER = a_repository("lab/A", scheme=SemverScheme(), counts=Counts.FINAL)
_DIRAC = a_repository("lab/B")
_OTHER = a_repository("lab/C", scheme=SemverScheme(), counts=Counts.FINAL, date=DateSource.TAGGER)
# The rules that each repository may be read by.
_RULES: tuple[tuple[Repository, ...], ...] = (
    (
        _SEMVER,
        replace(_SEMVER, scheme=Pep440Scheme()),
        replace(_SEMVER, exclude=Pattern("^v1[.]1[.]"), trusts_flag=True),
    ),
    (_DIRAC, replace(_DIRAC, scheme=Pep440Scheme())),
    (_OTHER,),
)
_FINAL = [f"v{major}.{minor}.{patch}" for major in (0, 1) for minor in range(3) for patch in range(3)]
_SEMVER_NAMES = [
    *_FINAL,
    "v1.2.0-rc.1",
    "v1.1.3-rc.1",
    "v1.2.0-rc.2",
    "v2.0.0-alpha.1",
    "1.1.0",
    "v1",
    "v1.0",
    "latest",
    "nightly",
]
_DIRAC_NAMES = [
    "v7r1",
    "v7r2",
    "v7r1p1",
    "v7r1p2",
    "v7r2-pre1",
    "v7r1p3-pre1",
    "v7r3-pre1",
    "v8.0.0a1",
    "grep",
    "latest",
]
_PLAN = Plan(
    _DIRAC.key,
    "v7r2",
    configured=(Milestone("hackathon", "Hackathon 1", planned=date(2026, 2, 20)),),
    configured_at=BEGIN,
)
_WEEKLY = DigestOrder("weekly", "#c", "since-last", [], schedule="0 9 * * mon", plans=(_PLAN,))
ORDERS = (
    _WEEKLY,
    replace(_WEEKLY, name="monthly", period="1m"),
    replace(_WEEKLY, channel="#other", period="last-week"),
    replace(_WEEKLY, name="yearly", period="this-year", schedule=""),
    replace(_WEEKLY, name="long", period="5y", schedule=""),
)


class Chat(FakeChat):
    """A chat in whose messages some releases do not fit."""

    def __init__(self, drawn: random.Random) -> None:
        super().__init__()
        self._drawn = drawn

    def freeze(self, channel: str, digest: Digest) -> Frozen:
        fits = self._drawn.choice([1.0, 1.0, 0.5])
        unnamed = {key_of(release) for release in digest.news if self._drawn.random() > fits}
        return Frozen(super().freeze(channel, digest).message, frozenset(unnamed))


@dataclass
class World:
    """What is on the forge, by repository and name, and what the bot made of it so far."""

    store: Store
    drawn: random.Random
    now: datetime = BEGIN
    tags: list[dict[str, TagDetails | None]] = field(default_factory=lambda: [{}, {}, {}])
    rules: list[int] = field(default_factory=lambda: [0, 0, 0])
    chosen: list[int] = field(default_factory=lambda: [0, 1])
    commits: int = 0

    @property
    def repositories(self) -> list[Repository]:
        return [_RULES[number][self.rules[number]] for number in self.chosen]

    @property
    def orders(self) -> list[DigestOrder]:
        return [replace(order, repositories=self.repositories) for order in ORDERS]

    def live(self, steps: int) -> Iterator[None]:
        """Let time pass, a step at a time."""
        for _ in range(self.drawn.randrange(12)):
            self._tag(days(-700))
        self._poll()
        for _ in range(steps):
            self.now += timedelta(hours=self.drawn.choice([3, 31, 31, 31, 200]))
            actions = [self._tag] * 6 + [self._move] * 3 + [self._delete, self._publish, self._publish, self._detail]
            others = [self._rule, self._choose, self._forget, self._settle, self._settle, self._make, self._make]
            for action in self.drawn.choices([*actions, *others], k=3):
                action()
            if self.drawn.random() < 0.85:
                self._poll()
            yield

    def looks(self) -> Iterator[tuple[DigestOrder, AsOf, datetime]]:
        """Draw from when every digest is looked at, and when it is made."""
        for order in self.orders:
            for back in (timedelta(0), timedelta(hours=self.drawn.randrange(2000))):
                as_of = AsOf.at(self.now - back, PARIS)
                yield order, as_of, self.drawn.choice([as_of.end, self.now])

    def _poll(self) -> None:
        for moment in (self.now, self.now + timedelta(minutes=40)):
            answers = {
                _RULES[number][0].name: {
                    TagRef(
                        name, details.commit if details and details.commit else "0" * 40, annotated=details is None
                    ): details
                    for name, details in held.items()
                }
                for number, held in enumerate(self.tags)
            }
            forge = FakeForge(**answers)
            if self.drawn.random() < 0.1:
                forge.answers["A"] = ForgeUnavailable("forge", "no answer")
            asked = [Asked(repository, PollDepth.FULL) for repository in self.repositories]
            list(poll(asked, {"github": forge}, self.store, partial(_same, moment)))
        self.now += timedelta(minutes=41)

    def _date(self, since: timedelta) -> datetime:
        ago = self.drawn.choice([timedelta(0), timedelta(0), days(40), days(500)]) - since
        return (self.now - ago * self.drawn.random() + days(self.drawn.choice([0, 0, 0, 3]))).replace(microsecond=0)

    def _tag(self, since: timedelta = timedelta(0)) -> None:
        number = self.drawn.randrange(3)
        name = self.drawn.choice(_DIRAC_NAMES if number == 1 else _SEMVER_NAMES)
        self.commits += 1
        commit = f"{self.commits:040}"
        if others := [each.commit for each in self.tags[number].values() if each is not None]:
            commit = self.drawn.choice([commit, commit, *others][: 2 + len(others)]) or commit
        made = self._date(since)
        details = TagDetails(
            commit,
            committed=self.drawn.choice([made, made, made, None]),
            tagger=self.drawn.choice([made, None]),
            is_flagged=self.drawn.random() < 0.2,
        )
        self.tags[number].setdefault(name, self.drawn.choice([details, details, details, None]))

    def _move(self) -> None:
        number, name = self._some()
        if name is not None:
            floating = [each for each in ("v1", "v1.0", "latest") if each in self.tags[number]]
            self.tags[number].pop(self.drawn.choice([name, *floating]))
            self._tag()
            held = [each for each in self.tags[number].values() if each is not None]
            self.commits += 1
            target = self.drawn.choice([f"{self.commits:040}", *(each.commit for each in held)])
            self.tags[number][name] = TagDetails(target, committed=self._date(timedelta(0)))

    def _delete(self) -> None:
        number, name = self._some()
        if name is not None:
            del self.tags[number][name]

    def _publish(self) -> None:
        number, name = self._some()
        held = None if name is None else self.tags[number][name]
        if name is not None and held is not None:
            self.tags[number][name] = replace(held, published=self._date(timedelta(0)))

    def _detail(self) -> None:
        number, name = self._some()
        if name is not None and self.tags[number][name] is None:
            self.tags[number][name] = TagDetails("0" * 40, committed=self._date(timedelta(0)))

    def _some(self) -> tuple[int, str | None]:
        number = self.drawn.randrange(3)
        return number, self.drawn.choice(sorted(self.tags[number])) if self.tags[number] else None

    def _rule(self) -> None:
        number = self.drawn.randrange(3)
        self.rules[number] = self.drawn.randrange(len(_RULES[number]))
        refresh_releases(self.repositories, self.store)

    def _choose(self) -> None:
        self.chosen = sorted(self.drawn.sample(range(3), self.drawn.choice([1, 2, 3, 3])))
        refresh_releases(self.repositories, self.store)

    def _forget(self) -> None:
        """Let the newest digests be of a time when nobody kept what they had seen."""
        if self.drawn.random() < 0.3:
            with self.store.database.writing() as connection:
                connection.execute(sa.text("UPDATE digests SET seen = NULL, slot = NULL WHERE id > 2"))

    def _settle(self) -> None:
        for delivery in self.store.deliveries.in_states(["pending"]):
            state = self.drawn.choice(["sent", "sent", "sent", "failed", "dropped"])
            self.store.deliveries.settle(delivery, Settlement(DeliveryState(state)))

    def _make(self) -> None:
        refresh_releases(self.repositories, self.store)
        for order in self.drawn.sample(self.orders, 3):
            back = self.drawn.choice([timedelta(0), timedelta(0), days(9)])
            as_of = AsOf.at(self.now - back, PARIS)
            made = make_digest(order, self.store, as_of, self.drawn.choice([as_of.end, self.now]))
            again = self.drawn.random() < 0.2
            keep_digest(order, made, Chat(self.drawn), self.store, again=again)


def _same(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
