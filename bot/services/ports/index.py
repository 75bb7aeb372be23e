"""What the use cases need of a package index, and the error that it may give."""

from collections.abc import Sequence
from typing import Protocol

from bot.domain.errors import BotError
from bot.domain.package_index import IndexVersion
from bot.domain.values import dataclass


class IndexUnavailable(BotError):
    """A package index could not be read; ``where`` is the project, as in ``pypi:DIRAC``."""

    may_pass = True


@dataclass(frozen=True, slots=True)
class IndexAnswer:
    """The versions of a project, None where they are the same as when ``validator`` was given."""

    versions: Sequence[IndexVersion] | None
    validator: str | None = None


class PackageIndex(Protocol):
    """A package index, such as PyPI."""

    def read(self, project: str, validator: str | None = None) -> IndexAnswer:
        """Read the versions of a project, if they changed since ``validator``. Raises IndexUnavailable."""
        ...

    def close(self) -> None:
        """Close the connections."""
        ...
