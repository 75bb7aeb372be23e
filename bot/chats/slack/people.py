"""Who of a workspace is a guest: a message does not say it, so people are looked up once in a while."""

from collections import OrderedDict
from threading import Lock
from time import monotonic
from urllib.error import URLError

from slack_sdk.errors import SlackApiError

from bot.chats.slack.web_client import BoundedWebClient

# How long what is known of somebody is used, in seconds, and of how many people.
_FRESH, _MOST = 300.0, 5_000
# Single-channel and multi-channel guests, and people of other workspaces (users.info).
_LIMITED = ("is_restricted", "is_ultra_restricted", "is_stranger")


class People:
    """What is known of the people of a workspace; thread-safe."""

    def __init__(self) -> None:
        self._guard = Lock()
        self._known: OrderedDict[str, tuple[float, bool]] = OrderedDict()

    def is_guest(self, client: BoundedWebClient, user: str) -> bool:
        """Return whether a person is a guest, False where Slack does not tell: without the scope users:read."""
        with self._guard:
            at, is_guest = self._known.get(user, (-_FRESH, False))
        if monotonic() - at < _FRESH:
            return is_guest
        try:
            person = client.users_info(user=user).get("user") or {}
        except (SlackApiError, URLError, OSError):
            person = {}
        is_guest = any(person.get(key) is True for key in _LIMITED)
        with self._guard:
            self._known[user] = (monotonic(), is_guest)
            self._known.move_to_end(user)
            while len(self._known) > _MOST:
                self._known.popitem(last=False)
        return is_guest
