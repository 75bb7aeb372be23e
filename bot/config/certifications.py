"""Certification plans in the configuration file; each key is documented here, once."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from pydantic import ConfigDict, Field, ValidationInfo, field_validator

from bot.config.errors import InvalidValue
from bot.config.fields import Condition, ConfigTable, Day, Text
from bot.domain.certification.milestones import HACKATHON, Milestone
from bot.domain.filters import choose_one
from bot.domain.repositories import Repository
from bot.domain.spellings import read_series

if TYPE_CHECKING:
    from bot.domain.certification.certification import Plan


class MilestoneSettings(ConfigTable):
    """A dated milestone of a certification."""

    model_config = ConfigDict(title="Milestone")

    kind: Text = Field(
        description="hackathon, final-certification, release, or one of milestone_kinds.", examples=["hackathon"]
    )
    title: Text | None = Field(None, description="Its title; by default its kind and number.", examples=["Hackathon 4"])
    planned: Day | None = Field(None, description="The planned date.", examples=[date(2021, 2, 18)])
    done: Day | None = Field(None, description="The date it was done.", examples=[date(2021, 2, 18)])
    dropped: bool = Field(default=False, description="Whether it was cancelled.", examples=[True])
    note: str = Field("", description="Free-text note.", examples=["quite conclusive"])

    @field_validator("dropped")
    @classmethod
    def _not_done(cls, dropped: bool, info: ValidationInfo) -> bool:  # noqa: FBT001 - pydantic's way to call it
        if dropped and info.data.get("done") is not None:
            raise InvalidValue("a milestone cannot be both dropped and done", "remove dropped or done")
        return dropped


class CertificationPlan(ConfigTable):
    """The certification of one series up to its final release."""

    repository: Text = Field(description="FORGE:PATH, a path or a name.", examples=["github:DIRACGrid/DIRAC"])
    series: Text = Field(description="The series, in any spelling (v7r2, 7.2).", examples=["v7r2"])
    highlights: list[Text] = Field(
        [], description="The main features of the release.", examples=[["Python 3 support on the client side"]]
    )
    forge_milestones: Condition = Field(
        "",
        description="A regular expression: milestones on the forge whose title matches are included too; empty: none.",
        examples=["^v7r2 "],
        validate_default=True,
    )
    issue_label: str = Field(
        "", description="Issues with this label are included too, due with their milestone.", examples=["certification"]
    )
    milestones: list[MilestoneSettings] = Field([], description="Its milestones.")

    def plan(self, repositories: Sequence[Repository]) -> "Plan":
        """Return the plan with its repository's key and a title for every milestone. Raises UsageError."""
        from bot.domain.certification.certification import Plan

        repository = choose_one(self.repository, repositories)
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
    """Return a title for each milestone, given as kind and title: hackathons are numbered, others from the second."""
    numbers: Counter[str] = Counter()
    titles = []
    for kind, title in milestones:
        numbers[kind] += 1
        titles.append(title or _title(kind, numbers[kind]))
    return titles


def _title(kind: str, number: int) -> str:
    words = kind.replace("-", " ").capitalize()
    return words if number == 1 and kind != HACKATHON else f"{words} {number}"
