"""Release notes in words, as a table and as JSON: the entries verbatim, their pull requests linked."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bot.domain.notes.brief import Brief, brief_of
from bot.domain.notes.entries import Entry, Notes, cut_at_word
from bot.domain.notes.record import NotesRecord, NotesSource
from bot.domain.releases import Release
from bot.domain.repositories import Repository
from bot.domain.values import dataclass
from bot.render.markup import TEXT, Markup
from bot.render.table import Column, Table
from bot.render.words import plural

if TYPE_CHECKING:
    from bot.domain.digests.digest import ReleaseDetails

# In characters: of an entry in an answer, and in a digest or an announcement.
_LONGEST, _LONGEST_IN_BRIEF = 300, 140


@dataclass(frozen=True, slots=True)
class ReleaseNotes:
    """A release with what is recorded of its notes, None if nothing is."""

    repository: Repository
    release: Release
    record: NotesRecord | None

    @property
    def is_there(self) -> bool:
        """Return whether notes are recorded."""
        return self.record is not None and self.record.source in {NotesSource.FILE, NotesSource.RELEASE}

    @property
    def notes(self) -> Notes:
        """Return the entries."""
        return self.record.notes if self.record is not None else Notes()

    @property
    def url(self) -> str | None:
        """Return the address of the page that has the notes, None without such a page."""
        if self.record is not None and self.record.source is NotesSource.FILE and self.release.tags:
            return self.repository.url_of_notes(self.release.tags[0]) or self.release.url
        return self.release.url


def headline(found: ReleaseNotes, markup: Markup) -> str:
    """Return ``v7r1p29 of DIRAC: 2 new, 1 change, 5 fixes``, or that there are no notes."""
    named = f"{markup.strong(markup.release(found.release))} of {markup.plain(found.repository.name)}"
    if not found.is_there:
        return f"{named}: {_absence(found.record, markup)}"
    return f"{named}: {_counts(found, brief_of(found.notes, _LONGEST))}"


def entry_lines(found: ReleaseNotes, markup: Markup, most: int) -> tuple[str, ...]:
    """Return a line for each entry, at most so many, each cut at a word."""
    entries = found.notes.entries
    left = len(entries) - most
    lines = [_line(entry, found.repository, markup, _LONGEST) for entry in entries[:most]]
    return (*lines, f"and {left:,} more") if left > 0 else tuple(lines)


def notes_in(detail: "ReleaseDetails | None", release: Release) -> ReleaseNotes | None:
    """Return the notes that are recorded of a release, or that it has none; None while nothing is known."""
    if detail is None or detail.notes is None or detail.notes.source is None:
        return None
    return ReleaseNotes(detail.repository, release, detail.notes)


def in_brief(found: ReleaseNotes, markup: Markup) -> tuple[str, list[str]]:
    """Return how many changes of each kind a release has, and lines: the first ones, new ones first, and a rest."""
    brief = brief_of(found.notes, _LONGEST_IN_BRIEF)
    lines = [_line(entry, found.repository, markup, _LONGEST_IN_BRIEF) for entry in brief.shown]
    more = [markup.link(found.url, f"{brief.more:,} more")] if brief.more else []
    return _counts(found, brief), [*lines, *more]


def _counts(found: ReleaseNotes, brief: Brief) -> str:
    """Return ``2 new, 1 change, 5 fixes``, or that no change is noted."""
    if not found.is_there:
        return "no release notes"
    return brief.words or ("merged fixes only" if brief.propagated else "no entries in its release notes")


def remarks(found: ReleaseNotes, markup: Markup) -> list[str]:
    """Return what has to be known of a release's notes beside their entries."""
    version, notes = markup.plain(found.release.version), found.notes
    lines = []
    if notes.propagated:
        lines.append(f"{version}: {plural(notes.propagated, 'line')} about merged fixes not listed")
    if notes.is_cut:
        lines.append(f"{version}: its release notes are longer than what is kept")
    if found.record is None:
        lines.append(f"to read the release notes of {version} from its forge: release-bot notes {version}")
    return lines


def notes_table(found: Sequence[ReleaseNotes]) -> Table:
    """Return the entries as a table, below it the releases that have none."""
    columns = (Column("release"), Column("kind"), Column("change"), Column("pull request"))
    rows = (
        (each.release.version, entry.kind, entry.text, "" if entry.pull is None else f"#{entry.pull}")
        for each in found
        for entry in each.notes.entries
    )
    lacking = [headline(each, TEXT) for each in found if not each.notes.entries]
    return replace(Table.of(columns, rows), footer=tuple(lacking))


def notes_json(found: ReleaseNotes) -> dict[str, Any]:
    """Return the notes of a release: ``source`` is null if they were not read yet, ``none`` if there are none."""
    source = found.record.source if found.record is not None else None
    return {
        "repository": found.release.repository,
        "version": found.release.version,
        "source": None if source is None else source.value,
        "url": found.url,
        "entries": [entry_json(entry, found.repository) for entry in found.notes.entries],
        "propagated": found.notes.propagated,
        "cut": found.notes.is_cut,
    }


def entry_json(entry: Entry, repository: Repository) -> dict[str, Any]:
    """Return an entry with the address of its pull request; its kind is null if the notes name none."""
    return {"kind": entry.kind or None, "text": entry.text, "url": _url_of(entry, repository)}


def _line(entry: Entry, repository: Repository, markup: Markup, longest: int) -> str:
    kind = f"{markup.plain(entry.kind)}: " if entry.kind else ""
    text = markup.plain(cut_at_word(entry.text, longest))
    if entry.pull is None:
        return f"{kind}{text}".rstrip()
    number = markup.link(_url_of(entry, repository), f"#{entry.pull}")
    return f"{kind}{text} ({number})" if text else f"{kind}{number}"


def _url_of(entry: Entry, repository: Repository) -> str | None:
    return None if entry.pull is None else repository.url_of_pull(entry.pull) or None


def _absence(record: NotesRecord | None, markup: Markup) -> str:
    if record is not None and record.source is NotesSource.NONE:
        return "no release notes"
    if record is None or not record.error:
        return "its release notes have not been read yet" if record else "its release notes are not recorded"
    return f"its release notes could not be read: {markup.plain(record.error)}"
