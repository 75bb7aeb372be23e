"""Every kind of question, and which of them a text asks."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

import bot.queries
from bot.domain.periods.period import AsOf
from bot.domain.periods.spans import Span
from bot.queries.base import Query, Refusal
from bot.queries.certification import is_about_certification
from bot.queries.language.lexer import Cues
from bot.queries.language.lexicon import Cue
from bot.queries.plan import is_planning
from bot.queries.small_talk import COURTESY, is_small_talk

# What changes a question of any kind that does not know it.
_NEVER_LEFT = frozenset({Cue.UNTIL, Cue.DURATION, Cue.REMAINING, Cue.PRODUCTION, Cue.OLDEST_MAINTAINED, Cue.UNREAD})
_NEVER_LEFT |= {Cue.FRESHNESS, Cue.PRAISE, Cue.OVERDUE, Cue.DROPPED, Cue.NUMBERED}

# Of one repository, these are not what is watched.
_PARTS = frozenset({"components", "packages"})


@cache
def kinds() -> Sequence[type[Query]]:
    """Return the kinds of question in the order in which a text is offered to them.

    A kind is a class of Query in any module of this package: a new one is found as soon as its module is there.
    """
    names = [f"{bot.queries.__name__}.{each.name}" for each in iter_modules(bot.queries.__path__) if not each.ispkg]
    values = [value for name in names for value in vars(import_module(name)).values()]
    found = {value for value in values if isinstance(value, type) and issubclass(value, Query) and value is not Query}
    return sorted(found, key=lambda kind: (kind.order, kind.intent))


def decide(cues: Cues, as_of: AsOf) -> Query | Refusal:
    """Return what is queried; words that were not known are not looked at here."""
    cues = _without_courtesy(cues)
    if refusal := impossible(cues, as_of):
        return refusal
    is_one = len(cues.spans) <= 1
    offered = (kind.read(cues, as_of) for kind in kinds() if is_one or kind.takes_intervals)
    undecided = too_many_intervals(cues) or Refusal("I did not understand the question")
    decided = next((each for each in offered if each is not None), undecided)
    if isinstance(decided, Query):
        left = cues.heard & _NEVER_LEFT if decided.beside is None else cues.heard - decided.beside
        return Refusal("I cannot combine all of that in one question") if left else decided
    return decided


def too_many_intervals(cues: Cues) -> Refusal | None:
    """Return a refusal of several intervals, None where there are not several."""
    several = " and ".join(f'"{span.text}"' for span in cues.spans)
    return Refusal(f"one interval at a time, please: {several} are several") if len(cues.spans) > 1 else None


def impossible(cues: Cues, as_of: AsOf, *, looks_ahead: bool = False) -> Refusal | None:
    """Return why no kind of question can have what was heard, None where one may."""
    if cues.is_several:
        return Refusal("one question at a time, please")
    ahead = [span for span in cues.spans if _is_ahead(span, as_of)]
    if ahead and not (looks_ahead or is_about_certification(cues) or is_planning(cues)):
        return Refusal(f'"{ahead[0].text}" is in the future; I know only the past')
    if cues.has(Cue.WHO):
        nearest = f"when was {named[0]} released" if (named := [*cues.versions, *cues.series]) else ""
        return Refusal("I do not keep who made, tagged or announced a release: only tags, commits and dates", nearest)
    if refusal := _of_what(cues):
        return refusal
    if cues.has(Cue.ADVICE):
        nearest = f"is {cues.series[0]} recommended" if cues.series else "which series is recommended"
        return Refusal("I do not give advice on upgrades; I know which series a project recommends", nearest)
    return _of_tags(cues, as_of)


def _of_what(cues: Cues) -> Refusal | None:
    """Return why it is not known which releases are meant, None where it is."""
    if len(cues.repositories) == 1 and not _PARTS.isdisjoint(cues.words):
        return Refusal("I know the releases of a repository, not its parts")
    if cues.has(Cue.EARLIER):
        return Refusal("I do not know which releases are meant; please name them")
    return None


def _of_tags(cues: Cues, as_of: AsOf) -> Refusal | None:
    if not cues.has(Cue.TAGS) or cues.has(Cue.UNREAD, Cue.LATEST, Cue.FEW) or cues.versions:
        return None
    meant = decide(replace(cues, heard=(cues.heard - {Cue.TAGS}) | {Cue.NOUN}), as_of)
    nearest = meant.wording() if isinstance(meant, Query) else ""
    return Refusal("I answer for releases; of tags I only know which I could not read", nearest)


def _without_courtesy(cues: Cues) -> Cues:
    """Leave out greetings and thanks, which say nothing where anything else is said."""
    return cues if is_small_talk(cues) else replace(cues, heard=cues.heard - COURTESY)


def _is_ahead(span: Span, as_of: AsOf) -> bool:
    start = span.start
    return start is not None and not hasattr(start, "release") and start.astimezone(UTC) >= as_of.end.astimezone(UTC)
