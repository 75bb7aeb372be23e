"""The release objects of one GitHub repository by REST: the newest page first, older pages in turn."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple

from bot.domain.tags import TagDetails, TagRef
from bot.forges.counter import RequestCounter
from bot.forges.github.client import GitHubClient
from bot.forges.payload import read_date, text_of
from bot.services.ports import ForgeUnavailable, PollRequest

_PAGE = 100
# GitHub lists no more than 10,000 release objects.
_LAST_PAGE = 100
# Begins the bookmark that a repository's record keeps as the ``head`` of its last answer.
_BOOKMARK = "releases:"


class PublishedRelease(NamedTuple):
    """A published release object."""

    published: datetime
    is_flagged: bool


@dataclass(slots=True)
class ReleasePages:
    """The reading of one repository's release objects, page by page.

    ``recorded`` has the recorded details of the tags that are where they were, by name. ``next_page`` is None
    once enough is read: the newest page for a complete look, and for a full one as far as pages bring news. GitHub
    sorts release objects by the dates of their commits, so a new one may be on any page; a full look therefore reads
    on from ``bookmark``, the page at which the last one ended, and so all pages in turn.
    """

    request: PollRequest
    recorded: Mapping[str, TagDetails]
    present: Mapping[str, TagRef]
    next_page: int | None
    bookmark: int = field(init=False)
    found: dict[str, PublishedRelease] = field(default_factory=dict)
    _is_whole: bool = False
    _has_gap: bool = False
    _is_resumed: bool = False

    def __post_init__(self) -> None:
        self.bookmark = _bookmark_of(self.request)

    @property
    def is_begun(self) -> bool:
        """Return whether the newest page was read."""
        return self.next_page != 1

    @property
    def head(self) -> str | None:
        """Return the bookmark to be recorded, None to keep the recorded one."""
        page = self.next_page or self.bookmark
        return f"{_BOOKMARK}{page}" if self.is_begun and page != _bookmark_of(self.request) else None

    def read_page(self, client: GitHubClient, counter: RequestCounter) -> None:
        """Read the next page, and decide on the one after it. Raises ForgeError."""
        page = self.next_page or 1
        answer = client.get(counter, f"/repos/{self.request.path}/releases?per_page={_PAGE}&page={page}")
        if not isinstance(answer.value, list):
            raise ForgeUnavailable(counter.where, "GitHub's release list is not a list")
        has_news = self._take(answer.value)
        # Releases that this reader may not see leave a page short though others follow.
        is_last = len(answer.value) < _PAGE and 'rel="next"' not in answer.headers.get("link", "")
        self._is_whole = is_last and not self._has_gap
        self.next_page = self._following(page, has_news=has_news, is_last=is_last) if self.request.full else None

    def dated(self, name: str, details: TagDetails) -> TagDetails:
        """Return a tag's details with the date of its release object, as far as pages were read."""
        release = self.found.get(name)
        if release is not None:
            return replace(details, published=release.published, is_flagged=release.is_flagged)
        return replace(details, published=None, is_flagged=False) if self._is_whole else details

    def _take(self, entries: list[Any]) -> bool:
        """Take a page in, and return whether it has news of a tag."""
        has_news = False
        for entry in entries:
            date = read_date(entry.get("published_at")) if isinstance(entry, dict) else None
            if date is None or entry.get("draft") is True:
                continue
            name, release = text_of(entry, "tag_name"), PublishedRelease(date, entry.get("prerelease") is True)
            has_news = has_news or self._is_news(name, release)
            self.found[name] = release
        return has_news

    def _is_news(self, name: str, release: PublishedRelease) -> bool:
        if name in self.found or name not in self.present:
            return False
        before = self.recorded.get(name)
        return before is None or (before.published, before.is_flagged) != release

    def _following(self, page: int, *, has_news: bool, is_last: bool) -> int | None:
        if is_last or page >= _LAST_PAGE:
            self.bookmark = 2
            return None
        if has_news:
            return page + 1
        if self._is_resumed:
            self.bookmark = page + 1
            return None
        self._is_resumed = True
        following = max(self.bookmark, page + 1)
        self._has_gap = following > page + 1
        return following


def recorded_of(request: PollRequest, present: Mapping[str, TagRef]) -> dict[str, TagDetails]:
    """Return the recorded details of the present tags that are where they were, by name."""
    known = request.known
    return {name: each for name, each in request.details.items() if name in present and known[name] == present[name]}


def _bookmark_of(request: PollRequest) -> int:
    """Return the page at which the last full look ended; another kind of look leaves another kind of head."""
    page = (request.head or "").removeprefix(_BOOKMARK)
    is_bookmark = request.head != page and page.isascii() and page.isdecimal()
    return min(max(int(page), 2), _LAST_PAGE) if is_bookmark else 2
