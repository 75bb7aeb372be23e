"""Rounds: one forge asked for all its repositories, in a thread of its own, and a second time where it is doubted."""

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from queue import Full, Queue

from bot.domain.doubts import Listing, agree, doubtful_in
from bot.domain.errors import BotError
from bot.domain.repositories import Repository
from bot.domain.tags import TagRef
from bot.services.ports import (
    AnotherRepository,
    Forge,
    ForgeUnavailable,
    Known,
    Look,
    PollAnswer,
    PollRequest,
    RepositoryRecord,
)

_log = logging.getLogger(__name__)

# How long the threads of a poll wait for each other before they look whether it is over, in seconds.
LOOK_UP = 0.5


@dataclass(frozen=True, slots=True)
class Asking:
    """A repository, what is held of it without its tags, and what the forge is asked."""

    repository: Repository
    record: RepositoryRecord
    request: PollRequest

    def doubts(self, answer: PollAnswer) -> list[str]:
        """Name the recorded tags that an answer contradicts; a first answer contradicts nothing."""
        if answer.refs is None or self.record.backfilled_at is None or is_other(self.record, answer):
            return []
        return doubtful_in(self.request.known, self.request.gone, answer.refs)


def is_other(record: RepositoryRecord, answer: PollAnswer) -> bool:
    """Whether another repository answered than the one that is recorded; the first id that is seen is the record's."""
    return bool(record.identity and answer.identity) and record.identity != answer.identity


def another(record: RepositoryRecord, answer: PollAnswer) -> AnotherRepository:
    """Return the error that another repository answered, and what can be done about it."""
    what = f"another repository is at this path now (id {record.identity}, then {answer.identity})"
    hint = f"to watch that one: release-bot watch accept {record.repository}; to follow the old one, change its path"
    return AnotherRepository(record.repository, what, hint)


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer with what was asked, and what was held of the repository without its tags."""

    repository: Repository
    record: RepositoryRecord
    answer: PollAnswer


def ask(forge: Forge, group: dict[str, Asking], answers: Queue[Answered], is_over: Callable[[], bool]) -> None:
    """Put exactly one answer for each repository into the queue, whatever the forge does, until nobody takes them."""
    why, hint = "", ""
    try:
        _ask_twice(forge, group, answers, is_over)
    except BotError as trouble:
        why, hint = f"the poll broke off: {trouble.where} {trouble.what}", trouble.hint
    except Exception:  # noqa: BLE001 - logged; a forge's library may raise anything, and the others must go on
        _log.exception("the poll of a forge broke off")
        why, hint = "the poll broke off by a fault of the bot's own", "the log has the details; please report it"
    for asking in group.values():
        error = ForgeUnavailable(asking.repository.key, why, hint)
        _put(asking, PollAnswer(asking.repository.path, error=error), answers, is_over)


def _ask_twice(forge: Forge, group: dict[str, Asking], answers: Queue[Answered], is_over: Callable[[], bool]) -> None:
    doubted: dict[str, PollAnswer] = {}
    for answer in forge.poll([asking.request for asking in group.values()]):
        if group[answer.path].doubts(answer):
            doubted[answer.path] = answer
        else:
            _put(group.pop(answer.path), answer, answers, is_over)
        if is_over():
            return
    again = [_again(group[path].request) for path in doubted]
    for second in forge.poll(again) if again else ():
        asking = group.pop(second.path)
        _put(asking, _agreed(asking, doubted[second.path], second), answers, is_over)
        if is_over():
            return


def _again(request: PollRequest) -> PollRequest:
    return replace(request, look=Look.COMPLETE, validator=None, head=None)


def _agreed(asking: Asking, first: PollAnswer, second: PollAnswer) -> PollAnswer:
    """Make one answer of two; where they contradict each other, the next poll asks for everything again."""
    requests = first.requests + second.requests
    if second.error is not None:
        count = len(asking.doubts(first))
        what = f"shows {count} known tags otherwise, and could not be asked again: {second.error.what}"
        error = ForgeUnavailable(second.error.where, what, second.error.hint)
        return PollAnswer(second.path, requests=requests, error=error)
    known, gone = asking.request.known, asking.request.gone
    told = agree(known, gone, _listing(first, known), _listing(second, known))
    answer = replace(
        second,
        refs=told.listing.refs,
        details=told.listing.details,
        requests=requests,
        look=max(first.look, second.look),
        head=first.head,
    )
    if not told.doubtful:
        return answer
    notice = f"the forge says now this, now that of known tags ({len(told.doubtful)}); they are left as they were"
    return replace(_to_be_asked_again(answer), notice=notice)


def settled(answer: PollAnswer, known: Known) -> PollAnswer:
    """Leave known tags as they are where a single answer contradicts them: the next poll asks for everything again."""
    if answer.refs is None or not doubtful_in(known.refs, known.gone, answer.refs):
        return answer
    told = agree(known.refs, known.gone, _listing(answer, known.refs), Listing(tuple(known.refs.values())))
    return _to_be_asked_again(replace(answer, refs=told.listing.refs, details=told.listing.details))


def _to_be_asked_again(answer: PollAnswer) -> PollAnswer:
    return replace(answer, validator=None, head=None, look=Look.QUICK)


def known_of(record: RepositoryRecord) -> Known:
    """Return what is known of the tags of a record."""
    present = {name: tag for name, tag in record.tags.items() if tag.is_present}
    details = {name: tag.details for name, tag in present.items() if tag.details is not None}
    gone = frozenset(name for name in record.tags if name not in present)
    return Known({name: tag.ref for name, tag in present.items()}, details, gone)


def _listing(answer: PollAnswer, known: Mapping[str, TagRef]) -> Listing:
    refs = tuple(known.values()) if answer.refs is None else answer.refs
    return Listing(refs, answer.details)


def _put(asking: Asking, answer: PollAnswer, answers: Queue[Answered], is_over: Callable[[], bool]) -> None:
    """Hand over an answer when there is room, unless nobody takes any more."""
    answered = Answered(asking.repository, asking.record, answer)
    while not is_over():
        with suppress(Full):
            answers.put(answered, timeout=LOOK_UP)
            return
