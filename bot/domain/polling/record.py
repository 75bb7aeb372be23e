"""The record of a repository, and what each poll adds to it."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from enum import IntEnum
from typing import NamedTuple

from bot.domain.package_index import IndexListing
from bot.domain.tags import Tag
from bot.domain.values import dataclass


class PollDepth(IntEnum):
    """How deep a poll looks.

    A quick look sees what is new, and may miss a tag that moved or vanished while
    another came. A complete one sees every added, moved and deleted tag. A full one
    asks for every date again as well.
    """

    QUICK = 1
    COMPLETE = 2
    FULL = 3


@dataclass(frozen=True, slots=True)
class RepositoryRecord:
    """What the store holds of one repository, as one consistent state.

    ``revision`` grows with every write. ``rules`` names the rules that its releases
    were made by. ``polled_at`` is the last poll of any depth, ``complete_at`` the last
    that saw every tag, ``full_at`` the last that asked for every date again,
    ``backfilled_at`` the first, ``changed_at`` the last that brought something new.
    ``error`` is what the last poll failed with, since ``failing_since``, both None while
    polls succeed; ``failed_at`` is the last failure, however long ago. ``tag_count`` tags
    are present, and the dates of ``undetailed_count`` of them have not been asked for;
    both are there where ``tags`` were not read, too. ``suspected_at`` is since when the
    forge lists so few of them that it is not believed. ``renamed`` tells that the forge
    knows the repository by another path, and is empty where it does not. ``identity`` is
    the forge's own id of the repository, empty where it is not known or the forge has none;
    ``rival`` that of another repository which the last polls found at its path.
    ``undated_because`` says why dates of its tags are missing.
    ``upcoming_at`` is when the first of its announced releases is going to be published,
    None where none is announced. Of the present tags that its patterns let
    through, ``considered_count``, its rules read all but ``unclassified_count``;
    ``is_unread_told`` says whether the maintainers know that this is most of them. ``listings`` are
    what is recorded of its package indexes, by project, read with the ``tags``.
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
    head: str | None = None
    complete_at: datetime | None = None
    changed_at: datetime | None = None
    failed_at: datetime | None = None
    tag_count: int = 0
    undetailed_count: int = 0
    suspected_at: datetime | None = None
    renamed: str = ""
    identity: str = ""
    rival: str = ""
    undated_because: str = ""
    upcoming_at: datetime | None = None
    considered_count: int = 0
    unclassified_count: int = 0
    is_unread_told: bool = False
    listings: Mapping[str, IndexListing] = field(default_factory=dict)


class PollState(NamedTuple):
    """The part of a repository's record that every answer rests on: its last poll, and the tags that its rules read.

    A tuple, for thousands are made where many repositories have to be mentioned.
    """

    polled_at: datetime | None = None
    error: str | None = None
    considered_count: int = 0
    unclassified_count: int = 0


class Held(NamedTuple):
    """How many tags of a repository are present, and when it was last polled."""

    tag_count: int = 0
    polled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LastPolls:
    """The last polls of some repositories.

    ``noted`` are the states, by repository, of those that an answer may have to mention: polled too long ago, in the
    future of ``now``, or never, with an error, or with most of its tags unclassified. ``earliest`` is the first of the
    other last polls, None where there is none. ``unclassified_count`` is how many unclassified tags all of them have.
    """

    noted: Mapping[str, PollState]
    earliest: datetime | None
    now: datetime
    unclassified_count: int


@dataclass(frozen=True, slots=True)
class PollMark:
    """When and how deep a repository was polled: goes into its record with what the poll changed.

    ``validator`` is to be given with the next request, None to ask without condition;
    ``head`` and ``renamed`` too, None to keep what is held. ``rules`` names the rules by
    which the releases written with it were made.
    """

    at: datetime
    validator: str | None
    look: PollDepth
    rules: str
    head: str | None = None
    renamed: str | None = None
    identity: str = ""
    undated_because: str | None = None


@dataclass(frozen=True, slots=True)
class Unchanged:
    """A poll that brought nothing new, as far as its look tells; None keeps what is held."""

    repository: str
    at: datetime
    look: PollDepth
    validator: str | None = None
    head: str | None = None
    renamed: str | None = None
    identity: str = ""
    undated_because: str | None = None
