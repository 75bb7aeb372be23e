"""Changes to milestones: ``add hackathon v7r2 2021-03-11``, ``hackathon 4 of v7r2 is done``, ``accept v7r2 7 Jan``."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar

from bot.commands.base import Command, CommandContext
from bot.commands.language import Instruction, parts_of
from bot.domain.certification.milestones import ChangeKind, MilestoneChange
from bot.domain.errors import UsageError
from bot.domain.filters import choose_repositories
from bot.domain.periods.period import AsOf
from bot.domain.periods.phrases import Viewpoint
from bot.domain.periods.tokens import Token
from bot.domain.values import dataclass
from bot.queries.base import Answer, Json, QueryContext, Refusal, Result
from bot.queries.language.vocabulary import Vocabulary
from bot.render.json_form import change_json
from bot.render.markup import Markup

if TYPE_CHECKING:
    from bot.domain.certification.certification import Plan

_VERBS = {
    ChangeKind.ADD: "add, plan, schedule",
    ChangeKind.DONE: "done, finish, finished, complete, completed, mark, close",
    ChangeKind.MOVE: "move, postpone, reschedule, delay, shift",
    ChangeKind.DROP: "drop, cancel, remove, abandon",
}
_KIND_OF = {verb: kind for kind, verbs in _VERBS.items() for verb in verbs.split(", ")}
_ENDINGS = (
    ("is", "done"),
    ("was", "done"),
    ("is", "finished"),
    ("took", "place"),
    ("is", "over"),
    ("has", "been", "done"),
)
_QUESTIONING = {"is", "was", "has", "did", "when", "which", "what", "how", "if", "are", "were", "do", "does", "will"}
_PAST = {ChangeKind.ADD: "planned", ChangeKind.DONE: "done", ChangeKind.MOVE: "moved", ChangeKind.DROP: "dropped"}


@dataclass(frozen=True, slots=True)
class ChangeMilestone(Command):
    """A change to a milestone: ``kind`` is what to do, ``milestone_kind`` that of a new one.

    Without a series, the one open certification is meant.
    """

    intent: ClassVar[str] = "milestone"
    kind: ChangeKind
    series: str | None = None
    repositories: tuple[str, ...] = ()
    title: str = ""
    milestone_kind: str = ""
    day: date | None = None
    note: str = ""

    @classmethod
    def read(cls, said: Instruction, vocabulary: Vocabulary, as_of: AsOf) -> "Command | Refusal | None":
        """Read a text that begins with a verb, or says that a milestone is done."""
        kind = _KIND_OF.get(said.verb)
        if kind is None:
            return None if said.is_question else _said_done(said, vocabulary, as_of)
        tokens = said.tokens[1:]
        if kind is ChangeKind.DONE and tokens and tokens[-1].text in {"done", "finished", "complete", "completed"}:
            tokens = tokens[:-1]
        is_done_said = kind is ChangeKind.DONE
        kept = [token for token in tokens if not (is_done_said and token.text in {"done", "finished"})]
        return _milestone(kind, kept, said, vocabulary, as_of)

    def run(self, context: CommandContext) -> "MilestoneChanged":
        """Record the change. Raises UsageError."""
        from bot.services.certification import Order, change

        query = context.query
        plan = _plan(self.series, self.repositories, query)
        is_done_today = self.kind is ChangeKind.DONE and self.day is None
        day = query.as_of.day if is_done_today else self.day
        order = Order(self.kind, self.title, self.milestone_kind, day, self.note)
        return MilestoneChanged(plan.series, change(plan, order, query.store.certification, context.maker), query.as_of)

    def parameters(self) -> Json:
        """Return the parts of the change."""
        return {
            "change": self.kind.value,
            "series": self.series,
            "repositories": list(self.repositories),
            "title": self.title,
            "kind": self.milestone_kind,
            "day": self.day.isoformat() if self.day else None,
            "note": self.note,
        }


def _milestone(
    kind: ChangeKind, tokens: Sequence[Token], said: Instruction, vocabulary: Vocabulary, as_of: AsOf
) -> ChangeMilestone | Refusal:
    is_planned = kind in {ChangeKind.ADD, ChangeKind.MOVE}
    parts = parts_of(tokens, vocabulary, Viewpoint(as_of.day, ahead=is_planned))
    if len(parts.series) > 1:
        return Refusal(f"one series at a time, please: {' and '.join(parts.series)} are several")
    if is_planned and parts.day is None:
        return Refusal("the date is missing", f"{kind.value} ... on 2021-03-04")
    words, title, milestone_kind = " ".join(parts.rest), said.title, ""
    if kind is ChangeKind.ADD:
        milestone_kind = _kind_in(words, vocabulary)
        if not milestone_kind:
            kinds = ", ".join(vocabulary.milestone_kinds)
            return Refusal(f'unknown kind of milestone "{words}"; kinds: {kinds}')
    elif not (title := title or words):
        return Refusal("the milestone's title, or a part of it, is missing")
    return ChangeMilestone(
        kind=kind,
        series=parts.series[0] if parts.series else None,
        repositories=tuple(parts.repositories),
        title=title,
        milestone_kind=milestone_kind,
        day=parts.day,
        note=said.note,
    )


def _kind_in(words: str, vocabulary: Vocabulary) -> str:
    """Find the one kind that the words name; words beside it make it unclear."""
    wanted = words.replace("-", " ").removesuffix("s")
    return next((kind for kind in vocabulary.milestone_kinds if kind.replace("-", " ") == wanted), "")


def _said_done(said: Instruction, vocabulary: Vocabulary, as_of: AsOf) -> ChangeMilestone | Refusal | None:
    """Read ``hackathon 4 of v7r2 is done``: a statement that names a milestone; None for a question."""
    words = tuple(token.text for token in said.tokens)
    is_of_certification = any(word.startswith("hack") or word == "certification" for word in words)
    if said.verb in _QUESTIONING or not is_of_certification:
        return None
    for ending in _ENDINGS:
        for at in range(1, len(words) - len(ending) + 1):
            if words[at : at + len(ending)] == ending:
                kept = [*said.tokens[:at], *said.tokens[at + len(ending) :]]
                return _milestone(ChangeKind.DONE, kept, said, vocabulary, as_of)
    return None


@dataclass(frozen=True, slots=True)
class AcceptHint(Command):
    """Take the hint of a day for a milestone that was done then."""

    intent: ClassVar[str] = "accept"
    day: date
    series: str | None = None
    repositories: tuple[str, ...] = ()

    @classmethod
    def read(cls, said: Instruction, vocabulary: Vocabulary, as_of: AsOf) -> "Command | Refusal | None":
        """Read ``accept v7r2 2021-01-07``."""
        if said.verb != "accept":
            return None
        parts = parts_of(said.tokens[1:], vocabulary, Viewpoint(as_of.day))
        if parts.day is None or parts.rest or len(parts.series) > 1:
            return Refusal("the suggested date, or the series, is missing", "accept v7r2 2021-01-07")
        return cls(parts.day, parts.series[0] if parts.series else None, tuple(parts.repositories))

    def run(self, context: CommandContext) -> "MilestoneChanged":
        """Record the milestone. Raises UsageError."""
        from bot.services.certification import accept

        plan = _plan(self.series, self.repositories, context.query)
        made = accept(plan, self.day, "", context.query.store, context.maker)
        return MilestoneChanged(plan.series, made, context.query.as_of)

    def parameters(self) -> Json:
        """Return the day, the series and the repositories."""
        return {"day": self.day.isoformat(), "series": self.series, "repositories": list(self.repositories)}


def _plan(series: str | None, repositories: tuple[str, ...], context: QueryContext) -> "Plan":
    """Find the plan that is meant: of the series, or the one that is open. Raises UsageError."""
    from bot.services.certification import certifications, plan_named

    chosen = choose_repositories(repositories, context.repositories)
    if series is not None:
        return plan_named(series, chosen, context.plans, context.store, context.repositories)
    found = certifications(chosen, context.plans, context.store.releases, context.as_of)
    still_open = [each for each in found if each.is_open]
    if len(still_open) == 1:
        [line] = [(each.repository, each.series) for each in still_open]
        return next(plan for plan in context.plans if (plan.repository, plan.series) == line)
    known = ", ".join(plan.series for plan in still_open) or "none"
    raise UsageError("series", "several or none are in certification", f"name one; in certification: {known}")


@dataclass(frozen=True, slots=True)
class MilestoneChanged(Result):
    """A change that was made: to which series, and the record of it; ``undone`` where it was taken back."""

    series: str
    change: MilestoneChange
    as_of: AsOf
    undone: bool = False

    def answer(self, markup: Markup) -> Answer:
        """Return what was changed, and how to take it back."""
        change = self.change
        title, series = markup.plain(change.title), markup.strong(markup.plain(self.series))
        if self.undone:
            return Answer(f"{series}: change {change.number} ({title} {_PAST[change.kind]}) undone")
        joint = {ChangeKind.ADD: "for", ChangeKind.MOVE: "to"}.get(change.kind, "on")
        day = f" {joint} {change.day.day} {change.day:%b %Y}" if change.day else ""
        note = f" ({markup.plain(change.note)})" if change.note else ""
        back = f"to undo: undo {change.number}"
        return Answer(f"{series}: {title} is {_PAST[change.kind]}{day}{note}", notes=(back,))

    def data(self) -> Any:
        """Return the record of the change."""
        made = change_json(self.change, self.as_of.zone)
        return {"series": self.series, "undone": self.undone, "change": made}
