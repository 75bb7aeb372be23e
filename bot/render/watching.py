"""What a repository is like, and which are watched, as lines, tables and JSON; pure."""

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from rich.table import Table

from bot.domain.fitting import Fit
from bot.domain.repositories import Repository
from bot.render.json_form import Json, moment_json, releases_json
from bot.render.tables import cell, plain_table
from bot.render.words import moment_words, plural, printable
from bot.services.ports import RepositoryRecord

_MOST_NAMED = 8
_LAST = 5

Fits = Sequence[tuple[str, Fit]]


def fits_text(fits: Fits, zone: ZoneInfo) -> str:
    """Write how the tags are read by the first rules, and how many the others leave."""
    return "\n".join(_lines(fits, zone))


def _lines(fits: Fits, zone: ZoneInfo) -> Iterator[str]:
    (name, fit), *others = fits
    yield f"{printable(fit.repository.key)}: {plural(fit.tags, 'tag')}"
    read = fit.tags - len(fit.unclassified) - fit.left_out
    yield f"  scheme {name} reads {read:,} of them as {plural(len(fit.releases), 'release')}"
    if fit.left_out:
        yield f"  left out by the patterns: {plural(fit.left_out, 'tag')}"
    if fit.unclassified:
        yield f"  unclassified: {_named(fit.unclassified)}"
    if fit.twins:
        yield f"  under several tags: {_named([' = '.join(release.tags) for release in fit.twins])}"
    if others:
        told = (f"{other} ({plural(len(each.unclassified), 'tag')} unclassified)" for other, each in others)
        yield f"  other schemes: {', '.join(told)}"
    if fit.releases:
        newest = fit.releases[-_LAST:]
        dated = [f"{each.version} ({moment_words(each.date, zone) if each.date else 'no date'})" for each in newest]
        yield f"  the last: {', '.join(printable(text) for text in reversed(dated))}"
    counts = "patch releases" if fit.counts == "patch" else "final releases"
    yield f"  its ordinary releases seem to be: {counts}"


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
