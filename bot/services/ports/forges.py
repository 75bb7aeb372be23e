"""What the use cases need of a forge, and the errors that it may give."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Protocol

from bot.domain.certification.evidence import EvidenceUpdate
from bot.domain.errors import ForgeError
from bot.domain.organisations import Listed
from bot.domain.polling.budget import Limit, Price
from bot.domain.polling.record import PollDepth
from bot.domain.tags import TagDetails, TagRef
from bot.domain.values import dataclass
from bot.services.ports.health import ForgeHealth


class RepositoryNotFound(ForgeError):
    """The forge knows no such repository, or hides it from this token."""


class TokenRefused(ForgeError):
    """The forge rejected the token, or requires one."""


class AnotherRepository(ForgeError):
    """Another repository is at the path than the one that was watched there."""


class RateLimited(ForgeError):
    """The rate limit is exceeded until ``retry_at`` (UTC, None where the forge did not say)."""

    def __init__(self, where: str, what: str, hint: str = "", *, retry_at: datetime | None = None) -> None:
        super().__init__(where, what, hint)
        self.retry_at = retry_at

    @property
    def retry(self) -> str:
        """Return when a command's user can run it again."""
        return "run it again after that" if self.retry_at else "run it again later"


class ForgeUnavailable(ForgeError):
    """The forge did not respond, or with a server error or something unreadable."""

    @property
    def retry(self) -> str:
        """Return what a command's user can do after the hint, if there is one, or instead of it."""
        return "run it again after that" if self.hint else "run it again"


@dataclass(frozen=True, slots=True)
class Known:
    """What is recorded of a repository's tags.

    ``refs`` are those of the present ones by name, ``details`` the details of those among
    them whose details are known, ``gone`` the names of tags that vanished.
    """

    refs: Mapping[str, TagRef] = field(default_factory=dict)
    details: Mapping[str, TagDetails] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()


@dataclass(frozen=True)
class PollRequest:
    """What to ask a forge about one repository.

    ``validator`` is what the last complete answer gave, ``head`` what the last quick
    look saw or where a full one ended, both None to ask without condition. ``is_detailed`` says that the details
    of every tag that is known are known too. ``recall`` reads what is known, and is
    called only where it matters: a forge with a thousand repositories,
    nearly all of them unchanged, needs none of their histories. Details are looked up
    for those tags alone that are not ``detailed`` yet for their very target; where
    not all can be had at once, the highest ``rank`` (of a tag's name; the newest
    version ranks highest) comes first. ``identity`` is the forge's own id of the
    repository, empty while it is not known; ``is_contested`` says that another one was
    found at the path by the last poll, ``may_be_known`` that the history of a repository whose path changed may be
    continued by this first poll, which only the id tells.
    """

    path: str
    look: PollDepth = PollDepth.COMPLETE
    validator: str | None = None
    head: str | None = None
    is_detailed: bool = False
    identity: str = ""
    is_contested: bool = False
    may_be_known: bool = False
    recall: Callable[[], Known] = Known
    rank: Callable[[str], str] = str

    @property
    def full(self) -> bool:
        """Return whether everything is to be read again, details included."""
        return self.look is PollDepth.FULL

    def wants_identity(self, refs: Sequence[TagRef] | None) -> bool:
        """Return whether the forge's own id is needed before these refs are believed; None are unchanged ones."""
        if self.full or self.is_contested or self.may_be_known:
            return True
        return refs is not None and set(refs) != set(self.known.values())

    @cached_property
    def _held(self) -> Known:
        return self.recall()

    @property
    def known(self) -> Mapping[str, TagRef]:
        """Return the refs recorded as present, by name."""
        return self._held.refs

    @property
    def details(self) -> Mapping[str, TagDetails]:
        """Return the recorded details of those among them whose details are known for that very target, by name."""
        return self._held.details

    @property
    def detailed(self) -> AbstractSet[str]:
        """Return the names among them whose details are known for that very target."""
        return self._held.details.keys()

    @property
    def gone(self) -> frozenset[str]:
        """Return the names of tags that were there once."""
        return self._held.gone


@dataclass(frozen=True, slots=True)
class PollAnswer:
    """What a forge said about one repository.

    ``refs`` are all its tags, None where nothing changed: as far as the ``look`` tells
    that was taken, which may be a deeper one than was asked for, or a complete one where
    a full one could not be finished. ``details`` are by
    tag name, for as many tags as were looked up. ``validator`` and ``head`` are to be
    given with the next request; None keeps the ones that are held.
    ``requests`` counts the requests made, answered or not. With an ``error``,
    ``refs`` is None and nothing is to be recorded but the error.
    ``notice`` is something to tell the maintainers that is not an error. ``renamed`` tells
    that the forge knows the repository by another path, empty where it does not, None
    where the look cannot tell. ``identity`` is the forge's own id of the repository that
    answered, empty where it has none or was not asked for it. ``undated_because`` says why
    dates are missing, empty where none is, None where none was looked up.
    """

    path: str
    refs: tuple[TagRef, ...] | None = None
    details: Mapping[str, TagDetails] = field(default_factory=dict)
    validator: str | None = None
    requests: int = 0
    error: ForgeError | None = None
    notice: str = ""
    look: PollDepth = PollDepth.COMPLETE
    head: str | None = None
    renamed: str | None = None
    identity: str = ""
    undated_because: str | None = None


@dataclass(frozen=True, slots=True)
class EvidenceRequest:
    """What to ask a forge about the certifications of one repository.

    ``labels`` name the issues that are wanted. Pull requests are wanted if opened at
    or after ``since``. ``validators`` are those of the last answer, by list.
    """

    path: str
    since: datetime
    labels: tuple[str, ...] = ()
    milestones: bool = True
    validators: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EvidenceAnswer(EvidenceUpdate):
    """What a forge said of evidence, in so many ``requests``. With an ``error`` nothing is to be recorded."""

    requests: int = 0
    error: ForgeError | None = None


@dataclass(frozen=True, slots=True)
class NotesRequest:
    """Which text to read of one release: a file at its tag, or what the forge's release says if ``file`` is empty.

    ``target`` is the object that the tag names, ``commit`` the one that it finally points to, None if not known.
    """

    path: str
    tag: str
    target: str
    commit: str | None = None
    file: str = ""


@dataclass(frozen=True, slots=True)
class NotesAnswer:
    """The text, of at most four megabytes; None if there is no such file, no release of the tag, or no text in it.

    With an ``error`` nothing is known of it.
    """

    path: str
    text: str | None = None
    requests: int = 0
    error: ForgeError | None = None


class Forge(Protocol):
    """A host of git repositories: asked for many at once, so that it may batch them."""

    def poll(self, requests: Sequence[PollRequest]) -> Iterator[PollAnswer]:
        """Answer each request once, in any order; never raise for one repository's trouble."""
        ...

    def evidence(self, request: EvidenceRequest) -> EvidenceAnswer:
        """Return a repository's milestones, labelled issues and pull requests; errors are in the answer, not raised."""
        ...

    def notes(self, request: NotesRequest) -> NotesAnswer:
        """Return the text of a release's notes; errors are in the answer, not raised."""
        ...

    def organisation(self, path: str) -> Sequence[Listed]:
        """List the repositories of an organisation, a user, or a group with the groups in it. Raises ForgeError."""
        ...

    def prices(self) -> Sequence[Price]:
        """Return what each depth of poll costs of each of the forge's limits."""
        ...

    def limits(self) -> Sequence[Limit]:
        """Return the limits that the last responses reported."""
        ...

    def clock_offset(self) -> timedelta:
        """Return how far its clock is ahead of ours, by its last answers; zero where it tells no time."""
        ...

    def health(self) -> ForgeHealth:
        """Ask what it says of itself and of the token. Raises ForgeError where it does not answer or refuses it."""
        ...

    def close(self) -> None:
        """Close the connections."""
        ...
