"""Answers as tables for a terminal; pure: Rich renderables, printed elsewhere."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from rich.console import Group as Lines
from rich.console import RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from bot.domain.periods import AsOf
from bot.domain.releases import Release, ReleaseState
from bot.domain.tags import DateSource, TagDetails, TagState
from bot.render.lacking_words import lacking_lines
from bot.render.release_words import flagged
from bot.render.words import plural, printable
from bot.services.counting import Counted
from bot.services.lacking import Lacking
from bot.services.observing import ObservedTag
from bot.services.polling import PollOutcome

_SHORT_COMMIT = 10


def counted_line(counted: Counted) -> RenderableType:
    """Say the number, the rule, the interval with its zone, and what the number may lack."""
    period = counted.period
    noun = plural(counted.total, "release" if len(counted.kinds) != 1 else _noun(counted.kinds[0]))
    rule = "" if len(counted.kinds) == 1 else f" ({' + '.join(counted.kinds)})"
    start = "the beginning" if period.start is None else _minute(period.start, period.zone)
    lines = [Text(f"{noun}{rule} from {start} to {_minute(period.end, period.zone)} ({period.zone.key})", style="bold")]
    if counted.as_of.end < period.end:
        lines.append(Text(f"as of {_minute(counted.as_of.end, period.zone)}"))
    if counted.undated:
        lines.append(undated_line(counted.undated, "not counted"))
    lines += lacking_texts(counted.lacking, counted.as_of)
    if counted.complete_until is None:
        lines.append(Text("incomplete: not every repository has been polled; run: release-bot poll"))
    else:
        lines.append(Text(f"complete until {_minute(counted.complete_until, period.zone)}", style="dim"))
    return Lines(*lines)


def undated_line(undated: int, what: str) -> Text:
    """Say how many releases have no known date, and what that means for them."""
    return Text(f"{what}: {plural(undated, 'release')} without a known date")


def lacking_texts(lacking: Lacking, as_of: AsOf) -> list[Text]:
    """Say what an answer may lack, a line for each cause."""
    return [Text(line) for line in lacking_lines(lacking, as_of, printable)]


def _noun(kind: str) -> str:
    return {"all": "release", "pre-release": "pre-release"}.get(kind, f"{kind} release")


def groups_table(counted: Counted) -> Table:
    """Show the breakdown of a count."""
    table = plain_table()
    units = [unit.value for unit, _ in counted.groups[0].keys] if counted.groups else []
    for unit in units:
        table.add_column(unit)
    table.add_column("count", justify="right")
    for group in counted.groups:
        table.add_row(*(printable(value) for _, value in group.keys), str(group.count))
    return table


def releases_table(releases: Sequence[Release], zone: ZoneInfo) -> Table:
    """Show releases, each with its tags, commit, date, and where the date came from."""
    table = plain_table("repository", "release", "series", "kind", "date", "date from", "commit", "tags")
    for release in releases:
        state = "" if release.state is ReleaseState.CURRENT else f" ({release.state.value})"
        table.add_row(
            cell(release.repository),
            cell(release.version + state),
            release.series,
            "; ".join([release.kind.value, *flagged(release)]),
            _minute(release.date, zone),
            _source(release, zone),
            (release.commit or "")[:_SHORT_COMMIT],
            cell(", ".join(release.tags)),
        )
    return table


def _source(release: Release, zone: ZoneInfo) -> str:
    """Name where a release's date came from, and the day that its forge announces."""
    source = release.date_source.value if release.date_source else "not known"
    return f"{source}, upcoming {_minute(release.upcoming, zone)}" if release.upcoming else source


def tags_table(seen: Iterable[ObservedTag], zone: ZoneInfo) -> Table:
    """Show tags as observed; a date that is not believed is marked."""
    dates = ("published", "tagger", "committed", "first seen", "last seen")
    table = plain_table("repository", "tag", "release", "commit", *dates, "date from", "state")
    for each in seen:
        tag, details = each.tag, each.tag.details or TagDetails(commit=None)
        table.add_row(
            cell(each.repository),
            cell(tag.name),
            cell(each.version or ("unclassified" if each.is_unclassified else "left out")),
            (tag.commit or "")[:_SHORT_COMMIT],
            _minute(details.published, zone) + _mark(each, DateSource.PUBLISHED),
            _minute(details.tagger, zone) + _mark(each, DateSource.TAGGER),
            _minute(details.committed, zone) + _mark(each, DateSource.COMMIT),
            _minute(tag.first_seen, zone),
            _minute(tag.last_seen, zone),
            each.dated[1].value if each.dated else "not known",
            "" if tag.state is TagState.CURRENT else tag.state.value,
        )
    return table


def _mark(each: ObservedTag, source: DateSource) -> str:
    return " ?" if source in each.doubts else ""


def doubts_lines(seen: Iterable[ObservedTag], zone: ZoneInfo) -> list[Text]:
    """Say of each date that is not believed why not, and which date counts instead."""
    lines = []
    for each in seen:
        counts = "no date counts"
        if each.dated is not None:
            counts = f"{each.dated[1].value} counts: {_minute(each.dated[0], zone)}"
        name = f"{printable(each.repository)} {printable(each.tag.name)}"
        for source, doubt in each.doubts.items():
            lines.append(Text(f"? {name}: {source.value} not believed, {doubt.value}; {counts}"))
    return lines


def poll_table(outcomes: Sequence[PollOutcome], seconds: float) -> RenderableType:
    """Show what a poll found in each repository."""
    table = plain_table("repository", "status")
    for column in ("tags", "new", "moved", "deleted", "unclassified", "requests"):
        table.add_column(column, justify="right")
    for outcome in outcomes:
        numbers = (outcome.tags, len(outcome.new), len(outcome.moved), len(outcome.deleted), len(outcome.unclassified))
        table.add_row(cell(outcome.repository), outcome.status, *map(str, (*numbers, outcome.requests)))
    requests = sum(outcome.requests for outcome in outcomes)
    return Lines(table, Text(f"{plural(requests, 'request')} in {seconds:.1f} s", style="dim"))


def plain_table(*columns: str) -> Table:
    """Give a table without lines."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def cell(text: str) -> str:
    """Make text from a forge safe for the terminal and for Rich's markup."""
    return escape(printable(text))


def _minute(moment: datetime | None, zone: ZoneInfo) -> str:
    return "" if moment is None else moment.astimezone(zone).strftime("%Y-%m-%d %H:%M")
