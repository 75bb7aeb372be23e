"""Reloading the configuration and the files with secrets while the worker runs."""

import logging
from collections.abc import Callable, Sequence
from hashlib import sha256
from math import inf
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from bot.app import App, open_app
from bot.config.errors import ConfigErrors
from bot.domain.errors import BotError
from bot.services.maintainers import tell_maintainers_once
from bot.store.errors import StoreError
from bot.store.read_only import state_if_frozen

if TYPE_CHECKING:
    from bot.store.store import Store

_log = logging.getLogger(__name__)

# The log has all mistakes, a message at most this many.
_MOST_LISTED = 10
# How often the configuration is checked for changes, in seconds.
_RELOAD_SECONDS = 5


class Reloading:
    """Detects changes of the configuration's files; an invalid one is reported once, and the old one stays.

    One that ``is_reader`` only reads the database, and leaves it to the workers to tell the maintainers. ``require``
    raises UsageError for a configuration that is valid, and cannot be used by this process.
    """

    def __init__(
        self,
        app: App,
        store: "Store",
        *,
        is_reader: bool = False,
        require: Callable[[App], None] = lambda _: None,
    ) -> None:
        self._app = app
        self._store = store
        self._file = state_if_frozen(app.database_url) if is_reader else None
        self._is_reader = is_reader
        self._require = require
        self._seen = self._last = _contents(app.files)
        self._additions = store.watchlist.additions()

    def look(self) -> App | None:
        """Return the app with the changed configuration if it is valid; None if nothing changed.

        So is one whose database has to be opened again to see what was written to it.

        A change is applied once two checks find the same content, so that no half-written file is read.
        """
        if self._file is not None and state_if_frozen(self._app.database_url) != self._file:
            return self._app
        found = _contents(self._app.files)
        is_steady, self._last = found == self._last, found
        if found == self._seen:
            return self._extended()
        if not is_steady:
            return None
        self._seen = found
        try:
            app = open_app(str(self._app.settings.file))
            self._require(app)
            with app.reading() if self._is_reader else app.store():
                pass
        except ConfigErrors as error:
            self._refuse([str(each) for each in error.errors])
        except BotError as error:
            self._refuse([str(error)])
        else:
            _log.info("configuration reloaded: %s", self._app.settings.file)
            return app
        return None

    def _extended(self) -> App | None:
        """Return the app with the watchlist of the store if that changed, else None."""
        try:
            additions = self._store.watchlist.additions()
        except StoreError as error:
            _log.warning("cannot read the watchlist: %s", error)
            return None
        if additions == self._additions:
            return None
        self._additions = additions
        app = self._app.as_known(self._store)
        is_same = (app.watched.repositories, app.watched.organisations) == (
            self._app.watched.repositories,
            self._app.watched.organisations,
        )
        if is_same:
            return None
        _log.info("watchlist changed: %d repositories", len(app.watched.repositories))
        return app

    def _refuse(self, mistakes: Sequence[str]) -> None:
        """Report the mistakes in the log and to the maintainers of the current configuration."""
        for mistake in mistakes:
            _log.error("changed configuration rejected: %s", mistake)
        if self._is_reader:
            return
        more = f"\n• and {len(mistakes) - _MOST_LISTED} more" if len(mistakes) > _MOST_LISTED else ""
        listed = "".join(f"\n• {mistake}" for mistake in mistakes[:_MOST_LISTED])
        text = f"The changed configuration was rejected; the previous one stays in use:{listed}{more}"
        tell_maintainers_once(text, self._app.chat, self._app.settings.maintainers)


def wait(
    stop: Event,
    reloading: Reloading,
    meanwhile: Callable[[], None] = lambda: None,
    at_most: float = inf,
) -> App | None:
    """Wait for the end or a changed configuration, and return the changed app.

    ``meanwhile`` is called at each look at the configuration: a process at rest wakes for both at once. ``at_most`` is
    how many seconds may be between two of them.
    """
    while not stop.wait(min(_RELOAD_SECONDS, at_most)):
        meanwhile()
        if (changed := reloading.look()) is not None:
            return changed
    return None


def _contents(files: Sequence[Path]) -> list[bytes | None]:
    """Return a hash of each file's content, or None for a file that cannot be read."""
    return [_content(path) for path in files]


def _content(path: Path) -> bytes | None:
    try:
        return sha256(path.read_bytes()).digest()
    except OSError:
        return None
