"""Undoing changes to subscriptions: one's own, the last first, as if they had not been made."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.commands.base import CommandContext
from bot.commands.milestone import MilestoneChanged
from bot.commands.undo import Undo
from bot.dialogue import Refused, ask, understand
from bot.domain.subscriptions import AskedFrom
from bot.queries.base import Result, answer_text
from bot.queries.language.vocabulary import Vocabulary
from bot.render.markup import TEXT
from bot.store.store import Store
from tests.builders import a_repository, as_of
from tests.chats.slack.hosts import COMDIRAC, DIRAC, SLIDE, SlideHost
from tests.databases import database_url, postgresql, store
from tests.fakes import FakeWatching
from tests.histories import write_tags

# On both databases.
__all__ = ["database_url", "postgresql", "store"]

ANN, BOB = "slack:U1", "slack:U2"


class Chat:
    """A channel of a chat; each text is written a minute after the one before."""

    def __init__(self, store: Store) -> None:
        for repository in (DIRAC, COMDIRAC):
            write_tags(store, repository, [])
        self.store, self.at = store, SLIDE

    def say(self, text: str, who: str = ANN, *, is_maintainer: bool = False) -> Result:
        self.at += timedelta(minutes=1)
        host = SlideHost(self.store, at=self.at)
        origin = AskedFrom(f"@{who.partition(':')[2]}", "C1")
        context = replace(host.context((), is_maintainer=is_maintainer), origin=origin)
        command = CommandContext(context, who, FakeWatching())
        return ask(text, context, host.vocabulary(), command).result

    def words(self, text: str, who: str = ANN) -> str:
        return answer_text(self.say(text, who).answer(TEXT)).splitlines()[0]

    @property
    def active(self) -> list[int]:
        return [each.number for each in self.store.subscriptions.all() if each.ended_at is None]


@pytest.fixture
def chat(store: Store) -> Chat:
    return Chat(store)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("undo", Undo()),
        ("undo subscription", Undo(subscribing=True)),
        ("undo the last unsubscribe", Undo(subscribing=True)),
        ("undo subscription 3", Undo(3, subscribing=True)),
    ],
)
def test_what_is_to_be_undone_is_read(text: str, asked: Undo) -> None:
    words = Vocabulary((a_repository(),), (), ())
    assert understand(text, words, as_of("2021-02-22T13:00")).asked == asked


def test_the_last_change_is_undone_then_the_one_before(chat: Chat) -> None:
    chat.say("subscribe DIRAC v7r1 here")
    chat.say("subscribe DIRAC and COMDIRAC here")
    assert "(to undo: undo subscription 3)" in answer_text(chat.say("unsubscribe all").answer(TEXT))
    assert chat.active == []
    assert chat.words("undo").startswith("undone: subscribed again to final releases of v7r1 of DIRAC (1), ")
    assert chat.active == [1, 2, 3]
    expected = "undone: no longer subscribed to final releases of DIRAC (2) and final releases of COMDIRAC (3)"
    assert chat.words("undo") == expected
    assert chat.words("undo") == "undone: no longer subscribed to final releases of v7r1 of DIRAC (1)"
    assert chat.active == []
    # What was undone is no change that could be undone.
    assert isinstance(chat.say("undo"), Refused)


def test_nobody_undoes_subscriptions_of_others_and_only_maintainers_undo_other_changes(chat: Chat) -> None:
    chat.say("add hackathon v7r2 2021-03-11", BOB, is_maintainer=True)
    chat.say("subscribe DIRAC here")
    for text in ("undo watch", "undo 1", "undo series"):
        found = chat.say(text)
        assert isinstance(found, Refused)
        assert "only maintainers" in found.reason
    found = chat.say("undo subscription 1", BOB, is_maintainer=True)
    assert isinstance(found, Refused)
    assert "only your own" in found.reason
    assert isinstance(chat.say("undo", BOB, is_maintainer=True), MilestoneChanged)
    assert chat.active == [1]


def test_a_subscription_is_named_by_its_number(chat: Chat) -> None:
    chat.say("subscribe DIRAC here")
    chat.say("subscribe COMDIRAC here")
    assert chat.words("undo subscription 1").startswith("undone: no longer subscribed to final releases of DIRAC")
    assert chat.active == [2]
