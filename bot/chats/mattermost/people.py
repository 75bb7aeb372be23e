"""Who wrote to the bot: people are looked up once in a while, for a message says neither who is a guest nor a bot."""

from collections import OrderedDict
from threading import Lock
from time import monotonic

from bot.chats.mattermost.client import MattermostClient, Person

# How long what is known of somebody is used, in seconds, and of how many people.
_FRESH, _MOST = 60.0, 5_000


class People:
    """What is known of people; thread-safe."""

    def __init__(self, client: MattermostClient) -> None:
        self._client = client
        self._guard = Lock()
        self._known: OrderedDict[str, tuple[float, Person]] = OrderedDict()

    def get(self, user: str) -> Person:
        """Return a person by id. Raises ChatUnavailable, ChatRefused."""
        with self._guard:
            at, person = self._known.get(user, (0.0, None))
        if person is not None and monotonic() - at < _FRESH:
            return person
        person = self._client.person(user)
        with self._guard:
            self._known[user] = (monotonic(), person)
            self._known.move_to_end(user)
            while len(self._known) > _MOST:
                self._known.popitem(last=False)
        return person
