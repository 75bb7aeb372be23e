"""Polling one forge for all its repositories, in a thread of its own, with a second look at contradictions."""

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from queue import Full, Queue

from bot.domain.errors import BotError
from bot.domain.polling.record import PollDepth, RepositoryRecord
from bot.domain.polling.verification import TagListing, contradicted, reconcile
from bot.domain.repositories import Repository
from bot.domain.tags import TagRef
from bot.domain.values import dataclass
from bot.services.ports import AnotherRepository, Forge, ForgeUnavailable, Known, PollAnswer, PollRequest

_log = logging.getLogger(__name__)

# How long the threads of a poll wait for each other before they look whether it is over, in seconds.
LOOK_UP = 0.5


@dataclass(frozen=True, slots=True)
class PollRequestContext:
    """A repository, its record without the tags, and the request to the forge."""

    repository: Repository
    record: RepositoryRecord
    request: PollRequest

    def contradicted_tags(self, answer: PollAnswer) -> list[str]:
        """Name the recorded tags that an answer contradicts; a first answer contradicts nothing."""
        if answer.refs is None or self.record.backfilled_at is None or is_other(self.record, answer):
            return []
        return contradicted(self.request.known, self.request.gone, answer.refs)


def is_other(record: RepositoryRecord, answer: PollAnswer) -> bool:
    """Return whether the answer has another id than the record; a record keeps the first id seen."""
    return bool(record.identity and answer.identity) and record.identity != answer.identity


def another(record: RepositoryRecord, answer: PollAnswer) -> AnotherRepository:
    """Return the error that another repository is at the path, with what to do about it."""
    what = f"another repository is now at this path (id {answer.identity}, was {record.identity})"
    hint = f"to watch the new one: release-bot watch accept {record.repository}; to follow the old one, update its path"
    return AnotherRepository(record.repository, what, hint)


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer with what was asked, and what was held of the repository without its tags."""

    repository: Repository
    record: RepositoryRecord
    answer: PollAnswer


def ask(
    forge: Forge, group: dict[str, PollRequestContext], answers: Queue[Answered], is_over: Callable[[], bool]
) -> None:
    """Put exactly one answer for each repository into the queue, whatever the forge does, until the poll is over."""
    why, hint = "", ""
    try:
        _ask_twice(forge, group, answers, is_over)
    except BotError as trouble:
        why, hint = f"poll aborted: {trouble.where}: {trouble.what}", trouble.hint
    except Exception:  # noqa: BLE001 - logged; a forge's library may raise anything, and the others must go on
        _log.exception("poll of a forge aborted")
        why, hint = "poll aborted by an internal error", "report the error with its details from the log"
    for context in group.values():
        error = ForgeUnavailable(context.repository.source, why, hint)
        _put(context, PollAnswer(context.repository.path, error=error), answers, is_over)


def _ask_twice(
    forge: Forge, group: dict[str, PollRequestContext], answers: Queue[Answered], is_over: Callable[[], bool]
) -> None:
    doubted: dict[str, PollAnswer] = {}
    for answer in forge.poll([context.request for context in group.values()]):
        if group[answer.path].contradicted_tags(answer):
            doubted[answer.path] = answer
        else:
            _put(group.pop(answer.path), answer, answers, is_over)
        if is_over():
            return
    again = [_again(group[path].request) for path in doubted]
    for second in forge.poll(again) if again else ():
        context = group.pop(second.path)
        _put(context, _agreed(context, doubted[second.path], second), answers, is_over)
        if is_over():
            return


def _again(request: PollRequest) -> PollRequest:
    return replace(request, look=PollDepth.COMPLETE, validator=None, head=None)


def _agreed(context: PollRequestContext, first: PollAnswer, second: PollAnswer) -> PollAnswer:
    """Reconcile two answers; where they conflict, the next poll reads everything again."""
    requests = first.requests + second.requests
    if second.error is not None:
        count = len(context.contradicted_tags(first))
        what = f"cannot confirm changes of {count} known {'tag' if count == 1 else 'tags'}: {second.error.what}"
        error = ForgeUnavailable(second.error.where, what, second.error.hint)
        return PollAnswer(second.path, requests=requests, error=error)
    known, gone = context.request.known, context.request.gone
    reconciled = reconcile(known, gone, _listing(first, known), _listing(second, known))
    answer = replace(
        second,
        refs=reconciled.listing.refs,
        details=reconciled.listing.details,
        requests=requests,
        look=max(first.look, second.look),
        head=first.head,
    )
    if not reconciled.doubtful:
        return answer
    count = len(reconciled.doubtful)
    notice = f"conflicting answers for {count} {'tag' if count == 1 else 'tags'}; kept as before"
    return replace(_to_be_asked_again(answer), notice=notice)


def settled(answer: PollAnswer, known: Known) -> PollAnswer:
    """Keep known tags where a single answer contradicts them; the next poll reads everything again."""
    if answer.refs is None or not contradicted(known.refs, known.gone, answer.refs):
        return answer
    reconciled = reconcile(known.refs, known.gone, _listing(answer, known.refs), TagListing(tuple(known.refs.values())))
    return _to_be_asked_again(replace(answer, refs=reconciled.listing.refs, details=reconciled.listing.details))


def _to_be_asked_again(answer: PollAnswer) -> PollAnswer:
    return replace(answer, validator=None, head=None, look=PollDepth.QUICK)


def known_of(record: RepositoryRecord) -> Known:
    """Return what is known of the tags of a record."""
    present = {name: tag for name, tag in record.tags.items() if tag.is_present}
    details = {name: tag.details for name, tag in present.items() if tag.details is not None}
    gone = frozenset(name for name in record.tags if name not in present)
    return Known({name: tag.ref for name, tag in present.items()}, details, gone)


def _listing(answer: PollAnswer, known: Mapping[str, TagRef]) -> TagListing:
    refs = tuple(known.values()) if answer.refs is None else answer.refs
    return TagListing(refs, answer.details)


def _put(
    context: PollRequestContext, answer: PollAnswer, answers: Queue[Answered], is_over: Callable[[], bool]
) -> None:
    """Hand over an answer when there is room, unless nobody takes any more."""
    answered = Answered(context.repository, context.record, answer)
    while not is_over():
        with suppress(Full):
            answers.put(answered, timeout=LOOK_UP)
            return
