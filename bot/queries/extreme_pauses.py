"""The longest or shortest time between one release and the next: "longest pause between releases in 2020"."""

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

from bot.domain.errors import UsageError
from bot.domain.pauses import Pause, extreme_pauses
from bot.domain.periods.period import AsOf, Period
from bot.domain.releases import Release
from bot.domain.values import dataclass
from bot.queries.base import Answer, FollowUp, Json, Query, QueryContext, Refusal, Result
from bot.queries.language.lexer import Cues
from bot.queries.language.lexicon import Cue
from bot.queries.language.phrase import joined
from bot.queries.rate import BESIDE_NUMBERS, MOST_COMPARED, OF_WHICH, Rate, dates_of, is_between_releases
from bot.queries.release_list import ReleaseList, list_selected
from bot.queries.selection import UNFILTERED, Filters, Selection, names_more, select
from bot.render.basis import unread_clause
from bot.render.count_words import nouns, whose
from bot.render.json_form import moment_json, period_json, releases_json
from bot.render.markup import Markup
from bot.render.numbers import duration
from bot.render.release_table import releases_table
from bot.render.table import Table
from bot.render.words import interval, listed, moment_words, plural

_CUES = frozenset({Cue.LONGEST, Cue.SHORTEST})
_MOST_PAUSES = 3


@dataclass(frozen=True, slots=True)
class ExtremePause(Query):
    """The longest pause between one release and the next, or the shortest, of at most ``most`` releases."""

    intent: ClassVar[str] = "pause"
    order: ClassVar[int] = 7
    beside: ClassVar[frozenset[Cue] | None] = BESIDE_NUMBERS | _CUES | {Cue.PAUSE, Cue.BETWEEN, Cue.GAP, Cue.WHEN}
    filters: Filters = UNFILTERED
    is_longest: bool = True
    most: int = MOST_COMPARED

    @classmethod
    def read(cls, cues: Cues, as_of: AsOf) -> "Query | Refusal | None":
        """Read ``the longest pause between releases``."""
        del as_of
        if not cues.has(*_CUES):
            return None
        if not cues.has(Cue.PAUSE, Cue.BETWEEN) or cues.heard >= _CUES or cues.units or names_more(cues):
            return Refusal("ask for the longest or the shortest pause between releases, without a breakdown")
        if not cues.has(Cue.BETWEEN) and is_between_releases(cues.spans) and (cues.kinds or cues.has(Cue.NOUN)):
            return Refusal(OF_WHICH)
        return cls(Filters.heard_in(cues), cues.has(Cue.LONGEST))

    def run(self, context: QueryContext) -> "ExtremePauses":
        """Compare the dates. Raises UsageError."""
        selection = select(self.filters, context)
        found = list_selected(selection, context, most=0)
        dates = dates_of(found, selection, self.most)
        if dates is None:
            what = f"at most {self.most:,} releases are compared, not {found.total:,}"
            raise UsageError("pause", what, "name a repository, or a shorter interval")
        pauses = extreme_pauses(dates, is_longest=self.is_longest)
        shown = pauses[:_MOST_PAUSES]
        at_ends = {moment: _released_at(moment, selection) for pause in shown for moment in (pause.start, pause.end)}
        ended = found.period.until(context.as_of.end)
        return ExtremePauses(self, found, ended, pauses, at_ends, dates[-1] if dates else None)

    def parameters(self) -> Json:
        """Return the filters, and whether the longest is asked for."""
        return self.filters.parameters() | {"longest": self.is_longest}

    def wording(self) -> str:
        """Return ``longest pause of patch releases of v7r1 in 2020``."""
        return joined("longest" if self.is_longest else "shortest", "pause of", self.filters.wording())

    def followed_by(self, cues: Cues) -> "ExtremePause | None":
        """Return the same of other releases."""
        return None if cues.versions else replace(self, filters=self.filters.followed_by(cues))


def _released_at(moment: datetime, selection: Selection) -> list[Release]:
    at_it = replace(selection.wanted, since=moment, until=moment + timedelta(microseconds=1))
    return selection.source.newest(at_it)


@dataclass(frozen=True, slots=True)
class ExtremePauses(Result):
    """The longest or shortest pauses, all that are equally long; ``at_ends`` are the releases at the ends of the first.

    ``last`` is the date of the last release of the period, which ends where the answer does.
    """

    query: ExtremePause
    found: ReleaseList
    period: Period
    pauses: Sequence[Pause]
    at_ends: Mapping[datetime, Sequence[Release]] = field(default_factory=dict)
    last: datetime | None = None

    def answer(self, markup: Markup) -> Answer:
        """Return the length, and the releases at both ends."""
        found = self.found
        _, several = nouns(found.kinds, is_asked=bool(found.filters.kinds))
        of = f"{several} {whose(found.named, found.basis.repositories, markup)}"
        where = f"{markup.plain(interval(self.period))}{unread_clause(found.basis, markup.plain)}"
        notes = (*self._notes(), *found.answer(markup).notes)
        follow_ups = (FollowUp("Usual delay", Rate(found.filters, is_delay=True).wording()),)
        if not self.pauses:
            return Answer(f"{plural(found.total, 'release')}, too few for a pause between two {of}, {where}", (), notes)
        length = markup.strong(duration(self.pauses[0].length))
        which = "longest" if self.query.is_longest else "shortest"
        ends = [self._ends(pause, markup) for pause in self.pauses[:_MOST_PAUSES]]
        left = len(self.pauses) - len(ends)
        ends += [f"{left:,} more as long"] if left else []
        sentence = f"{length} is the {which} pause between {of}, {where}: {'; '.join(ends)}"
        return Answer(sentence, (), notes, follow_ups)

    def tables(self) -> Sequence[Table]:
        """Return the releases at the ends."""
        return [releases_table(self._releases(), self.period.zone)] if self.pauses else []

    def data(self) -> Any:
        """Return the pauses, each with the releases at its ends, null where there are too many of them."""
        zone = self.period.zone
        return {
            "period": period_json(self.period),
            "kinds": list(self.found.kinds),
            "total": self.found.total,
            "longest": self.query.is_longest,
            "seconds": int(self.pauses[0].length.total_seconds()) if self.pauses else None,
            "pauses": [
                {
                    "from": moment_json(pause.start, zone),
                    "to": moment_json(pause.end, zone),
                    "before": releases_json(self.at_ends.get(pause.start, ()), zone),
                    "after": releases_json(self.at_ends.get(pause.end, ()), zone),
                }
                for pause in self.pauses
            ],
            "complete_until": moment_json(self.found.basis.complete_until, zone),
        }

    def _releases(self) -> list[Release]:
        return list(dict.fromkeys(each for held in self.at_ends.values() for each in held))

    def _ends(self, pause: Pause, markup: Markup) -> str:
        zone = self.period.zone
        start, end = (self.at_ends[moment] for moment in (pause.start, pause.end))
        if pause.start == pause.end:
            return f"{self._named(start, markup)} on {moment_words(pause.start, zone)}"
        before, after = self._named(start, markup), self._named(end, markup)
        when = f"({moment_words(pause.start, zone)}) to {after} ({moment_words(pause.end, zone)})"
        return f"from {before} {when}"

    def _named(self, releases: Sequence[Release], markup: Markup) -> str:
        names = {repository.key: repository.name for repository in self.found.basis.repositories}
        of = {key: "" if len(names) == 1 else f"{markup.plain(name)} " for key, name in names.items()}
        return listed([f"{of[each.repository]}{markup.release(each)}" for each in releases], _MOST_PAUSES)

    def _notes(self) -> list[str]:
        notes = ["only pauses between two releases in the interval; one that begins before it or goes on after is none"]
        if self.last is not None and self.query.is_longest and self.pauses:
            since = self.period.end - self.last
            if since > self.pauses[0].length:
                notes.append(f"from the last release to the end of the interval it is longer: {duration(since)}")
        return notes
