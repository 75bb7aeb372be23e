"""A Mattermost server of the configuration."""

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from bot.chats.base import Gap, Listener, Secrets
from bot.chats.inbox import Inbox
from bot.config.chats import ChatSettings, MattermostChatTable
from bot.domain.errors import UsageError
from bot.services.ports import ChatClient

if TYPE_CHECKING:
    from bot.chats.mattermost.actions import Actions
    from bot.chats.mattermost.client import MattermostClient


class MattermostChat:
    """A Mattermost server: its client and its listener. Their libraries are imported only when needed."""

    def __init__(self, chat: ChatSettings, secrets: Secrets) -> None:
        if not isinstance(chat.keys, MattermostChatTable):
            raise TypeError(chat.kind)
        self._chat = chat
        self._settings = chat.keys
        self._secrets = secrets

    @cached_property
    def client(self) -> ChatClient | UsageError:
        """Return the client that posts to it, or the error if the token is missing."""
        try:
            return self._client()
        except UsageError as error:
            return error

    def missing_to_listen(self) -> list[str]:
        """Return the variables that are missing for listening to questions."""
        return [self._settings.token_env] if self._secrets(self._settings.token_env) is None else []

    def check_listening(self) -> None:
        """Check that the web socket takes the token. Raises ChatError."""
        from bot.chats.mattermost.stream import check_events

        check_events(self._client().api)

    def gaps(self) -> Iterator[Gap]:
        """Yield what does not work as configured: commands and buttons, and maintainers that nobody is."""
        if gap := self._gap_in_commands():
            yield gap
        if not isinstance(self.client, UsageError):
            for name in self._settings.maintainers:
                yield from self._gaps_in_maintainer(name)

    def _gap_in_commands(self) -> Gap | None:
        named = self._settings.command_token_env
        if named is None:
            hint = "to have them, set command_token_env, and [web] (docs/MATTERMOST.md)"
            return Gap("no slash command and no buttons", hint)
        if self._secrets(named) is None:
            what = f"${named} is not set: the slash command and buttons are not answered"
            return Gap(what, "set it to the token of the slash command", is_fault=True)
        if self._chat.web is None:
            what = "the slash command and buttons are not answered: no [web] address"
            return Gap(what, "set address in [web]", is_fault=True)
        if not self._chat.public_url:
            what = "no buttons: Mattermost does not know where to report them"
            return Gap(what, "set public_url in [web]", is_fault=True)
        return None

    def _gaps_in_maintainer(self, name: str) -> Iterator[Gap]:
        from bot.services.ports import ChatError, ChatRefused

        client = self._client()
        try:
            person = client.person(name) if _is_id(name) else client.person_named(name)
        except ChatRefused:
            yield Gap(f'maintainer "{name}" not found', "check the user name", is_fault=True)
        except ChatError:
            return
        else:
            if person.is_guest or person.is_bot:
                yield Gap(f'maintainer "{name}" is a guest or a bot, and may change nothing', "", is_fault=True)
            elif not _is_id(name):
                hint = f'where people may change their user names, write "{person.id}"'
                yield Gap(f"maintainer {name} is {person.id}", hint)

    def listener(self, inbox: Inbox) -> Listener:
        """Build the listener; nothing is connected yet. Raises UsageError if a secret is missing."""
        from bot.chats.mattermost.events import EventListener
        from bot.chats.mattermost.http_mode import mount
        from bot.chats.mattermost.listener import PostListener

        chat, client = self._chat, self._client()
        posts = PostListener(inbox, client, chat.name, keeps_refused=self._settings.keep_refused_questions)
        token = self._command_token
        mounts = (mount(chat, chat.web, posts, token, self._actions),) if token and chat.web else ()
        return EventListener(client, posts, mounts=mounts)

    def _client(self) -> "MattermostClient":
        token = self._secrets(self._settings.token_env)
        if token is None:
            what = f"${self._settings.token_env} is not set"
            raise UsageError(self._chat.table, what, "set it to the access token of the bot's account")
        from bot.chats.mattermost.api import MattermostApi
        from bot.chats.mattermost.client import MattermostClient

        api = MattermostApi(token, self._settings.base_url, table=self._chat.table, ca_file=self._chat.ca_file)
        return MattermostClient(api, actions=self._actions)

    @property
    def _command_token(self) -> str | None:
        """Return the token of the slash command; None where it is not set, or nothing is served."""
        named = self._settings.command_token_env
        return self._secrets(named) if named and self._chat.web else None

    @property
    def _actions(self) -> "Actions | None":
        """Return the buttons; None where Mattermost cannot report them."""
        token = self._command_token
        if token is None or not self._chat.public_url:
            return None
        from bot.chats.mattermost.actions import Actions
        from bot.chats.mattermost.http_mode import action_path

        return Actions(f"{self._chat.public_url}{action_path(self._chat.name)}", token)


def _is_id(name: str) -> bool:
    return MattermostChatTable.person_id.fullmatch(name) is not None
