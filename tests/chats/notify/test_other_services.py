"""Matrix, Discord, ntfy, JSON and others through the real Apprise: each in its own language, within its own limits."""

from dataclasses import replace

import pytest
from apprise.plugins.discord import NotifyDiscord

from bot.demo.recorded.server import Response
from bot.services.ports import ChatDoubtful
from tests.chats.notify.conftest import failing, place_at, posted
from tests.chats.notify.fakes import FakeDiscord, FakeMatrix, FakePlace
from tests.render.digests import dirac_digest


def test_matrix_gets_html_with_links_and_a_plain_form_and_nobody_is_called() -> None:
    digest = replace(dirac_digest(), headline="@room: 7 <b>releases</b>")
    with FakeMatrix() as server:
        posted(place_at(f"matrix://bot:s3cret@{server.host}/!room:x?v=3"), digest)
    [body] = server.taken
    assert body["msgtype"] == "m.text"
    assert body["format"] == "org.matrix.custom.html"
    assert '/releases/tag/v7r1p29">v7r1p29</a>' in body["formatted_body"]
    assert "<b>" not in body["formatted_body"]
    assert "@room" not in body["formatted_body"] + body["body"]


@pytest.fixture
def discord(monkeypatch: pytest.MonkeyPatch) -> FakeDiscord:
    server = FakeDiscord()
    monkeypatch.setattr(NotifyDiscord, "notify_url", f"{server.url}/webhooks")
    return server


def test_discord_gets_markdown_within_two_thousand_characters(discord: FakeDiscord) -> None:
    digest = dirac_digest()
    problems = tuple(replace(digest.problems[0], text="x" * 300) for _ in range(9))
    digest = replace(digest, headline="@everyone 7 <@123> *releases*", problems=problems)
    with discord:
        posted(place_at("discord://1234567890/abcdefghijk"), digest)
    [body] = discord.taken
    assert len(body["content"]) <= 2_000
    assert body["content"].startswith("## @\u2060everyone 7 \\<@\u2060123\\> \\*releases\\*\n")
    assert body["content"].endswith("full digest: release-bot digest monthly_")
    assert not {"embeds", "allow_mentions", "avatar_url"} & set(body)


def test_ntfy_gets_text_with_a_title() -> None:
    digest = dirac_digest()
    with FakePlace() as server:
        posted(place_at(f"ntfy://{server.host}/dirac"), digest)
    [body] = server.taken
    assert body["title"] == digest.headline
    assert body["message"].startswith("22 Jan to 22 Feb 2021")
    assert body["topic"] == "dirac"
    assert "icon" not in body


def test_ntfy_shows_markdown_where_that_is_configured() -> None:
    with FakePlace() as server:
        posted(place_at(f"ntfy://{server.host}/dirac", "markdown"), dirac_digest())
    [body] = server.taken
    assert "**[DIRAC](<" in body["message"]
    assert server.requests[0].headers["x-markdown"] == "yes"


@pytest.mark.parametrize(("language", "mark"), [("html", "</a>"), ("markdown", "](<"), ("text", "v7r1p29 (15 Feb)")])
def test_any_language_goes_out_as_it_was_written(language: str, mark: str) -> None:
    with FakePlace() as server:
        posted(place_at(f"json://{server.host}/hook", language), dirac_digest())
    [body] = server.taken
    assert mark in body["message"]


def test_a_title_that_is_too_long_is_cut_and_stands_whole_in_the_body() -> None:
    headline = "7 patch releases " * 20
    with FakePlace() as server:
        posted(place_at(f"ntfy://{server.host}/dirac"), replace(dirac_digest(), headline=headline))
    [body] = server.taken
    assert len(body["title"]) <= 200
    assert body["title"].endswith("…")
    assert headline.strip() in body["message"]


def test_a_login_that_a_home_server_refuses() -> None:
    with FakeMatrix() as server:
        server.interceptor = lambda _: Response.json(403, {"errcode": "M_FORBIDDEN", "error": "no"})
        error = failing(place_at(f"matrix://bot:s3cret@{server.host}/!room:x?v=3"))
    assert isinstance(error, ChatDoubtful)
    assert error.what == "Matrix answered 403"


def test_the_manner_of_a_place_is_told() -> None:
    told = [place_at(address).manner for address in ("mmost://h/t0ken", "mailto://a:b@example.org", "ntfy://h/t")]
    assert told == [
        "Mattermost, markdown, at most 16,383 characters",
        "E-Mail, html, at most 32,768 characters",
        "ntfy, text, at most 7,800 characters",
    ]
