"""What the use cases need of the outside: forges, the store, the chat; and the errors that each may give."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.domain.digests import Digest
from bot.domain.errors import BotError
from bot.domain.hints import PullRequest
from bot.domain.milestones import MilestoneChange, ReportedMilestone
from bot.domain.periods import Period
from bot.domain.polls import PollChanges
from bot.domain.releases import Release
from bot.domain.tags import Tag, TagDetails, TagEvent, TagRef


class ForgeError(BotError):
    """One repository could not be polled; ``where`` is the repository, never a secret in the text."""


class RepositoryNotFound(ForgeError):
    """The forge knows no such repository, or hides it from this token."""


class TokenRefused(ForgeError):
    """The forge refused the token, or asks for one."""


class RateLimited(ForgeError):
    """The forge wants no more requests before ``retry_at`` (UTC, None where it did not say)."""

    def __init__(self, where: str, what: str, hint: str = "", *, retry_at: datetime | None = None) -> None:
        super().__init__(where, what, hint)
        self.retry_at = retry_at


class ForgeUnavailable(ForgeError):
    """The forge did not answer, answered with an error of its own, or with something unreadable."""


@dataclass(frozen=True, slots=True)
class PollRequest:
    """What to ask a forge about one repository.

    ``validator`` is what the last complete answer gave, None to ask without
    condition. ``known`` are the refs recorded as present, by name, and ``detailed``
    the names among them whose details are known for that very target: a forge
    looks up only the others. A forge that cannot look up all at once begins with
    the highest ``rank`` (of a tag's name; the newest version ranks highest).
    ``full`` asks for everything again, details included.
    """

    path: str
    validator: str | None = None
    known: Mapping[str, TagRef] = field(default_factory=dict)
    detailed: frozenset[str] = frozenset()
    rank: Callable[[str], str] = str
    full: bool = False


@dataclass(frozen=True, slots=True)
class PollAnswer:
    """What a forge said about one repository.

    ``refs`` are all its tags, None where nothing changed since the validator.
    ``details`` are by tag name, for as many tags as were looked up.
    ``requests`` counts the requests made, answered or not. With an ``error``,
    ``refs`` is None and nothing is to be recorded but the error.
    ``notice`` is something to tell the maintainers that is no error.
    """

    path: str
    refs: tuple[TagRef, ...] | None = None
    details: Mapping[str, TagDetails] = field(default_factory=dict)
    validator: str | None = None
    requests: int = 0
    error: ForgeError | None = None
    notice: str = ""


@dataclass(frozen=True, slots=True)
class EvidenceRequest:
    """What to ask a forge about the certifications of one repository.

    ``label`` names the issues that are wanted, none where it is empty. Pull requests
    are wanted if opened at or after ``since``. ``validators`` are those of the last
    answer, by list.
    """

    path: str
    since: datetime
    label: str = ""
    milestones: bool = True
    validators: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EvidenceAnswer:
    """What a forge said of milestones, labelled issues and pull requests; a list is None where nothing changed.

    With an ``error`` nothing is to be recorded.
    """

    path: str
    milestones: tuple[ReportedMilestone, ...] | None = None
    issues: tuple[ReportedMilestone, ...] | None = None
    pulls: tuple[PullRequest, ...] | None = None
    validators: Mapping[str, str] = field(default_factory=dict)
    requests: int = 0
    error: ForgeError | None = None


class Forge(Protocol):
    """A host of git repositories: asked for many at once, so that it may batch them."""

    def poll(self, requests: Sequence[PollRequest]) -> Iterator[PollAnswer]:
        """Answer each request once, in any order; never raise for one repository's trouble."""
        ...

    def evidence(self, request: EvidenceRequest) -> EvidenceAnswer:
        """Tell of a repository's milestones, labelled issues and pull requests; never raise for its trouble."""
        ...

    def close(self) -> None:
        """Give back connections."""
        ...


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the store holds of the traces of certification in one repository."""

    milestones: tuple[ReportedMilestone, ...] = ()
    issues: tuple[ReportedMilestone, ...] = ()
    pulls: tuple[PullRequest, ...] = ()
    validators: Mapping[str, str] = field(default_factory=dict)


class StoreError(BotError):
    """The database cannot be used as it is; the text says what to do."""


class RecordChanged(Exception):
    """Another worker wrote to a repository's record since it was read: read it again."""


@dataclass(frozen=True, slots=True)
class RepositoryRecord:
    """What the store holds of one repository, as one consistent state.

    ``revision`` grows with every write. ``rules`` names the rules that its releases
    were made by. ``polled_at`` is the last complete poll, ``full_at`` the last full
    one, ``backfilled_at`` the first; ``error`` is what the last poll failed with,
    since ``failing_since``, both None while polls succeed.
    """

    repository: str
    revision: int = 0
    tags: Mapping[str, Tag] = field(default_factory=dict)
    rules: str = ""
    validator: str | None = None
    polled_at: datetime | None = None
    full_at: datetime | None = None
    backfilled_at: datetime | None = None
    error: str | None = None
    failing_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class PollMark:
    """When and how a repository was polled: goes into its record with what the poll changed.

    ``rules`` names the rules by which the releases written with it were made.
    """

    at: datetime
    validator: str | None
    full: bool
    rules: str


@dataclass(frozen=True, slots=True)
class PastDigest:
    """A digest made before: its number, its period, and when it was made."""

    id: int
    period_start: datetime | None
    period_end: datetime
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """One digest on its way to one channel.

    ``state`` is ``pending`` (to be sent), ``sending`` (an attempt began and its
    outcome is not known), ``sent`` (``message_id`` is the chat's), ``failed`` for
    good (``error`` says why) or ``skipped`` (it was quiet). ``message`` is the
    frozen text, as JSON.
    """

    id: int
    digest: str
    channel: str
    period_start: datetime | None
    period_end: datetime
    state: str
    message: str
    error: str | None = None
    message_id: str | None = None
    attempted_at: datetime | None = None


class Store(Protocol):
    """Where everything observed and everything told is kept; each method is one transaction."""

    def record(self, repository: str) -> RepositoryRecord:
        """Read what is held of one repository; an unknown one gives an empty record of revision 0."""
        ...

    def write_poll(
        self, record: RepositoryRecord, mark: PollMark, changes: PollChanges, releases: Sequence[Release] | None
    ) -> None:
        """Write a complete poll at once; ``releases`` None leaves them as they are.

        Clears the error. Raises RecordChanged if the record is not the one that was read.
        """
        ...

    def write_failure(self, repository: str, at: datetime, error: str) -> None:
        """Keep why a poll failed, and since when polls fail."""
        ...

    def write_releases(self, record: RepositoryRecord, rules: str, releases: Sequence[Release]) -> None:
        """Replace a repository's releases after its rules changed. Raises RecordChanged."""
        ...

    def records(self, repositories: Iterable[str]) -> list[RepositoryRecord]:
        """Read the records without their tags, in the order asked; unknown ones are of revision 0."""
        ...

    def releases(
        self,
        repositories: Iterable[str],
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        undated: bool = False,
    ) -> list[Release]:
        """Read releases dated from ``since`` to before ``until``, by repository as asked, then version.

        Releases without a date come along only with ``undated``.
        """
        ...

    def tags(self, repositories: Iterable[str]) -> list[tuple[str, Tag]]:
        """Read every tag ever seen with its repository, by repository as asked, then name."""
        ...

    def events(self, repositories: Iterable[str], *, after: datetime | None = None) -> list[tuple[str, TagEvent]]:
        """Read tag events later than ``after``, oldest first."""
        ...

    def past_digests(self, name: str, channel: str) -> list[PastDigest]:
        """Read the digests of a name made for a channel, oldest first, without those that failed for good."""
        ...

    def told(self, name: str, channel: str, before: datetime) -> frozenset[tuple[str, str]]:
        """Read the releases (repository, normalized version) that a channel was told of.

        Those are in the digests of the name whose periods ended before ``before``;
        a digest whose delivery failed for good has told nothing.
        """
        ...

    def known_since(self, name: str, channel: str, now: datetime) -> datetime:
        """Tell since when a digest is scheduled for a channel; the first call sets it to ``now``."""
        ...

    def add_delivery(self, digest: Digest, channel: str, message: str, *, state: str = "pending") -> Delivery:
        """Keep a digest, what it tells, and its delivery; one that exists for the period is given back."""
        ...

    def deliveries(self, states: Iterable[str]) -> list[Delivery]:
        """Read the deliveries in these states, oldest first."""
        ...

    def delivery_of(self, name: str, channel: str, period: Period) -> Delivery | None:
        """Read the delivery of a digest for a period to a channel, if there is one."""
        ...

    def claim(self, delivery: int, at: datetime) -> bool:
        """Move a pending delivery to sending; False if it is no longer pending."""
        ...

    def settle(self, delivery: int, state: str, *, error: str | None = None, message_id: str | None = None) -> None:
        """Write how an attempt ended."""
        ...

    def add_change(self, repository: str, series: str, change: MilestoneChange) -> MilestoneChange:
        """Keep a change to the milestones of a series, and give it with the number that it got."""
        ...

    def changes(self) -> Mapping[tuple[str, str], list[MilestoneChange]]:
        """Read every change to milestones by repository and series, in the order they were kept."""
        ...

    def evidence(self, repository: str) -> Evidence:
        """Read what is held of the traces of certification in one repository."""
        ...

    def write_evidence(self, repository: str, answer: EvidenceAnswer) -> None:
        """Write what a forge said of them; lists that it says nothing of stay as they are."""
        ...


class ChatError(BotError):
    """A message was not taken by the chat."""


class ChatRefused(ChatError):
    """No retry mends it: the channel is gone, the bot is not in it, the token is revoked."""


class ChatUnavailable(ChatError):
    """The message was surely not taken, and may be tried again after ``retry_after`` seconds."""

    def __init__(self, where: str, what: str, hint: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(where, what, hint)
        self.retry_after = retry_after


class ChatDoubtful(ChatError):
    """The connection ended without an answer: the message may have been taken."""


class Chat(Protocol):
    """Where digests are read."""

    def freeze(self, digest: Digest) -> str:
        """Write the message that would be posted, as JSON, so that a later attempt posts the same."""
        ...

    def post(self, channel: str, message: str, delivery: int) -> str:
        """Post a frozen message and give its id; raises ChatError."""
        ...
