"""Announcing releases to their subscribers, and sending what waits to be delivered."""

from bot.app import now
from bot.services.announce import announce
from bot.worker.context import TaskContext


def announce_releases(context: TaskContext) -> None:
    """Announce releases to their subscribers, and send that; do nothing while another thread does."""
    if not context.announcing.acquire(blocking=False):
        return
    try:
        with context.jobs.running("announce", context.patience.job):
            app = context.app
            announce(context.store, app.chat, app.repositories(), now(), app.settings.time_zone)
            deliver(context)
    finally:
        context.announcing.release()


def deliver(context: TaskContext) -> None:
    """Send every message that waits to be delivered, digests and announcements."""
    if not context.stop.is_set():
        context.app.delivery_sender(context.store).deliver_all()
