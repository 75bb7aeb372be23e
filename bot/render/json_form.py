"""JSON of every answer: keys are part of the command line's interface; times are ISO 8601 with offset."""

from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from bot.domain.counts import Group
from bot.domain.periods.period import Period
from bot.domain.releases import Key, Release, key_of
from bot.domain.tags import TagDetails

if TYPE_CHECKING:
    from bot.domain.certification.certification import Certification, Move
    from bot.domain.certification.hints import Hint
    from bot.domain.certification.milestones import Milestone, MilestoneChange
    from bot.domain.digests.digest import CertificationDigest, Digest, Problem, Redated, RepositoryDigest, TagChange
    from bot.services.observations import ObservedTag
    from bot.services.poll import PollOutcome

Json = dict[str, Any]


def moment_json(moment: datetime | None, zone: ZoneInfo) -> str | None:
    """Return a time in ISO 8601 with the zone's offset."""
    return None if moment is None else moment.astimezone(zone).isoformat()


def period_json(period: Period) -> Json:
    """Return a period; a null start means the beginning of history."""
    return {
        "start": moment_json(period.start, period.zone),
        "end": moment_json(period.end, period.zone),
        "time_zone": period.zone.key,
        "asked": period.asked,
    }


def release_json(release: Release, zone: ZoneInfo, apart: Container[Key] | None = None) -> Json:
    """Return a release; ``date`` is null if unknown, ``upcoming`` the date that its forge announces.

    ``not_before`` and ``not_after`` are null where its date is not a lower bound. ``apart`` are the releases whose
    tags point to commits more than a day apart; ``twins_apart`` is absent if that was not looked up.
    """
    bounds = release.bounds or (None, None)
    return {
        "repository": release.repository,
        "version": release.version,
        "normalized": release.normalized,
        "series": release.series,
        "kind": release.kind.value,
        "date": moment_json(release.date, zone),
        "date_source": release.date_source.value if release.date_source else None,
        "not_before": moment_json(bounds[0], zone),
        "not_after": moment_json(bounds[1], zone),
        "first_seen": moment_json(release.first_seen, zone),
        "commit": release.commit,
        "tags": list(release.tags),
        "url": release.url,
        "notes_url": release.notes_url,
        "state": release.state.value,
        "yanked_reason": release.yanked or None,
        "prerelease_flag": release.is_flagged,
        "upcoming": moment_json(release.upcoming, zone),
        **({} if apart is None else {"twins_apart": key_of(release) in apart}),
    }


def releases_json(releases: Iterable[Release], zone: ZoneInfo, apart: Container[Key] | None = None) -> list[Json]:
    """Return releases in their order."""
    return [release_json(release, zone, apart) for release in releases]


def tag_json(seen: "ObservedTag", zone: ZoneInfo) -> Json:
    """Return an observed tag; ``release`` is the version it means, or null.

    ``date`` is the date used; ``not_believed`` gives by source why another date is not.
    """
    tag, details = seen.tag, seen.tag.details or TagDetails(commit=None)
    date, source = seen.dated or (None, None)
    return {
        "repository": seen.repository,
        "tag": tag.name,
        "commit": tag.commit,
        "annotated": tag.annotated,
        "published": moment_json(details.published, zone),
        "index": moment_json(seen.uploaded, zone),
        "tagger": moment_json(details.tagger, zone),
        "commit_date": moment_json(details.committed, zone),
        "prerelease_flag": details.is_flagged,
        "first_seen": moment_json(tag.first_seen, zone),
        "last_seen": moment_json(tag.last_seen, zone),
        "state": tag.state.value,
        "release": seen.version,
        "date": moment_json(date, zone),
        "date_source": source and source.value,
        "not_believed": {source.value: doubt.value for source, doubt in seen.doubts.items()},
    }


def group_json(group: Group) -> Json:
    """Return a group: each unit with its value, and the count."""
    return {unit.value: value for unit, value in group.keys} | {"count": group.count}


def poll_json(outcomes: Sequence["PollOutcome"], seconds: float) -> Json:
    """Return what a poll found; ``seconds`` is its duration."""
    return {
        "repositories": [_outcome_json(outcome) for outcome in outcomes],
        "requests": sum(outcome.requests for outcome in outcomes),
        "seconds": round(seconds, 3),
    }


def _outcome_json(outcome: "PollOutcome") -> Json:
    return {
        "repository": outcome.repository,
        "status": outcome.status,
        "tags": outcome.tags,
        "new": list(outcome.new),
        "moved": [{"tag": move.tag, "from": move.from_, "to": move.to} for move in outcome.moved],
        "deleted": list(outcome.deleted),
        "unclassified": list(outcome.unclassified),
        "requests": outcome.requests,
        "error": outcome.error,
        "notice": outcome.notice or None,
    }


def digest_json(digest: "Digest") -> Json:
    """Return a digest."""
    zone = digest.period.zone
    return {
        "name": digest.name,
        "period": period_json(digest.period),
        "made_at": moment_json(digest.made_at, zone),
        "due": moment_json(digest.due, zone),
        "headline": digest.headline,
        "page": digest.page or None,
        "repositories": [_part_json(part, digest) for part in digest.repositories],
        "late": [_release_in(release, digest, is_new=True) for release in digest.late],
        "at_edges": releases_json(digest.at_edges, zone, digest.apart),
        "redated": [_redated_json(change, zone) for change in digest.redated],
        "rule_changes": [{"repository": each.repository, "releases": each.count} for each in digest.rule_changes],
        "moved": [_event_json(change, zone) for change in digest.moved],
        "deleted": [_event_json(change, zone) for change in digest.deleted],
        "unclassified": [{"repository": each.repository, "tag": each.tag} for each in digest.unclassified],
        "certifications": [_told_json(part, digest) for part in digest.certifications],
        "problems": [_problem_json(problem) for problem in digest.problems],
    }


def _problem_json(problem: "Problem") -> Json:
    shared = {"repositories": list(problem.repositories)} if problem.repositories else {}
    return {"repository": problem.repository, "problem": problem.text, **shared}


def certification_json(certification: "Certification", zone: ZoneInfo, apart: Container[Key] | None = None) -> Json:
    """Return the state of a certification; ``next`` is null if no milestone is left."""
    coming, released = certification.next, certification.released
    return {
        "repository": certification.repository,
        "series": certification.series,
        "open": certification.is_open,
        "released": None if released is None else release_json(released, zone, apart),
        "pre_releases": releases_json(certification.pre_releases, zone, apart),
        "milestones": [_milestone_json(milestone, certification.today) for milestone in certification.milestones],
        "next": None
        if coming is None
        else _milestone_json(coming.milestone, certification.today) | {"days": coming.days},
        "moves": [_move_json(move, zone) for move in certification.moves],
        "highlights": list(certification.highlights),
        "hints": [_hint_json(hint, zone) for hint in certification.hints],
    }


def _hint_json(hint: "Hint", zone: ZoneInfo) -> Json:
    return {
        "day": hint.day.isoformat(),
        "kind": hint.kind,
        "pull_requests": [
            {
                "number": pull.number,
                "title": pull.title,
                "branch": pull.branch,
                "created": moment_json(pull.created, zone),
                "url": pull.url,
            }
            for pull in hint.pull_requests
        ],
    }


def change_json(change: "MilestoneChange", zone: ZoneInfo) -> Json:
    """Return a change that somebody made to a milestone."""
    return {
        "number": change.number,
        "at": moment_json(change.at, zone),
        "who": change.who,
        "change": change.kind.value,
        "title": change.title,
        "day": _day(change.day),
        "note": change.note,
        "undoes": change.undoes,
    }


def _milestone_json(milestone: "Milestone", today: date) -> Json:
    return {
        "kind": milestone.kind,
        "title": milestone.title,
        "planned": _day(milestone.planned),
        "done": _day(milestone.done),
        "status": milestone.status(today).value,
        "note": milestone.note,
        "source": milestone.source.value,
        "plans": [_day(day) for day in milestone.plans],
        "url": milestone.url,
    }


def _move_json(move: "Move", zone: ZoneInfo) -> Json:
    return {
        "title": move.title,
        "from": _day(move.before),
        "to": _day(move.after),
        "at": moment_json(move.at, zone),
    }


def _told_json(part: "CertificationDigest", digest: "Digest") -> Json:
    certification, zone = part.certification, digest.period.zone
    return certification_json(certification, zone, digest.apart) | {
        "in_period": releases_json(part.pre_releases, zone, digest.apart),
        "moved": [_move_json(move, zone) for move in part.moves],
        "due": [_milestone_json(milestone, certification.today) for milestone in part.due],
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _release_in(release: Release, digest: "Digest", *, is_new: bool) -> Json:
    """Return a release of a digest: whether it is new, its notes, and where it is compared with the one before it."""
    detail = digest.details.get(key_of(release))
    from bot.render.notes_words import entry_json

    notes = [] if detail is None or detail.notes is None else detail.notes.notes.entries
    return release_json(release, digest.period.zone, digest.apart) | {
        "new": is_new,
        "notes": [entry_json(entry, detail.repository) for entry in notes] if detail is not None else [],
        "comparison_url": None if detail is None else detail.comparison_url,
    }


def _part_json(part: "RepositoryDigest", digest: "Digest") -> Json:
    zone, apart = digest.period.zone, digest.apart
    latest = [(release_json(each, zone, apart), part.statuses.get(each.series)) for each in part.latest]
    by_kind: Mapping[str, int] = {kind.value: count for kind, count in part.counts.by_kind.items()}
    return {
        "repository": part.repository,
        "name": part.name,
        "latest": [release | {"status": status} for release, status in latest],
        "releases": [_release_in(each, digest, is_new=each.normalized in part.new) for each in part.releases],
        "new": part.new_counts.ordinary,
        "counts": {
            "total": part.counts.ordinary,
            "kinds": [part.counts.rule.value],
            "groups": [group_json(group) for group in part.counts.by_series],
            "by_kind": by_kind,
        },
        "unclassified": part.unclassified,
        "mostly_unread": part.unread is not None,
        "is_doubtful": part.is_doubtful,
        "trend": list(trend.counts) if (trend := digest.trends.get(part.repository)) else [],
    }


def _redated_json(change: "Redated", zone: ZoneInfo) -> Json:
    release = change.release
    return {
        "repository": release.repository,
        "release": release.version,
        "old_date": moment_json(change.date, zone),
        "old_date_source": change.source.value if change.source else None,
        "new_date": moment_json(release.date, zone),
        "new_date_source": release.date_source.value if release.date_source else None,
    }


def _event_json(change: "TagChange", zone: ZoneInfo) -> Json:
    event = change.event
    return {
        "repository": change.repository,
        "tag": event.before.name,
        "release": change.version,
        "at": moment_json(event.at, zone),
        "from": event.before.commit or event.before.target,
        "to": event.to_commit or event.to_target,
        "times": change.times,
    }
