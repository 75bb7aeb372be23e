"""A series by its name alone: "v7r2?"."""

from typing import ClassVar

from bot.domain.periods.period import AsOf
from bot.domain.values import dataclass
from bot.queries.base import Json, Query, QueryContext, Refusal, Result
from bot.queries.certification import CertificationStatus
from bot.queries.language.lexer import Cues
from bot.queries.language.lexicon import Cue
from bot.queries.language.phrase import joined, of_names
from bot.queries.latest import Latest
from bot.queries.selection import Filters
from bot.services.names import lines_named


@dataclass(frozen=True, slots=True)
class OneSeries(Query):
    """What there is to say of series: how the certification of one that is being certified stands, else the newest."""

    intent: ClassVar[str] = "series_overview"
    order: ClassVar[int] = 49
    series: tuple[str, ...]
    repositories: tuple[str, ...] = ()

    @classmethod
    def read(cls, cues: Cues, as_of: AsOf) -> "Query | Refusal | None":
        """Read a text that is nothing but the name of a series."""
        del as_of
        is_more = cues.heard - {Cue.FILLER, Cue.LINE, Cue.ABOUT} or cues.spans or cues.kinds or cues.units
        is_bare = bool(cues.series) and not (is_more or cues.versions or cues.few or cues.claims)
        return cls(tuple(cues.series), tuple(cues.repositories)) if is_bare else None

    def run(self, context: QueryContext) -> Result:
        """Find it. Raises UsageError for a series that is not known."""
        if len(self.series) == 1 and self._is_being_certified(context):
            return CertificationStatus(self.series, self.repositories).run(context)
        return Latest(Filters(self.repositories, self.series)).run(context)

    def _is_being_certified(self, context: QueryContext) -> bool:
        from bot.services.certification import certification_at

        lines = set(lines_named(self.series[0], context.repositories))
        plans = [plan for plan in context.plans if (plan.repository, plan.series) in lines]
        stood = (certification_at(plan, context.store.releases, context.as_of) for plan in plans)
        return any(each is not None and each.is_open for each in stood)

    def parameters(self) -> Json:
        """Return the series and the repositories."""
        return {"series": list(self.series), "repositories": list(self.repositories)}

    def wording(self) -> str:
        """Return ``v7r2 of DIRAC``."""
        return joined(" and ".join(self.series), of_names(self.repositories))
