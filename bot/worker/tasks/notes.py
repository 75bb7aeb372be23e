"""Fetching the notes of releases, after the poll that brought them."""

import logging
from collections.abc import Sequence
from time import monotonic

from bot.app import now
from bot.domain.repositories import one_of_each_source
from bot.services.notes import NotesReader
from bot.services.poll import PollOutcome
from bot.worker.context import TaskContext

_log = logging.getLogger(__name__)


def fetch_notes(context: TaskContext, forge: str, sources: Sequence[str]) -> None:
    """Read the notes of releases of some repositories: of new ones, and of those that are due to be tried again."""
    if not sources:
        return
    reader = NotesReader(context.forges, context.store, now)
    watched = {each.source: each for each in one_of_each_source(context.app.repositories())}
    with context.jobs.running(f"notes {forge}", context.patience.job) as alive:
        for repository in (watched[source] for source in sources if source in watched):
            if context.stop.is_set():
                return
            outcome = reader.read(PollOutcome(repository.source, "ok"), repository, context.stop)
            alive()
            context.turns[forge].answered_at = monotonic()
            if outcome.notice:
                _log.warning("%s: %s", repository.source, outcome.notice)
