"""The commits and dates of a GitHub repository's tags, by GraphQL: pages of the newest, then batches by id."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.domain.tags import TagDetails, TagRef
from bot.forges.answers import id_of, text_of
from bot.forges.github_client import GitHubClient, QueryFailed
from bot.forges.github_queries import PAGE, TAGS_PAGE, Connection, Learnt, objects_query
from bot.forges.github_wire import Asking
from bot.services.ports import ForgeUnavailable, PollRequest

# More than any list that can be read between two polls.
_MOST_PAGES = 1_000
# A query for no more than this that fails would fail for fewer too.
_LEAST = 12


@dataclass
class Details:
    """The looking up of one repository's tags; ``called`` is the path that GitHub calls it by.

    ``identity`` is GitHub's id of it; both are empty while no page was read.
    """

    client: GitHubClient
    asking: Asking
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
        told = [ref for name in self._learnt.published if (ref := present.get(name)) is not None]
        return {
            ref.name: self._learnt.objects[ref.target].details(
                self._learnt.published.get(ref.name), is_flagged=ref.name in self._learnt.flagged
            )
            for ref in (*wanted, *told)
            if ref.target in self._learnt.objects
        }

    def _missing(self, wanted: Sequence[TagRef]) -> list[str]:
        return list(dict.fromkeys(ref.target for ref in wanted if ref.target not in self._learnt.objects))

    def _read_pages(self, wanted: Sequence[TagRef], *, to_the_end: bool) -> None:
        """Read pages of tags, newest commits first, until what is missing fits one query by ids.

        Releases are read beside them: to their end, or their newest page.
        """
        refs, releases = Connection(self.asking.where), Connection(self.asking.where)
        for _ in range(_MOST_PAGES):
            pages = {"refs": refs.has_next, "refsAfter": refs.after}
            pages |= {"releases": releases.has_next, "releasesAfter": releases.after}
            found = self._ask_page(pages)
            if not isinstance(found, dict):
                raise ForgeUnavailable(self.asking.where, "GitHub's answer has no repository")
            self.called, self.identity = text_of(found, "nameWithOwner"), id_of(found, "databaseId")
            _take_page(found.get("refs"), refs, self._learnt.take_refs)
            _take_page(found.get("releases"), releases, self._learnt.take_releases)
            refs.has_next = refs.has_next and len(self._missing(wanted)) > PAGE
            releases.has_next = releases.has_next and to_the_end
            if not (refs.has_next or releases.has_next):
                return
        what = "GitHub's list of tags has no end"
        raise ForgeUnavailable(self.asking.where, what)

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
        return self.client.graphql(self.asking, query, {"owner": owner, "name": name, **variables}).get("repository")


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
