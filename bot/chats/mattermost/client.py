"""The Mattermost client: posts each message at most once, and finds its own again by a property of the post."""

import json
import logging
import math
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from threading import Lock
from typing import Any
from urllib.parse import quote

from bot.chats.mattermost.actions import Actions
from bot.chats.mattermost.api import Answer, MattermostApi
from bot.chats.mattermost.messages import (
    Button,
    MattermostMessage,
    MattermostReply,
    render_announcement,
    render_digest,
    render_text,
)
from bot.domain.digests.delivery import Frozen, Posted, Reply
from bot.domain.digests.digest import Digest
from bot.domain.subscriptions import Announcement
from bot.domain.values import dataclass
from bot.network.exchange import ending_by
from bot.services.ports import ChatDoubtful, ChatHealth, ChatRefused, CommandButton, Search

_log = logging.getLogger(__name__)

# The property of a post with the key of the delivery that it carries.
DELIVERY = "release_bot_delivery"
# What stands before the id of a person whose direct messages are meant.
_DIRECT = "@"
_ID = re.compile("[a-z0-9]{26}")
# The largest page that Mattermost gives.
_PAGE = 200
# How many posts of a channel are read again after a gap.
_MOST_MISSED = 5_000
# The time-out for Mattermost's clock, which is read before each post, in seconds.
_CLOCK_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Person:
    """An account: its id and name, whether it is a bot's, and whether it is a guest or of another organisation."""

    id: str
    name: str
    is_bot: bool = False
    is_guest: bool = False

    @classmethod
    def read(cls, user: Mapping[str, Any]) -> "Person":
        """Return a person from Mattermost's JSON of a user."""
        return cls(
            str(user.get("id") or ""),
            str(user.get("username") or ""),
            is_bot=bool(user.get("is_bot")),
            is_guest="system_guest" in str(user.get("roles") or "").split() or bool(user.get("remote_id")),
        )


class MattermostClient:
    """A client of one server, as the bot whose token ``api`` has; ``actions`` are the buttons, None without any."""

    def __init__(self, api: MattermostApi, *, actions: Actions | None = None) -> None:
        self.api = api
        self._actions = actions
        self._guard = Lock()
        self._channels: dict[str, str] = {}

    @cached_property
    def me(self) -> Person:
        """Return the bot's own account. Raises ChatUnavailable, ChatRefused."""
        return self._read_me()[0]

    def freeze(self, channel: str, digest: Digest) -> Frozen:
        """Return the frozen message of a digest, the same for every channel."""
        del channel
        return _frozen(render_digest(digest, with_buttons=self._actions is not None))

    def freeze_announcement(self, channel: str, announcement: Announcement) -> Frozen:
        """Return the frozen message of an announcement, the same for every channel."""
        del channel
        return _frozen(render_announcement(announcement, is_answered=True))

    def clock(self, channel: str) -> datetime | None:
        """Return Mattermost's time, which every response has; None without a response."""
        del channel
        with ending_by(time.monotonic() + _CLOCK_SECONDS):
            return self.api.date()

    def post(
        self, channel: str, message: str, key: str, deadline: float = math.inf, *, thread: str | None = None
    ) -> Posted:
        """Post a frozen message with the delivery's key in its properties. Raises ChatError."""
        frozen = json.loads(message)
        buttons = tuple(Button(label, words) for label, words in frozen.get("buttons") or ())
        with ending_by(deadline):
            found = self.channel_id(channel)
            return self.create(channel, found, MattermostMessage(frozen["text"], buttons), thread or "", key=key)

    def create(
        self, where: str, channel: str, message: MattermostMessage, thread: str = "", *, key: str = ""
    ) -> Posted:
        """Post a message to a channel by its id, or under another message there. Raises ChatError."""
        properties: dict[str, Any] = {DELIVERY: key} if key else {}
        if message.buttons and self._actions is not None:
            properties["attachments"] = self._actions.attachments(message.buttons)
        body = {"channel_id": channel, "message": message.text, "root_id": thread, "props": properties}
        created = self.api.send(where, "POST", "/posts", body).table
        if not created.get("id"):
            raise ChatDoubtful(where, "Mattermost's response has no message id")
        return Posted(str(created.get("channel_id") or channel), str(created["id"]))

    def find(self, channel: str, key: str, since: datetime | None, *, thread: str | None = None) -> Search:
        """Search a channel's posts for a delivery's key, newest first, back to a time by Mattermost's clock.

        The first page is always searched completely; a channel's posts include the replies in its threads. Raises
        ChatUnavailable; ChatRefused if the bot may not read the channel.
        """
        found, me = self.channel_id(channel), self.me.id
        at: datetime | None = None
        for answer, posts in self._pages(channel, found):
            at = at or answer.at
            for post in posts:
                if post.get("user_id") == me and _key_of(post) == key and _is_in(thread, post):
                    return Search(Posted(found, str(post.get("id"))), at)
            if since is not None and posts and _sent_at(posts[-1]) < since.timestamp():
                break
        return Search(None, at or self.api.date())

    def delete(self, channel: str, posted: Posted) -> None:
        """Delete one of the bot's own messages. Raises ChatError."""
        self.api.read(channel, "DELETE", f"/posts/{quote(posted.message, safe='')}")

    def health(self) -> ChatHealth:
        """Return the bot's identity and its channels. Raises ChatError."""
        me, at = self._read_me()
        teams = {str(each.get("id")): str(each.get("name")) for each in self._teams()}
        channels: set[str] = set()
        for each in self.channels():
            names = (str(each.get("id")), f"{teams.get(str(each.get('team_id')), '')}/{each.get('name')}")
            channels.update(names)
        known = ", ".join(sorted(teams.values())) or "no team"
        return ChatHealth(f"{me.name} in {known}", at, (), frozenset(channels))

    def direct_message(self, user: str, text: str, buttons: Sequence[CommandButton] = ()) -> None:
        """Write to one person, by id or user name. Raises ChatError."""
        person = user if _ID.fullmatch(user) else self.person_named(user).id
        message = render_text(text, buttons if self._actions is not None else ())
        self.create(user, self.channel_id(f"{_DIRECT}{person}"), message)

    def identify(self, channel: str) -> str:
        """Return a channel's id; direct messages stay ``@USER``. Raises ChatError."""
        return channel if channel.startswith(_DIRECT) else self.channel_id(channel)

    def channel_id(self, channel: str) -> str:
        """Return the id of a channel, TEAM/CHANNEL or an id, or of the direct messages to a person, @ID.

        Raises ChatUnavailable, ChatRefused.
        """
        if _ID.fullmatch(channel):
            return channel
        with self._guard:
            known = self._channels.get(channel)
        if known is None:
            known = self._look_up(channel)
            with self._guard:
                self._channels[channel] = known
        return known

    def _look_up(self, channel: str) -> str:
        if channel.startswith(_DIRECT):
            # Where it is there already, it is returned.
            opened = self.api.read(channel, "POST", "/channels/direct", [self.me.id, channel.removeprefix(_DIRECT)])
            return _id_in(channel, opened)
        team, slash, name = (quote(part, safe="") for part in channel.partition("/"))
        if not (team and slash and name):
            what = "a channel of Mattermost is written TEAM/CHANNEL, as in the URL of its page, or by its id"
            raise ChatRefused(channel, what, "write it so in the digest's channel")
        return _id_in(channel, self.api.get(channel, f"/teams/name/{team}/channels/name/{name}"))

    def person(self, user: str) -> Person:
        """Return a person by id. Raises ChatUnavailable, ChatRefused."""
        return Person.read(self.api.get(self.api.table, f"/users/{quote(user, safe='')}").table)

    def person_named(self, name: str) -> Person:
        """Return a person by user name. Raises ChatUnavailable; ChatRefused if there is none."""
        found = self.api.get(name, f"/users/username/{quote(name.lower(), safe='')}").table
        if not found.get("id"):
            raise ChatRefused(name, "there is no user of this name", "check the maintainers")
        return Person.read(found)

    def channels(self) -> list[Mapping[str, Any]]:
        """Return all channels that the bot is in, direct messages among them. Raises ChatUnavailable, ChatRefused."""
        return self.api.get(self.api.table, f"/users/{self.me.id}/channels").tables

    def read_post(self, post: str) -> Mapping[str, Any]:
        """Return a post. Raises ChatUnavailable, ChatRefused."""
        return self.api.get(self.api.table, f"/posts/{quote(post, safe='')}").table

    def posts_since(self, channel: str, moment: int) -> list[Mapping[str, Any]]:
        """Return what was posted to a channel after a moment in milliseconds, oldest first, without what was deleted.

        Read by pages, newest first: one request by ``since`` gives any 1,000 of them. Of more than ``_MOST_MISSED`` the
        newest are returned. Raises ChatUnavailable, ChatRefused.
        """
        new: list[Mapping[str, Any]] = []
        for _, posts in self._pages(channel, channel):
            new += [each for each in posts if _number(each, "create_at") > moment and not _number(each, "delete_at")]
            if not posts or _number(posts[-1], "create_at") <= moment:
                break
            if len(new) >= _MOST_MISSED:
                _log.warning("%s: more than %d posts were missed; older ones are not read", channel, len(new))
                break
        return sorted(new, key=lambda each: _number(each, "create_at"))

    def _read_me(self) -> tuple[Person, datetime | None]:
        answer = self.api.get(self.api.table, "/users/me")
        return Person.read(answer.table), answer.at

    def _teams(self) -> list[Mapping[str, Any]]:
        return self.api.get(self.api.table, f"/users/{self.me.id}/teams").tables

    def _pages(self, where: str, channel: str) -> Iterator[tuple[Answer, list[Mapping[str, Any]]]]:
        """Yield the pages of a channel's posts, newest first; each goes on before the last post of the one before."""
        query: dict[str, object] = {"per_page": _PAGE, "page": 0}
        while True:
            answer = self.api.get(where, f"/channels/{quote(channel, safe='')}/posts", **query)
            posts = _posts_of(answer)
            yield answer, posts
            if len(posts) < _PAGE:
                return
            query = {"per_page": _PAGE, "before": str(posts[-1].get("id"))}


def _posts_of(answer: Answer) -> list[Mapping[str, Any]]:
    """Return the posts of a list in its order."""
    order, posts = answer.table.get("order"), answer.table.get("posts")
    if not isinstance(order, list) or not isinstance(posts, dict):
        return []
    return [posts[each] for each in order if isinstance(posts.get(each), dict)]


def _key_of(post: Mapping[str, Any]) -> str | None:
    """Return the delivery's key in a post, or None."""
    properties = post.get("props")
    key = properties.get(DELIVERY) if isinstance(properties, dict) else None
    return key if isinstance(key, str) else None


def _is_in(thread: str | None, post: Mapping[str, Any]) -> bool:
    """Return whether a post is in a thread, which begins with its first message; in none for None."""
    root = post.get("root_id") or None
    return root is None if thread is None else thread in (root, post.get("id"))


def _sent_at(post: Mapping[str, Any]) -> float:
    """Return when a post was made, in seconds since 1970; infinity if it does not say."""
    return _number(post, "create_at") / 1000 or math.inf


def _number(post: Mapping[str, Any], key: str) -> int:
    value = post.get(key)
    return value if isinstance(value, int) else 0


def _id_in(channel: str, answer: Answer) -> str:
    found = answer.table.get("id")
    if not isinstance(found, str) or not _ID.fullmatch(found):
        raise ChatRefused(channel, "Mattermost's response has no channel id", "check base_url")
    return found


def _frozen(message: MattermostMessage) -> Frozen:
    replies = tuple(Reply(_as_json(each), each.named) for each in message.replies)
    return Frozen(_as_json(message), message.unnamed, replies)


def _as_json(message: MattermostMessage | MattermostReply) -> str:
    """Return a message as it is kept in the database; the secret of its buttons is not part of it."""
    buttons = [[each.label, each.words] for each in message.buttons] if isinstance(message, MattermostMessage) else []
    return json.dumps({"text": message.text, **({"buttons": buttons} if buttons else {})}, ensure_ascii=False)
