"""Tags: as a forge reports them, and as the bot has observed them over time."""

from datetime import datetime
from enum import StrEnum

from bot.domain.values import dataclass


class DateSource(StrEnum):
    """Where a date came from, in the order of trust."""

    PUBLISHED = "published"
    INDEX = "index"
    TAGGER = "tagger"
    COMMIT = "commit"
    FIRST_SEEN = "first_seen"


class TagState(StrEnum):
    """What became of a tag since it was first seen."""

    CURRENT = "current"
    MOVED = "moved"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class TagRef:
    """A ref under ``refs/tags/`` as a forge lists it.

    ``target`` is the object that the ref names: the tag object of an annotated
    tag, else what it points to.
    """

    name: str
    target: str
    annotated: bool


@dataclass(frozen=True, slots=True)
class TagDetails:
    """What a forge knows of one tag beyond its ref; all times aware, None where there is none.

    ``commit`` is the peeled commit, None for a tag that points to a blob or a tree.
    ``published`` is the date of the forge's release object, ``tagger`` that of the
    annotated tag, ``committed`` the committer's date. ``is_flagged`` says that the
    forge's release is marked as a pre-release there.
    """

    commit: str | None
    published: datetime | None = None
    tagger: datetime | None = None
    committed: datetime | None = None
    is_flagged: bool = False


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag as observed by the bot.

    ``details`` is None until the forge has been asked for the dates.
    ``backfilled`` says that it was there at the first poll of its repository, so
    that ``first_seen`` tells nothing of when it was made.
    ``last_seen`` is the last poll that saw it. ``moved_at`` is the poll that saw it move to the commit it stands
    on, None where it never moved. ``first_date`` is the date that counted for it when the forge had first
    been asked for its dates: it stays, whatever dates come later; None where none did.
    """

    name: str
    target: str
    annotated: bool
    details: TagDetails | None
    first_seen: datetime
    last_seen: datetime
    backfilled: bool
    state: TagState
    moved_at: datetime | None = None
    first_date: datetime | None = None

    @property
    def commit(self) -> str | None:
        """The commit that the tag points to, None where it is not known or none."""
        if self.details is not None:
            return self.details.commit
        return None if self.annotated else self.target

    @property
    def commit_since(self) -> datetime:
        """When it was first seen on the commit that it points to."""
        return self.moved_at or self.first_seen

    @property
    def ref(self) -> TagRef:
        """The ref as the forge lists it."""
        return TagRef(self.name, self.target, self.annotated)

    @property
    def is_present(self) -> bool:
        """Return whether the forge still has it."""
        return self.state is not TagState.DELETED


class TagEventKind(StrEnum):
    """What can happen to a tag after it was first seen."""

    MOVED = "moved"
    DELETED = "deleted"
    RESTORED = "restored"
    REDATED = "redated"


@dataclass(frozen=True, slots=True)
class TagEvent:
    """One thing that happened to a tag: kept for ever.

    ``before`` is the tag as it was observed before the event; ``to_target`` and
    ``to_commit`` say where it stands after it (None once deleted, or not yet known).
    """

    kind: TagEventKind
    at: datetime
    before: Tag
    to_target: str | None
    to_commit: str | None
