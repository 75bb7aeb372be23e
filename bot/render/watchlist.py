"""Previews of repositories and the watchlist, as lines, tables and JSON."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from bot.domain.organisations import Listed
from bot.domain.polling.record import RepositoryRecord
from bot.domain.releases import Release
from bot.domain.repositories import Repository
from bot.domain.scheme_fit import Fit, pattern_skeleton
from bot.domain.watchlist import WatchChange
from bot.render.json_form import Json, moment_json, twins_json
from bot.render.release_words import apart_line
from bot.render.table import Column, Table
from bot.render.words import moment_words, plural, printable
from bot.services.organisations import Following

_MOST_NAMED = 8
_LAST = 5
_MOST_LISTED = 50

Fits = Sequence[tuple[str, Fit]]


def fits_text(fits: Fits, zone: ZoneInfo) -> str:
    """Return lines on how the first scheme parses the tags, and how many tags other schemes leave unclassified."""
    return "\n".join(_lines(fits, zone))


def _lines(fits: Fits, zone: ZoneInfo) -> Iterator[str]:
    (name, fit), *others = fits
    yield f"{printable(fit.repository.key)}: {plural(fit.tags, 'tag')}"
    yield from (f"  {line}" for line in fit_lines(fit, name))
    if others:
        unclassified = (f"{other} ({plural(len(each.unclassified), 'tag')} unclassified)" for other, each in others)
        yield f"  other schemes: {', '.join(unclassified)}"
    if fit.releases:
        newest = fit.releases[-_LAST:]
        dated = [f"{each.version} ({moment_words(each.date, zone) if each.date else 'no date'})" for each in newest]
        yield f"  latest: {', '.join(printable(text) for text in reversed(dated))}"
    if fit.is_doubtful:
        yield f"  no scheme fits well; to write a rule: {_skeleton(fit)}"
    counts = "patch releases" if fit.counts == "patch" else "final releases"
    yield f"  counts: {counts} (guessed from the tags)"


def fit_lines(fit: Fit, scheme: str) -> Iterator[str]:
    """Yield lines on how a scheme parses the tags."""
    read = fit.tags - len(fit.unclassified) - fit.left_out
    prefix = fit.repository.scheme.prefix
    named = f'{scheme} with prefix "{printable(prefix)}"' if prefix else scheme
    yield f"{named}: {read:,} of {plural(fit.tags, 'tag')} match, {plural(len(fit.releases), 'release')}"
    if fit.left_out:
        yield f"skipped by include and exclude: {plural(fit.left_out, 'tag')}"
    if fit.unclassified:
        yield f"unclassified: {_named(fit.unclassified)}"
    if fit.misordered:
        pairs = [f"{higher.version} is older than {lower.version}" for lower, higher in fit.misordered]
        yield f"versions and dates disagree: {_named(pairs)}"
    if fit.twins:
        yield f"same version: {_named([' = '.join(release.tags) for release in fit.twins])}"
    yield from (printable(apart_line(release.tags, apart)) for release, apart in _apart(fit)[:_MOST_NAMED])


def _apart(fit: Fit) -> list[tuple[Release, timedelta]]:
    """Return the releases whose tags point to commits more than a day apart, the newest version first."""
    return [(each, fit.apart[each.normalized]) for each in reversed(fit.releases) if each.normalized in fit.apart]


def _skeleton(fit: Fit) -> str:
    unread = fit.unclassified or [tag for release in fit.releases for tag in release.tags]
    return f"scheme = \"regex\", pattern = '{printable(pattern_skeleton(unread))}'"


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED:,} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(printable(name) for name in names[:_MOST_NAMED]) + more


def fits_json(fits: Fits, zone: ZoneInfo) -> Json:
    """Return all of it as JSON."""
    name, fit = fits[0]
    return {
        "repository": fit.repository.key,
        "tags": fit.tags,
        "scheme": name,
        "prefix": fit.repository.scheme.prefix,
        "counts": fit.counts.value,
        "is_doubtful": fit.is_doubtful,
        "misordered": [[lower.version, higher.version] for lower, higher in fit.misordered],
        "releases": len(fit.releases),
        "unclassified": list(fit.unclassified),
        "left_out": fit.left_out,
        "twins": [list(release.tags) for release in fit.twins],
        "twins_apart": [list(release.tags) for release, _ in _apart(fit)],
        "last": twins_json(
            reversed(fit.releases[-_LAST:]),
            zone,
            {(each.repository, each.normalized): apart for each, apart in _apart(fit)},
        ),
        "schemes": {other: len(each.unclassified) for other, each in fits},
    }


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
    records: Sequence[RepositoryRecord],
    zone: ZoneInfo,
) -> Table:
    """Return a table of the watched repositories: rules, where they are configured, tags and last poll."""
    rows = []
    for repository, record in zip(repositories, records, strict=True):
        polled = moment_words(record.polled_at, zone) if record.polled_at else "not yet"
        rules = (repository.scheme.name, repository.counts.value)
        origin = origins.get(repository.key, "")
        rows.append((repository.key, repository.name, *rules, origin, f"{record.tag_count:,}", polled))
    return Table.of(_WATCHED, rows)


def watched_json(
    repositories: Sequence[Repository],
    origins: Mapping[str, str],
    records: Sequence[RepositoryRecord],
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
            "tags": record.tag_count,
            "polled_at": moment_json(record.polled_at, zone),
        }
        for repository, record in zip(repositories, records, strict=True)
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
        "scheme": change.rules.scheme or None,
        "prefix": change.rules.prefix,
        "counts": change.rules.counts or None,
        "undoes": change.undoes,
    }
