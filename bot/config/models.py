"""The configuration file's tables and keys; each key is documented here, once."""

import re
from datetime import date, timedelta
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer, field_validator, model_validator

from bot.config.durations import read_duration
from bot.domain.errors import UsageError
from bot.domain.period_words import check_period
from bot.domain.schedules import check_schedule


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        message = f'"{name}" is no time zone; say for example "Europe/Paris" or "UTC"'
        raise ValueError(message) from error
    return name


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        message = f'"{text}" is no regular expression ({error})'
        raise ValueError(message) from error
    return text


def _address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        message = f'"{text}" is no web address; say for example "https://gitlab.cern.ch"'
        raise ValueError(message)
    if parts.username or parts.password:
        message = "an address holds no user or password; put the token into the environment and name it in token_env"
        raise ValueError(message)
    return text


def check_database(url: str) -> str:
    """Give back a database's URL. Raises ValueError for one that names no database that is supported."""
    if not re.match(r"(?:sqlite|postgres(?:ql)?)(?:\+[a-z0-9]+)?://", url):
        kind = url.partition(":")[0]
        message = f'"{kind}" is no database that is supported; say sqlite:///FILE or postgresql://USER@HOST/NAME'
        raise ValueError(message)
    return url


def _usage(error: UsageError) -> ValueError:
    return ValueError("; ".join(part for part in (error.what, error.hint) if part))


def _period(text: str) -> str:
    try:
        check_period(text)
    except UsageError as error:
        raise _usage(error) from error
    return text


def _schedule(text: str) -> str:
    try:
        check_schedule(text)
    except UsageError as error:
        raise _usage(error) from error
    return text


def _duration(text: str) -> str:
    read_duration(text)
    return text


Zone = Annotated[str, AfterValidator(_zone)]
Pattern = Annotated[str, AfterValidator(_pattern)]
Address = Annotated[str, AfterValidator(_address)]
PeriodWords = Annotated[str, AfterValidator(_period)]
DatabaseUrl = Annotated[str, Field(min_length=1), AfterValidator(check_database)]
Schedule = Annotated[str, AfterValidator(_schedule)]
Duration = Annotated[str, AfterValidator(_duration)]
Text = Annotated[str, Field(min_length=1)]
EnvironmentName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
SlackUser = Annotated[str, Field(pattern=r"^[UW][A-Z0-9]{2,}$")]
Day = Annotated[date, PlainSerializer(date.isoformat, when_used="json")]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Database(_Table):
    """Where everything observed and told is kept."""

    url: DatabaseUrl = Field(
        "sqlite:///release-bot.db",
        description="The database: sqlite:///FILE or postgresql://USER@HOST/NAME; $DATABASE_URL wins over it.",
    )


class Poll(_Table):
    """How often the forges are asked."""

    every: Duration = Field("10m", description="How often each repository is polled; at least 10s.")
    full_every: Duration = Field("1h", description="How often a poll asks for everything again, dates included.")

    @model_validator(mode="after")
    def _in_order(self) -> "Poll":
        every, full = read_duration(self.every), read_duration(self.full_every)
        if every < timedelta(seconds=10):
            message = f'every = "{self.every}" is too often; the least is 10s'
            raise ValueError(message)
        if full < every:
            message = (
                f'full_every = "{self.full_every}" is shorter than every = "{self.every}"; make it as long or longer'
            )
            raise ValueError(message)
        return self


class Forge(_Table):
    """A host of git repositories; the table's name is the FORGE in FORGE:PATH."""

    kind: Literal["github", "gitlab", "git"] = Field(description="What it speaks: github, gitlab, or plain git.")
    base_url: Address | None = Field(
        None, description="Its address; for GitHub that of the API. The public github.com or gitlab.com by default."
    )
    token_env: EnvironmentName | None = Field(
        None, description="The environment variable with the token; without one the public limits hold."
    )


class TagPatterns(_Table):
    """Which tags are looked at at all."""

    include: Pattern = Field("", description="A regular expression found somewhere in the tag's name; empty: all.")
    exclude: Pattern = Field("", description="A regular expression; tags in whose name it is found are left out.")


class WatchedRepository(_Table):
    """One watched project."""

    forge: Text = Field(description="The name of a [forges.NAME] table.")
    path: Text = Field(description="Its path on the forge, owner/name.")
    name: Text | None = Field(None, description="What people call it; the last part of the path by default.")
    scheme: Literal["dirac", "pep440", "semver", "regex"] = Field(
        "dirac", description="The version scheme: how a tag's name is read."
    )
    prefix: str = Field("", description="What stands before the version in every tag's name.")
    pattern: Pattern | None = Field(
        None, description='For scheme = "regex": named groups major, minor, patch and pre, on the whole name.'
    )
    counts: Literal["patch", "final"] = Field(
        "patch", description="What its ordinary releases are: patch releases, or all final ones."
    )
    date: Literal["auto", "published", "tagger", "commit", "first_seen"] = Field(
        "auto", description="The date it goes by; auto is the first known of the others, in that order."
    )
    tags: TagPatterns = Field(TagPatterns(), description="Patterns on tag names.")

    @field_validator("path")
    @classmethod
    def _has_owner(cls, path: str) -> str:
        if not re.fullmatch(r"[^\s/:?#\\]+(?:/[^\s/:?#\\]+)+", path):
            message = f'"{path}" is no path of a repository; say for example "DIRACGrid/DIRAC"'
            raise ValueError(message)
        return path

    @model_validator(mode="after")
    def _pattern_fits_scheme(self) -> "WatchedRepository":
        if self.scheme == "regex" and self.pattern is None:
            message = 'scheme = "regex" needs pattern; say for example pattern = "rel-(?P<major>[0-9]+)"'
            raise ValueError(message)
        if self.scheme != "regex" and self.pattern is not None:
            message = f'pattern goes with scheme = "regex" only, and this one is "{self.scheme}"; leave it out'
            raise ValueError(message)
        if self.pattern is not None and "major" not in re.compile(self.pattern).groupindex:
            message = "pattern has no group named major; write (?P<major>[0-9]+) where the first number stands"
            raise ValueError(message)
        return self


class Slack(_Table):
    """The chat that digests go to."""

    base_url: Address = Field("https://slack.com/api/", description="The address of Slack's Web API.")
    bot_token_env: EnvironmentName = Field("SLACK_BOT_TOKEN", description="The variable with the bot's token (xoxb-).")
    app_token_env: EnvironmentName = Field("SLACK_APP_TOKEN", description="The variable with the app's token (xapp-).")
    maintainers: list[SlackUser] = Field([], description="The Slack user ids of those who may change things in chat.")


class DigestOrder(_Table):
    """A digest: for whom, about what, and when."""

    name: Text = Field(description="What it is called: release-bot digest NAME.")
    channel: Text = Field(description="The channel it is posted to: its name with #, or its id.")
    schedule: Schedule = Field(description="When: a crontab in the time zone, weekdays by name: 0 9 * * mon.")
    period: PeriodWords = Field(description="About which period: last-week, 1m, this-month ...")
    repositories: list[Text] = Field(["*"], description='Which repositories: "*", FORGE:PATH, a path or a name.')
    when_quiet: Literal["post", "skip"] = Field(
        "post", description="What to do with a digest that has nothing to tell."
    )


class Milestone(_Table):
    """A dated step of a certification."""

    kind: Text = Field(description="hackathon, final-certification, release, or one of milestone_kinds.")
    title: Text | None = Field(None, description="What it is called; the kind with its number by default.")
    planned: Day | None = Field(None, description="The day it is planned for.")
    done: Day | None = Field(None, description="The day it was done.")
    dropped: bool = Field(default=False, description="Whether it was called off.")
    note: str = Field("", description="What is to be said of it.")


class CertificationPlan(_Table):
    """The way of one series to its final release."""

    repository: Text = Field(description="FORGE:PATH, a path or a name.")
    series: Text = Field(description="The series, in any spelling.")
    highlights: list[Text] = Field([], description="What the release is about.")
    forge_milestones: Pattern = Field(
        "", description="A regular expression: the forge's milestones with such titles are steps too; empty: none."
    )
    issue_label: str = Field("", description="Issues with this label are steps too, due with their milestone.")
    milestones: list[Milestone] = Field([], description="Its steps.")


class ConfigFile(_Table):
    """The configuration file of the release bot."""

    time_zone: Zone = Field("UTC", description="The zone of every period, schedule and date shown.")
    database: Database = Field(Database(), description=Database.__doc__)
    poll: Poll = Field(Poll(), description=Poll.__doc__)
    forges: dict[Text, Forge] = Field({}, description=Forge.__doc__)
    repositories: list[WatchedRepository] = Field([], description=WatchedRepository.__doc__)
    slack: Slack = Field(Slack(), description=Slack.__doc__)
    digests: list[DigestOrder] = Field([], description=DigestOrder.__doc__)
    remind_within: Duration = Field("7d", description="How long before its day a digest reminds of a milestone.")
    milestone_kinds: list[Text] = Field([], description="Further kinds of milestones.")
    certifications: list[CertificationPlan] = Field([], description=CertificationPlan.__doc__)
