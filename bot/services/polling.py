"""Polling: ask every forge at once for its repositories' tags, and record what changed."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from queue import Full, Queue
from threading import Event

from bot.domain.polls import PollChanges, compare
from bot.domain.releases import classify, is_unclassified, releases_of
from bot.domain.repositories import Repository
from bot.domain.tags import TagEventKind
from bot.services.ports import (
    Forge,
    ForgeUnavailable,
    Known,
    Look,
    PollAnswer,
    PollMark,
    PollRequest,
    RecordChanged,
    RepositoryRecord,
    Store,
    Unchanged,
)
from bot.services.rules import rules_of

_log = logging.getLogger(__name__)

# Answers that wait to be recorded: a forge that answers faster than the database writes is not asked on.
_HELD = 8
# Polls without news that are recorded in one transaction.
_MOST_UNCHANGED = 200
# How long a forge's thread waits before it looks whether anybody takes its answers, in seconds.
_LOOK_UP = 0.5


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
class Asked:
    """A repository to be polled, and how deep."""

    repository: Repository
    look: Look


@dataclass(frozen=True, slots=True)
class _Answered:
    """An answer with what was asked, and what was held of the repository without its tags."""

    repository: Repository
    record: RepositoryRecord
    answer: PollAnswer


def poll(
    asked: Sequence[Asked], forges: Mapping[str, Forge], store: Store, now: Callable[[], datetime]
) -> Iterator[PollOutcome]:
    """Poll repositories, each forge in a thread of its own; yield outcomes as they come.

    What was never polled is asked for completely. One repository's or forge's failure
    harms no other. However many are asked, only a few answers are held at a time.
    """
    by_forge: dict[str, dict[str, _Asking]] = {}
    records = store.records(each.repository.key for each in asked)
    for each, record in zip(asked, records, strict=True):
        asking = _Asking(each.repository, record, _request(each, record, store))
        by_forge.setdefault(each.repository.forge, {})[each.repository.path] = asking
    answers: Queue[_Answered] = Queue(_HELD)
    stopped = Event()
    with ThreadPoolExecutor(max_workers=max(1, len(by_forge)), thread_name_prefix="forge") as threads:
        try:
            for name, group in by_forge.items():
                threads.submit(_ask, forges[name], group, answers, stopped)
            yield from _taken(answers, len(asked), store, now)
            for name in by_forge:
                store.write_limits(name, forges[name].limits())
        finally:
            stopped.set()


@dataclass(frozen=True, slots=True)
class _Asking:
    repository: Repository
    record: RepositoryRecord
    request: PollRequest


def _request(asked: Asked, record: RepositoryRecord, store: Store) -> PollRequest:
    repository = asked.repository
    return PollRequest(
        path=repository.path,
        look=asked.look if record.backfilled_at is not None else max(asked.look, Look.COMPLETE),
        validator=record.validator,
        head=record.head,
        is_detailed=record.undetailed_count == 0,
        recall=lambda: _known(store.record(repository.key)),
        rank=lambda name: version.order if (version := classify(repository, name)) else "",
    )


def _known(record: RepositoryRecord) -> Known:
    present = {name: tag for name, tag in record.tags.items() if tag.is_present}
    detailed = frozenset(name for name, tag in present.items() if tag.details is not None)
    return Known({name: tag.ref for name, tag in present.items()}, detailed)


def _ask(forge: Forge, group: dict[str, _Asking], answers: Queue[_Answered], stopped: Event) -> None:
    """Put exactly one answer for each repository into the queue, whatever the forge does."""
    try:
        for answer in forge.poll([asking.request for asking in group.values()]):
            asking = group.pop(answer.path)
            if not _put(_Answered(asking.repository, asking.record, answer), answers, stopped):
                return
    except Exception:  # noqa: BLE001 - logged; a forge's library may raise anything, and the others must go on
        _log.exception("the poll of a forge broke off")
    for asking in group.values():
        what = "the poll broke off by a fault of the bot's own"
        error = ForgeUnavailable(asking.repository.key, what, "the log has the details; please report it")
        answer = PollAnswer(asking.repository.path, error=error)
        _put(_Answered(asking.repository, asking.record, answer), answers, stopped)


def _put(answered: _Answered, answers: Queue[_Answered], stopped: Event) -> bool:
    """Hand over an answer, when there is room; False once nobody takes any more."""
    while not stopped.is_set():
        with suppress(Full):
            answers.put(answered, timeout=_LOOK_UP)
            return True
    return False


def _taken(answers: Queue[_Answered], count: int, store: Store, now: Callable[[], datetime]) -> Iterator[PollOutcome]:
    """Record answers as they come: those without news many at a time."""
    unchanged: list[Unchanged] = []
    for _ in range(count):
        answered = answers.get()
        if _is_news(answered.answer):
            yield _take(answered, store, now())
            continue
        unchanged.append(_unchanged(answered, now()))
        if len(unchanged) >= _MOST_UNCHANGED:
            store.write_unchanged(unchanged)
            unchanged.clear()
        yield _outcome(answered.repository, answered.record, answered.answer, PollChanges())
    store.write_unchanged(unchanged)


def _is_news(answer: PollAnswer) -> bool:
    return answer.error is not None or answer.refs is not None or bool(answer.details)


def _unchanged(answered: _Answered, at: datetime) -> Unchanged:
    answer = answered.answer
    return Unchanged(answered.repository.key, at, answer.look, answer.validator, answer.head)


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
            changes = _record(repository, answer, record, store, at)
        except RecordChanged:
            continue
        return _outcome(repository, record, answer, changes)


def _record(
    repository: Repository, answer: PollAnswer, record: RepositoryRecord, store: Store, at: datetime
) -> PollChanges:
    is_first = record.backfilled_at is None
    changes = compare(record.tags, answer.refs, answer.details, at=at, backfill=is_first)
    rules = rules_of(repository)
    tags = dict(record.tags) | {tag.name: tag for tag in (*changes.added, *changes.changed)}
    is_same = changes.is_empty and record.rules == rules
    releases = None if is_same else releases_of(repository, tags.values())
    validator = record.validator if answer.refs is None and answer.validator is None else answer.validator
    look = Look.FULL if is_first else answer.look
    store.write_poll(record, PollMark(at, validator, look, rules, answer.head), changes, releases)
    return changes


def _outcome(repository: Repository, record: RepositoryRecord, answer: PollAnswer, changes: PollChanges) -> PollOutcome:
    new = tuple(tag.name for tag in changes.added)
    restored = tuple(e.before.name for e in changes.events if e.kind is TagEventKind.RESTORED)
    return PollOutcome(
        repository=repository.key,
        status="unchanged" if changes.is_empty else "ok",
        tags=record.tag_count if answer.refs is None else len(answer.refs),
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
