"""From the file's tables to domain values."""

import re
from collections import Counter
from collections.abc import Sequence
from urllib.parse import urlsplit

from bot.config.models import CertificationPlan, Forge, WatchedRepository
from bot.config.values import ForgeSettings
from bot.domain.certifications import Plan
from bot.domain.milestones import HACKATHON, Milestone
from bot.domain.repositories import Counts, Repository
from bot.domain.schemes import DiracScheme, Pep440Scheme, RegexScheme, Scheme, SemverScheme
from bot.domain.selection import choose_repositories
from bot.domain.tags import DateSource

_TAG = {"github": "releases/tag/{tag}", "gitlab": "-/tags/{tag}", "git": ""}
_PULL = {"github": "pull/{number}", "gitlab": "-/merge_requests/{number}", "git": ""}
_PUBLIC = {"github": "https://api.github.com", "gitlab": "https://gitlab.com", "git": ""}


def forge_of(name: str, forge: Forge) -> ForgeSettings:
    """Give a forge with its address, the public one where none is configured."""
    return ForgeSettings(name, forge.kind, (forge.base_url or _PUBLIC[forge.kind]).rstrip("/"), forge.token_env)


def repository_of(watched: WatchedRepository, forge: Forge | None) -> Repository:
    """Give a watched repository; without its forge it has no pages to link to."""
    page = _page(forge_of(watched.forge, forge), watched.path) if forge else ""
    return Repository(
        forge=watched.forge,
        path=watched.path,
        name=watched.name or watched.path.rpartition("/")[2],
        scheme=_scheme(watched),
        counts=Counts(watched.counts),
        include=re.compile(watched.tags.include) if watched.tags.include else None,
        exclude=re.compile(watched.tags.exclude) if watched.tags.exclude else None,
        date=None if watched.date == "auto" else DateSource(watched.date),
        tag_url=f"{page}/{_TAG[forge.kind]}" if forge else "",
        pull_url=f"{page}/{_PULL[forge.kind]}" if forge else "",
    )


def _scheme(watched: WatchedRepository) -> Scheme:
    match watched.scheme:
        case "pep440":
            return Pep440Scheme(watched.prefix)
        case "semver":
            return SemverScheme(watched.prefix)
        case "regex":
            return RegexScheme(re.compile(watched.pattern or ""), watched.prefix)
        case _:
            return DiracScheme(watched.prefix)


def _page(forge: ForgeSettings, path: str) -> str:
    """Give the address of a repository's page: GitHub's are beside its API, GitLab's under its own address."""
    parts = urlsplit(forge.base_url)
    if forge.kind == "github" and parts.hostname == "api.github.com":
        return f"https://github.com/{path}"
    return f"{forge.base_url.removesuffix('/api/v3')}/{path}"


def plan_of(plan: CertificationPlan, repositories: tuple[Repository, ...]) -> Plan:
    """Give a certification's plan with its repository's key and a title for every milestone."""
    [repository] = choose_repositories([plan.repository], repositories)
    numbers: Counter[str] = Counter()
    milestones = []
    for each in plan.milestones:
        numbers[each.kind] += 1
        title = each.title or _title(each.kind, numbers[each.kind])
        milestones.append(Milestone(each.kind, title, each.planned, each.done, each.note, each.dropped))
    series = series_of(plan, repositories) or plan.series
    return Plan(
        repository.key,
        series,
        tuple(plan.highlights),
        tuple(milestones),
        pattern=re.compile(plan.forge_milestones) if plan.forge_milestones else None,
        label=plan.issue_label,
    )


def _title(kind: str, number: int) -> str:
    """Name a milestone without a title: hackathons are numbered, others from the second on."""
    words = kind.replace("-", " ").capitalize()
    return words if number == 1 and kind != HACKATHON else f"{words} {number}"


def series_of(plan: CertificationPlan, repositories: Sequence[Repository]) -> str | None:
    """Give the series as it is shown, None if the repository's scheme cannot read it."""
    [repository] = choose_repositories([plan.repository], repositories)
    return repository.scheme.read_series(plan.series)
