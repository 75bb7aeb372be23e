"""A digest, an announcement and an answer as messages of Matrix: readable, well-formed, and never too large."""

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from bot.chats.matrix.client import message_content
from bot.chats.matrix.messages import MatrixDigest, MatrixMessage, render_answer, render_digest, render_text
from bot.domain.digests.compose import Observed
from bot.domain.digests.digest import Digest
from bot.domain.releases import key_of, releases_of
from bot.queries.base import Answer, FollowUp
from bot.render.sections import Section
from bot.services.ports import CommandButton
from tests.builders import a_repository, a_tag, paris
from tests.chats.contract.world import without_joiners
from tests.chats.matrix.fake.rules import faults, is_too_large
from tests.examples import part_of
from tests.render.digests import SLIDE_DAY, composed, digests, dirac_digest

SHOWN = """\
7 patch releases of DIRAC (v7r0: 3, v7r1: 4); 2 pre-releases; 1 earlier release; 1 of 2 repositories not checked
22 Jan to 22 Feb 2021 14:00 (Europe/Paris)

DIRAC: 7 patch releases

• 3 of v7r0: v7r0p47 (3 Feb), v7r0p48 (8 Feb), v7r0p49 (15 Feb)
• 4 of v7r1: v7r1p27 (3 Feb), v7r1p28 (8 Feb), v7r1p29 (15 Feb), v7r1p30 (20 Feb)
• 2 pre-releases: v7r2-pre33 (8 Feb), v7r2-pre34 (15 Feb)
• newest: v7r2-pre34, v7r1p30, v7r0p49, v6r22p35
"""


def of_one_day(count: int, name: str = "v7r0p{}") -> Digest:
    """A digest of so many patch releases of one repository."""
    repository = a_repository()
    tags = [a_tag(name.format(number), paris("2021-02-15T20:19")) for number in range(1, count + 1)]
    return composed([Observed(repository, releases_of(repository, tags), polled_at=SLIDE_DAY.end)])


def messages(digest: MatrixDigest) -> list[MatrixMessage]:
    return [digest.first, *digest.replies]


def wrong_with(message: MatrixMessage) -> list[str]:
    """What clients would not show, or a homeserver not take, with all that an event has beside its words."""
    content = message_content(message.plain, message.html, "m.notice")
    event: Any = {"content": content, "sender": "@" + "x" * 254, "room_id": "!" + "x" * 254, "type": "m.room.message"}
    return [*faults(content), *(["too large"] if is_too_large(event | {"key": "x" * 2_000}) else [])]


def test_a_digest_has_its_number_first_then_the_interval_and_its_releases_as_links() -> None:
    first = render_digest(dirac_digest()).first
    assert without_joiners(first.plain).startswith(SHOWN)
    link = 'href="https://github.example/DIRACGrid/DIRAC/releases/tag/v7r0p47">v7r0p47</a>'
    assert link in first.html
    assert first.html.startswith("<h4>7 patch releases of DIRAC")
    assert wrong_with(first) == []


def test_what_does_not_fit_goes_into_the_thread_and_every_release_is_named_once() -> None:
    digest = of_one_day(900)
    made = render_digest(digest)
    assert made.replies
    assert (made.unnamed, [wrong_with(each) for each in messages(made) if wrong_with(each)]) == (frozenset(), [])
    named = re.findall(r"(?<=[ ,])v7r0p\d+(?=[ ,]|$)", "\n".join(each.plain for each in messages(made)), re.MULTILINE)
    assert {*named} == {each.version for each in digest.news}
    assert "in the thread" in made.first.plain
    assert sorted(key for each in messages(made) for key in each.named) == sorted(map(key_of, digest.news))


def test_what_does_not_fit_into_ten_replies_is_counted_and_left_to_the_next_digest() -> None:
    long = of_one_day(800)
    late = [replace(each, version=f"{each.version}-{'x' * 900}") for each in long.news]
    digest = replace(composed([Observed(a_repository(), [], polled_at=SLIDE_DAY.end)]), late=tuple(late))
    made = render_digest(digest)
    assert (len(made.replies), [wrong_with(each) for each in messages(made) if wrong_with(each)]) == (10, [])
    [count] = re.findall(r"and ([0-9,]+) more releases, named in the next digest", made.replies[-1].plain)
    assert int(count.replace(",", "")) == len(made.unnamed) > 0


def test_changes_are_a_list_within_that_of_their_release() -> None:
    answer = Answer("2 releases", (Section("v7r0", ("one", "its change", "two"), depths=(0, 1, 0)),))
    message = render_answer(lambda _: answer)
    assert message.html == ("<p>2 releases</p><p>v7r0</p><ul><li>one<ul><li>its change</li></ul></li><li>two</li></ul>")
    assert message.plain == "2 releases\n\nv7r0\n\n• one\n    ◦ its change\n• two"


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=part_of(60))
@given(digests())
def test_matrix_takes_every_digest_and_nothing_in_it_works_but_its_own_links(digest: Digest) -> None:
    made = render_digest(digest)
    for each in messages(made):
        assert wrong_with(each) == []
        assert "@room" not in each.plain
        for address in re.findall(r'href="([^"]*)"', each.html):
            assert address.startswith(("https://github.example/", "https://forge.example/"))


def test_a_hostile_line_is_cut_as_text_and_never_within_markup() -> None:
    line = f'<a href="https://github.example/{"x" * 20_000}">{"&lt;" * 9_000}</a>'
    message = render_answer(lambda markup: Answer(markup.strong("x"), (Section("", (line,)),)))
    assert wrong_with(message) == []
    assert message.plain.endswith("<…")


def test_an_answer_that_does_not_fit_says_how_much_is_left() -> None:
    lines = tuple(f"line {number} {'x' * 90}" for number in range(2_000))
    message = render_answer(lambda _: Answer("2,000 lines", (Section("", lines),), ("a note",)))
    assert wrong_with(message) == []
    assert "more lines that do not fit in a message; ask for a shorter period" in message.plain
    assert message.plain.endswith("a note")


def test_an_answer_names_the_question_for_the_whole_list_and_links_its_page() -> None:
    follow_ups = (FollowUp("List all 34", "list all of <v7r0>"), FollowUp("By month", "by month"))
    answer = Answer("34 releases", (), ("a note",), follow_ups, "https://releases.example/search?q=x")
    message = render_answer(lambda _: answer)
    assert message.plain == "34 releases\n\nList all 34: “list all of <v7r0>”; a note\nOn the web"
    assert wrong_with(message) == []


def test_a_line_with_a_button_elsewhere_names_its_command() -> None:
    button = CommandButton("• a hackathon", "Accept", "Accept it", "accept v7r2 2021-01-07")
    assert render_text("For you:\n• a hackathon", [button]).plain == (
        "For you:\n• a hackathon; or write to me: accept v7r2 2021-01-07"
    )


@pytest.mark.parametrize("character", ["版", "🚀", '"', "<", "\x01"])
def test_a_long_text_of_any_script_fits_into_an_event(character: str) -> None:
    long = character * 30_000
    answer = render_answer(lambda markup: Answer(markup.plain(long), (Section("", (markup.plain(long),)),), (long,)))
    for each in (render_text(long), answer):
        assert is_too_large({"content": message_content(each.plain, each.html, "m.notice")}) is False
