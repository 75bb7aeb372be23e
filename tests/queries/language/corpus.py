"""Questions as people ask them, with what they mean: data in ``*.jsonl``, and the means to compare."""

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.commands.base import Command
from bot.commands.milestone import AcceptHint, ChangeMilestone
from bot.commands.post import PostDigest
from bot.commands.undo import Undo
from bot.dialogue import Understanding
from bot.domain.certification.milestones import KINDS
from bot.domain.periods.period import AsOf
from bot.domain.periods.spans import Edge, ReleaseEdge, Span
from bot.domain.versions.dirac import DiracScheme
from bot.queries.base import Query
from bot.queries.certification import CertificationStatus
from bot.queries.claim import Claim
from bot.queries.comparison import Comparison
from bot.queries.course import CertificationCourse
from bot.queries.digest import DigestPreview
from bot.queries.extreme_pauses import ExtremePause
from bot.queries.extremes import Extreme
from bot.queries.few import FewReleases
from bot.queries.freshness import Freshness
from bot.queries.gap import Gap
from bot.queries.hackathons import MilestonesIn
from bot.queries.is_watched import IsWatched
from bot.queries.language.vocabulary import Vocabulary
from bot.queries.latest import Latest
from bot.queries.notes import WhatChanged
from bot.queries.one_series import OneSeries
from bot.queries.plan import Planned
from bot.queries.rate import Rate
from bot.queries.release import WhenReleased
from bot.queries.releases import Count, Releases
from bot.queries.selection import EVERY_ONE, Filters
from bot.queries.series import SeriesStatuses
from bot.queries.small_talk import SmallTalk
from bot.queries.unread import UnreadTags
from tests.builders import PARIS, a_repository

_PATHS = ["DIRAC", "WebAppDIRAC", "VMDIRAC", "COMDIRAC", "Pilot"]
_ALIASES = {"WebAppDIRAC": ("DIRAC WebApp",), "Pilot": ("Pilot3",)}
VOCABULARY = Vocabulary(
    repositories=(
        *(replace(a_repository(f"DIRACGrid/{path}"), aliases=_ALIASES.get(path, ())) for path in _PATHS),
        a_repository("lhcb-dirac/LHCbDIRAC", forge="gitlab.cern.ch"),
    ),
    digests=("weekly", "monthly"),
    milestone_kinds=KINDS,
)
_OF_OWN_PARAMETERS = (
    Planned,
    MilestonesIn,
    CertificationCourse,
    SeriesStatuses,
    UnreadTags,
    Freshness,
    IsWatched,
    SmallTalk,
)
_SLIDE_DAY = "2021-02-22T14:00"
_NAMES = {repository.key: repository.name for repository in VOCABULARY.repositories}


def corpus(name: str) -> list[dict[str, Any]]:
    """Read the questions of a file, one JSON object a line."""
    lines = (Path(__file__).parent / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def as_of_of(question: dict[str, Any]) -> AsOf:
    moment = datetime.fromisoformat(question.get("as_of", _SLIDE_DAY)).replace(tzinfo=PARIS)
    return AsOf.at(moment, PARIS)


def meant(question: dict[str, Any]) -> dict[str, Any]:
    """Return what is expected, in the form of ``told``."""
    left_out = {"text", "as_of"}
    expected = {key: value for key, value in question.items() if key not in left_out}
    for key in ("repositories", "series", "kinds"):
        if isinstance(expected.get(key), list):
            expected[key] = sorted(expected[key])
    for key in ("since_release", "until_release", "before_release", "release"):
        if key in expected:
            expected[key] = _version(expected[key])
    if "releases" in expected:
        expected["releases"] = [_version(each) for each in expected["releases"]]
    return expected


def told(understanding: Understanding) -> dict[str, Any]:
    """Return what was understood, in the words of the corpus; what was not asked for is left out."""
    asked = understanding.asked
    if asked is None:
        return {"intent": "refusal"}
    return {key: value for key, value in _told(asked).items() if value}


def _told(asked: Query | Command) -> dict[str, Any]:  # noqa: C901, PLR0911, PLR0912 - one way for each kind
    match asked:
        case Count(filters, units):
            return {"intent": "count", **_filters(filters), "by": [unit.value for unit in units]}
        case Rate(filters, unit, is_delay):
            return {"intent": "rate", **_filters(filters), "per": unit and unit.value, "delay": is_delay}
        case Gap(releases, filters):
            return {"intent": "gap", **_filters(filters), "releases": [_version(each) for each in releases]}
        case Extreme(filters, unit, is_most):
            return {"intent": "most" if is_most else "fewest", **_filters(filters), "of": unit.value}
        case ExtremePause(filters, is_longest):
            return {"intent": "longest" if is_longest else "shortest", **_filters(filters)}
        case Comparison(filters, spans):
            return {"intent": "comparison", **_filters(filters), "intervals": [_span(span) for span in spans]}
        case Claim(filters, number):
            return {"intent": "claim", **_filters(filters), "claim": number}
        case Releases(filters, most):
            return {"intent": "list", **_filters(filters), "whole": most is None}
        case Latest(filters):
            return {"intent": "latest", **_filters(filters)}
        case FewReleases(filters, number, is_first):
            return {"intent": "few_releases", **_filters(filters), "number": number, "first": is_first}
        case OneSeries(series, repositories):
            return {"intent": "series_overview", "series": sorted(series), "repositories": _names(repositories)}
        case WhenReleased(releases, repositories):
            named = {"release": _version(releases[0]), "repositories": _names(repositories)}
            return {"intent": "release", **named, "links": asked.with_links}
        case WhatChanged(releases, since, repositories, is_latest):
            named = {"releases": [_version(each) for each in releases], "repositories": _names(repositories)}
            return {"intent": "notes", "since_release": since and _version(since), "latest": is_latest, **named}
        case CertificationStatus(series, repositories, aspect):
            names = _names(repositories)
            return {"intent": "certification", "series": sorted(series), "repositories": names, "aspect": aspect.value}
        case ChangeMilestone():
            return {
                "intent": "change",
                "do": asked.kind.value,
                "series": asked.series,
                "title": asked.title,
                "kind": asked.milestone_kind,
                "day": asked.day and asked.day.isoformat(),
                "note": asked.note,
            }
        case AcceptHint(day, series):
            return {"intent": "change", "do": "accept", "series": series, "day": day.isoformat()}
        case Undo(number):
            return {"intent": "change", "do": "undo", "number": number}
        case PostDigest(name):
            return {"intent": "change", "do": "post", "name": name}
        case DigestPreview(name):
            return {"intent": "digest", "name": name}
        case _ if isinstance(asked, _OF_OWN_PARAMETERS):
            return {"intent": asked.intent, **_parameters(asked)}
        case _:
            return {"intent": asked.intent}


def _parameters(asked: Query) -> dict[str, Any]:
    """Return a query's own parameters, with the names of repositories, and the moments of an interval."""
    given = asked.parameters()
    given.pop("interval", None)
    span = getattr(asked, "span", None)
    return given | {"repositories": _names(tuple(given.get("repositories", ())))} | _span(span)


def _filters(filters: Filters) -> dict[str, Any]:
    return {
        "repositories": _names(filters.repositories),
        "series": sorted(filters.series),
        "kinds": sorted(kind.value for kind in filters.kinds),
        **_span(filters.span),
    }


def _span(span: Span | None) -> dict[str, str]:
    if span is None:
        return {}
    return dict([*_edge("start", "since_release", span.start), *_edge("end", "until_release", span.end)])


def _edge(moment: str, release: str, edge: Edge | None) -> list[tuple[str, str]]:
    if edge is None:
        return []
    if isinstance(edge, ReleaseEdge):
        return [("before_release" if edge.side == "before" else release, _version(edge.release))]
    return [(moment, edge.astimezone(PARIS).replace(tzinfo=None).isoformat(timespec="minutes"))]


def _names(keys: tuple[str, ...]) -> list[str]:
    return sorted(_NAMES[key] for key in keys if key != EVERY_ONE)


def _version(text: str) -> str:
    read = DiracScheme().read(text)
    return read.normalized if read else text
