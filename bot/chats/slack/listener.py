"""Listening to Slack through Bolt: mentions, direct messages, /releases, buttons and the home page.

Everything is acknowledged at once, before anything is looked up: Slack waits three
seconds. What Slack delivers again is answered once, by the id that it gives each event.
"""

import logging
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import wraps
from pathlib import Path
from typing import Any
from urllib.error import URLError

from slack_bolt import Ack, App, BoltContext, Respond
from slack_sdk.errors import SlackApiError

from bot.chats.inbox import Inbox, IncomingMessage
from bot.chats.slack.blocks import SlackMessage, mrkdwn
from bot.chats.slack.buttons import ASK
from bot.chats.slack.dispatch import tell_errors
from bot.chats.slack.mrkdwn import plain_text
from bot.chats.slack.replies import home_view, render_answer
from bot.chats.slack.web_client import BoundedWebClient
from bot.config.channels import DEFAULT_CHAT
from bot.domain.errors import BotError

_log = logging.getLogger(__name__)

COMMAND = "/releases"
# What an app must be subscribed to: the manifest says the same.
EVENTS = ("app_home_opened", "app_mention", "message.im")
_THREADS = 8
# The longest that an answer may take to be posted, in seconds.
_TIMEOUT = 30.0

Json = dict[str, Any]
_Send = Callable[[SlackMessage], None]


def make_listener(
    inbox: Inbox,
    token: str,
    base_url: str,
    *,
    chat: str = DEFAULT_CHAT,
    signing_secret: str | None = None,
    ca_file: Path | None = None,
) -> tuple[App, ThreadPoolExecutor]:
    """Make the Bolt app, and the threads that answer in it, which are to be shut down after it.

    ``chat`` is the name of the workspace; ``signing_secret`` is needed where Slack calls over HTTP.
    Nothing is connected yet.
    """
    threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="chat")
    # An answer that may have arrived is not sent again.
    client = BoundedWebClient(token, base_url, timeout=_TIMEOUT, ca_file=ca_file)
    app = App(
        client=client,
        signing_secret=signing_secret or "",
        token_verification_enabled=False,
        before_authorize=_with(client),
        # Made for assistants, it would ask Slack for a thread's messages at each direct message.
        attaching_conversation_kwargs_enabled=False,
        listener_executor=threads,
        logger=_bolt_log(),
    )
    tell_errors(app)
    _Listener(inbox, chat).register(app)
    return app, threads


def _with(client: BoundedWebClient) -> Callable[[BoltContext, Callable[[], object]], None]:
    """Return each request the client that is bounded: Bolt makes one of slack-sdk's own for it."""

    def replace(context: BoltContext, next_: Callable[[], object]) -> None:
        context["client"] = client
        next_()

    return replace


def _bolt_log() -> logging.Logger:
    """Return Bolt's logger, without its warning of a token in the environment beside the client that it was given."""
    log = logging.getLogger("slack_bolt")
    log.addFilter(_is_news)
    return log


def _is_news(record: logging.LogRecord) -> bool:
    return "`token` will be unused" not in record.getMessage()


def _guarded(function: Callable[..., None]) -> Callable[..., None]:
    """Let a function log what it raises: Bolt would take back that it was acknowledged.

    Bolt reads the names of the arguments through ``wraps``.
    """

    @wraps(function)
    def guarded(*args: Any, **named: Any) -> None:
        try:
            function(*args, **named)
        except Exception:  # noqa: BLE001 - logged; one question's fault must not end what listens
            _log.exception("what Slack sent could not be taken")

    return guarded


class _Listener:
    def __init__(self, inbox: Inbox, chat: str) -> None:
        self._inbox = inbox
        self._chat = chat

    def register(self, app: App) -> None:
        """Register what is listened to; what nobody asked for is acknowledged and passed over."""
        app.event("app_mention")(_guarded(self.mentioned))
        app.event("message")(_guarded(self.written))
        app.event("app_home_opened")(_guarded(self.home_opened))
        app.event(re.compile(".*"))(lambda: None)
        app.command(re.compile(".*"))(_guarded(self.commanded))
        app.action(re.compile(f"^{ASK}:"))(_guarded(self.pressed))
        app.action(re.compile(".*"))(lambda ack: ack())

    def mentioned(self, body: Json, event: Json, context: BoltContext, client: BoundedWebClient) -> None:
        """Answer a mention in its thread; one outside of a thread begins one."""
        if event.get("bot_id") or event.get("channel_type") == "im":
            return
        thread = event.get("thread_ts") or event["ts"]
        message = self._message(body["event_id"], _text(event, context), event["user"], event["channel"])
        self._answer(message, _posting(client, event["channel"], thread))

    def written(self, body: Json, event: Json, context: BoltContext, client: BoundedWebClient) -> None:
        """Answer a direct message, in its thread where there is one; edits and other apps' messages are none."""
        if event.get("channel_type") != "im" or event.get("subtype") or event.get("bot_id") or not event.get("user"):
            return
        message = self._message(body["event_id"], _text(event, context), event["user"])
        self._answer(message, _posting(client, event["channel"], event.get("thread_ts")))

    def commanded(self, ack: Ack, body: Json, context: BoltContext, client: BoundedWebClient, respond: Respond) -> None:
        """Answer the slash command, to its author alone."""
        ack()
        # Slack sends the text as it was typed, unless the manifest asks it to escape.
        text = plain_text(body.get("text") or "", bot_user=context.bot_user_id or "")
        message = self._message(body["trigger_id"], text, body["user_id"], body["channel_id"])
        self._answer(message, _responding(client, respond))

    def pressed(self, ack: Ack, body: Json, client: BoundedWebClient, respond: Respond) -> None:
        """Answer the question on a button: under its message, alone where only its reader sees it, else in private."""
        ack()
        question, container = body["actions"][0].get("value", ""), body.get("container", {})
        channel = body.get("channel", {}).get("id", "")
        message = self._message(body["trigger_id"], question, body["user"]["id"], channel)
        under = body.get("message", {})
        if not channel:
            self._answer(message, _posting(client, message.user, None))
        elif container.get("is_ephemeral") or not under.get("ts"):
            self._answer(message, _responding(client, respond))
        else:
            self._answer(message, _posting(client, channel, under.get("thread_ts") or under["ts"]))

    def home_opened(self, event: Json, client: BoundedWebClient) -> None:
        """Show the home page as it is now."""
        if event.get("tab") != "home":
            return
        try:
            client.views_publish(
                user_id=event["user"], view=home_view(self._inbox.home(f"{self._chat}:{event['user']}"))
            )
        except (BotError, SlackApiError, URLError, OSError) as error:
            _log.warning("the home page could not be shown: %s", _told(error))

    def _message(self, number: str, text: str, user: str, channel: str = "") -> IncomingMessage:
        return IncomingMessage(self._chat, number, text, user, channel)

    def _answer(self, message: IncomingMessage, send: _Send) -> None:
        reply = self._reply(message)
        if reply is None:
            return
        try:
            send(reply)
        except (SlackApiError, URLError, OSError) as error:
            _log.warning("an answer could not be posted: %s", _told(error))

    def _reply(self, message: IncomingMessage) -> SlackMessage | None:
        try:
            reply = self._inbox.handle(message)
        except BotError as error:
            _log.error("a question could not be answered: %s", error)
            text = "Sorry, I cannot look that up just now; please ask again a little later"
            return SlackMessage(text, [{"type": "section", "text": mrkdwn(text)}])
        return None if reply is None else render_answer(reply.answer)


def _text(event: Json, context: BoltContext) -> str:
    return plain_text(event.get("text") or "", bot_user=context.bot_user_id or "")


def _posting(client: BoundedWebClient, channel: str, thread: str | None) -> _Send:
    def send(message: SlackMessage) -> None:
        client.chat_postMessage(
            channel=channel,
            thread_ts=thread,
            text=message.text,
            blocks=message.blocks,
            unfurl_links=False,
            unfurl_media=False,
        )

    return send


def _responding(client: BoundedWebClient, respond: Respond) -> _Send:
    def send(message: SlackMessage) -> None:
        told = {"text": message.text, "blocks": message.blocks}
        # Bolt's own way there is not bounded.
        status = client.respond(
            respond.response_url or "", {**told, "response_type": "ephemeral", "replace_original": False}
        )
        if status != 200:  # noqa: PLR2004 - HTTP's word for done
            _log.warning("Slack did not take an answer: %s", status)

    return send


def _told(error: Exception) -> str:
    """Return what Slack said, without what was sent to it."""
    if isinstance(error, SlackApiError):
        return str(error.response.get("error", "an answer that is not Slack's")) if error.response else "no answer"
    return type(error).__name__
