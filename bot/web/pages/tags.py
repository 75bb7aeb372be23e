"""The tags of a repository, each with its release, its commit and its date."""

from typing import Any

from bot.domain.errors import UsageError
from bot.domain.repositories import Repository
from bot.domain.values import dataclass
from bot.queries.base import Answer, Result
from bot.render.json_form import tag_json
from bot.render.markup import Markup
from bot.render.table import Table
from bot.render.tag_table import tags_table
from bot.render.words import plural
from bot.services.observations import ObservedTag, observed_tags_named
from bot.web.views import minute, paged
from bot.web.visits import Page, Visit

_EACH = 100


@dataclass(frozen=True, slots=True)
class TagList(Result):
    """The tags that a repository has, so many; they are read where they are wanted."""

    repository: Repository
    count: int
    visit: Visit

    def answer(self, markup: Markup) -> Answer:
        """Return how many there are."""
        return Answer(f"{plural(self.count, 'tag')} of {markup.plain(self.repository.name)}")

    def tables(self) -> tuple[Table, ...]:
        """Return the tags as ``release-bot tags`` lists them. Raises UsageError for too many."""
        return (tags_table(self._read(), self.visit.as_of.zone),)

    def data(self) -> list[dict[str, Any]]:
        """Return the tags as ``release-bot tags`` gives them. Raises UsageError for too many."""
        return [tag_json(each, self.visit.as_of.zone) for each in self._read()]

    def _read(self) -> list[ObservedTag]:
        store, most = self.visit.context.store, self.visit.source.most
        names = store.tags.present(self.repository.key, most + 1)
        if len(names) > most:
            raise UsageError("address", f"more than {most:,} tags", "use: release-bot tags")
        return observed_tags_named(self.repository, names, store)


def make(visit: Visit, key: str) -> Page:
    """Return the list of a repository's tags, by name. Raises UsageError and NotThereError."""
    repository, store = visit.repository(key), visit.context.store
    [record] = store.tags.records([key])
    part, links = paged(visit, record.tag_count, _EACH)
    shown = observed_tags_named(repository, store.tags.present(key, _EACH, part.start), store)
    values = {
        "repository": repository,
        "count": record.tag_count,
        "tags": [(each, _release(each)) for each in shown],
        "links": links,
        "minute": minute,
    }
    listed = TagList(repository, record.tag_count, visit)
    return Page(f"Tags of {repository.name}", "tags.html", values, {"tags": listed})


def _release(each: ObservedTag) -> tuple[str, str] | None:
    """Return the key and the version of a tag's release, None without one; that of a product is named before it."""
    if each.version is None:
        return None
    product, _, version = each.version.rpartition(" ")
    return each.repository + product, version
