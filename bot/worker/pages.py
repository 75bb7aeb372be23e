"""The pages of the web, served by the worker or alone; without a table for them nothing of them is loaded."""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from threading import Event
from typing import TYPE_CHECKING

from bot import __version__
from bot.app import App
from bot.config.fields import SocketAddress
from bot.config.secrets import token
from bot.domain.errors import UsageError
from bot.services.ports import Forge
from bot.web.app import Mount, served
from bot.worker.hooks import mounts_of_hooks
from bot.worker.reload import Reloading, wait

if TYPE_CHECKING:
    from bot.store.store import Store
    from bot.web.visits import Source

_log = logging.getLogger(__name__)

# Where the pages are served alone, if nothing else is said.
_USUAL = SocketAddress("127.0.0.1", 8080)


def mounts_of_pages(app: App, store: "Store", forges: Mapping[str, Forge]) -> list[Mount]:
    """Return the pages to be served by the worker; none if they are not configured, or if nobody could look."""
    address = app.settings.web.address
    if address is None:
        return []
    try:
        return [mount_of_pages(app, store, forges, address)]
    except UsageError as error:
        # The rest of the worker is of use without them.
        _log.error("the pages are not served: %s", error)
        return []


def mount_of_pages(app: App, store: "Store", forges: Mapping[str, Forge], address: SocketAddress) -> Mount:
    """Return the pages to be served at an address. Raises UsageError if their token is named and not set."""
    from bot.web.access import Guarded
    from bot.web.site import Site

    web = app.settings.web
    secret = token(app.variables, web.token_env)
    if web.token_env is not None and secret is None:
        hint = "set it to the token of those who may look, or remove token_env"
        raise UsageError("web.token_env", f"${web.token_env} is not set", hint)
    if (warning := web.warning_at(address)) is not None:
        _log.warning("%s; %s", *warning)
    pages = Guarded(Site(_source(app, store, forges)), secret, web.user_header)
    return Mount("web", "web.address", address, {}, otherwise=pages)


def _source(app: App, store: "Store", forges: Mapping[str, Forge]) -> "Source":
    from bot.store.state import state_of
    from bot.web.visits import Source

    configured = sha256(repr((app.settings, app.watched)).encode()).hexdigest()[:16]
    return Source(
        now=app.as_of_now,
        context=lambda as_of: app.query_context(store, as_of),
        vocabulary=app.vocabulary,
        status=lambda: app.status(store, forges),
        state=lambda: f"{configured} {state_of(store.database)}",
        version=__version__,
        public_url=app.settings.web.public_url or "",
    )


def serve_pages(
    app: App,
    address: SocketAddress | None,
    stop: Event,
    *,
    tell: Callable[[str], None],
    use_changed: Callable[[App], None] = lambda _: None,
) -> None:
    """Serve the pages alone until ``stop`` is set, by the current configuration. Raises UsageError and StoreError.

    Nothing is written but what any reading command writes: a newer schema, and releases by changed rules. They
    are served at ``address``, else where it is configured. ``tell`` hears at which URL they are.
    """
    changed: App | None = app
    while changed is not None:
        app = changed
        with _opened(app) as (known, store, forges):
            reloading = Reloading(known, store, is_reader=True)
            listening = address or app.settings.web.address or _USUAL
            pages = mount_of_pages(known, store, forges, listening)
            hooks = [] if store.database.is_read_only else mounts_of_hooks(known, store, listening)
            with served([*hooks, pages]) as ports:
                tell(f"http://{SocketAddress(listening.host, ports['web.address']).text}/")
                changed = wait(stop, reloading)
        if changed is not None:
            use_changed(changed)


@contextmanager
def _opened(app: App) -> Iterator[tuple[App, "Store", Mapping[str, Forge]]]:
    with ExitStack() as opened:
        store = opened.enter_context(app.reading())
        known = app.as_known(store)
        yield known, store, opened.enter_context(known.forges(known.watched_forges()))
