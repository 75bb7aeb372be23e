"""The configuration file's tables and keys; each key is documented here, once, with an example."""

from datetime import date, timedelta
from inspect import getdoc
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from bot.config.addresses import other_kind, right_address
from bot.config.durations import read_duration
from bot.config.errors import Refused
from bot.config.fields import (
    Address,
    DatabaseUrl,
    Day,
    Duration,
    EnvironmentName,
    ForgeAddress,
    HostAndPort,
    Pattern,
    PeriodWords,
    RepositoryPath,
    Schedule,
    SlackUser,
    Text,
    Zone,
)
from bot.config.words import quoted
from bot.domain.patterns import Pattern as DomainPattern
from bot.domain.period_words import SINCE_LAST

_SHORTEST_POLL = timedelta(seconds=10)
_WEB = ("http://", "https://")
_GROUPS = ("major", "minor", "patch", "pre")


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Database(_Table):
    """Where everything observed and told is kept."""

    url: DatabaseUrl = Field(
        "sqlite:///release-bot.db",
        description="The database: sqlite:///FILE, relative to this file, or postgresql://USER@HOST/NAME. "
        "$DATABASE_URL wins over it, and is relative to the working directory.",
        examples=["sqlite:////var/lib/release-bot/bot.db"],
    )


class Poll(_Table):
    """How often the forges are asked."""

    every: Duration = Field("10m", description="How often each repository is polled; at least 10s.", examples=["5m"])
    full_every: Duration = Field(
        "1h",
        description="How often at least every tag is checked, those too that moved or vanished; at least `every`. "
        "Dates are asked for again once a day.",
        examples=["6h"],
        validate_default=True,
    )

    share: float = Field(
        0.5,
        gt=0,
        le=1,
        description="How much of a forge's rate limit polling may use; before it would use more, it becomes slower.",
        examples=[0.2],
    )

    @field_validator("every")
    @classmethod
    def _not_too_often(cls, every: str) -> str:
        if read_duration(every) < _SHORTEST_POLL:
            raise Refused(f'"{every}" is too often', "the least is 10s")
        return every

    @field_validator("full_every")
    @classmethod
    def _not_before_every(cls, full_every: str, info: ValidationInfo) -> str:
        every = info.data.get("every", "10s")
        if read_duration(full_every) < read_duration(every):
            raise Refused(f'"{full_every}" is shorter than every = "{every}"', "make it as long or longer")
        return full_every


class GitHubApp(_Table):
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


class Forge(_Table):
    """A host of git repositories; the table's name is the FORGE in FORGE:PATH."""

    kind: Literal["github", "gitlab", "git"] = Field(
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
        kind = info.data.get("kind", "git")
        if base_url is None and info.data.get("kind") == "git":
            raise Refused(
                'is missing, and kind = "git" needs it', 'write for example base_url = "https://git.example.org"'
            )
        if base_url and kind != "git" and not base_url.startswith(_WEB):
            raise Refused(f'goes with kind = "git", not with "{kind}"', 'say for example "https://gitlab.cern.ch"')
        if base_url and (other := other_kind(kind, base_url)):
            raise Refused(
                f"{quoted(base_url)} is an address of {other}, and the kind is {kind}", f'write kind = "{other}"'
            )
        if base_url and (right := right_address(kind, base_url)) != base_url:
            raise Refused(f"{quoted(base_url)} is not where the API of {kind} is addressed", f"write {quoted(right)}")
        return base_url

    @field_validator("token_env")
    @classmethod
    def _fits_address(cls, token_env: str | None, info: ValidationInfo) -> str | None:
        base_url = info.data.get("base_url")
        if token_env and base_url and not base_url.startswith(_WEB):
            raise Refused("goes with https addresses only", "leave it out; over ssh the bot's user needs a key")
        return token_env

    @field_validator("ca_file")
    @classmethod
    def _goes_with_tls(cls, ca_file: str | None, info: ValidationInfo) -> str | None:
        base_url = info.data.get("base_url")
        if ca_file and base_url and not base_url.startswith(_WEB):
            raise Refused("goes with https addresses only", "leave it out")
        return ca_file

    @field_validator("app")
    @classmethod
    def _goes_alone(cls, app: GitHubApp | None, info: ValidationInfo) -> GitHubApp | None:
        kind = info.data.get("kind", "github")
        if app is not None and kind != "github":
            raise Refused(
                f'goes with kind = "github", not with "{kind}"', "leave it out, and name a token in token_env"
            )
        if app is not None and info.data.get("token_env"):
            raise Refused("stands beside token_env", "leave one of them out: GitHub is asked as an App or with a token")
        return app


class TagPatterns(_Table):
    """Which tags are looked at at all."""

    include: Pattern = Field(
        "", description="A regular expression found somewhere in the tag's name; empty: all.", examples=["^v"]
    )
    exclude: Pattern = Field(
        "", description="A regular expression; tags in whose name it is found are left out.", examples=["test$"]
    )


class WatchedRepository(_Table):
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
    def _fits_scheme(cls, pattern: str | None, info: ValidationInfo) -> str | None:
        scheme = info.data.get("scheme")
        if scheme is not None and (scheme == "regex") != (pattern is not None):
            raise (
                _needed()
                if pattern is None
                else Refused(f'goes with scheme = "regex", not with "{scheme}"', "leave it out")
            )
        if pattern is not None:
            _check_groups(pattern)
        return pattern


class WatchedOrganisation(_Table):
    """All repositories of an organisation or user on GitHub, or of a group on GitLab with the groups in it.

    New ones are followed; a repository with a table of its own goes by that.
    """

    forge: Text = Field(description="The name of a [forges.NAME] table.", examples=["github"])
    path: RepositoryPath = Field(
        description="The organisation, the user, or the group with its parents.", examples=["DIRACGrid"]
    )
    include: Pattern = Field(
        "",
        description="A regular expression found somewhere in the repository's path below it; empty: all.",
        examples=["DIRAC"],
    )
    exclude: Pattern = Field(
        "", description="A regular expression; repositories in whose path it is found are left out.", examples=["^test"]
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


def _needed() -> Refused:
    return Refused('is missing, and scheme = "regex" needs it', 'write for example pattern = "rel-(?P<major>[0-9]+)"')


def _check_groups(pattern: str) -> None:
    groups = DomainPattern(pattern).groups
    if "major" not in groups:
        raise Refused("has no group named major", "write (?P<major>[0-9]+) where the first number stands")
    for group in groups:
        if group not in _GROUPS:
            raise Refused(f'has a group named "{group}"', f"the known ones are: {', '.join(_GROUPS)}")


class Slack(_Table):
    """The chat that digests go to."""

    base_url: Address = Field(
        "https://slack.com/api/", description="The address of Slack's Web API.", examples=["http://127.0.0.1:8080/api/"]
    )
    bot_token_env: EnvironmentName = Field(
        "SLACK_BOT_TOKEN", description="The variable with the bot's token (xoxb-).", examples=["DIRAC_SLACK_BOT_TOKEN"]
    )
    app_token_env: EnvironmentName = Field(
        "SLACK_APP_TOKEN", description="The variable with the app's token (xapp-).", examples=["DIRAC_SLACK_APP_TOKEN"]
    )
    listen: Literal["socket", "http"] = Field(
        "socket",
        description="How questions come: by a web socket that the bot opens, or by calls of Slack's over HTTP.",
        examples=["http"],
    )
    signing_secret_env: EnvironmentName = Field(
        "SLACK_SIGNING_SECRET",
        description="For HTTP: the variable with the secret that Slack signs its calls with.",
        examples=["DIRAC_SLACK_SIGNING_SECRET"],
    )
    http_address: HostAndPort = Field(
        "127.0.0.1:3000", description="For HTTP: where Slack's calls are listened for.", examples=["0.0.0.0:8080"]
    )
    ca_file: Text | None = Field(
        None,
        description="A file with the certificates (PEM) of certificate authorities of your own, for Slack by a proxy "
        "that opens TLS; they are trusted beside the system's. Relative to this file's folder.",
        examples=["ca.pem"],
    )
    maintainers: list[SlackUser] = Field(
        [], description="The Slack user ids of those who may change things in chat.", examples=[["U012AB3CD"]]
    )


class OtherPlace(_Table):
    """Another place to post digests to than Slack; the table's name is what a digest's channel calls it."""

    url_env: EnvironmentName = Field(
        description="The variable with its address as the library Apprise writes it; the whole of it is a secret.",
        examples=["MATTERMOST_URL"],
    )
    format: Literal["markdown", "text", "html"] | None = Field(
        None,
        description="The language of its digests: markdown, text or html; by default what the place takes.",
        examples=["text"],
    )
    ca_file: Text | None = Field(
        None,
        description="A file with the certificates (PEM) of certificate authorities of your own, which are trusted "
        "beside the system's; relative to this file's folder.",
        examples=["ca.pem"],
    )


class DigestOrder(_Table):
    """A digest: for whom, about what, and when."""

    name: Text = Field(description="What it is called: release-bot digest NAME.", examples=["weekly"])
    channel: Text = Field(
        description="The channel it is posted to: its name with #, or its id; or the name of a [places.NAME] table.",
        examples=["#dirac-releases"],
    )
    also: list[Text] = Field(
        [],
        description="Further channels and places that it is posted to; each is told for itself.",
        examples=[["mattermost", "#dirac-dev"]],
    )
    schedule: Schedule = Field(
        description="When: a crontab in the time zone, weekdays by name.", examples=["0 9 * * mon"]
    )
    period: PeriodWords = Field(
        SINCE_LAST,
        description="About which period: since-last (from the end of the previous digest to the moment of the "
        "schedule), last-week, 1m, this-month ...",
        examples=["last-week"],
    )
    repositories: list[Text] = Field(
        ["*"],
        min_length=1,
        description='Which repositories: "*", FORGE:PATH, a path or a name.',
        examples=[["DIRAC", "github:DIRACGrid/WebAppDIRAC"]],
    )
    when_quiet: Literal["post", "skip"] = Field(
        "post", description="What to do with a digest that has nothing to tell: post or skip it.", examples=["skip"]
    )
    catch_up: Literal["last", "all", "none"] = Field(
        "last",
        description="Which of the digests that were due while the bot was down are made when it is back: the last, "
        "all or none. What is not made is told by the next one as late.",
        examples=["all"],
    )


class Milestone(_Table):
    """A dated step of a certification."""

    kind: Text = Field(
        description="hackathon, final-certification, release, or one of milestone_kinds.", examples=["hackathon"]
    )
    title: Text | None = Field(
        None, description="What it is called; the kind with its number by default.", examples=["Hackathon 4"]
    )
    planned: Day | None = Field(None, description="The day it is planned for.", examples=[date(2021, 2, 18)])
    done: Day | None = Field(None, description="The day it was done.", examples=[date(2021, 2, 18)])
    dropped: bool = Field(default=False, description="Whether it was called off.", examples=[True])
    note: str = Field("", description="What is to be said of it.", examples=["quite conclusive"])

    @field_validator("dropped")
    @classmethod
    def _not_done(cls, dropped: bool, info: ValidationInfo) -> bool:  # noqa: FBT001 - pydantic's way to call it
        if dropped and info.data.get("done") is not None:
            raise Refused("is true beside a day on which it was done", "leave out dropped or done")
        return dropped


class CertificationPlan(_Table):
    """The way of one series to its final release."""

    repository: Text = Field(description="FORGE:PATH, a path or a name.", examples=["github:DIRACGrid/DIRAC"])
    series: Text = Field(description="The series, in any spelling.", examples=["v7r2"])
    highlights: list[Text] = Field(
        [], description="What the release is about.", examples=[["Python 3 support on the client side"]]
    )
    forge_milestones: Pattern = Field(
        "",
        description="A regular expression: the forge's milestones with such titles are steps too; empty: none.",
        examples=["^v7r2 "],
    )
    issue_label: str = Field(
        "", description="Issues with this label are steps too, due with their milestone.", examples=["certification"]
    )
    milestones: list[Milestone] = Field([], description="Its steps.")


class Monitoring(_Table):
    """What tells other programs how the bot is doing."""

    address: HostAndPort | None = Field(
        None,
        description="Where /metrics (Prometheus) and /health are served while the worker runs; nowhere by default. "
        "Whoever reaches it may read it, so leave it on this machine or behind a proxy.",
        examples=["127.0.0.1:9100"],
    )


class ConfigFile(_Table):
    """The configuration file of the release bot."""

    time_zone: Zone = Field(
        "UTC", description="The zone of every period, schedule and date shown.", examples=["Europe/Paris"]
    )
    database: Database = Field(Database(), description=getdoc(Database))
    poll: Poll = Field(Poll(), description=getdoc(Poll))
    forges: dict[str, Forge] = Field({}, description=getdoc(Forge))
    repositories: list[WatchedRepository] = Field([], description=getdoc(WatchedRepository))
    organisations: list[WatchedOrganisation] = Field([], description=getdoc(WatchedOrganisation))
    slack: Slack = Field(Slack(), description=getdoc(Slack))
    places: dict[str, OtherPlace] = Field({}, description=getdoc(OtherPlace))
    digests: list[DigestOrder] = Field([], description=getdoc(DigestOrder))
    remind_within: Duration = Field(
        "7d", description="How long before its day a digest reminds of a milestone.", examples=["14d"]
    )
    milestone_kinds: list[Text] = Field([], description="Further kinds of milestones.", examples=[["review"]])
    certifications: list[CertificationPlan] = Field([], description=getdoc(CertificationPlan))
    monitoring: Monitoring = Field(Monitoring(), description=getdoc(Monitoring))
