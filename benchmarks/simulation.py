"""How polling GitHub scales: the bot's own rules of intervals and budgets on a simulated clock, without a network.

``python -m benchmarks.simulation`` writes the table into docs/SCALING.md, and prints it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from pathlib import Path

from bot.domain.polling.budget import Price, budget_of, cost_a_day
from bot.domain.polling.hooks import complete_with_hooks, interval_with_hooks
from bot.domain.polling.schedule import Rhythm, is_due, next_due, rhythm_of
from bot.forges.github.forge import GitHubForge

PAGE = Path(__file__).parents[1] / "docs" / "SCALING.md"
_BETWEEN = re.compile(r"(<!-- simulation -->\n).*(<!-- end of simulation -->)", re.DOTALL)

# As configured by default.
_EVERY, _COMPLETE_EVERY, _SHARE = timedelta(minutes=10), timedelta(hours=1), 0.5
# A repository has so many tags, one page of them; one of five had news in the last month, the others a year ago.
TAGS = 50
_QUIET = (timedelta(days=10), *[timedelta(days=365)] * 4)
# What the bot sends in any minute with one token, queries apart (bot/forges/github/forge.py).
_MOST_A_MINUTE = 800
_AT_ONCE = 50
# Measured in databases like benchmarks/population.py's, of 50 to 100 tags a repository; tests/docs/test_scaling.py
# measures again.
ROWS_A_TAG, BYTES_A_TAG = 4.0, 940
# Workers wake once a minute.
_TICK = timedelta(minutes=1)
_BEGIN = datetime(2026, 11, 24, tzinfo=UTC)
# So many repositories stand for all of a token, over a day.
_SAMPLE, _SPAN = 50, timedelta(days=1)
_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)

_HEADER = (
    "repositories",
    "tokens",
    "webhooks",
    "first poll of all",
    "quick poll every",
    "requests a minute, all tokens",
    "points an hour and token, of 5,000",
    "longest until a new tag is seen",
    "rows",
    "database",
)


@dataclass(frozen=True, slots=True)
class Setting:
    """How many repositories are polled with how many tokens, evenly, and whether their webhooks arrive."""

    repositories: int
    tokens: int
    has_hooks: bool = False

    @property
    def of_a_token(self) -> int:
        """How many repositories are polled with one token."""
        return ceil(self.repositories / self.tokens)


@dataclass(frozen=True, slots=True)
class Steady:
    """Polling after the first polls: the interval, the requests of a minute with one token, and the longest gap."""

    interval: timedelta
    requests_a_minute: float
    points_an_hour: float
    gap: timedelta


SETTINGS = (
    Setting(1_000, 1),
    Setting(10_000, 1),
    Setting(100_000, 1),
    Setting(100_000, 4),
    Setting(100_000, 20),
    Setting(100_000, 1, has_hooks=True),
    Setting(100_000, 4, has_hooks=True),
)


def prices() -> Sequence[Price]:
    """Return what polls cost of GitHub's limits with a token, as the bot reckons."""
    forge = GitHubForge("github", "https://api.github.com", "token", now=lambda: _BEGIN)
    try:
        return forge.prices()
    finally:
        forge.close()


def first_polls(setting: Setting) -> timedelta:
    """Poll every repository for the first time, minute by minute, within the limits of the minute and of the hour."""
    left = setting.of_a_token
    rest, graphql = (price.full.of(TAGS) for price in prices())
    hourly = {price.resource: price.limit for price in prices()}
    at, spent = timedelta(0), 0
    while left > 0:
        if at % _HOUR == timedelta(0):
            spent = 0
        an_hour = min(limit // cost for limit, cost in zip(hourly.values(), (rest, graphql), strict=True))
        polled = int(min(left, _MOST_A_MINUTE // rest, an_hour - spent))
        left, spent, at = left - polled, spent + polled, at + _TICK
    return at


def steady(setting: Setting) -> Steady:
    """Poll for a day by the rules; a sample of the repositories stands for all of a token."""
    rhythms = [_rhythm(quiet, has_hooks=setting.has_hooks) for quiet in _QUIET]
    share_of_each = setting.of_a_token / len(rhythms)
    costs = {
        price.resource: cost_a_day(price, [(TAGS, each) for each in rhythms]) * share_of_each for price in prices()
    }
    slower = max(budget_of(price, costs[price.resource], _SHARE, None).slower for price in prices())
    gap, requests = timedelta(0), 0.0
    for number in range(_SAMPLE):
        rhythm = rhythms[number % len(rhythms)].stretched(slower)
        for each, cost in _polls(f"github:group/project{number}", rhythm):
            gap, requests = max(gap, each), requests + cost
    a_minute = requests * setting.of_a_token / _SAMPLE / (_SPAN / _MINUTE)
    # More requests than the bot sends in a minute wait for the next.
    behind = max(1.0, a_minute / _MOST_A_MINUTE)
    points = max(costs.values()) / slower / 24
    return Steady(rhythms[0].every * slower, a_minute / behind, points, gap * behind)


def _rhythm(quiet: timedelta, *, has_hooks: bool) -> Rhythm:
    every, complete_every = _EVERY, _COMPLETE_EVERY
    if has_hooks:
        every, complete_every = interval_with_hooks(every, complete_every), complete_with_hooks(complete_every)
    return rhythm_of(every, complete_every, quiet=quiet, in_certification=False)


def _polls(key: str, rhythm: Rhythm) -> Iterator[tuple[timedelta, float]]:
    """Yield the time since the poll before, and the requests, of each poll of a repository."""
    last = complete = full = _BEGIN
    while last < _BEGIN + _SPAN:
        due = next_due(key, rhythm.every, last)
        # A worker that wakes once a minute comes to it with the next tick.
        at = _BEGIN + ceil((due - _BEGIN) / _TICK) * _TICK
        requests = 1 / _AT_ONCE
        if is_due(key, rhythm.full_every, full, at):
            requests, complete, full = 2.0, at, at
        elif is_due(key, rhythm.complete_every, complete, at):
            requests, complete = 1.0, at
        yield at - last, requests
        last = at


def table() -> str:
    """Return the table of all settings, in Markdown."""
    lines = [_HEADER, ("---:",) * len(_HEADER), *map(_cells, SETTINGS)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _cells(setting: Setting) -> tuple[str, ...]:
    found, tags = steady(setting), setting.repositories * TAGS
    minutes = _words(found.gap)
    return (
        f"{setting.repositories:,}",
        f"{setting.tokens}",
        "yes" if setting.has_hooks else "no",
        _words(first_polls(setting)),
        _words(found.interval),
        f"{found.requests_a_minute * setting.tokens:,.0f}",
        f"{found.points_an_hour:,.0f}",
        f"5 s; {minutes} without its webhook" if setting.has_hooks else minutes,
        f"{tags * ROWS_A_TAG / 1e6:,.1f} million",
        f"{tags * BYTES_A_TAG / 1e9:,.2f} GB",
    )


def _words(time: timedelta) -> str:
    return f"{time / _MINUTE:,.0f} min" if time < 2 * _HOUR else f"{time / _HOUR:,.1f} h"


def main() -> None:
    """Write the table into the page, and print it."""
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(_BETWEEN.sub(lambda found: f"{found[1]}{table()}\n{found[2]}", text), encoding="utf-8")
    print(table())


if __name__ == "__main__":
    main()
