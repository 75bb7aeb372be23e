"""Commanding: the changes that maintainers make in words; each is recorded with who made it, and can be undone."""

from dataclasses import dataclass

from bot.domain.certifications import Plan, certification_of
from bot.domain.errors import UsageError
from bot.domain.milestones import ChangeKind
from bot.domain.questions.asked import AcceptAsked, Changing, MilestoneAsked, PostAsked, UndoAsked
from bot.domain.selection import choose_repositories
from bot.services.answering import Desk, orders_named
from bot.services.answers import Answer, ChangeAnswer, PostAnswer, PostsAnswer
from bot.services.certifying import Maker, Order, accept, change, plan_named, undo
from bot.services.delivering import Courier
from bot.services.ports import Chat
from bot.services.reporting import DigestOrder, keep_digest, make_digest


@dataclass(frozen=True, slots=True)
class Command:
    """Who commands, and the chat that a digest would be posted to; None where there is no chat."""

    who: str
    chat: Chat | None = None


def carry_out(asked: Changing, desk: Desk, command: Command) -> Answer:
    """Make a change. Raises UsageError, and changes nothing, for one that cannot be."""
    match asked:
        case MilestoneAsked():
            return _milestone(asked, desk, command)
        case AcceptAsked(day, series, repositories):
            plan = _plan(series, repositories, desk)
            return ChangeAnswer(plan.series, accept(plan, day, "", desk.store, _maker(desk, command)), desk.as_of)
        case UndoAsked(number):
            taken_back = undo(desk.plans, number, desk.store, _maker(desk, command))
            plan = next(plan for plan in desk.plans if taken_back in plan.changes)
            return ChangeAnswer(plan.series, taken_back, desk.as_of, undone=True)
        case PostAsked(name):
            return _post(name, desk, command)


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
        return plan_named(series, chosen, desk.plans, desk.store)
    keys = {repository.key for repository in chosen}
    own = [plan for plan in desk.plans if plan.repository in keys]
    releases = desk.store.releases({plan.repository for plan in own})
    still_open = [
        plan
        for plan in own
        if certification_of(plan, [r for r in releases if r.repository == plan.repository], desk.as_of).is_open
    ]
    if len(still_open) == 1:
        return still_open[0]
    known = ", ".join(plan.series for plan in still_open) or "none"
    raise UsageError("series", "it is not clear which is meant", f"name it; in certification are: {known}")


def _post(name: str | None, desk: Desk, command: Command) -> PostAnswer | PostsAnswer:
    """Make the digest of now for each of its channels and post it, unless it was posted for its period before."""
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
        delivery = desk.store.delivery_of(order.name, order.channel, digest.period) or delivery
    return PostAnswer(order.name, order.channel, delivery.state, was_there, delivery.error)
