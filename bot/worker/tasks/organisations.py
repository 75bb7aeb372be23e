"""Following organisations: their repositories are listed again and again."""

from bot.app import now
from bot.services.organisations import follow
from bot.worker.context import TaskContext


def follow_organisations(context: TaskContext, forge: str) -> None:
    """List the organisations of a forge whose lists are due, unless another worker asks the forge for everything."""
    organisations = [each for each in context.app.watched.organisations if each.forge == forge]
    if not organisations:
        return
    with (
        context.leases.held(f"{context.accounts[forge].account} organisations", context.stop) as held,
        context.jobs.running(f"follow {forge}", context.patience.job),
    ):
        if held.by is None:
            every = context.app.settings.poll.full_every
            follow(organisations, context.forges, context.store.watchlist, now, every)
