"""What the Mattermost of the tests holds: people, teams, channels and posts; and waiting for them to change."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Condition
from typing import Any

# 22 February 2021, 9:00 UTC, where no other clock is set; every post is a millisecond later than the one before.
EPOCH = 1_613_984_400
# From model/post.go.
LONGEST_MESSAGE, LONGEST_PROPS = 16_383, 800_000
_NOTIFY = {
    "desktop": "mention",
    "desktop_sound": "true",
    "calls_desktop_sound": "true",
    "email": "true",
    "mark_unread": "all",
    "push": "mention",
    "push_status": "away",
    "comments": "never",
    "first_name": "false",
    "channel": "true",
    "mention_keys": "",
    "highlight_keys": "",
}
_MENTION = re.compile(r"(?<![\w@.-])@([\w.-]*[\w-])")


def an_id(name: str) -> str:
    """Make an id of 26 lower-case letters and digits."""
    return f"{re.sub('[^a-z0-9]', '', name.lower()):0<26}"[:26]


@dataclass
class User:
    """An account; its ``roles`` as Mattermost writes them."""

    name: str
    roles: str = "system_user"
    is_bot: bool = False
    token: str = ""
    remote_id: str = ""

    @property
    def id(self) -> str:
        return an_id(self.name)

    def shown(self) -> dict[str, Any]:
        """Write it as JSON, as others see it."""
        zeros = dict.fromkeys(("delete_at", "last_password_update", "last_picture_update", "last_activity_at"), 0)
        empty = dict.fromkeys(("password", "auth_service", "nickname", "first_name", "last_name", "position"), "")
        return {
            "id": self.id,
            "create_at": EPOCH * 1000,
            "update_at": EPOCH * 1000,
            "username": self.name,
            "email": f"{self.name}@example.org",
            "roles": self.roles,
            "locale": "en",
            "props": {},
            "notify_props": dict(_NOTIFY),
            "mfa_active": False,
            "bot_description": "",
            "is_bot": self.is_bot,
            "terms_of_service_id": "",
            "terms_of_service_create_at": 0,
            **zeros,
            **empty,
            **({"remote_id": self.remote_id} if self.remote_id else {}),
        }


@dataclass
class Channel:
    """A channel: public (O), private (P), or the direct messages of two people (D)."""

    name: str
    kind: str = "O"
    team: str = "diracx"
    members: set[str] = field(default_factory=set)
    last_post_at: int = 0

    @property
    def id(self) -> str:
        one, _, other = self.name.partition("__")
        return an_id(f"dm{one[:11]}x{other}" if self.kind == "D" else f"ch{self.name}")

    def shown(self) -> dict[str, Any]:
        """Write it as JSON."""
        return {
            "id": self.id,
            "create_at": EPOCH * 1000,
            "update_at": EPOCH * 1000,
            "delete_at": 0,
            "team_id": an_id(self.team) if self.kind != "D" else "",
            "type": self.kind,
            "display_name": self.name if self.kind != "D" else "",
            "name": self.name,
            "header": "",
            "purpose": "",
            "last_post_at": self.last_post_at,
            "total_msg_count": 0,
            "creator_id": "",
            "scheme_id": "",
            "props": {},
            "group_constrained": False,
            "shared": False,
            "total_msg_count_root": 0,
            "last_root_post_at": self.last_post_at,
        }


@dataclass
class Post:
    """A post as it is kept, with the integrations of its buttons."""

    id: str
    user: str
    channel: str
    message: str
    at: int
    root: str = ""
    props: dict[str, Any] = field(default_factory=dict)
    kind: str = ""
    edited_at: int = 0
    deleted_at: int = 0

    def shown(self) -> dict[str, Any]:
        """Write it as JSON: what a button does is shown to nobody."""
        return {
            "id": self.id,
            "create_at": self.at,
            "update_at": max(self.at, self.edited_at, self.deleted_at),
            "edit_at": self.edited_at,
            "delete_at": self.deleted_at,
            "is_pinned": False,
            "user_id": self.user,
            "channel_id": self.channel,
            "root_id": self.root,
            "original_id": "",
            "message": self.message,
            "type": self.kind,
            "props": _without_integrations(self.props),
            "hashtags": "",
            "file_ids": [],
            "pending_post_id": "",
            "reply_count": 0,
            "last_reply_at": 0,
            "participants": None,
            "metadata": {"embeds": [], "emojis": [], "files": [], "images": {}},
        }


def _without_integrations(props: dict[str, Any]) -> dict[str, Any]:
    copied: dict[str, Any] = json.loads(json.dumps(props))
    for attachment in copied.get("attachments", ()):
        for action in attachment.get("actions", ()):
            action.pop("integration", None)
    return copied


class State:
    """All of a server's people, channels and posts; ``posted`` is called with each new post, by whoever posts it."""

    def __init__(self) -> None:
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.posts: list[Post] = []
        self.changed = Condition()
        self.clock: Callable[[], float] = lambda: float(EPOCH)
        self.posted: Callable[[Post], None] = lambda _: None
        self.told: Callable[[str, Post], None] = lambda _, __: None
        # How long a post is in no list yet, in seconds of the clock.
        self.shown_after = 0.0
        self._numbers = 0

    def add_user(self, name: str, **more: Any) -> User:
        """Add an account."""
        user = User(name, **more)
        self.users[user.id] = user
        return user

    def add_channel(self, name: str, *members: User, kind: str = "O") -> Channel:
        """Add a channel with its members."""
        channel = Channel(name, kind, members={each.id for each in members})
        self.channels[channel.id] = channel
        return channel

    def direct(self, one: str, other: str) -> Channel:
        """Return the direct messages of two people; they are there from the first time on."""
        name = "__".join(sorted((one, other)))
        found = next((each for each in self.channels.values() if each.name == name), None)
        if found is None:
            found = Channel(name, "D", members={one, other})
            self.channels[found.id] = found
        return found

    def number(self) -> int:
        """Return the next number."""
        with self.changed:
            self._numbers += 1
            return self._numbers

    def now(self) -> int:
        """Return the time in milliseconds, another at each call within a second."""
        return int(self.clock() * 1000)

    def add(self, user: str, channel: str, message: str, root: str = "", props: dict[str, Any] | None = None) -> Post:
        """Keep a post, and tell of it."""
        with self.changed:
            number = self.number()
            by_bot = {"from_bot": "true"} if self.users[user].is_bot else {}
            at = max(self.now(), self.channels[channel].last_post_at + 1)
            post = Post(an_id(f"post{number:022d}"), user, channel, message, at, root, {**(props or {}), **by_bot})
            self.posts.append(post)
            self.channels[channel].last_post_at = at
            self.changed.notify_all()
            self.posted(post)
        return post

    def edit(self, post: Post, message: str) -> None:
        """Edit a post, and tell of it."""
        with self.changed:
            post.message, post.edited_at = message, max(self.now(), post.at + 1)
            self.changed.notify_all()
            self.told("post_edited", post)

    def delete(self, post: Post) -> None:
        """Delete a post, and tell of it."""
        with self.changed:
            post.deleted_at = max(self.now(), post.at + 1)
            self.changed.notify_all()
            self.told("post_deleted", post)

    def post(self, number: str) -> Post | None:
        """Find a post that is not deleted."""
        return next((each for each in self.posts if each.id == number and not each.deleted_at), None)

    def mentioned(self, post: Post) -> set[str]:
        """Return whom a post mentions, as Mattermost tells it: with all members for @all and @channel."""
        channel = self.channels[post.channel]
        names = {name.lower() for name in _MENTION.findall(post.message)}
        found = {each.id for each in self.users.values() if each.name in names}
        if names & {"all", "channel", "here"}:
            found |= channel.members
        if channel.kind == "D":
            found |= channel.members
        return (found & channel.members) - {post.user}

    def wait(self, is_so: Callable[[], bool], seconds: float) -> bool:
        """Wait until something is so; False when it is not within the time."""
        with self.changed:
            return self.changed.wait_for(is_so, seconds)
