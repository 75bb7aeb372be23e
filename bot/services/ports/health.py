"""What a forge and a chat say of themselves, and of the bot's tokens."""

from collections.abc import Callable, Mapping
from datetime import datetime

from bot.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class AppHealth:
    """A forge's answer on the GitHub App in use: its name, whose installation, and its permissions (read, write)."""

    name: str
    installation: str
    permissions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ForgeHealth:
    """What a forge that answered says; None for what it does not tell.

    ``clock`` is its own time, ``scopes`` what the token may do, ``expires_at`` until when it may. ``app`` is there
    where the forge is queried as an App: what it may is not a matter of a token then.
    """

    clock: datetime | None = None
    scopes: tuple[str, ...] | None = None
    expires_at: datetime | None = None
    app: AppHealth | None = None


@dataclass(frozen=True, slots=True)
class ChatHealth:
    """What a chat that answered says: as whom it knows the bot, what the bot may do, and where it is.

    ``clock`` is its own time, ``scopes`` are None where it does not tell, ``missing`` those
    that the bot needs and lacks, ``hint`` how it gets them, ``channels`` the names and ids
    of the channels that it is in. Where that does not say whether the bot can post to a channel, ``trouble_in`` asks
    the chat, and returns what is in the way and how to fix it, None where nothing is.
    """

    bot: str
    clock: datetime | None
    missing: tuple[str, ...]
    channels: frozenset[str]
    hint: str = ""
    trouble_in: Callable[[str], tuple[str, str] | None] | None = None
