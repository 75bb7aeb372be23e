"""The archive of digests: which were made, and what each told, for ever as it was told."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.domain.digests.archive import ArchivedDigest, NamedRelease
from bot.domain.digests.delivery import DeliveryState
from bot.domain.errors import UsageError
from bot.domain.periods.period import Period
from bot.queries.base import Answer, Result
from bot.render.json_form import moment_json, period_json
from bot.render.markup import Markup
from bot.render.release_words import source_mark
from bot.render.table import Column, Table
from bot.render.words import day, interval, moment_words
from bot.web import addresses
from bot.web.visits import NotThereError, Page, Visit

_A_PAGE = 50
_COLUMNS = (Column("digest"), Column("channel"), Column("period"), Column("headline"), Column("state"), Column("page"))
_STATES = {
    DeliveryState.PENDING: "not posted yet",
    DeliveryState.SENDING: "being posted",
    DeliveryState.SENT: "posted",
    DeliveryState.FAILED: "could not be posted",
    DeliveryState.DROPPED: "dropped",
    DeliveryState.SKIPPED: "not posted: nothing new",
}


@dataclass(frozen=True)
class Archive(Result):
    """Digests that were made, the newest first."""

    digests: tuple[ArchivedDigest, ...]

    def answer(self, markup: Markup) -> Answer:
        """Return how many there are."""
        del markup
        return Answer(f"{len(self.digests)} digests")

    def data(self) -> list[dict[str, Any]]:
        """Return each with the address of its page."""
        return [_summary(each) for each in self.digests]

    def tables(self) -> tuple[Table, ...]:
        """Return the digests as a table."""
        rows = (
            (of.of.name, of.of.channel, interval(_period(of)), of.headline, state_words(of), addresses.digest(of.of))
            for of in self.digests
        )
        return (Table.of(_COLUMNS, rows),)


@dataclass(frozen=True)
class Kept(Result):
    """One digest as it was told: its content, or the releases that it named if that was not kept yet."""

    digest: ArchivedDigest
    content: Mapping[str, Any] | None
    named: tuple[NamedRelease, ...]

    def answer(self, markup: Markup) -> Answer:
        """Return its headline."""
        return Answer(markup.plain(self.digest.headline))

    def data(self) -> dict[str, Any]:
        """Return what ``release-bot digest --format json`` told then; of an older digest its releases."""
        zone = _zone(self.digest)
        content = self.content["digest"] if self.content is not None else None
        releases = [
            {"repository": each.key[0], "normalized": each.key[1], "date": moment_json(each.date, zone)}
            for each in self.named
        ]
        return {**_summary(self.digest), "told": content, "releases": releases}

    def tables(self) -> tuple[Table, ...]:
        """Return the releases that it named."""
        columns = (Column("repository"), Column("release"), Column("date"))
        zone = _zone(self.digest)
        rows = ((e.key[0], e.version or e.key[1], moment_json(e.date, zone) or "") for e in self.named)
        return (Table.of(columns, rows),)


def listed(visit: Visit, rest: str = "") -> Page:
    """Return a page of the archive, of all digests or of those of a name to a channel. Raises NotThereError."""
    archive = visit.context.store.archive
    name, channel = _audience(rest) if rest else (None, None)
    audiences = archive.audiences()
    if name is not None and (name, channel) not in {*audiences, *_configured(visit)}:
        what = f"no digest {name} was made for {channel}"
        raise NotThereError(what)
    before = (_page_number(visit) - 1) * _A_PAGE
    found = archive.newest(name=name, channel=channel, most=_A_PAGE + 1, after=before)
    shown = tuple(found[:_A_PAGE])
    values = {
        "name": name,
        "channel": channel,
        "audiences": audiences,
        "digests": [(each, interval(_period(each)), state_words(each)) for each in shown],
        "newer": str(_page_number(visit) - 1) if before else "",
        "older": str(_page_number(visit) + 1) if len(found) > _A_PAGE else "",
    }
    title = "Digests" if name is None else f"Digests {name} to {channel}"
    feed = visit.root + addresses.in_format(addresses.digests(name or "", channel or ""), "atom")
    return Page(title, "digests.html", values, results={"digests": Archive(shown)}, feeds={title: feed})


def digest_page(visit: Visit, rest: str) -> Page:
    """Return the page of a digest. Raises NotThereError."""
    archive = visit.context.store.archive
    try:
        digest = archive.find(addresses.digest_in(rest))
    except ValueError:
        digest = None
    if digest is None:
        what = "no such digest was made"
        raise NotThereError(what)
    kept = Kept(digest, archive.content(digest.number), tuple(archive.named(digest.number)))
    values = {
        "digest": digest,
        "period": interval(_period(digest)) if kept.content is None else kept.content["period"],
        "made": moment_words(digest.made_at, _zone(digest)),
        "state": state_words(digest),
        "sections": None if kept.content is None else [_section(each) for each in kept.content["sections"]],
        "rule": "" if kept.content is None else kept.content["rule"],
        "releases": [(each, _dated(each, digest), _web(each.url)) for each in kept.named],
        "copies": [
            (each, moment_words(each.made_at, _zone(each)))
            for each in archive.copies(digest.of)
            if each.number != digest.number
        ],
    }
    return Page(digest.headline, "digest.html", values, results={"digest": kept})


def any_of(visit: Visit, rest: str) -> Page:
    """Return what an address below that of the archive means: one digest, or all of a name to a channel."""
    return listed(visit, rest) if rest.count("/") == 1 else digest_page(visit, rest)


def state_words(digest: ArchivedDigest) -> str:
    """Return whether a digest was posted, in words."""
    is_in_part = digest.is_told and digest.state in (DeliveryState.FAILED, DeliveryState.DROPPED)
    return "posted in part" if is_in_part else _STATES[digest.state]


def _audience(rest: str) -> tuple[str, str]:
    try:
        return addresses.audience_in(rest)
    except ValueError as error:
        what = "no digest has this address"
        raise NotThereError(what) from error


def _configured(visit: Visit) -> list[tuple[str, str]]:
    """Return the name and the channel of each digest of the configuration: one may not have been made yet."""
    return [(order.name, order.channel) for order in visit.context.digests]


def _page_number(visit: Visit) -> int:
    text = visit.asked.page or "1"
    if not text.isascii() or not text.isdigit() or not 0 < len(text) < 7 or text == "0":  # noqa: PLR2004 - far enough
        raise UsageError("page", f'invalid number "{text}"', "example: page=2")
    return max(int(text), 1)


def _summary(digest: ArchivedDigest) -> dict[str, Any]:
    return {
        "name": digest.of.name,
        "channel": digest.of.channel,
        "period": period_json(_period(digest)),
        "made_at": moment_json(digest.made_at, _zone(digest)),
        "headline": digest.headline,
        "state": digest.state.value,
        "page": addresses.digest(digest.of),
    }


def _zone(digest: ArchivedDigest) -> ZoneInfo:
    try:
        return ZoneInfo(digest.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _period(digest: ArchivedDigest) -> Period:
    return Period(digest.of.start, digest.of.end, _zone(digest))


def _dated(release: NamedRelease, digest: ArchivedDigest) -> str:
    if release.date is None:
        return "no date"
    return f"{day(release.date, _period(digest))}{source_mark(release.source)}"


def _section(section: Mapping[str, Any]) -> Mapping[str, Any]:
    lines = [{"depth": line["depth"], "runs": list(_runs(line["runs"]))} for line in section["lines"]]
    return {"heading": list(_runs(section["heading"])), "lines": lines}


def _runs(runs: Iterable[Mapping[str, Any]]) -> Iterable[Mapping[str, Any]]:
    for run in runs:
        yield {"text": run["text"], "url": _web(run.get("url")), "is_strong": bool(run.get("strong"))}


def _web(url: str | None) -> str:
    """Return an address of the web, empty for none and for any other."""
    return url if url and urlsplit(url).scheme in ("http", "https") else ""
