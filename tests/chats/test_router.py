"""Each channel is in one chat, by the chat's name before it, or is a notification service."""

import json
from datetime import UTC, datetime

import pytest

from bot.chats.router import ChatRouter
from bot.domain.digests.delivery import Posted
from bot.domain.errors import UsageError
from bot.render.digest_content import digest_content
from bot.services.ports import ChatRefused, ChatUnavailable
from tests.fakes import FakeChat
from tests.render.digests import dirac_digest

NO_SLACK = UsageError("slack", "$SLACK_BOT_TOKEN is not set", "put it there")
NO_MAIL = UsageError("places.mail", "$MAIL_URL is not set", "put it there")
NOW = datetime(2021, 2, 22, tzinfo=UTC)


def posted(router: ChatRouter, channel: str, key: str = "k") -> Posted:
    return router.post(channel, router.freeze(channel, dirac_digest()).message, key)


def test_a_channel_of_no_service_is_in_the_default_chat() -> None:
    slack, mattermost = FakeChat(), FakeChat()
    router = ChatRouter({"slack": slack}, {"mattermost": mattermost})
    for channel in ("#dirac", "mattermost"):
        posted(router, channel)
        assert router.missing(channel) is None
    assert [channel for channel, _ in slack.posted] == ["#dirac"]
    assert [channel for channel, _ in mattermost.posted] == ["mattermost"]
    assert router.find("mattermost", "k", NOW).posted == mattermost.keys["k"]


def test_a_chats_name_before_a_channel_says_in_which_chat_it_is() -> None:
    slack, other = FakeChat(), FakeChat()
    router = ChatRouter({"slack": slack, "other": other}, {})
    assert posted(router, "#dirac").channel == posted(router, "slack:#dirac", "k2").channel == "#dirac"
    assert posted(router, "other:#dirac").channel == "other:#dirac"
    assert [[channel for channel, _ in chat.posted] for chat in (slack, other)] == [["#dirac"] * 2, ["#dirac"]]
    assert posted(router, "no-chat:#dirac", "k3").channel == "no-chat:#dirac", "the colon is the channel's own"


def test_what_was_posted_in_a_chat_is_found_and_deleted_there() -> None:
    slack, other = FakeChat(), FakeChat()
    router = ChatRouter({"slack": slack, "other": other}, {})
    there = posted(router, "other:#dirac")
    assert router.find("other:#dirac", "k", NOW).posted == there
    assert router.find("#dirac", "k", NOW).posted is None
    router.delete("other:#dirac", there)
    assert (slack.deleted, other.deleted) == ([], [other.keys["k"]])


def test_without_a_default_chat_a_channel_has_to_name_its_own() -> None:
    router = ChatRouter({"other": FakeChat()}, {})
    assert str(router.missing("#dirac")) == '#dirac: chat "slack" is not configured; write CHAT:CHANNEL'


@pytest.mark.parametrize(("channel", "what"), [("#dirac", NO_SLACK), ("mail", NO_MAIL)])
def test_where_a_client_is_missing_nothing_is_made_or_lost(channel: str, what: UsageError) -> None:
    router = ChatRouter({"slack": NO_SLACK}, {"mail": NO_MAIL})
    assert router.missing(channel) is what
    with pytest.raises(UsageError):
        router.freeze(channel, dirac_digest())
    with pytest.raises(ChatUnavailable, match="is not set"):
        router.post(channel, json.dumps({"headline": "x"}), "k")
    with pytest.raises(ChatUnavailable, match="is not set"):
        router.find(channel, "k", NOW)


@pytest.mark.parametrize("channel", ["chat", "chat:#dirac"])
def test_a_message_made_for_another_chat_is_refused_rather_than_posted_as_it_is(channel: str) -> None:
    slack, chat = FakeChat(), FakeChat()
    before = ChatRouter({"slack": slack}, {})
    after = ChatRouter({"slack": slack, "chat": chat}, {"chat": chat})
    of_slack = before.freeze(channel, dirac_digest()).message
    of_chat = after.freeze(channel, dirac_digest()).message
    with pytest.raises(ChatRefused, match="the message was made for another chat, before the configuration changed"):
        after.post(channel, of_slack, "k")
    with pytest.raises(ChatRefused, match="the message was made for another chat, before the configuration changed"):
        before.post(channel, of_chat, "k")
    assert slack.posted + chat.posted == []


def test_people_are_told_in_their_own_chat() -> None:
    slack, other = FakeChat(), FakeChat()
    router = ChatRouter({"slack": slack, "other": other, "off": NO_SLACK}, {})
    router.direct_message("slack:U1", "hello")
    router.direct_message("other:U1", "hi")
    assert (slack.told, other.told) == ([("U1", "hello")], [("U1", "hi")])
    with pytest.raises(ChatRefused, match="SLACK_BOT_TOKEN is not set"):
        router.direct_message("off:U1", "hello")
    with pytest.raises(ChatRefused, match='chat "nowhere" is not configured'):
        router.direct_message("nowhere:U1", "hello")


def test_a_channel_has_its_chats_own_id_and_a_service_its_name() -> None:
    slack, other = FakeChat(), FakeChat()
    slack.ids, other.ids = {"#dirac": "C0123"}, {"#dirac": "C9"}
    router = ChatRouter({"slack": slack, "other": other}, {"mail": NO_MAIL})
    asked = ("#dirac", "slack:#dirac", "other:#dirac", "mail")
    assert [router.identify(channel) for channel in asked] == ["C0123", "C0123", "other:C9", "mail"]


def test_what_a_digest_tells_is_kept_whole_whatever_its_chat_makes_of_it() -> None:
    frozen = ChatRouter({"slack": FakeChat()}, {}).freeze("#dirac", dirac_digest())
    assert frozen.content == digest_content(dirac_digest())
