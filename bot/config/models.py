"""Models of the configuration file's tables and keys.

Each key is documented once, with an example: forges and watched repositories in ``repositories``,
chats in ``chats``, certifications in ``certifications``, all other keys here.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import field
from datetime import date, timedelta
from functools import cached_property
from inspect import getdoc
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import ConfigDict, Field, PrivateAttr, ValidationInfo, field_validator

from bot.config.certifications import CertificationPlan
from bot.config.channels import DEFAULT_CHAT, goes_to_default, parse_channel, stored_name
from bot.config.chats import CHATS, ChatSettings, ChatTable, NamedChat, OtherPlace, Slack
from bot.config.database import DatabaseLocation, locate
from bot.config.defaults import DATABASE_URL
from bot.config.errors import InvalidValue
from bot.config.fields import (
    ConfigTable,
    DatabaseUrl,
    Duration,
    HostAndPort,
    Meetings,
    PeriodWords,
    Schedule,
    Text,
    Zone,
    read_duration,
)
from bot.config.forges import ForgeSettings, IndexSettings
from bot.config.meetings import read_calendar
from bot.config.repositories import WatchedOrganisation, WatchedRepository
from bot.config.web import Web
from bot.domain.certification.milestones import KINDS
from bot.domain.filters import choose_repositories
from bot.domain.organisations import EVERY
from bot.domain.periods.options import SINCE_LAST
from bot.domain.repositories import Repository
from bot.domain.values import dataclass

if TYPE_CHECKING:
    from bot.domain.certification.certification import Plan
    from bot.domain.digests.compose import Reminding
    from bot.services.digests import DigestOrder

_SHORTEST_POLL = read_duration("10s")


class DatabaseSettings(ConfigTable):
    """The database, which keeps everything that was observed and reported."""

    model_config = ConfigDict(title="Database")

    url: DatabaseUrl = Field(
        DATABASE_URL,
        description="The database: sqlite:///FILE, relative to this file, or postgresql://USER@HOST/NAME. "
        "$DATABASE_URL overrides it, and is relative to the working directory.",
        examples=["sqlite:////var/lib/release-bot/bot.db"],
    )


class Poll(ConfigTable):
    """How often the forges are polled."""

    every: Duration = Field(
        "10m",
        description="How often each repository is polled; at least 10s.",
        examples=["5m"],
        validate_default=True,
    )
    full_every: Duration = Field(
        "1h",
        description="How often every tag is checked for moves and deletions; at least `every`. "
        "Dates are fetched again once a day.",
        examples=["6h"],
        validate_default=True,
    )

    share: float = Field(
        0.5,
        gt=0,
        le=1,
        description="The share of a forge's rate limit that polling may use; polling slows down to stay below it.",
        examples=[0.2],
    )

    @field_validator("every")
    @classmethod
    def _not_too_often(cls, every: Duration) -> Duration:
        if every < _SHORTEST_POLL:
            raise InvalidValue(f'polling interval "{every.text}" is too short', "use at least 10s")
        return every

    @field_validator("full_every")
    @classmethod
    def _not_before_every(cls, full_every: Duration, info: ValidationInfo) -> Duration:
        every = info.data.get("every", _SHORTEST_POLL)
        if full_every < every:
            raise InvalidValue(
                f'"{full_every.text}" is shorter than every = "{every.text}"', f"use {every.text} or longer"
            )
        return full_every


class DigestSettings(ConfigTable):
    """A digest: its channels, repositories, period and schedule."""

    model_config = ConfigDict(title="DigestOrder")

    name: Text = Field(description="Its name: release-bot digest NAME.", examples=["weekly"])
    channel: Text = Field(
        description="The channel it is posted to: a Slack channel by #name or id, CHAT:CHANNEL for the chat of a "
        "[chats.NAME] table, or the name of a [places.NAME] table.",
        examples=["#dirac-releases"],
    )
    also: list[Text] = Field(
        [],
        description="More channels; each gets its own delivery.",
        examples=[["mattermost", "#dirac-dev"]],
    )
    schedule: Schedule = Field(
        description="When it is posted: a crontab in the time zone, with weekdays by name.", examples=["0 9 * * mon"]
    )
    period: PeriodWords = Field(
        SINCE_LAST,
        description="The period: since-last (from the end of the previous digest to the scheduled time), "
        "since-meeting (from the last of the meetings to the scheduled time), last-week, 1m, this-month ...",
        examples=["last-week"],
    )
    meetings: Meetings = Field(
        [],
        description='For period = "since-meeting": the days of the meetings, or an iCalendar file with them, relative '
        "to this file's folder.",
        examples=[["2026-03-12", "2026-04-16"]],
        validate_default=True,
    )
    repositories: list[Text] = Field(
        ["*"],
        min_length=1,
        description='The repositories: "*" for all, FORGE:PATH, a path or a name.',
        examples=[["DIRAC", "github:DIRACGrid/WebAppDIRAC"]],
    )
    when_quiet: Literal["post", "skip"] = Field(
        "post", description="What to do with a digest that has nothing to report: post or skip.", examples=["skip"]
    )
    catch_up: Literal["last", "all", "none"] = Field(
        "last",
        description="Which digests that were due while the bot was down are made when it is back: last, all or none. "
        "The next digest lists the releases of those not made.",
        examples=["all"],
    )

    @property
    def written_channels(self) -> tuple[str, ...]:
        """Return all its channels, as written in the file."""
        return (self.channel, *self.also)

    def channels(self, chats: Container[str]) -> tuple[str, ...]:
        """Return all its channels, by their names in the database; ``chats`` are the names of chats."""
        return tuple(stored_name(*parse_channel(channel, chats)) for channel in self.written_channels)

    @property
    def is_about_all(self) -> bool:
        """Return whether it is about every watched repository."""
        return "*" in self.repositories

    def chosen(self, own: Sequence[Repository], watched: Sequence[Repository]) -> list[Repository]:
        """Return the watched repositories that it is about: all, an organisation's, or some of the file's ``own``.

        Raises UsageError.
        """
        if self.is_about_all:
            return list(watched)
        below = tuple(word.removesuffix("*").lower() for word in self.repositories if word.endswith(EVERY))
        names = [word for word in self.repositories if not word.endswith(EVERY)]
        named = {each.key.lower() for each in choose_repositories(names, own)} if names else set()
        return [each for each in watched if each.key.lower() in named or each.key.lower().startswith(below)]

    def of_organisations(self, watched: Sequence[str]) -> tuple[str, ...]:
        """Return the keys of the watched organisations whose repositories it is about."""
        asked = {word.lower() for word in self.repositories}
        return tuple(key for key in watched if self.is_about_all or key.lower() in asked)

    def orders(
        self,
        channels: Sequence[str],
        repositories: Sequence[Repository],
        organisations: Sequence[str],
        plans: "Sequence[Plan]",
        reminding: "Reminding",
        *,
        meetings: Sequence[date],
    ) -> "list[DigestOrder]":
        """Return an order of the digest for each of these channels."""
        from bot.services.digests import DigestOrder

        return [
            DigestOrder(
                name=self.name,
                channel=channel,
                period=self.period,
                repositories=repositories,
                organisations=organisations,
                schedule=self.schedule,
                skip_when_quiet=self.when_quiet == "skip",
                catch_up=self.catch_up,
                plans=plans,
                reminding=reminding,
                meetings=meetings,
            )
            for channel in channels
        ]


class Monitoring(ConfigTable):
    """Monitoring: metrics and health over HTTP."""

    address: HostAndPort | None = Field(
        None,
        description="The address that serves /metrics (Prometheus) and /health while the worker runs; none by default. "
        "Anybody who reaches it can read it, so keep it on this machine or behind a proxy.",
        examples=["127.0.0.1:9100"],
    )


@dataclass(frozen=True, slots=True)
class Origin:
    """The origin of settings: their file, and the database URL of the environment (empty: none)."""

    file: Path = Path()
    database_url: str = field(default="", repr=False)


class Settings(ConfigTable):
    """The configuration file of the release bot."""

    model_config = ConfigDict(title="ConfigFile")
    _origin: Origin = PrivateAttr(default_factory=Origin)

    time_zone: Zone = Field(
        "UTC",
        description="The time zone of periods, schedules and dates shown.",
        examples=["Europe/Paris"],
        validate_default=True,
    )
    database: DatabaseSettings = Field(DatabaseSettings(), description=getdoc(DatabaseSettings))
    poll: Poll = Field(Poll(), description=getdoc(Poll))
    forges: dict[str, ForgeSettings] = Field({}, description=getdoc(ForgeSettings))
    indexes: dict[str, IndexSettings] = Field({}, description=getdoc(IndexSettings))
    repositories: list[WatchedRepository] = Field([], description=getdoc(WatchedRepository))
    organisations: list[WatchedOrganisation] = Field([], description=getdoc(WatchedOrganisation))
    slack: Slack = Field(Slack(), description=getdoc(Slack))
    chats: dict[str, NamedChat] = Field({}, description=CHATS)
    places: dict[str, OtherPlace] = Field({}, description=getdoc(OtherPlace))
    digests: list[DigestSettings] = Field([], description=getdoc(DigestSettings))
    remind_within: Duration = Field(
        "7d",
        description="How long before a milestone digests remind of it.",
        examples=["14d"],
        validate_default=True,
    )
    milestone_kinds: list[Text] = Field([], description="More kinds of milestones.", examples=[["review"]])
    certifications: list[CertificationPlan] = Field([], description=getdoc(CertificationPlan))
    monitoring: Monitoring = Field(Monitoring(), description=getdoc(Monitoring))
    web: Web = Field(Web(), description=getdoc(Web))

    def model_post_init(self, context: Any, /) -> None:
        """Store the origin, which is passed as the context of the validation."""
        if isinstance(context, Origin):
            self._origin = context

    @property
    def file(self) -> Path:
        """Return the path of the configuration file."""
        return self._origin.file

    @property
    def database_location(self) -> DatabaseLocation:
        """Return the location of the database: the environment's, else the file's."""
        if self._origin.database_url:
            return DatabaseLocation(self._origin.database_url)
        return locate(self.database.url, self.file)

    @property
    def ca_files(self) -> tuple[Path, ...]:
        """Return the files with certificate authorities."""
        named = [self.beside(forge.ca_file) for forge in self.forges.values()]
        named += [self.beside(index.ca_file) for index in self.indexes.values()]
        named += [chat.ca_file for chat in self.configured_chats.values()]
        named += [self.beside(place.ca_file) for place in self.places.values()]
        return tuple(dict.fromkeys(path for path in named if path is not None))

    @property
    def calendar_files(self) -> tuple[Path, ...]:
        """Return the files with the dates of meetings."""
        return tuple(self.file.parent / each.meetings for each in self.digests if isinstance(each.meetings, str))

    @cached_property
    def configured_chats(self) -> Mapping[str, ChatSettings]:
        """Return the chats by name; Slack needs no table if it is the only one, or if a digest goes there."""
        tables: dict[str, ChatTable] = dict(self.chats)
        channels = [channel for digest in self.digests for channel in digest.written_channels]
        is_meant = not tables or "slack" in self.model_fields_set or goes_to_default(channels, tables, self.places)
        if is_meant and DEFAULT_CHAT not in tables:
            tables = {DEFAULT_CHAT: self.slack, **tables}
        return {name: self._configured(name, table) for name, table in tables.items()}

    def _configured(self, name: str, keys: ChatTable) -> ChatSettings:
        is_short = keys is self.slack
        return ChatSettings(
            name,
            kind=DEFAULT_CHAT if is_short else self.chats[name].kind,
            table="slack" if is_short else f"chats.{name}",
            keys=keys,
            ca_file=self.beside(keys.ca_file),
            web=self.web.address,
            public_url=self.web.public_url or "",
        )

    @property
    def maintainers(self) -> tuple[str, ...]:
        """Return the people who may make changes in chat, each as CHAT:USER."""
        return tuple(f"{name}:{user}" for name, chat in self.configured_chats.items() for user in chat.keys.maintainers)

    @property
    def channels(self) -> tuple[str, ...]:
        """Return the channels of all digests, by their names in the database, each once."""
        return tuple(dict.fromkeys(channel for digest in self.digests for channel in self.channels_of(digest)))

    def channels_of(self, digest: DigestSettings) -> tuple[str, ...]:
        """Return the channels of a digest, by their names in the database."""
        return digest.channels(self.configured_chats)

    @property
    def known_milestone_kinds(self) -> tuple[str, ...]:
        """Return all kinds of milestones."""
        return (*KINDS, *self.milestone_kinds)

    @cached_property
    def own_repositories(self) -> tuple[Repository, ...]:
        """Return the repositories of the file's [[repositories]] tables."""
        return tuple(each.repository(self.forges[each.forge]) for each in self.repositories)

    @cached_property
    def plans(self) -> "tuple[Plan, ...]":
        """Return the certification plans."""
        return tuple(each.plan(self.own_repositories) for each in self.certifications)

    @property
    def stale_after(self) -> timedelta:
        """Return the age of the last poll from which a repository counts as not checked."""
        return self.poll.full_every + self.poll.every

    def orders(
        self, watched: Sequence[Repository], organisations: Sequence[str], plans: "Sequence[Plan]"
    ) -> "list[DigestOrder]":
        """Return an order for every digest and channel; ``organisations`` are keys."""
        from bot.domain.digests.compose import Reminding

        reminding = Reminding(self.stale_after, self.remind_within)
        return [
            order
            for digest in self.digests
            for order in digest.orders(
                self.channels_of(digest),
                digest.chosen(self.own_repositories, watched),
                digest.of_organisations(organisations),
                plans,
                reminding,
                meetings=self.meetings_of(digest),
            )
        ]

    def meetings_of(self, digest: DigestSettings) -> Sequence[date]:
        """Return the days of the meetings that a digest goes by, read from its calendar file if it names one."""
        named = digest.meetings
        return read_calendar(self.file.parent / named, self.time_zone) if isinstance(named, str) else named

    def beside(self, name: str | None) -> Path | None:
        """Return the path of a file relative to the configuration's folder; None for None."""
        return self.file.parent / name if name else None
