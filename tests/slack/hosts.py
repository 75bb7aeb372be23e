"""A bot with DIRAC's recorded history, as of the day of the slide, for what is said to it in Slack."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from bot.domain.certifications import Plan
from bot.domain.milestones import KINDS, Milestone
from bot.domain.periods import AsOf
from bot.domain.questions.vocabulary import Vocabulary
from bot.domain.repositories import Counts
from bot.services.answering import Desk
from bot.services.certifying import plans_as_known
from bot.services.ports import Store
from bot.services.receiving import Reception
from bot.services.reporting import DigestOrder
from bot.services.routing import Routes
from bot.slack.chat import SlackChat
from bot.slack.listening import make_listener
from bot.slack.socket_mode import SocketListener
from bot.store.sql import SqlStore
from tests.builders import PARIS, a_repository
from tests.fakes import FakeWatching
from tests.slack.fake_slack import APP_TOKEN, MAINTAINER, TOKEN, FakeSlack

DIRAC = a_repository()
COMDIRAC = a_repository("DIRACGrid/COMDIRAC", counts=Counts.FINAL)
SLIDE = datetime(2021, 2, 22, 13, 0, tzinfo=UTC)
PLAN = Plan(
    DIRAC.key,
    "v7r2",
    highlights=("Python 3 support on the client side",),
    configured=(
        Milestone("hackathon", "Hackathon 4", date(2021, 2, 18), date(2021, 2, 18), "quite conclusive"),
        Milestone("final-certification", "Final certification", date(2021, 3, 4)),
    ),
)


@dataclass
class SlideHost:
    """Watches DIRAC and COMDIRAC; its digest of DIRAC alone goes to one channel."""

    store: Store
    at: datetime = SLIDE
    people: frozenset[str] = field(default_factory=lambda: frozenset({MAINTAINER}))

    def now(self) -> datetime:
        return self.at

    def desk(self, own: Sequence[str], *, is_maintainer: bool) -> Desk:
        return Desk(
            repositories=(DIRAC, COMDIRAC),
            store=self.store,
            as_of=AsOf.at(self.at, PARIS),
            stale_after=timedelta(hours=2),
            plans=plans_as_known([PLAN], [DIRAC, COMDIRAC], self.store, AsOf.at(self.at, PARIS)),
            digests=self.orders(),
            own=own,
            is_maintainer=is_maintainer,
        )

    def vocabulary(self) -> Vocabulary:
        return Vocabulary((DIRAC, COMDIRAC), ("monthly",), KINDS, {"github": "github.com"})

    def watching(self) -> FakeWatching:
        return FakeWatching()

    def orders(self) -> Sequence[DigestOrder]:
        return [DigestOrder("monthly", "#dirac-releases", "1m", [DIRAC])]

    def maintainers(self) -> frozenset[str]:
        return self.people


def reception_of(slack: FakeSlack, store: SqlStore) -> Reception:
    return Reception(SlideHost(store), store, Routes(SlackChat(TOKEN, slack.url, is_listening=True), {}))


@contextmanager
def listening(
    slack: FakeSlack, store: SqlStore, *, app_token: str = APP_TOKEN, ping: float = 5
) -> Iterator[SocketListener]:
    """Listen as the worker does."""
    app, threads = make_listener(reception_of(slack, store), TOKEN, slack.url)
    listener = SocketListener(app, threads, app_token, first_wait=0.02, ping=ping)
    listener.start()
    try:
        yield listener
    finally:
        listener.close()
