"""Gathering: what forges show of the certifications that are open, asked for after the tags, in the same poll."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Event
from typing import TYPE_CHECKING

from bot.domain.certification.certification import Plan
from bot.domain.clocks import believed
from bot.domain.releases import Release
from bot.domain.repositories import Repository, source_of
from bot.domain.values import dataclass
from bot.services.poll import PollOutcome, with_more_of
from bot.services.ports import EvidenceRequest, Forge

if TYPE_CHECKING:
    from bot.store.store import Store

# Hackathons begin with the first pre-releases; without any, a year back is far enough.
_BEFORE_THE_FIRST = timedelta(days=60)
# Among the validators of the lists stands when they were last asked for.
_ASKED = "asked"
_A_YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class EvidenceCollector:
    """Asks for the traces of the plans' certifications, once in ``every``: a trace is not urgent."""

    plans: Sequence[Plan]
    forges: Mapping[str, Forge]
    store: "Store"
    now: Callable[[], datetime]
    every: timedelta

    def after(
        self, outcomes: Iterable[PollOutcome], repositories: Sequence[Repository], stop: Event | None = None
    ) -> Iterator[PollOutcome]:
        """Yield the outcomes of a poll, and then gather the traces of the repositories that were polled.

        Traces that could not be had are a notice of the outcome: the tags are recorded all the same. Once
        ``stop`` is set, no more traces are requested.
        """

        def gather(outcome: PollOutcome) -> PollOutcome:
            entries = [each for entry in repositories if entry.source == outcome.repository for each in entry.readers]
            for repository in {each.key: each for each in entries}.values():
                if stop is None or not stop.is_set():
                    outcome = self._gathered(outcome, repository)
            return outcome

        planned = {source_of(plan.repository) for plan in self.plans}
        return with_more_of(lambda outcome: outcome.repository in planned, outcomes, gather)

    def _gathered(self, outcome: PollOutcome, repository: Repository) -> PollOutcome:
        at = self.now()
        request = self._request(repository, at)
        if request is None:
            return outcome
        answer = self.forges[repository.forge].evidence(request)
        outcome = replace(outcome, requests=outcome.requests + answer.requests)
        if answer.error is not None:
            note = f"cannot read certification evidence: {answer.error.what}"
            return replace(outcome, notice="; ".join(part for part in (outcome.notice, note) if part))
        validators = {**answer.validators, _ASKED: at.isoformat()}
        self.store.certification.write_evidence(repository.key, replace(answer, validators=validators))
        return outcome

    def _request(self, repository: Repository, at: datetime) -> EvidenceRequest | None:
        """Return the request; None soon after the last, or once the series are released and their traces known."""
        held = self.store.certification.evidence(repository.key)
        before = held.validators.get(_ASKED)
        asked_at = believed(datetime.fromisoformat(before), at) if before is not None else None
        if asked_at is not None and at - asked_at < self.every:
            return None
        releases = self.store.releases.of([repository.key])
        own = [plan for plan in self.plans if plan.repository == repository.key]
        asked = [plan for plan in own if before is None or not _is_released(plan, releases)]
        if not asked:
            return None
        return EvidenceRequest(
            path=repository.path,
            since=_since(asked, releases, at),
            labels=tuple(dict.fromkeys(plan.label for plan in asked if plan.label)),
            milestones=any(plan.pattern is not None for plan in asked),
            validators=held.validators,
        )


def _is_released(plan: Plan, releases: Sequence[Release]) -> bool:
    return any(r.series == plan.series and r.kind.is_final and r.is_counted for r in releases)


def _since(plans: Sequence[Plan], releases: Sequence[Release], at: datetime) -> datetime:
    series = {plan.series for plan in plans}
    dates = [r.date for r in releases if r.series in series and r.date is not None and not r.kind.is_final]
    return min(dates) - _BEFORE_THE_FIRST if dates else at - _A_YEAR
