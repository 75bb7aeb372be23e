"""An answer as JSON: what was understood, and the data in the form of the command that gives the same."""

from typing import Any

from bot.domain.questions.asked import (
    AcceptAsked,
    AcceptRepositoryAsked,
    Asked,
    CertificationAsked,
    CountAsked,
    DigestAsked,
    Filters,
    LatestAsked,
    MilestoneAsked,
    PostAsked,
    ReleaseAsked,
    ReleasesAsked,
    Understanding,
    UndoAsked,
    UnwatchAsked,
    WatchAsked,
)
from bot.domain.questions.wording import span_words
from bot.render.json_form import (
    Json,
    certification_json,
    change_json,
    digest_json,
    group_json,
    moment_json,
    period_json,
    releases_json,
)
from bot.render.watching import watch_json
from bot.services.answers import (
    Answer,
    CertificationAnswer,
    ChangeAnswer,
    DigestAnswer,
    HelpAnswer,
    LatestAnswer,
    PostAnswer,
    PostsAnswer,
    RefusalAnswer,
    ReleaseAnswer,
    ReleasesAnswer,
    WatchAnswer,
    WatchedAnswer,
)


def understood_json(understanding: Understanding) -> Json:
    """Write what was understood; the intent is null where nothing was."""
    asked = understanding.asked
    told = {"intent": None} if asked is None else {"intent": asked.intent, **_parameters(asked)}
    return told | {"mended": [{"written": w, "read": r} for w, r in understanding.mended]}


def _parameters(asked: Asked) -> Json:  # noqa: C901, PLR0911 - one way for each kind
    match asked:
        case CountAsked(filters, units):
            return _filters(filters) | {"by": [unit.value for unit in units]}
        case ReleasesAsked(filters, whole):
            return _filters(filters) | {"whole": whole}
        case LatestAsked(filters):
            return _filters(filters)
        case ReleaseAsked(releases, repositories):
            return {"releases": list(releases), "repositories": list(repositories)}
        case CertificationAsked(series, repositories, aspect):
            return {"series": list(series), "repositories": list(repositories), "aspect": aspect.value}
        case DigestAsked(name) | PostAsked(name):
            return {"name": name}
        case UndoAsked(number, watching):
            return {"number": number, "watching": watching}
        case WatchAsked(target, scheme, prefix):
            return {"target": target, "scheme": scheme or None, "prefix": prefix}
        case UnwatchAsked(target) | AcceptRepositoryAsked(target):
            return {"target": target}
        case AcceptAsked(day, series, repositories):
            return {"day": day.isoformat(), "series": series, "repositories": list(repositories)}
        case MilestoneAsked():
            return {
                "change": asked.kind.value,
                "series": asked.series,
                "repositories": list(asked.repositories),
                "title": asked.title,
                "kind": asked.milestone_kind,
                "day": asked.day.isoformat() if asked.day else None,
                "note": asked.note,
            }
        case _:
            return {}


def _filters(filters: Filters) -> Json:
    return {
        "repositories": list(filters.repositories),
        "series": list(filters.series),
        "kinds": [kind.value for kind in filters.kinds],
        "interval": span_words(filters.span),
    }


def answer_json(answer: Answer) -> Any:  # noqa: C901, PLR0911 - one way for each kind
    """Write the data of an answer."""
    match answer:
        case ReleasesAnswer():
            return _releases(answer)
        case LatestAnswer(as_of=as_of, releases=releases) | ReleaseAnswer(as_of=as_of, releases=releases):
            return releases_json(releases, as_of.zone)
        case CertificationAnswer(as_of=as_of, certifications=found):
            return [certification_json(each, as_of.zone) for each in found]
        case WatchedAnswer(reach=reach):
            return [
                {"repository": each.key, "name": each.name, "aliases": list(each.aliases)}
                for each in reach.repositories
            ]
        case DigestAnswer(digest):
            return digest_json(digest)
        case HelpAnswer(examples=examples):
            return {"examples": list(examples)}
        case ChangeAnswer():
            change = change_json(answer.change, answer.as_of.zone)
            return {"series": answer.series, "undone": answer.undone, "change": change}
        case WatchAnswer():
            told = watch_json(answer.change, answer.as_of.zone)
            listed = [each.path for each in answer.listed]
            return {"undone": answer.undone, "change": told, "repositories": listed}
        case PostAnswer():
            return _post(answer)
        case PostsAnswer(posts):
            return {"posts": [_post(each) for each in posts]}
        case RefusalAnswer():
            return {"reason": answer.reason, "nearest": answer.nearest or None, "examples": list(answer.examples)}


def _post(answer: PostAnswer) -> Json:
    return {"digest": answer.digest, "channel": answer.channel, "state": answer.state, "error": answer.error}


def _releases(answer: ReleasesAnswer) -> Json:
    zone = answer.period.zone
    return {
        "period": period_json(answer.period),
        "as_of": moment_json(answer.as_of.end, zone),
        "kinds": list(answer.kinds),
        "total": answer.total,
        "groups": [group_json(group) for group in answer.groups],
        "by_series": [group_json(group) for group in answer.series],
        "releases": releases_json(reversed(answer.releases), zone),
        "undated": answer.undated,
        "unclassified": answer.reach.lacking.unclassified,
        "complete_until": moment_json(answer.reach.complete_until, zone),
        "gaps": [
            {"repository": gap.repository.key, "since": moment_json(gap.since, zone), "error": gap.error}
            for gap in answer.reach.lacking.gaps
        ],
    }
