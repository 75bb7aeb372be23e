"""Reading what git prints: the list of a server's tags, and the dates in commits and tag objects. Pure."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime

from bot.domain.tags import TagDetails, TagRef
from bot.domain.values import dataclass
from bot.forges.payload import is_object_id, is_tag_name, read_seconds

_PREFIX = "refs/tags/"
_PEELED = "^{}"
# "committer NAME <EMAIL> SECONDS ZONE" (gitformat: the person lines of a commit and of a tag object). The seconds
# decide, wherever they end: the zone only shifts how they are shown, and old tools wrote any digits there, or none.
_STAMP = re.compile(rb"[ \t]*(-?[0-9]{1,15})")
_HEADER = re.compile(rb"([0-9a-f]{40,64}) ([a-z]+)(?: ([0-9]{1,15}))?")


class Unreadable(Exception):
    """The output is not a list of tags."""


@dataclass(frozen=True, slots=True)
class PeeledTag:
    """A tag as a server lists it; ``peeled`` is what an annotated tag points to, else the target itself."""

    ref: TagRef
    peeled: str


@dataclass(frozen=True, slots=True)
class GitObject:
    """The kind of an object, and when it was made: by the committer or the tagger, None where nobody says."""

    kind: str
    made: datetime | None = None


def read_listing(text: bytes) -> list[PeeledTag]:
    r"""Read the lines of ``git ls-remote``. Raises Unreadable for a line that is not a tag, and for a tag listed twice.

    Bytes of a name that are no UTF-8 are written as ``\xe9``: git allows no backslash in names, so that no other
    name is written so, and each keeps its own.
    """
    targets: dict[str, str] = {}
    peeled: dict[str, str] = {}
    for line in text.split(b"\n")[:-1]:
        oid, _, ref = line.decode("utf-8", "surrogateescape").partition("\t")
        found, name = (peeled, ref.removesuffix(_PEELED)) if ref.endswith(_PEELED) else (targets, ref)
        name = name.removeprefix(_PREFIX)
        shown = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
        is_name = is_tag_name(name.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))
        if not (ref.startswith(_PREFIX) and is_name and is_object_id(oid)) or shown in found:
            raise Unreadable
        found[shown] = oid
    if not peeled.keys() <= targets.keys() or (text and not text.endswith(b"\n")):
        raise Unreadable
    return [
        PeeledTag(TagRef(name, oid, annotated=name in peeled), peeled.get(name, oid)) for name, oid in targets.items()
    ]


def read_kinds(text: bytes) -> dict[str, tuple[str, int]]:
    """Read the kind and the size in bytes of each object that is there, from ``git cat-file --batch-check``."""
    found = (_HEADER.fullmatch(line) for line in text.split(b"\n"))
    return {each[1].decode(): (each[2].decode(), int(each[3])) for each in found if each and each[3]}


def read_objects(text: bytes) -> Iterator[tuple[str, GitObject]]:
    """Read commits and tag objects with their dates, from ``git cat-file --batch``; what breaks off is left out."""
    start = 0
    while (end := text.find(b"\n", start)) >= 0:
        header = _HEADER.fullmatch(text, start, end)
        size = int(header[3] or 0) if header else 0
        if header and header[3]:
            kind, body = header[2].decode(), text[end + 1 : end + 1 + size]
            yield header[1].decode(), GitObject(kind, _made(kind, body))
            size += 1
        start = end + 1 + size


def details_of(tag: PeeledTag, objects: Mapping[str, GitObject]) -> TagDetails | None:
    """Put together what is known of a tag; None where an object of it has not been read.

    The tagger's date is that of the outermost tag object, as GitHub tells it too.
    """
    target, stood_on = objects.get(tag.ref.target), objects.get(tag.peeled)
    if target is None or stood_on is None:
        return None
    is_commit = stood_on.kind == "commit"
    return TagDetails(
        commit=tag.peeled if is_commit else None,
        tagger=target.made if target.kind == "tag" else None,
        committed=stood_on.made if is_commit else None,
    )


def _made(kind: str, body: bytes) -> datetime | None:
    """Find the date in the headers of a commit or a tag object; a continued header begins with a space."""
    word = b"committer " if kind == "commit" else b"tagger "
    headers = body.partition(b"\n\n")[0].split(b"\n")
    person = next((line for line in headers if line.startswith(word)), b"")
    _, end, rest = person.rpartition(b">")
    stamp = _STAMP.match(rest) if end else None
    return read_seconds(int(stamp[1])) if stamp else None
