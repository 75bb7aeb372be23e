"""Gathering: what forges show of the certifications that are open, asked for after the tags, in the same poll."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.certifications import Plan
from bot.domain.releases import Release
from bot.domain.repositories import Repository
from bot.services.polling import PollOutcome
from bot.services.ports import EvidenceAnswer, EvidenceRequest, Forge, Store

# Hackathons begin with the first pre-releases; without any, a year back is far enough.
_BEFORE_THE_FIRST = timedelta(days=60)
_A_YEAR = timedelta(days=365)


def gather(
    outcomes: Iterable[PollOutcome],
    repositories: Sequence[Repository],
    plans: Sequence[Plan],
    forges: Mapping[str, Forge],
    store: Store,
    *,
    now: Callable[[], datetime],
) -> Iterator[PollOutcome]:
    """Pass on the outcomes of a poll, and of repositories with a certification gather its traces after it.

    Traces that could not be had are a notice of the outcome: the tags are recorded all the same.
    """
    waiting = []
    wanted = {plan.repository for plan in plans}
    for outcome in outcomes:
        if outcome.error is None and outcome.repository in wanted:
            waiting.append(outcome)
        else:
            yield outcome
    watched = {repository.key: repository for repository in repositories}
    for outcome in waiting:
        repository = watched[outcome.repository]
        request = _request([plan for plan in plans if plan.repository == repository.key], repository, store, now())
        yield outcome if request is None else _taken(outcome, forges[repository.forge].evidence(request), store)


def _request(plans: Sequence[Plan], repository: Repository, store: Store, at: datetime) -> EvidenceRequest | None:
    """Say what to ask; nothing once the series are released and their traces known."""
    held = store.evidence(repository.key)
    releases = store.releases([repository.key])
    asked = [plan for plan in plans if not held.validators or not _is_released(plan, releases)]
    if not asked:
        return None
    return EvidenceRequest(
        path=repository.path,
        since=_since(asked, releases, at),
        label=next((plan.label for plan in asked if plan.label), ""),
        milestones=any(plan.pattern is not None for plan in asked),
        validators=held.validators,
    )


def _taken(outcome: PollOutcome, answer: EvidenceAnswer, store: Store) -> PollOutcome:
    outcome = replace(outcome, requests=outcome.requests + answer.requests)
    if answer.error is None:
        store.write_evidence(outcome.repository, answer)
        return outcome
    told = f"what it shows of certification could not be read: {answer.error.what}"
    return replace(outcome, notice="; ".join(part for part in (outcome.notice, told) if part))


def _is_released(plan: Plan, releases: Sequence[Release]) -> bool:
    return any(r.series == plan.series and r.kind.is_final and r.is_counted for r in releases)


def _since(plans: Sequence[Plan], releases: Sequence[Release], at: datetime) -> datetime:
    series = {plan.series for plan in plans}
    dates = [r.date for r in releases if r.series in series and r.date is not None and not r.kind.is_final]
    return min(dates) - _BEFORE_THE_FIRST if dates else at - _A_YEAR
