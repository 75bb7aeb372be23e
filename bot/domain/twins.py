"""Twins: tags of one version, which mean one commit or, by mistake, commits that lie days apart."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.domain.releases import SAME_TIME
from bot.domain.tag_dates import doubts_of
from bot.domain.tags import DateSource, Tag
from bot.domain.versions.base import is_floating


def twins_apart(twins: Iterable[Tag]) -> timedelta | None:
    """Return how far apart the commits of one version's tags are, None where they are at most a day apart.

    Deleted tags, those that follow the releases (``v4`` beside ``v4.0.0``), and commits without a believable date
    are left out.
    """
    present = [tag for tag in twins if tag.is_present]
    names = [tag.name for tag in present]
    dates = {tag.commit: date for tag in present if not is_floating(tag.name, names) and (date := _made(tag))}
    if len(dates) < 2:  # noqa: PLR2004 - one commit is not apart from itself
        return None
    apart = max(dates.values()) - min(dates.values())
    return apart if apart > SAME_TIME else None


def _made(tag: Tag) -> datetime | None:
    """Return the date of a tag's commit, else of the tag; None where neither is known and believable."""
    if tag.details is None:
        return None
    dates = {DateSource.COMMIT: tag.details.committed, DateSource.TAGGER: tag.details.tagger}
    doubts = doubts_of(tag)
    return next((date for source, date in dates.items() if date is not None and source not in doubts), None)
