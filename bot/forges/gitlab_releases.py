"""GitLab's releases: when they were published, read as far as a poll needs to know."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.forges.answers import read_date, text_of
from bot.forges.gitlab_client import Asking, GitLabClient
from bot.forges.gitlab_tags import ListedTag
from bot.services.ports import PollRequest


@dataclass(frozen=True, slots=True)
class Published:
    """When releases were published, by tag name; ``is_whole`` says that every release was read."""

    dates: Mapping[str, datetime]
    is_whole: bool

    def tells(self, tag: ListedTag) -> bool:
        """Whether it is known when a tag's release was published, or that it has none."""
        return self.is_whole or not tag.has_release or tag.ref.name in self.dates

    def of(self, tag: ListedTag) -> datetime | None:
        """Give when a tag's release was published."""
        return self.dates.get(tag.ref.name)


def read_published(client: GitLabClient, asking: Asking, request: PollRequest, tags: Sequence[ListedTag]) -> Published:
    """Read releases, newest first, until each is known whose tag is new to the bot. Raises ForgeError."""
    wanted = {tag.ref.name for tag in tags if tag.has_release and not _is_known(tag, request)}
    dates: dict[str, datetime] = {}
    if not wanted:
        return Published(dates, is_whole=False)
    for page in client.pages(asking, asking.below("releases"), {"per_page": "100"}):
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
