"""A GitHub on loopback in a process of its own, so that what it costs is not counted as the bot's.

It prints its address, and then answers each line of JSON that it reads with one of its own.
"""

import json
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.demo.recorded.github import RecordedGitHub
from bot.demo.recorded.history import RecordedRepository, RecordedTag
from bot.demo.recorded.limits import SecondaryLimit

TOKEN = "t0ken-of-the-benchmarks"  # noqa: S105 - of a forge that is made up
# GitHub's limits beside the quota of the hour: points a minute, requests at once.
POINTS, AT_ONCE = 900, 100
_NOW = datetime(2021, 2, 22, 13, 0, tzinfo=UTC)


def repository(number: int, tags: int) -> RecordedRepository:
    """Make a repository with so many tags of the form v7r1p29, one each three days, the newest yesterday."""
    made = RecordedRepository(f"site/extension{number}")
    for place in range(tags):
        name = f"v{place // 250}r{place // 50 % 5}p{place % 50}"
        date = _NOW - timedelta(days=1 + 3 * (tags - place), seconds=number)
        made.put(RecordedTag(name, f"{number:016x}{place:024x}", date))
    return made


def serve(count: int, tags: int, latency: float) -> None:
    """Serve until the input ends."""
    repositories = {made.path: made for made in (repository(number, tags) for number in range(count))}
    with RecordedGitHub(repositories.values(), tokens=[TOKEN], limit=1_000_000, latency=latency, now=_now) as github:
        _say(github.url)
        for line in sys.stdin:
            _say(_done(json.loads(line), github, repositories))


def _done(order: dict[str, Any], github: RecordedGitHub, repositories: dict[str, RecordedRepository]) -> Any:
    """Carry out an order: ``put`` or ``delete`` a tag, ``limit`` as GitHub does, or ``tell`` what was asked for."""
    match order["do"]:
        case "put":
            date = datetime.fromisoformat(order["date"])
            repositories[order["path"]].put(RecordedTag(order["name"], order["commit"], date))
        case "delete":
            del repositories[order["path"]].tags[order["name"]]
        case "limit":
            github.secondary = SecondaryLimit(POINTS, AT_ONCE)
        case "tell":
            asked = len(github.requests)
            github.requests.clear()
            return {"requests": asked, "limit_met": github.secondary.met if github.secondary else 0}
    return None


def _say(what: Any) -> None:
    print(json.dumps(what), flush=True)


def _now() -> datetime:
    return _NOW


if __name__ == "__main__":
    serve(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
