"""The feeds of digests that were told: of all, and of those of a name to a channel."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.domain.digests.archive import ArchivedDigest
from bot.web import addresses
from bot.web.documents.feeds import KIND
from bot.web.feeds import Entry, Feed, atom
from bot.web.identities import urn
from bot.web.visits import Document, NotThereError, Visit

# Each is read with its text.
_MOST = 20


def of_all(visit: Visit) -> Document:
    """Return the feed of all digests."""
    return _feed(visit, "digests", addresses.digests(), visit.context.store.archive.newest(most=_MOST))


def of_audience(visit: Visit, rest: str) -> Document:
    """Return the feed of the digests of a name to a channel. Raises NotThereError."""
    archive = visit.context.store.archive
    try:
        name, channel = addresses.audience_in(rest)
    except ValueError as error:
        what = "no digests have this address"
        raise NotThereError(what) from error
    if (name, channel) not in archive.audiences():
        what = f"no digest {name} was made for {channel}"
        raise NotThereError(what)
    made = archive.newest(name=name, channel=channel, most=_MOST)
    return _feed(visit, f"digest {name} to {channel}", addresses.digests(name, channel), made)


def _feed(visit: Visit, title: str, page: str, made: Sequence[ArchivedDigest]) -> Document:
    feed = Feed(
        id=urn("feed", visit.path),
        address=visit.origin + visit.here(),
        page=visit.whole(page),
        title=f"{visit.source.title}: {title}",
        entries=[_entry(each, visit) for each in made if each.is_told],
    )
    return Document(atom(feed), KIND)


def _entry(digest: ArchivedDigest, visit: Visit) -> Entry:
    address = addresses.digest(digest.of)
    content = visit.context.store.archive.content(digest.number)
    return Entry(
        # The address stays its own for ever, wherever the pages are.
        id=urn("digest", *address.removeprefix(f"{addresses.DIGESTS}/").split("/")),
        page=visit.whole(address),
        title=digest.headline,
        updated=digest.made_at,
        published=digest.made_at,
        lines=tuple(_lines(content)) if content is not None else (),
        author=digest.of.name,
    )


def _lines(content: Mapping[str, Any]) -> Iterator[str]:
    yield content["period"]
    for section in content["sections"]:
        if section["heading"]:
            yield _text(section["heading"])
        yield from (f"- {_text(line['runs'])}" for line in section["lines"])


def _text(runs: Sequence[Mapping[str, Any]]) -> str:
    return "".join(run["text"] for run in runs)
