"""The plans of certification in the configuration file: each key is documented here, once."""

from collections import Counter
from collections.abc import Sequence
from datetime import date

from pydantic import ConfigDict, Field, ValidationInfo, field_validator

from bot.config.errors import InvalidValue
from bot.config.fields import Condition, ConfigTable, Day, Text
from bot.domain.certification.certification import Plan
from bot.domain.certification.milestones import HACKATHON, Milestone
from bot.domain.filters import choose_repositories
from bot.domain.repositories import Repository
from bot.domain.spellings import read_series


class MilestoneSettings(ConfigTable):
    """A dated step of a certification."""

    model_config = ConfigDict(title="Milestone")

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
            raise InvalidValue("is true beside a day on which it was done", "leave out dropped or done")
        return dropped


class CertificationPlan(ConfigTable):
    """The way of one series to its final release."""

    repository: Text = Field(description="FORGE:PATH, a path or a name.", examples=["github:DIRACGrid/DIRAC"])
    series: Text = Field(description="The series, in any spelling.", examples=["v7r2"])
    highlights: list[Text] = Field(
        [], description="What the release is about.", examples=[["Python 3 support on the client side"]]
    )
    forge_milestones: Condition = Field(
        "",
        description="A regular expression: the forge's milestones with such titles are steps too; empty: none.",
        examples=["^v7r2 "],
        validate_default=True,
    )
    issue_label: str = Field(
        "", description="Issues with this label are steps too, due with their milestone.", examples=["certification"]
    )
    milestones: list[MilestoneSettings] = Field([], description="Its steps.")

    def plan(self, repositories: Sequence[Repository]) -> Plan:
        """Return the plan with its repository's key and a title for every milestone. Raises UsageError."""
        [repository] = choose_repositories([self.repository], repositories)
        titles = milestone_titles([(each.kind, each.title) for each in self.milestones])
        return Plan(
            repository.key,
            read_series(self.series, repository.scheme) or self.series,
            tuple(self.highlights),
            tuple(
                Milestone(each.kind, title, each.planned, each.done, each.note, each.dropped)
                for each, title in zip(self.milestones, titles, strict=True)
            ),
            pattern=self.forge_milestones,
            label=self.issue_label,
        )


def milestone_titles(milestones: Sequence[tuple[str, str | None]]) -> list[str]:
    """Title milestones, given as kind and title, where they have none: hackathons by number, others from the second."""
    numbers: Counter[str] = Counter()
    titles = []
    for kind, title in milestones:
        numbers[kind] += 1
        titles.append(title or _title(kind, numbers[kind]))
    return titles


def _title(kind: str, number: int) -> str:
    words = kind.replace("-", " ").capitalize()
    return words if number == 1 and kind != HACKATHON else f"{words} {number}"
