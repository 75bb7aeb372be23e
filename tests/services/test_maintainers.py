"""What the maintainers are told, in one chat or several."""

from bot.services.maintainers import tell_maintainers
from bot.services.ports import ChatRefused, ChatUnavailable
from tests.fakes import FakeChat


def test_where_no_chat_can_be_reached_they_are_to_be_told_later() -> None:
    chat = FakeChat(ChatUnavailable("slack", "did not answer"))
    assert not tell_maintainers("look", chat, ["slack:U1"])


def test_whom_one_chat_reached_is_not_told_again_because_of_another() -> None:
    chat = FakeChat(ChatUnavailable("other", "did not answer"), ChatRefused("slack", "user_not_found"))
    assert tell_maintainers("look", chat, ["other:U1", "slack:U1", "slack:U2"])
    assert chat.told == [("slack:U2", "look")]
