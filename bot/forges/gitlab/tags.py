"""GitLab's lists of tags: the complete one by keyset pages, and its newest page, which often says as much.

And its releases, which say when they were published, read as far as a poll needs to know.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from itertools import pairwise
from typing import Any

from bot.domain.tags import TagRef
from bot.domain.values import dataclass
from bot.forges.counter import RequestCounter
from bot.forges.gitlab.client import GitLabClient, project_address
from bot.forges.payload import is_object_id, is_tag_name, read_date, text_of
from bot.services.ports import ForgeUnavailable, PollRequest

# Keyset pages do not drift when a tag comes or goes while they are read.
_WHOLE = {"pagination": "keyset", "per_page": "100"}
# By the date of the tag object, of a light tag by its commit's; only such pages come with a total.
_NEWEST = {"order_by": "updated", "sort": "desc", "per_page": "100", "page": "1"}
# Of longer lists GitLab tells no total (docs.gitlab.com, "Pagination response headers").
_LONGEST_COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class ListedTag:
    """A tag as GitLab lists it, with its dates."""

    ref: TagRef
    commit: str | None
    tagger: datetime | None
    committed: datetime | None
    has_release: bool


@dataclass(frozen=True, slots=True)
class NewestTags:
    """The first page of the list, newest first; ``total`` is how long the list is, None where GitLab does not say."""

    tags: Sequence[ListedTag]
    total: int | None

    @property
    def fingerprint(self) -> str:
        """Name what the page shows: as long as it shows the same, nothing came."""
        shown = [(tag.ref.name, tag.ref.target, tag.has_release) for tag in self.tags]
        return sha256(repr((self.total, shown)).encode()).hexdigest()[:16]


def read_all(client: GitLabClient, counter: RequestCounter) -> list[ListedTag]:
    """Read all tags; a list that changed while it was read is read once more. Raises ForgeError."""
    for _ in range(2):
        tags, is_whole = _read_pages(client, counter)
        if is_whole:
            return tags
    raise ForgeUnavailable(counter.where, "the tag list changed while being read")


def read_newest(client: GitLabClient, counter: RequestCounter) -> NewestTags:
    """Read the hundred newest tags. Raises ForgeError."""
    page = next(client.pages(counter, project_address(counter.path, "/repository/tags"), _NEWEST))
    return NewestTags([_read_tag(counter.where, entry) for entry in page.entries], page.total)


def merged(known: Mapping[str, TagRef], newest: NewestTags) -> dict[str, TagRef] | None:
    """Return every tag from what is known and the newest page, None where they do not add up.

    They do where the page is the whole list, or where it leads back to a tag that is known
    and the total fits. What may hide from this (a tag that came on an old commit while
    another was deleted, an old tag that moved) is found by the next complete list.
    """
    listed = {tag.ref.name: tag.ref for tag in newest.tags}
    if len(listed) < len(newest.tags):
        return None
    if newest.total == len(listed):
        return listed
    every = {**known, **listed}
    leads_back = any(known.get(name) == ref for name, ref in listed.items())
    fits = newest.total == len(every) if newest.total is not None else len(every) > _LONGEST_COUNTED
    return every if leads_back and fits and _is_newest_first(newest.tags) else None


def _is_newest_first(tags: Sequence[ListedTag]) -> bool:
    dates = [tag.tagger if tag.ref.annotated else tag.committed for tag in tags]
    return all(first >= second for first, second in pairwise(date for date in dates if date is not None))


def _read_pages(client: GitLabClient, counter: RequestCounter) -> tuple[list[ListedTag], bool]:
    tags: dict[str, ListedTag] = {}
    count, total = 0, None
    for page in client.pages(counter, project_address(counter.path, "/repository/tags"), _WHOLE):
        for entry in page.entries:
            tag = _read_tag(counter.where, entry)
            tags[tag.ref.name] = tag
        count += len(page.entries)
        total = page.total if page.total is not None else total
    return list(tags.values()), count == len(tags) and total in (None, count)


def _read_tag(where: str, entry: Any) -> ListedTag:
    name, target = text_of(entry, "name"), text_of(entry, "target")
    commit = entry.get("commit") if isinstance(entry, dict) else None
    oid = text_of(commit, "id")
    if not is_tag_name(name) or not is_object_id(target or oid) or (oid and not is_object_id(oid)):
        raise ForgeUnavailable(where, "GitLab's tag list has an invalid entry")
    made = read_date(entry.get("created_at"))
    # The target of an annotated tag is its tag object, that of a lightweight one the commit.
    # Without a commit only the tag's own date tells them apart (lightweight tags have none).
    annotated = bool(target) and (target != oid if oid else made is not None)
    return ListedTag(
        ref=TagRef(name, target or oid, annotated),
        commit=oid or None,
        tagger=made if annotated else None,
        committed=read_date(text_of(commit, "committed_date")),
        has_release=isinstance(entry.get("release"), dict),
    )


@dataclass(frozen=True, slots=True)
class Published:
    """When releases were published, by tag name; ``is_whole`` says that every release was read."""

    dates: Mapping[str, datetime]
    is_whole: bool

    def tells(self, tag: ListedTag) -> bool:
        """Return whether it is known when a tag's release was published, or that it has none."""
        return self.is_whole or not tag.has_release or tag.ref.name in self.dates

    def of(self, tag: ListedTag) -> datetime | None:
        """Return when a tag's release was published."""
        return self.dates.get(tag.ref.name)


def read_published(
    client: GitLabClient, counter: RequestCounter, request: PollRequest, tags: Sequence[ListedTag]
) -> Published:
    """Read releases, newest first, until each is known whose tag is new to the bot. Raises ForgeError."""
    wanted = {tag.ref.name for tag in tags if tag.has_release and not _is_known(tag, request)}
    dates: dict[str, datetime] = {}
    if not wanted:
        return Published(dates, is_whole=False)
    for page in client.pages(counter, project_address(counter.path, "/releases"), {"per_page": "100"}):
        for release in page.entries:
            date = read_date(release.get("released_at")) if isinstance(release, dict) else None
            if date is not None:
                dates[text_of(release, "tag_name")] = date
        if wanted <= dates.keys():
            return Published(dates, is_whole=False)
    return Published(dates, is_whole=True)


def _is_known(tag: ListedTag, request: PollRequest) -> bool:
    name = tag.ref.name
    return not request.full and name in request.detailed and request.known.get(name) == tag.ref
