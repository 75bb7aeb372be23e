"""Every kind of question, and which of them a text asks."""

from collections.abc import Sequence
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
    if refusal := impossible(cues, as_of):
        return refusal
    offered = (kind.read(cues, as_of) for kind in kinds())
    decided = next((each for each in offered if each is not None), Refusal("I did not understand the question"))
    if isinstance(decided, Query) and decided.beside is not None and cues.heard - decided.beside:
        return Refusal("I cannot combine all of that in one question")
    return decided


def impossible(cues: Cues, as_of: AsOf) -> Refusal | None:
    """Return why no kind of question can have what was heard, None where one may."""
    if len(cues.spans) > 1:
        several = " and ".join(f'"{span.text}"' for span in cues.spans)
        return Refusal(f"one interval at a time, please: {several} are several")
    ahead = [span for span in cues.spans if _is_ahead(span, as_of)]
    if ahead:
        return Refusal(f'"{ahead[0].text}" is in the future; I know only the past')
    if cues.has(Cue.WILL) and not (is_about_certification(cues) or cues.has(Cue.NEXT)):
        return Refusal("I do not predict releases; I know past ones, and what is planned for a certification")
    return None


def _is_ahead(span: Span, as_of: AsOf) -> bool:
    start = span.start
    return start is not None and not hasattr(start, "release") and start.astimezone(UTC) >= as_of.end.astimezone(UTC)
