"""A homeserver, the fake or Synapse, as one of the chats of the contract."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from bot.chats.matrix.client import DELIVERY
from bot.demo.recorded.server import Drop, Request, Response
from bot.services.ports import ChatClient
from bot.store.store import Store
from tests.chats.contract.world import Said, Shown, without_joiners
from tests.chats.hosts import SlideHost
from tests.chats.matrix.account import Account, Json
from tests.chats.matrix.homeserver import Homeserver
from tests.chats.matrix.hosts import CHAT, client_of, listening

_worlds = itertools.count(1)


class MatrixWorld:
    """A public room that the bot is in, and two people, each with a direct room with the bot; all of them new."""

    name = CHAT
    has_buttons = False
    strangers: Sequence[str] = ()

    def __init__(self, server: Homeserver) -> None:
        self.server = server
        number = next(_worlds)
        self.bot = server.account(f"release-bot{number}")
        self._people = {
            each.user: each for each in (server.account(f"{name}{number}") for name in ("asker", "jdoe", "stranger"))
        }
        self.asker, self.maintainer, self.stranger = self._people
        alias = f"dirac-releases{number}"
        self.channel_name = f"#{alias}:{server.name}"
        self.channel = self._people[self.maintainer].create_room(preset="public_chat", room_alias_name=alias)
        for each in (self.bot, self._people[self.asker], self._people[self.stranger]):
            each.join(self.channel)
        self.secrets: tuple[str, ...] = (self.bot.token,)
        self._direct: dict[str, str] = {}
        self._dropped = False

    def client(self) -> ChatClient:
        return client_of(self.server, self.bot)

    @contextmanager
    def listening(self, store: Store, *, first: float = 0.02) -> Iterator[object]:
        people = frozenset({f"{CHAT}:{self.maintainer}"})
        host = SlideHost(store, people=people, channel=f"{CHAT}:{self.channel_name}")
        with listening(self.server, self.bot, store, host, first=first) as listener:
            yield listener

    def mention(self, text: str, by: str = "", thread: str = "") -> Said:
        content = {"m.mentions": {"user_ids": [self.bot.user]}}
        return self._say(self.channel, f"{self.bot.user.partition(':')[0][1:]}: {text}", by, thread, content)

    def direct_message(self, text: str, by: str = "", thread: str = "") -> Said:
        return self._say(self._direct_room(by or self.asker), text, by, thread, {})

    def press(self, label: str, on: Shown, by: str = "") -> Said:
        raise NotImplementedError("Matrix has no buttons")

    def again(self, said: Said) -> None:
        """A homeserver delivers again what is read from an older position: see tests/chats/matrix/test_listener.py."""

    def edit(self, said: Said, text: str) -> None:
        """Edit a message as clients do."""
        mentions = {"m.mentions": {"user_ids": [self.bot.user]}}
        new = {"m.new_content": {"msgtype": "m.text", "body": text, **mentions}}
        relation = {"m.relates_to": {"rel_type": "m.replace", "event_id": said.id}}
        self._people[self.asker].say(self.channel, f"* {text}", **mentions | new | relation)

    def shown(self) -> list[Shown]:
        rooms = self.bot.call("GET", "joined_rooms")["joined_rooms"]
        events = [each for room in rooms for each in self.server.events(room, self.bot)]
        return [_shown(each) for each in sorted(events, key=_moment) if self._is_own(each)]

    def wait(self, is_so: Callable[[], bool], seconds: float = 20) -> bool:
        return self.server.wait(is_so, seconds)

    def set_time(self, at: datetime) -> None:
        self.server.set_time(at)

    def drop_after_taking(self) -> None:
        self._dropped = False
        self.server.interceptor = self._drop_once

    def be_down(self) -> None:
        self.server.interceptor = lambda _: Response.json(503, {})

    def be_up(self) -> None:
        self.server.interceptor = None

    def drop_connection(self, *, is_back: bool = True) -> None:
        """Let one long poll end without an answer."""
        if is_back:
            self._dropped = False
            self.server.interceptor = self._drop_a_poll
            assert self.server.wait(lambda: self._dropped, 20)
            self.server.interceptor = None

    def people(self, count: int) -> list[str]:
        found = [self.server.account(f"person{number:03d}x") for number in range(count)]
        for each in found:
            each.join(self.channel)
        self._people |= {each.user: each for each in found}
        return [each.user for each in found]

    def _drop_once(self, request: Request) -> Drop | None:
        if self._dropped or "/send/" not in request.path:
            return None
        self._dropped = True
        return Drop(after=True)

    def _drop_a_poll(self, request: Request) -> Drop | None:
        if not request.path.endswith("/sync"):
            return None
        self._dropped = True
        return Drop()

    def _direct_room(self, user: str) -> str:
        """Return the direct room that the bot has with somebody, made by its client."""
        if user not in self._direct:
            self.client().direct_message(user, "hello")
            person = self._people[user]
            [room] = self.bot.call("GET", "user", self.bot.user, "account_data", "m.direct")[user]
            person.join(room)
            self._direct[user] = room
        return self._direct[user]

    def _say(self, room: str, text: str, by: str, thread: str, content: Json) -> Said:
        person = self._people[by or self.asker]
        relation = {"rel_type": "m.thread", "event_id": thread, "is_falling_back": True}
        related = {"m.relates_to": relation | {"m.in_reply_to": {"event_id": thread}}} if thread else {}
        event = person.say(room, text, **content | related)

        def answers(count: int, seconds: float) -> list[Shown]:
            self.server.wait(lambda: len(self._answers(person, room, event, thread)) >= count, seconds)
            return self._answers(person, room, event, thread)

        return Said(event, answers)

    def _answers(self, person: Account, room: str, event: str, thread: str) -> list[Shown]:
        """Return the bot's messages after an event in its thread, up to the next message of a person there."""
        under = thread or (event if room == self.channel else "")
        found: list[Shown] = []
        events = self.server.events(room, person)
        place = next(number for number, each in enumerate(events) if each["event_id"] == event)
        for each in events[place + 1 :]:
            if each["type"] != "m.room.message" or _thread(each) != under:
                continue
            if not self._is_own(each):
                break
            found.append(_shown(each))
        return found

    def _is_own(self, event: Json) -> bool:
        is_said = event["type"] == "m.room.message" and event["sender"] == self.bot.user
        return is_said and event["content"].get("body") not in (None, "hello")


def _thread(event: Json) -> str:
    relation = event["content"].get("m.relates_to", {})
    return str(relation["event_id"]) if relation.get("rel_type") == "m.thread" else ""


def _moment(event: Json) -> int:
    return int(event["origin_server_ts"])


def _shown(event: Json) -> Shown:
    content = event["content"]
    words = without_joiners(content["body"])
    return Shown(event["event_id"], event["room_id"], words, thread=_thread(event), key=content.get(DELIVERY, ""))
