"""A watched repository and its own rules: how its tags read, what it counts, which date it goes by."""

import re
from collections.abc import Iterable
from dataclasses import field, replace
from enum import StrEnum
from urllib.parse import quote

from bot.domain.patterns import Pattern
from bot.domain.tags import DateSource
from bot.domain.values import dataclass
from bot.domain.versions.base import Scheme, without_prefix
from bot.domain.versions.version import ReleaseKind, Version


def is_path(text: str) -> bool:
    """Return whether a text has the form of a repository's path: names with / between them."""
    return text.isprintable() and all(
        re.fullmatch(r"[^\s:?#\\]+", part) and part not in {".", ".."} for part in text.split("/")
    )


def source_of(key: str) -> str:
    """Return ``FORGE:PATH`` of a key: that of the repository that a product is released from, else the key itself."""
    return key.partition("#")[0]


class Counts(StrEnum):
    """What a repository's ordinary releases are."""

    PATCH = "patch"
    FINAL = "final"

    @property
    def kinds(self) -> frozenset[ReleaseKind]:
        """The kinds of ordinary releases: all that is said of them anywhere goes by this."""
        return _PATCH if self is Counts.PATCH else _FINAL


_PATCH = frozenset({ReleaseKind.PATCH})
_FINAL = frozenset(kind for kind in ReleaseKind if kind.is_final)


@dataclass(frozen=True, slots=True)
class NotesFile:
    """The file of a repository that holds its release notes, and its format.

    ``url`` is the address of the file's page at a tag, with ``{tag}`` in it; empty where the forge has no pages.
    """

    path: str
    format: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Repository:
    """One watched project on a forge, or one of several products released from it.

    ``date`` None means the first known of published, index, tagger, commit, first seen.
    ``tag_url`` is the address of a tag's page with ``{tag}`` in it, ``pull_url`` that
    of a pull request's with ``{number}``, ``comparison_url`` that of two tags' with ``{before}`` and ``{after}``; empty
    where the forge has no pages.
    ``aliases`` are other names that people use for it. ``trusts_flag`` says that a release
    which the forge marks as a pre-release is one, whatever its name. ``numbering`` has a pattern for each numbering
    of its versions, the oldest first. ``other_prefixes`` are what stands before the version in other tags, in place of
    the scheme's own prefix. ``is_doubtful`` says that its rules were chosen by its tags, and fit them badly.
    ``statuses`` are the series that the configuration gives a status, each with it.
    ``index`` is its project on a package index, INDEX:PROJECT, empty where it has none; ``counts_yanked`` says
    whether releases yanked there are counted. ``product`` is empty for the repository itself; ``beside`` are the
    other entries that read tags of the same repository. ``notes`` is None where the forge's release texts are its
    release notes. ``source`` is the repository that is polled, and whose tags are read: ``FORGE:PATH``; ``key`` is the
    repository or product as people write it: ``FORGE:PATH`` or ``FORGE:PATH#PRODUCT``.
    """

    forge: str
    path: str
    name: str
    scheme: Scheme
    counts: Counts = Counts.PATCH
    include: Pattern | None = None
    exclude: Pattern | None = None
    date: DateSource | None = None
    tag_url: str = ""
    pull_url: str = ""
    comparison_url: str = ""
    aliases: tuple[str, ...] = ()
    trusts_flag: bool = False
    numbering: tuple[Pattern, ...] = ()
    other_prefixes: tuple[str, ...] = ()
    # Not shown: the names of the rules by which releases are made are of what is.
    statuses: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    # Nor is whether anybody looked at them.
    is_doubtful: bool = field(default=False, repr=False)
    index: str = ""
    counts_yanked: bool = True
    notes: NotesFile | None = field(default=None, repr=False)
    product: str = ""
    beside: tuple["Repository", ...] = ()

    # Asked for thousands of times by a question about many repositories: put together once.
    source: str = field(init=False, repr=False, compare=False)
    key: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Put the keys together."""
        source = f"{self.forge}:{self.path}"
        object.__setattr__(self, "source", source)
        object.__setattr__(self, "key", f"{source}#{self.product}" if self.product else source)

    @property
    def readers(self) -> tuple["Repository", ...]:
        """All entries that read its repository's tags, itself included, by key."""
        if not self.beside:
            return (self,)
        entries = [replace(each, beside=()) for each in (self, *self.beside)]
        ordered = sorted(entries, key=lambda each: each.key)
        return tuple(replace(each, beside=tuple(e for e in ordered if e is not each)) for each in ordered)

    @property
    def page(self) -> str:
        """The address of its page on the forge, empty where the forge has none."""
        before, path, _ = self.tag_url.partition(self.path)
        return before + path

    def takes(self, tag_name: str) -> bool:
        """Return whether the include and exclude patterns let a tag of this name through."""
        if self.include is not None and not self.include.is_in(tag_name):
            return False
        return self.exclude is None or not self.exclude.is_in(tag_name)

    def version_of(self, tag_name: str) -> Version | None:
        """Return the version that a tag means by the scheme, with its prefix or another; None if it means none."""
        read = self.scheme.read(tag_name)
        if read is not None or not self.other_prefixes:
            return read
        plain = (without_prefix(tag_name, prefix) if prefix else tag_name for prefix in self.other_prefixes)
        versions = (self.scheme.read(self.scheme.prefix + name) for name in plain if name)
        return next((version for version in versions if version is not None), None)

    def order_of(self, spelled: str, order: str) -> str:
        """Return what sorts a version among all of the repository's: a digit for its numbering, then its ``order``.

        Its numbering is the first that is found in the version as spelled; a version without one comes last.
        """
        if not self.numbering:
            return order
        place = next((at for at, each in enumerate(self.numbering) if each.is_in(spelled)), len(self.numbering))
        return f"{place}{order}"

    def is_ordinary(self, kind: ReleaseKind) -> bool:
        """Return whether a release of this kind is one of the repository's ordinary releases."""
        return kind in self.counts.kinds

    def url_of(self, tag_name: str) -> str | None:
        """Return the address of the tag's page on the forge, None where the forge has none."""
        return self.tag_url.replace("{tag}", quote(tag_name, safe="")) if self.tag_url else None

    def url_of_notes(self, tag_name: str) -> str | None:
        """Return the address of the file with the release notes at a tag, None without such a page."""
        url = self.notes.url if self.notes else ""
        return url.replace("{tag}", quote(tag_name, safe="/")) if url else None

    def url_of_pull(self, number: int) -> str:
        """Return the address of a pull request's page, made from the configuration and not taken from the forge."""
        return self.pull_url.replace("{number}", str(number))

    def url_of_comparison(self, before: str, after: str) -> str | None:
        """Return the address of what two tags differ in, None where the forge has no such page."""
        if not self.comparison_url:
            return None
        tags = {"before": quote(before, safe=""), "after": quote(after, safe="")}
        return self.comparison_url.format_map(tags)


def with_beside(repositories: Iterable[Repository]) -> list[Repository]:
    """Return the repositories, each with the others of its source beside it."""
    listed = list(repositories)
    sources: dict[str, list[Repository]] = {}
    for each in sorted(listed, key=lambda each: each.key):
        sources.setdefault(each.source, []).append(each)
    return [replace(each, beside=_without(each, sources[each.source])) for each in listed]


def _without(repository: Repository, entries: Iterable[Repository]) -> tuple[Repository, ...]:
    return tuple(replace(each, beside=()) for each in entries if each.key != repository.key)


def one_of_each_source(repositories: Iterable[Repository]) -> list[Repository]:
    """Return the first entry of each source: what is polled, and what speaks for the tags that all of them share."""
    first: dict[str, Repository] = {}
    for each in repositories:
        first.setdefault(each.source, each)
    return list(first.values())
