"""The settings as the rest of the program takes them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.config.models import ConfigFile
from bot.domain.certifications import Plan
from bot.domain.repositories import Repository


@dataclass(frozen=True, slots=True)
class ForgeSettings:
    """A forge: where it is, what it speaks, the variable that holds its token, and how fast it may be asked."""

    name: str
    kind: str
    base_url: str
    token_env: str | None
    requests_per_minute: int | None = None


@dataclass(frozen=True, slots=True)
class SlackSettings:
    """Slack: its address, the variables with its secrets, how it is listened to, and who may change things in chat."""

    base_url: str
    bot_token_env: str
    app_token_env: str
    maintainers: tuple[str, ...]
    listen: str
    signing_secret_env: str
    http_host: str
    http_port: int


@dataclass(frozen=True, slots=True)
class PlaceSettings:
    """Another place than Slack: the variable with its address, and the language of its digests, None for its own."""

    url_env: str
    language: str | None


@dataclass(frozen=True, slots=True)
class DigestSettings:
    """A digest as configured; ``channels`` are of Slack, or the names of places; ``repositories`` are keys."""

    name: str
    channels: tuple[str, ...]
    schedule: str
    period: str
    repositories: tuple[str, ...]
    when_quiet: str
    catch_up: str


@dataclass(frozen=True, slots=True)
class Settings:
    """All that is configured; ``file`` is where it came from, ``written`` what stood there."""

    file: Path
    time_zone: ZoneInfo
    database_url: str
    poll_every: timedelta
    full_every: timedelta
    poll_share: float
    forges: Mapping[str, ForgeSettings]
    repositories: tuple[Repository, ...]
    slack: SlackSettings
    places: Mapping[str, PlaceSettings]
    digests: tuple[DigestSettings, ...]
    remind_within: timedelta
    milestone_kinds: tuple[str, ...]
    plans: tuple[Plan, ...]
    monitoring: tuple[str, int] | None
    written: ConfigFile = field(repr=False)
