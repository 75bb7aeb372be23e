"""What the answers of the API look like: models that describe the JSON of every answer, for its OpenAPI document.

No answer is made of them: it is the JSON of the command line. A test holds answers against them.
"""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from bot.domain.certification.milestones import ChangeKind, MilestoneSource, MilestoneStatus
from bot.domain.releases import ReleaseState
from bot.domain.series_status import SeriesStatus
from bot.domain.tags import DateSource
from bot.domain.versions.version import ReleaseKind


def _without_default(schema: dict[str, Any]) -> None:
    schema.pop("default", None)


# A key that is not always there.
_MAYBE: Any = Field("", json_schema_extra=_without_default)


class Model(BaseModel):
    """Describes a part of an answer: all keys that it has."""

    model_config = ConfigDict(extra="forbid")


class Error(Model):
    """Why there is no answer, in one line."""

    error: str


class Release(Model):
    """A release; times have the offset of the configured zone."""

    repository: str
    version: str = Field(description="The version as the project spells it.")
    normalized: str = Field(description="What all spellings of the version share.")
    series: str
    kind: ReleaseKind
    date: datetime | None = Field(description="When it came out; null if that is unknown.")
    date_source: DateSource | None = Field(description="Where the date comes from.")
    not_before: datetime | None = Field(description="Null where the date is no lower bound.")
    not_after: datetime | None = Field(description="Null where the date is no lower bound.")
    first_seen: datetime
    commit: str | None
    tags: list[str] = Field(description="All tags of the version.")
    url: str | None
    notes_url: str | None
    state: ReleaseState
    yanked_reason: str | None
    prerelease_flag: bool = Field(description="Whether its forge marks it as a pre-release.")
    upcoming: datetime | None = Field(description="When its forge announces it for.")
    twins_apart: bool = Field(
        default=False,
        json_schema_extra=_without_default,
        description="Whether its tags point to commits more than a day apart; absent where that was not looked up.",
    )


class LatestRelease(Release):
    """The newest release of a series."""

    status: SeriesStatus | None = Field(description="The status of its series.")
    mark: str | None = Field(description="Set where the highest version and the newest by date differ.")


class Period(Model):
    """From ``start`` to before ``end``; a null start is the beginning of history."""

    start: datetime | None
    end: datetime
    time_zone: str
    asked: str


class Group(Model):
    """A number of releases, with the value of each unit that it is counted by."""

    count: int
    series: str = _MAYBE
    repository: str = _MAYBE
    kind: str = _MAYBE
    day: str = _MAYBE
    week: str = _MAYBE
    month: str = _MAYBE
    quarter: str = _MAYBE
    year: str = _MAYBE


class Gap(Model):
    """A repository that was not checked lately."""

    repository: str
    since: datetime | None
    error: str | None


class Count(Model):
    """How many releases, how they divide, and which they are."""

    period: Period
    as_of: datetime
    kinds: list[str]
    total: int
    groups: list[Group] = Field(description="By the units that were asked for.")
    by_series: list[Group]
    releases: list[Release]
    undated: int = Field(description="Releases without a known date, which are not counted.")
    at_edges: list[Release] = Field(description="Releases that may belong to the other side of the period's edges.")
    unclassified: int = Field(description="Tags that match no version scheme.")
    notes: list[str]
    complete_until: datetime | None
    gaps: list[Gap]


class Milestone(Model):
    """A step of a certification."""

    kind: str
    title: str
    planned: date | None
    done: date | None
    status: MilestoneStatus
    note: str
    source: MilestoneSource
    plans: list[date] = Field(description="The days that it was planned for before.")
    url: str | None


class NextMilestone(Milestone):
    """The milestone that comes next."""

    days: int | None = Field(description="In how many days; below 0 it is overdue.")


class Move(Model):
    """A milestone that was moved."""

    title: str
    from_: date | None = Field(alias="from")
    to: date | None
    at: datetime


class PullRequest(Model):
    """A pull request that names a hackathon or a certification."""

    number: int
    title: str
    branch: str
    created: datetime
    url: str


class Hint(Model):
    """A day that pull requests suggest, which counts for nothing."""

    day: date
    kind: str
    pull_requests: list[PullRequest]


class Change(Model):
    """A change that somebody made to a milestone."""

    number: int
    at: datetime
    who: str
    change: ChangeKind
    title: str
    day: date | None
    note: str
    undoes: int | None


class Certification(Model):
    """How the certification of a series stands."""

    repository: str
    series: str
    open: bool = Field(description="Whether its final release is still to come.")
    released: Release | None
    pre_releases: list[Release]
    milestones: list[Milestone]
    next: NextMilestone | None
    moves: list[Move]
    highlights: list[str]
    hints: list[Hint]
    changes: list[Change]


class Series(Model):
    """A series with its status."""

    repository: str
    series: str
    status: SeriesStatus | None
    note: str
    who: str | None = Field(description="Null where the configuration file gives the status.")
    when: datetime | None
    newest: Release | None


class Correction(Model):
    """A word that was read as another."""

    written: str
    read: str


class Understood(Model):
    """What was understood of a question: its kind, null where nothing was, with the parameters of the kind."""

    model_config = ConfigDict(extra="allow")

    intent: str | None
    mended: list[Correction]


class Reply(Model):
    """The answer to a question in words."""

    question: str
    understood: Understood
    answer: str
    data: JsonValue = Field(description="The answer as data, in the form of its kind.")
