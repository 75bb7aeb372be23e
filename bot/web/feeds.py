"""Feeds in the Atom format (RFC 4287)."""

from collections.abc import Sequence
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from bot.domain.values import dataclass
from bot.render.words import printable
from bot.web.identities import ISSUED, PRODUCT
from bot.web.text import brief

ATOM = "http://www.w3.org/2005/Atom"
# The most entries of a feed.
MOST = 50


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry: its name for programs, the address of its page, and its title and lines as received.

    ``updated`` is when readers should look at it again, ``published`` when it came out, None if that is not known.
    ``author`` is empty where it is the bot.
    """

    id: str
    page: str
    title: str
    updated: datetime
    published: datetime | None = None
    lines: Sequence[str] = ()
    author: str = ""


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed: its name for programs, its own address and that of the page beside it, title and entries."""

    id: str
    address: str
    page: str
    title: str
    entries: Sequence[Entry]


def atom(feed: Feed) -> bytes:
    """Return a feed as XML, with the entries that changed last, these first.

    Every text is made printable: a character that XML forbids would make readers refuse the whole feed.
    """
    entries = sorted(feed.entries, key=lambda each: (each.updated, each.id), reverse=True)[:MOST]
    root = ET.Element("feed", xmlns=ATOM)
    _add(root, "id", feed.id)
    _add(root, "title", brief(feed.title))
    _add(root, "updated", _moment(entries[0].updated if entries else ISSUED))
    _add(ET.SubElement(root, "author"), "name", PRODUCT)
    ET.SubElement(root, "link", rel="self", type="application/atom+xml", href=printable(feed.address))
    ET.SubElement(root, "link", rel="alternate", type="text/html", href=printable(feed.page))
    for each in entries:
        _add_entry(root, each)
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _add_entry(root: ET.Element, entry: Entry) -> None:
    element = ET.SubElement(root, "entry")
    _add(element, "id", entry.id)
    _add(element, "title", brief(entry.title))
    _add(element, "updated", _moment(entry.updated))
    if entry.published is not None:
        _add(element, "published", _moment(entry.published))
    if entry.author:
        _add(ET.SubElement(element, "author"), "name", brief(entry.author))
    ET.SubElement(element, "link", rel="alternate", type="text/html", href=printable(entry.page))
    if entry.lines:
        _add(element, "content", "\n".join(map(brief, entry.lines)), type="text")


def _add(parent: ET.Element, name: str, text: str, **attributes: str) -> None:
    ET.SubElement(parent, name, attributes).text = text


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
