"""Slack's fake as one of the chats of the contract."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.chats.slack.client import SlackClient
from bot.demo.recorded.server import Response
from bot.services.ports import ChatClient
from bot.store.store import Store
from tests.chats.contract.world import Said, Shown, without_joiners
from tests.chats.slack.fake_slack import (
    APP_TOKEN,
    ASKER,
    CHANNEL,
    DROPPED_AFTER_TAKING,
    MAINTAINER,
    TOKEN,
    Act,
    FakeSlack,
    Message,
    words_of,
)
from tests.chats.slack.hosts import listening

_LINK = re.compile(r"<[^|<>]*\|([^<>]*)>")
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}


class SlackWorld:
    """A workspace, with the bot connected by Socket Mode."""

    name = "slack"
    has_buttons = True
    channel = CHANNEL
    channel_name = "#dirac-releases"
    asker, maintainer = ASKER, MAINTAINER
    # Of another workspace, and a guest of this one.
    strangers: Sequence[str] = ("U0STRANG3R", "U0GUEST")
    secrets: tuple[str, ...] = (TOKEN, APP_TOKEN)

    def __init__(self, slack: FakeSlack) -> None:
        self.slack = slack
        stranger, guest = self.strangers
        slack.workspace.users |= {stranger: "stranger", guest: "guest"}
        slack.workspace.strangers.add(stranger)
        slack.workspace.guests.add(guest)
        self._acts: dict[str, Act] = {}

    def client(self) -> ChatClient:
        return SlackClient(TOKEN, self.slack.url, is_listening=True)

    @contextmanager
    def listening(self, store: Store) -> Iterator[object]:
        connected = self.slack.link.accepted + 1
        with listening(self.slack, store) as listener:
            self.slack.link.wait(connected)
            yield listener

    def mention(self, text: str, by: str = "", thread: str = "") -> Said:
        return self._said(self.slack.mention(text, user=by or ASKER, thread_ts=thread or None))

    def direct_message(self, text: str, by: str = "", thread: str = "") -> Said:
        return self._said(self.slack.direct_message(text, user=by or ASKER, thread_ts=thread or None))

    def press(self, label: str, on: Shown, by: str = "") -> Said:
        message = self.slack.workspace.message(on.channel, on.id)
        assert message is not None
        button = next(each for each in _buttons(message) if each["text"]["text"] == label)
        return self._said(self.slack.press(button["action_id"], button["value"], message, user=by or ASKER))

    def again(self, said: Said) -> None:
        self._acts[said.id].again().acknowledged()

    def edit(self, said: Said, text: str) -> None:
        self.slack.edit(self._acts[said.id], text).acknowledged()

    def shown(self) -> list[Shown]:
        return [_shown(each) for each in [*self.slack.messages, *self.slack.ephemerals]]

    def wait(self, is_so: Callable[[], bool], seconds: float = 20) -> bool:
        return self.slack.workspace.wait(is_so, seconds)

    def set_time(self, at: datetime) -> None:
        self.slack.workspace.clock = at.timestamp

    def drop_after_taking(self) -> None:
        self.slack.fail_next(replace(DROPPED_AFTER_TAKING, path="/chat.postMessage"))

    def be_down(self) -> None:
        self.slack.interceptor = lambda _: Response.json(503, {})

    def be_up(self) -> None:
        self.slack.interceptor = None

    def drop_connection(self, *, is_back: bool = True) -> None:
        connected = self.slack.link.accepted
        self.slack.link.drop()
        if is_back:
            self.slack.link.wait(connected + 1, seconds=20)

    def people(self, count: int) -> list[str]:
        found = {f"U{number:07d}": f"person-{number}" for number in range(count)}
        self.slack.workspace.users.update(found)
        return list(found)

    def _said(self, act: Act) -> Said:
        said = Said(act.ts or "", lambda count, seconds: [_shown(each) for each in act.answers(count, seconds)])
        self._acts[said.id] = act
        return said


def _shown(message: Message) -> Shown:
    return Shown(
        message.ts,
        message.channel,
        _plain("\n".join([message.text, words_of(message.blocks)])),
        thread=message.thread_ts or "",
        only_for=message.only_for or "",
        buttons=tuple(each["text"]["text"] for each in _buttons(message)),
        key=str(message.metadata.get("event_payload", {}).get("delivery", "")),
    )


def _buttons(message: Message) -> list[dict[str, Any]]:
    inside = [each for block in message.blocks for each in block.get("elements", ())]
    inside += [block["accessory"] for block in message.blocks if "accessory" in block]
    return [each for each in inside if each["type"] == "button"]


def _plain(text: str) -> str:
    words = _LINK.sub(r"\1", text).replace("*", "")
    for entity, character in _ENTITIES.items():
        words = words.replace(entity, character)
    return without_joiners(words)
