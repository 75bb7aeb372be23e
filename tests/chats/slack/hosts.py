"""A bot with DIRAC's recorded history, as of the day of the slide, for what is said to it in Slack."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from bot.chats.inbox import Inbox
from bot.chats.router import ChatRouter
from bot.chats.slack.client import SlackClient
from bot.chats.slack.listener import make_listener
from bot.chats.slack.socket_mode import SocketListener, Waits
from bot.domain.certification.certification import Plan
from bot.domain.certification.milestones import KINDS, Milestone
from bot.domain.periods.period import AsOf
from bot.domain.repositories import Counts
from bot.queries.base import QueryContext, Watched
from bot.queries.language.vocabulary import Vocabulary
from bot.services.certification import plans_as_known
from bot.services.digests import DigestOrder
from bot.store.store import Store
from tests.builders import PARIS, a_repository
from tests.chats.slack.fake_slack import APP_TOKEN, MAINTAINER, TOKEN, FakeSlack
from tests.fakes import FakeWatching

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
    people: frozenset[str] = field(default_factory=lambda: frozenset({f"slack:{MAINTAINER}"}))

    def now(self) -> datetime:
        return self.at

    def context(self, own: Sequence[str], *, is_maintainer: bool) -> QueryContext:
        as_of = AsOf.at(self.at, PARIS)
        return QueryContext(
            store=self.store,
            watched=Watched((DIRAC, COMDIRAC)),
            as_of=as_of,
            stale_after=timedelta(hours=2),
            read_plans=lambda: plans_as_known([PLAN], [DIRAC, COMDIRAC], self.store.certification, as_of),
            read_digests=lambda _: self.orders(),
            own=own,
            is_maintainer=is_maintainer,
        )

    def vocabulary(self) -> Vocabulary:
        return Vocabulary((DIRAC, COMDIRAC), ("monthly",), KINDS, {"github": "github.com"})

    def preview(self) -> FakeWatching:
        return FakeWatching()

    def orders(self) -> Sequence[DigestOrder]:
        return [DigestOrder("monthly", "#dirac-releases", "1m", [DIRAC])]

    def maintainers(self) -> frozenset[str]:
        return self.people


def inbox_of(slack: FakeSlack, store: Store) -> Inbox:
    return Inbox(SlideHost(store), store, ChatRouter({"slack": SlackClient(TOKEN, slack.url, is_listening=True)}, {}))


@contextmanager
def listening(
    slack: FakeSlack, store: Store, *, app_token: str = APP_TOKEN, ping: float = 5, keeps_refused: bool = True
) -> Iterator[SocketListener]:
    """Listen as the worker does."""
    app, threads = make_listener(inbox_of(slack, store), TOKEN, slack.url, keeps_refused=keeps_refused)
    listener = SocketListener(app, threads, app_token, waits=Waits(0.02, ping))
    listener.start()
    try:
        yield listener
    finally:
        listener.close()
