"""The status of series: ``v9r0 is recommended``, ``mark v7r1 as end-of-life: use v7r2``, ``series v8r0 maintained``."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from bot.commands.base import Command, CommandContext
from bot.commands.language import Instruction, parts_of
from bot.domain.filters import choose_repositories
from bot.domain.periods.period import AsOf
from bot.domain.periods.phrases import Viewpoint
from bot.domain.periods.tokens import Token
from bot.domain.series_status import Line, MarkedSeries, SeriesStatus, StatusChange
from bot.domain.values import dataclass
from bot.queries.base import Answer, Json, Refusal, Result
from bot.queries.language.vocabulary import Vocabulary
from bot.render.markup import Markup
from bot.render.words import listed

_VERBS = {"mark", "set", "series", "make", "declare"}
_COPULAS = {"is", "are"}
_QUESTIONING = {"is", "was", "are", "which", "what", "when", "how", "why", "if", "whether", "does", "do", "will"}
# Words beside the series that name nothing here.
_JOINING = {"series", "status", "are", "and"}
_WORDS = {
    ("recommended",): SeriesStatus.RECOMMENDED,
    ("maintained",): SeriesStatus.MAINTAINED,
    ("last",): SeriesStatus.LAST,
    ("end-of-life",): SeriesStatus.END_OF_LIFE,
    ("end", "of", "life"): SeriesStatus.END_OF_LIFE,
    ("eol",): SeriesStatus.END_OF_LIFE,
}
_EXAMPLE = "v7r2 is recommended"


@dataclass(frozen=True, slots=True)
class MarkSeries(Command):
    """Give a series a status; without a repository, the one that has the series is meant."""

    intent: ClassVar[str] = "mark-series"
    status: SeriesStatus
    series: str
    repositories: tuple[str, ...] = ()
    note: str = ""

    @classmethod
    def read(cls, said: Instruction, vocabulary: Vocabulary, as_of: AsOf) -> "Command | Refusal | None":
        """Read a text that says of a series, and of nothing else, what its status is."""
        is_ordered = said.verb in _VERBS
        is_said = said.verb not in _QUESTIONING and any(token.text in _COPULAS for token in said.tokens)
        if said.is_question or not (is_ordered or is_said):
            return None
        rest, status = _without_status(said.tokens[is_ordered:])
        parts = parts_of(rest, vocabulary, Viewpoint(as_of.day))
        if status is None or parts.day is not None or set(parts.rest) - _JOINING:
            return None
        if len(parts.series) != 1:
            what = "one series at a time, please" if parts.series else "name the series"
            return Refusal(what, _EXAMPLE)
        return cls(status, parts.series[0], tuple(parts.repositories), said.note)

    def run(self, context: CommandContext) -> "SeriesMarked":
        """Record it. Raises UsageError for a series that is unknown or unclear."""
        from bot.services.series import line_to_mark

        query = context.query
        watched, store = query.repositories, query.store
        asked = choose_repositories(self.repositories, watched) if self.repositories else ()
        key, series = line_to_mark(self.series, asked, watched, query.plans, store)
        made = store.series.add(
            StatusChange(0, query.as_of.end, context.who, key, series, self.status, self.note.strip())
        )
        is_released = bool(store.releases.known_series([(key, series)]))
        others = () if self.status is not SeriesStatus.RECOMMENDED else _recommended_beside(made, query.marked_series)
        return SeriesMarked(made, query.as_of, others, is_released=is_released)

    def parameters(self) -> Json:
        """Return the parts of the change."""
        return {
            "series": self.series,
            "repositories": list(self.repositories),
            "status": self.status.value,
            "note": self.note,
        }


def _without_status(tokens: Sequence[Token]) -> tuple[Sequence[Token], SeriesStatus | None]:
    """Return the words without those that name a status, the last ones that do, and the status."""
    words = tuple(token.text for token in tokens)
    for at in reversed(range(len(words))):
        for named, status in _WORDS.items():
            if words[at : at + len(named)] == named:
                return [*tokens[:at], *tokens[at + len(named) :]], status
    return tokens, None


def _recommended_beside(made: StatusChange, marked: Mapping[Line, MarkedSeries]) -> tuple[str, ...]:
    """Return the other series of the repository that are recommended."""
    return tuple(
        each.series
        for each in marked.values()
        if each.status is SeriesStatus.RECOMMENDED and each.repository == made.repository and each.line != made.line
    )


@dataclass(frozen=True, slots=True)
class SeriesMarked(Result):
    """A status that was given to a series: the record of it; ``undone`` where it was taken back.

    ``others`` are series of the repository that are recommended beside it. A series that is not ``is_released`` has no
    release that the bot knows of.
    """

    change: StatusChange
    as_of: AsOf
    others: Sequence[str] = ()
    is_released: bool = True
    undone: bool = False

    def answer(self, markup: Markup) -> Answer:
        """Return what was changed, and how to take it back."""
        from bot.render.series_words import status_is

        change = self.change
        of = f"{markup.strong(markup.plain(change.series))} of {markup.plain(change.repository)}"
        if self.undone:
            return Answer(f"{of}: change {change.number} ({change.status.value}) undone")
        note = f" ({markup.plain(change.note)})" if change.note else ""
        notes = (*self.remarks(markup), f"to undo: {self.undoing}")
        return Answer(f"{of} {status_is(change.status)}{note}", notes=notes)

    @property
    def undoing(self) -> str:
        """The command in chat that takes it back."""
        return f"undo series {self.change.number}"

    def remarks(self, markup: Markup) -> list[str]:
        """Return what else is recommended, and that the series has no release yet."""
        others = listed([markup.plain(each) for each in self.others])
        also = [f"also recommended: {others}"] if others else []
        return also if self.is_released else [*also, f"no release of {markup.plain(self.change.series)} yet"]

    def data(self) -> Any:
        """Return the record of the change."""
        from bot.render.series_words import status_change_json

        made = status_change_json(self.change, self.as_of.zone)
        return {"undone": self.undone, "change": made, "also_recommended": list(self.others)}
