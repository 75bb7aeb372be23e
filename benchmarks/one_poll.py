"""One poll by the bot in a process of its own, whose memory is then the bot's alone.

Configuration and look are its arguments; it prints JSON.
"""

import json
import sys
import time
from pathlib import Path

from benchmarks.common import most_memory
from bot.app import App, environment, now
from bot.cli.collection import collect_seldom
from bot.config.load import load
from bot.domain.polling.record import PollDepth
from bot.services.poll import Asked, PollOutcome, poll


def run(config: Path, look: PollDepth) -> None:
    """Poll every watched repository with the look, and tell what it took."""
    # As in the process of `release-bot poll`.
    collect_seldom()
    app = App(load(config, environment()), environment())
    watched = app.repositories()
    with app.store() as store, app.forges(app.watched_forges()) as forges:
        begin, work = time.perf_counter(), time.process_time()
        outcomes = list(poll([Asked(repository, look) for repository in watched], forges, store, now))
        seconds, busy = time.perf_counter() - begin, time.process_time() - work
    print(
        json.dumps(
            {
                "seconds": seconds,
                "busy_seconds": busy,
                "requests": sum(outcome.requests for outcome in outcomes),
                "megabytes": most_memory(),
                "tags": sum(outcome.tags for outcome in outcomes),
                "errors": sum(outcome.error is not None for outcome in outcomes),
                "changes": sorted(change for outcome in outcomes for change in _changes(outcome)),
            }
        )
    )


def _changes(outcome: PollOutcome) -> list[str]:
    if outcome.status == "unchanged" or len(outcome.new) > 10:  # noqa: PLR2004 - a first poll is no change
        return []
    moved = [move.tag for move in outcome.moved]
    told = (("new", outcome.new), ("moved", moved), ("deleted", outcome.deleted))
    return [f"{what} {outcome.repository} {name}" for what, names in told for name in names]


if __name__ == "__main__":
    run(Path(sys.argv[1]), PollDepth[sys.argv[2]])
