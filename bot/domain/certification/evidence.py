"""The evidence of certification that a forge shows: milestones, labelled issues and pull requests."""

from collections.abc import Mapping
from dataclasses import field

from bot.domain.certification.hints import PullRequest
from bot.domain.certification.milestones import ReportedMilestone
from bot.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the store holds of the traces of certification in one repository; issues are by label."""

    milestones: tuple[ReportedMilestone, ...] = ()
    issues: Mapping[str, tuple[ReportedMilestone, ...]] = field(default_factory=dict)
    pulls: tuple[PullRequest, ...] = ()
    validators: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EvidenceUpdate:
    """What a forge says anew of the evidence in the repository at a path; a list is None where nothing changed.

    ``issues`` are by label; a label that is not there has not changed.
    """

    path: str
    milestones: tuple[ReportedMilestone, ...] | None = None
    issues: Mapping[str, tuple[ReportedMilestone, ...]] = field(default_factory=dict)
    pulls: tuple[PullRequest, ...] | None = None
    validators: Mapping[str, str] = field(default_factory=dict)
