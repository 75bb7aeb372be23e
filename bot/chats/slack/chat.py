"""A Slack workspace of the configuration."""

from collections.abc import Sequence
from functools import cached_property

from bot.chats.base import Gap, Listener, Secrets
from bot.chats.inbox import Inbox
from bot.config.chats import ChatSettings, Slack
from bot.domain.errors import UsageError
from bot.services.ports import ChatClient


class SlackChat:
    """A Slack workspace: its client and its listener. Slack's libraries are imported only when needed."""

    def __init__(self, chat: ChatSettings, secrets: Secrets) -> None:
        if not isinstance(chat.keys, Slack):
            raise TypeError(chat.kind)
        self._chat = chat
        self._settings = chat.keys
        self._secrets = secrets

    @cached_property
    def client(self) -> ChatClient | UsageError:
        """Return the client that posts to it, or the error if the token is missing."""
        token = self._secrets(self._settings.bot_token_env)
        if token is None:
            return self._without_token()
        from bot.chats.slack.client import SlackClient

        return SlackClient(
            token,
            self._settings.base_url,
            table=self._chat.table,
            is_listening=not self.missing_to_listen(),
            ca_file=self._chat.ca_file,
        )

    def missing_to_listen(self) -> list[str]:
        """Return the variables that are missing for listening to questions."""
        return [each.variable for each in self._settings.needed_secrets if self._secrets(each.variable) is None]

    def check_listening(self) -> None:
        """Check the app-level token with Slack, if Socket Mode is used. Raises ChatError."""
        settings, token = self._settings, self._secrets(self._settings.app_token_env)
        if settings.listen == "socket" and token is not None:
            from bot.chats.slack.client import SlackClient

            client = SlackClient(token, settings.base_url, table=self._chat.table, ca_file=self._chat.ca_file)
            client.check_app_token(token, f"${settings.app_token_env}")

    def gaps(self) -> Sequence[Gap]:
        """Return nothing: the app's manifest has commands and buttons."""
        return ()

    def listener(self, inbox: Inbox) -> Listener:
        """Build the listener of the configured mode; nothing is connected yet.

        Raises UsageError if a secret is missing.
        """
        from bot.chats.slack.listener import make_listener

        settings = self._settings
        bot_token, app_token, signing_secret = map(
            self._secrets, (settings.bot_token_env, settings.app_token_env, settings.signing_secret_env)
        )
        if bot_token is None:
            raise self._without_token()
        bolt, threads = make_listener(
            inbox,
            bot_token,
            settings.base_url,
            chat=self._chat.name,
            signing_secret=signing_secret,
            ca_file=self._chat.ca_file,
            keeps_refused=settings.keep_refused_questions,
        )
        if settings.listen == "socket":
            from bot.chats.slack.socket_mode import SocketListener

            return SocketListener(bolt, threads, app_token or "", table=self._chat.table, ca_file=self._chat.ca_file)
        from bot.chats.slack.http_mode import HttpListener

        return HttpListener(
            bolt,
            threads,
            signing_secret or "",
            address=settings.http_address,
            chat=self._chat.name,
            table=self._chat.table,
        )

    def _without_token(self) -> UsageError:
        what = f"${self._settings.bot_token_env} is not set"
        return UsageError(self._chat.table, what, "set it to the bot token (xoxb-...)")
