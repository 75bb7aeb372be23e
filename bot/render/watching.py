"""What a repository is like, and which are watched, as lines, tables and JSON; pure."""

from collections.abc import Iterator, Mapping, Sequence
from zoneinfo import ZoneInfo

from rich.table import Table

from bot.domain.fitting import Fit
from bot.domain.organisations import Listed
from bot.domain.repositories import Repository
from bot.domain.watches import WatchChange
from bot.render.json_form import Json, moment_json, releases_json
from bot.render.tables import cell, plain_table
from bot.render.words import moment_words, plural, printable
from bot.services.following import Following
from bot.services.ports import RepositoryRecord

_MOST_NAMED = 8
_LAST = 5
_MOST_LISTED = 50

Fits = Sequence[tuple[str, Fit]]


def fits_text(fits: Fits, zone: ZoneInfo) -> str:
    """Write how the tags are read by the first rules, and how many the others leave."""
    return "\n".join(_lines(fits, zone))


def _lines(fits: Fits, zone: ZoneInfo) -> Iterator[str]:
    (name, fit), *others = fits
    yield f"{printable(fit.repository.key)}: {plural(fit.tags, 'tag')}"
    yield from (f"  {line}" for line in fit_lines(fit, name))
    if others:
        told = (f"{other} ({plural(len(each.unclassified), 'tag')} unclassified)" for other, each in others)
        yield f"  other schemes: {', '.join(told)}"
    if fit.releases:
        newest = fit.releases[-_LAST:]
        dated = [f"{each.version} ({moment_words(each.date, zone) if each.date else 'no date'})" for each in newest]
        yield f"  the last: {', '.join(printable(text) for text in reversed(dated))}"
    counts = "patch releases" if fit.counts == "patch" else "final releases"
    yield f"  its ordinary releases seem to be: {counts}"


def fit_lines(fit: Fit, scheme: str) -> Iterator[str]:
    """Say how the tags are read, in lines."""
    read = fit.tags - len(fit.unclassified) - fit.left_out
    yield f"scheme {scheme} reads {read:,} of {plural(fit.tags, 'tag')} as {plural(len(fit.releases), 'release')}"
    if fit.left_out:
        yield f"left out by the patterns: {plural(fit.left_out, 'tag')}"
    if fit.unclassified:
        yield f"unclassified: {_named(fit.unclassified)}"
    if fit.twins:
        yield f"under several tags: {_named([' = '.join(release.tags) for release in fit.twins])}"


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED:,} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(printable(name) for name in names[:_MOST_NAMED]) + more


def fits_json(fits: Fits, zone: ZoneInfo) -> Json:
    """Write all of it."""
    name, fit = fits[0]
    return {
        "repository": fit.repository.key,
        "tags": fit.tags,
        "scheme": name,
        "counts": fit.counts.value,
        "releases": len(fit.releases),
        "unclassified": list(fit.unclassified),
        "left_out": fit.left_out,
        "twins": [list(release.tags) for release in fit.twins],
        "last": releases_json(reversed(fit.releases[-_LAST:]), zone),
        "schemes": {other: len(each.unclassified) for other, each in fits},
    }


Watched = tuple[Repository, str, RepositoryRecord]


def watched_table(watched: Sequence[Watched], zone: ZoneInfo) -> Table:
    """Show each watched repository with its rules, where it is configured, and what is held of it."""
    table = plain_table("repository", "name", "scheme", "counts", "from", "tags", "polled")
    for repository, origin, record in watched:
        polled = moment_words(record.polled_at, zone) if record.polled_at else "not yet"
        rules = (repository.scheme.name, repository.counts.value)
        told = (repository.key, repository.name, *rules, origin, f"{record.tag_count:,}", polled)
        table.add_row(*(cell(text) for text in told))
    return table


def watched_json(watched: Sequence[Watched], zone: ZoneInfo) -> list[Json]:
    """Write the same."""
    return [
        {
            "repository": repository.key,
            "forge": repository.forge,
            "path": repository.path,
            "name": repository.name,
            "scheme": repository.scheme.name,
            "counts": repository.counts.value,
            "origin": origin,
            "tags": record.tag_count,
            "polled_at": moment_json(record.polled_at, zone),
        }
        for repository, origin, record in watched
    ]


def watched_notes(followings: Sequence[Following], left_out: Mapping[str, str], zone: ZoneInfo) -> Iterator[str]:
    """Say how organisations are followed, and what is named but not watched."""
    for each in followings:
        yield f"{printable(each.organisation.key)}: {following_words(each, zone)}"
    for key, why in left_out.items():
        yield f"not watched: {printable(key)}: {printable(why)}"


def following_words(following: Following, zone: ZoneInfo) -> str:
    """Say how many repositories an organisation has, and how old that is."""
    listing = following.listing
    if listing is None:
        return "not listed yet"
    told = f"{plural(following.listed, 'repository')}, {following.watched:,} watched because of it"
    at = f"; listed {moment_words(listing.listed_at, zone)}" if listing.listed_at else ""
    trouble = f"; it could not be listed at {moment_words(listing.tried_at, zone)}" if listing.error else ""
    return f"{told}{at}{trouble}{': ' + printable(listing.error) if listing.error else ''}"


def listed_text(target: str, listed: Sequence[Listed]) -> str:
    """Write which repositories of an organisation would be watched."""
    lines = [f"{printable(target)}: {plural(len(listed), 'repository')} would be watched, and those to come"]
    lines += [f"  {printable(each.path)}{_flags(each)}" for each in listed[:_MOST_LISTED]]
    if len(listed) > _MOST_LISTED:
        lines.append(f"  and {len(listed) - _MOST_LISTED:,} more")
    return "\n".join(lines)


def listed_json(target: str, listed: Sequence[Listed]) -> Json:
    """Write all of them."""
    told = [{"path": each.path, "fork": each.is_fork, "archived": each.is_archived} for each in listed]
    return {"organisation": target, "repositories": told}


def _flags(listed: Listed) -> str:
    flags = ["a fork"] * listed.is_fork + ["archived"] * listed.is_archived
    return f" ({', '.join(flags)})" if flags else ""


def changes_table(changes: Sequence[WatchChange], zone: ZoneInfo) -> Table:
    """Show who asked in words for what to be watched, or to be watched no more, or took that back."""
    table = plain_table("number", "at", "who", "change", "what")
    for each in changes:
        change = f"undo {each.undoes}" if each.undoes else each.kind.value
        told = (str(each.number), moment_words(each.at, zone), each.who, change, each.target)
        table.add_row(*(cell(text) for text in told))
    return table


def changes_json(changes: Sequence[WatchChange], zone: ZoneInfo) -> list[Json]:
    """Write the same, with the rules."""
    return [watch_json(each, zone) for each in changes]


def watch_json(change: WatchChange, zone: ZoneInfo) -> Json:
    """Write one change."""
    return {
        "number": change.number,
        "at": moment_json(change.at, zone),
        "who": change.who,
        "change": change.kind.value,
        "target": change.target,
        "scheme": change.scheme or None,
        "prefix": change.prefix,
        "counts": change.counts or None,
        "undoes": change.undoes,
    }
