"""What a question is asked with on the command line and in addresses: one set of rules for both."""

from bot.domain.errors import UsageError
from bot.domain.filters import KindWord
from bot.domain.periods.options import read_as_of, read_bounds, read_span
from bot.domain.periods.period import AsOf
from bot.domain.periods.spans import Span
from bot.domain.values import dataclass
from bot.queries.selection import Filters


@dataclass(frozen=True, slots=True)
class FilterOptions:
    """The options that filter releases, as they were typed; what is empty or None is not restricted."""

    repositories: tuple[str, ...] = ()
    series: tuple[str, ...] = ()
    kinds: tuple[KindWord, ...] = ()
    period: str | None = None
    since: str | None = None
    until: str | None = None
    known_at: str | None = None

    def filters(self, as_of: AsOf) -> Filters:
        """Return the filters that they mean, looking from a moment. Raises UsageError for an invalid value."""
        return Filters(
            repositories=self.repositories,
            series=self.series,
            kinds=self.kinds,
            span=self._span(as_of),
            known_at=None if self.known_at is None else read_as_of(self.known_at, as_of.zone).end,
        )

    def _span(self, as_of: AsOf) -> Span | None:
        if self.period is None:
            is_open = self.since is None and self.until is None
            return None if is_open else read_bounds(self.since, self.until, as_of)
        if self.since is not None or self.until is not None:
            raise UsageError("--period", "cannot be combined with --since or --until", "use one or the other")
        return read_span(self.period, as_of)
