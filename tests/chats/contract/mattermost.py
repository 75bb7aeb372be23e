"""Mattermost's fake as one of the chats of the contract."""

import re
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime

from bot.chats.mattermost.client import DELIVERY
from bot.demo.recorded.server import Drop, Response
from bot.services.ports import ChatClient
from bot.store.store import Store
from tests.chats.contract.world import Said, Shown, without_joiners
from tests.chats.mattermost.fake.state import Post, User
from tests.chats.mattermost.fake_mattermost import COMMAND_TOKEN, POSTS, TOKEN, FakeMattermost
from tests.chats.mattermost.hosts import CHANNEL_NAME, NAME, client_of, listening
from tests.chats.slack.fake.failures import Failure

_LINK = re.compile(r"(?<!\\)\[((?:\\.|[^\]\\])*)\]\([^()]*\)")


class MattermostWorld:
    """A server, with the bot connected by the web socket, and served for commands and buttons."""

    name = NAME
    has_buttons = True
    channel_name = CHANNEL_NAME
    secrets: tuple[str, ...] = (TOKEN, COMMAND_TOKEN)

    def __init__(self, mattermost: FakeMattermost) -> None:
        self.mattermost = mattermost
        self.channel = mattermost.channel.id
        self.asker, self.maintainer = mattermost.asker.id, mattermost.maintainer.id
        self.strangers: Sequence[str] = (mattermost.guest.id,)
        self._said: dict[str, Post] = {}

    def client(self) -> ChatClient:
        return client_of(self.mattermost)

    def listening(self, store: Store) -> AbstractContextManager[object]:
        return listening(self.mattermost, store)

    def mention(self, text: str, by: str = "", thread: str = "") -> Said:
        return self._post(self.mattermost.say(self._user(by), self.mattermost.channel, f"@release-bot {text}", thread))

    def direct_message(self, text: str, by: str = "", thread: str = "") -> Said:
        user = self._user(by)
        return self._post(self.mattermost.say(user, self.mattermost.direct(user), text, thread))

    def press(self, label: str, on: Shown, by: str = "") -> Said:
        post = self.mattermost.state.post(on.id)
        assert post is not None
        since = len(self.mattermost.messages)
        actions = [each for part in post.props["attachments"] for each in part["actions"]]
        action = next(each["id"] for each in actions if each["name"] == label)
        self.mattermost.press(post, action, self._user(by))
        return Said("", self._answers(lambda: self.mattermost.messages[since:]))

    def again(self, said: Said) -> None:
        self.mattermost.socket.posted(self._said[said.id])

    def edit(self, said: Said, text: str) -> None:
        self.mattermost.state.edit(self._said[said.id], f"@release-bot {text}")

    def shown(self) -> list[Shown]:
        return [_shown(each) for each in self.mattermost.messages]

    def wait(self, is_so: Callable[[], bool], seconds: float = 20) -> bool:
        return self.mattermost.wait(is_so, seconds)

    def set_time(self, at: datetime) -> None:
        self.mattermost.state.clock = at.timestamp

    def drop_after_taking(self) -> None:
        self.mattermost.fail_next(Failure(Drop(), taken=True, path=f"POST {POSTS}"))

    def be_down(self) -> None:
        self.mattermost.interceptor = lambda _: Response.text(503, "<html>down</html>")

    def be_up(self) -> None:
        self.mattermost.interceptor = None

    def drop_connection(self, *, is_back: bool = True) -> None:
        greeted = self.mattermost.socket.accepted
        self.mattermost.socket.drop()
        if is_back:
            self.mattermost.socket.wait(greeted + 1)

    def people(self, count: int) -> list[str]:
        found = [self.mattermost.state.add_user(f"person{number:03d}x") for number in range(count)]
        self.mattermost.channel.members.update(each.id for each in found)
        return [each.id for each in found]

    def _user(self, number: str) -> User:
        return self.mattermost.state.users[number or self.asker]

    def _post(self, post: Post) -> Said:
        said = Said(post.id, self._answers(lambda: self.mattermost.answers_to(post)))
        self._said[post.id] = post
        return said

    def _answers(self, find: Callable[[], list[Post]]) -> Callable[[int, float], list[Shown]]:
        def answers(count: int, seconds: float) -> list[Shown]:
            is_answered = self.mattermost.wait(lambda: len(find()) >= count, seconds)
            assert is_answered, f"{len(find())} answers in {seconds} s instead of {count}: {find()}"
            return [_shown(each) for each in find()]

        return answers


def _shown(post: Post) -> Shown:
    actions = [each for part in post.props.get("attachments", ()) for each in part["actions"]]
    shown = Shown(post.id, post.channel, plain(post.message), thread=post.root, key=post.props.get(DELIVERY, ""))
    return replace(shown, buttons=tuple(each["name"] for each in actions))


def plain(text: str) -> str:
    """Read a post as people see it."""
    words = _LINK.sub(r"\1", text).replace("**", "")
    return without_joiners(re.sub(r"\\(.)", r"\1", words))
