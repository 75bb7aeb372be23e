"""The inbox of all chats: ids of one chat mean nothing in another."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.chats.inbox import Inbox, IncomingMessage
from bot.chats.throttle import MOST_IN_A_WINDOW
from bot.dialogue import Refused, Reply
from bot.queries.base import QueryContext
from bot.services.digests import DigestOrder
from bot.store.store import Store
from tests.chats.slack.hosts import COMDIRAC, DIRAC, SlideHost
from tests.fakes import FakeChat
from tests.histories import write_history
from tests.memory import store_in_memory


@pytest.fixture
def store() -> Iterator[Store]:
    with store_in_memory() as store:
        yield store


@dataclass
class TwoChats(SlideHost):
    """A host whose digest goes to a channel of the chat "other"; keeps whose repositories were asked for."""

    owns: list[Sequence[str]] = field(default_factory=list)

    def context(self, own: Sequence[str], *, is_maintainer: bool) -> QueryContext:
        self.owns.append(own)
        return super().context(own, is_maintainer=is_maintainer)

    def orders(self) -> Sequence[DigestOrder]:
        return [DigestOrder("monthly", "other:C0123", "1m", [DIRAC])]


def asked(chat: str, number: str = "1", text: str = "help", channel: str = "C0123") -> IncomingMessage:
    return IncomingMessage(chat, number, text, "U1", channel, (f"{channel}/1",))


def is_asked_to_wait(reply: Reply | None) -> bool:
    return reply is not None and isinstance(reply.result, Refused)


def test_a_message_is_answered_once_in_each_chat(store: Store) -> None:
    inbox = Inbox(SlideHost(store), store, FakeChat())
    answers = [inbox.handle(asked(chat)) for chat in ("slack", "other", "slack", "other")]
    assert [answer is not None for answer in answers] == [True, True, False, False]


def test_a_flood_in_one_chat_costs_nobody_an_answer_in_another(store: Store) -> None:
    inbox = Inbox(SlideHost(store), store, FakeChat())
    flood = [inbox.handle(asked("slack", str(number))) for number in range(MOST_IN_A_WINDOW + 1)]
    assert is_asked_to_wait(flood[-1])
    assert not is_asked_to_wait(inbox.handle(asked("other")))


def test_a_channels_repositories_are_those_of_the_digests_of_its_own_chat(store: Store) -> None:
    host = TwoChats(store)
    inbox = Inbox(host, store, FakeChat())
    for number, (chat, channel) in enumerate([("other", "C0123"), ("slack", "C0123"), ("other", "")]):
        inbox.handle(asked(chat, str(number), channel=channel))
    assert host.owns == [(DIRAC.key,), (), ()]


@pytest.mark.parametrize(
    "text",
    [
        "how many patch releases in the last month?",
        "how many patch releases by month in 2020",
        "how many v7r1 patches by month in 2020",
        "how many patches of DIRAC since v7r1p25",
    ],
)
def test_a_count_in_a_conversation_takes_at_most_nine_statements(tmp_path: Path, text: str) -> None:
    with Store.open(f"sqlite:///{tmp_path}/bot.db") as store:
        write_history(store, DIRAC)
        write_history(store, COMDIRAC)
        inbox = Inbox(SlideHost(store), store, FakeChat())
        # The first message of an hour also forgets old ones.
        inbox.handle(asked("slack", "0", "latest"))
        with statements(store) as said:
            reply = inbox.handle(asked("slack", "1", text))
    assert reply is not None
    assert not isinstance(reply.result, Refused)
    assert len(said) <= 9, "\n".join(said)


@contextmanager
def statements(store: Store) -> Iterator[list[str]]:
    """Collect the SQL statements that a store executes."""
    said: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        said.extend([] if statement.startswith("BEGIN") else [statement])

    engine = store.database.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
