"""A digest as Block Kit: readable, and never more than Slack takes."""

import re

from hypothesis import HealthCheck, given, settings

from bot.domain.digests import Digest
from bot.slack.blocks import render_digest
from tests.render.digests import digests, dirac_digest, huge_digest, quiet_digest
from tests.slack.fake_slack import troubles


def shown(digest: Digest) -> str:
    blocks = render_digest(digest).blocks
    texts = [block["text"]["text"] if "text" in block else block["elements"][0]["text"] for block in blocks]
    return "\n---\n".join(texts)


def test_a_digest_has_its_number_first_then_the_interval_and_the_releases_as_links() -> None:
    message = render_digest(dirac_digest())
    assert message.text == (
        "7 patch releases of DIRAC (v7r0 3, v7r1 4); 2 pre-releases - 22 Jan to 22 Feb 2021 14:00 (Europe/Paris)"
    )
    header, interval, dirac, *_ = shown(dirac_digest()).split("\n---\n")
    assert header == "7 patch releases of DIRAC (v7r0 3, v7r1 4); 2 pre-releases"
    assert interval == "22 Jan to 22 Feb 2021 14:00 (Europe/Paris)"
    assert dirac.startswith("*DIRAC*: 7 patch releases\n• v7r0 3: <https://github.example/DIRACGrid/DIRAC/")
    assert "/releases/tag/v7r1p29|v7r1p29> (15 Feb)" in dirac


def test_slack_takes_a_quiet_digest() -> None:
    message = render_digest(quiet_digest())
    assert troubles(message.text, message.blocks) == ""


def test_a_digest_that_is_too_long_is_cut_with_a_count() -> None:
    message = render_digest(huge_digest(120, 2000))
    assert troubles(message.text, message.blocks) == ""
    assert len(message.blocks) == 50
    assert re.search(
        r"[0-9,]+ more lines left out here; all of it: release-bot digest monthly", shown(huge_digest(120))
    )


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(digests())
def test_slack_takes_every_digest_and_nothing_in_it_works_but_its_own_links(digest: Digest) -> None:
    message = render_digest(digest)
    assert troubles(message.text, message.blocks) == ""
    own_links = r"<https?://[^<>|]+\|[^<>]*>"
    for block in message.blocks[1:]:
        text = block["text"]["text"] if "text" in block else block["elements"][0]["text"]
        assert not set(re.sub(own_links, "", text)) & {"<", ">"}
