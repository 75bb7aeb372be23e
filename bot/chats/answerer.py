"""The answers of one chat: each message goes through the inbox, and its answer is sent and recorded."""

import logging
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from bot.chats.inbox import Inbox, IncomingMessage
from bot.dialogue import Reply
from bot.domain.errors import BotError
from bot.domain.values import dataclass
from bot.queries.base import Answer
from bot.render.markup import Markup

_log = logging.getLogger(__name__)
_UNREADABLE = "Sorry, I cannot read the database right now. Please try again later."

# An answer as the chat takes it.
M = TypeVar("M")


def _nobody_else() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Answerer(Generic[M]):
    """Answers messages; ``render`` makes an answer as the chat takes it of what writes it in a markup.

    ``errors`` are what sending raises, and ``reason`` says why, without anything secret.
    """

    inbox: Inbox
    render: Callable[[Callable[[Markup], Answer]], M]
    errors: tuple[type[Exception], ...]
    reason: Callable[[Exception], str]

    def answer(
        self,
        message: IncomingMessage,
        send: Callable[[M], str | None],
        is_public: Callable[[], bool] = _nobody_else,
    ) -> None:
        """Answer a message once; ``send`` posts the answer, and returns its id if it may begin a thread, else None.

        ``is_public`` says whether everybody may read what was asked.
        """
        reply, words = self.reply(message)
        if words is None:
            return
        try:
            sent = send(words)
        except self.errors as error:
            _log.warning("cannot post an answer: %s", self.reason(error))
            return
        if reply is not None:
            self.record(message, reply, [f"@{message.user}/{sent}"] if sent else [], is_public)

    def reply(self, message: IncomingMessage) -> tuple[Reply | None, M | None]:
        """Return the reply to a message and the answer to send; only words where the database cannot be read.

        Nothing for a message that was answered before, or is throttled.
        """
        try:
            reply = self.inbox.handle(message)
        except BotError as error:
            _log.error("cannot answer a question: %s", error)
            return None, self.render(lambda _: Answer(_UNREADABLE, (), ()))
        return reply, None if reply is None else self.render(reply.answer)

    def record(
        self,
        message: IncomingMessage,
        reply: Reply,
        began: Sequence[str] = (),
        is_public: Callable[[], bool] = _nobody_else,
    ) -> None:
        """Record what came of a message whose answer was sent; ``began`` are conversations that the answer began."""
        try:
            self.inbox.answered(message, reply, also=began, is_public=is_public)
        except BotError as error:
            _log.warning("cannot record a question: %s", error)
