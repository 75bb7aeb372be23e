"""Families of tags: those that begin alike up to the version, and which of them are one project's, which a package's.

``api/v3.5.0`` and ``v3.5.0`` are two packages of one repository, ``SUDO_1_8_10`` and ``v1.9.5`` the older and the
newer spelling of one. Names ending in ``/`` or ``@`` are packages'; others are where they are released beside the
project's own.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import field
from datetime import datetime

from bot.domain.tag_dates import date_of
from bot.domain.tags import Tag
from bot.domain.values import dataclass

# So many packages are proposed at most, those with most tags; every one is a repository in all lists.
MOST_PRODUCTS = 100
_LONGEST = 80
_PREFIX = re.compile(r"(?P<prefix>|.*?[/@_-])(?=v?[0-9]+[._r-][0-9])", re.IGNORECASE)
# "pkg@12" is a version of a package, where "essex-1" may be anything.
_OF_ONE_NUMBER = re.compile(r"(?P<prefix>.*[/@])v?[0-9]+$", re.IGNORECASE)
# Of so many such tags without a mark a package is made too.
_COUNTED_UP = re.compile(r"(?P<prefix>.*[_-])[0-9]+$")
_MANY = 10
# Words that say no more than that a version follows, and words for what is not yet released.
_GENERIC = frozenset({"", "v", "r", "rel", "release", "releases", "ver", "version", "tag", "tags"})
_TRIALS = ("rc", "pre", "dev", "test", "nightly", "snapshot", "alpha", "beta", "candidate")
_UNRELEASED = frozenset((*_TRIALS, "tmp", "temp", "wip", "archive", "backup", "branch", "base", "hotfix"))
# A part of the repository's name that is shorter may be any word.
_SHORTEST = 3
# Tags without a prefix are the project's own, unless they are fewer than this share of those with the commonest one.
_FEW = 0.1
# A package without a mark of packages has so many tags.
_FEWEST = 2


@dataclass(frozen=True, slots=True)
class Family:
    """Tags of one project or package: its commonest prefix, its ``other_prefixes``, and its name if it is a package."""

    prefix: str
    other_prefixes: tuple[str, ...]
    tags: tuple[Tag, ...]
    product: str = ""


# Compared by identity: two groups never have one prefix, and their tags are many.
@dataclass(slots=True, eq=False)
class _Group:
    prefix: str
    tags: list[Tag] = field(default_factory=list)

    @property
    def word(self) -> str:
        return self.prefix.strip("/@_-").lower()

    @property
    def is_marked(self) -> bool:
        """Return whether the prefix ends as those of packages do."""
        return self.prefix.endswith(("/", "@"))

    @property
    def span(self) -> tuple[datetime, datetime] | None:
        dates = sorted(dated[0] for tag in self.tags if (dated := date_of(tag)) is not None)
        # A tag or two that came later to an old branch do not make the old and the new spelling one time's.
        return (dates[0], dates[len(dates) * 9 // 10]) if dates else None


def families_of(tags: Iterable[Tag], name: str) -> tuple[list[Family], list[Tag]]:
    """Return the families of a repository's tags, its own first, and the tags that are of none.

    ``name`` is the repository's, the last part of its path. The project's own family has an empty ``product``; there
    is none where every family is a package's.
    """
    groups, rest = _grouped(tags)
    own, packages = _apart(groups, re.sub(r"[^a-z0-9]", "", name.lower()))
    kept = sorted(packages, key=lambda group: -len(group.tags))[:MOST_PRODUCTS]
    left = [group for group in groups if group not in own and group not in kept]
    families = [Family(each.prefix, (), tuple(each.tags), each.prefix.rstrip("/@_-")) for each in kept]
    return [*_family_of(own), *families], [*rest, *(tag for group in left for tag in group.tags)]


def prefix_of(name: str) -> str | None:
    """Return what stands before the version in a tag's name, None where no version can be made out."""
    found = _PREFIX.match(name[:_LONGEST]) or _OF_ONE_NUMBER.match(name[:_LONGEST])
    return found["prefix"] if found else None


def _grouped(tags: Iterable[Tag]) -> tuple[list[_Group], list[Tag]]:
    """Group tags by their prefixes, in any case; give those in which no version can be made out apart."""
    groups: dict[str, _Group] = {}
    counted: dict[str, _Group] = {}
    rest = []
    for tag in tags:
        prefix, found = prefix_of(tag.name), _COUNTED_UP.match(tag.name[:_LONGEST])
        if prefix is not None:
            groups.setdefault(prefix.lower(), _Group(prefix)).tags.append(tag)
        elif found is not None:
            counted.setdefault(found["prefix"].lower(), _Group(found["prefix"])).tags.append(tag)
        else:
            rest.append(tag)
    for key, group in counted.items():
        if len(group.tags) >= _MANY or key in groups:
            groups.setdefault(key, _Group(group.prefix)).tags.extend(group.tags)
        else:
            rest += group.tags
    return list(groups.values()), rest


def _apart(groups: Sequence[_Group], name: str) -> tuple[list[_Group], list[_Group]]:
    """Tell the groups of a project's own tags from those of packages; what is of neither is in none."""
    own = [group for group in groups if _is_own(group, name)]
    others = [group for group in groups if group not in own and group.word not in _UNRELEASED]
    plain = sorted((group for group in others if not group.is_marked), key=lambda group: -len(group.tags))
    if plain and sum(len(group.tags) for group in own) <= _FEW * len(plain[0].tags) and _outnumbers(plain):
        own.append(plain.pop(0))
    for group in plain:
        if own and (_repeats(group, own) or _is_after_another(group, own)):
            own.append(group)
    is_package = (group.is_marked or (group not in own and len(group.tags) >= _FEWEST) for group in others)
    packages = [group for group, is_one in zip(others, is_package, strict=True) if is_one and group not in own]
    # A package alone is the project.
    return (packages, []) if not own and len(packages) == 1 else (own, packages)


def _is_own(group: _Group, name: str) -> bool:
    word = re.sub(r"[^a-z0-9]", "", group.word)
    is_named = word == name or (not group.is_marked and len(word) >= _SHORTEST and word in name)
    return is_named or word in _GENERIC


def _outnumbers(plain: Sequence[_Group]) -> bool:
    """Return whether the first group has more tags than all that follow it."""
    first, *others = (len(group.tags) for group in plain)
    return first > sum(others)


def _repeats(group: _Group, own: Iterable[_Group]) -> bool:
    """Return whether most tags of a group have a twin among the project's own: the same numbers on the same commit."""
    known = {_numbers(tag, each.prefix) for each in own for tag in each.tags}
    return 2 * sum(_numbers(tag, group.prefix) in known for tag in group.tags) > len(group.tags)


def _numbers(tag: Tag, prefix: str) -> tuple[str, ...]:
    return (tag.commit or tag.target, *re.findall(r"[0-9]+", tag.name[len(prefix) :]))


def _is_after_another(group: _Group, own: Iterable[_Group]) -> bool:
    """Return whether a group begins when the project's own tags have ended, or has ended when they begin."""
    span, spans = group.span, [span for each in own if (span := each.span) is not None]
    if span is None or not spans:
        return False
    first, last = min(start for start, _ in spans), max(end for _, end in spans)
    return span[0] >= last or span[1] <= first


def _family_of(own: Sequence[_Group]) -> list[Family]:
    """Return the project's own family, none where it has no tags."""
    if not own:
        return []
    ordered = sorted(own, key=lambda group: -len(group.tags))
    prefix, *others = (group.prefix for group in ordered)
    return [Family(prefix, tuple(others), tuple(tag for group in ordered for tag in group.tags))]
