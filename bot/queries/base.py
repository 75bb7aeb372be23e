"""What a kind of question is: a query that is run, and a result that every face shows alike."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from bot.domain.organisations import Organisation
from bot.domain.periods.period import AsOf
from bot.domain.repositories import Repository
from bot.domain.series_status import Line, MarkedSeries, marked_series
from bot.domain.values import dataclass
from bot.queries.language.lexicon import Cue
from bot.render.markup import Markup
from bot.render.sections import Section
from bot.render.table import Table

if TYPE_CHECKING:
    from bot.domain.certification.certification import Plan
    from bot.domain.subscriptions import AskedFrom
    from bot.queries.language.lexer import Cues
    from bot.services.digests import DigestOrder
    from bot.store.store import Store

Json = dict[str, Any]


@dataclass(frozen=True)
class Watched:
    """What is watched: repositories and organisations.

    ``origins`` says by key where each repository comes from, ``left_out`` why some are not watched though they
    are named.
    """

    repositories: Sequence[Repository]
    organisations: Sequence[Organisation] = ()
    origins: Mapping[str, str] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class QueryContext:
    """Everything a query may read: the store, what is watched, and the moment to look from.

    ``own`` are the keys of the repositories meant where none is named, all where it is empty. A repository polled
    longer ago than ``stale_after`` is reported. Plans and digests are read when a query first asks for them.
    ``origin`` is where in a chat it is asked, None elsewhere. ``page_of`` gives the URL of the page that answers a
    question, from a moment and about the repositories of these keys if it names none; ``home`` is that of all pages.
    Both are empty where nothing links to pages. An ``is_brief`` context is for answers in words and tables: what only
    JSON lists of very many repositories is then not read.
    """

    store: "Store"
    watched: Watched
    as_of: AsOf
    stale_after: timedelta
    read_plans: Callable[[], Sequence["Plan"]] = tuple
    read_digests: Callable[[Sequence["Plan"]], Sequence["DigestOrder"]] = lambda _: ()
    own: Sequence[str] = ()
    is_maintainer: bool = False
    origin: "AskedFrom | None" = None
    page_of: Callable[[str, AsOf, Sequence[str]], str] = lambda *_: ""
    home: str = ""
    is_brief: bool = False
    _plans: Callable[[], Sequence["Plan"]] = field(init=False, repr=False, compare=False)
    _digests: Callable[[], Sequence["DigestOrder"]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Let plans and digests be read once."""
        # Not by cached_property: on Python 3.11 all contexts share its lock. A thread would hold it while it waits for
        # a connection to the database, and a thread that has the connection, in a snapshot, would wait for the lock.
        object.__setattr__(self, "_plans", cache(self.read_plans))
        object.__setattr__(self, "_digests", cache(lambda: self.read_digests(self.plans)))

    @property
    def repositories(self) -> Sequence[Repository]:
        """The watched repositories."""
        return self.watched.repositories

    @property
    def plans(self) -> Sequence["Plan"]:
        """The plans of certification as they are now."""
        return self._plans()

    @property
    def marked_series(self) -> Mapping[Line, MarkedSeries]:
        """The series that had a status at the moment to look from."""
        return marked_series(self.repositories, self.store.series.changes(), self.as_of.end)

    @property
    def here(self) -> tuple[str, ...]:
        """The names of the channel where the query is asked, or of the direct messages; none outside of a chat."""
        origin = self.origin
        if origin is None or not origin.channel:
            return () if origin is None else (origin.direct,)
        return self.store.subscriptions.names_of(origin.channel)

    @property
    def digests(self) -> Sequence["DigestOrder"]:
        """The configured digests, each for one of its channels."""
        return self._digests()


@dataclass(frozen=True, slots=True)
class FollowUp:
    """The words on a button, and the question that it asks."""

    label: str
    question: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A result in words: a sentence, what is behind it, what to know about it, and what to ask next.

    ``page`` is the URL of a page that shows the same, empty where there is none.
    """

    sentence: str
    sections: tuple[Section, ...] = ()
    notes: tuple[str, ...] = ()
    follow_ups: tuple[FollowUp, ...] = ()
    page: str = ""


def answer_text(answer: Answer) -> str:
    """Return an answer as lines: the sentence, what is behind it, and what to know about it."""
    lines = [answer.sentence]
    for section in answer.sections:
        indent = "    " if section.heading else "  "
        lines += [f"  {section.heading}"] if section.heading else []
        lines += [f"{indent}{line}" for line in section.lines]
    asks = [f"{each.label}: “{each.question}”" for each in answer.follow_ups if each.label.startswith("List all")]
    page = [f"on the web: {answer.page}"] if answer.page else []
    return "\n".join([*lines, *(f"  ({note})" for note in (*asks, *answer.notes, *page))])


class Result(ABC):
    """What a query or a command came to."""

    __slots__ = ()

    @abstractmethod
    def answer(self, markup: Markup) -> Answer:
        """Return the result in words, written with a markup."""

    @abstractmethod
    def data(self) -> Any:
        """Return the result as JSON."""

    def tables(self) -> Sequence[Table]:
        """Return the result as tables, for terminals and pages."""
        return ()

    def sheet(self) -> Table | None:
        """Return the table for spreadsheets: the last, which has the most detail; None if there is none."""
        return next(reversed(self.tables()), None)


def answer_of(result: Result, markup: Markup) -> Answer:
    """Return a result in words, the first with a capital, unless it is a version or a name."""
    words = result.answer(markup)
    first, sentence = words.sentence.partition(" ")[0], words.sentence
    is_name = any(character.isdigit() for character in first) or first != first.lower()
    return words if is_name else replace(words, sentence=sentence[:1].upper() + sentence[1:])


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a text was not understood, and the nearest question that would be.

    One that ``is_whole`` names examples itself, or needs none.
    """

    reason: str
    nearest: str = ""
    is_whole: bool = False


class Query(ABC):
    """A question of one kind, with its parameters.

    ``intent`` names the kind. A text is offered to the kinds in their ``order``, those with words of their own
    first; ``beside`` are the cues that may be heard beside a question of the kind without changing it, None
    where any may. One that ``is_aside`` leaves a conversation about what it was about before. A text with several
    intervals is offered only to kinds that take them. One that ``looks_ahead`` may be followed by an interval to come.
    What ``depends_on_asker`` has no page that shows the same.
    """

    __slots__ = ()
    intent: ClassVar[str]
    order: ClassVar[int] = 0
    beside: ClassVar[frozenset[Cue] | None] = None
    is_aside: ClassVar[bool] = False
    depends_on_asker: ClassVar[bool] = False
    takes_intervals: ClassVar[bool] = False
    looks_ahead: ClassVar[bool] = False

    @classmethod
    @abstractmethod
    def read(cls, cues: "Cues", as_of: AsOf) -> "Query | Refusal | None":
        """Return the query that a text asks, a Refusal for one that is unclear, None for one of another kind."""

    @abstractmethod
    def run(self, context: QueryContext) -> Result:
        """Find the answer. Raises UsageError for a repository, series or release that is not known."""

    def parameters(self) -> Json:
        """Return the parameters as JSON."""
        return {}

    @property
    def own_words(self) -> tuple[str, ...]:
        """The unknown words of the text that the query asks about, none for most kinds."""
        return ()

    @abstractmethod
    def wording(self) -> str:
        """Return a text that is understood as just this query, for buttons and suggestions."""

    def followed_by(self, cues: "Cues") -> "Query | None":
        """Return the query with what a follow-up names in the place of what it had, None where that cannot be."""
        del cues
        return None


def run(query: Query, context: QueryContext) -> Result:
    """Return the result of a query, from one state of the store. Raises UsageError."""
    with context.store.snapshot():
        return query.run(context)
