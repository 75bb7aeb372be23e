"""Posting a digest now: ``post digest weekly``."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from bot.commands.base import Command, CommandContext
from bot.commands.language import JOINING, Instruction
from bot.domain.errors import UsageError
from bot.domain.periods.period import AsOf
from bot.domain.values import dataclass
from bot.queries.base import Answer, Json, Refusal, Result
from bot.queries.language.vocabulary import Vocabulary
from bot.render.markup import Markup
from bot.render.sections import Section
from bot.render.words import plural

if TYPE_CHECKING:
    from bot.domain.digests.delivery import Delivery
    from bot.services.deliver import DeliverySender
    from bot.services.digests import DigestOrder
    from bot.services.ports import Chat
    from bot.store.deliveries import DeliveryStore

_VERBS = {"post", "publish"}


@dataclass(frozen=True, slots=True)
class PostDigest(Command):
    """Post a digest to its channels now; the first configured one where none is named."""

    intent: ClassVar[str] = "post"
    name: str | None = None

    @classmethod
    def read(cls, said: Instruction, vocabulary: Vocabulary, as_of: AsOf) -> "Command | Refusal | None":
        """Read ``post digest weekly``."""
        del as_of
        if said.verb not in _VERBS:
            return None
        words = [each.text for each in said.tokens[1:] if each.text not in JOINING | {"digest", "summary", "me", "us"}]
        names = {name.casefold(): name for name in vocabulary.digests}
        if not words:
            return cls()
        if len(words) == 1 and words[0] in names:
            return cls(names[words[0]])
        known = ", ".join(vocabulary.digests) or "none"
        return Refusal(f"which digest? configured: {known}")

    def run(self, context: CommandContext) -> Result:
        """Make the digest for each of its channels and post it, unless its slot has one. Raises UsageError."""
        from bot.services.digests import orders_named

        orders = orders_named(self.name, context.query.digests)
        chat = context.read_chat()
        if chat is None:
            raise UsageError("post", "no chat is configured", "set the chat's token")
        missing = [chat.missing(order.channel) for order in orders]
        if missing[0] is not None and len(orders) == 1:
            raise missing[0]
        posts = [
            _post(order, context, chat)
            if error is None
            else DigestPosted(order.name, order.channel, "missing", was_there=False, error=error.reason)
            for order, error in zip(orders, missing, strict=True)
        ]
        return posts[0] if len(posts) == 1 else DigestsPosted(posts)

    def parameters(self) -> Json:
        """Return the name."""
        return {"name": self.name}


def _post(order: "DigestOrder", context: CommandContext, chat: "Chat") -> "DigestPosted":
    from bot.services.deliver import DeliverySender
    from bot.services.digests import keep_digest, make_digest

    store, as_of = context.query.store, context.query.as_of
    kept = keep_digest(order, make_digest(order, store, as_of, as_of.end), chat, store, by=context.who)
    return send_kept(order, kept, DeliverySender(chat, store.deliveries, lambda: as_of.end), store.deliveries)


def send_kept(
    order: "DigestOrder", kept: "Delivery", sender: "DeliverySender", deliveries: "DeliveryStore"
) -> "DigestPosted":
    """Send a digest that was kept for its slot unless it was sent before, and return what became of it."""
    from bot.domain.digests.delivery import DeliveryState

    was_there = kept.state != DeliveryState.PENDING
    if not was_there:
        sender.deliver(kept)
    delivery = deliveries.read(kept.id) or kept
    return DigestPosted(order.name, order.channel, delivery.state, was_there, delivery.error, delivery)


@dataclass(frozen=True, slots=True)
class DigestPosted(Result):
    """What became of a digest that was to be posted: the state of its delivery, and the reason if it failed.

    The state is ``missing``, without a delivery, if the channel cannot be posted to.
    """

    digest: str
    channel: str
    state: str
    was_there: bool
    error: str | None = None
    delivery: "Delivery | None" = None

    def answer(self, markup: Markup) -> Answer:
        """Return what became of it."""
        return Answer(self.words(markup))

    def words(self, markup: Markup) -> str:
        """Return the same in one line."""
        from bot.domain.digests.delivery import DeliveryState

        channel = markup.plain(self.channel)
        states = {
            DeliveryState.SENT: f"{'already ' if self.was_there else ''}posted to {channel}",
            DeliveryState.SKIPPED: f"not posted to {channel}: nothing to report",
            DeliveryState.PENDING: f"not yet posted to {channel}",
            DeliveryState.SENDING: f"possibly posted to {channel}, delivery unconfirmed",
            DeliveryState.FAILED: f"could not be posted to {channel}",
            "missing": f"cannot be posted to {channel}",
            DeliveryState.DROPPED: f"not posted to {channel}: it was dropped",
        }
        why = f": {markup.plain(self.error)}" if self.error and self.state != DeliveryState.SENT else ""
        return f"digest {markup.plain(self.digest)} {states[self.state]}{why}"

    def data(self) -> Any:
        """Return the same as JSON."""
        return {"digest": self.digest, "channel": self.channel, "state": self.state, "error": self.error}


@dataclass(frozen=True, slots=True)
class DigestsPosted(Result):
    """What became of a digest that was to be posted to several channels: each for itself."""

    posts: Sequence[DigestPosted]

    def answer(self, markup: Markup) -> Answer:
        """Return in how many channels it is, and what became of each."""
        from bot.domain.digests.delivery import DeliveryState

        sent = sum(1 for each in self.posts if each.state == DeliveryState.SENT)
        sentence = f"the digest was posted to {sent} of {plural(len(self.posts), 'channel')}"
        return Answer(sentence, (Section("", tuple(each.words(markup) for each in self.posts)),))

    def data(self) -> Any:
        """Return each of them."""
        return {"posts": [each.data() for each in self.posts]}
