"""What the status of the bot looks like in an answer of the API."""

from datetime import datetime

from pydantic import Field

from bot.web.api.models import Model


class Limit(Model):
    """The rate limit of a forge, as far as it is known, and what polling uses of it."""

    resource: str
    cost_a_day: float
    allowed_a_day: float
    share: float
    limit: int | None
    remaining: int | None
    resets_at: datetime | None
    told_at: datetime | None


class Webhooks(Model):
    """When a forge's last webhook arrived; repositories that had one in the last seven days are polled less often."""

    last_at: datetime | None
    repositories: int = Field(description="How many repositories had one in the last seven days.")
    every_seconds: float = Field(description="How often these are polled.")


class Forge(Model):
    """How often the repositories of a forge are polled."""

    forge: str
    repositories: int
    every_seconds: float
    complete_every_seconds: float
    slower: float = Field(description="How many times as seldom as configured.")
    webhooks: Webhooks | None = Field(description="Null where no webhooks are taken.")
    limits: list[Limit]


class Index(Model):
    """A project on a package index."""

    source: str
    read_at: datetime | None
    versions: int
    yanked: list[str]
    untagged: list[str] = Field(description="Versions that no tag of the repository has.")
    error: str | None
    failing_since: datetime | None
    next_try: datetime | None


class PolledRepository(Model):
    """When a repository was polled, and what is known of it."""

    repository: str
    tags: int
    undated: int
    unclassified: int
    polled_at: datetime | None
    complete_at: datetime | None
    changed_at: datetime | None
    next_poll: datetime | None
    webhook_at: datetime | None
    error: str | None
    failing_since: datetime | None
    suspected_at: datetime | None
    renamed: str | None
    index: Index | None


class Organisation(Model):
    """An organisation whose repositories are watched."""

    organisation: str
    repositories: int
    watched: int
    listed_at: datetime | None
    error: str | None


class FutureMoment(Model):
    """A recorded moment that lies in the future."""

    of: str
    at: datetime


class Status(Model):
    """How the bot is doing."""

    version: str
    at: datetime
    is_fine: bool
    complete_until: datetime | None
    organisations: list[Organisation]
    forges: list[Forge]
    repositories: list[PolledRepository]
    deliveries: dict[str, int]
    future: list[FutureMoment]
