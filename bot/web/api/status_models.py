"""What the status of the bot looks like in an answer of the API."""

from datetime import datetime

from pydantic import Field

from bot.web.api.models import Model


class Limit(Model):
    """The rate limit of a forge, as far as it is known, and what polling uses of it."""

    resource: str = Field(description="The name of the limit.")
    cost_a_day: float = Field(description="Requests or points that polling uses a day.")
    allowed_a_day: float = Field(description="What the forge allows a day.")
    share: float = Field(description="The share of it that polling may use, from 0 to 1.")
    limit: int | None = Field(description="What the forge allows in its interval.")
    remaining: int | None = Field(description="What was left when the forge last said so.")
    resets_at: datetime | None = Field(description="When the forge starts counting anew.")
    told_at: datetime | None = Field(description="When the forge last said so.")


class Webhooks(Model):
    """When a forge's last webhook arrived; repositories that had one in the last seven days are polled less often."""

    last_at: datetime | None = Field(description="When the last one arrived; null if none did.")
    repositories: int = Field(description="How many repositories had one in the last seven days.")
    every_seconds: float = Field(description="How often these are polled.")


class Forge(Model):
    """How often the repositories of a forge are polled."""

    forge: str
    repositories: int
    every_seconds: float = Field(description="The interval of quick polls.")
    complete_every_seconds: float = Field(description="The interval of complete polls.")
    slower: float = Field(description="How many times as seldom as configured.")
    webhooks: Webhooks | None = Field(description="Null where no webhooks are taken.")
    limits: list[Limit] = Field(description="Its rate limits.")


class Index(Model):
    """A project on a package index."""

    source: str = Field(description="The index and the project: INDEX:PROJECT.")
    read_at: datetime | None = Field(description="When it was last read.")
    versions: int = Field(description="The number of listed versions.")
    yanked: list[str] = Field(description="The yanked versions.")
    untagged: list[str] = Field(description="Versions that no tag of the repository has.")
    error: str | None = Field(description="Why it could not be read; null if it could.")
    failing_since: datetime | None = Field(description="Since when it cannot be read.")
    next_try: datetime | None = Field(description="When the bot tries again.")


class PolledRepository(Model):
    """When a repository was polled, and what is known of it."""

    repository: str
    tags: int = Field(description="The number of present tags.")
    undated: int = Field(description="Tags whose dates have not been fetched.")
    unclassified: int = Field(description="Tags that match no version scheme.")
    polled_at: datetime | None = Field(description="The last poll.")
    complete_at: datetime | None = Field(description="The last poll that saw every tag.")
    changed_at: datetime | None = Field(description="The last poll that brought something new.")
    next_poll: datetime | None = Field(description="When it is polled next; null if it never was.")
    webhook_at: datetime | None = Field(description="When its last webhook arrived.")
    error: str | None = Field(description="Why the last poll failed; null if it did not.")
    failing_since: datetime | None = Field(description="Since when its polls fail.")
    suspected_at: datetime | None = Field(
        description="Since when the forge lists so few tags that the list is not believed."
    )
    renamed: str | None = Field(description="What the forge says of its new path; null if it was not renamed.")
    index: Index | None = Field(description="Its project on a package index; null where none is configured.")


class Organisation(Model):
    """An organisation whose repositories are watched."""

    organisation: str
    repositories: int = Field(description="The number of its repositories.")
    watched: int = Field(description="How many of them are watched.")
    listed_at: datetime | None = Field(description="When its list was last fetched.")
    error: str | None = Field(description="Why its list could not be fetched; null if it could.")


class FutureMoment(Model):
    """A recorded moment that lies in the future."""

    of: str = Field(description="What was recorded with it.")
    at: datetime


class Status(Model):
    """How the bot is doing."""

    version: str = Field(description="The version of the bot.")
    at: datetime = Field(description="When the status was read.")
    is_fine: bool = Field(description="False if something needs attention.")
    complete_until: datetime | None = Field(
        description="Until when all data is there; null if a repository was never polled."
    )
    organisations: list[Organisation]
    forges: list[Forge]
    repositories: list[PolledRepository]
    deliveries: dict[str, int] = Field(description="The number of deliveries in each state.")
    future: list[FutureMoment] = Field(description="Recorded moments that lie in the future.")
