"""The wording of a question: a text that is understood as just that question, for buttons and suggestions."""

from collections.abc import Sequence

from bot.domain.dates.spans import Edge, ReleaseEdge, Span
from bot.domain.questions.asked import (
    EVERY_ONE,
    Aspect,
    CertificationAsked,
    CountAsked,
    DigestAsked,
    Filters,
    HelpAsked,
    LatestAsked,
    Reading,
    ReleaseAsked,
    ReleasesAsked,
    WatchedAsked,
)
from bot.domain.selection import KindWord

_KINDS = {
    KindWord.PATCH: "patch",
    KindWord.MINOR: "minor",
    KindWord.MAJOR: "major",
    KindWord.PRE_RELEASE: "pre-release",
    KindWord.FINAL: "final",
}
_ASPECTS = {
    Aspect.STATUS: "status",
    Aspect.CERTIFIED: "is it certified,",
    Aspect.HACKATHONS: "how many hackathons",
    Aspect.FINAL: "when is the final certification",
    Aspect.NEXT: "what is the next milestone",
    Aspect.HIGHLIGHTS: "highlights",
}


def wording(asked: Reading) -> str:  # noqa: C901, PLR0911 - one way for each kind
    """Word a question."""
    match asked:
        case CountAsked(filters, units):
            by = f"by {' and '.join(unit.value for unit in units)}" if units else ""
            return _joined("how many", _releases(filters), by)
        case ReleasesAsked(filters, whole):
            return _joined("list all" if whole else "list", _releases(filters))
        case LatestAsked(filters):
            return _joined("latest", _releases(filters))
        case ReleaseAsked(releases, repositories):
            return _joined("when was", *releases, _of(repositories), "released")
        case CertificationAsked(series, repositories, aspect):
            return _joined(_ASPECTS[aspect], _of([*repositories, *series]) or "of the certifications")
        case WatchedAsked():
            return "which repositories do you watch"
        case DigestAsked(name):
            return _joined("show the digest", name or "")
        case HelpAsked():
            return "help"


def _joined(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def _releases(filters: Filters) -> str:
    kinds = " and ".join(_KINDS[kind] for kind in filters.kinds if kind in _KINDS)
    noun = "releases of any kind" if KindWord.ALL in filters.kinds else "releases"
    named = _of([*filters.repositories, *filters.series])
    return _joined(kinds, noun, named, span_words(filters.span))


def _of(names: Sequence[str]) -> str:
    names = ["all repositories" if name == EVERY_ONE else name for name in names]
    return f"of {' and '.join(names)}" if names else ""


def span_words(span: Span | None) -> str:
    """Word an interval: as it was asked for, else by its ends."""
    if span is None or span.text:
        return span.text if span else ""
    if span.start is not None and span.end is not None:
        return f"from {_edge(span.start)} to {_edge(span.end)}"
    if span.start is not None:
        return f"since {_edge(span.start)}"
    return f"until {_edge(span.end)}" if span.end is not None else "ever"


def _edge(edge: Edge) -> str:
    return edge.release if isinstance(edge, ReleaseEdge) else edge.isoformat(sep=" ")
