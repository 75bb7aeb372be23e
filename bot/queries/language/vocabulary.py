"""What of a question's words is known only from the configuration: repositories, versions, digests."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from bot.domain.errors import UsageError
from bot.domain.filters import names_of, names_of_source, whole_of
from bot.domain.nearest import distance, fewest_slips
from bot.domain.periods.digits import is_day_and_month
from bot.domain.periods.tokens import tokens_of
from bot.domain.repositories import Repository
from bot.domain.spellings import has_own_words, is_own_name, keeps_leading_zeros, read_series, read_versions
from bot.domain.versions.base import Scheme

# Plain numbers and dates are no versions, whatever a scheme could read in them.
# With a dash or an underscore between numbers only what begins with a letter can be one: "2021-02" is a month.
_LIKE_A_VERSION = re.compile(
    r"[a-z_-]*v?[0-9]+[r.][0-9].*|[0-9]+_[0-9].*|[a-z][a-z_-]*[0-9]+[_-][0-9].*|[a-z]+_[0-9]+|v[0-9]{6,10}"
)
_DIGITS = re.compile(r"v?[0-9]{3,10}")
# A word that nearly is a repository's name was meant for it.
_MOST_SLIPS, _SHORTEST_NAME = 2, 5
# What each scheme spells in its own way: v7r1 and 7.1.
_ANY_SCHEMES_SERIES = re.compile(r"v?(?:0|[1-9][0-9]*)[.r](?:0|[1-9][0-9]*)")
_LIKE_A_DATE = re.compile(r"[0-9]{1,2}[./][0-9]{1,2}[./][0-9]{4}")
# "7.2.x", "v8.0.*", "v7r1px": all of a series.
_ANY_PATCH = re.compile(r"(.*[0-9])[.p]?[x*]")
_SHORTEST_PART, _SHORTEST_APART = 4, 2
_RELEASE_PAGE = re.compile(r"/(?:releases/tag|releases|tags|tree|tag)/([^/?#]+)$")
# A page of a repository that says no more than its name: what else is below it may restrict what is asked.
_WHOLE_PAGE = re.compile(r"(?:\.git)?(?:/-)?(?:/releases(?:/latest)?|/tags)?/?(?:[?#].*)?")
_GIT_ADDRESS = re.compile(r"git@([\w.-]+):(.+)")
_WITHOUT_SCHEME = re.compile(r"[\w-]+(?:\.[\w-]+)+/.+")


@dataclass(frozen=True)
class Vocabulary:
    """The watched repositories, the names of the digests, the kinds of milestones, and the forges.

    ``forges`` gives the host of each forge's pages by the forge's name, empty where it has none.
    """

    repositories: tuple[Repository, ...]
    digests: tuple[str, ...] = ()
    milestone_kinds: tuple[str, ...] = ()
    forges: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def names(self) -> dict[tuple[str, ...], str]:
        """Every way to name a repository, as words, with its key; a name that several have is none."""
        named: dict[tuple[str, ...], set[str]] = {}
        for repository in self.repositories:
            for name in names_of(repository):
                words = _words_of(name)
                named.setdefault(words, set()).add(repository.key)
        for names in (self._whole, self._short):
            for words, sources in names.items():
                named.setdefault(words, sources)
        return {words: next(iter(keys)) for words, keys in named.items() if words and len(keys) == 1}

    @property
    def _whole(self) -> dict[tuple[str, ...], set[str]]:
        """The names of repositories of which products are watched, as words, with their keys."""
        named: dict[tuple[str, ...], set[str]] = {}
        for repository in self.repositories:
            for name in names_of_source(repository):
                named.setdefault(_words_of(name), set()).add(repository.source)
        return named

    @property
    def _short(self) -> dict[tuple[str, ...], set[str]]:
        """The parts of names that end in another one's name, as words, with their keys: WebApp for WebAppDIRAC.

        In two words, "WebApp DIRAC", it is the same repository, however short its part is: "VM DIRAC".
        """
        named: dict[tuple[str, ...], set[str]] = {}
        plain = {each.name.casefold() for each in self.repositories}
        for repository in self.repositories:
            name = repository.name.casefold()
            ends = (name[at:] for at in range(_SHORTEST_APART, len(name)) if name[at:] in plain)
            for end in ends:
                part = name.removesuffix(end).rstrip("-_")
                named.setdefault((part, end), set()).add(repository.key)
                if len(name) - len(end) >= _SHORTEST_PART:
                    named.setdefault((part,), set()).add(repository.key)
        return named

    def in_words(self, question: str) -> str:
        """Return a question with the names of repositories in the place of their keys, where one alone has the name."""
        return " ".join(self._called.get(word, word) for word in question.split(" "))

    @cached_property
    def _called(self) -> dict[str, str]:
        """The names of repositories by key, of those that alone have theirs."""
        return {each.key: each.name for each in self.repositories if self.names.get(_words_of(each.name)) == each.key}

    @cached_property
    def words_of_names(self) -> frozenset[str]:
        """The words that names of repositories are made of."""
        return frozenset(word for words in self.names for word in words)

    def is_version(self, word: str) -> bool:
        """Return whether a repository's scheme reads the word as a version."""
        return self._may_be(word) and any(read_versions(word, scheme) for scheme in self._schemes)

    def is_edge(self, word: str) -> bool:
        """Return whether a word that bounds an interval is a version: "24.03" is rather a day, if no project has it."""
        may_be_day = is_day_and_month(word) and not any(map(keeps_leading_zeros, self._schemes))
        return self.is_version(word) and not may_be_day

    def _without_prefix(self, word: str) -> str:
        """Return the part of a tag's name after the prefix of a scheme, the whole word where none begins it."""
        prefixes = (each.prefix for each in self._schemes if each.prefix and word.startswith(each.prefix.lower()))
        return word.removeprefix(max(prefixes, key=len, default="").lower())

    def series_of(self, word: str, among: Sequence[str] = ()) -> str | None:
        """Return the series that a word names, None if it names none.

        Numbers are as the first repository shows them that can read them; what only some projects spell so is as it
        was typed, since others may read it otherwise. ``among`` are the keys of the repositories to be asked first.
        """
        if found := _ANY_PATCH.fullmatch(word):
            return self.series_of(found[1], among)
        if not self._may_be(word):
            return None
        first = [each.scheme for each in self.repositories if each.key in among]
        schemes = list(dict.fromkeys((*first, *self._schemes)))
        if has_own_words(word):
            schemes = [scheme for scheme in schemes if is_own_name(word, scheme)] or schemes
        read = next((series for scheme in schemes if (series := read_series(word, scheme)) is not None), None)
        return read if read is None or _ANY_SCHEMES_SERIES.fullmatch(word) else word

    def at_address(self, address: str) -> tuple[str, str] | None:
        """Return the key of the repository that a web address is a page of, and the release it is the page of or ""."""
        try:
            whole = whole_of(address, self.repositories)
        except UsageError:
            return None
        key = whole[0].key if len(whole) == 1 else whole[0].source
        page = _RELEASE_PAGE.search(address)
        if page and self.is_version(page[1]):
            return key, page[1]
        below = address.partition("://")[2][len(whole[0].page.partition("://")[2]) :]
        return (key, "") if _WHOLE_PAGE.fullmatch(below) else None

    def unknown_repository(self, word: str) -> UsageError | None:
        """Return the error for a word that seems to be meant for a repository and names none, with the nearest."""
        if "/" not in word and not self._is_nearly_a_name(word):
            return None
        try:
            whole_of(word, self.repositories)
        except UsageError as error:
            return error
        return None

    def _is_nearly_a_name(self, word: str) -> bool:
        names = (name for repository in self.repositories for name in names_of(repository))
        close = (name for name in names if fewest_slips(word, name) <= _MOST_SLIPS)
        return len(word) >= _SHORTEST_NAME and any(distance(word, name) <= _MOST_SLIPS for name in close)

    @cached_property
    def _schemes(self) -> tuple[Scheme, ...]:
        """The schemes of the repositories, each once: many repositories share one."""
        return tuple(dict.fromkeys(each.scheme for each in self.repositories))

    def _may_be(self, word: str) -> bool:
        rest = self._without_prefix(word.lower())
        if _LIKE_A_DATE.fullmatch(word):
            return False
        # A number alone is a version only where something before it says so: 20240115 is a day.
        return bool(_LIKE_A_VERSION.fullmatch(rest) or (rest != word.lower() and _DIGITS.fullmatch(rest)))


def address_in(word: str) -> str | None:
    """Return the web address that a word is, with its scheme: ``github.com/...``, ``git@github.com:...`` are such."""
    if "://" in word:
        return word
    if found := _GIT_ADDRESS.fullmatch(word):
        return f"https://{found[1]}/{found[2]}"
    return f"https://{word}" if _WITHOUT_SCHEME.fullmatch(word) else None


def _words_of(name: str) -> tuple[str, ...]:
    return tuple(token.text for token in tokens_of(name))
