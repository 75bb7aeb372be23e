"""Polling: ask every forge at once for its repositories' tags, and record what changed."""

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from queue import Empty, Queue
from threading import Event, Thread
from typing import TYPE_CHECKING

from bot.domain.polling.diff import PollChanges, compare, seen_at
from bot.domain.polling.record import PollDepth, PollMark, RepositoryRecord, Unchanged
from bot.domain.polling.verification import lacks_most, suspicion_expired
from bot.domain.releases import Coverage, classify, coverage_of, is_taken
from bot.domain.repositories import Repository, source_of
from bot.domain.tag_dates import is_published_by
from bot.domain.tags import TagEventKind
from bot.domain.values import dataclass
from bot.services.identity import Formers
from bot.services.ports import AnotherRepository, Forge, ForgeError, ForgeUnavailable, Known, PollAnswer, PollRequest
from bot.services.rebuild import all_releases_of, rules_of
from bot.services.verify import LOOK_UP, Answered, PollRequestContext, another, ask, is_other, known_of
from bot.store.errors import RecordChanged

if TYPE_CHECKING:
    from bot.store.store import Store

_log = logging.getLogger(__name__)

# Answers that wait to be recorded: a forge that answers faster than the database writes is not asked on.
_HELD = 8
# Polls without news that are recorded in one transaction.
_MOST_UNCHANGED = 200


@dataclass(frozen=True, slots=True)
class MovedTag:
    """A tag that moved: the commits, or the tag objects where the commits are not known."""

    tag: str
    from_: str
    to: str


@dataclass(frozen=True, slots=True)
class PollOutcome:
    """What a poll found in one repository; ``tags`` is how many it has now, 0 with an ``error``.

    ``status`` is ``ok`` where something changed, ``unchanged``, ``empty`` where it has no tags, or ``error``.

    ``notice`` is something to tell the maintainers that is not an error, ``retry`` what whoever
    polled by hand can do about an error that may pass.

    ``unclassified`` are those among the ``new`` tags that the scheme cannot read.
    """

    repository: str
    status: str
    tags: int = 0
    new: tuple[str, ...] = ()
    moved: tuple[MovedTag, ...] = ()
    deleted: tuple[str, ...] = ()
    unclassified: tuple[str, ...] = ()
    requests: int = 0
    error: str | None = None
    notice: str = ""
    retry: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A repository to be polled, and how deep."""

    repository: Repository
    look: PollDepth


def with_more_of(
    is_wanted: Callable[[PollOutcome], bool],
    outcomes: Iterable[PollOutcome],
    more: Callable[[PollOutcome], PollOutcome],
) -> Iterator[PollOutcome]:
    """Yield the outcomes of a poll, and last those that are wanted, each with what ``more`` adds to it.

    What is done more never delays the tags of another repository, and is not done where the poll failed.
    """
    waiting = []
    for outcome in outcomes:
        if outcome.error is None and is_wanted(outcome):
            waiting.append(outcome)
        else:
            yield outcome
    yield from map(more, waiting)


def poll(
    asked: Sequence[Asked],
    forges: Mapping[str, Forge],
    store: "Store",
    now: Callable[[], datetime],
    stop: Event | None = None,
    *,
    watched: Collection[str] | None = None,
) -> Iterator[PollOutcome]:
    """Poll repositories, each forge in a thread of its own; yield outcomes as they come.

    Products of one repository are polled at once, with one outcome.

    A repository that was never polled is read completely. One repository's or forge's failure
    harms no other. However many are polled, only a few answers are held at a time. Once
    ``stop`` is set, what has been answered is recorded, the rest is left as it was, and
    no answer is waited for any more. ``watched`` are the keys of all that is watched, asked
    now or not: a repository that is polled for the first time continues the history that
    its id has under another key; None continues none.
    """
    by_forge: dict[str, dict[str, PollRequestContext]] = {}
    polled = _once_each(asked)
    records = store.tags.records(each.repository.source for each in polled)
    formers = Formers.among(records, watched and {source_of(key) for key in watched}, store)
    for each, record in zip(polled, records, strict=True):
        context = PollRequestContext(each.repository, record, _request(each, record, store, formers))
        by_forge.setdefault(each.repository.forge, {})[each.repository.path] = context
    answers: Queue[Answered] = Queue(_HELD)
    over = Event()
    ends = (over,) if stop is None else (over, stop)

    def is_over() -> bool:
        return any(end.is_set() for end in ends)

    # A thread that waits for an answer that nobody takes any more must not hold up the end of the process.
    threads = [
        Thread(target=ask, args=(forges[name], group, answers, is_over), name=f"forge {name}", daemon=True)
        for name, group in by_forge.items()
    ]
    try:
        for thread in threads:
            thread.start()
        yield from _taken(_arriving(answers, len(polled), is_over), forges, formers, now)
        for name in by_forge:
            store.polls.write_limits(name, forges[name].limits())
        for thread in threads:
            while thread.is_alive() and not is_over():
                thread.join(LOOK_UP)
    finally:
        over.set()


def _once_each(asked: Sequence[Asked]) -> list[Asked]:
    """Return one request for each source, as deep as the deepest of its products."""
    deepest: dict[str, Asked] = {}
    for each in asked:
        known = deepest.setdefault(each.repository.source, each)
        deepest[each.repository.source] = known if known.look >= each.look else each
    return list(deepest.values())


def _order_of(repository: Repository, tag_name: str) -> str:
    """Return the order of the version that a tag means to the first product that reads it, empty if none does."""
    for each in (repository, *repository.beside):
        if (version := classify(each, tag_name)) is not None:
            return each.order_of(tag_name, version.order)
    return ""


def _request(asked: Asked, record: RepositoryRecord, store: "Store", formers: Formers) -> PollRequest:
    repository = asked.repository
    is_contested = bool(record.rival)
    is_wary = record.suspected_at is not None or is_contested or record.backfilled_at is None
    return PollRequest(
        path=repository.path,
        look=max(asked.look, PollDepth.COMPLETE) if is_wary else asked.look,
        validator=None if is_wary else record.validator,
        head=None if is_wary else record.head,
        is_detailed=record.undetailed_count == 0,
        identity=record.identity,
        is_contested=is_contested,
        may_be_known=formers.may_have(repository, record),
        recall=(lambda: known_of(store.tags.record(repository.source))) if record.revision else Known,
        rank=lambda name: _order_of(repository, name),
    )


def _arriving(answers: Queue[Answered], count: int, is_over: Callable[[], bool]) -> Iterator[Answered]:
    """Yield so many answers as they come, or those that have come by the end."""
    while count:
        try:
            answered = answers.get(timeout=LOOK_UP)
        except Empty:
            if is_over():
                return
            continue
        count -= 1
        yield answered


def _taken(
    answers: Iterator[Answered], forges: Mapping[str, Forge], formers: Formers, now: Callable[[], datetime]
) -> Iterator[PollOutcome]:
    """Record answers as they come, by the forge's clock where it tells one: those without news many at a time."""
    store = formers.store
    unchanged: list[Unchanged] = []
    for answered in answers:
        at = now() + forges[answered.repository.forge].clock_offset()
        if _is_news(answered) or _comes_out(answered.record, at):
            yield _take(answered, formers, at)
            continue
        unchanged.append(_unchanged(answered, at))
        if len(unchanged) >= _MOST_UNCHANGED:
            store.polls.write_unchanged(unchanged)
            unchanged.clear()
        yield _outcome(answered.repository, answered.record, answered.answer, PollChanges(), Coverage())
    store.polls.write_unchanged(unchanged)


def _is_news(answered: Answered) -> bool:
    answer = answered.answer
    is_told = answer.error is not None or answer.refs is not None or bool(answer.details)
    return is_told or is_other(answered.record, answer)


def _comes_out(record: RepositoryRecord, at: datetime) -> bool:
    """Return whether the day of an announced release has come, whose date is another from then on."""
    return record.upcoming_at is not None and is_published_by(record.upcoming_at, at)


def _unchanged(answered: Answered, at: datetime) -> Unchanged:
    answer = answered.answer
    return Unchanged(
        answered.repository.source,
        at,
        answer.look,
        answer.validator,
        answer.head,
        _renamed(answered.record, answer),
        answer.identity,
        answer.undated_because,
    )


def _renamed(record: RepositoryRecord, answer: PollAnswer) -> str | None:
    """Keep what is known of a new name: an answer that nothing changed does not tell the name again."""
    return None if answer.renamed and record.renamed else answer.renamed


def _take(answered: Answered, formers: Formers, at: datetime) -> PollOutcome:
    repository, answer, store = answered.repository, answered.answer, formers.store
    if answer.error is not None:
        return _failed(repository, answer, answer.error, store, at)
    answer = formers.continued(repository, answer)
    while True:
        record = store.tags.record(repository.source)
        stranger = _stranger(answered.record, record, answer)
        if stranger is not None:
            return _failed(repository, answer, stranger, store, at)
        suspicion = _suspicion(record, answer, at)
        if suspicion is not None:
            return _failed(repository, answer, suspicion, store, at, is_suspected=True)
        try:
            changes, coverage = _record(repository, answer, record, store, at)
        except RecordChanged:
            continue
        return _outcome(repository, record, answer, changes, coverage or Coverage())


def _failed(
    repository: Repository,
    answer: PollAnswer,
    error: ForgeError,
    store: "Store",
    at: datetime,
    *,
    is_suspected: bool = False,
) -> PollOutcome:
    rival = answer.identity if isinstance(error, AnotherRepository) else ""
    store.polls.write_failure(repository.source, at, error.what, is_suspected=is_suspected, rival=rival)
    _log.warning("%s: %s", repository.source, error.reason)
    return PollOutcome(
        repository.source,
        "error",
        requests=answer.requests,
        error=error.reason,
        notice=_notice(answer),
        retry=error.retry,
    )


def _stranger(asked: RepositoryRecord, record: RepositoryRecord, answer: PollAnswer) -> ForgeError | None:
    """Return an error if the answer or, by now, the record is of another repository than the one polled."""
    if asked.identity and record.identity != asked.identity:
        return ForgeUnavailable(record.repository, "another repository was accepted at this path during the poll")
    return another(record, answer) if is_other(record, answer) else None


def _suspicion(record: RepositoryRecord, answer: PollAnswer, at: datetime) -> ForgeError | None:
    """Return an error if the tag list lacks most known tags and has not done so for long enough to be believed."""
    if answer.refs is None:
        return None
    known = [name for name, tag in record.tags.items() if tag.is_present]
    listed = {ref.name for ref in answer.refs}
    if not lacks_most(known, listed) or suspicion_expired(record.suspected_at, at):
        return None
    still = sum(name in listed for name in known)
    what = f"{f'only {still:,}' if still else 'none'} of {len(known):,} known tags listed"
    hint = "treated as deleted if this persists for 30 min"
    return ForgeUnavailable(record.repository, what, hint)


def _record(
    repository: Repository, answer: PollAnswer, record: RepositoryRecord, store: "Store", at: datetime
) -> tuple[PollChanges, Coverage | None]:
    """Write what an answer changed, and return it with how much of the tags is read now, None where it is as before."""
    is_first = record.backfilled_at is None
    changes = compare(record.tags, answer.refs, answer.details, at=at, backfill=is_first)
    rules = rules_of(repository)
    tags = dict(record.tags) | {tag.name: tag for tag in (*changes.added, *changes.changed)}
    is_same = changes.is_empty and record.rules == rules and not _comes_out(record, at)
    seen = seen_at(tags.values(), at)
    releases = None if is_same else all_releases_of(repository, seen, record.listings)
    coverage = None if releases is None else coverage_of(repository, seen, releases)
    validator = record.validator if answer.refs is None and answer.validator is None else answer.validator
    look = PollDepth.FULL if is_first else answer.look
    mark = PollMark(
        at,
        validator,
        look,
        rules,
        answer.head,
        _renamed(record, answer),
        answer.identity,
        answer.undated_because,
    )
    store.polls.write(record, mark, changes, releases, coverage, readers=[each.key for each in repository.readers])
    return changes, coverage


def _outcome(
    repository: Repository, record: RepositoryRecord, answer: PollAnswer, changes: PollChanges, coverage: Coverage
) -> PollOutcome:
    # What the patterns leave out is never mentioned.
    new = tuple(tag.name for tag in changes.added if is_taken(repository, tag.name))
    events = [event for event in changes.events if is_taken(repository, event.before.name)]
    restored = tuple(e.before.name for e in events if e.kind is TagEventKind.RESTORED)
    unread = {tag.name for tag in coverage.unclassified}
    tags = record.tag_count if answer.refs is None else len(answer.refs)
    return PollOutcome(
        repository=repository.source,
        status=_status(tags, changes),
        tags=tags,
        new=(*new, *restored),
        moved=tuple(
            MovedTag(e.before.name, e.before.commit or e.before.target, e.to_commit or e.to_target or "")
            for e in events
            if e.kind is TagEventKind.MOVED
        ),
        deleted=tuple(e.before.name for e in events if e.kind is TagEventKind.DELETED),
        unclassified=tuple(name for name in new if name in unread),
        requests=answer.requests,
        notice=_notice(answer),
    )


def _status(tags: int, changes: PollChanges) -> str:
    if not changes.is_empty:
        return "ok"
    return "unchanged" if tags else "empty"


def _notice(answer: PollAnswer) -> str:
    return "; ".join(part for part in (answer.renamed, answer.notice) if part)
