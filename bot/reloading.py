"""Reloading: the configuration and the files with secrets, looked at again while the worker runs."""

import logging
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from bot.app import App, open_app
from bot.config.errors import ConfigErrors
from bot.domain.errors import BotError
from bot.services.maintainers import tell_maintainers_once
from bot.services.ports import Store, StoreError

_log = logging.getLogger(__name__)

# Of many mistakes the log has all, a message so many.
_MOST_TOLD = 10


class Reloading:
    """Sees when the files of a configuration change; a broken one is told once, and the old one goes on."""

    def __init__(self, app: App, store: Store) -> None:
        self._app = app
        self._store = store
        self._seen = self._last = _contents(app.files)
        self._additions = store.additions()

    def look(self) -> App | None:
        """Give the bot as configured now where that changed and is right, None where all stays as it is.

        A change is taken up when two looks found the same: a file that is being written is not read half.
        """
        found = _contents(self._app.files)
        is_steady, self._last = found == self._last, found
        if found == self._seen:
            return self._extended()
        if not is_steady:
            return None
        self._seen = found
        try:
            app = open_app(str(self._app.settings.file))
            with app.store():
                pass
        except ConfigErrors as error:
            self._refuse([str(each) for each in error.errors])
        except BotError as error:
            self._refuse([str(error)])
        else:
            _log.info("the configuration changed: %s is taken up", self._app.settings.file)
            return app
        return None

    def _extended(self) -> App | None:
        """Give the bot again where the store adds other repositories than before to those of the file."""
        try:
            additions = self._store.additions()
        except StoreError as error:
            _log.warning("it could not be looked what else is watched: %s", error)
            return None
        if additions == self._additions:
            return None
        self._additions = additions
        app = self._app.as_known(self._store)
        is_same = (app.settings.repositories, app.settings.organisations) == (
            self._app.settings.repositories,
            self._app.settings.organisations,
        )
        if is_same:
            return None
        _log.info("what is watched changed: %d repositories", len(app.settings.repositories))
        return app

    def _refuse(self, mistakes: Sequence[str]) -> None:
        """Say what is wrong, in the log and to the maintainers of the configuration that goes on."""
        for mistake in mistakes:
            _log.error("the changed configuration is refused: %s", mistake)
        more = f"\n• and {len(mistakes) - _MOST_TOLD} more" if len(mistakes) > _MOST_TOLD else ""
        listed = "".join(f"\n• {mistake}" for mistake in mistakes[:_MOST_TOLD])
        text = f"The changed configuration is refused, and the one before goes on:{listed}{more}"
        tell_maintainers_once(text, self._app.chat, self._app.settings.slack.maintainers)


def _contents(files: Sequence[Path]) -> list[bytes | None]:
    """Give what stands in files, as hashes; None for one that cannot be read."""
    return [_content(path) for path in files]


def _content(path: Path) -> bytes | None:
    try:
        return sha256(path.read_bytes()).digest()
    except OSError:
        return None
