"""What the configuration has to know of a kind of forge: its addresses, its paths, its pages, and how it is built."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from bot.domain.values import dataclass

if TYPE_CHECKING:
    from bot.services.ports import Forge, HookFormat

# An API of a GitHub's or a GitLab's, and what is asked below it.
API_PATH = re.compile(r"/api(/(v[0-9]+|graphql)(/.*)?)?$", re.IGNORECASE)
# Reserves requests of a resource, of the most in a minute: (resource, count, most) to the seconds to wait, 0 for none.
Reserve = Callable[[str, int, int], float]


@dataclass(frozen=True, slots=True)
class AppCredentials:
    """What a GitHub App signs with: its id and private key (PEM); ``installation`` is None for its only one."""

    id: int
    installation: int | None
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ForgeOptions:
    """What a forge is built with: its name in errors, its address, a token or an App's credentials, and the clock.

    ``most_a_minute`` is how many requests it is sent in any minute, None for as many as its kind allows; ``reserve``
    takes turns with the other processes of the same token. ``ca_file`` holds certificate authorities to trust,
    ``variables`` are the environment.
    """

    name: str
    address: str
    credentials: str | AppCredentials | None = field(repr=False)
    now: Callable[[], datetime]
    most_a_minute: int | None = None
    ca_file: Path | None = None
    reserve: Reserve | None = None
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def token(self) -> str | None:
        """Return the token, None without one."""
        return self.credentials if isinstance(self.credentials, str) else None


@dataclass(frozen=True, slots=True)
class PathFault:
    """Why a forge has no repository of a path, and what to do; ``right`` is the path that is meant, where it is.

    ``what`` is said of the path, and begins with a verb.
    """

    what: str
    hint: str
    right: str = ""


class Site(ABC):
    """A kind of forge. One that needs an address has no ``public_address``; ``hosts`` are those of public forges.

    ``is_web`` says that it is queried over HTTP only, ``has_webhooks`` that it sends webhooks, ``has_organisations``
    that it lists the repositories of owners, ``limits_requests`` that it allows more of them with a token.
    """

    kind: ClassVar[str]
    public_address: ClassVar[str] = ""
    hosts: ClassVar[frozenset[str]] = frozenset()
    is_web: ClassVar[bool] = True
    has_organisations: ClassVar[bool] = True
    has_webhooks: ClassVar[bool] = True
    limits_requests: ClassVar[bool] = True

    @abstractmethod
    def connect(self, options: ForgeOptions) -> "Forge":
        """Build the forge; nothing is sent yet."""
        ...

    def webhooks(self) -> "HookFormat":
        """Return how its webhooks are signed and read; only one that has webhooks is asked for it."""
        raise NotImplementedError

    def right_address(self, address: str) -> str:
        """Return the API address of such a forge: the given one, or its obvious correction."""
        return address

    def may_lack_path(self, _address: str) -> bool:
        """Return whether an address may be that of the forge's pages, and its API be at a path below it."""
        return False

    def path_fault(self, path: str) -> PathFault | None:
        """Return why no repository can have a path, None where one can."""
        return owned_path_fault(path)

    def page(self, _address: str, _path: str) -> str:
        """Return the address of a repository's page, empty where there are none."""
        return ""

    def tag_page(self, _address: str, _path: str) -> str:
        """Return the address of a tag's page, with ``{tag}`` in it; empty where there are none."""
        return ""

    def pull_page(self, _address: str, _path: str) -> str:
        """Return the address of a pull request's page, with ``{number}`` in it; empty where there are none."""
        return ""

    def comparison_page(self, _address: str, _path: str) -> str:
        """Return the address of the comparison of two tags, ``{before}`` and ``{after}``; empty where there is none."""
        return ""

    def file_page(self, _address: str, _path: str, _file: str) -> str:
        """Return the address of a file's page at a tag, with ``{tag}`` in it; empty where there are none."""
        return ""


def owned_path_fault(path: str) -> PathFault | None:
    """Return why no repository can have a path where every one has an owner, None where one can."""
    if "/" not in path:
        return PathFault("is not a repository path", 'use OWNER/NAME, such as "DIRACGrid/DIRAC"')
    if path.endswith(".git"):
        return PathFault("is a clone URL, not a path", "leave out .git", path.removesuffix(".git"))
    return None
