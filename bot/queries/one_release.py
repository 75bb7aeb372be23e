"""One release with all that is known of it: its tags, dates, events and notes, and what came before and after."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.domain.filters import ReleaseRule, Wanted
from bot.domain.periods.period import AsOf, Period
from bot.domain.releases import Release, key_of
from bot.domain.repositories import Repository
from bot.domain.tags import TagEvent
from bot.domain.values import dataclass
from bot.domain.versions.version import ReleaseKind
from bot.queries.base import Answer, QueryContext, Result
from bot.queries.selection import releases_at
from bot.render.json_form import moment_json, release_json, tag_json
from bot.render.markup import Markup
from bot.render.release_table import releases_table
from bot.render.release_words import dated
from bot.render.table import Table
from bot.services.twins import apart_of

if TYPE_CHECKING:
    from bot.render.notes_words import ReleaseNotes
    from bot.services.observations import ObservedTag


@dataclass(frozen=True, slots=True)
class OneRelease(Result):
    """A release of a repository.

    ``before`` is what precedes it in its series (``ReleaseStore.preceding``), ``after`` the next higher version of it;
    ``comparison`` is the page that compares it with the one before. ``apart`` is how far its tags' commits lie apart,
    None if they do not.
    """

    repository: Repository
    as_of: AsOf
    release: Release
    tags: Sequence["ObservedTag"]
    events: Sequence[TagEvent]
    notes: "ReleaseNotes"
    before: Release | None
    after: Release | None
    comparison: str | None
    apart: timedelta | None

    def answer(self, markup: Markup) -> Answer:
        """Return when it came out."""
        period = Period(None, self.as_of.end, self.as_of.zone)
        return Answer(f"{markup.strong(markup.release(self.release))}: {dated(self.release, period)}")

    def tables(self) -> Sequence[Table]:
        """Return the release, and its tags with every date."""
        from bot.render.tag_table import tags_table

        zone = self.as_of.zone
        return [releases_table([self.release], zone), tags_table(self.tags, zone)]

    def data(self) -> Any:
        """Return all of it."""
        from bot.render.notes_words import notes_json

        zone = self.as_of.zone
        apart = {key_of(self.release)} if self.apart is not None else ()
        return {
            "release": release_json(self.release, zone, apart),
            "tags": [tag_json(each, zone) for each in self.tags],
            "events": [
                {
                    "tag": each.before.name,
                    "event": each.kind.value,
                    "at": moment_json(each.at, zone),
                    "from": each.before.commit or each.before.target,
                    "to": each.to_commit or each.to_target,
                }
                for each in self.events
            ],
            "notes": notes_json(self.notes),
            "previous": self.before and self.before.version,
            "next": self.after and self.after.version,
            "comparison_url": self.comparison,
        }


def one_release(repository: Repository, version: str, context: QueryContext) -> OneRelease | None:
    """Return a release by its version as it is shown, else by any name of it; None if there is none by then."""
    from bot.render.notes_words import ReleaseNotes
    from bot.services.observations import observed_tags_of

    store = context.store
    held = releases_at(version, [repository], context)
    found = next((each for each in held if each.version == version), held[0] if len(held) == 1 else None)
    if found is None:
        return None
    key = key_of(found)
    tags = observed_tags_of(repository, found, store)
    names = {each.tag.name for each in tags}
    events = [event for _, event in store.tags.events([repository.key]) if event.before.name in names]
    before = store.releases.preceding([key]).get(key)
    comparison = None if before is None else repository.url_of_comparison(_tag_of(before), _tag_of(found))
    return OneRelease(
        repository,
        context.as_of,
        found,
        tags,
        [event for event in events if event.at < context.as_of.end],
        ReleaseNotes(repository, found, store.notes.of([key]).get(key)),
        before,
        _after(found, context),
        comparison,
        apart_of([found], store.tags).get(key),
    )


def _tag_of(release: Release) -> str:
    return release.version if release.version in release.tags else release.tags[0]


def _after(release: Release, context: QueryContext) -> Release | None:
    """Return the next higher version of its series; after a final one, the next final one."""
    kinds = frozenset(kind for kind in ReleaseKind if kind.is_final or not release.kind.is_final)
    rule = ReleaseRule((release.repository,), kinds, frozenset({release.series}))
    of_series = Wanted((release.repository,), (rule,), None, context.as_of.end)
    later = [each for each in context.store.releases.newest(of_series) if each.order > release.order]
    return min(later, key=lambda each: each.order, default=None)
