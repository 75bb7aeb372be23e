"""Posting to Mattermost through the real Apprise, over real HTTP."""

import json
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from threading import Event, Thread

import pytest
from apprise.plugins.mattermost import NotifyMattermost

from bot.demo.recorded.server import Drop, Response
from bot.domain.digests.delivery import Posted
from bot.domain.errors import UsageError
from bot.services.ports import ChatDoubtful, ChatError, ChatRefused, ChatUnavailable
from tests.chats.notify.conftest import SHORT, failing, place_at, posted
from tests.chats.notify.fakes import TOKEN, FakeMattermost
from tests.render.digests import dirac_digest

# requests leaves the socket of a call that broke off to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


def test_a_digest_is_posted_as_markdown_in_one_piece_with_nothing_from_elsewhere(mattermost: FakeMattermost) -> None:
    assert posted(place_at(mattermost.address), dirac_digest()) == Posted("chat", "k3y")
    [body] = mattermost.taken
    assert body["text"].startswith("## 7 patch releases of DIRAC")
    assert "[v7r1p29](<" in body["text"]
    assert body["username"] == "release-bot"
    assert set(body) == {"text", "username"}


@pytest.mark.parametrize(
    "text",
    ["a\\nb \\x41 \\u0041", ":smile: :+1:", "<b>&amp;</b> *x* [y](z)", "{{app_id}}", "  x\n\n\ny", "\N{WORD JOINER}"],
)
def test_what_arrives_is_what_was_frozen_letter_by_letter(mattermost: FakeMattermost, text: str) -> None:
    for language in ("markdown", "text", "html"):
        place_at(mattermost.address).post("chat", json.dumps({"title": "", "body": text, "language": language}), "k")
    assert [body["text"] for body in mattermost.taken] == [text] * 3


def test_a_name_from_a_forge_mentions_nobody(mattermost: FakeMattermost) -> None:
    hostile = replace(dirac_digest(), headline="@channel @all @here <!channel> <@U1> [x](http://evil) ~town-square")
    for language in ("markdown", "text"):
        posted(place_at(mattermost.address, language), hostile)
    assert len(mattermost.taken) == 2
    for body in mattermost.taken:
        for call in ("@channel", "@all", "@here", "<!", "<@U1", "[x]("):
            assert call not in body["text"]


def test_a_digest_that_is_too_long_is_cut_at_a_line_and_says_how_to_see_it_whole(mattermost: FakeMattermost) -> None:
    digest = dirac_digest()
    long = replace(digest, problems=tuple(replace(digest.problems[0], text="x" * 2000) for _ in range(20)))
    posted(place_at(mattermost.address), long)
    [body] = mattermost.taken
    *_, cut = body["text"].splitlines()
    assert 14_000 < len(body["text"]) <= 16_383
    assert cut == "_… and 14 more lines; full digest: release-bot digest monthly_"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Response(401), "Mattermost answered 401; check the token and the path in $CHAT_URL"),
        (Response(404), "Mattermost answered 404; check the token and the path in $CHAT_URL"),
        (Response(400), "Mattermost answered 400; check $CHAT_URL, and the service's limits in docs/PLACES.md"),
        (
            Response(302, {"location": "/x"}),
            "Mattermost answered 302; the service may have moved: put its new URL into $CHAT_URL",
        ),
        (Response(429), "Mattermost answered 429"),
        (Response(500), "Mattermost answered 500"),
        (Response(204), "Mattermost answered 204"),
        (Drop(), "the connection to Mattermost ended without a response"),
    ],
)
def test_what_is_no_clear_yes_is_in_doubt_and_says_what_came(
    mattermost: FakeMattermost, answer: Response | Drop, words: str
) -> None:
    mattermost.interceptor = lambda _: answer
    error = failing(place_at(mattermost.address))
    assert isinstance(error, ChatDoubtful)
    assert error.reason.startswith(words)
    assert len(mattermost.requests) == 1, "Apprise tries nothing a second time, and follows no redirect"


def test_an_unknown_token_is_not_shown(mattermost: FakeMattermost) -> None:
    error = failing(place_at(mattermost.address + "x"))
    assert error.what == "Mattermost answered 400"
    assert TOKEN not in str(error)


def test_a_message_that_was_taken_before_the_connection_broke_is_in_doubt(mattermost: FakeMattermost) -> None:
    mattermost.interceptor = lambda _: Drop(after=True)
    assert isinstance(failing(place_at(mattermost.address)), ChatDoubtful)
    assert len(mattermost.taken) == 1


def test_a_server_that_says_nothing_in_time_leaves_doubt(mattermost: FakeMattermost, released: Event) -> None:
    mattermost.silence = released
    error = failing(place_at(f"{mattermost.address}?{SHORT}"))
    assert isinstance(error, ChatDoubtful)
    assert error.what == "Mattermost did not answer in time"


def test_retries_in_the_address_are_not_heeded(mattermost: FakeMattermost) -> None:
    mattermost.interceptor = lambda _: Response(500)
    failing(place_at(f"{mattermost.address}?retry=3&wait=0.01&redirect=yes&overflow=split"))
    assert len(mattermost.requests) == 1


def test_where_nobody_listens_the_message_was_surely_not_taken() -> None:
    with FakeMattermost() as gone:
        address = gone.address
    error = failing(place_at(address))
    assert isinstance(error, ChatUnavailable)
    assert error.what == "cannot reach Mattermost"


class _Heard(logging.Handler):
    """Keeps the names of the loggers that it hears of."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.names.append(record.name)


def test_apprise_logs_nothing_beside_us(mattermost: FakeMattermost) -> None:
    mattermost.interceptor = lambda _: Response(500, {}, TOKEN.encode())
    heard = _Heard()
    logging.getLogger().addHandler(heard)
    failing(place_at(mattermost.address))
    logging.getLogger().removeHandler(heard)
    assert [name for name in heard.names if name.startswith("apprise")] == []
    assert logging.getLogger("apprise").propagate is False


def test_posts_at_the_same_time_do_not_hear_of_each_other(mattermost: FakeMattermost) -> None:
    with FakeMattermost() as gone:
        nowhere = gone.address
    mattermost.interceptor = lambda _: Response(401)
    errors: list[tuple[str, ChatError]] = []

    def post(address: str) -> Callable[[], None]:
        return lambda: errors.append((address, failing(place_at(address))))

    threads = [Thread(target=post(address)) for address in (nowhere, mattermost.address) * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = {(address, type(error)) for address, error in errors}
    assert found == {(nowhere, ChatUnavailable), (mattermost.address, ChatDoubtful)}


@pytest.mark.parametrize("answer", [False, None])
def test_only_yes_is_yes(mattermost: FakeMattermost, monkeypatch: pytest.MonkeyPatch, *, answer: bool | None) -> None:
    monkeypatch.setattr(NotifyMattermost, "send", lambda *_args, **_named: answer)
    error = failing(place_at(mattermost.address))
    assert (type(error), error.what) == (ChatDoubtful, "Mattermost did not confirm the message")


def test_what_was_posted_cannot_be_looked_for(mattermost: FakeMattermost) -> None:
    with pytest.raises(ChatRefused, match="cannot search Mattermost; check the channel yourself"):
        place_at(mattermost.address).find("chat", "k3y", datetime(2021, 2, 22, tzinfo=UTC))


@pytest.mark.parametrize(
    ("address", "what"),
    [
        ("nonsense", "is not a valid Apprise URL"),
        (f"unknown://host/{TOKEN}", "is not a valid Apprise URL"),
        ("mmost://host", "is not a valid Apprise URL"),
        (f"mmost://host/{TOKEN}?mode=nonsense", "is not a valid Apprise URL"),
        (f"mmost://host/{TOKEN}?to=one,two", "has several recipients"),
    ],
)
def test_an_address_that_cannot_be_posted_to_is_told_without_showing_it(address: str, what: str) -> None:
    with pytest.raises(UsageError) as raised:
        place_at(address)
    assert str(raised.value).startswith(f"places.chat: $CHAT_URL {what}")
    assert TOKEN not in str(raised.value)
