"""The badges: the newest release, a number of releases, and how a certification stands."""

from collections.abc import Sequence
from dataclasses import replace

from bot.domain.certification.certification import Certification
from bot.domain.certification.milestones import FINAL_CERTIFICATION
from bot.domain.periods.options import in_words
from bot.domain.repositories import Repository
from bot.domain.versions.version import ReleaseKind
from bot.queries.certification import CertificationStatus
from bot.queries.latest import Latest
from bot.queries.releases import Count
from bot.queries.selection import Filters
from bot.render.words import date_words, in_days
from bot.web.badges import Badge, badge_json, badge_svg
from bot.web.formats import json_document
from bot.web.visits import Document, Visit

SVG = "image/svg+xml; charset=utf-8"


def newest(visit: Visit, form: str, key: str, name: str = "") -> Document:
    """Return the badge of the newest release of a repository, or of a series. Raises UsageError, NotThereError."""
    repository = visit.repository(key)
    found = Latest(_filters(visit, repository, name)).run(visit.context)
    if not found.releases:
        return _drawn(Badge(name or repository.name, "no release", "lightgrey"), form)
    # By version; where the numbers began anew, the newest by date is meant.
    marked = found.renumbered.get(key)
    release = marked.newest if marked else found.releases[-1]
    color = "orange" if release.kind is ReleaseKind.PRE_RELEASE else "blue"
    return _drawn(Badge(name or repository.name, release.version, color), form)


def count(visit: Visit, form: str, key: str = "", name: str = "") -> Document:
    """Return the badge of a number of releases, of all repositories by default. Raises UsageError, NotThereError."""
    repository = visit.repository(key) if key else None
    found = Count(_filters(visit, repository, name), most=0).run(visit.context)
    what = name or (repository.name if repository else "")
    asked = visit.asked
    when = found.period.asked if asked.since or asked.until else in_words(asked.period)
    return _drawn(Badge(f"{what} releases".lstrip(), f"{found.total:,} {when}"), form)


def certification(visit: Visit, form: str, name: str) -> Document:
    """Return the badge of the state of the certification of a series. Raises UsageError."""
    found = CertificationStatus((name,), visit.asked.repositories).run(visit.context)
    label = f"{name} certification"
    state = _state(found.certifications[0]) if found.certifications else ("not started", "lightgrey")
    return _drawn(Badge(label, *state), form)


def _filters(visit: Visit, repository: Repository | None, series: str) -> Filters:
    keys: Sequence[str] = (repository.key,) if repository else ()
    filters = visit.asked.filters(visit.as_of, repositories=keys)
    return replace(filters, series=(series,)) if series else filters


def _state(certification: Certification) -> tuple[str, str]:
    """Return how a certification stands, and its colour."""
    today = certification.today
    if certification.released is not None:
        return f"released: {certification.released.version}", "brightgreen"
    certified = [each.done for each in certification.done(FINAL_CERTIFICATION) if each.done]
    if certified:
        return f"certified on {date_words(certified[-1], today)}", "brightgreen"
    coming = certification.next
    if coming is None or coming.days is None:
        return "open", "lightgrey"
    color = "orange" if coming.days < 0 else "blue"
    return f"{coming.milestone.title} {in_days(coming.days)}", color


def _drawn(badge: Badge, form: str) -> Document:
    return json_document(badge_json(badge)) if form == "json" else Document(badge_svg(badge), SVG)
