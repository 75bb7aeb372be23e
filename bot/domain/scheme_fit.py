"""How well a repository's rules fit its tags, and which of several fit best."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.domain.releases import Release, is_unclassified, releases_of
from bot.domain.repositories import Counts, Repository
from bot.domain.tags import Tag
from bot.domain.versions.dirac import DiracScheme
from bot.domain.versions.schemes import SCHEMES
from bot.domain.versions.version import ReleaseKind


@dataclass(frozen=True, slots=True)
class Fit:
    """How a repository's rules read its tags.

    ``releases`` are in the order of versions, ``unclassified`` the names that the scheme
    cannot read, ``left_out`` how many tags the patterns leave out.
    """

    repository: Repository
    tags: int
    releases: tuple[Release, ...]
    unclassified: tuple[str, ...]
    left_out: int

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


def fit_of(repository: Repository, tags: Sequence[Tag]) -> Fit:
    """Read tags by a repository's rules."""
    return Fit(
        repository=repository,
        tags=len(tags),
        releases=tuple(releases_of(repository, tags)),
        unclassified=tuple(tag.name for tag in tags if is_unclassified(repository, tag.name)),
        left_out=sum(not repository.takes(tag.name) for tag in tags),
    )


def candidates(repository: Repository) -> dict[str, Repository]:
    """Return a repository as each scheme would read it, by the scheme's name, the stricter schemes first."""
    prefix = repository.scheme.prefix
    return {name: replace(repository, scheme=scheme(prefix)) for name, scheme in SCHEMES.items()}


def best_first(fits: Mapping[str, Fit]) -> list[tuple[str, Fit]]:
    """Order fits, named by scheme, by how few tags they leave unread; equals stay as they were.

    Where no tag can be read by any, as where there is none, the configuration's default comes first.
    """
    is_any_read = any(fit.releases for fit in fits.values())
    return sorted(
        fits.items(),
        key=lambda named: len(named[1].unclassified) if is_any_read else named[0] != DiracScheme.name,
    )
