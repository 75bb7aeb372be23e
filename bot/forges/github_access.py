"""What GitHub is asked with: a token that stays, or one that an App gets for itself each hour."""

from dataclasses import dataclass
from typing import Protocol

from bot.forges.github_wire import Asking


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do where GitHub refuses: the token itself, something to the token, or to show a repository at all."""

    refused: str
    forbidden: str
    unseen: str


class Access(Protocol):
    """Gives the token of each question; all clients of one GitHub share it, in many threads."""

    @property
    def advice(self) -> Advice:
        """What to do about GitHub's refusals."""
        ...

    def token(self, asking: Asking) -> str:
        """Give the token to ask with now; requests that it takes are counted. Raises ForgeError."""
        ...

    def forget(self, token: str) -> bool:
        """Take up that GitHub refused a token, and say whether there may be another one."""
        ...


class FixedToken:
    """A personal, fine-grained or other token, as it stands in the environment."""

    advice = Advice(
        refused="make a new one and put it into the environment",
        forbidden="check what the token may see",
        unseen="check the path; a private repository needs a token that may see it",
    )

    def __init__(self, token: str) -> None:
        self._token = token

    def token(self, asking: Asking) -> str:  # noqa: ARG002 - it takes no request
        """Give the token."""
        return self._token

    def forget(self, token: str) -> bool:  # noqa: ARG002 - as every token
        """Say that there is no other one."""
        return False
