"""Each channel is at one place: the bot's own chat, or another by its name."""

import json
from datetime import UTC, datetime

import pytest

from bot.domain.errors import UsageError
from bot.services.ports import ChatRefused, ChatUnavailable
from bot.services.routing import Routes
from tests.fakes import FakeChat
from tests.render.digests import dirac_digest

NO_SLACK = UsageError("slack", "$SLACK_BOT_TOKEN is not set", "put it there")
NO_MAIL = UsageError("places.mail", "$MAIL_URL is not set", "put it there")
NOW = datetime(2021, 2, 22, tzinfo=UTC)


def test_a_channel_that_is_no_place_is_the_bots_own_chat() -> None:
    slack, mattermost = FakeChat(), FakeChat()
    routes = Routes(slack, {"mattermost": mattermost})
    for channel in ("#dirac", "mattermost"):
        routes.post(channel, routes.freeze(channel, dirac_digest()).message, "k")
        assert routes.missing(channel) is None
    assert [channel for channel, _ in slack.posted] == ["#dirac"]
    assert [channel for channel, _ in mattermost.posted] == ["mattermost"]
    assert routes.find("mattermost", "k", NOW).posted == mattermost.keys["k"]


@pytest.mark.parametrize(("channel", "what"), [("#dirac", NO_SLACK), ("mail", NO_MAIL)])
def test_where_a_place_is_missing_nothing_is_made_or_lost(channel: str, what: UsageError) -> None:
    routes = Routes(NO_SLACK, {"mail": NO_MAIL})
    assert routes.missing(channel) is what
    with pytest.raises(UsageError):
        routes.freeze(channel, dirac_digest())
    message = json.dumps({"headline": "x"} | ({"at": "mail"} if channel == "mail" else {}))
    with pytest.raises(ChatUnavailable, match="is not set"):
        routes.post(channel, message, "k")
    with pytest.raises(ChatUnavailable, match="is not set"):
        routes.find(channel, "k", NOW)


def test_a_message_made_for_another_place_is_refused_rather_than_posted_as_it_is() -> None:
    slack, chat = FakeChat(), FakeChat()
    of_slack = Routes(slack, {}).freeze("chat", dirac_digest()).message
    of_place = Routes(slack, {"chat": chat}).freeze("chat", dirac_digest()).message
    with pytest.raises(ChatRefused, match="before the configuration said where this channel is"):
        Routes(slack, {"chat": chat}).post("chat", of_slack, "k")
    with pytest.raises(ChatRefused, match="before the configuration said where this channel is"):
        Routes(slack, {}).post("chat", of_place, "k")
    assert slack.posted + chat.posted == []


def test_people_are_told_in_the_bots_own_chat() -> None:
    slack = FakeChat()
    Routes(slack, {}).tell("U1", "hello")
    assert slack.told == [("U1", "hello")]
    with pytest.raises(ChatRefused, match="SLACK_BOT_TOKEN is not set"):
        Routes(NO_SLACK, {}).tell("U1", "hello")
