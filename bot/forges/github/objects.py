"""What GitHub's GraphQL tells of tags: the objects that they name, and the releases published for them."""

from collections.abc import Mapping
from dataclasses import field, replace
from datetime import datetime
from typing import Any

from bot.domain.tags import TagDetails, TagRef
from bot.domain.values import dataclass
from bot.forges.payload import is_object_id, read_date, tables_of, text_of
from bot.services.ports import ForgeUnavailable

# A tag of a tag of a tag is followed; git/git has tags of tags.
TARGET = """
fragment Target on GitObject {
  __typename oid
  ... on Commit { committedDate }
  ... on Tag {
    tagger { date }
    target {
      __typename oid
      ... on Commit { committedDate }
      ... on Tag {
        target {
          __typename oid
          ... on Commit { committedDate }
          ... on Tag { target { __typename oid ... on Commit { committedDate } } }
        }
      }
    }
  }
}
"""


@dataclass(slots=True)
class Connection:
    """Where the reading of one connection of the repository ``where`` stands."""

    where: str
    after: str | None = None
    has_next: bool = True

    def take(self, page_info: Any) -> None:
        """Take the cursor of the next page, if there is one. Raises ForgeUnavailable for an invalid one."""
        before = self.after
        self.after = text_of(page_info, "endCursor") or None
        self.has_next = isinstance(page_info, dict) and page_info.get("hasNextPage") is True
        if self.has_next and self.after in {None, before}:
            raise ForgeUnavailable(self.where, "GitHub's release list repeats a page")


@dataclass(slots=True)
class CollectedDetails:
    """What objects and pages of releases have shown so far.

    ``objects`` are details of tags by the id of what their refs name, ``published`` publication dates by tag name;
    ``flagged`` names the tags whose release is marked as a pre-release.
    """

    objects: dict[str, TagDetails] = field(default_factory=dict)
    published: dict[str, datetime] = field(default_factory=dict)
    flagged: set[str] = field(default_factory=set)

    def take_object(self, target: Any) -> None:
        """Take in one object; None and nonsense teach nothing."""
        oid = text_of(target, "oid")
        if not is_object_id(oid):
            return
        peeled = peel(target)
        if peeled.commit is None or peeled.commit == oid or is_object_id(peeled.commit):
            self.objects[oid] = peeled

    def details(self, ref: TagRef) -> TagDetails | None:
        """Return the details of a tag, None where its object was not shown."""
        found = self.objects.get(ref.target)
        is_flagged = ref.name in self.flagged
        # Most tags have no release, and share what others on their object have.
        if found is None or not (is_flagged or ref.name in self.published):
            return found
        return replace(found, published=self.published.get(ref.name), is_flagged=is_flagged)

    def take_releases(self, nodes: Any) -> None:
        """Take in a page of releases; a draft is not published."""
        for node in tables_of(nodes):
            date = read_date(node.get("publishedAt"))
            if date is not None and node.get("isDraft") is not True:
                name = text_of(node, "tagName")
                self.published[name] = date
                self.flagged |= {name} if node.get("isPrerelease") is True else set()


def peel(target: Mapping[str, Any]) -> TagDetails:
    """Follow a tag object to what it points to, its commit and the dates on the way; the outermost tag's tagger counts.

    The commit is None for a blob or a tree.
    """
    inner: Any = target
    tagged = None
    if target.get("__typename") == "Tag":
        tagger = target.get("tagger")
        tagged = read_date(tagger.get("date")) if isinstance(tagger, dict) else None
        while isinstance(inner, dict) and inner.get("__typename") == "Tag":
            inner = inner.get("target")
    if not isinstance(inner, dict) or inner.get("__typename") != "Commit":
        return TagDetails(None, tagger=tagged)
    return TagDetails(text_of(inner, "oid"), None, tagged, read_date(inner.get("committedDate")))
