"""What is proposed for a repository: its packages, and the rules for the tags of each, by evidence."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.domain.numbering import numbering_of
from bot.domain.repositories import Repository
from bot.domain.scheme_fit import Fit, best_fits, fit_of
from bot.domain.tag_families import Family, families_of
from bot.domain.tags import Tag
from bot.domain.values import dataclass
from bot.domain.versions.prefixes import likely_prefixes
from bot.domain.versions.schemes import SCHEMES
from bot.domain.watch_rules import ProductRules, TagRules, WatchRules

_DOUBTFUL = 0.25


@dataclass(frozen=True, slots=True)
class ProposedEntry:
    """The proposed rules of a repository, or of one package of it, the best first; the others are by scheme alone."""

    fits: tuple[tuple[str, Fit], ...]

    @property
    def scheme(self) -> str:
        """The name of the scheme that is proposed."""
        return self.fits[0][0]

    @property
    def fit(self) -> Fit:
        """How the proposed rules read the tags."""
        return self.fits[0][1]

    @property
    def repository(self) -> Repository:
        """The repository or product with the proposed rules."""
        return self.fit.repository

    @property
    def rules(self) -> TagRules:
        """The proposed rules in the keys of the configuration."""
        repository, counts = self.repository, self.fit.counts.value
        numbering = tuple(pattern.text for pattern in repository.numbering)
        return TagRules(self.scheme, repository.scheme.prefix, counts, repository.other_prefixes, numbering)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is proposed for a repository of so many ``tags``: entries, at least one, the project's own first.

    ``unclassified`` are the names of the tags that none of them reads.
    """

    tags: int
    entries: tuple[ProposedEntry, ...]
    unclassified: tuple[str, ...]

    @property
    def first(self) -> ProposedEntry:
        """The project's own entry, or that of the package with most tags."""
        return self.entries[0]

    @property
    def rules(self) -> WatchRules:
        """The proposed rules, as a repository is watched by them."""
        own = next((entry for entry in self.entries if not entry.repository.product), None)
        products = [ProductRules(each.repository.product, each.rules) for each in self.entries if each is not own]
        return WatchRules(TagRules() if own is None else own.rules, products=tuple(products), has_own=own is not None)

    @property
    def is_doubtful(self) -> bool:
        """Return whether a person has to look: the rules of more than a quarter of the tags are doubtful."""
        doubtful = sum(entry.fit.tags for entry in self.entries if entry.fit.is_doubtful)
        return doubtful > _DOUBTFUL * self.tags


def propose(repository: Repository, tags: Sequence[Tag], schemes: Iterable[str] = SCHEMES) -> Proposal:
    """Return what is proposed for a repository by its tags.

    Of a repository that is a product, or has a prefix, only its own rules are proposed, and that prefix alone is tried.
    """
    tried = tuple(schemes)
    prefix = repository.scheme.prefix
    if prefix or repository.product:
        candidates = [(prefix, ())] if prefix else [(each, ()) for each in likely_prefixes(tag.name for tag in tags)]
        entries = [_entry(repository, candidates, tags, tried)]
    else:
        families, rest = families_of(tags, repository.path.rpartition("/")[2])
        entries = _entries(repository, families, rest, tried)
    read = {name for entry in entries for release in entry.fit.releases for name in release.tags}
    taken = (tag.name for tag in tags if repository.takes(tag.name))
    return Proposal(len(tags), tuple(entries), tuple(name for name in taken if name not in read))


def _entries(
    repository: Repository, families: Sequence[Family], rest: Sequence[Tag], schemes: Sequence[str]
) -> list[ProposedEntry]:
    own = next((family for family in families if not family.product), None)
    entries = []
    if own is not None or not families:
        tags = [*(own.tags if own else ()), *rest]
        entries.append(_entry(repository, _prefixes_of(own, tags), tags, schemes))
    for family in families:
        if family.product:
            product = replace(repository, product=family.product)
            entry = _entry(product, [(family.prefix, ())], family.tags, schemes)
            if 2 * len(entry.fit.unclassified) < entry.fit.tags:
                entries.append(entry)
    return entries


def _prefixes_of(own: Family | None, tags: Sequence[Tag]) -> list[tuple[str, tuple[str, ...]]]:
    """Return the prefixes to try, each with the other ones of the same project."""
    if own is None or not (own.prefix or own.other_prefixes):
        return [(prefix, ()) for prefix in likely_prefixes(tag.name for tag in tags)]
    return [("", ()), (own.prefix, own.other_prefixes)]


def _entry(
    repository: Repository,
    prefixes: Sequence[tuple[str, tuple[str, ...]]],
    tags: Sequence[Tag],
    schemes: Sequence[str],
) -> ProposedEntry:
    candidates = {
        name: [
            replace(repository, scheme=SCHEMES[name](prefix), other_prefixes=others or repository.other_prefixes)
            for prefix, others in prefixes
        ]
        for name in schemes
    }
    (scheme, fit), *more = best_fits(candidates, tags)
    return ProposedEntry(((scheme, _numbered(fit, tags)), *more))


def _numbered(fit: Fit, tags: Sequence[Tag]) -> Fit:
    """Return a fit in the one order that several numberings of its versions make, if they do."""
    numbering = fit.repository.numbering or numbering_of(fit.releases)
    return fit_of(replace(fit.repository, numbering=numbering), tags) if numbering else fit
