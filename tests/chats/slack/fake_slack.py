"""A Slack on loopback: takes what Slack takes, refuses what Slack refuses, and fails when told to.

The rules are those of Slack's reference for its methods, blocks, events and Socket Mode; where
the reference is silent, the code says what was assumed. ``fake/`` holds the parts.

    with FakeSlack() as slack:
        ...                                     # the bot connects with TOKEN, APP_TOKEN and slack.url
        slack.link.wait()
        asked = slack.mention("latest v7r1")
        assert asked.acknowledged().seconds < 3
        [answer] = asked.answers()
"""

from collections import deque
from types import TracebackType
from typing import Any, Self

from bot.demo.recorded.server import Fault, LoopbackServer, Request, Response
from tests.chats.slack.fake import payloads
from tests.chats.slack.fake.acts import Act
from tests.chats.slack.fake.envelopes import COMMAND, EVENT, INTERACTION, Acknowledgement, Envelope
from tests.chats.slack.fake.failures import DROPPED, DROPPED_AFTER_TAKING, Failure, rate_limited
from tests.chats.slack.fake.link import Link
from tests.chats.slack.fake.rules import texts_of, troubles, words_of
from tests.chats.slack.fake.signing import SignedRequest, signed
from tests.chats.slack.fake.web_api import APP_TOKEN, TOKEN, WebApi
from tests.chats.slack.fake.workspace import (
    ASKER,
    BOT_USER,
    CHANNEL,
    EPOCH,
    MAINTAINER,
    HomeView,
    Message,
    ResponseUrl,
    Workspace,
)

__all__ = [
    "APP_TOKEN",
    "ASKER",
    "BOT_USER",
    "CHANNEL",
    "DROPPED",
    "DROPPED_AFTER_TAKING",
    "EPOCH",
    "MAINTAINER",
    "TOKEN",
    "Acknowledgement",
    "Act",
    "Failure",
    "FakeSlack",
    "HomeView",
    "Message",
    "SignedRequest",
    "Workspace",
    "rate_limited",
    "texts_of",
    "troubles",
    "words_of",
]


class FakeSlack(LoopbackServer):
    """The Web API at ``.url``, Socket Mode in ``.link``, and people who speak to the bot.

    ``messages`` is what the bot posted for all to see, ``ephemerals`` what it showed to one user.
    What people do is sent over the web socket at once, or with ``socket_mode=False`` only
    built, for ``http`` to write as the request that Slack would send.
    """

    def __init__(self, *, socket_mode: bool = True) -> None:
        super().__init__()
        self.workspace = Workspace()
        self.link = Link(self.workspace, self._responded)
        self._api = WebApi(self.workspace, self.link.url)
        self._is_sending = socket_mode
        self._failures: deque[Failure] = deque()

    def __enter__(self) -> Self:
        self.link.start()
        return super().__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.link.stop()
        super().__exit__(kind, error, trace)

    @property
    def messages(self) -> list[Message]:
        return [each for each in self.workspace.messages if each.user == BOT_USER and each.only_for is None]

    @property
    def ephemerals(self) -> list[Message]:
        return [each for each in self.workspace.messages if each.user == BOT_USER and each.only_for is not None]

    def fail_next(self, *failures: Failure) -> None:
        """Let the next requests go wrong, each failure's ``path`` says which; without one, any."""
        self._failures.extend(failures)

    def wait_for(self, count: int, seconds: float = 30) -> bool:
        return self.workspace.wait(lambda: len(self.messages) >= count, seconds)

    def mention(self, text: str, user: str = ASKER, channel: str = CHANNEL, thread_ts: str | None = None) -> Act:
        """Say something to the bot in a channel."""
        return self._say(text, user, channel, thread_ts, is_mention=True)

    def direct_message(
        self, text: str, user: str = ASKER, thread_ts: str | None = None, subtype: str | None = None
    ) -> Act:
        """Say something to the bot alone; with a file, or in a thread and the channel, as its ``subtype`` says."""
        return self._say(text, user, self.workspace.direct(user), thread_ts, subtype=subtype)

    def edit(self, act: Act, text: str) -> Act:
        """Edit a mention: Slack tells the app of it as of a new one."""
        written = f"<@{BOT_USER}> {payloads.typed(text)}"
        message = self.workspace.message(act.channel, act.ts or "")
        assert message is not None
        self.workspace.rewrite(message, written, [])
        inner = payloads.edited(act.payload["event"], written, self.workspace.stamp())
        return self._do(EVENT, payloads.event(inner, self.workspace.number()), act.user, act.channel, message)

    def reply(self, to: Message, text: str, user: str = ASKER) -> Act:
        """Say something in a message's thread without naming the bot, which hears it if it listens to the channel."""
        return self._say(text, user, to.channel, to.thread_ts or to.ts)

    def command(self, name: str, text: str = "", user: str = ASKER, channel: str = CHANNEL) -> Act:
        """Give a slash command."""
        opened = self.workspace.response_url(channel, user)
        payload = payloads.command(name, text, self._person(user), channel, self._urls(opened))
        return self._do(COMMAND, payload, user, channel, response=opened.id)

    def press(self, action_id: str, value: str, on: Message | HomeView, user: str = ASKER) -> Act:
        """Press a button on what the bot has shown. Raises LookupError where there is no such button."""
        channel = on.channel if isinstance(on, Message) else self.workspace.direct(user)
        message = on if isinstance(on, Message) else None
        opened = self.workspace.response_url(channel, user, message)
        urls = self._urls(opened)
        if message is None:
            del urls["response_url"]
        payload = payloads.pressed((action_id, value), on, self._person(user), urls)
        return self._do(INTERACTION, payload, user, channel, message, response=opened.id)

    def open_home(self, user: str = ASKER) -> Act:
        """Open the bot's home tab."""
        channel = self.workspace.direct(user)
        shown = next((view for view in reversed(self.workspace.homes) if view.user == user), None)
        inner = payloads.home_opened(user, channel, self.workspace.stamp(), shown)
        return self._do(EVENT, payloads.event(inner, self.workspace.number()), user, channel)

    def http(self, act: Act, secret: str, at: int) -> SignedRequest:
        """Write what somebody did as the request that Slack sends at a time, in seconds since 1970."""
        return signed(act.envelope, secret, at)

    def respond(self, request: Request) -> tuple[Response, Fault | None]:
        failure = next((each for each in self._failures if each.path in {None, request.path}), None)
        if failure is None:
            return super().respond(request)
        self._failures.remove(failure)
        self.requests.append(request)
        if failure.taken:
            self.answer(request)
        if isinstance(failure.answer, Response):
            return failure.answer, None
        return Response.json(200, {"ok": True, "ts": "1.0"}), failure.answer

    def answer(self, request: Request) -> Response:
        return self._api.answer(request)

    def _say(
        self,
        text: str,
        user: str,
        channel: str,
        thread_ts: str | None,
        *,
        is_mention: bool = False,
        subtype: str | None = None,
    ) -> Act:
        assert not self.workspace.closed(channel), "the bot is not in it, and hears nothing"
        written = f"<@{BOT_USER}> {payloads.typed(text)}" if is_mention else payloads.typed(text)
        message = self.workspace.add(channel, written, [], user=user, thread_ts=thread_ts)
        parent = next((each for each in self.workspace.messages if each.ts == thread_ts), None)
        inner = payloads.said(message, text, is_mention=is_mention, parent=parent, subtype=subtype)
        payload = payloads.event(inner, self.workspace.number())
        if user in self.workspace.strangers:
            payload = payloads.from_elsewhere(payload)
        return self._do(EVENT, payload, user, channel, message)

    def _do(
        self,
        kind: str,
        payload: dict[str, Any],
        user: str,
        channel: str,
        message: Message | None = None,
        *,
        response: str | None = None,
    ) -> Act:
        envelope = Envelope(f"envelope-{self.workspace.number():05d}", kind, payload)
        act = Act(
            self.workspace,
            self.link if self._is_sending else None,
            envelope,
            user=user,
            channel=channel,
            ts=message.ts if message else None,
            thread_ts=message.thread_ts if message else None,
            response=response,
            since=len(self.workspace.messages),
            homes=len(self.workspace.homes),
        )
        act.send()
        return act

    def _person(self, user: str) -> tuple[str, str]:
        return user, self.workspace.users[user]

    def _urls(self, opened: ResponseUrl) -> dict[str, str]:
        trigger = f"{self.workspace.number()}.{opened.id}.trigger"
        return {"response_url": f"{self.url}/response/{opened.id}", "trigger_id": trigger}

    def _responded(self, envelope: Envelope, payload: dict[str, Any]) -> None:
        opened = self.workspace.responses[envelope.payload["response_url"].rpartition("/")[2]]
        if trouble := self._api.take_response(opened, payload):
            self.link.strays.append(f"{trouble}: {payload}")
