"""The commits and dates of a GitHub repository's tags by GraphQL: batches by id, and pages of releases beside them.

Names and types are those of GitHub's public schema (docs.github.com/graphql).
"""

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from functools import lru_cache
from itertools import pairwise
from threading import Lock
from typing import Any

from bot.domain.tags import TagDetails, TagRef
from bot.domain.values import dataclass
from bot.forges.concurrency import ClientPool, first_then_parallel, in_parallel
from bot.forges.counter import RequestCounter
from bot.forges.github.client import GitHubClient
from bot.forges.github.http import QueryFailed
from bot.forges.github.objects import TARGET, CollectedDetails, Connection
from bot.forges.github.releases import recorded_of
from bot.forges.payload import id_of, text_of
from bot.services.ports import ForgeUnavailable, PollRequest

# More than any list that can be read between two polls.
_MOST_PAGES = 1_000
# A query for no more than this that fails would fail for fewer too.
_LEAST = 12
# A page of a list may have a hundred (docs.github.com, "Rate limits and query limits for the GraphQL API").
PAGE = 100
# Objects in one query, each by an alias: a point of GitHub's 5,000 an hour, as for one. By that page's count of nodes,
# of which 500,000 are allowed, only the releases are some; its ten seconds may be spent, and then fewer are asked for.
_BATCH = 300
# Queries for one repository at a time.
_AT_ONCE = 4
# What is beside the objects in an answer.
_OTHER_FIELDS = frozenset({"nameWithOwner", "databaseId", "releases"})

_RELEASES = """
    releases(first: $count, after: $after, orderBy: {field: CREATED_AT, direction: DESC}) @include(if: $releases) {
      pageInfo { hasNextPage endCursor }
      nodes { tagName publishedAt isDraft isPrerelease }
    }
"""


@lru_cache(maxsize=_BATCH + 1)
def objects_query(count: int) -> str:
    """Write the query for ``count`` objects by their ids, as variables ``$o0``, ``$o1`` ..., and a page of releases."""
    variables = "".join(f", $o{number}: GitObjectID!" for number in range(count))
    aliases = "\n".join(f"    o{number}: object(oid: $o{number}) {{ ...Target }}" for number in range(count))
    return (
        "query Objects($owner: String!, $name: String!, $releases: Boolean!, $count: Int!, $after: String"
        f"{variables}) {{\n  repository(owner: $owner, name: $name) {{\n    nameWithOwner databaseId\n"
        f"{_RELEASES}{aliases}\n  }}\n}}\n{TARGET if count else ''}"
    )


@dataclass(frozen=True, slots=True)
class _Query:
    """Objects to be asked for at once, and a page of releases beside them."""

    oids: Sequence[str]
    # How many releases, 0 for none.
    releases: int = 0

    @property
    def size(self) -> int:
        """Return how many objects, or releases if they are more."""
        return max(len(self.oids), self.releases)

    @property
    def is_divisible(self) -> bool:
        """Return whether a smaller query is worth a try."""
        return self.size > _LEAST


@dataclass
class Details:
    """The looking up of one repository's tags; ``called`` is the path that GitHub calls it by.

    ``identity`` is GitHub's id of it; both are empty while nothing was looked up.
    """

    clients: ClientPool[GitHubClient]
    counter: RequestCounter
    request: PollRequest
    called: str = ""
    identity: str = ""
    _most: int = _BATCH
    _collected: CollectedDetails = field(default_factory=CollectedDetails)
    _releases: Connection = field(init=False)
    # Counts of requests are added up by one thread at a time.
    _guard: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        """Begin with the newest releases."""
        self._releases = Connection(self.counter.where)

    def read(self, wanted: Sequence[TagRef], present: Mapping[str, TagRef]) -> dict[str, TagDetails]:
        """Read the details of the wanted tags, and of others of which a release was published meanwhile.

        A tag whose object is gone by now is left out. Raises ForgeError.
        """
        self._read_objects(list(dict.fromkeys(ref.target for ref in wanted)))
        if self.request.full or not self.request.known:
            self._read_older_releases()
        collected = self._collected
        # What a tag points to stays as it is recorded.
        recorded = recorded_of(self.request, present)
        return {
            name: replace(recorded[name], published=date, is_flagged=name in collected.flagged)
            for name, date in collected.published.items()
            if name in recorded
        } | {ref.name: found for ref in wanted if (found := collected.details(ref)) is not None}

    def _read_objects(self, oids: Sequence[str]) -> None:
        """Ask for objects in few queries at a time, and for the newest releases with the first.

        What GitHub refuses is asked for again in queries of half the size: one at first, the others once it succeeds.
        """
        queries, ask = self._queries(oids, has_releases=True), in_parallel
        while queries:
            refused: list[_Query] = []
            for query, found in ask(self._try, queries, _AT_ONCE):
                if found is None:
                    refused.append(query)
                    self._shrink(query)
                else:
                    self._take(query, found)
            left = [oid for query in refused for oid in query.oids]
            queries = self._queries(left, has_releases=any(query.releases for query in refused))
            ask = first_then_parallel

    def _read_older_releases(self) -> None:
        """Read the releases from where they were left to their end."""
        for _ in range(_MOST_PAGES):
            if not self._releases.has_next:
                return
            query, found = self._try(_Query((), self._page))
            if found is None:
                self._shrink(query)
            else:
                self._take(query, found)
        raise ForgeUnavailable(self.counter.where, "GitHub's release list does not end")

    def _shrink(self, refused: _Query) -> None:
        self._most = max(_LEAST, min(self._most, refused.size // 2))

    def _queries(self, oids: Sequence[str], *, has_releases: bool) -> list[_Query]:
        """Divide objects among as few queries as are allowed, about as many to each."""
        count = -(-len(oids) // self._most) or int(has_releases)
        bounds = [len(oids) * number // count for number in range(count + 1)] if count else []
        return [
            _Query(oids[start:end], self._page if has_releases and start == 0 else 0) for start, end in pairwise(bounds)
        ]

    @property
    def _page(self) -> int:
        return min(PAGE, self._most)

    def _try(self, query: _Query) -> tuple[_Query, dict[str, Any] | None]:
        """Return the query with the repository that it showed, None where a smaller one has to be sent instead."""
        if len(query.oids) > self._most:
            return query, None
        try:
            return query, self._ask(query)
        except QueryFailed:
            if not query.is_divisible:
                raise
            return query, None

    def _ask(self, query: _Query) -> dict[str, Any]:
        owner, _, name = self.request.path.partition("/")
        variables: dict[str, Any] = {f"o{number}": oid for number, oid in enumerate(query.oids)}
        variables |= {"owner": owner, "name": name, "releases": query.releases > 0, "after": self._releases.after}
        counter = RequestCounter(self.counter.where)
        try:
            with self.clients.acquire() as client:
                data = client.graphql(
                    counter,
                    objects_query(len(query.oids)),
                    variables | {"count": query.releases or 1},
                    is_divisible=query.is_divisible,
                )
        finally:
            with self._guard:
                self.counter.requests += counter.requests
                self.counter.redirected = self.counter.redirected or counter.redirected
        found = data.get("repository")
        if not isinstance(found, dict):
            raise ForgeUnavailable(self.counter.where, "GitHub's response has no repository")
        return found

    def _take(self, query: _Query, found: Mapping[str, Any]) -> None:
        self.called, self.identity = text_of(found, "nameWithOwner"), id_of(found, "databaseId")
        if query.releases:
            self._take_releases(found.get("releases"))
        for alias, target in found.items():
            if alias not in _OTHER_FIELDS:
                self._collected.take_object(target)

    def _take_releases(self, page: Any) -> None:
        if not isinstance(page, dict):
            self._releases.has_next = False
            return
        self._collected.take_releases(page.get("nodes"))
        self._releases.take(page.get("pageInfo"))


def wanted_refs(request: PollRequest, refs: Sequence[TagRef] | None) -> list[TagRef]:
    """List the refs whose details are to be looked up: new ones, those with another target, or all."""
    if refs is None:
        return [ref for ref in request.known.values() if ref.name not in request.detailed]
    detailed, known = request.detailed, request.known
    if request.full or not detailed:
        return list(refs)
    return [ref for ref in refs if ref.name not in detailed or known.get(ref.name) != ref]
