"""A digest as Block Kit: readable, and never more than Slack takes."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings

from bot.chats.slack.blocks import SlackMessage, render_digest
from bot.domain.certification.certification import Certification, Move
from bot.domain.certification.hints import Hint, PullRequest
from bot.domain.certification.milestones import Milestone
from bot.domain.digests.compose import Observed
from bot.domain.digests.digest import CertificationDigest, Digest, Problem
from bot.domain.releases import key_of, releases_of
from tests.builders import a_repository, a_tag, paris
from tests.chats.slack.fake_slack import texts_of, troubles
from tests.render.digests import SLIDE_DAY, composed, digests, dirac_digest, huge_digest, quiet_digest

# [v7r1p29] stands for the link to the page of that tag.
SHOWN = """\
7 patch releases of DIRAC (v7r0: 3, v7r1: 4); 2 pre-releases; 1 earlier release; 1 of 2 repositories not checked
---
22 Jan to 22 Feb 2021 14:00 (Europe/Paris)
---
*<https://github.example/DIRACGrid/DIRAC|DIRAC>*: 7 patch releases
• 3 of v7r0: [v7r0p47] (3 Feb), [v7r0p48] (8 Feb), [v7r0p49] (15 Feb)
• 4 of v7r1: [v7r1p27] (3 Feb), [v7r1p28] (8 Feb), [v7r1p29] (15 Feb), [v7r1p30] (20 Feb)
• 2 pre-releases: [v7r2-pre33] (8 Feb), [v7r2-pre34] (15 Feb)
• newest: [v7r2-pre34], [v7r1p30], [v7r0p49], [v6r22p35]
---
• No releases: Pilot
---
*Added after an earlier digest*
• DIRACGrid/DIRAC [v7r1p26] dated 20 Jan, found 2 Feb
---
• 1 release may belong to the other side of a period's edge: DIRACGrid/DIRAC [v7r1p26] \
(commit 20 Jan, tag first seen 2 Feb)
---
*Moved tags*
• DIRACGrid/DIRAC v7r2-pre3: from 76377232 to 99999999, noticed 10 Feb
---
*Deleted tags*
• DIRACGrid/DIRAC v8.1.0a1: deleted, noticed 10 Feb
---
*Incomplete data*
• DIRACGrid/DIRAC: not checked since 2021-02-22 08\u2060:\u206000: GitHub answered 502
---
Counts patch releases; two tags of one version count once. Dates: release published, else commit."""


def shown(digest: Digest) -> str:
    return "\n---\n".join(text for block in render_digest(digest).blocks for text in texts_of(block))


def whole(digest: Digest) -> str:
    """The first message, and the replies in its thread."""
    message = render_digest(digest)
    blocks = [*message.blocks, *(block for reply in message.replies for block in reply.blocks)]
    texts = [text for block in blocks for text in texts_of(block)]
    return "\n---\n".join(texts)


def refused(message: SlackMessage) -> list[str]:
    """What Slack would say against a message and its replies."""
    found = [troubles(message.text, message.blocks), *(troubles(each.text, each.blocks) for each in message.replies)]
    return [each for each in found if each]


def test_a_digest_has_its_number_first_then_the_interval_and_all_there_is_to_tell() -> None:
    tag = re.compile(r"<https://github\.example/DIRACGrid/DIRAC/releases/tag/([^|]*)\|\1>")
    assert tag.sub(r"[\1]", shown(dirac_digest())) == SHOWN


def test_a_notification_begins_with_the_number_and_the_interval() -> None:
    headline, interval, *_ = render_digest(dirac_digest()).text.splitlines()
    assert headline == (
        "7 patch releases of DIRAC (v7r0: 3, v7r1: 4); 2 pre-releases; 1 earlier release; "
        "1 of 2 repositories not checked"
    )
    assert interval == "22 Jan to 22 Feb 2021 14:00 (Europe/Paris)"


def test_slack_takes_a_quiet_digest() -> None:
    message = render_digest(quiet_digest())
    assert troubles(message.text, message.blocks) == ""


def named_in(digest: Digest) -> set[str]:
    """The releases that a thread names, each after its repository's name."""
    words = set(re.findall(r"(?<![\w.])[\w.-]+", whole(digest)))
    return {f"{release.repository} {release.version}" for release in digest.news if release.version in words}


def of_one_day(count: int) -> Digest:
    """A digest of so many patch releases of one repository."""
    repository = a_repository()
    tags = [a_tag(f"v7r0p{number}", paris("2021-02-15T20:19")) for number in range(1, count + 1)]
    return composed([Observed(repository, releases_of(repository, tags), polled_at=SLIDE_DAY.end)])


def test_a_digest_that_is_too_long_is_cut_with_a_count_of_the_releases_left_out() -> None:
    repository = a_repository()
    tags = [a_tag(f"v7r0p{number}", paris("2021-01-05T20:19"), backfilled=False) for number in range(500)]
    late = [replace(each, version=f"{each.version}-{'x' * 300}") for each in releases_of(repository, tags)]
    digest = replace(composed([Observed(repository, [], polled_at=SLIDE_DAY.end)]), late=tuple(late))
    message = render_digest(digest)
    assert (refused(message), len(message.replies)) == ([], 10)
    [left_out] = re.findall(
        r"^and ([0-9,]+) more releases, named in the next digest; full digest: release-bot digest monthly$",
        whole(digest),
        re.MULTILINE,
    )
    assert len(message.unnamed) == int(left_out.replace(",", "")) < len(digest.news)
    named = {f"{each.repository} {each.version}" for each in digest.news if key_of(each) not in message.unnamed}
    assert named <= named_in(digest)


def test_what_does_not_fit_into_a_message_goes_into_its_thread_with_its_links_and_dates() -> None:
    digest = of_one_day(500)
    message = render_digest(digest)
    assert (message.unnamed, refused(message)) == (frozenset(), [])
    assert len(named_in(digest)) == len(re.findall(r"\|v7r0p\d+> \(15 Feb\)", whole(digest))) == 500
    named = [
        set(re.findall(r"\|(v7r0p\d+)>", str(each)))
        for each in (message.blocks, *(reply.blocks for reply in message.replies))
    ]
    assert sum(map(len, named)) == len(set.union(*named)) == 500
    versions = {key_of(release): release.version for release in digest.news}
    assert [{versions[key] for key in reply.named} for reply in message.replies] == named[1:]
    assert f"{500 - len(named[0])} more releases in the thread" in shown(digest)
    assert message.replies[0].blocks[0]["text"]["text"].splitlines()[0].endswith("500 patch releases, continued")
    assert "full digest" not in whole(digest)
    # A screen reader reads the text: it names in each message what its blocks name.
    assert all(version in reply.text for reply, own in zip(message.replies, named[1:], strict=True) for version in own)


def test_every_release_is_named_by_its_name_alone_where_more_does_not_fit_into_the_thread() -> None:
    digest = of_one_day(2_000)
    message = render_digest(digest)
    assert (message.unnamed, refused(message)) == (frozenset(), [])
    assert "• 2,000 patch releases: v7r0p1, v7r0p2, " in shown(digest)
    assert len(named_in(digest)) == 2_000


def test_a_line_of_long_links_goes_over_several_lines_and_is_not_cut() -> None:
    repository = a_repository("x" * 100 + "/DIRAC")
    tags = [a_tag(f"v7r0p{number}", paris("2021-02-15T20:19")) for number in range(1, 26)]
    text = shown(composed([Observed(repository, releases_of(repository, tags), polled_at=SLIDE_DAY.end)]))
    assert len(re.findall(r"\|v7r0p\d+> \(15 Feb\)", text)) == 25
    assert "• v7r0, continued: " in text
    assert "…" not in text


@pytest.mark.long
def test_many_late_releases_are_named_or_known_to_be_missing() -> None:
    repository = a_repository("some-group/" + "long-name-" * 4)
    tags = [a_tag(f"v7r{n}-pre{n}", paris("2021-01-05T20:19"), backfilled=False) for n in range(2_000)]
    found = tuple(releases_of(repository, tags))
    digest = replace(composed([Observed(repository, [], polled_at=SLIDE_DAY.end)]), late=found)
    message = render_digest(digest)
    assert refused(message) == []
    assert len(named_in(digest)) + len(message.unnamed) == len(found) == 2_000


@pytest.mark.long
def test_problems_are_told_however_many_releases_there_are() -> None:
    digest = replace(huge_digest(120, 2000), problems=(Problem("github:x/y", "could not be polled"),))
    assert "*Incomplete data*\n• x/y: could not be polled" in shown(digest)


def test_what_else_there_is_to_tell_leaves_room_for_the_releases() -> None:
    many = tuple(Problem(f"github:x/{number}", "long " * 60) for number in range(400))
    digest = replace(huge_digest(1, 286), problems=many)
    message = render_digest(digest)
    assert (refused(message), message.unnamed) == ([], frozenset())
    assert len(set(re.findall(r"\|(v[\w.]+)> \(21 Feb\)", shown(digest)))) > 20
    assert re.search(r" more lines in the thread$", shown(digest), re.MULTILINE)


def test_a_link_that_is_too_long_for_a_section_is_left_whole_or_away() -> None:
    digest = dirac_digest()
    far = [replace(release, url="https://x.example/" + "a" * 4000) for release in digest.repositories[0].releases]
    part = replace(digest.repositories[0], releases=tuple(far), latest=())
    digest = replace(digest, repositories=(part,))
    assert troubles("x", render_digest(digest).blocks) == ""
    assert "x.example" not in shown(digest)
    assert "• 3 of v7r0: …" in shown(digest)


def test_a_hostile_tag_mentions_nobody_links_nowhere_and_formats_nothing() -> None:
    repository = a_repository()
    names = ["<!channel>", "@here", "*bold*", "`x`", "<https://evil.example|v7r1>", "\u202egpj.exe", "\x1b[2J"]
    error = f"the forge says: {', '.join(names)}"
    text = shown(composed([Observed(repository, [], (), polled_at=SLIDE_DAY.end, renamed=error)]))
    assert (
        "• DIRACGrid/DIRAC: the forge says: &lt;!channel&gt;, \u2060@\u2060here, \u2060*\u2060bold\u2060*\u2060, "
        "\u2060`\u2060x\u2060`\u2060, "
        "&lt;https://evil.example|v7r1&gt;, \ufffdgpj.exe, \ufffd[2J\n"
    ) in text + "\n"


def test_slack_is_told_to_make_no_links_and_mentions_of_its_own() -> None:
    for block in render_digest(dirac_digest()).blocks[1:]:
        for text in [block["text"]] if "text" in block else block["elements"]:
            assert text["verbatim"] is True


def test_a_headline_is_shown_without_control_characters() -> None:
    digest = replace(dirac_digest(), headline="1 release of a\x1b[31m\u202eb\n")
    assert shown(digest).startswith("1 release of a\\x1b[31m\\u202eb\\x0a\n---\n")


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(digests())
def test_slack_takes_every_digest_and_nothing_in_it_works_but_its_own_links(digest: Digest) -> None:
    message = render_digest(digest)
    assert troubles(message.text, message.blocks) == ""
    own_links = r"<https?://[^<>|]+\|[^<>]*>"
    for block in message.blocks[1:]:
        for text in texts_of(block):
            assert not set(re.sub(own_links, "", text)) & {"<", ">"}


def test_slack_takes_a_certification_with_everything_in_plenty() -> None:
    days = [date(2021, 1, 1) + timedelta(days=number) for number in range(300)]
    title = "<!channel> *Hackathon* " + "long " * 30
    pull = PullRequest(1, title, "x", datetime(2021, 2, 1, tzinfo=UTC))
    certification = Certification(
        repository="github:DIRACGrid/DIRAC",
        series="v7r2",
        today=date(2021, 2, 22),
        milestones=tuple(Milestone("hackathon", f"{title}{day}", day) for day in days),
        highlights=tuple(f"{title}{day}" for day in days),
        pre_releases=(),
        released=None,
        moves=tuple(Move(title, day, day, datetime(2021, 2, 1, tzinfo=UTC)) for day in days),
        hints=tuple(Hint(day, "hackathon", (pull,)) for day in days),
    )
    part = CertificationDigest(certification, (), certification.moves, certification.milestones)
    message = render_digest(replace(dirac_digest(), certifications=(part,)))
    assert troubles(message.text, message.blocks) == ""
    assert "<!channel>" not in str(message.blocks)
