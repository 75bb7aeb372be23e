"""What can be asked: "help"."""

from collections.abc import Sequence
from typing import Any, ClassVar

from bot.domain.filters import wanted
from bot.domain.periods.period import AsOf
from bot.domain.releases import key_of
from bot.domain.values import dataclass
from bot.queries.base import Answer, Query, QueryContext, Refusal, Result
from bot.queries.certification import CertificationStatus
from bot.queries.language.lexer import Cues
from bot.queries.language.lexicon import Cue
from bot.queries.latest import Latest
from bot.queries.selection import is_about_releases
from bot.render.markup import Markup
from bot.render.sections import Section

_CHANGES = (
    "add hackathon v7r2 2021-03-11",
    "done hackathon 4 of v7r2: quite conclusive",
    "move final certification of v7r2 to 11 March",
    "drop hackathon 5 of v7r2",
    "accept v7r2 2021-01-07",
    "v7r2 is recommended",
    "mark v7r1 as end-of-life",
    "undo",
    "watch github:DIRACGrid/Pilot",
    "unwatch Pilot",
    "post digest",
)

# What help may be wanted with.
_BESIDE = frozenset({Cue.HELP, Cue.SUBSCRIPTIONS, Cue.WATCH, Cue.REPOSITORIES, Cue.DIGEST})
_BESIDE |= {Cue.LIST, Cue.ALL, Cue.FILLER}


@dataclass(frozen=True, slots=True)
class Help(Query):
    """What can be asked."""

    intent: ClassVar[str] = "help"
    order: ClassVar[int] = 30
    is_aside: ClassVar[bool] = True
    beside: ClassVar[frozenset[Cue] | None] = _BESIDE

    @classmethod
    def read(cls, cues: Cues, as_of: AsOf) -> "Query | Refusal | None":
        """Read a text that asks for help."""
        del as_of
        return cls() if cues.has(Cue.HELP) and not is_about_releases(cues) else None

    def run(self, context: QueryContext) -> "Usage":
        """Find examples."""
        return Usage(examples(context), context.is_maintainer)

    def wording(self) -> str:
        """Return the word."""
        return "help"


@dataclass(frozen=True, slots=True)
class Usage(Result):
    """What can be asked, with examples that have an answer here; ``is_maintainer`` adds the changes."""

    examples: Sequence[str]
    is_maintainer: bool

    def answer(self, markup: Markup) -> Answer:
        """Return the examples."""
        parts = [quoted("Try:", self.examples, markup)]
        if self.is_maintainer:
            parts.append(quoted("Maintainers can also say:", _CHANGES, markup))
        notes = (
            "also: without pre-releases, by week, between 1 and 15 March, since v7r1p25, list all, digest",
            "to be told at once: subscribe DIRAC here, tell me when v7r2 is out, subscriptions, unsubscribe",
        )
        return Answer("I count releases and track certifications", tuple(parts), notes)

    def data(self) -> Any:
        """Return the examples."""
        return {"examples": list(self.examples)}


def quoted(title: str, questions: Sequence[str], markup: Markup) -> Section:
    """Return questions below a title."""
    return Section(markup.strong(title), tuple(markup.plain(question) for question in questions))


def examples(context: QueryContext) -> tuple[str, ...]:
    """Return questions that have an answer here."""
    repository = context.repositories[0] if context.repositories else None
    newest = None
    if repository is not None:
        everything = wanted([repository], (), (), since=None, until=context.as_of.end)
        newest = next(iter(context.store.releases.newest(everything, 1)), None)
    questions = ["how many patch releases in the last month?", "what came out last week?"]
    if repository is not None:
        questions.append(f"how many releases of {repository.name} this year, by month")
    if newest is not None:
        questions += [f"latest {newest.series}", f"when was {newest.version} released?"]
        if context.store.notes.of([key_of(newest)]):
            questions.append(f"what changed in {newest.version}?")
    plan = next(iter(context.plans), None)
    return (*questions, f"status of {plan.series}") if plan else tuple(questions)


def overview(context: QueryContext) -> tuple[Query, ...]:
    """Return the questions that a page for somebody who has not asked yet answers."""
    if not context.repositories:
        return (Help(),)
    return (Latest(), *([CertificationStatus()] if context.plans else []), Help())
