"""The Slack listener on Bolt: mentions, direct messages, /releases, buttons and the home page.

Every event is acknowledged at once, because Slack waits only three seconds. A message is answered once, by its channel
and time stamp, however often Slack delivers or its author edits it.
"""

import logging
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Any
from urllib.error import URLError

from slack_bolt import Ack, App, BoltContext, Respond
from slack_sdk.errors import SlackApiError

from bot.chats.answerer import Answerer
from bot.chats.inbox import Inbox, IncomingMessage
from bot.chats.slack.blocks import SlackMessage
from bot.chats.slack.buttons import ASK
from bot.chats.slack.dispatch import log_errors
from bot.chats.slack.mrkdwn import plain_text
from bot.chats.slack.people import People
from bot.chats.slack.replies import home_view, render_answer
from bot.chats.slack.web_client import BoundedWebClient
from bot.config.channels import DEFAULT_CHAT
from bot.domain.errors import BotError

_log = logging.getLogger(__name__)

COMMAND = "/releases"
# The events that the app subscribes to, as in the manifest.
EVENTS = ("app_home_opened", "app_mention", "message.im")
_THREADS = 8
# The time-out for posting an answer, in seconds.
_TIMEOUT = 30.0

Json = dict[str, Any]
# Posts an answer; returns its time stamp if it may begin a thread, else None.
_Send = Callable[[SlackMessage], str | None]
# A message with a file, and a reply that is also sent to the channel; other subtypes are edits and notices.
_ANSWERED = frozenset({None, "file_share", "thread_broadcast"})


def make_listener(  # noqa: PLR0913 - a listener takes its settings
    inbox: Inbox,
    token: str,
    base_url: str,
    *,
    chat: str = DEFAULT_CHAT,
    signing_secret: str | None = None,
    ca_file: Path | None = None,
    keeps_refused: bool = True,
) -> tuple[App, ThreadPoolExecutor]:
    """Return the Bolt app and its answering threads, which must be shut down after it.

    ``chat`` is the name of the workspace; HTTP mode needs ``signing_secret``. Questions that are not understood are
    kept if the workspace ``keeps_refused`` ones.
    Nothing is connected yet.
    """
    threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="chat")
    # An answer that may have arrived is not retried.
    client = BoundedWebClient(token, base_url, timeout=_TIMEOUT, ca_file=ca_file)
    app = App(
        client=client,
        signing_secret=signing_secret or "",
        token_verification_enabled=False,
        before_authorize=_with(client),
        # This feature would fetch a thread's messages at each direct message.
        attaching_conversation_kwargs_enabled=False,
        listener_executor=threads,
        logger=_bolt_log(),
    )
    log_errors(app)
    _Listener(inbox, chat, keeps_refused=keeps_refused).register(app)
    return app, threads


def _with(client: BoundedWebClient) -> Callable[[BoltContext, Callable[[], object]], None]:
    """Return a middleware that sets the bounded client: Bolt would create an unbounded one."""

    def replace(context: BoltContext, next_: Callable[[], object]) -> None:
        context["client"] = client
        next_()

    return replace


def _bolt_log() -> logging.Logger:
    """Return Bolt's logger, without its warning about a token in the environment."""
    log = logging.getLogger("slack_bolt")
    log.addFilter(_is_news)
    return log


def _is_news(record: logging.LogRecord) -> bool:
    return "`token` will be unused" not in record.getMessage()


def _guarded(function: Callable[..., None]) -> Callable[..., None]:
    """Return the function with its errors logged: an error would make Bolt withdraw the acknowledgement.

    Bolt reads the names of the arguments through ``wraps``.
    """

    @wraps(function)
    def guarded(*args: Any, **named: Any) -> None:
        try:
            function(*args, **named)
        except Exception:  # noqa: BLE001 - logged; one question's error must not end the listener
            _log.exception("cannot handle a payload from Slack")

    return guarded


class _Listener:
    def __init__(self, inbox: Inbox, chat: str, *, keeps_refused: bool) -> None:
        self._inbox = inbox
        self._answerer = Answerer(inbox, render_answer, (SlackApiError, URLError, OSError), _reason)
        self._people = People()
        self._chat = chat
        self._keeps_refused = keeps_refused

    def register(self, app: App) -> None:
        """Register the listeners; other events are acknowledged and ignored."""
        app.event("app_mention")(_guarded(self.mentioned))
        app.event("message")(_guarded(self.written))
        app.event("app_home_opened")(_guarded(self.home_opened))
        app.event(re.compile(".*"))(lambda: None)
        app.command(re.compile(".*"))(_guarded(self.commanded))
        app.action(re.compile(f"^{ASK}:"))(_guarded(self.pressed))
        app.action(re.compile(".*"))(lambda ack: ack())

    def mentioned(self, body: Json, event: Json, context: BoltContext, client: BoundedWebClient) -> None:
        """Answer a mention in its thread, or start a thread."""
        if event.get("bot_id") or event.get("channel_type") == "im":
            return
        channel, thread = event["channel"], event.get("thread_ts") or event["ts"]
        message = self._message(_id(event), _text(event, context), event["user"], channel, f"{channel}/{thread}")
        message = replace(message, is_guest=self._is_guest(body, event["user"], client))
        self._answerer.answer(message, _posting(client, channel, thread), lambda: self._is_public(client, channel))

    def written(self, body: Json, event: Json, context: BoltContext, client: BoundedWebClient) -> None:
        """Answer a direct message, in its thread if it has one; ignore edits and messages of other apps."""
        is_direct = event.get("channel_type") == "im" and bool(event.get("user")) and not event.get("bot_id")
        if not is_direct or event.get("subtype") not in _ANSWERED:
            return
        user, thread = event["user"], event.get("thread_ts")
        # A reply under the message or under its answer goes on with its question.
        names = [f"@{user}/{thread}"] if thread else [f"@{user}", f"@{user}/{event['ts']}"]
        message = self._message(_id(event), _text(event, context), user, "", *names)
        message = replace(message, is_guest=self._is_guest(body, user, client))
        self._answerer.answer(message, _posting(client, event["channel"], thread))

    def commanded(self, ack: Ack, body: Json, context: BoltContext, client: BoundedWebClient, respond: Respond) -> None:
        """Answer the slash command, visible only to its author."""
        ack()
        # Slack sends the text as typed, unless the manifest requests escaping.
        text = plain_text(body.get("text") or "", bot_user=context.bot_user_id or "")
        user, channel = body["user_id"], body["channel_id"]
        message = self._message(body["trigger_id"], text, user, channel, _alone(user, channel))
        message = replace(message, is_guest=self._people.is_guest(client, user))
        self._answerer.answer(message, _responding(client, respond))

    def pressed(self, ack: Ack, body: Json, client: BoundedWebClient, respond: Respond) -> None:
        """Answer the question of a button: in the message's thread, ephemerally, or in a direct message."""
        ack()
        question, container = body["actions"][0].get("value", ""), body.get("container", {})
        channel, user = body.get("channel", {}).get("id", ""), body["user"]["id"]
        under = body.get("message", {})
        thread = under.get("thread_ts") or under.get("ts")
        if not channel:
            names, send = [f"@{user}"], _posting(client, user, None)
        elif container.get("is_ephemeral") or not under.get("ts"):
            names, send = [_alone(user, channel)], _responding(client, respond)
        else:
            is_beside = _is_direct(channel) and not under.get("thread_ts")
            names = [f"{f'@{user}' if _is_direct(channel) else channel}/{thread}", *([f"@{user}"] if is_beside else [])]
            send = _posting(client, channel, thread)
        message = self._message(body["trigger_id"], question, user, channel, *names)
        self._answerer.answer(replace(message, is_guest=self._is_guest(body, user, client)), send)

    def home_opened(self, event: Json, client: BoundedWebClient) -> None:
        """Publish the current home page."""
        if event.get("tab") != "home":
            return
        try:
            client.views_publish(
                user_id=event["user"], view=home_view(self._inbox.home(f"{self._chat}:{event['user']}"))
            )
        except (BotError, SlackApiError, URLError, OSError) as error:
            _log.warning("cannot publish the home page: %s", _reason(error))

    def _message(self, number: str, text: str, user: str, channel: str, *conversations: str) -> IncomingMessage:
        """Return a message; a command or a button in direct messages has their channel."""
        where = "" if _is_direct(channel) else channel
        return IncomingMessage(self._chat, number, text, user, where, conversations)

    def _is_guest(self, body: Json, user: str, client: BoundedWebClient) -> bool:
        return _is_of_another_workspace(body) or self._people.is_guest(client, user)

    def _is_public(self, client: BoundedWebClient, channel: str) -> bool:
        """Return whether everybody in the workspace may read a channel, and its refused questions may be kept."""
        if not self._keeps_refused:
            return False
        try:
            found = client.conversations_info(channel=channel).get("channel") or {}
        except (SlackApiError, URLError, OSError):
            return False
        return bool(found.get("is_channel")) and found.get("is_private") is False and not found.get("is_mpim")


def _id(event: Json) -> str:
    """Return what is the same each time a message is delivered, also after it was edited."""
    return f"{event['channel']}:{event['ts']}"


def _is_of_another_workspace(body: Json) -> bool:
    """Return whether an event or a button comes from a person of another workspace, by Slack Connect."""
    own = {str(each.get("team_id")) for each in body.get("authorizations") or ()} or {str(body.get("team_id"))}
    if "event" in body:
        team = body["event"].get("user_team") or body["event"].get("team")
        return bool(body.get("is_ext_shared_channel") and team) and str(team) not in own
    here, team = body.get("team") or {}, body["user"].get("team_id")
    return bool(
        team and isinstance(here, dict) and here.get("id") and team != here["id"] and not here.get("enterprise")
    )


def _is_direct(channel: str) -> bool:
    """Return whether a channel is direct messages, by its id."""
    return channel.startswith("D")


def _alone(user: str, channel: str) -> str:
    """Return the name of the conversation that only its author sees in a channel."""
    return f"@{user}" if _is_direct(channel) else f"{channel}/@{user}"


def _text(event: Json, context: BoltContext) -> str:
    return plain_text(event.get("text") or "", bot_user=context.bot_user_id or "")


def _posting(client: BoundedWebClient, channel: str, thread: str | None) -> _Send:
    def send(message: SlackMessage) -> str | None:
        posted = client.chat_postMessage(
            channel=channel,
            thread_ts=thread,
            text=message.text,
            blocks=message.blocks,
            unfurl_links=False,
            unfurl_media=False,
        )
        return None if thread else posted.get("ts")

    return send


def _responding(client: BoundedWebClient, respond: Respond) -> _Send:
    def send(message: SlackMessage) -> None:
        content = {"text": message.text, "blocks": message.blocks}
        # Bolt's own respond() has no time-out.
        status = client.respond(
            respond.response_url or "", {**content, "response_type": "ephemeral", "replace_original": False}
        )
        if status != 200:  # noqa: PLR2004 - HTTP OK
            _log.warning("Slack rejected an answer: %s", status)

    return send


def _reason(error: Exception) -> str:
    """Return Slack's error code, without the content of the request."""
    if isinstance(error, SlackApiError):
        return str(error.response.get("error", "unexpected (non-Slack) response")) if error.response else "no response"
    return type(error).__name__
