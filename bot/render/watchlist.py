"""The watchlist, the changes that people made to it, and what an organisation would bring: lines, tables and JSON."""

from collections.abc import Iterator, Mapping, Sequence
from zoneinfo import ZoneInfo

from bot.domain.organisations import Listed
from bot.domain.polling.record import Held
from bot.domain.repositories import Repository
from bot.domain.watchlist import WatchChange
from bot.render.json_form import Json, moment_json
from bot.render.table import Column, Table
from bot.render.words import moment_words, plural, printable
from bot.services.organisations import Following

_MOST_LISTED = 50


_WATCHED = (
    Column("repository"),
    Column("name", rank=3),
    Column("scheme", rank=1),
    Column("counts", rank=2),
    Column("from", rank=4),
    Column("tags", is_number=True),
    Column("polled"),
)
_CHANGES = tuple(Column(name) for name in ("number", "at", "who", "change", "what"))


def watched_table(
    repositories: Sequence[Repository],
    origins: Mapping[str, str],
    held: Sequence[Held],
    zone: ZoneInfo,
) -> Table:
    """Return a table of the watched repositories: rules, where they are configured, tags and last poll."""
    rows = []
    for repository, each in zip(repositories, held, strict=True):
        polled = moment_words(each.polled_at, zone) if each.polled_at else "not yet"
        rules = (repository.scheme.name, repository.counts.value)
        origin = origins.get(repository.key, "")
        rows.append((repository.key, repository.name, *rules, origin, f"{each.tag_count:,}", polled))
    return Table.of(_WATCHED, rows)


def watched_json(
    repositories: Sequence[Repository],
    origins: Mapping[str, str],
    held: Sequence[Held],
    zone: ZoneInfo,
) -> list[Json]:
    """Return the watched repositories as JSON."""
    return [
        {
            "repository": repository.key,
            "forge": repository.forge,
            "path": repository.path,
            "name": repository.name,
            "aliases": list(repository.aliases),
            "scheme": repository.scheme.name,
            "counts": repository.counts.value,
            "origin": origins.get(repository.key, ""),
            "tags": each.tag_count,
            "polled_at": moment_json(each.polled_at, zone),
        }
        for repository, each in zip(repositories, held, strict=True)
    ]


def watched_notes(followings: Sequence[Following], left_out: Mapping[str, str], zone: ZoneInfo) -> Iterator[str]:
    """Yield notes on watched organisations, and on repositories that are named but not watched."""
    for each in followings:
        yield f"{printable(each.organisation.key)}: {following_words(each, zone)}"
    for key, why in left_out.items():
        yield f"not watched: {printable(key)}: {printable(why)}"


def following_words(following: Following, zone: ZoneInfo) -> str:
    """Return the number of an organisation's repositories, and when it was listed."""
    listing = following.listing
    if listing is None:
        return "not listed yet"
    numbers = f"{plural(following.listed, 'repository')}, {following.watched:,} watched through it"
    at = f"; listed {moment_words(listing.listed_at, zone)}" if listing.listed_at else ""
    trouble = f"; listing failed {moment_words(listing.tried_at, zone)}" if listing.error else ""
    return f"{numbers}{at}{trouble}{': ' + printable(listing.error) if listing.error else ''}"


def listed_text(target: str, listed: Sequence[Listed]) -> str:
    """Return lines with the repositories of an organisation that would be watched."""
    lines = [f"{printable(target)}: {plural(len(listed), 'repository')} would be watched, and new ones"]
    lines += [f"  {printable(each.path)}{_flags(each)}" for each in listed[:_MOST_LISTED]]
    if len(listed) > _MOST_LISTED:
        lines.append(f"  and {len(listed) - _MOST_LISTED:,} more")
    return "\n".join(lines)


def listed_json(target: str, listed: Sequence[Listed]) -> Json:
    """Return all of them as JSON."""
    repositories = [{"path": each.path, "fork": each.is_fork, "archived": each.is_archived} for each in listed]
    return {"organisation": target, "repositories": repositories}


def _flags(listed: Listed) -> str:
    flags = ["fork"] * listed.is_fork + ["archived"] * listed.is_archived
    return f" ({', '.join(flags)})" if flags else ""


def changes_table(changes: Sequence[WatchChange], zone: ZoneInfo) -> Table:
    """Return a table of the changes that people made to the watchlist by command."""
    rows = []
    for each in changes:
        change = f"undo {each.undoes}" if each.undoes else each.kind.value
        rows.append((str(each.number), moment_words(each.at, zone), each.who, change, each.target))
    return Table.of(_CHANGES, rows)


def changes_json(changes: Sequence[WatchChange], zone: ZoneInfo) -> list[Json]:
    """Return the same as JSON, with the rules."""
    return [watch_json(each, zone) for each in changes]


def watch_json(change: WatchChange, zone: ZoneInfo) -> Json:
    """Return one change as JSON."""
    return {
        "number": change.number,
        "at": moment_json(change.at, zone),
        "who": change.who,
        "change": change.kind.value,
        "target": change.target,
        "scheme": change.rules.tags.scheme or None,
        "prefix": change.rules.tags.prefix,
        "counts": change.rules.tags.counts or None,
        "products": [each.product for each in change.rules.products],
        "undoes": change.undoes,
    }
