"""Observed tags as a table, with implausible dates marked."""

from collections.abc import Iterable
from dataclasses import replace
from zoneinfo import ZoneInfo

from bot.domain.tags import DateSource, TagDetails, TagState
from bot.render.release_table import minute
from bot.render.table import Column, Table
from bot.services.observations import ObservedTag

_COLUMNS = (
    Column("repository", rank=2),
    Column("tag"),
    Column("release", rank=1),
    Column("commit", rank=5),
    Column("published", rank=2),
    Column("tagger", rank=2),
    Column("committed", rank=2),
    Column("first seen", rank=3),
    Column("last seen", rank=6),
    Column("date from", rank=3),
    Column("state", rank=1),
)
_SHORT_COMMIT = 10


def tags_table(seen: Iterable[ObservedTag], zone: ZoneInfo) -> Table:
    """Return a table of tags; an implausible date is marked, and the footer says why."""
    tags = list(seen)
    table = Table.of(_COLUMNS, (_row(each, zone) for each in tags))
    return replace(table, footer=tuple(line for each in tags for line in _doubts(each, zone)))


def _row(each: ObservedTag, zone: ZoneInfo) -> tuple[str, ...]:
    tag, details = each.tag, each.tag.details or TagDetails(commit=None)
    return (
        each.repository,
        tag.name,
        each.version or ("unclassified" if each.is_unclassified else "skipped"),
        (tag.commit or "")[:_SHORT_COMMIT],
        minute(details.published, zone) + _mark(each, DateSource.PUBLISHED),
        minute(details.tagger, zone) + _mark(each, DateSource.TAGGER),
        minute(details.committed, zone) + _mark(each, DateSource.COMMIT),
        minute(tag.first_seen, zone),
        minute(tag.last_seen, zone),
        each.dated[1].value if each.dated else "unknown",
        "" if tag.state is TagState.CURRENT else tag.state.value,
    )


def _mark(each: ObservedTag, source: DateSource) -> str:
    return " ?" if source in each.doubts else ""


def _doubts(each: ObservedTag, zone: ZoneInfo) -> list[str]:
    """Return a line for each implausible date: the reason, and the date used instead."""
    used = "no date is used"
    if each.dated is not None:
        used = f"using {each.dated[1].value}: {minute(each.dated[0], zone)}"
    name = f"{each.repository} {each.tag.name}"
    return [f"? {name}: {source.value} date not used ({doubt.value}); {used}" for source, doubt in each.doubts.items()]
