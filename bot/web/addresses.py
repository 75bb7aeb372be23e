"""The addresses of pages, made of names and read back: pure, so that chats and mails can link to a page.

A repository is written ``FORGE:PATH``, a product ``FORGE:PATH:PRODUCT``: paths hold no colon.
What follows a repository stands after ``/-/``, so a part of a path that is all dashes gets one more. A name that ends
like a format (``.json``) gets a colon at its end, so that the formats of a page can be told from it.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import quote, urlencode

from bot.domain.digests.archive import DigestId

TIMELINE, CERTIFICATION, DIGESTS, SEARCH, HOW, STATUS = (
    "/timeline",
    "/certification",
    "/digests",
    "/search",
    "/how",
    "/status",
)
OVERVIEW = "/"
ALL_RELEASES = "/releases.atom"
BADGE, API = "/badge", "/api/v1"
# What a page is also offered as, by the end of its address.
FORMATS = ("json", "csv", "atom", "ics", "svg")
_FORMAT = re.compile(rf"(.+)\.({'|'.join(FORMATS)})", re.DOTALL)
_ENDED = re.compile(rf".*(:|\.({'|'.join(FORMATS)}))", re.DOTALL)
# What may stand in a path as it is.
_SAFE = "/:@!$,;=~+"
# Of the address of a digest.
_MOMENT, _BETWEEN, _BEGINNING, _SLOT, _COPY = "%Y-%m-%dT%H:%M:%SZ", "--", "beginning", "at-", "copy-"
Parameters = Mapping[str, str | Iterable[str]]


@lru_cache(maxsize=4_096)
def _part(name: str) -> str:
    """Return a name as the last part of an address; cached, as a page links to the same hundreds of times."""
    return quote(ended(name), safe=_SAFE)


@lru_cache(maxsize=4_096)
def repository(key: str) -> str:
    """Return the address of a repository's page."""
    return f"/r/{quote(repository_part(key), safe=_SAFE)}"


def series(key: str, name: str) -> str:
    """Return the address of the page of a repository's series."""
    return f"{repository(key)}/-/{_part(name)}"


def release(key: str, version: str) -> str:
    """Return the address of a release's page."""
    return f"{repository(key)}/-/release/{_part(version)}"


def unclassified(key: str) -> str:
    """Return the address of the list of a repository's unclassified tags."""
    return f"{repository(key)}/-/unclassified"


def tags(key: str) -> str:
    """Return the address of the list of the tags that a repository has."""
    return f"{repository(key)}/-/tags"


def certification(name: str = "") -> str:
    """Return the address of the board of certifications, or of the part for one series."""
    return f"{CERTIFICATION}/{_part(name)}" if name else CERTIFICATION


def quoted(path: str) -> str:
    """Return the path of a request as an address."""
    return quote(path, safe=_SAFE)


def badge(what: str, key: str = "", name: str = "", form: str = "svg") -> str:
    """Return the address of a badge: ``newest`` or ``count`` of a repository, a series or all, or ``certification``.

    As ``json`` it is for shields.io to draw.
    """
    of = repository(key).removeprefix("/r") if key else ""
    series_part = _part(name) if name else ""
    between = "/-/" if key and name else "/" if name else ""
    return f"{BADGE}/{what}{of}{between}{series_part}.{form}"


def api(name: str) -> str:
    """Return the address of an answer of the API."""
    return f"{API}/{name}"


def with_parameters(address: str, parameters: Parameters) -> str:
    """Return an address with parameters, without those that are empty."""
    pairs = [
        (name, value)
        for name, given in parameters.items()
        for value in ([given] if isinstance(given, str) else given)
        if value
    ]
    return f"{address}?{urlencode(pairs, safe=':/')}" if pairs else address


def in_format(address: str, form: str) -> str:
    """Return the address of a page's contents in a format."""
    path, mark, parameters = address.partition("?")
    return f"{'/overview' if path.endswith('/') else path}.{form}{mark}{parameters}"


def split_format(path: str) -> tuple[str, str]:
    """Return the path of a page, unquoted, and the format that it is wanted in, empty for the page itself."""
    found = _FORMAT.fullmatch(path)
    return (found[1], found[2]) if found else (path, "")


def repository_part(key: str) -> str:
    """Return the part of an address that means a repository."""
    source, _, product = key.partition("#")
    forge, _, path = source.partition(":")
    parts = [f"{part}-" if part and not part.strip("-") else part for part in path.split("/")]
    return ended(":".join([forge, "/".join(parts), *([product] if product else [])]))


def key_in(part: str) -> str:
    """Return the key of the repository that a part of an address means. Raises ValueError if it can mean none."""
    forge, mark, rest = name_in(part).partition(":")
    path, _, product = rest.partition(":")
    parts = path.split("/")
    if not mark or "-" in parts:
        message = f"no repository: {part}"
        raise ValueError(message)
    path = "/".join(each[:-1] if each and not each.strip("-") else each for each in parts)
    return f"{forge}:{path}#{product}" if product else f"{forge}:{path}"


def ended(name: str) -> str:
    """Return a name so that its end is not taken for a format."""
    return f"{name}:" if _ENDED.fullmatch(name) else name


def name_in(part: str) -> str:
    """Return the name that ``ended`` made a part of an address of. Raises ValueError for one that ends in a format."""
    if _FORMAT.fullmatch(part):
        message = f"a format: {part}"
        raise ValueError(message)
    return part.removesuffix(":")


def digests(name: str = "", channel: str = "") -> str:
    """Return the address of the archive of digests, or of the part for the digests of a name to a channel."""
    return f"{DIGESTS}/{_quoted_parts(name, channel)}" if name else DIGESTS


def digest(of: DigestId) -> str:
    """Return the address of a digest, which stays its own for ever.

    After its name and channel it has its period in UTC, the two ends parted as by ISO 8601, and what else tells it
    from others: the moment of its schedule, if that is not the end of the period, and the number of a copy.
    """
    period = [_BEGINNING if of.start is None else _moment(of.start), _moment(of.end)]
    period += [f"{_SLOT}{_moment(of.slot)}"] if of.slot is not None and of.slot != of.end else []
    period += [f"{_COPY}{of.copy}"] if of.copy else []
    return f"{DIGESTS}/{_quoted_parts(of.name, of.channel, _BETWEEN.join(period))}"


def audience_in(rest: str) -> tuple[str, str]:
    """Return the name and the channel that ``digests`` made an address of. Raises ValueError for any other."""
    name, channel = map(_unescaped, rest.split("/"))
    return name, channel


def digest_in(rest: str) -> DigestId:
    """Return the digest that an address means; its slot is None if it is the period's end. Raises ValueError."""
    name, channel, period = map(_unescaped, rest.split("/"))
    start, end, *more = period.split(_BETWEEN)
    slot = copy = ""
    if more and more[0].startswith(_SLOT):
        slot = more.pop(0).removeprefix(_SLOT)
    if more and more[0].startswith(_COPY):
        copy = more.pop(0).removeprefix(_COPY)
    if more:
        message = f"no period: {period}"
        raise ValueError(message)
    begun = None if start == _BEGINNING else _moment_in(start)
    return DigestId(name, channel, begun, _moment_in(end), _moment_in(slot) if slot else None, int(copy or 0))


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime(_MOMENT)


def _moment_in(text: str) -> datetime:
    return datetime.strptime(text, _MOMENT).replace(tzinfo=UTC)


def _quoted_parts(*names: str) -> str:
    """Return names as parts of an address: a slash in one of them is written as in a JSON pointer (RFC 6901)."""
    escaped = (name.replace("~", "~0").replace("/", "~1") for name in names)
    return quote(ended("/".join(escaped)), safe=_SAFE)


def _unescaped(part: str) -> str:
    return part.replace("~1", "/").replace("~0", "~")
