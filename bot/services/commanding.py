"""Commanding: the changes that maintainers make in words; each is recorded with who made it, and can be undone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from bot.domain.certifications import Plan
from bot.domain.changes import effective
from bot.domain.errors import UsageError
from bot.domain.fitting import Fit
from bot.domain.milestones import ChangeKind
from bot.domain.organisations import EVERY, Listed
from bot.domain.questions.asked import (
    AcceptAsked,
    AcceptRepositoryAsked,
    Changing,
    MilestoneAsked,
    PostAsked,
    UndoAsked,
    UnwatchAsked,
    WatchAsked,
)
from bot.domain.selection import choose_one, choose_repositories
from bot.domain.watches import WatchChange, WatchKind
from bot.services.accepting import accept as accept_repository
from bot.services.answering import Desk, orders_named
from bot.services.answers import Answer, ChangeAnswer, PostAnswer, PostsAnswer, WatchAnswer
from bot.services.certifying import Maker, Order, accept, certifications, change, plan_named, undo
from bot.services.delivering import Courier
from bot.services.ports import Chat
from bot.services.reporting import DigestOrder, keep_digest, make_digest


class Watching(Protocol):
    """What can be watched, and what the configuration file says of it."""

    def look(self, target: str, scheme: str, prefix: str) -> Sequence[tuple[str, Fit]]:
        """Ask a forge for a repository's tags, and read them by a scheme, or by each, the best first.

        Raises UsageError and ForgeError.
        """
        ...

    def listed(self, target: str) -> Sequence[Listed]:
        """Ask a forge for the repositories of an organisation that would be watched. Raises UsageError, ForgeError."""
        ...

    def organisations(self) -> Sequence[str]:
        """Give the keys of the organisations that are watched."""
        ...

    def named(self) -> frozenset[str]:
        """Give the keys, in lower case, of the repositories that the file's digests and certifications name."""
        ...


@dataclass(frozen=True, slots=True)
class Command:
    """Who commands, what can be watched, and the chat that digests are posted to; None where there is no chat."""

    who: str
    watching: Watching
    chat: Chat | None = None


def carry_out(asked: Changing, desk: Desk, command: Command) -> Answer:
    """Make a change. Raises UsageError, and changes nothing, for one that cannot be."""
    match asked:
        case MilestoneAsked():
            return _milestone(asked, desk, command)
        case AcceptAsked(day, series, repositories):
            plan = _plan(series, repositories, desk)
            return ChangeAnswer(plan.series, accept(plan, day, "", desk.store, _maker(desk, command)), desk.as_of)
        case UndoAsked():
            return _undo(asked, desk, command)
        case WatchAsked() | UnwatchAsked() | AcceptRepositoryAsked():
            return _watching(asked, desk, command)
        case PostAsked(name):
            return _post(name, desk, command)


def _watching(asked: WatchAsked | UnwatchAsked | AcceptRepositoryAsked, desk: Desk, command: Command) -> WatchAnswer:
    match asked:
        case WatchAsked():
            return _watch(asked, desk, command)
        case UnwatchAsked(target):
            return _unwatch(target, desk, command)
        case AcceptRepositoryAsked(target):
            repository = choose_one(target, desk.repositories)
            made = accept_repository(repository, desk.store, who=command.who, at=desk.as_of.end)
            return WatchAnswer(made, desk.as_of)


def _undo(asked: UndoAsked, desk: Desk, command: Command) -> Answer:
    """Take back the change that is meant: without a number the last of all, or the last to what is watched."""
    watches = effective(desk.store.additions().changes, desk.as_of.end)
    milestones = [change for plan in desk.plans for change in effective(plan.changes, desk.as_of.end)]
    newest = max((change.at for change in milestones), default=None)
    is_later = bool(watches) and (newest is None or watches[-1].at > newest)
    if asked.watching or (asked.number is None and is_later):
        return _undo_watch(asked.number, watches, desk, command)
    taken_back = undo(desk.plans, asked.number, desk.store, _maker(desk, command))
    plan = next(plan for plan in desk.plans if taken_back in plan.changes)
    return ChangeAnswer(plan.series, taken_back, desk.as_of, undone=True)


def _undo_watch(number: int | None, watches: Sequence[WatchChange], desk: Desk, command: Command) -> WatchAnswer:
    found = [change for change in watches if number in (None, change.number)]
    if not found:
        which = "the last change" if number is None else f"change {number}"
        hint = "release-bot watch changes lists them"
        raise UsageError(f"{which} to what is watched", "is not there to be undone", hint)
    last = found[-1]
    if last.kind is WatchKind.ACCEPT:
        what = "began the history of another repository, and cannot be undone"
        raise UsageError(f"change {last.number} to what is watched", what, "name the change that is meant")
    desk.store.add_watch(
        WatchChange(0, desk.as_of.end, command.who, WatchKind.UNDO, last.target, undoes=last.number),
    )
    return WatchAnswer(last, desk.as_of, undone=True)


def _watch(asked: WatchAsked, desk: Desk, command: Command) -> WatchAnswer:
    """Watch what a forge shows to be there, read as fits it best unless a scheme is asked for."""
    watched = [*(repository.key for repository in desk.repositories), *command.watching.organisations()]
    if asked.target.lower() in {key.lower() for key in watched}:
        raise UsageError(asked.target, "is watched already", 'ask "which repositories do you watch?"')
    made = WatchChange(0, desk.as_of.end, command.who, WatchKind.WATCH, asked.target, asked.scheme, asked.prefix)
    if asked.target.endswith(EVERY):
        listed = tuple(command.watching.listed(asked.target))
        return WatchAnswer(desk.store.add_watch(made), desk.as_of, listed=listed)
    scheme, fit = command.watching.look(asked.target, asked.scheme, asked.prefix)[0]
    made = replace(made, scheme=scheme, counts=fit.counts.value)
    return WatchAnswer(desk.store.add_watch(made), desk.as_of, fit=fit)


def _unwatch(target: str, desk: Desk, command: Command) -> WatchAnswer:
    """Watch something no more; what the configuration file names elsewhere has to be taken out there first."""
    organisations = command.watching.organisations()
    key = next((key for key in organisations if key.lower() == target.lower()), None)
    if key is None and target.endswith(EVERY):
        known = ", ".join(organisations) or "none"
        raise UsageError(f'organisation "{target}"', "is not watched", f"the watched ones are: {known}")
    if key is None:
        key = choose_one(target, desk.repositories).key
    if key.lower() in command.watching.named():
        what = "is named by a digest or a certification of the configuration file"
        raise UsageError(key, what, "take it out there first")
    made = WatchChange(0, desk.as_of.end, command.who, WatchKind.UNWATCH, key)
    return WatchAnswer(desk.store.add_watch(made), desk.as_of)


def _maker(desk: Desk, command: Command) -> Maker:
    return Maker(command.who, desk.as_of)


def _milestone(asked: MilestoneAsked, desk: Desk, command: Command) -> ChangeAnswer:
    plan = _plan(asked.series, asked.repositories, desk)
    is_done_today = asked.kind is ChangeKind.DONE and asked.day is None
    day = desk.as_of.day if is_done_today else asked.day
    order = Order(asked.kind, asked.title, asked.milestone_kind, day, asked.note)
    return ChangeAnswer(plan.series, change(plan, order, desk.store, _maker(desk, command)), desk.as_of)


def _plan(series: str | None, repositories: tuple[str, ...], desk: Desk) -> Plan:
    """Find the plan that is meant: of the series, or the one that is open. Raises UsageError."""
    chosen = choose_repositories(repositories, desk.repositories)
    if series is not None:
        return plan_named(series, chosen, desk.plans, desk.store, desk.repositories)
    found = certifications(chosen, desk.plans, desk.store, desk.as_of)
    still_open = [each for each in found if each.is_open]
    if len(still_open) == 1:
        [line] = [(each.repository, each.series) for each in still_open]
        return next(plan for plan in desk.plans if (plan.repository, plan.series) == line)
    known = ", ".join(plan.series for plan in still_open) or "none"
    raise UsageError("series", "it is not clear which is meant", f"name it; in certification are: {known}")


def _post(name: str | None, desk: Desk, command: Command) -> PostAnswer | PostsAnswer:
    """Make the digest of now for each of its channels and post it, unless it was posted for its slot before."""
    orders = orders_named(name, desk.digests)
    if command.chat is None:
        raise UsageError("post", "there is no chat to post to", "start the bot with Slack's token")
    missing = [command.chat.missing(order.channel) for order in orders]
    if missing[0] is not None and len(orders) == 1:
        raise missing[0]
    posts = tuple(
        _post_to(order, desk, command, command.chat)
        if error is None
        else PostAnswer(order.name, order.channel, "missing", was_there=False, error=error.reason)
        for order, error in zip(orders, missing, strict=True)
    )
    return posts[0] if len(posts) == 1 else PostsAnswer(posts)


def _post_to(order: DigestOrder, desk: Desk, command: Command, chat: Chat) -> PostAnswer:
    digest = make_digest(order, desk.store, desk.as_of, desk.as_of.end)
    delivery = keep_digest(order, digest, chat, desk.store, by=command.who)
    was_there = delivery.state != "pending"
    if not was_there:
        Courier(chat, desk.store, lambda: desk.as_of.end).deliver(delivery)
        delivery = desk.store.delivery(delivery.id) or delivery
    return PostAnswer(order.name, order.channel, delivery.state, was_there, delivery.error)
