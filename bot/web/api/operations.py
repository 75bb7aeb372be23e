"""The operations of the API: each with its parameters, the model of its answer, and how it is answered."""

from collections.abc import Callable
from typing import Any

from bot.dialogue import ask
from bot.domain.counts import GroupBy
from bot.domain.errors import UsageError
from bot.domain.filters import KindWord
from bot.domain.values import dataclass
from bot.queries.base import answer_text
from bot.queries.bot_status import BotStatus
from bot.queries.certification import CertificationStatus
from bot.queries.latest import Latest
from bot.queries.release import WhenReleased
from bot.queries.releases import Count, Releases
from bot.queries.series import SeriesStatuses
from bot.render.markup import TEXT
from bot.web.api import models
from bot.web.api.status_models import Status
from bot.web.formats import run_whole
from bot.web.visits import Visit


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of an address; one that ``is_list`` may be given several times, ``known`` are its only values."""

    name: str
    description: str
    is_list: bool = False
    is_required: bool = False
    known: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation: the last part of its address, what it answers, and the model of that."""

    name: str
    summary: str
    parameters: tuple[Parameter, ...]
    model: type[models.Model]
    answer: Callable[[Visit], Any]
    is_list: bool = False

    def data(self, visit: Visit) -> Any:
        """Return the answer. Raises UsageError, for a parameter that it does not take as well."""
        known = {each.name: each for each in self.parameters}
        for name, values in visit.parameters.items():
            if name not in known:
                hint = f"known: {', '.join(known)}" if known else "this address takes none"
                raise UsageError("parameter", f'unknown parameter "{name}"', hint)
            if len(values) > 1 and not known[name].is_list:
                raise UsageError(name, "given several times", "give it once")
        if missing := [
            each.name for each in self.parameters if each.is_required and not visit.parameters.get(each.name)
        ]:
            raise UsageError("parameter", f"{missing[0]} is missing", known[missing[0]].description)
        return self.answer(visit)


_AS_OF = Parameter("as_of", "Answer as of this date or time; a date looks from the end of its day.")
_REPOSITORY = Parameter("repository", "Only this repository: its name, or FORGE:PATH.", is_list=True)
_SERIES = Parameter("series", "Only this series, in any spelling: v7r1, 7.1.", is_list=True)
_FILTERS = (
    _REPOSITORY,
    _SERIES,
    Parameter(
        "kind",
        "Kind of release, instead of each repository's ordinary ones.",
        is_list=True,
        known=tuple(each.value for each in KindWord),
    ),
    Parameter("period", "7d, 4w, 1m, 1y, 2021-02, 2021-W07, 2021-Q1, 2021, last-week ..."),
    Parameter("since", "A date, a date and time, or a release: after it."),
    Parameter("until", "A date, a date and time, or a release: up to and including it."),
    _AS_OF,
    Parameter("known_at", "Use only data that was known at this date or time."),
)
_BY = Parameter("by", "Break the number down.", is_list=True, known=tuple(each.value for each in GroupBy))
_VERSION = Parameter("version", "A version as it is written on its tag.", is_list=True, is_required=True)
_QUESTION = Parameter("q", "A question in English, as in chat.", is_required=True)


def _count(visit: Visit) -> Any:
    asked = visit.asked
    return run_whole(Count(asked.filters(visit.as_of), asked.units), visit).data()


def _releases(visit: Visit) -> Any:
    return run_whole(Releases(visit.asked.filters(visit.as_of), with_withdrawn=True), visit).data()["releases"]


def _latest(visit: Visit) -> Any:
    return visit.run(Latest(visit.asked.filters(visit.as_of))).data()


def _certification(visit: Visit) -> Any:
    asked = visit.asked
    return visit.run(CertificationStatus(asked.series, asked.repositories, with_closed=True)).data()


def _release(visit: Visit) -> Any:
    return visit.run(WhenReleased(tuple(visit.parameters["version"]), visit.asked.repositories)).data()


def _series(visit: Visit) -> Any:
    return visit.run(SeriesStatuses(visit.asked.repositories, visit.asked.series)).data()


def _status(visit: Visit) -> Any:
    return BotStatus(visit.source.status(), visit.source.version, visit.as_of.zone).data()


def _ask(visit: Visit) -> Any:
    """Answer a question; a command is refused."""
    reply = ask(visit.asked.text, visit.context, visit.source.vocabulary(), None)
    return {
        "question": reply.text,
        "understood": reply.understanding.data(),
        "answer": answer_text(reply.answer(TEXT)),
        "data": reply.result.data(),
    }


OPERATIONS = (
    Operation("count", "How many releases, and how they divide", (*_FILTERS, _BY), models.Count, _count),
    Operation("releases", "Which releases, withdrawn ones included", _FILTERS, models.Release, _releases, is_list=True),
    Operation("latest", "The newest release of each series", _FILTERS, models.LatestRelease, _latest, is_list=True),
    Operation(
        "certification",
        "How certifications stand",
        (_REPOSITORY, _SERIES, _AS_OF),
        models.Certification,
        _certification,
        is_list=True,
    ),
    Operation(
        "release",
        "One release, or several, by name",
        (_VERSION, _REPOSITORY, _AS_OF),
        models.Release,
        _release,
        is_list=True,
    ),
    Operation("series", "The status of series", (_REPOSITORY, _SERIES, _AS_OF), models.Series, _series, is_list=True),
    Operation("status", "How the bot is doing", (), Status, _status),
    Operation("ask", "The answer to a question in words", (_QUESTION, _AS_OF), models.Reply, _ask),
)
