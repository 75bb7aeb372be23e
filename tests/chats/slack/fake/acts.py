"""What somebody did in the Slack of the tests, and what came of it."""

from dataclasses import dataclass, replace
from typing import Any

from tests.chats.slack.fake.envelopes import Acknowledgement, Envelope
from tests.chats.slack.fake.link import Link
from tests.chats.slack.fake.workspace import BOT_USER, HomeView, Message, Workspace


@dataclass
class Act:
    """A mention, message, command or pressed button by ``user`` in ``channel``.

    ``ts`` is its message's time stamp where it is a message, ``thread_ts`` the thread that it stands in.
    The waits end as soon as there is what they wait for, and fail the test after ``seconds``.
    """

    workspace: Workspace
    link: Link | None
    envelope: Envelope
    user: str
    channel: str
    ts: str | None
    thread_ts: str | None
    response: str | None
    since: int
    homes: int

    @property
    def payload(self) -> dict[str, Any]:
        """What Slack tells the app, without the envelope."""
        return self.envelope.payload

    def acknowledged(self, seconds: float = 10) -> Acknowledgement:
        """Wait for the acknowledgement."""
        self.workspace.wait(lambda: self.envelope.acknowledged is not None, seconds)
        assert self.envelope.acknowledged is not None, f"not acknowledged in {seconds} s"
        return self.envelope.acknowledged

    def answers(self, count: int = 1, seconds: float = 10) -> list[Message]:
        """Wait for as many answers, and give all there are by then.

        An answer is what the bot has said since that the user can see: what responds to the
        command or button; in the thread of the message; or in the channel, where it was not asked in a thread.
        """
        assert self.workspace.wait(lambda: len(self._answers()) >= count, seconds), (
            f"{len(self._answers())} answers in {seconds} s instead of {count}: {self._answers()}"
        )
        return self._answers()

    def home(self, seconds: float = 10) -> HomeView:
        """Wait for a home view that is published for the user."""
        assert self.workspace.wait(lambda: bool(self._homes()), seconds), f"no home view in {seconds} s"
        return self._homes()[-1]

    def send(self) -> None:
        """Send it over the web socket, in the mode that has one."""
        if self.link:
            self.link.send(self.envelope)

    def again(self) -> "Act":
        """Deliver the event another time: the same event_id in a new envelope; its answers are those since then."""
        act = replace(
            self,
            envelope=self.envelope.again(self.workspace.number()),
            since=len(self.workspace.messages),
            homes=len(self.workspace.homes),
        )
        act.send()
        return act

    def _answers(self) -> list[Message]:
        return [
            each for each in self.workspace.messages[self.since :] if each.user == BOT_USER and self._is_answer(each)
        ]

    def _is_answer(self, message: Message) -> bool:
        if message.channel != self.channel or message.only_for not in {None, self.user}:
            return False
        if message.response:
            return message.response == self.response
        return message.thread_ts == (self.thread_ts or self.ts) or (not self.thread_ts and message.thread_ts is None)

    def _homes(self) -> list[HomeView]:
        return [each for each in self.workspace.homes[self.homes :] if each.user == self.user]
