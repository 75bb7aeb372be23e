"""The words of questions that the bot asks itself: strings that are understood as they were meant."""

from collections.abc import Sequence

from bot.domain.periods.numbers import MONTHS
from bot.domain.periods.spans import Edge, ReleaseEdge, Span

# What an interval begins with where it needs no "in" before it.
_WITHOUT_IN = {"in", "on", "during", "of", "over", "within", "for", "since", "from", "after", "between", "last"}
_WITHOUT_IN |= {"this", "the", "today", "yesterday", "previous", "current"}
# What is meant of a year, where none is named.
_IN_A_YEAR = {*MONTHS, "q1", "q2", "q3", "q4"}
_YEAR = 4


def joined(*parts: str) -> str:
    """Join the parts that are there."""
    return " ".join(part for part in parts if part)


def of_names(names: Sequence[str]) -> str:
    """Return ``of DIRAC and v7r1``, nothing where nothing is named."""
    return f"of {' and '.join(names)}" if names else ""


def span_words(span: Span | None) -> str:
    """Return the words for an interval: as it was asked for, else by its ends."""
    if span is None or span.text:
        return span.text if span else ""
    if span.start is not None and span.end is not None:
        return f"from {_edge(span.start)} to {_edge(span.end)}"
    if span.start is not None:
        return f"since {_edge(span.start)}"
    return f"until {_edge(span.end)}" if span.end is not None else "ever"


def span_label(span: Span) -> str:
    """Return an interval as it is said in a sentence: ``in 2020``, ``last year``, ``in January``."""
    words = [word.capitalize() if word in MONTHS else word for word in span_words(span).split()]
    text = " ".join(words)
    return text if words[0] in _WITHOUT_IN else f"in {text}"


def _edge(edge: Edge) -> str:
    return edge.release if isinstance(edge, ReleaseEdge) else edge.isoformat(sep=" ")


def is_yearless(text: str) -> bool:
    """Return whether the words for an interval name a part of a year, and no year."""
    words = text.split()
    return bool(_IN_A_YEAR & set(words)) and not any(len(word) == _YEAR and word.isdigit() for word in words)
