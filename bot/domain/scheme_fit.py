"""How well a repository's rules fit its tags, and which rules to propose: by evidence, not by what can be read alone.

A scheme that reads every tag may misread them all: ``v01-37`` is the post-release 37 of 1 in PEP 440, and ``0.1.0-a10``
comes before ``0.1.0-a9`` in semver. So the order of versions is compared with that of dates, and the newest tags count
more than old ones.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from itertools import pairwise

from bot.domain.releases import Release, came_after, is_unclassified, releases_of
from bot.domain.repositories import Counts, Repository
from bot.domain.tags import Tag
from bot.domain.twins import twins_apart
from bot.domain.versions.dirac import DiracScheme
from bot.domain.versions.numbered import NumberedScheme
from bot.domain.versions.pep440 import Pep440Scheme
from bot.domain.versions.semver import SemverScheme
from bot.domain.versions.version import ReleaseKind

# So many of the newest tags show how a project names its releases now.
_NEWEST = 20
_DIGITS = re.compile(r"[0-9]+")
# Where work on a version begins, a branch starts or a series ends is no release: no scheme has to read these tags, nor
# those without a number.
_NO_RELEASE = re.compile(r"(?:dev[._-]?[0-9]*|eol|eom|branch-?point)$", re.IGNORECASE)


@dataclass(frozen=True)
class Fit:
    """How a repository's rules read its tags.

    ``releases`` are in the order of versions, ``unclassified`` the names that the scheme
    cannot read, ``left_out`` how many tags the patterns leave out; ``newest`` are the names of the newest tags by date.
    ``apart`` are the releases whose tags point to commits more than a day apart, by normalized version, with how far.
    """

    repository: Repository
    tags: int
    releases: tuple[Release, ...]
    unclassified: tuple[str, ...]
    left_out: int
    newest: frozenset[str] = frozenset()
    apart: Mapping[str, timedelta] = field(default_factory=dict)

    @property
    def twins(self) -> tuple[Release, ...]:
        """The releases that carry several tags."""
        return tuple(release for release in self.releases if len(release.tags) > 1)

    @property
    def counts(self) -> Counts:
        """What its ordinary releases seem to be: all final ones where patches are the fewer."""
        final = [release for release in self.releases if release.kind.is_final]
        patches = sum(release.kind is ReleaseKind.PATCH for release in final)
        return Counts.FINAL if 2 * patches < len(final) else Counts.PATCH

    @cached_property
    def misordered(self) -> tuple[tuple[Release, Release], ...]:
        """The neighbours in a series of which the higher version is the older one, by more than a day."""
        by_series: dict[str, list[Release]] = {}
        for release in self.releases:
            by_series.setdefault(release.series, []).append(release)
        return tuple(pair for each in by_series.values() for pair in pairwise(each) if came_after(*pair))

    @property
    def misread(self) -> int:
        """The number of releases whose bare last number, as in 7.1.2-29, is taken for a post- or a pre-release."""
        is_misread = _MISREAD.get(self.repository.scheme.name)
        return sum(map(is_misread, self.releases)) if is_misread else 0

    @property
    def is_doubtful(self) -> bool:
        """Return whether a person has to look at these rules: they miss or misread more than a quarter of the tags."""
        return self.cost > _DOUBTFUL

    @cached_property
    def cost(self) -> float:
        """How much speaks against these rules: 0.0 where every tag is read, and in the order of dates."""
        if not self.releases:
            return _WORST
        missed = [name for name in self.unclassified if _DIGITS.search(name) and not _NO_RELEASE.search(name)]
        read = self.tags - self.left_out - len(self.unclassified)
        unread = len(missed) / (read + len(missed))
        unread_now = sum(name in self.newest for name in missed) / max(len(self.newest), 1)
        strange = (len(self.misordered) + self.misread) / len(self.releases)
        return round(unread + unread_now + strange, 3)


_DOUBTFUL = 0.25
# More than any sum of shares.
_WORST = 9.0
# What speaks against a prefix: where nothing else does, the tags without one are the project's own.
_PREFIXED = 0.05
# And against the scheme that takes any numbers: where a stricter one does nearly as well, it is meant.
_LOOSE = 0.01


def _is_bare_post(release: Release) -> bool:
    return ".post" in release.normalized and not any("post" in tag.lower() for tag in release.tags)


def _is_bare_pre(release: Release) -> bool:
    return release.normalized.partition("-")[2].isdecimal()


_MISREAD = {Pep440Scheme.name: _is_bare_post, SemverScheme.name: _is_bare_pre}


def fit_of(repository: Repository, tags: Sequence[Tag]) -> Fit:
    """Read tags by a repository's rules."""
    releases = tuple(releases_of(repository, tags))
    return Fit(
        repository=repository,
        tags=len(tags),
        releases=releases,
        unclassified=tuple(tag.name for tag in tags if is_unclassified(repository, tag.name)),
        left_out=sum(not repository.takes(tag.name) for tag in tags),
        newest=_newest(tags),
        apart=_apart(releases, tags),
    )


def _apart(releases: Iterable[Release], tags: Iterable[Tag]) -> dict[str, timedelta]:
    named = {tag.name: tag for tag in tags}
    found = {release.normalized: twins_apart(named[name] for name in release.tags) for release in releases}
    return {normalized: apart for normalized, apart in found.items() if apart is not None}


def _newest(tags: Sequence[Tag]) -> frozenset[str]:
    """Return the names of the newest tags by the commit's date, or the tagger's."""
    dated = [(date, tag.name) for tag in tags if tag.details and (date := tag.details.committed or tag.details.tagger)]
    return frozenset(name for _, name in sorted(dated)[-_NEWEST:])


def best_fits(candidates: Mapping[str, Sequence[Repository]], tags: Sequence[Tag]) -> list[tuple[str, Fit]]:
    """Return how each scheme would read tags, by the rules that suit it best among its ``candidates``, the best first.

    Among equals the stricter scheme comes first; where no tag can be read by any, as where there is none, the
    configuration's default.
    """
    fits = {name: _best([fit_of(repository, tags) for repository in each]) for name, each in candidates.items()}
    return best_first(fits)


def _best(fits: Sequence[Fit]) -> Fit:
    return min(fits, key=lambda fit: fit.cost + _PREFIXED * bool(fit.repository.scheme.prefix))


def best_first(fits: Mapping[str, Fit]) -> list[tuple[str, Fit]]:
    """Order fits, named by scheme, by what speaks against them; equals stay as they were."""
    is_any_read = any(fit.releases for fit in fits.values())
    if not is_any_read:
        return sorted(fits.items(), key=lambda named: named[0] != DiracScheme.name)
    return sorted(fits.items(), key=lambda named: named[1].cost + _LOOSE * (named[0] == NumberedScheme.name))


def pattern_skeleton(names: Iterable[str]) -> str:
    """Return a pattern for the regex scheme that reads the commonest form among tag names, to begin from."""
    forms = Counter(_DIGITS.sub("0", name) for name in names if _DIGITS.search(name))
    if not forms:
        return "(?P<major>[0-9]+)"
    first, *rest = forms.most_common(1)[0][0].split("0")
    groups = [*(f"(?P<{group}>[0-9]+)" for group in ("major", "minor", "patch", "build")), *["[0-9]+"] * len(rest)]
    return re.escape(first) + "".join(group + re.escape(text) for group, text in zip(groups, rest, strict=False))
