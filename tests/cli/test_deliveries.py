"""release-bot deliveries: what waits to be posted, and what somebody can do about it."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from bot.demo.recorded.server import Response
from tests.chats.slack.fake_slack import DROPPED_AFTER_TAKING, TOKEN, Failure, FakeSlack
from tests.cli.conftest import Product

ON_THE_DAY = ("digest", "weekly", "--as-of", "2021-02-22")


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with FakeSlack() as server:
        yield server


@pytest.fixture
def refused(polled_by: Callable[..., Product], slack: FakeSlack, monkeypatch: pytest.MonkeyPatch) -> Product:
    """A digest that Slack did not take: the bot is not in the channel."""
    monkeypatch.setenv("SLACK_BOT_TOKEN", TOKEN)
    more = (
        f'[slack]\nbase_url = "{slack.url}/"\n'
        '[[digests]]\nname = "weekly"\nchannel = "#private-party"\nschedule = "0 9 * * mon"\nperiod = "last-week"\n'
    )
    product = polled_by(more)
    assert product(*ON_THE_DAY, "--post").code == 1
    return product


def test_nothing_waits_at_first(polled: Product) -> None:
    said = polled("deliveries", "list")
    assert (said.code, said.out) == (0, "no pending digests\n")
    assert polled("deliveries", "list", "--format", "json").json == []


def test_a_failed_delivery_is_listed_with_the_reason(refused: Product) -> None:
    table = refused("deliveries", "list")
    assert table.code == 0
    assert "#private-party" in table.out
    assert "failed" in table.out
    assert "not_in_channel" in table.out
    [one] = refused("deliveries", "list", "--format", "json").json
    assert (one["id"], one["state"], one["attempts"], one["digest"]) == (1, "failed", 1, "weekly")
    assert one["period"] == {
        "start": "2021-02-15T00:00:00+01:00",
        "end": "2021-02-22T00:00:00+01:00",
        "time_zone": "Europe/Paris",
    }


def test_it_is_sent_again_once_that_is_mended(refused: Product, slack: FakeSlack) -> None:
    assert refused("status").code == 1
    said = refused("deliveries", "retry", "1")
    assert (said.code, said.out) == (
        0,
        "digest weekly for #private-party is pending: a running worker sends it within a minute\n",
    )
    slack.workspace.others.clear()
    slack.workspace.channels.add("#private-party")
    assert refused(*ON_THE_DAY, "--post").code == 0
    assert len(slack.messages) == 1
    again = refused("deliveries", "retry", "1")
    assert (again.code, again.err) == (2, "error: delivery 1: already sent; nothing to do\n")


def test_a_dropped_one_is_listed_among_all_alone(refused: Product, slack: FakeSlack) -> None:
    said = refused("deliveries", "drop", "1")
    assert (said.code, said.out) == (0, "digest weekly for #private-party is dropped and will not be sent\n")
    assert refused("deliveries", "list").out.startswith("no pending digests")
    assert "dropped by" in refused("deliveries", "list", "--all").out
    assert refused(*ON_THE_DAY, "--post").code == 1
    assert slack.messages == []


@pytest.fixture
def doubtful(polled_by: Callable[..., Product], slack: FakeSlack, monkeypatch: pytest.MonkeyPatch) -> Product:
    """A digest that Slack took, without an answer."""
    monkeypatch.setenv("SLACK_BOT_TOKEN", TOKEN)
    more = (
        f'[slack]\nbase_url = "{slack.url}/"\n'
        '[[digests]]\nname = "weekly"\nchannel = "#dirac-releases"\nschedule = "0 9 * * mon"\nperiod = "last-week"\n'
    )
    slack.fail_next(replace(DROPPED_AFTER_TAKING, path="/chat.postMessage"))
    product = polled_by(more)
    assert product(*ON_THE_DAY, "--post").code == 1
    [one] = product("deliveries", "list", "--format", "json").json
    assert one["state"] == "sending"
    return product


def test_dropping_one_in_doubt_finds_it_in_the_channel(doubtful: Product, slack: FakeSlack) -> None:
    said = doubtful("deliveries", "drop", "1")
    words = (
        "digest weekly for #dirac-releases was found in the channel: marked as sent, and its releases count as reported"
    )
    assert (said.code, said.out) == (0, f"{words}\n")
    assert len(slack.messages) == 1
    assert doubtful("deliveries", "list").out.startswith("no pending digests")


def test_one_in_doubt_that_cannot_be_searched_for_is_not_dropped(doubtful: Product, slack: FakeSlack) -> None:
    slack.fail_next(Failure(Response.json(200, {"ok": False, "error": "missing_scope"}), path="/conversations.history"))
    said = doubtful("deliveries", "drop", "1")
    told = "error: delivery 1: cannot find out whether it arrived: Slack "
    assert (said.code, said.err.startswith(told)) == (2, True)
    assert "run release-bot deliveries confirm 1; if not, release-bot deliveries drop 1 --force" in said.err
    assert "may still be on its way" in doubtful("deliveries", "drop", "1", "--force").err


def test_a_number_that_there_is_not_is_one_line(polled: Product) -> None:
    said = polled("deliveries", "drop", "7")
    hint = "see: release-bot deliveries list --all"
    assert (said.code, said.err) == (2, f"error: delivery 7: not found; {hint}\n")
