"""Answers as Block Kit: inside Slack's limits, and nothing in them works but their own links and buttons."""

import re
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given

from bot.chats.slack.blocks import SlackMessage
from bot.chats.slack.replies import home_view, render_answer
from bot.commands.post import DigestPosted
from bot.dialogue import Refused, Reply, Understanding
from bot.queries.base import Result, Watched, answer_of
from bot.queries.latest import LatestReleases
from bot.queries.selection import Filters
from bot.store.store import Store
from tests.builders import a_repository, a_tag, paris
from tests.chats.slack.fake.rules import home_faults
from tests.chats.slack.fake_slack import texts_of, troubles, words_of
from tests.chats.slack.hosts import COMDIRAC, DIRAC, SlideHost
from tests.histories import write_history, write_tags
from tests.render.answers import a_basis, answers, many_releases, releases_answer
from tests.render.digests import SLIDE_DAY

OWN_LINKS = r"<https?://[^<>|]+\|[^<>]*>"


def rendered(result: Result) -> SlackMessage:
    return render_answer(partial(answer_of, result))


def shown(result: Result) -> str:
    return words_of(rendered(result).blocks)


@given(answers())
def test_slack_takes_every_answer_and_nothing_in_it_works_but_its_own_links(result: Result) -> None:
    message = render_answer(Reply("", Understanding(None, None, (("<!here>", "releases"),)), result).answer)
    assert troubles(message.text, message.blocks) == ""
    # Plain text, as on buttons, is never acted upon.
    for block in message.blocks:
        for text in texts_of(block) if block["type"] != "actions" else []:
            assert not set(re.sub(OWN_LINKS, "", text)) & {"<", ">"}


@pytest.mark.parametrize("text", ["<!channel>", "<@U012AB3CD>", "@here", "*bold*", "\x1b[2J\u202e", "a|b>c"])
def test_what_a_person_wrote_comes_back_as_text(text: str) -> None:
    told = shown(Refused(f'I do not know "{text}"', text, [text]))
    assert text not in told


def test_a_list_of_releases_has_links_while_they_fit() -> None:
    told = shown(releases_answer(many_releases(40)))
    assert told.count("<https://github.example/DIRACGrid/DIRAC/releases/tag/v7r") == 40


def test_a_long_list_goes_without_links_and_loses_nothing() -> None:
    answer = releases_answer(many_releases(300))
    message = rendered(answer)
    assert troubles(message.text, message.blocks) == ""
    told = shown(answer)
    assert "https://" not in told
    assert len(set(re.findall(r"v7r\dp\d+", told))) == 300


def test_a_list_too_long_for_slack_says_how_many_are_left_out() -> None:
    answer = releases_answer(many_releases(5_000))
    message = rendered(answer)
    assert troubles(message.text, message.blocks) == ""
    told = shown(answer)
    [left_out] = re.findall(r"and ([\d,]+) more releases that do not fit in a message; ask for a shorter period", told)
    assert len(set(re.findall(r"v7r\dp\d+", told))) + int(left_out.replace(",", "")) == 5_000


def test_the_sentence_is_the_notification_and_begins_with_a_capital_unless_with_a_version() -> None:
    assert rendered(DigestPosted("weekly", "#x", "sent", was_there=False)).text == "Digest weekly posted to #x"
    none = LatestReleases(Filters(series=("v9r9",)), SLIDE_DAY, [], a_basis(), named=("v9r9",))
    assert rendered(none).text.startswith("No final release of v9r9, as of")


@pytest.fixture
def host() -> SlideHost:
    store = Store.open("sqlite://")
    write_history(store, DIRAC)
    write_history(store, COMDIRAC)
    return SlideHost(store)


def test_the_home_page_of_a_bot_that_watches_nothing_tells_how_to_ask(host: SlideHost) -> None:
    view = home_view(replace(host.context((), is_maintainer=False), watched=Watched(()), read_plans=tuple))
    assert home_faults(view) == []
    assert "I count releases" in str(view)


def test_the_home_page_keeps_inside_slacks_limits_however_much_is_watched(host: SlideHost) -> None:
    many = [a_repository(f"x/{'long' * 15}{number}") for number in range(120)]
    for repository in many:
        write_tags(host.store, repository, [a_tag("v1r0p1", paris("2021-02-15T20:19"))])
    view = home_view(replace(host.context((), is_maintainer=True), watched=Watched(many)))
    assert home_faults(view) == []
    assert "shortened; ask by name for the rest" in str(view)


def test_an_answer_and_the_home_page_link_to_the_web_where_there_is_a_page(host: SlideHost) -> None:
    url = "https://r.example.org/search?q=how+many%3F&as_of=2021-02-22T14:00:00%2B01:00"
    reply = Reply("", Understanding(None), releases_answer(many_releases(2)), page=url)
    message = render_answer(reply.answer)
    assert f"<{url.replace('&', '&amp;')}|On the web>" in "".join(
        text for block in message.blocks for text in texts_of(block)
    )
    assert troubles(message.text, message.blocks) == ""
    home = home_view(replace(host.context((), is_maintainer=False), home="https://r.example.org/"))
    assert texts_of(home["blocks"][-1]) == ["<https://r.example.org/|More on the web>"]
    assert home_faults(home) == []
