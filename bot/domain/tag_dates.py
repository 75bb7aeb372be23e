"""Which of a tag's dates counts: the first, in the order of trust, that is known and believable.

A date of a commit or of a tag object is of somebody's own clock, which may be years off; a date of the forge's own
release object is a server's, and may lie ahead: the forge then announces the release. When a package index got the
release is a server's date too.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from bot.domain.tags import DateSource, Tag, TagDetails

# So far may a clock be ahead of the forge's, and a poll take.
_LEEWAY = timedelta(hours=1)
# Clocks that were never set show a day of 1970.
_FIRST = datetime(1971, 1, 1, tzinfo=UTC)

_Dated = tuple[DateSource, datetime]


class Doubt(StrEnum):
    """Why a date is not believed."""

    EPOCH = "in 1970 or before"
    AHEAD = "after the tag was first seen on its commit"
    UPCOMING = "announced, not published yet"
    FUTURE = "after the newest poll"


def date_of(
    tag: Tag, fixed: DateSource | None = None, uploaded: datetime | None = None
) -> tuple[datetime, DateSource] | None:
    """Return a tag's date and its source: the first believable of published, index, tagger, commit, first seen.

    A repository may fix one source, which then goes first. ``uploaded`` is when a package index got the tag's release.
    None for a tag of the first poll none of whose dates is believable, or known yet: when it was first seen says
    nothing of when it was made.
    """
    dates = _known(tag.details, uploaded, None if tag.backfilled else tag.first_seen)
    return _first_believable(dates, tag.last_seen, tag.commit_since, fixed)


def with_first_date(tag: Tag) -> Tag:
    """Return a tag, of which the forge was just asked for the first time, with the date that counts for it then."""
    first = first_date_of(tag)
    return tag if first == tag.first_date else replace(tag, first_date=first)


def first_date_of(tag: Tag) -> datetime | None:
    """Return the first date of a tag, or the one that counts now if it has none, None until the forge was asked."""
    if tag.first_date is not None or tag.details is None:
        return tag.first_date
    found = date_of(tag)
    return found and found[0]


def first_date_when_new(details: TagDetails | None, at: datetime, *, backfilled: bool) -> datetime | None:
    """Return the first date of a tag that is first seen by a poll at ``at``, None until the forge was asked."""
    if details is None:
        return None
    found = _first_believable(_known(details, None, None if backfilled else at), at, at)
    return found and found[0]


def doubts_of(tag: Tag, uploaded: datetime | None = None) -> dict[DateSource, Doubt]:
    """Return which of a tag's dates are not believed, and why."""
    dates = _known(tag.details, uploaded, None if tag.backfilled else tag.first_seen)
    doubts = {source: _doubt(source, date, tag.last_seen, tag.commit_since) for source, date in dates}
    return {source: doubt for source, doubt in doubts.items() if doubt is not None}


def upcoming_of(tag: Tag) -> datetime | None:
    """Return when the forge is going to publish a tag's release, None where it has, or announces nothing."""
    published = tag.details.published if tag.details is not None else None
    if published is None:
        return None
    doubt = _doubt(DateSource.PUBLISHED, published, tag.last_seen, tag.commit_since)
    return published if doubt is Doubt.UPCOMING else None


def is_published_by(upcoming: datetime, polled_at: datetime) -> bool:
    """Return whether a poll may believe that a release is published which was announced for ``upcoming``."""
    return upcoming <= polled_at + _LEEWAY


def _known(details: TagDetails | None, uploaded: datetime | None, first_seen: datetime | None) -> list[_Dated]:
    """Return the dates that are known, in the order of trust; ``first_seen`` is None where it says nothing."""
    known: list[_Dated] = []
    if details is not None and details.published is not None:
        known.append((DateSource.PUBLISHED, details.published))
    if uploaded is not None:
        known.append((DateSource.INDEX, uploaded))
    if details is not None and details.tagger is not None:
        known.append((DateSource.TAGGER, details.tagger))
    if details is not None and details.committed is not None:
        known.append((DateSource.COMMIT, details.committed))
    if first_seen is not None:
        known.append((DateSource.FIRST_SEEN, first_seen))
    return known


def _first_believable(
    dates: Iterable[_Dated], last_seen: datetime, since: datetime, fixed: DateSource | None = None
) -> tuple[datetime, DateSource] | None:
    first = None
    for source, date in dates:
        if _doubt(source, date, last_seen, since) is None:
            if fixed is None or source is fixed:
                return date, source
            first = first or (date, source)
    return first


def _doubt(source: DateSource, date: datetime, last_seen: datetime, since: datetime) -> Doubt | None:
    """Return why a date of a tag is not believed that was last seen then, and on its commit ``since`` then."""
    if source is DateSource.FIRST_SEEN:
        return None
    if date < _FIRST:
        return Doubt.EPOCH
    if source is DateSource.PUBLISHED:
        return None if is_published_by(date, last_seen) else Doubt.UPCOMING
    if source is DateSource.INDEX:
        return None if is_published_by(date, last_seen) else Doubt.FUTURE
    return Doubt.AHEAD if date > since and date > since + _LEEWAY else None
