"""Polling: ask every forge at once for its repositories' tags, and record what changed."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from queue import SimpleQueue

from bot.domain.polls import PollChanges, compare
from bot.domain.releases import classify, is_unclassified, releases_of
from bot.domain.repositories import Repository
from bot.domain.tags import TagEventKind
from bot.services.ports import (
    Forge,
    ForgeUnavailable,
    PollAnswer,
    PollMark,
    PollRequest,
    RecordChanged,
    RepositoryRecord,
    Store,
)
from bot.services.rules import rules_of

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Move:
    """A tag that moved: the commits, or the tag objects where the commits are not known."""

    tag: str
    from_: str
    to: str


@dataclass(frozen=True, slots=True)
class PollOutcome:
    """What a poll found in one repository; ``tags`` is how many it has now, 0 with an ``error``.

    ``unclassified`` are those among the ``new`` tags that the scheme cannot read.
    """

    repository: str
    status: str
    tags: int = 0
    new: tuple[str, ...] = ()
    moved: tuple[Move, ...] = ()
    deleted: tuple[str, ...] = ()
    unclassified: tuple[str, ...] = ()
    requests: int = 0
    error: str | None = None
    notice: str = ""


@dataclass(frozen=True, slots=True)
class _Answered:
    """An answer with what was asked."""

    repository: Repository
    request: PollRequest
    answer: PollAnswer


def poll(
    repositories: Sequence[Repository],
    forges: Mapping[str, Forge],
    store: Store,
    now: Callable[[], datetime],
    *,
    full_every: timedelta,
    full: bool = False,
) -> Iterator[PollOutcome]:
    """Poll the repositories, each forge in a thread of its own; yield outcomes as they come.

    A repository is asked in full if ``full``, or if its last full poll is
    ``full_every`` ago. One repository's or forge's failure harms no other.
    """
    by_forge: dict[str, list[Repository]] = {}
    for repository in repositories:
        by_forge.setdefault(repository.forge, []).append(repository)
    answers: SimpleQueue[_Answered] = SimpleQueue()
    due = now() - full_every
    with ThreadPoolExecutor(max_workers=max(1, len(by_forge)), thread_name_prefix="forge") as threads:
        for name, group in by_forge.items():
            asked = {each.path: (each, _request(each, store.record(each.key), due, full=full)) for each in group}
            threads.submit(_ask, forges[name], asked, answers)
        for _ in repositories:
            yield _take(answers.get(), store, now())


def _request(repository: Repository, record: RepositoryRecord, due: datetime, *, full: bool) -> PollRequest:
    present = {name: tag for name, tag in record.tags.items() if tag.is_present}
    return PollRequest(
        path=repository.path,
        validator=record.validator,
        known={name: tag.ref for name, tag in present.items()},
        detailed=frozenset(name for name, tag in present.items() if tag.details is not None),
        rank=lambda name: version.order if (version := classify(repository, name)) else "",
        full=full or (record.full_at is not None and record.full_at <= due),
    )


def _ask(forge: Forge, asked: dict[str, tuple[Repository, PollRequest]], answers: SimpleQueue[_Answered]) -> None:
    """Put exactly one answer for each repository into the queue, whatever the forge does."""
    try:
        for answer in forge.poll([request for _, request in asked.values()]):
            answers.put(_Answered(*asked.pop(answer.path), answer))
    except Exception:  # noqa: BLE001 - logged; a forge's library may raise anything, and the others must go on
        _log.exception("the poll of a forge broke off")
    for repository, request in asked.values():
        what = "the poll broke off by a fault of the bot's own"
        error = ForgeUnavailable(repository.key, what, "the log has the details; please report it")
        answers.put(_Answered(repository, request, PollAnswer(repository.path, error=error)))


def _take(answered: _Answered, store: Store, at: datetime) -> PollOutcome:
    repository, answer = answered.repository, answered.answer
    if answer.error is not None:
        what = "; ".join(part for part in (answer.error.what, answer.error.hint) if part)
        store.write_failure(repository.key, at, answer.error.what)
        _log.warning("%s: %s", repository.key, what)
        return PollOutcome(repository.key, "error", requests=answer.requests, error=what, notice=answer.notice)
    while True:
        record = store.record(repository.key)
        try:
            changes = _record(answered, record, store, at)
        except RecordChanged:
            continue
        return _outcome(repository, record, answer, changes)


def _record(answered: _Answered, record: RepositoryRecord, store: Store, at: datetime) -> PollChanges:
    repository, answer = answered.repository, answered.answer
    is_first = record.backfilled_at is None
    changes = compare(record.tags, answer.refs, answer.details, at=at, backfill=is_first)
    rules = rules_of(repository)
    tags = dict(record.tags) | {tag.name: tag for tag in (*changes.added, *changes.changed)}
    is_same = changes.is_empty and record.rules == rules
    releases = None if is_same else releases_of(repository, tags.values())
    mark = PollMark(at=at, validator=answer.validator, full=is_first or answered.request.full, rules=rules)
    store.write_poll(record, mark, changes, releases)
    return changes


def _outcome(repository: Repository, record: RepositoryRecord, answer: PollAnswer, changes: PollChanges) -> PollOutcome:
    new = tuple(tag.name for tag in changes.added)
    restored = tuple(e.before.name for e in changes.events if e.kind is TagEventKind.RESTORED)
    present = {name for name, tag in record.tags.items() if tag.is_present}
    return PollOutcome(
        repository=repository.key,
        status="unchanged" if changes.is_empty else "ok",
        tags=len(present) if answer.refs is None else len(answer.refs),
        new=(*new, *restored),
        moved=tuple(
            Move(e.before.name, e.before.commit or e.before.target, e.to_commit or e.to_target or "")
            for e in changes.events
            if e.kind is TagEventKind.MOVED
        ),
        deleted=tuple(e.before.name for e in changes.events if e.kind is TagEventKind.DELETED),
        unclassified=tuple(name for name in new if is_unclassified(repository, name)),
        requests=answer.requests,
        notice=answer.notice,
    )
