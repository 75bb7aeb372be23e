"""From the file's tables to domain values."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from bot.config.files import beside
from bot.config.models import (
    CertificationPlan,
    DigestOrder,
    Forge,
    OtherPlace,
    Slack,
    WatchedOrganisation,
    WatchedRepository,
)
from bot.config.values import AppSettings, DigestSettings, ForgeSettings, PlaceSettings, SlackSettings
from bot.domain.certifications import Plan
from bot.domain.milestones import HACKATHON, Milestone
from bot.domain.organisations import EVERY, Organisation
from bot.domain.patterns import Pattern
from bot.domain.repositories import Counts, Repository
from bot.domain.schemes import DiracScheme, Pep440Scheme, RegexScheme, Scheme, SemverScheme
from bot.domain.selection import choose_repositories
from bot.domain.spellings import read_series
from bot.domain.tags import DateSource

_TAG = {"github": "releases/tag/{tag}", "gitlab": "-/tags/{tag}"}
_PULL = {"github": "pull/{number}", "gitlab": "-/merge_requests/{number}"}
_PUBLIC = {"github": "https://api.github.com", "gitlab": "https://gitlab.com", "git": ""}


def forge_of(name: str, forge: Forge, folder: Path = Path()) -> ForgeSettings:
    """Give a forge with its address, the public one where none is configured; files are beside ``folder``."""
    address = (forge.base_url or _PUBLIC[forge.kind]).rstrip("/")
    app = AppSettings(forge.app.id, forge.app.installation, forge.app.key_env) if forge.app else None
    return ForgeSettings(
        name, forge.kind, address, forge.token_env, forge.requests_per_minute, app, beside(folder, forge.ca_file)
    )


def slack_of(slack: Slack, folder: Path) -> SlackSettings:
    """Give Slack's settings, the address to listen at in its parts; files are beside ``folder``."""
    host, port = address_of(slack.http_address)
    return SlackSettings(
        base_url=slack.base_url,
        bot_token_env=slack.bot_token_env,
        app_token_env=slack.app_token_env,
        maintainers=tuple(slack.maintainers),
        listen=slack.listen,
        signing_secret_env=slack.signing_secret_env,
        http_host=host,
        http_port=port,
        ca_file=beside(folder, slack.ca_file),
    )


def place_of(place: OtherPlace, folder: Path) -> PlaceSettings:
    """Give a place's settings; files are beside ``folder``."""
    return PlaceSettings(place.url_env, place.format, beside(folder, place.ca_file))


def address_of(text: str) -> tuple[str, int]:
    """Give the host and the port of an address to listen at."""
    host, _, port = text.rpartition(":")
    return host.strip("[]"), int(port)


def repository_of(watched: WatchedRepository, forge: Forge | None) -> Repository:
    """Give a watched repository; without its forge, and on a plain git server, it has no pages to link to."""
    page = _page(forge_of(watched.forge, forge), watched.path) if forge and forge.kind != "git" else ""
    return Repository(
        forge=watched.forge,
        path=watched.path,
        name=watched.name or default_name(watched.path),
        aliases=tuple(watched.aliases),
        scheme=_scheme(watched),
        counts=Counts(watched.counts),
        include=Pattern(watched.tags.include) if watched.tags.include else None,
        exclude=Pattern(watched.tags.exclude) if watched.tags.exclude else None,
        date=None if watched.date == "auto" else DateSource(watched.date),
        trusts_flag=watched.prerelease_flag == "trust",
        tag_url=f"{page}/{_TAG[forge.kind]}" if forge and page else "",
        pull_url=f"{page}/{_PULL[forge.kind]}" if forge and page else "",
    )


def default_name(path: str) -> str:
    """Call a repository by the last part of its path."""
    return path.rpartition("/")[2].removesuffix(".git")


def _scheme(watched: WatchedRepository) -> Scheme:
    match watched.scheme:
        case "pep440":
            return Pep440Scheme(watched.prefix)
        case "semver":
            return SemverScheme(watched.prefix)
        case "regex":
            return RegexScheme(Pattern(watched.pattern or ""), watched.prefix)
        case _:
            return DiracScheme(watched.prefix)


def page_host(forge: ForgeSettings) -> str:
    """Give the host of the pages of a forge's repositories, empty where they have none."""
    return "" if forge.kind == "git" else urlsplit(_page(forge, "")).hostname or ""


def _page(forge: ForgeSettings, path: str) -> str:
    """Give the address of a repository's page: GitHub's are beside its API, GitLab's under its own address."""
    parts = urlsplit(forge.base_url)
    if forge.kind == "github" and parts.hostname == "api.github.com":
        return f"https://github.com/{path}"
    return f"{forge.base_url.removesuffix('/api/v3')}/{path}"


def organisation_of(written: WatchedOrganisation) -> Organisation:
    """Give an organisation as it is followed."""
    return Organisation(
        forge=written.forge,
        path=written.path,
        include=Pattern(written.include) if written.include else None,
        exclude=Pattern(written.exclude) if written.exclude else None,
        forks=written.forks,
        archived=written.archived,
        scheme=written.scheme,
    )


def digest_keys(
    asked: Sequence[str], repositories: Sequence[Repository], *, of_file: Sequence[str] = ()
) -> tuple[str, ...]:
    """Give the keys of the repositories that a digest is about: all, those of organisations, and ``of_file``."""
    if "*" in asked:
        return tuple(repository.key for repository in repositories)
    below = tuple(word.removesuffix("*").lower() for word in asked if word.endswith(EVERY))
    own = {key.lower() for key in of_file}
    keys = [repository.key for repository in repositories]
    return tuple(key for key in keys if key.lower() in own or key.lower().startswith(below))


def digest_of(digest: DigestOrder, repositories: tuple[Repository, ...]) -> DigestSettings:
    """Give a digest with the keys of its repositories."""
    named = [word for word in digest.repositories if word != "*" and not word.endswith(EVERY)]
    chosen = [repository.key for repository in choose_repositories(named, repositories)] if named else []
    keys = digest_keys(digest.repositories, repositories, of_file=chosen)
    return DigestSettings(
        digest.name,
        (digest.channel, *digest.also),
        digest.schedule,
        digest.period,
        keys,
        digest.when_quiet,
        digest.catch_up,
    )


def plan_of(plan: CertificationPlan, repositories: tuple[Repository, ...]) -> Plan:
    """Give a certification's plan with its repository's key and a title for every milestone."""
    [repository] = choose_repositories([plan.repository], repositories)
    titles = milestone_titles([(each.kind, each.title) for each in plan.milestones])
    return Plan(
        repository.key,
        read_series(plan.series, repository.scheme) or plan.series,
        tuple(plan.highlights),
        tuple(
            Milestone(each.kind, title, each.planned, each.done, each.note, each.dropped)
            for each, title in zip(plan.milestones, titles, strict=True)
        ),
        pattern=Pattern(plan.forge_milestones) if plan.forge_milestones else None,
        label=plan.issue_label,
    )


def milestone_titles(milestones: Sequence[tuple[str, str | None]]) -> list[str]:
    """Title milestones, given as kind and title, where they have none: hackathons by number, others from the second."""
    numbers: Counter[str] = Counter()
    titles = []
    for kind, title in milestones:
        numbers[kind] += 1
        titles.append(title or _title(kind, numbers[kind]))
    return titles


def _title(kind: str, number: int) -> str:
    words = kind.replace("-", " ").capitalize()
    return words if number == 1 and kind != HACKATHON else f"{words} {number}"
