"""Listening to Slack through Bolt: mentions, direct messages, /releases, buttons and the home page.

Everything is acknowledged at once, before anything is looked up: Slack waits three
seconds. What Slack delivers again is answered once, by the id that it gives each event.
"""

import logging
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.error import URLError

from slack_bolt import Ack, App, BoltContext, Respond
from slack_sdk.errors import SlackApiError

from bot.domain.errors import BotError
from bot.services.receiving import Reception, Saying
from bot.slack.answers import render_answer
from bot.slack.blocks import SlackMessage, mrkdwn
from bot.slack.buttons import ASK
from bot.slack.dispatching import tell_errors
from bot.slack.home import home_view
from bot.slack.questions import plain_text
from bot.slack.web import BoundedWebClient

_log = logging.getLogger(__name__)

COMMAND = "/releases"
# What an app must be subscribed to: the manifest says the same.
EVENTS = ("app_home_opened", "app_mention", "message.im")
_THREADS = 8

Json = dict[str, Any]
_Send = Callable[[SlackMessage], None]


def make_listener(
    reception: Reception,
    token: str,
    base_url: str,
    *,
    signing_secret: str | None = None,
    timeout: float = 30,
    ca_file: Path | None = None,
) -> tuple[App, ThreadPoolExecutor]:
    """Make the Bolt app, and the threads that answer in it, which are to be shut down after it.

    ``signing_secret`` is needed where Slack calls over HTTP. Nothing is connected yet.
    """
    threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="chat")
    # An answer that may have arrived is not sent again.
    client = BoundedWebClient(token, base_url, timeout=timeout, ca_file=ca_file)
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
    _Listener(reception).register(app)
    return app, threads


def _with(client: BoundedWebClient) -> Callable[[BoltContext, Callable[[], object]], None]:
    """Give each request the client that is bounded: Bolt makes one of slack-sdk's own for it."""

    def replace(context: BoltContext, next_: Callable[[], object]) -> None:
        context["client"] = client
        next_()

    return replace


def _bolt_log() -> logging.Logger:
    """Give Bolt's logger, without its warning of a token in the environment beside the client that it was given."""
    log = logging.getLogger("slack_bolt")
    log.addFilter(_is_news)
    return log


def _is_news(record: logging.LogRecord) -> bool:
    return "`token` will be unused" not in record.getMessage()


class _Listener:
    def __init__(self, reception: Reception) -> None:
        self._reception = reception

    def register(self, app: App) -> None:
        """Say what is listened to; what nobody asked for is acknowledged and passed over."""
        app.event("app_mention")(self.mentioned)
        app.event("message")(self.written)
        app.event("app_home_opened")(self.home_opened)
        app.event(re.compile(".*"))(lambda: None)
        app.command(re.compile(".*"))(self.commanded)
        app.action(re.compile(f"^{ASK}:"))(self.pressed)
        app.action(re.compile(".*"))(lambda ack: ack())

    def mentioned(self, body: Json, event: Json, context: BoltContext, client: BoundedWebClient) -> None:
        """Answer a mention in its thread; one outside of a thread begins one."""
        if event.get("bot_id") or event.get("channel_type") == "im":
            return
        thread = event.get("thread_ts") or event["ts"]
        saying = Saying(body["event_id"], _text(event, context), event["user"], event["channel"])
        self._answer(saying, _posting(client, event["channel"], thread))

    def written(self, body: Json, event: Json, context: BoltContext, client: BoundedWebClient) -> None:
        """Answer a direct message, in its thread where there is one; edits and other apps' messages are none."""
        if event.get("channel_type") != "im" or event.get("subtype") or event.get("bot_id") or not event.get("user"):
            return
        saying = Saying(body["event_id"], _text(event, context), event["user"])
        self._answer(saying, _posting(client, event["channel"], event.get("thread_ts")))

    def commanded(self, ack: Ack, body: Json, context: BoltContext, client: BoundedWebClient, respond: Respond) -> None:
        """Answer the slash command, to its author alone."""
        ack()
        # Slack sends the text as it was typed, unless the manifest asks it to escape.
        text = plain_text(body.get("text") or "", bot_user=context.bot_user_id or "")
        saying = Saying(body["trigger_id"], text, body["user_id"], body["channel_id"])
        self._answer(saying, _responding(client, respond))

    def pressed(self, ack: Ack, body: Json, client: BoundedWebClient, respond: Respond) -> None:
        """Answer the question on a button: under its message, alone where only its reader sees it, else in private."""
        ack()
        question, container = body["actions"][0].get("value", ""), body.get("container", {})
        channel = body.get("channel", {}).get("id", "")
        saying = Saying(body["trigger_id"], question, body["user"]["id"], channel)
        message = body.get("message", {})
        if not channel:
            self._answer(saying, _posting(client, saying.user, None))
        elif container.get("is_ephemeral") or not message.get("ts"):
            self._answer(saying, _responding(client, respond))
        else:
            self._answer(saying, _posting(client, channel, message.get("thread_ts") or message["ts"]))

    def home_opened(self, event: Json, client: BoundedWebClient) -> None:
        """Show the home page as it is now."""
        if event.get("tab") != "home":
            return
        try:
            client.views_publish(user_id=event["user"], view=home_view(self._reception.home(event["user"])))
        except (BotError, SlackApiError, URLError, OSError) as error:
            _log.warning("the home page could not be shown: %s", _told(error))

    def _answer(self, saying: Saying, send: _Send) -> None:
        message = self._message(saying)
        if message is None:
            return
        try:
            send(message)
        except (SlackApiError, URLError, OSError) as error:
            _log.warning("an answer could not be posted: %s", _told(error))

    def _message(self, saying: Saying) -> SlackMessage | None:
        try:
            asking = self._reception.receive(saying)
        except BotError as error:
            _log.error("a question could not be answered: %s", error)
            text = "Sorry, I cannot look that up just now; please ask again a little later"
            return SlackMessage(text, [{"type": "section", "text": mrkdwn(text)}])
        return None if asking is None else render_answer(asking.answer, asking.understanding.mended)


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
    """Say what Slack said, without what was sent to it."""
    if isinstance(error, SlackApiError):
        return str(error.response.get("error", "an answer that is not Slack's")) if error.response else "no answer"
    return type(error).__name__
