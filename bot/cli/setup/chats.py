"""The question of ``init`` for a chat: its channel and token, checked with the chat at once."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot.app import App, now
from bot.cli.progress import progress
from bot.cli.setup.session import Session
from bot.config.channels import parse_channel
from bot.config.draft import Draft, DraftChat
from bot.domain.errors import UsageError
from bot.domain.values import dataclass
from bot.services.doctor import Check, Severity, check_chat

NONE = "none"
_PAGE = re.compile(r"(?P<base>https?://\S+?)/(?P<team>[a-z0-9-]+)/channels/(?P<channel>[\w-]+)/?(?:[?#]\S*)?")
_PARTS = re.compile(r"(?P<base>https?://\S+?)/?\s+(?P<team>[a-z0-9-]+)/(?P<channel>[\w-]+)")
_ROOM = re.compile(
    r"(?:https://matrix\.to/#/)?(?P<room>#[^\s:]+:(?P<server>[^\s?]+)|![^\s:?]+(?::(?P<of_id>[^\s?]+))?)\S*"
)
_WEB = re.compile(r"https?://[^\s/]+\S*")


@dataclass(frozen=True, slots=True)
class ChatKind:
    """A kind of chat: how its channel is asked for and read, and the variables of its secrets, the token's first.

    ``read`` returns the keys of its table and the digest's channel, or None for what it cannot read.
    """

    table: str
    question: str
    example: str
    read: Callable[[str], tuple[Mapping[str, Any], str] | None]
    variables: Sequence[str]
    secret: str
    page: str


def _slack(answer: str) -> tuple[Mapping[str, Any], str] | None:
    return {"bot_token_env": "SLACK_BOT_TOKEN"}, answer


def _mattermost(answer: str) -> tuple[Mapping[str, Any], str] | None:
    found = _PAGE.fullmatch(answer) or _PARTS.fullmatch(answer)
    if found is None:
        return None
    keys = {"kind": "mattermost", "base_url": found["base"], "token_env": "MATTERMOST_TOKEN"}
    return keys, f"mattermost:{found['team']}/{found['channel']}"


def _matrix(answer: str) -> tuple[Mapping[str, Any], str] | None:
    room, _, server = answer.partition(" ")
    found = _ROOM.fullmatch(room)
    if found is None:
        return None
    host = found["server"] or found["of_id"]
    base_url = server.strip().rstrip("/") or (f"https://{host}" if host else "")
    if not _WEB.fullmatch(base_url):
        return None
    return {"kind": "matrix", "base_url": base_url, "token_env": "MATRIX_TOKEN"}, f"matrix:{found['room']}"


def _mail(answer: str) -> tuple[Mapping[str, Any], str] | None:
    return ({"url_env": "MAIL_URL"}, "mail") if answer == "mail" else None


CHATS: Mapping[str, ChatKind] = {
    "slack": ChatKind(
        "slack",
        "Channel in Slack",
        "#releases",
        _slack,
        ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"),
        "Bot token (xoxb-...), and after a space the app token (xapp-...) to answer questions too",
        "SLACK.md",
    ),
    "mattermost": ChatKind(
        "chats.mattermost",
        "Channel in Mattermost (paste the address of its page)",
        "https://mattermost.example.org/TEAM/channels/CHANNEL",
        _mattermost,
        ("MATTERMOST_TOKEN",),
        "Access token of the bot's account",
        "MATTERMOST.md",
    ),
    "matrix": ChatKind(
        "chats.matrix",
        "Room in Matrix, and after a space the homeserver's URL if it is not https://SERVER",
        "#releases:example.org https://matrix.example.org",
        _matrix,
        ("MATRIX_TOKEN",),
        "Access token of the bot's account",
        "MATRIX.md",
    ),
    "mail": ChatKind(
        "places.mail",
        "",
        "mail",
        _mail,
        ("MAIL_URL",),
        "Mail server, mailtos://USER:PASSWORD@HOST?from=...&to=...",
        "PLACES.md",
    ),
}


@dataclass
class Chats:
    """Connects a chat of a kind by the answers, or by what options and the environment give."""

    session: Session

    def connect(self, kind: str | None, channel: str | None) -> DraftChat:
        """Return the chat with its channel. Raises UsageError for a channel that it cannot have."""
        known = [*CHATS, NONE]
        while kind not in known:
            if kind:
                self.session.say(f'unknown chat "{kind}"; choose one of: {", ".join(known)}')
            kind = self.session.ask(f"Chat for digests ({', '.join(known)})", NONE).lower()
        if kind == NONE:
            return DraftChat()
        chat, answer, before = CHATS[kind], channel or "", ""
        while True:
            before, draft = self._with_channel(chat, answer, before)
            if self._is_connected(chat, draft):
                return self._complete(draft)
            answer = ""

    def _with_channel(self, chat: ChatKind, given: str, default: str) -> tuple[str, DraftChat]:
        """Return the channel as written, and read; it is asked for again until it can be read."""
        answer = given or chat.example * (not chat.question)
        while True:
            answer = answer or self.session.ask(chat.question, default)
            read = chat.read(answer) if answer else None
            draft = read and DraftChat(chat.table, read[0], read[1], chat.page)
            fault = self._fault(draft) if draft else ("not a channel", f"example: {chat.example}")
            if draft and fault is None:
                return answer, draft
            error = UsageError(f'channel "{answer}"', *(fault or ("", "")))
            if not self.session.is_asking:
                raise error
            self.session.say_error(error)
            answer = ""

    def _fault(self, draft: DraftChat) -> tuple[str, str] | None:
        chats = self._app(draft).settings.configured_chats
        name, channel = parse_channel(draft.channel, chats)
        return chats[name].keys.channel_fault(channel) if name in chats and draft.table != "places.mail" else None

    def _is_connected(self, chat: ChatKind, draft: DraftChat) -> bool:
        """Take the token and check it; return False if it was refused, or the chat cannot be reached."""
        variable = chat.variables[0]
        if not self.session.has(variable):
            answer = self.session.ask_secret(f"{chat.secret} (not shown; Enter to set ${variable} later)")
            self.session.typed.update(_secrets(chat, answer))
        if not self.session.has(variable):
            self.session.say(f"${variable} is not set: nothing is posted until it is; see docs/{chat.page}")
            return True
        with progress("connecting to the chat"):
            checks = self._checks(draft)
        self.session.say_checks(checks)
        # Once connected, the bot may be invited into the channel later.
        is_refused = len(checks) == 1 and checks[0].verdict is Severity.FAULT
        if not is_refused and any(check.verdict is Severity.FAULT for check in checks):
            self.session.say("The channel is kept: invite the bot later, or correct the channel in the file.")
        if not is_refused or not self.session.is_asking or variable not in self.session.typed:
            return True
        for name in chat.variables:
            self.session.typed.pop(name, None)
        return False

    def _checks(self, draft: DraftChat) -> list[Check]:
        app = self._app(draft)
        if draft.table == "places.mail":
            place = app.places["mail"]
            if isinstance(place, UsageError):
                return [Check(place.where, Severity.FAULT, place.what, place.hint)]
            return [Check("places.mail", Severity.FINE, f"{place.manner}; only posting tests it")]
        name, channel = parse_channel(draft.channel, app.settings.configured_chats)
        client = app.chats[name].client
        if isinstance(client, UsageError):
            return [Check(client.where, Severity.FAULT, client.what, client.hint)]
        return list(check_chat(draft.table or name, client, [channel], now()))

    def _complete(self, draft: DraftChat) -> DraftChat:
        """Return the chat with the keys of what it was given beyond the token."""
        if draft.table != "slack" or not self.session.has("SLACK_APP_TOKEN"):
            return draft
        keys = {**draft.keys, "app_token_env": "SLACK_APP_TOKEN"}
        return DraftChat(draft.table, keys, draft.channel, draft.page)

    def _app(self, draft: DraftChat) -> App:
        return self.session.app(Draft("UTC", chat=draft))


def _secrets(chat: ChatKind, answer: str) -> dict[str, str]:
    """Return the secrets in an answer by variable; Slack's two are told apart by how they begin."""
    if chat.table != "slack":
        return {chat.variables[0]: answer} if answer else {}
    bot, app = chat.variables
    return {app if word.startswith("xapp-") else bot: word for word in answer.split()}
