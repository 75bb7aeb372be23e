"""A release: its tags, every date and which one counts, what happened to it, and its notes."""

from bot.domain.notes.dirac import DiracNotes
from bot.domain.notes.record import NotesSource
from bot.domain.tags import DateSource, TagDetails
from bot.queries.one_release import OneRelease, one_release
from bot.render.notes_html import notes_html
from bot.render.release_words import source_words
from bot.services.observations import ObservedTag
from bot.web.views import colours_of, minute
from bot.web.visits import NotThereError, Page, Visit


def make(visit: Visit, key: str, version: str) -> Page:
    """Return the page of a release. Raises NotThereError."""
    repository = visit.repository(key)
    found = one_release(repository, version, visit.context)
    if found is None:
        what = f"{repository.name} has no release {version}"
        raise NotThereError(what)
    values = {
        "repository": repository,
        "found": found,
        "release": found.release,
        "dates": [(seen, _dates(visit, seen)) for seen in found.tags],
        "why": _why(visit, found),
        "colour": colours_of(visit, [key]).get((key, found.release.series), 0),
        "notes": _notes(found),
        "minute": minute,
    }
    return Page(f"{found.release.version} of {repository.name}", "release.html", values, {"release": found})


def _dates(visit: Visit, seen: ObservedTag) -> list[tuple[str, str, str]]:
    """Return each known date of a tag: its source, when, and whether it counts or why not."""
    details = seen.tag.details or TagDetails(None)
    known = {
        DateSource.PUBLISHED: details.published,
        DateSource.INDEX: seen.uploaded,
        DateSource.TAGGER: details.tagger,
        DateSource.COMMIT: details.committed,
        DateSource.FIRST_SEEN: seen.tag.first_seen,
    }
    counting = seen.dated[1] if seen.dated else None
    return [
        (source_words(source), minute(visit, moment), _said(seen, source, counting))
        for source, moment in known.items()
        if moment is not None
    ]


def _said(seen: ObservedTag, source: DateSource, counting: DateSource | None) -> str:
    if source is counting:
        return "counts"
    if source in seen.doubts:
        return f"not believed: {seen.doubts[source].value}"
    if source is DateSource.FIRST_SEEN and seen.tag.backfilled:
        return "says nothing: it was there before the first poll"
    return "not needed"


def _why(visit: Visit, found: OneRelease) -> str:
    release, fixed = found.release, found.repository.date
    if release.date is None or release.date_source is None:
        return "No date of it is known and believable, so that it is in no period."
    order = ", ".join(source.value.replace("_", " ") for source in DateSource)
    rule = f"{fixed.value} if it is there, then " if fixed else ""
    return (
        f"Its date is {minute(visit, release.date)} ({visit.as_of.zone.key}; {source_words(release.date_source)}): "
        f"the first believable of {rule}{order}."
    )


def _notes(found: OneRelease) -> str | None:
    """Return notes in Markdown as HTML; None where there are none, or their entries are shown instead."""
    record = found.notes.record
    if record is None or record.source not in {NotesSource.FILE, NotesSource.RELEASE}:
        return None
    return None if record.format == DiracNotes.name else notes_html(record.text)
