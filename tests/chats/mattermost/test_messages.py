"""Digests and answers as Mattermost's posts: readable, whole, and never longer than Mattermost takes."""

from hypothesis import HealthCheck, given, settings
from markdown_it import MarkdownIt

from bot.chats.mattermost.messages import MattermostMessage, render_answer, render_digest, render_text
from bot.domain.digests.digest import Digest
from bot.domain.releases import key_of
from bot.queries.base import Answer, FollowUp
from bot.render.sections import Section
from bot.services.ports import CommandButton
from tests.chats.contract.mattermost import plain
from tests.chats.mattermost.fake.state import LONGEST_MESSAGE
from tests.examples import part_of
from tests.render.digests import digests, dirac_digest, huge_digest, quiet_digest

_READER = MarkdownIt("commonmark")
BEGINS = """\
7 patch releases of DIRAC (v7r0: 3, v7r1: 4); 2 pre-releases; 1 earlier release; 1 of 2 repositories not checked
22 Jan to 22 Feb 2021 14:00 (Europe/Paris)

DIRAC: 7 patch releases
- 3 of v7r0: v7r0p47 (3 Feb), v7r0p48 (8 Feb), v7r0p49 (15 Feb)
- 4 of v7r1: v7r1p27 (3 Feb), v7r1p28 (8 Feb), v7r1p29 (15 Feb), v7r1p30 (20 Feb)
"""


def texts(message: MattermostMessage) -> list[str]:
    return [message.text, *(each.text for each in message.replies)]


def named(message: MattermostMessage) -> frozenset[object]:
    return frozenset(key for reply in message.replies for key in reply.named)


def links(text: str) -> list[str]:
    tokens = [child for token in _READER.parse(text) for child in token.children or []]
    return [str(each.attrs["href"]) for each in tokens if each.type == "link_open"]


def test_a_digest_has_its_number_first_then_the_interval_and_the_releases() -> None:
    message = render_digest(dirac_digest(), with_buttons=True)
    assert plain(message.text).startswith(BEGINS)
    assert plain(message.text).endswith(
        "_Counts patch releases; two tags of one version count once. Dates: release published, else commit._"
    )
    assert [each.label for each in message.buttons] == ["List them", "By series", "Last month"]
    assert render_digest(dirac_digest()).buttons == ()
    assert "https://github.example/DIRACGrid/DIRAC/releases/tag/v7r1p29" in links(message.text)


def test_a_quiet_digest_says_so() -> None:
    assert plain(render_digest(quiet_digest()).text).startswith("No patch releases of DIRAC\n")


def test_a_long_digest_goes_on_in_its_thread_and_names_every_release() -> None:
    digest = huge_digest(40, 120)
    message = render_digest(digest)
    assert message.replies
    assert "in the thread" in message.text
    assert max(map(len, texts(message))) <= LONGEST_MESSAGE
    whole = "\n".join(map(plain, texts(message)))
    unnamed = [each for each in digest.news if key_of(each) not in message.unnamed and each.version not in whole]
    assert unnamed == []


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=part_of(60))
@given(digests())
def test_no_text_of_a_forge_is_more_than_text(digest: Digest) -> None:
    message = render_digest(digest)
    assert max(map(len, texts(message))) <= LONGEST_MESSAGE
    for text in texts(message):
        assert all(each.startswith(("https://github.example/", "https://forge.example/")) for each in links(text))
        assert not any(token.type.startswith(("html", "fence", "code_block", "table")) for token in _READER.parse(text))


def test_an_answer_that_is_too_long_loses_its_links_and_then_its_end() -> None:
    lines = tuple(f"v7r0p{number}" for number in range(2_500))
    section = Section("", lines, (1,) * len(lines), tuple(((("x", line)),) for line in lines))
    answer = Answer(
        "2500 releases", (section,), ("as of now",), (FollowUp("By month", "by month"),), "https://x.example/q"
    )

    message = render_answer(lambda _: answer)
    assert len(message.text) <= LONGEST_MESSAGE
    assert "that do not fit in a message" in message.text
    assert message.text.endswith("_as of now_\n[On the web](https://x.example/q)")
    assert [(each.label, each.words) for each in message.buttons] == [("By month", "by month")]


def test_a_text_to_one_person_has_its_commands_as_buttons() -> None:
    button = CommandButton("• possible hackathon", "Accept", "Accept the hackathon of v7r2", "accept v7r2")
    message = render_text("For you:\n• possible hackathon\n- [x](https://evil.example)", [button])
    assert message.text == "For you:\n- possible hackathon\n- \\[x\\](https:\u2060//evil.example)"
    assert [(each.label, each.words) for each in message.buttons] == [("Accept the hackathon of v7r2", "accept v7r2")]
