"""The effect of another configuration, as lines and as JSON."""

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from bot.domain.releases import Release
from bot.domain.rule_preview import RuleChange, Shift
from bot.render.json_form import Json, moment_json, releases_json
from bot.render.words import listed, moment_words, plural, printable
from bot.services.rule_preview import Differences

_MOST_SHOWN = 20


def differences_text(found: Differences) -> str:
    """Return a line for each release that would be added, removed or moved."""
    return "\n".join(_lines(found)) or "no release would change"


def _lines(found: Differences) -> Iterator[str]:
    old, new = found.zones
    if old != new:
        yield f"time zone: {old.key} -> {new.key}"
    for key in found.watched:
        yield f"{printable(key)}: would be watched; its existing releases are recorded without an announcement"
    for key in found.unwatched:
        yield f"{printable(key)}: would no longer be watched; recorded data is kept"
    for change in found.changes:
        yield f"{printable(change.repository)}:"
        yield from _shown(change, found.zones)


def _shown(change: RuleChange, zones: tuple[ZoneInfo, ZoneInfo]) -> Iterator[str]:
    yield from _some([f"  + {_dated(each, zones[1])}" for each in change.added], "would be added")
    yield from _some([f"  - {_dated(each, zones[0])}" for each in change.dropped], "would be removed")
    yield from _some([f"  ~ {_shift(each, zones)}" for each in change.shifted], "would move to other periods")
    yield from _some([f"  + {_dated(each, zones[1])}: would be counted" for each in change.counted], "would be counted")
    uncounted = [f"  - {_dated(each, zones[0])}: would no longer be counted" for each in change.uncounted]
    yield from _some(uncounted, "would no longer be counted")
    before, after = change.unclassified
    if before != after:
        yield f"  unclassified tags: {before:,} -> {after:,}"


def _some(lines: Sequence[str], what: str) -> Iterator[str]:
    yield from lines[:_MOST_SHOWN]
    if len(lines) > _MOST_SHOWN:
        yield f"  and {plural(len(lines) - _MOST_SHOWN, 'more release')} that {what}; --format json lists them"


def _dated(release: Release, zone: ZoneInfo) -> str:
    date = f" ({moment_words(release.date, zone)})" if release.date else ""
    return f"{printable(release.version)}{date}"


def _shift(shift: Shift, zones: tuple[ZoneInfo, ZoneInfo]) -> str:
    moments = [
        moment_words(release.date, zone) if release.date else "no date"
        for release, zone in zip((shift.old, shift.new), zones, strict=True)
    ]
    return f"{printable(shift.new.version)}: {moments[0]} -> {moments[1]} (another {listed(shift.units)})"


def differences_json(found: Differences) -> Json:
    """Return all of it as JSON."""
    old, new = found.zones
    return {
        "time_zones": [old.key, new.key],
        "watched": list(found.watched),
        "unwatched": list(found.unwatched),
        "repositories": [
            {
                "repository": change.repository,
                "added": releases_json(change.added, new),
                "dropped": releases_json(change.dropped, old),
                "moved": [
                    {
                        "version": shift.new.version,
                        "from": moment_json(shift.old.date, old),
                        "to": moment_json(shift.new.date, new),
                        "units": list(shift.units),
                    }
                    for shift in change.shifted
                ],
                "counted": releases_json(change.counted, new),
                "uncounted": releases_json(change.uncounted, old),
                "unclassified": list(change.unclassified),
            }
            for change in found.changes
        ],
    }
