"""How the bot is doing, as lines for a terminal and as JSON; pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.budget import Budget
from bot.domain.clocks import FutureMoment
from bot.render.json_form import Json, moment_json
from bot.render.watching import following_words
from bot.render.words import moment_words, plural, printable
from bot.services.following import Following
from bot.services.standing import ForgeStanding, RepositoryStanding, Standing

_MOST_SHOWN = 20
_DECIMALS_BELOW = 10
# Less than this is no news.
_TOLD_FROM = 1.05


def standing_text(standing: Standing, zone: ZoneInfo) -> str:
    """Write lines: what is polled, what each forge's polling costs, what waits, and what is wrong."""
    return "\n".join(_lines(standing, zone))


def _lines(standing: Standing, zone: ZoneInfo) -> Iterator[str]:
    until = standing.complete_until
    told = f"complete until {moment_words(until, zone)}" if until else "not every repository has been polled yet"
    tags = sum(each.record.tag_count for each in standing.repositories)
    yield f"{plural(len(standing.repositories), 'repository')}, {plural(tags, 'tag')}: {told} ({zone.key})"
    for forge in standing.forges:
        yield from _forge_lines(forge, standing.at, zone)
    for each in standing.followings:
        yield f"{printable(each.organisation.key)}: {following_words(each, zone)}"
    waiting = ", ".join(f"{count} {state}" for state, count in standing.deliveries.items() if count)
    yield f"digests: {waiting or 'none waits to be posted'}"
    if standing.future:
        yield future_words(standing.future, zone)
    stale = [_stale_line(each, zone) for each in standing.stale]
    yield from _shown(stale, "that could not be polled lately")
    renamed = [f"{printable(each.repository.key)} {printable(each.record.renamed)}" for each in standing.renamed]
    yield from _shown(renamed, "that have been renamed")
    yield from _shown([_unread_line(each) for each in standing.unread], "most of whose tags match no version scheme")


def _unread_line(each: RepositoryStanding) -> str:
    record = each.record
    unread = f"{record.unclassified_count:,} of the {record.considered_count:,} tags match no version scheme"
    return f"{printable(each.repository.key)}: {unread}; see: release-bot watch check {printable(each.repository.key)}"


def future_words(found: Sequence[FutureMoment], zone: ZoneInfo) -> str:
    """Write a line that says which recorded moments lie in the future, why, and what to do."""
    told = ", ".join(f"{each.of} ({moment_words(each.at, zone)})" for each in found)
    why = "a clock was ahead when they were recorded, or this machine's clock is behind"
    return f"recorded in the future: {told}; {why}. Check the clocks; polling and posting go on"


def _shown(lines: Sequence[str], which: str) -> Iterator[str]:
    yield from lines[:_MOST_SHOWN]
    if len(lines) > _MOST_SHOWN:
        yield f"and {plural(len(lines) - _MOST_SHOWN, 'more repository')} {which}"


def _forge_lines(forge: ForgeStanding, at: datetime, zone: ZoneInfo) -> Iterator[str]:
    often = f"each every {_duration(forge.every)}, completely every {_duration(forge.complete_every)}"
    why = (
        f", {forge.slower:.1f} times slower than configured, to keep within the limit"
        if forge.slower >= _TOLD_FROM
        else ""
    )
    yield f"{printable(forge.name)}: {plural(forge.repositories, 'repository')}, {often}{why}"
    for budget in forge.budgets:
        yield f"  {printable(budget.resource)}: {_cost(budget)}{_left(budget, at, zone)}"


def _cost(budget: Budget) -> str:
    a_day = budget.a_day / budget.slower
    share = 100 * a_day / budget.allowed if budget.allowed else 0.0
    number = f"{a_day:,.0f}" if a_day >= _DECIMALS_BELOW else f"{a_day:.1f}"
    return (
        f"a day of polling costs {number} of {budget.allowed:,.0f} ({share:.1f} %, at most {100 * budget.share:.0f} %)"
    )


def _left(budget: Budget, at: datetime, zone: ZoneInfo) -> str:
    told = budget.told
    if told is None:
        return "; the forge has not told its limit yet"
    if told.resets_at is not None and told.resets_at <= at:
        return f"; the limit is {told.limit:,}, and was reset since it was last used"
    reset = f" until {moment_words(told.resets_at, zone)}" if told.resets_at else ""
    return f"; {told.remaining:,} of {told.limit:,} left{reset}"


def _stale_line(each: RepositoryStanding, zone: ZoneInfo) -> str:
    record = each.record
    since = f"since {moment_words(record.polled_at, zone)}" if record.polled_at else "yet"
    why = f": {printable(record.error)}" if record.error else ""
    return f"not polled {since}: {printable(each.repository.key)}{why}"


def _duration(span: timedelta) -> str:
    minutes = span / timedelta(minutes=1)
    return f"{minutes:.0f} min" if minutes < 120 else f"{minutes / 60:.1f} h"  # noqa: PLR2004 - two hours


def standing_json(standing: Standing, version: str, zone: ZoneInfo) -> Json:
    """Write all of it."""
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
                "limits": [_budget_json(budget, zone) for budget in forge.budgets],
            }
            for forge in standing.forges
        ],
        "repositories": [_repository_json(each, zone) for each in standing.repositories],
        "deliveries": dict(standing.deliveries),
        "future": [{"of": each.of, "at": moment_json(each.at, zone)} for each in standing.future],
    }


def _budget_json(budget: Budget, zone: ZoneInfo) -> Json:
    told = budget.told
    return {
        "resource": budget.resource,
        "cost_a_day": budget.a_day / budget.slower,
        "allowed_a_day": budget.allowed,
        "share": budget.share,
        "limit": told.limit if told else None,
        "remaining": told.remaining if told else None,
        "resets_at": moment_json(told.resets_at, zone) if told else None,
        "told_at": moment_json(told.seen_at, zone) if told else None,
    }


def _repository_json(each: RepositoryStanding, zone: ZoneInfo) -> Json:
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
        "error": record.error,
        "failing_since": moment_json(record.failing_since, zone),
        "suspected_at": moment_json(record.suspected_at, zone),
        "renamed": record.renamed or None,
    }


def _following_json(each: Following, zone: ZoneInfo) -> Json:
    listing = each.listing
    return {
        "organisation": each.organisation.key,
        "repositories": each.listed,
        "watched": each.watched,
        "listed_at": moment_json(listing.listed_at, zone) if listing else None,
        "error": listing.error if listing else None,
    }
