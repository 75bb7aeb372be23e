"""A Matrix homeserver of the configuration."""

from collections.abc import Sequence
from functools import cached_property

from bot.chats.base import Gap, Listener, Secrets
from bot.chats.inbox import Inbox
from bot.config.chats import ChatSettings, MatrixChatTable
from bot.domain.errors import UsageError
from bot.services.ports import ChatClient

# The time-out of each request of the listener, in seconds.
_TIMEOUT = 30.0


class MatrixChat:
    """A homeserver: its client and its listener."""

    def __init__(self, chat: ChatSettings, secrets: Secrets) -> None:
        if not isinstance(chat.keys, MatrixChatTable):
            raise TypeError(chat.kind)
        self._chat = chat
        self._keys = chat.keys
        self._token = secrets(chat.keys.token_env)

    @cached_property
    def client(self) -> ChatClient | UsageError:
        """Return the client that posts to it, or the error if the token is missing."""
        if self._token is None:
            return self._without_token()
        from bot.chats.matrix.client import MatrixClient

        return MatrixClient(
            self._token, self._keys.base_url, table=self._chat.table, is_listening=True, ca_file=self._chat.ca_file
        )

    def missing_to_listen(self) -> list[str]:
        """Return the variables that are missing for listening to questions."""
        return [self._keys.token_env] if self._token is None else []

    def check_listening(self) -> None:
        """Check nothing: listening needs the token that posting needs."""

    def gaps(self) -> Sequence[Gap]:
        """Return nothing: Matrix has no commands and buttons that something else would be needed for."""
        return ()

    def listener(self, inbox: Inbox) -> Listener:
        """Build the listener; nothing is connected yet. Raises UsageError if the token is missing."""
        if self._token is None:
            raise self._without_token()
        from bot.chats.matrix.api import MatrixApi
        from bot.chats.matrix.listener import MatrixListener

        api = MatrixApi(self._token, self._keys.base_url, timeout=_TIMEOUT, ca_file=self._chat.ca_file)
        return MatrixListener(
            inbox,
            api,
            chat=self._chat.name,
            table=self._chat.table,
            keeps_refused=self._keys.keep_refused_questions,
        )

    def _without_token(self) -> UsageError:
        what = f"${self._keys.token_env} is not set"
        return UsageError(self._chat.table, what, "set it to the access token of the bot's account")
