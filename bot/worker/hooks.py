"""The worker's webhooks: where they are served, and the threads that look at what they name, at once."""

import logging
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from functools import partial
from threading import Event, Thread
from typing import TYPE_CHECKING

from bot.app import App, now
from bot.config.fields import SocketAddress
from bot.config.secrets import token
from bot.forges.sites import SITES
from bot.web.app import Mount
from bot.worker.context import TaskContext
from bot.worker.tasks.hooks import poll_hooked
from bot.worker.turns import guarded_run

if TYPE_CHECKING:
    from bot.store.store import Store

_log = logging.getLogger(__name__)

# How long the look that a thread is at may take to end, in seconds.
_ENDING_SECONDS = 10.0


def mounts_of_hooks(
    app: App, store: "Store", address: SocketAddress | None, wake: Callable[[str], None] = lambda _: None
) -> list[Mount]:
    """Return the paths of webhooks, to serve at an address; none where no forge has a secret for them.

    ``wake`` is called with the name of a forge that has a repository due.
    """
    if not app.hook_forges:
        return []
    if address is None:
        _log.warning("webhooks are not taken: set address in [web]")
        return []
    from bot.services.hooks import HookForge, HookInbox
    from bot.web.hooks import mount_of_hooks

    receivers = {}
    for kind in sorted({app.settings.forges[name].kind for name in app.hook_forges}):
        forges = [
            HookForge(name, secret)
            for name in app.hook_forges
            if (forge := app.settings.forges[name]).kind == kind
            and (secret := token(app.variables, forge.webhook_secret_env))
        ]
        inbox = HookInbox(
            forges,
            SITES[kind].webhooks(),
            app.repositories(),
            store,
            share=app.settings.poll.share,
            now=now,
            wake=wake,
        )
        receivers[kind] = inbox.receive
    return [mount_of_hooks(receivers, address)]


class HookThreads:
    """Looks at repositories that webhooks made due: one thread for each forge, which sleeps until it is woken."""

    def __init__(self, context: TaskContext, forges: Collection[str]) -> None:
        self._context = context
        self._woken = {forge: Event() for forge in forges}
        self._threads = [
            Thread(target=self._run, args=(forge, woken), name=f"hooks {forge}", daemon=True)
            for forge, woken in self._woken.items()
        ]
        for thread in self._threads:
            thread.start()

    def wake(self, forge: str) -> None:
        """Let the thread of a forge look at what is due."""
        self._woken[forge].set()

    def wake_due(self) -> None:
        """Wake the threads of forges that have a repository due: that was another process's webhook, or had to wait."""
        if self._woken:
            guarded_run("webhooks", self._wake_due)

    def _wake_due(self) -> None:
        for forge in self._context.store.hooks.due() & self._woken.keys():
            self.wake(forge)

    def close(self) -> None:
        """Wait for looks that are under way to end; the context's ``stop`` is set."""
        for woken in self._woken.values():
            woken.set()
        for thread in self._threads:
            thread.join(_ENDING_SECONDS)

    def _run(self, forge: str, woken: Event) -> None:
        while True:
            woken.wait()
            woken.clear()
            if self._context.stop.is_set():
                return
            guarded_run(f"webhooks {forge}", partial(poll_hooked, self._context, forge))


@contextmanager
def hooked(context: TaskContext) -> Iterator[HookThreads]:
    """Run the threads while the context lasts, for the forges that are watched; it sets ``stop`` at the end."""
    threads = HookThreads(context, context.app.hook_forges & context.forges.keys())
    try:
        yield threads
    finally:
        context.stop.set()
        threads.close()
