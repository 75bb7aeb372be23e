"""``release-bot digest``: made, printed, and posted once."""

import re
from collections.abc import Callable, Iterator

import pytest

from tests.chats.slack.fake_slack import DROPPED_AFTER_TAKING, TOKEN, FakeSlack, rate_limited
from tests.cli.conftest import Product

DIGEST = '[[digests]]\nname = "slide"\nchannel = "#dirac-releases"\nschedule = "0 9 * * mon"\nperiod = "1m"\n'
ON_THE_DAY = ("digest", "slide", "--as-of", "2021-02-22")

# slack-sdk leaves the socket of a call that broke off to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with FakeSlack() as server:
        yield server


@pytest.fixture
def watching(polled_by: Callable[..., Product], slack: FakeSlack, monkeypatch: pytest.MonkeyPatch) -> Product:
    monkeypatch.setenv("SLACK_BOT_TOKEN", TOKEN)
    return polled_by(f'[slack]\nbase_url = "{slack.url}"\n{DIGEST}')


def test_the_digest_of_the_slide(watching: Product, slack: FakeSlack) -> None:
    said = watching(*ON_THE_DAY)
    assert said.code == 0
    assert said.out.startswith(
        "6 patch releases of DIRAC (v7r0: 3, v7r1: 3); 3 pre-releases\n22 Jan to 22 Feb 2021 (Europe/Paris)\n"
    )
    assert "newest: v7r2-pre34, v7r1p29, v7r0p49, v6r22p35" in said.out
    assert slack.messages == []


def test_the_digest_as_json_has_what_the_contract_names(watching: Product) -> None:
    made = watching(*ON_THE_DAY, "--format", "json").json
    assert {"name", "period", "headline", "repositories", "late", "moved", "deleted"} <= set(made)
    assert {"unclassified", "certifications", "problems"} <= set(made)
    [dirac] = made["repositories"]
    assert {"repository", "latest", "releases", "counts"} <= set(dirac)
    assert dirac["counts"]["groups"] == [{"series": "v7r0", "count": 3}, {"series": "v7r1", "count": 3}]
    assert [release["version"] for release in dirac["latest"]] == ["v6r22p35", "v7r0p49", "v7r1p29", "v7r2-pre34"]
    assert [tag["tag"] for tag in made["unclassified"]] == ["grep", "v6e7p27"]


@pytest.mark.parametrize("output_format", ["markdown", "slack", "html"])
def test_the_digest_in_other_forms(watching: Product, output_format: str) -> None:
    said = watching(*ON_THE_DAY, "--format", output_format)
    assert said.code == 0
    assert "/DIRACGrid/DIRAC/releases/tag/v7r1p29" in said.out


def test_a_digest_is_posted_once_for_its_slot(watching: Product, slack: FakeSlack) -> None:
    first, second = watching(*ON_THE_DAY, "--post"), watching(*ON_THE_DAY, "--post")
    third = watching("digest", "slide", "--as-of", "2021-02-24T15:00", "--post")
    assert (first.code, first.out) == (0, "digest slide posted to #dirac-releases\n")
    for again in (second, third):
        assert again.code == 0
        assert re.match(
            "digest slide already posted to #dirac-releases on .*; to post it again, use --post --again", again.out
        )
    assert len(slack.messages) == 1
    assert slack.messages[0].metadata["event_type"] == "release_digest"


def test_a_digest_is_posted_again_with_all_that_it_said_where_that_is_asked_for(
    watching: Product, slack: FakeSlack
) -> None:
    watching(*ON_THE_DAY, "--post")
    again = watching(*ON_THE_DAY, "--post", "--again")
    assert (again.code, again.out) == (0, "digest slide posted to #dirac-releases\n")
    assert len(slack.messages) == 2
    assert len({message.text for message in slack.messages}) == 1
    assert watching(*ON_THE_DAY, "--again").code == 2


def test_a_digest_that_waits_to_be_posted_is_not_made_a_second_time(watching: Product, slack: FakeSlack) -> None:
    slack.fail_next(rate_limited(3_600, "/chat.postMessage"))
    first = watching(*ON_THE_DAY, "--post")
    second = watching("digest", "slide", "--as-of", "2021-02-24T15:00", "--post")
    assert (first.code, second.code) == (1, 1)
    assert "not yet posted to #dirac-releases" in first.err
    assert "not yet posted to #dirac-releases" in second.err
    assert len(watching("deliveries", "list", "--format", "json").json) == 1


def test_the_next_digest_lists_what_is_new_and_gives_the_total_of_its_longer_period(watching: Product) -> None:
    watching(*ON_THE_DAY, "--post")
    said = watching("digest", "slide", "--as-of", "2021-03-01")
    headline = "1 patch release of DIRAC (v7r1: 1); 1 pre-release; in the last month: 7 patch releases of DIRAC"
    assert said.out.startswith(headline)
    [dirac] = watching("digest", "slide", "--as-of", "2021-03-01", "--format", "json").json["repositories"]
    assert [each["version"] for each in dirac["releases"] if each["new"]] == ["v7r1p30", "v7r2-pre35"]


def test_another_channel_is_another_delivery(watching: Product, slack: FakeSlack) -> None:
    watching(*ON_THE_DAY, "--post")
    watching(*ON_THE_DAY, "--post", "--channel", "C0123")
    keys = [message.metadata["event_payload"]["delivery"] for message in slack.messages]
    assert len(set(keys)) == 2


def test_a_message_whose_answer_was_lost_is_not_posted_again(watching: Product, slack: FakeSlack) -> None:
    slack.fail_next(DROPPED_AFTER_TAKING)
    first, second = watching(*ON_THE_DAY, "--post"), watching(*ON_THE_DAY, "--post")
    assert (first.code, second.code) == (1, 1)
    assert "possibly posted to #dirac-releases, delivery unconfirmed" in second.err
    assert len(slack.messages) == 1


def test_a_channel_with_the_name_of_its_chat_is_the_same_channel(watching: Product, slack: FakeSlack) -> None:
    watching(*ON_THE_DAY, "--post")
    said = watching(*ON_THE_DAY, "--post", "--channel", "slack:#dirac-releases")
    assert "already posted to #dirac-releases" in said.out
    assert len(slack.messages) == 1


def test_a_channel_that_the_bot_is_not_in_is_told(watching: Product) -> None:
    said = watching(*ON_THE_DAY, "--post", "--channel", "#private-party")
    assert said.code == 1
    assert "invite the bot into the channel" in said.err


def test_without_a_slack_token_posting_is_refused(watching: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SLACK_BOT_TOKEN")
    said = watching(*ON_THE_DAY, "--post")
    assert said.code == 2
    assert said.err.startswith("error: slack: $SLACK_BOT_TOKEN is not set; ")
