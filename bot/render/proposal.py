"""What is proposed for a repository that is to be watched, as lines and JSON."""

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from bot.domain.proposals import Proposal, ProposedEntry
from bot.domain.releases import Release, key_of
from bot.domain.repositories import Counts
from bot.domain.scheme_fit import Fit, pattern_skeleton
from bot.render.json_form import Json, moment_json, releases_json
from bot.render.release_words import apart_line
from bot.render.words import moment_words, plural, printable

_MOST_NAMED = 8
_LAST = 5


def proposal_text(proposal: Proposal, zone: ZoneInfo) -> str:
    """Return lines on how a repository's tags would be parsed, product by product, and what other schemes leave out."""
    first = proposal.first
    lines = [f"{printable(first.repository.source)}: {plural(proposal.tags, 'tag')}"]
    lines += [f"  {line}" for entry in proposal.entries for line in _entry_lines(entry, zone)]
    lines += [f"  {line}" for line in _shared_lines(proposal)]
    return "\n".join(lines)


def proposal_lines(proposal: Proposal) -> Iterator[str]:
    """Yield lines on how the tags are parsed, without the newest releases and the other schemes."""
    for entry in proposal.entries:
        yield from fit_lines(entry)
    yield from _unread_lines(proposal)


def _entry_lines(entry: ProposedEntry, zone: ZoneInfo) -> Iterator[str]:
    (_, fit), *others = entry.fits
    yield from fit_lines(entry)
    indent = "  " if entry.repository.product else ""
    if others and not entry.repository.product:
        unclassified = (f"{other} ({plural(len(each.unclassified), 'tag')} unclassified)" for other, each in others)
        yield f"other schemes: {', '.join(unclassified)}"
    if fit.releases:
        newest = fit.releases[-_LAST:]
        dated = [f"{each.version} ({moment_words(each.date, zone) if each.date else 'no date'})" for each in newest]
        yield f"{indent}latest: {', '.join(printable(text) for text in reversed(dated))}"
    counts = "patch releases" if fit.counts is Counts.PATCH else "final releases"
    yield f"{indent}counts: {counts} (guessed from the tags)"


def fit_lines(entry: ProposedEntry) -> Iterator[str]:
    """Yield lines on how an entry's scheme parses its tags; those of a product are set in below its name."""
    fit, product = entry.fit, entry.repository.product
    read = fit.tags - len(fit.unclassified) - fit.left_out
    begins, indent = (f"product {printable(product)}: ", "  ") if product else ("", "")
    match = f"{read:,} of {plural(fit.tags, 'tag')} match, {plural(len(fit.releases), 'release')}"
    yield f"{begins}{_rules(entry)}: {match}"
    yield from (indent + line for line in _doubt_lines(fit))


def _rules(entry: ProposedEntry) -> str:
    repository = entry.repository
    prefixes = (repository.scheme.prefix, *repository.other_prefixes)
    if not any(prefixes):
        return entry.scheme
    named = [f'"{printable(each)}"' if each else "none" for each in prefixes]
    return f"{entry.scheme} with prefix {' or '.join(named)}"


def _doubt_lines(fit: Fit) -> Iterator[str]:
    if fit.left_out:
        yield f"skipped by include and exclude: {plural(fit.left_out, 'tag')}"
    if fit.repository.numbering:
        patterns = json.dumps([pattern.text for pattern in fit.repository.numbering])
        yield f"the project changed its numbering: numbering = {printable(patterns)}"
    if fit.misordered:
        pairs = [f"{higher.version} is older than {lower.version}" for lower, higher in fit.misordered]
        yield f"versions and dates disagree: {_named(pairs)}"
    if fit.twins:
        yield f"same version: {_named([' = '.join(release.tags) for release in fit.twins])}"
    yield from (printable(apart_line(release.tags, apart)) for release, apart in _apart(fit)[:_MOST_NAMED])


def _shared_lines(proposal: Proposal) -> Iterator[str]:
    yield from _unread_lines(proposal)
    if proposal.is_doubtful:
        yield f"no scheme fits well; to write a rule: {_skeleton(proposal)}"


def _unread_lines(proposal: Proposal) -> Iterator[str]:
    if proposal.unclassified:
        yield f"unclassified: {_named(proposal.unclassified)}"


def _apart(fit: Fit) -> list[tuple[Release, timedelta]]:
    """Return the releases whose tags point to commits more than a day apart, the newest version first."""
    return [(each, fit.apart[each.normalized]) for each in reversed(fit.releases) if each.normalized in fit.apart]


def _skeleton(proposal: Proposal) -> str:
    unread = proposal.unclassified or [tag for release in proposal.first.fit.releases for tag in release.tags]
    return f"scheme = \"regex\", pattern = '{printable(pattern_skeleton(unread))}'"


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED:,} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(printable(name) for name in names[:_MOST_NAMED]) + more


def proposal_json(proposal: Proposal, zone: ZoneInfo) -> Json:
    """Return all of it as JSON: the first entry's rules, and those of each product under ``products``."""
    first, fit = proposal.first, proposal.first.fit
    return {
        **_entry_json(first, zone),
        "repository": first.repository.source,
        "tags": proposal.tags,
        "is_doubtful": proposal.is_doubtful,
        "unclassified": list(proposal.unclassified),
        "left_out": fit.left_out,
        "schemes": {other: len(each.unclassified) for other, each in first.fits},
        "products": [_entry_json(entry, zone) for entry in proposal.entries if entry.repository.product],
    }


def _entry_json(entry: ProposedEntry, zone: ZoneInfo) -> Json:
    fit, rules = entry.fit, entry.rules
    newest = max((release.date for release in fit.releases if release.date is not None), default=None)
    return {
        "repository": entry.repository.key,
        "product": entry.repository.product or None,
        "tags": fit.tags,
        "scheme": rules.scheme,
        "prefix": rules.prefix,
        "other_prefixes": list(rules.other_prefixes),
        "counts": rules.counts,
        "numbering": list(rules.numbering),
        "is_doubtful": fit.is_doubtful,
        "misordered": [[lower.version, higher.version] for lower, higher in fit.misordered],
        "releases": len(fit.releases),
        "newest": moment_json(newest, zone),
        "twins": [list(release.tags) for release in fit.twins],
        "twins_apart": [list(release.tags) for release, _ in _apart(fit)],
        "last": releases_json(reversed(fit.releases[-_LAST:]), zone, {key_of(release) for release, _ in _apart(fit)}),
    }
