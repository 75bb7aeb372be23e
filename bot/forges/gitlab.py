"""GitLab: every tag by keyset pages, which carry the dates too; publication dates from the releases."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.domain.tags import TagDetails, TagRef
from bot.forges.answers import is_object_id, is_tag_name, read_date, text_of
from bot.forges.gitlab_client import Asking, GitLabClient
from bot.forges.gitlab_evidence import gitlab_evidence
from bot.services.ports import EvidenceAnswer, EvidenceRequest, ForgeError, ForgeUnavailable, PollAnswer, PollRequest

# Keyset pages do not drift when a tag comes or goes while they are read.
_LIST = {"pagination": "keyset", "per_page": "100"}


@dataclass(frozen=True, slots=True)
class _ListedTag:
    """A tag as GitLab lists it, with its dates."""

    ref: TagRef
    commit: str | None
    tagger: datetime | None
    committed: datetime | None
    has_release: bool


class GitLabForge:
    """A GitLab instance.

    ``name`` is the forge's name in errors, ``timeout`` the longest wait for an answer
    to begin or go on, in seconds. Public projects need no token.
    """

    def __init__(
        self, name: str, base_url: str, token: str | None, *, timeout: float = 15.0, now: Callable[[], datetime]
    ) -> None:
        self._name = name
        self._now = now
        self._client = GitLabClient(base_url, token, timeout=timeout, now=now)

    def poll(self, requests: Sequence[PollRequest]) -> Iterator[PollAnswer]:
        """Answer each request, one by one."""
        for request in requests:
            yield self._answer(request)

    def evidence(self, request: EvidenceRequest) -> EvidenceAnswer:
        """Tell of a project's milestones, labelled issues and merge requests."""
        return gitlab_evidence(self._client, f"{self._name}:{request.path}", request, self._now())

    def close(self) -> None:
        """Give back connections."""
        self._client.close()

    def _answer(self, request: PollRequest) -> PollAnswer:
        asking = Asking(f"{self._name}:{request.path}", request.path)
        try:
            tags = self._tags(asking)
            published = self._published(asking, request, tags)
        except ForgeError as error:
            return PollAnswer(request.path, requests=asking.requests, error=error)
        details = {
            tag.ref.name: TagDetails(tag.commit, published.get(tag.ref.name), tag.tagger, tag.committed)
            for tag in tags
            if published is not _UNREAD or not tag.has_release
        }
        notice = "has been renamed or moved; change its path" if asking.redirected else ""
        refs = tuple(tag.ref for tag in tags)
        return PollAnswer(request.path, refs, details, requests=asking.requests, notice=notice)

    def _tags(self, asking: Asking) -> list[_ListedTag]:
        """Read all tags; a list that changed while it was read is read once more."""
        for _ in range(2):
            tags, is_whole = self._read_tags(asking)
            if is_whole:
                return tags
        raise ForgeUnavailable(asking.where, "the list of tags changed while it was read", "it is asked again")

    def _read_tags(self, asking: Asking) -> tuple[list[_ListedTag], bool]:
        tags: dict[str, _ListedTag] = {}
        count, total = 0, None
        for page in self._client.pages(asking, asking.below("repository/tags"), _LIST):
            for entry in page.entries:
                tag = _read_tag(asking.where, entry)
                tags[tag.ref.name] = tag
            count += len(page.entries)
            total = page.total if page.total is not None else total
        return list(tags.values()), count == len(tags) and total in (None, count)

    def _published(self, asking: Asking, request: PollRequest, tags: Sequence[_ListedTag]) -> dict[str, datetime]:
        """Read when releases were published, where a tag that has one is new to the bot."""
        new = [tag for tag in tags if tag.has_release and not _is_known(tag, request)]
        if not new:
            return _UNREAD
        published = {}
        for page in self._client.pages(asking, asking.below("releases"), {"per_page": "100"}):
            for release in page.entries:
                date = read_date(release.get("released_at")) if isinstance(release, dict) else None
                if date is not None:
                    published[text_of(release, "tag_name")] = date
        return published


# Stands for releases that were not read because nothing new has one.
_UNREAD: dict[str, datetime] = {}


def _is_known(tag: _ListedTag, request: PollRequest) -> bool:
    name = tag.ref.name
    return not request.full and name in request.detailed and request.known.get(name) == tag.ref


def _read_tag(where: str, entry: Any) -> _ListedTag:
    name, target = text_of(entry, "name"), text_of(entry, "target")
    commit = entry.get("commit") if isinstance(entry, dict) else None
    oid = text_of(commit, "id")
    if not is_tag_name(name) or not is_object_id(target or oid) or (oid and not is_object_id(oid)):
        raise ForgeUnavailable(where, "GitLab's list of tags has an entry that is no tag", "it is asked again")
    made = read_date(entry.get("created_at"))
    # The target of an annotated tag is its tag object, that of a lightweight one the commit.
    # Without a commit only the tag's own date tells them apart (lightweight tags have none).
    annotated = bool(target) and (target != oid if oid else made is not None)
    return _ListedTag(
        ref=TagRef(name, target or oid, annotated),
        commit=oid or None,
        tagger=made if annotated else None,
        committed=read_date(text_of(commit, "committed_date")),
        has_release=isinstance(entry.get("release"), dict),
    )
