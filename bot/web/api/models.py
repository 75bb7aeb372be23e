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

    repository: str = Field(description="Its key: FORGE:PATH, of a product FORGE:PATH#PRODUCT.")
    version: str = Field(description="The version as the project spells it.")
    normalized: str = Field(description="What all spellings of the version share.")
    series: str = Field(description="The line that its patch releases belong to.")
    kind: ReleaseKind
    date: datetime | None = Field(description="When it came out; null if that is unknown.")
    date_source: DateSource | None = Field(description="Where the date comes from.")
    not_before: datetime | None = Field(description="Null where the date is no lower bound.")
    not_after: datetime | None = Field(description="Null where the date is no lower bound.")
    first_seen: datetime = Field(description="When the bot first saw one of its tags.")
    commit: str | None = Field(description="The commit that its tag points to; null if that is unknown.")
    tags: list[str] = Field(description="All tags of the version.")
    url: str | None = Field(description="The page of its tag on the forge; null where there is none.")
    notes_url: str | None = Field(description="The page of its release notes; null where there is none.")
    state: ReleaseState
    yanked_reason: str | None = Field(description="Why the package index advises against it; null without a reason.")
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
    asked: str = Field(description="The period in the words of the request.")


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
    since: datetime | None = Field(description="When it was last checked; null if never.")
    error: str | None = Field(description="Why the last poll failed; null if it did not.")


class Count(Model):
    """How many releases, how they divide, and which they are."""

    period: Period = Field(description="The interval that is counted in.")
    as_of: datetime = Field(description="The moment looked from: later releases have not happened.")
    kinds: list[str] = Field(description="The kinds of releases that are counted.")
    total: int = Field(description="The number of releases.")
    groups: list[Group] = Field(description="By the units that were asked for.")
    by_series: list[Group] = Field(description="The number of each repository and series.")
    releases: list[Release] = Field(description="The counted releases.")
    undated: int = Field(description="Releases without a known date, which are not counted.")
    at_edges: list[Release] = Field(description="Releases that may belong to the other side of the period's edges.")
    unclassified: int = Field(description="Tags that match no version scheme.")
    notes: list[str] = Field(description="What else the number depends on, in words.")
    complete_until: datetime | None = Field(
        description="Until when all data is there; null if a repository was never polled."
    )
    gaps: list[Gap] = Field(description="The repositories that the number may lack something of.")


class Milestone(Model):
    """A step of a certification."""

    kind: str
    title: str
    planned: date | None = Field(description="The day that it is planned for.")
    done: date | None = Field(description="The day that it was done.")
    status: MilestoneStatus
    note: str = Field(description="Free text.")
    source: MilestoneSource
    plans: list[date] = Field(description="The days that it was planned for before.")
    url: str | None = Field(description="Its page on the forge; null where there is none.")


class NextMilestone(Milestone):
    """The milestone that comes next."""

    days: int | None = Field(description="In how many days; below 0 it is overdue.")


class Move(Model):
    """A milestone that was moved."""

    title: str
    from_: date | None = Field(alias="from")
    to: date | None
    at: datetime = Field(description="When it was moved.")


class PullRequest(Model):
    """A pull request that names a hackathon or a certification."""

    number: int
    title: str
    branch: str
    created: datetime
    url: str


class Hint(Model):
    """A day that pull requests suggest, which counts for nothing."""

    day: date = Field(description="The day that the pull requests suggest.")
    kind: str
    pull_requests: list[PullRequest] = Field(description="The pull requests that suggest it.")


class Change(Model):
    """A change that somebody made to a milestone."""

    number: int = Field(description="The number that an undo names.")
    at: datetime = Field(description="When it was made.")
    who: str
    change: ChangeKind
    title: str
    day: date | None
    note: str
    undoes: int | None = Field(description="The number of the change that it undoes.")


class Certification(Model):
    """How the certification of a series stands."""

    repository: str
    series: str
    open: bool = Field(description="Whether its final release is still to come.")
    released: Release | None = Field(description="The final release, which closes it; null before that.")
    pre_releases: list[Release] = Field(description="The pre-releases of the series, so far.")
    milestones: list[Milestone] = Field(description="All steps, dropped ones included.")
    next: NextMilestone | None = Field(description="The next open step; null if there is none.")
    moves: list[Move] = Field(description="The steps that were planned for another day before.")
    highlights: list[str] = Field(description="What the configuration says of the series.")
    hints: list[Hint] = Field(description="Suggested days, which count only when somebody accepts them.")
    changes: list[Change] = Field(description="What people changed, in order.")


class Series(Model):
    """A series with its status."""

    repository: str
    series: str
    status: SeriesStatus | None
    note: str
    who: str | None = Field(description="Null where the configuration file gives the status.")
    when: datetime | None = Field(description="When somebody set the status.")
    newest: Release | None = Field(description="Its newest final release.")


class Correction(Model):
    """A word that was read as another."""

    written: str = Field(description="The word in the question.")
    read: str = Field(description="The word that it was read as.")


class Understood(Model):
    """What was understood of a question: its kind, null where nothing was, with the parameters of the kind."""

    model_config = ConfigDict(extra="allow")

    intent: str | None = Field(description="The kind of question.")
    mended: list[Correction] = Field(description="Corrected typing errors.")


class Reply(Model):
    """The answer to a question in words."""

    question: str
    understood: Understood = Field(description="What was understood.")
    answer: str = Field(description="The answer in words.")
    data: JsonValue = Field(description="The answer as data, in the form of its kind.")
