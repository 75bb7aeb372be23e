"""A digest for Slack and for other places, posted by the product whole: real Apprise, real HTTP."""

import sys
from collections.abc import Callable, Iterator

import pytest

from bot.demo.recorded.server import Drop, Response
from tests.chats.notify.fakes import TOKEN, FakeMattermost
from tests.chats.notify.mail import FakeMailServer
from tests.chats.slack.fake_slack import TOKEN as SLACK_TOKEN
from tests.chats.slack.fake_slack import FakeSlack
from tests.cli.conftest import Product, Said

POST = ("digest", "slide", "--as-of", "2021-02-22", "--post")
DIGEST = (
    '[places.mattermost]\nurl_env = "MATTERMOST_URL"\n[places.mail]\nurl_env = "MAIL_URL"\nformat = "text"\n'
    '[[digests]]\nname = "slide"\nchannel = "#dirac-releases"\nalso = ["mattermost", "mail"]\n'
    'schedule = "0 9 * * mon"\nperiod = "1m"\n'
)

# requests and slack-sdk leave the socket of a call that broke off to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with FakeSlack() as server:
        yield server


@pytest.fixture
def three(
    polled_by: Callable[..., Product],
    slack: FakeSlack,
    mattermost: FakeMattermost,
    mail: FakeMailServer,
    monkeypatch: pytest.MonkeyPatch,
) -> Product:
    """DIRAC, polled, with a digest for Slack, Mattermost and mail."""
    monkeypatch.setenv("SLACK_BOT_TOKEN", SLACK_TOKEN)
    monkeypatch.setenv("MATTERMOST_URL", mattermost.address)
    monkeypatch.setenv("MAIL_URL", mail.address)
    return polled_by(f'[slack]\nbase_url = "{slack.url}"\nmaintainers = ["U012AB3CD"]\n{DIGEST}')


def test_a_digest_goes_to_each_of_its_channels_once(
    three: Product, slack: FakeSlack, mattermost: FakeMattermost, mail: FakeMailServer
) -> None:
    first, second = three(*POST), three(*POST)
    to = "#dirac-releases", "mattermost", "mail"
    assert (first.code, first.out) == (0, "".join(f"digest slide posted to {channel}\n" for channel in to))
    again = [line.partition(" on ")[0] for line in second.out.splitlines()]
    assert (second.code, again) == (0, [f"digest slide already posted to {channel}" for channel in to])
    assert [len(slack.messages), len(mattermost.taken), len(mail.mails)] == [1, 1, 1]
    headline = "6 patch releases of DIRAC (v7r0: 3, v7r1: 3); 3 pre-releases"
    assert mattermost.taken[0]["text"].startswith(f"## {headline}\n\n22 Jan to 22 Feb 2021 (Europe/Paris)\n")
    assert mail.mails[0].content["Subject"] == headline
    assert mail.mails[0].content.get_content_type() == "text/plain"


def test_where_one_place_does_not_say_yes_the_others_are_sent_and_none_twice(
    three: Product, slack: FakeSlack, mattermost: FakeMattermost, mail: FakeMailServer
) -> None:
    mattermost.interceptor = lambda _: Response(404, {}, b"{}")
    first, second = three(*POST), three(*POST)
    assert (first.code, second.code) == (1, 1)
    assert first.out == "digest slide posted to #dirac-releases\ndigest slide posted to mail\n"
    assert first.err == (
        "digest slide possibly posted to mattermost, delivery unconfirmed: Mattermost answered 404; "
        "check the token and the path in $MATTERMOST_URL; check the channel: "
        "if the digest is there, run release-bot deliveries confirm 2; if not, release-bot deliveries retry 2\n"
    )
    assert [len(slack.messages), len(mattermost.requests), len(mail.mails)] == [1, 1, 1]


def test_what_surely_did_not_go_out_is_tried_again(three: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeMattermost() as gone:
        monkeypatch.setenv("MATTERMOST_URL", gone.address)
    to_it = (*POST, "--channel", "mattermost")
    first = three(*to_it)
    assert first.code == 1
    assert "cannot reach Mattermost" in first.err
    [pending] = three("deliveries", "list", "--format", "json").json
    assert pending["state"] == "pending"


def test_what_a_place_may_have_taken_is_not_posted_again(three: Product, mattermost: FakeMattermost) -> None:
    mattermost.interceptor = lambda _: Drop(after=True)
    first, second = three(*POST), three(*POST)
    assert (first.code, second.code) == (1, 1)
    assert (
        "possibly posted to mattermost, delivery unconfirmed: the connection to Mattermost ended without a response"
        in second.err
    )
    assert len(mattermost.taken) == 1
    assert three("deliveries", "confirm", "2").err.startswith(
        "error: delivery 2: may still be on its way; check the channel"
    )


def test_one_place_alone(three: Product, slack: FakeSlack, mail: FakeMailServer) -> None:
    said = three(*POST, "--channel", "mail")
    assert (said.code, said.out, said.err) == (0, "digest slide posted to mail\n", "")
    assert (len(slack.messages), len(mail.mails)) == (0, 1)


def test_where_a_variable_is_not_set_the_others_are_posted_to(
    three: Product, mattermost: FakeMattermost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MAIL_URL")
    monkeypatch.delenv("SLACK_BOT_TOKEN")
    said = three(*POST)
    assert (said.code, said.out) == (1, "digest slide posted to mattermost\n")
    assert said.err == (
        "digest slide cannot be posted to #dirac-releases: $SLACK_BOT_TOKEN is not set; "
        "set it to the bot token (xoxb-...)\n"
        "digest slide cannot be posted to mail: $MAIL_URL is not set; set it to the Apprise URL of the service\n"
    )
    assert len(mattermost.taken) == 1
    listed = three("deliveries", "list", "--all", "--format", "json").json
    assert [each["channel"] for each in listed] == ["mattermost"], "what cannot be posted to stays owed"


def test_an_address_may_stand_in_a_file(three: Product, mail: FakeMailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    file = three.folder / "mail.url"
    file.write_text(f"{mail.address}\n")
    monkeypatch.delenv("MAIL_URL")
    monkeypatch.setenv("MAIL_URL_FILE", str(file))
    assert three(*POST, "--channel", "mail").code == 0


def test_post_digest_said_to_the_bot_goes_to_each_channel(three: Product, mattermost: FakeMattermost) -> None:
    said = three("ask", "post digest slide")
    assert said.code == 0
    assert said.out.startswith("The digest was posted to 3 of 3 channels\n")
    assert len(mattermost.taken) == 1


def places(said: Said) -> dict[str, str]:
    found = said.json["findings"]
    return {each["where"]: each["what"] for each in found if each["where"].startswith("places.")}


def test_doctor_says_of_each_place_what_it_is_and_how_to_try_it(
    three: Product, mattermost: FakeMattermost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAIL_URL", "mailto:nobody")
    said = three("doctor", "--format", "json")
    assert said.code == 1
    assert places(said) == {
        "places.mattermost": "Mattermost, markdown, at most 16,383 characters; "
        "only posting tests it: release-bot digest slide --post --channel mattermost",
        "places.mail": "$MAIL_URL is not a valid Apprise URL, or needs a library that is not installed",
    }
    assert mattermost.requests == []


def test_doctor_says_where_a_variable_is_not_set_and_where_no_digest_goes(
    three: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MAIL_URL")
    three.configure(three.config.read_text().replace('also = ["mattermost", "mail"]\n', 'also = ["mail"]\n'))
    said = three("doctor", "--format", "json")
    assert places(said) == {
        "places.mattermost": "Mattermost, markdown, at most 16,383 characters; no digest is posted to it",
        "places.mail": "$MAIL_URL is not set",
    }
    verdicts = [each["verdict"] for each in said.json["findings"] if each["where"].startswith("places.")]
    assert verdicts == ["warning", "warning"]


def test_without_apprise_it_is_said_what_to_install(three: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    said = three(*POST, "--channel", "mattermost")
    assert said.code == 2
    assert said.err == (
        'error: places.mattermost: apprise is not installed; run: pip install "dirac-release-bot[places]"\n'
    )
    assert TOKEN not in said.err
