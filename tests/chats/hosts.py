"""A bot with DIRAC's recorded history, as of the day of the slide, for what is said to it in any chat."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

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
    people: frozenset[str] = frozenset({"slack:U012AB3CD"})
    channel: str = "#dirac-releases"

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
        return [DigestOrder("monthly", self.channel, "1m", [DIRAC])]

    def maintainers(self) -> frozenset[str]:
        return self.people
