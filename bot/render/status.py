"""The state of the bot and the checks of doctor, as lines for a terminal and as JSON."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.domain.clocks import FutureMoment
from bot.domain.package_index import IndexListing
from bot.domain.polling.budget import Budget
from bot.domain.polling.hooks import HookArrivals
from bot.domain.releases import DOUBTFUL
from bot.render.json_form import Json, moment_json
from bot.render.table import Cell, Style
from bot.render.words import moment_words, plural, printable
from bot.services.doctor import Severity
from bot.services.package_index import untagged_words

if TYPE_CHECKING:
    from bot.services.doctor import Check
    from bot.services.organisations import Following
    from bot.services.status import ForgeStatus, RepositoryStatus, Status

_MOST_SHOWN = 20
_DECIMALS_BELOW = 10
# A smaller slowdown is not shown.
_SLOWER_FROM = 1.05
_VERDICTS = {
    Severity.FINE: ("ok", Style.OK),
    Severity.WARNING: ("warning", Style.WARNING),
    Severity.FAULT: ("error", Style.ERROR),
}


def status_text(standing: "Status", zone: ZoneInfo) -> str:
    """Return lines: what is polled, the cost of polling per forge, pending digests, and problems."""
    return "\n".join(_lines(standing, zone))


def _lines(standing: "Status", zone: ZoneInfo) -> Iterator[str]:
    from bot.render.watchlist import following_words

    until = standing.complete_until
    age = f"data as of {moment_words(until, zone)}" if until else "not every repository has been polled yet"
    yield f"{plural(len(standing.repositories), 'repository')}, {plural(standing.tags, 'tag')}: {age} ({zone.key})"
    for forge in standing.forges:
        yield from _forge_lines(forge, standing.at, zone)
    for each in standing.followings:
        yield f"{printable(each.organisation.key)}: {following_words(each, zone)}"
    waiting = ", ".join(f"{count} {state}" for state, count in standing.deliveries.items() if count)
    yield f"digests: {waiting}" if waiting else "no pending digests"
    if standing.future:
        yield future_words(standing.future, zone)
    stale = [_stale_line(each, zone) for each in standing.stale]
    yield from _shown(stale, "not checked recently")
    renamed = [f"{printable(each.repository.key)} {printable(each.record.renamed)}" for each in standing.renamed]
    yield from _shown(renamed, "renamed")
    yield from _shown([line for each in standing.repositories for line in _index_lines(each, zone)], "with notes")
    yield from _shown([_unread_line(each) for each in standing.unread], "with tags that mostly match no version scheme")


def _index_lines(each: "RepositoryStatus", zone: ZoneInfo) -> Iterator[str]:
    listing = each.listing
    if listing.error:
        waits = failing_words(listing.failing_since, listing.next_at, zone)
        yield printable(f"{each.repository.key}: {listing.source}: {listing.error}{waits}")
    if listing.untagged:
        yield printable(f"{each.repository.key}: {untagged_words(listing.source, listing.untagged)}")


def failing_words(since: datetime | None, next_at: datetime | None, zone: ZoneInfo) -> str:
    """Return since when something fails, and when it is tried again: ``; failing since ..., next try ...``."""
    begun = f"; failing since {moment_words(since, zone)}" if since else ""
    return f"{begun}{', next try ' if begun else '; next try '}{moment_words(next_at, zone)}" if next_at else begun


def _unread_line(each: "RepositoryStatus") -> str:
    record = each.record
    guessed = f"{DOUBTFUL}; " if each.repository.is_doubtful else ""
    unread = f"{guessed}{record.unclassified_count:,} of {record.considered_count:,} tags match no version scheme"
    return f"{printable(each.repository.key)}: {unread}; see: release-bot watch check {printable(each.repository.key)}"


def future_words(found: Sequence[FutureMoment], zone: ZoneInfo) -> str:
    """Return a line about timestamps in the future: which, why, and what to do."""
    moments = ", ".join(f"{each.of} ({moment_words(each.at, zone)})" for each in found)
    why = "a clock was ahead when they were recorded, or this machine's clock is behind"
    return f"timestamps in the future: {moments}; {why}. Check the clocks; polling and posting continue"


def _shown(lines: Sequence[str], which: str) -> Iterator[str]:
    yield from lines[:_MOST_SHOWN]
    if len(lines) > _MOST_SHOWN:
        yield f"and {plural(len(lines) - _MOST_SHOWN, 'more repository')} {which}"


def _forge_lines(forge: "ForgeStatus", at: datetime, zone: ZoneInfo) -> Iterator[str]:
    often = f"polled every {_duration(forge.every)}, fully every {_duration(forge.complete_every)}"
    why = (
        f", {forge.slower:.1f} times slower than configured to stay below the rate limit"
        if forge.slower >= _SLOWER_FROM
        else ""
    )
    yield f"{printable(forge.name)}: {plural(forge.repositories, 'repository')}, {often}{why}"
    if forge.hooks is not None:
        yield f"  webhooks: {hooks_words(forge.hooks, zone)}{_hooked(forge)}"
    for budget in forge.budgets:
        yield f"  {printable(budget.resource)}: {_cost(budget)}{_left(budget, at, zone)}"


def hooks_words(hooks: HookArrivals, zone: ZoneInfo) -> str:
    """Return when a forge's last webhook arrived, and how many repositories had one: ``last one 27 Nov 10:00, ...``."""
    if hooks.last_at is None:
        return "none has arrived yet"
    return f"last one {moment_words(hooks.last_at, zone)}, from {plural(hooks.repositories, 'repository')} in 7 days"


def _hooked(forge: "ForgeStatus") -> str:
    if forge.hooks is None or not forge.hooks.repositories or forge.hooked_every == forge.every:
        return ""
    return f", polled every {_duration(forge.hooked_every)}"


def _cost(budget: Budget) -> str:
    a_day = budget.a_day / budget.slower
    share = 100 * a_day / budget.allowed if budget.allowed else 0.0
    number = f"{a_day:,.0f}" if a_day >= _DECIMALS_BELOW else f"{a_day:.1f}"
    return (
        f"polling uses about {number} of {budget.allowed:,.0f} requests a day "
        f"({share:.1f} %; cap {100 * budget.share:.0f} %)"
    )


def _left(budget: Budget, at: datetime, zone: ZoneInfo) -> str:
    reported = budget.reported
    if reported is None:
        return "; rate limit not known yet"
    if reported.resets_at is not None and reported.resets_at <= at:
        return f"; limit {reported.limit:,}, reset since the last request"
    reset = f" until {moment_words(reported.resets_at, zone)}" if reported.resets_at else ""
    return f"; {reported.remaining:,} of {reported.limit:,} left{reset}"


def _stale_line(each: "RepositoryStatus", zone: ZoneInfo) -> str:
    record = each.record
    since = f"not checked since {moment_words(record.polled_at, zone)}" if record.polled_at else "never checked"
    why = f": {printable(record.error)}" if record.error else ""
    return f"{printable(each.repository.key)}: {since}{why}"


def _duration(span: timedelta) -> str:
    minutes = span / timedelta(minutes=1)
    return f"{minutes:.0f} min" if minutes < 120 else f"{minutes / 60:.1f} h"  # noqa: PLR2004 - two hours


def status_json(standing: "Status", version: str, zone: ZoneInfo) -> Json:
    """Return all of it as JSON."""
    return {
        "version": version,
        "at": moment_json(standing.at, zone),
        "is_fine": standing.is_fine,
        "complete_until": moment_json(standing.complete_until, zone),
        "organisations": [_following_json(each, zone) for each in standing.followings],
        "forges": [
            {
                "forge": forge.name,
                "repositories": forge.repositories,
                "every_seconds": forge.every.total_seconds(),
                "complete_every_seconds": forge.complete_every.total_seconds(),
                "slower": forge.slower,
                "webhooks": _hooks_json(forge, zone),
                "limits": [_budget_json(budget, zone) for budget in forge.budgets],
            }
            for forge in standing.forges
        ],
        "repositories": [_repository_json(each, zone) for each in standing.repositories],
        "deliveries": dict(standing.deliveries),
        "future": [{"of": each.of, "at": moment_json(each.at, zone)} for each in standing.future],
    }


def _hooks_json(forge: "ForgeStatus", zone: ZoneInfo) -> Json | None:
    if forge.hooks is None:
        return None
    return {
        "last_at": moment_json(forge.hooks.last_at, zone),
        "repositories": forge.hooks.repositories,
        "every_seconds": forge.hooked_every.total_seconds(),
    }


def _budget_json(budget: Budget, zone: ZoneInfo) -> Json:
    reported = budget.reported
    return {
        "resource": budget.resource,
        "cost_a_day": budget.a_day / budget.slower,
        "allowed_a_day": budget.allowed,
        "share": budget.share,
        "limit": reported.limit if reported else None,
        "remaining": reported.remaining if reported else None,
        "resets_at": moment_json(reported.resets_at, zone) if reported else None,
        "told_at": moment_json(reported.seen_at, zone) if reported else None,
    }


def _repository_json(each: "RepositoryStatus", zone: ZoneInfo) -> Json:
    record = each.record
    return {
        "repository": each.repository.key,
        "tags": record.tag_count,
        "undated": record.undetailed_count,
        "unclassified": record.unclassified_count,
        "polled_at": moment_json(record.polled_at, zone),
        "complete_at": moment_json(record.complete_at, zone),
        "changed_at": moment_json(record.changed_at, zone),
        "next_poll": moment_json(each.next_poll, zone),
        "webhook_at": moment_json(each.hook_at, zone),
        "error": record.error,
        "failing_since": moment_json(record.failing_since, zone),
        "suspected_at": moment_json(record.suspected_at, zone),
        "renamed": record.renamed or None,
        "index": _index_json(each.listing, zone) if each.repository.index else None,
    }


def _index_json(listing: IndexListing, zone: ZoneInfo) -> Json:
    return {
        "source": listing.source,
        "read_at": moment_json(listing.read_at, zone),
        "versions": len(listing.versions),
        "yanked": [each.version.version for each in listing.versions.values() if each.version.yanked is not None],
        "untagged": list(listing.untagged),
        "error": listing.error or None,
        "failing_since": moment_json(listing.failing_since, zone),
        "next_try": moment_json(listing.next_at, zone),
    }


def _following_json(each: "Following", zone: ZoneInfo) -> Json:
    listing = each.listing
    return {
        "organisation": each.organisation.key,
        "repositories": each.listed,
        "watched": each.watched,
        "listed_at": moment_json(listing.listed_at, zone) if listing else None,
        "error": listing.error if listing else None,
    }


def checks_lines(checks: Sequence["Check"]) -> list[tuple[Cell, Cell]]:
    """Return a line for each check: its verdict, in colour, and what was found."""
    return [_line(each) for each in checks]


def _line(check: "Check") -> tuple[Cell, Cell]:
    word, style = _VERDICTS[check.verdict]
    hint = f"; {check.hint}" if check.hint else ""
    return Cell(f"{word:<9}", style), Cell(f"{printable(check.where)}: {printable(check.what)}{printable(hint)}")


def checks_summary(checks: Sequence["Check"]) -> str:
    """Return the numbers of errors and warnings: ``1 error, 0 warnings``."""
    numbers = ((Severity.FAULT, "error"), (Severity.WARNING, "warning"))
    return ", ".join(plural(sum(each.verdict is verdict for each in checks), word) for verdict, word in numbers)


def checks_json(checks: Sequence["Check"], *, is_fine: bool) -> Json:
    """Return all of it as JSON."""
    return {
        "is_fine": is_fine,
        "findings": [
            {"where": each.where, "verdict": each.verdict.value, "what": each.what, "hint": each.hint}
            for each in checks
        ],
    }
