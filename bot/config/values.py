"""The settings as the rest of the program takes them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.config.models import ConfigFile
from bot.domain.certifications import Plan
from bot.domain.organisations import Organisation
from bot.domain.repositories import Repository


@dataclass(frozen=True, slots=True)
class AppSettings:
    """A GitHub App: its id, its installation where one is named, and the variable that holds its private key."""

    id: int
    installation: int | None
    key_env: str


@dataclass(frozen=True, slots=True)
class ForgeSettings:
    """A forge: where it is, what it speaks, and how fast it may be asked.

    ``token_env`` is the variable that holds its token; in place of that a GitHub may have an ``app``.
    ``ca_file`` holds certificate authorities to trust.
    """

    name: str
    kind: str
    base_url: str
    token_env: str | None
    requests_per_minute: int | None = None
    app: AppSettings | None = None
    ca_file: Path | None = None

    @property
    def secret_env(self) -> str | None:
        """The variable that holds what it is asked with: a token, or the key of an App."""
        return self.app.key_env if self.app else self.token_env


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
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True)
class PlaceSettings:
    """Another place than Slack: the variable with its address, and the language of its digests, None for its own.

    ``ca_file`` holds certificate authorities to trust.
    """

    url_env: str
    language: str | None
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True)
class DigestSettings:
    """A digest as configured; ``channels`` are of Slack, or the names of places.

    ``repositories`` and ``organisations`` are keys.
    """

    name: str
    channels: tuple[str, ...]
    schedule: str
    period: str
    repositories: tuple[str, ...]
    when_quiet: str
    catch_up: str
    organisations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """All that is configured; ``file`` is where it came from, ``written`` what stood there.

    ``origins`` says by key where each repository comes from: the file, whoever said it in
    words, or an organisation; ``left_out`` why some are not watched though they are named.
    Where the file names its database by a relative path, that is ``database_path``, and
    ``database_file`` the absolute one.
    """

    file: Path
    time_zone: ZoneInfo
    database_url: str
    poll_every: timedelta
    full_every: timedelta
    poll_share: float
    forges: Mapping[str, ForgeSettings]
    repositories: tuple[Repository, ...]
    organisations: tuple[Organisation, ...]
    slack: SlackSettings
    places: Mapping[str, PlaceSettings]
    digests: tuple[DigestSettings, ...]
    remind_within: timedelta
    milestone_kinds: tuple[str, ...]
    plans: tuple[Plan, ...]
    monitoring: tuple[str, int] | None
    written: ConfigFile = field(repr=False)
    origins: Mapping[str, str] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)
    database_path: Path | None = None
    database_file: Path | None = None

    @property
    def ca_files(self) -> tuple[Path, ...]:
        """The files with certificate authorities."""
        of_forges = [forge.ca_file for forge in self.forges.values()]
        named = [*of_forges, self.slack.ca_file, *(place.ca_file for place in self.places.values())]
        return tuple(dict.fromkeys(path for path in named if path is not None))
