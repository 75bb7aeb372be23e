"""Polling the repositories that webhooks made due, at once and beside the rounds of polls."""

from time import monotonic

from bot.app import now
from bot.services.poll import PollOutcome
from bot.worker.context import TaskContext
from bot.worker.tasks.announce import announce_releases
from bot.worker.tasks.poll import poll_now

# How long to wait for repositories that others look at, and how often to try, in seconds. Then they wait for the next
# time that somebody checks whether any is due.
_PATIENCE, _TRY_SECONDS = 10.0, 0.5


def poll_hooked(context: TaskContext, forge: str) -> None:
    """Poll the repositories of a forge that are due because of webhooks, until none is."""
    ends = monotonic() + _PATIENCE
    while not context.stop.is_set() and forge in context.store.hooks.due():
        if not _poll_batch(context, forge) and (monotonic() > ends or context.stop.wait(_TRY_SECONDS)):
            return


def _poll_batch(context: TaskContext, forge: str) -> bool:
    """Poll those that can be claimed now, and return whether there were any."""
    schedule, hooks = context.schedules[forge], context.store.hooks
    _, timing = schedule.ahead(context.forges, context.timing(), now())
    outcomes: dict[str, PollOutcome] = {}
    with schedule.hooked_batch(timing, now, context.leases, context.stop) as batch:

        def record(outcome: PollOutcome) -> None:
            outcomes[outcome.repository] = outcome

        is_news = poll_now(context, forge, batch.asked, batch.held.over, record)
        answered = {source for source, outcome in outcomes.items() if outcome.error is None}
        # What was broken off has no outcome and stays due: another worker looks at it, or this one when it is back.
        failed = outcomes.keys() - answered
        unchanged = {source for source in answered if outcomes[source].status != "ok"}
        hooks.settle(answered, failed, timing.every, unchanged=unchanged)
    if is_news:
        announce_releases(context)
    return bool(batch.claimed)
