"""The commits and dates of a GitHub repository's tags, by GraphQL: pages of the newest, then batches by id.

Names and types are those of GitHub's public schema (docs.github.com/graphql).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.domain.tags import TagDetails, TagRef
from bot.forges.counter import RequestCounter
from bot.forges.github.client import GitHubClient, QueryFailed
from bot.forges.payload import id_of, is_object_id, read_date, text_of
from bot.services.ports import ForgeUnavailable, PollRequest

# More than any list that can be read between two polls.
_MOST_PAGES = 1_000
# A query for no more than this that fails would fail for fewer too.
_LEAST = 12
PAGE = 100

# A tag of a tag of a tag is followed; git/git has tags of tags.
_TARGET = """
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

TAGS_PAGE = (
    """
query Tags(
  $owner: String!, $name: String!,
  $count: Int!, $refs: Boolean!, $refsAfter: String, $releases: Boolean!, $releasesAfter: String
) {
  repository(owner: $owner, name: $name) {
    nameWithOwner databaseId
    refs(
      refPrefix: "refs/tags/", first: $count, after: $refsAfter,
      orderBy: {field: TAG_COMMIT_DATE, direction: DESC}
    ) @include(if: $refs) {
      pageInfo { hasNextPage endCursor }
      nodes { name target { ...Target } }
    }
    releases(
      first: $count, after: $releasesAfter, orderBy: {field: CREATED_AT, direction: DESC}
    ) @include(if: $releases) {
      pageInfo { hasNextPage endCursor }
      nodes { tagName publishedAt isDraft isPrerelease }
    }
  }
}
"""
    + _TARGET
)


def objects_query(count: int) -> str:
    """Write the query for ``count`` objects by their ids, as variables ``$o0``, ``$o1`` and so on."""
    variables = ", ".join(f"$o{number}: GitObjectID!" for number in range(count))
    aliases = "\n".join(f"    o{number}: object(oid: $o{number}) {{ ...Target }}" for number in range(count))
    return (
        f"query Objects($owner: String!, $name: String!, {variables}) {{\n"
        f"  repository(owner: $owner, name: $name) {{\n{aliases}\n  }}\n}}\n{_TARGET}"
    )


@dataclass(frozen=True, slots=True)
class PeeledObject:
    """What a ref's target leads to: its commit (None for a blob or a tree) and the dates on the way."""

    commit: str | None
    tagger: datetime | None
    committed: datetime | None

    def details(self, published: datetime | None, *, is_flagged: bool) -> TagDetails:
        """Return the details of a tag with this target."""
        return TagDetails(self.commit, published, self.tagger, self.committed, is_flagged=is_flagged)


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
            raise ForgeUnavailable(self.where, "GitHub's tag list repeats a page")


@dataclass(slots=True)
class Learnt:
    """What pages and objects have shown so far: peeled objects by id, and publication dates by tag name.

    ``flagged`` names the tags whose release is marked as a pre-release.
    """

    objects: dict[str, PeeledObject] = field(default_factory=dict)
    published: dict[str, datetime] = field(default_factory=dict)
    flagged: set[str] = field(default_factory=set)

    def take_refs(self, nodes: Any) -> None:
        """Take in a page of refs."""
        for node in _tables(nodes):
            self.take_object(node.get("target"))

    def take_object(self, target: Any) -> None:
        """Take in one object; None and nonsense teach nothing."""
        oid = text_of(target, "oid")
        peeled = peel(target) if is_object_id(oid) else None
        if peeled is not None and (peeled.commit is None or is_object_id(peeled.commit)):
            self.objects[oid] = peeled

    def take_releases(self, nodes: Any) -> None:
        """Take in a page of releases; a draft is not published."""
        for node in _tables(nodes):
            date = read_date(node.get("publishedAt"))
            if date is not None and node.get("isDraft") is not True:
                name = text_of(node, "tagName")
                self.published[name] = date
                self.flagged |= {name} if node.get("isPrerelease") is True else set()


def peel(target: Mapping[str, Any]) -> PeeledObject:
    """Follow a tag object to what it points to; the outermost tag's tagger is the tag's."""
    tagger = target.get("tagger")
    tagged = read_date(tagger.get("date")) if isinstance(tagger, dict) else None
    inner: Any = target
    while isinstance(inner, dict) and inner.get("__typename") == "Tag":
        inner = inner.get("target")
    if not isinstance(inner, dict) or inner.get("__typename") != "Commit":
        return PeeledObject(None, tagged, None)
    return PeeledObject(text_of(inner, "oid"), tagged, read_date(inner.get("committedDate")))


def _tables(nodes: Any) -> Sequence[dict[str, Any]]:
    return [node for node in nodes if isinstance(node, dict)] if isinstance(nodes, list) else []


@dataclass
class Details:
    """The looking up of one repository's tags; ``called`` is the path that GitHub calls it by.

    ``identity`` is GitHub's id of it; both are empty while no page was read.
    """

    client: GitHubClient
    counter: RequestCounter
    request: PollRequest
    called: str = ""
    identity: str = ""
    _size: int = PAGE
    _learnt: Learnt = field(default_factory=Learnt)

    def read(self, wanted: Sequence[TagRef], present: Mapping[str, TagRef]) -> dict[str, TagDetails]:
        """Read the details of the wanted tags, and of others of which a release was published meanwhile.

        Raises ForgeError.
        """
        is_cold = self.request.full or not self.request.known
        self._read_pages(wanted, to_the_end=is_cold)
        missing = self._missing(wanted)
        for start in range(0, len(missing), PAGE):
            self._read_objects(missing[start : start + PAGE])
        published = [ref for name in self._learnt.published if (ref := present.get(name)) is not None]
        return {
            ref.name: self._learnt.objects[ref.target].details(
                self._learnt.published.get(ref.name), is_flagged=ref.name in self._learnt.flagged
            )
            for ref in (*wanted, *published)
            if ref.target in self._learnt.objects
        }

    def _missing(self, wanted: Sequence[TagRef]) -> list[str]:
        return list(dict.fromkeys(ref.target for ref in wanted if ref.target not in self._learnt.objects))

    def _read_pages(self, wanted: Sequence[TagRef], *, to_the_end: bool) -> None:
        """Read pages of tags, newest commits first, until what is missing fits one query by ids.

        Releases are read beside them: to their end, or their newest page.
        """
        refs, releases = Connection(self.counter.where), Connection(self.counter.where)
        for _ in range(_MOST_PAGES):
            pages = {"refs": refs.has_next, "refsAfter": refs.after}
            pages |= {"releases": releases.has_next, "releasesAfter": releases.after}
            found = self._ask_page(pages)
            if not isinstance(found, dict):
                raise ForgeUnavailable(self.counter.where, "GitHub's response has no repository")
            self.called, self.identity = text_of(found, "nameWithOwner"), id_of(found, "databaseId")
            _take_page(found.get("refs"), refs, self._learnt.take_refs)
            _take_page(found.get("releases"), releases, self._learnt.take_releases)
            refs.has_next = refs.has_next and len(self._missing(wanted)) > PAGE
            releases.has_next = releases.has_next and to_the_end
            if not (refs.has_next or releases.has_next):
                return
        what = "GitHub's tag list does not end"
        raise ForgeUnavailable(self.counter.where, what)

    def _ask_page(self, pages: Mapping[str, Any]) -> Any:
        """Ask for a page, and for a smaller one where it is too much for GitHub's time or resources."""
        while True:
            try:
                return self._ask(TAGS_PAGE, {**pages, "count": self._size})
            except QueryFailed:
                if self._size <= _LEAST:
                    raise
                self._size //= 2

    def _read_objects(self, oids: Sequence[str]) -> None:
        try:
            found = self._ask(objects_query(len(oids)), {f"o{number}": oid for number, oid in enumerate(oids)})
        except QueryFailed:
            if len(oids) <= _LEAST:
                raise
            half = len(oids) // 2
            self._read_objects(oids[:half])
            self._read_objects(oids[half:])
            return
        for target in found.values() if isinstance(found, dict) else ():
            self._learnt.take_object(target)

    def _ask(self, query: str, variables: Mapping[str, Any]) -> Any:
        owner, _, name = self.request.path.partition("/")
        return self.client.graphql(self.counter, query, {"owner": owner, "name": name, **variables}).get("repository")


def wanted_refs(request: PollRequest, refs: Sequence[TagRef] | None) -> list[TagRef]:
    """List the refs whose details are to be looked up: new ones, those with another target, or all."""
    if refs is None:
        return [ref for ref in request.known.values() if ref.name not in request.detailed]
    if request.full:
        return list(refs)
    return [ref for ref in refs if ref.name not in request.detailed or request.known.get(ref.name) != ref]


def _take_page(page: Any, connection: Connection, take: Callable[[Any], None]) -> None:
    if not isinstance(page, dict):
        connection.has_next = False
        return
    take(page.get("nodes"))
    connection.take(page.get("pageInfo"))
