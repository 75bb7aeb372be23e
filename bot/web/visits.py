"""A visit of a page: what it may read, what it was asked with, and how it makes its links."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from bot.domain.counts import GroupBy
from bot.domain.errors import UsageError
from bot.domain.filters import KindWord
from bot.domain.periods.options import read_as_of
from bot.domain.periods.period import AsOf, Period, midnight
from bot.domain.repositories import Repository
from bot.queries.base import Query, QueryContext, Result, run
from bot.queries.language.vocabulary import Vocabulary
from bot.queries.options import FilterOptions
from bot.queries.selection import Filters
from bot.services.status import Status
from bot.web import addresses

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict

# Longer values of parameters mean nothing, and would only take time.
_LONGEST = 1_000
_MOST_VALUES = 50


@dataclass(frozen=True)
class Source:
    """What pages are made of: the bot as it is configured now, over an open store.

    ``state`` names the state of the database and the configuration: whatever pages show changes only with it, or with
    time. ``version`` is the bot's. ``title`` names the bot on its pages. ``public_url`` is where others
    reach the pages, empty where only the request says it. ``most`` are the releases of one answer: more would take the
    memory and the time that polling needs.
    """

    now: Callable[[], AsOf]
    context: Callable[[AsOf], QueryContext]
    vocabulary: Callable[[], Vocabulary]
    status: Callable[[], Status]
    state: Callable[[], str]
    version: str
    title: str = "release-bot"
    public_url: str = ""
    most: int = 20_000


class NotThereError(Exception):
    """A page that is not there; the words say what is not."""


@dataclass(frozen=True)
class Page:
    """A page: a template of ``bot/web/templates`` with its values, and the results that it shows.

    ``results`` are what is offered in other formats, the first for CSV; ``feeds`` are the names and addresses of
    what a reader may subscribe to, ``calendar`` the address of a calendar.
    """

    title: str
    template: str
    values: Mapping[str, Any] = field(default_factory=dict)
    results: Mapping[str, Result] = field(default_factory=dict)
    feeds: Mapping[str, str] = field(default_factory=dict)
    calendar: str = ""


@dataclass(frozen=True)
class Document:
    """Contents that are no page: a feed, a calendar, a badge, data."""

    body: bytes
    kind: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """The parameters that every page takes, as ``release-bot count`` does."""

    as_of: str = ""
    known_at: str = ""
    period: str = ""
    since: str = ""
    until: str = ""
    kinds: tuple[str, ...] = ()
    series: tuple[str, ...] = ()
    repositories: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    text: str = ""
    page: str = ""

    @classmethod
    def read(cls, given: "MultiDict[str, str]") -> "Asked":
        """Return the parameters of an address. Raises UsageError for one that is too long, or too many."""
        if any(len(value) > _LONGEST for value in given.values()) or len(list(given.items(multi=True))) > _MOST_VALUES:
            raise UsageError("address", "too long", f"values have at most {_LONGEST} characters")
        several = {name: tuple(filter(None, given.getlist(name))) for name in ("kind", "series", "repository", "by")}
        return cls(
            **{name: given.get(name, "") for name in ("as_of", "known_at", "period", "since", "until", "page")},
            kinds=several["kind"],
            series=several["series"],
            repositories=several["repository"],
            by=several["by"],
            text=given.get("q", ""),
        )

    @property
    def moment(self) -> dict[str, str]:
        """The parameters that say when to look from, which links to other pages keep."""
        return {"as_of": self.as_of, "known_at": self.known_at}

    @property
    def units(self) -> tuple[GroupBy, ...]:
        """The units to break counts down by. Raises UsageError."""
        return tuple(GroupBy(_one_of(unit, "by", [each.value for each in GroupBy])) for unit in self.by)

    def filters(self, as_of: AsOf, *, usual_period: str = "", repositories: Sequence[str] = ()) -> Filters:
        """Return the filters that they mean, of ``repositories`` if any are given. Raises UsageError."""
        is_bounded = self.period or self.since or self.until
        options = FilterOptions(
            repositories=tuple(repositories) or self.repositories,
            series=self.series,
            kinds=tuple(KindWord(_one_of(kind, "kind", [each.value for each in KindWord])) for kind in self.kinds),
            period=(self.period or None) if is_bounded else usual_period or None,
            since=self.since or None,
            until=self.until or None,
            known_at=self.known_at or None,
        )
        return options.filters(as_of)


@dataclass(frozen=True)
class Visit:
    """A request of a page: ``path`` is its own, and ``root`` stands before every path of the site.

    ``origin`` is the scheme and host of addresses that are read elsewhere. One that ``is_brief`` shows words alone:
    what only data lists of very many repositories is then not read.
    """

    source: Source
    asked: Asked
    path: str
    root: str = ""
    parameters: Mapping[str, Sequence[str]] = field(default_factory=dict)
    origin: str = ""
    is_brief: bool = False

    @cached_property
    def as_of(self) -> AsOf:
        """The moment that is looked from. Raises UsageError."""
        now = self.source.now()
        return read_as_of(self.asked.as_of, now.zone) if self.asked.as_of else now

    @cached_property
    def context(self) -> QueryContext:
        """What queries may read."""
        context = self.source.context(self.as_of)
        return replace(context, is_brief=True) if self.is_brief else context

    def run(self, query: Query) -> Result:
        """Return the result of a query. Raises UsageError."""
        return run(query, self.context)

    def repository(self, key: str) -> Repository:
        """Return a watched repository by its key. Raises NotThereError."""
        for each in self.context.repositories:
            if each.key == key:
                return each
        what = f"no repository {key} is watched"
        raise NotThereError(what)

    def at(self, address: str, **parameters: str | Sequence[str]) -> str:
        """Return the address of a page for a link, which looks from the same moment."""
        if parameters:
            return self.root + addresses.with_parameters(address, {**self.asked.moment, **parameters})
        return self._near(address) + self._moment

    def _near(self, address: str) -> str:
        """Return an address from this page on, which is shorter where there are hundreds."""
        rest = address.removeprefix(self._folder)
        # What has a colon in its first part would be another scheme.
        is_near = rest != address and rest[:1] not in {"", "/", "?", "."} and ":" not in rest.partition("/")[0]
        return rest if is_near else self.root + address

    @cached_property
    def _folder(self) -> str:
        return addresses.quoted(self.path[: self.path.rfind("/") + 1])

    @cached_property
    def _moment(self) -> str:
        return addresses.with_parameters("", self.asked.moment)

    def whole(self, address: str) -> str:
        """Return the address of a page with scheme and host, for what is read elsewhere: a feed or a calendar."""
        return f"{self.origin}{self.root}{address}{self._moment}"

    def here(self, **changed: str | Sequence[str]) -> str:
        """Return the address of this page with some parameters changed."""
        return self.root + addresses.with_parameters(addresses.quoted(self.path), {**self.parameters, **changed})

    def in_format(self, form: str) -> str:
        """Return the address of this page's contents in a format."""
        return addresses.in_format(self.here(), form)

    def how(self, filters: Filters, period: Period | None = None, *, named: str = "") -> str:
        """Return the address of how the number of these releases is made, with their list.

        ``period`` is the part of the filters' interval that the number is of, ``named`` what it is called, if it is.
        """
        bounds: dict[str, str] = {}
        if period is not None:
            bounds = {"period": named} if named else bounds_of(period)
        return self.at(
            addresses.HOW,
            repository=filters.repositories,
            series=filters.series,
            kind=[kind.value for kind in filters.kinds],
            **bounds,
        )

    def named(self, key: str) -> str:
        """Return the name of a repository by its key, the key where it is not watched."""
        return self._names.get(key, key)

    @cached_property
    def _names(self) -> dict[str, str]:
        return {each.key: each.name for each in self.context.repositories}


def bounds_of(period: Period) -> dict[str, str]:
    """Return the parameters that mean a period."""
    return {"since": _first(period), "until": _last(period)}


def _first(period: Period) -> str:
    """Return the start of a period as a parameter: the day that it begins with, else the moment."""
    if period.start is None:
        return ""
    start = period.start.astimezone(period.zone)
    return start.date().isoformat() if start == midnight(start.date(), period.zone) else start.isoformat()


def _last(period: Period) -> str:
    """Return the end of a period as a parameter: the last day that is whole in it, else the moment."""
    end = period.end.astimezone(period.zone)
    is_whole = end == midnight(end.date(), period.zone)
    return (end.date() - timedelta(days=1)).isoformat() if is_whole else end.isoformat()


def _one_of(text: str, name: str, known: Sequence[str]) -> str:
    if text not in known:
        raise UsageError(name, f'unknown value "{text}"', f"one of {', '.join(known)}")
    return text
