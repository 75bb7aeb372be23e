"""Forges, and the repositories and organisations that are watched on them: each key is documented here, once."""

from collections.abc import Callable
from inspect import getdoc
from typing import Literal
from urllib.parse import urlsplit

from pydantic import ConfigDict, Field, ValidationInfo, field_validator

from bot.config.errors import InvalidValue
from bot.config.fields import (
    Condition,
    ConfigTable,
    EnvironmentName,
    ForgeAddress,
    ForgeKind,
    Pattern,
    RepositoryPath,
    Text,
)
from bot.config.notation import quoted
from bot.domain import patterns
from bot.domain.organisations import Organisation
from bot.domain.repositories import Counts, Repository
from bot.domain.tags import DateSource
from bot.domain.versions.schemes import DiracScheme, Pep440Scheme, RegexScheme, Scheme, SemverScheme
from bot.forges.site import Site
from bot.forges.sites import SITES, other_kind

_WEB = ("http://", "https://")
_GROUPS = ("major", "minor", "patch", "pre")
_SCHEMES: dict[str, Callable[[str], Scheme]] = {"dirac": DiracScheme, "pep440": Pep440Scheme, "semver": SemverScheme}


class GitHubApp(ConfigTable):
    """The GitHub App that a GitHub is asked as, in place of a token."""

    id: int = Field(ge=1, description="The App's id (App ID), from its settings on GitHub.", examples=[12345])
    installation: int | None = Field(
        None,
        ge=1,
        description="Its installation, the number at the end of the installation's address; "
        "found by itself where there is only one.",
        examples=[678],
    )
    key_env: EnvironmentName = Field(
        description="The environment variable with the App's private key (PEM); better a file, by $NAME_FILE.",
        examples=["GITHUB_APP_KEY"],
    )


class ForgeSettings(ConfigTable):
    """A host of git repositories; the table's name is the FORGE in FORGE:PATH."""

    model_config = ConfigDict(title="Forge")

    kind: ForgeKind = Field(
        description="What it speaks: github, gitlab, or git (any server that can be cloned from).", examples=["gitlab"]
    )
    base_url: ForgeAddress | None = Field(
        None,
        description="Its address; for GitHub that of the API. The public github.com or gitlab.com by default; "
        "a git server needs one, and takes ssh:// and file:// too.",
        examples=["https://gitlab.cern.ch"],
        validate_default=True,
    )
    token_env: EnvironmentName | None = Field(
        None,
        description="The environment variable with the token; without one the public limits hold. "
        "For a git server over https a password, or USER:PASSWORD.",
        examples=["GITHUB_TOKEN"],
    )
    app: GitHubApp | None = Field(None, description=getdoc(GitHubApp))
    ca_file: Text | None = Field(
        None,
        description="A file with the certificates (PEM) of certificate authorities of your own, which are trusted "
        "beside the system's; relative to this file's folder. For a git server in place of the system's.",
        examples=["ca.pem"],
    )
    requests_per_minute: int | None = Field(
        None,
        ge=1,
        le=1_000_000,
        description="How many requests it is asked in any minute at most; 800 by default for GitHub, "
        "which allows 900, and 1800 for GitLab. A server of your own may allow more.",
        examples=[5000],
    )

    @field_validator("base_url")
    @classmethod
    def _fits_kind(cls, base_url: str | None, info: ValidationInfo) -> str | None:
        kind = info.data.get("kind")
        if kind is None:
            return base_url
        site = SITES[kind]
        if base_url is None and not site.public_address:
            hint = 'write for example base_url = "https://git.example.org"'
            raise InvalidValue(f'is missing, and kind = "{kind}" needs it', hint)
        if base_url and site.is_web and not base_url.startswith(_WEB):
            raise InvalidValue(f'goes with kind = "git", not with "{kind}"', 'say for example "https://gitlab.cern.ch"')
        if base_url and (other := other_kind(kind, base_url)):
            raise InvalidValue(
                f"{quoted(base_url)} is an address of {other}, and the kind is {kind}", f'write kind = "{other}"'
            )
        if base_url and (right := site.right_address(base_url)) != base_url:
            raise InvalidValue(
                f"{quoted(base_url)} is not where the API of {kind} is addressed", f"write {quoted(right)}"
            )
        return base_url

    @field_validator("token_env")
    @classmethod
    def _fits_address(cls, token_env: str | None, info: ValidationInfo) -> str | None:
        base_url = info.data.get("base_url")
        if token_env and base_url and not base_url.startswith(_WEB):
            raise InvalidValue("goes with https addresses only", "leave it out; over ssh the bot's user needs a key")
        return token_env

    @field_validator("ca_file")
    @classmethod
    def _goes_with_tls(cls, ca_file: str | None, info: ValidationInfo) -> str | None:
        base_url = info.data.get("base_url")
        if ca_file and base_url and not base_url.startswith(_WEB):
            raise InvalidValue("goes with https addresses only", "leave it out")
        return ca_file

    @field_validator("app")
    @classmethod
    def _goes_alone(cls, app: GitHubApp | None, info: ValidationInfo) -> GitHubApp | None:
        kind = info.data.get("kind", "github")
        if app is not None and kind != "github":
            raise InvalidValue(
                f'goes with kind = "github", not with "{kind}"', "leave it out, and name a token in token_env"
            )
        if app is not None and info.data.get("token_env"):
            raise InvalidValue(
                "stands beside token_env", "leave one of them out: GitHub is asked as an App or with a token"
            )
        return app

    @property
    def site(self) -> Site:
        """What is known of its kind."""
        return SITES[self.kind]

    @property
    def address(self) -> str:
        """The address that it is asked at: the configured one, else the public one."""
        return (self.base_url or self.site.public_address).rstrip("/")

    @property
    def secret_env(self) -> str | None:
        """The variable that holds what it is asked with: a token, or the key of an App."""
        return self.app.key_env if self.app else self.token_env

    @property
    def page_host(self) -> str:
        """The host of the pages of its repositories, empty where they have none."""
        return urlsplit(self.site.page(self.address, "")).hostname or ""


class TagPatterns(ConfigTable):
    """Which tags are looked at at all."""

    include: Condition = Field(
        "",
        description="A regular expression found somewhere in the tag's name; empty: all.",
        examples=["^v"],
        validate_default=True,
    )
    exclude: Condition = Field(
        "",
        description="A regular expression; tags in whose name it is found are left out.",
        examples=["test$"],
        validate_default=True,
    )


class WatchedRepository(ConfigTable):
    """One watched project."""

    forge: Text = Field(description="The name of a [forges.NAME] table.", examples=["github"])
    path: RepositoryPath = Field(
        description="Its path on the forge, owner/name; on a git server as in the address to clone from.",
        examples=["DIRACGrid/DIRAC"],
    )
    name: Text | None = Field(
        None, description="What people call it; the last part of the path by default.", examples=["DIRAC"]
    )
    aliases: list[Text] = Field([], description="What else people call it, in questions.", examples=[["Pilot3"]])
    scheme: Literal["dirac", "pep440", "semver", "regex"] = Field(
        "dirac", description="The version scheme: how a tag's name is read.", examples=["pep440"]
    )
    prefix: str = Field("", description="What stands before the version in every tag's name.", examples=["diracx-"])
    pattern: Pattern | None = Field(
        None,
        description='For scheme = "regex": named groups major, minor, patch and pre, on the whole name.',
        examples=["rel-(?P<major>[0-9]+)[.](?P<minor>[0-9]+)"],
        validate_default=True,
    )
    counts: Literal["patch", "final"] = Field(
        "patch", description="What its ordinary releases are: patch releases, or all final ones.", examples=["final"]
    )
    date: Literal["auto", "published", "tagger", "commit", "first_seen"] = Field(
        "auto",
        description="The date it goes by; auto is the first believable of the others, in that order.",
        examples=["tagger"],
    )
    tags: TagPatterns = Field(TagPatterns(), description="Patterns on tag names.")
    prerelease_flag: Literal["show", "trust"] = Field(
        "show",
        description="What the forge's mark of a pre-release means for a release whose name is a final one's: "
        "it is shown, or trusted: then it is a pre-release. GitHub alone has such marks.",
        examples=["trust"],
    )

    @field_validator("pattern")
    @classmethod
    def _fits_scheme(cls, pattern: patterns.Pattern | None, info: ValidationInfo) -> patterns.Pattern | None:
        scheme = info.data.get("scheme")
        if scheme is not None and (scheme == "regex") != (pattern is not None):
            raise (
                _needed()
                if pattern is None
                else InvalidValue(f'goes with scheme = "regex", not with "{scheme}"', "leave it out")
            )
        if pattern is not None:
            _check_groups(pattern)
        return pattern

    @property
    def key(self) -> str:
        """The repository as people write it: FORGE:PATH."""
        return f"{self.forge}:{self.path}"

    def repository(self, forge: ForgeSettings | None) -> Repository:
        """Return the repository by these rules; without its forge, and on a plain git server, it has no pages."""
        return Repository(
            forge=self.forge,
            path=self.path,
            name=self.name or default_name(self.path),
            aliases=tuple(self.aliases),
            scheme=self._scheme_of_tags(),
            counts=Counts(self.counts),
            include=self.tags.include,
            exclude=self.tags.exclude,
            date=None if self.date == "auto" else DateSource(self.date),
            trusts_flag=self.prerelease_flag == "trust",
            tag_url=forge.site.tag_page(forge.address, self.path) if forge else "",
            pull_url=forge.site.pull_page(forge.address, self.path) if forge else "",
        )

    def _scheme_of_tags(self) -> Scheme:
        if self.pattern is not None:
            return RegexScheme(self.pattern, self.prefix)
        return _SCHEMES[self.scheme](self.prefix)


class WatchedOrganisation(ConfigTable):
    """All repositories of an organisation or user on GitHub, or of a group on GitLab with the groups in it.

    New ones are followed; a repository with a table of its own goes by that.
    """

    forge: Text = Field(description="The name of a [forges.NAME] table.", examples=["github"])
    path: RepositoryPath = Field(
        description="The organisation, the user, or the group with its parents.", examples=["DIRACGrid"]
    )
    include: Condition = Field(
        "",
        description="A regular expression found somewhere in the repository's path below it; empty: all.",
        examples=["DIRAC"],
        validate_default=True,
    )
    exclude: Condition = Field(
        "",
        description="A regular expression; repositories in whose path it is found are left out.",
        examples=["^test"],
        validate_default=True,
    )
    forks: bool = Field(default=False, description="Whether forks are watched.", examples=[True])
    archived: bool = Field(
        default=False,
        description="Whether those are watched that were archived before they were first listed.",
        examples=[True],
    )
    scheme: Literal["best", "dirac", "pep440", "semver"] = Field(
        "best", description="The version scheme of all; best is what fits each one's first tags.", examples=["pep440"]
    )
    prefix: str = Field("", description="What stands before the version in every tag's name.", examples=["release-"])
    counts: Literal["best", "patch", "final"] = Field(
        "best", description="What ordinary releases are; best is what fits each one's first tags.", examples=["final"]
    )
    date: Literal["auto", "published", "tagger", "commit", "first_seen"] = Field(
        "auto", description="The date that releases go by.", examples=["tagger"]
    )
    tags: TagPatterns = Field(TagPatterns(), description="Patterns on tag names.")

    @property
    def organisation(self) -> Organisation:
        """The organisation as it is followed."""
        return Organisation(
            forge=self.forge,
            path=self.path,
            include=self.include,
            exclude=self.exclude,
            forks=self.forks,
            archived=self.archived,
            scheme=self.scheme,
        )


def default_name(path: str) -> str:
    """Call a repository by the last part of its path."""
    return path.rpartition("/")[2].removesuffix(".git")


def _needed() -> InvalidValue:
    return InvalidValue(
        'is missing, and scheme = "regex" needs it', 'write for example pattern = "rel-(?P<major>[0-9]+)"'
    )


def _check_groups(pattern: patterns.Pattern) -> None:
    if "major" not in pattern.groups:
        raise InvalidValue("has no group named major", "write (?P<major>[0-9]+) where the first number stands")
    for group in pattern.groups:
        if group not in _GROUPS:
            raise InvalidValue(f'has a group named "{group}"', f"the known ones are: {', '.join(_GROUPS)}")
