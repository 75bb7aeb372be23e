"""The file that ``init`` writes: commented, and valid whatever was found and answered."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.config.draft import SCHEDULES, Draft, DraftChat, DraftForge
from bot.config.load import load_text

_NAMES = st.from_regex(r"\A[\w.-]{1,12}\Z").filter(lambda name: name.isprintable())
_PREFIXES = st.text(max_size=8)
_WORDS = st.text(st.characters(codec="utf-8"), max_size=12)


def forge(name: str) -> DraftForge:
    return DraftForge(name, "git", "https://git.example.org/", "GIT_TOKEN", has_token=len(name) % 2 == 0)


@st.composite
def repositories(draw: st.DrawFn, forge_name: str) -> tuple[Mapping[str, Any], str]:
    scheme = draw(st.sampled_from(["dirac", "pep440", "semver", "numbered"]))
    keys = {
        "forge": forge_name,
        "path": draw(st.from_regex(r"\A[a-z]{1,8}/[a-z0-9.]{1,6}[a-z]\Z")),
        "scheme": scheme,
        "prefix": draw(_PREFIXES),
        "other_prefixes": draw(st.lists(_PREFIXES, max_size=2)),
        "counts": draw(st.sampled_from(["patch", "final"])),
    }
    return keys, draw(_WORDS)


@st.composite
def drafts(draw: st.DrawFn) -> Draft:
    name = draw(_NAMES)
    chat = draw(
        st.sampled_from(
            [
                DraftChat(),
                DraftChat("slack", {"bot_token_env": "SLACK_BOT_TOKEN"}, "#releases", "SLACK.md"),
                DraftChat(
                    "chats.matrix", {"kind": "matrix", "base_url": "https://m.org"}, "matrix:#r:m.org", "MATRIX.md"
                ),
                DraftChat("places.mail", {"url_env": "MAIL_URL"}, "mail"),
            ]
        )
    )
    watched = draw(st.lists(repositories(name), max_size=3, unique_by=lambda each: each[0]["path"].rpartition("/")[2]))
    digest = draw(st.sampled_from([*SCHEDULES, None]))
    return Draft(draw(st.sampled_from(["UTC", "Europe/Paris"])), [forge(name)], watched, chat, digest)


@given(drafts())
def test_whatever_is_drafted_loads_as_it_was_meant(draft: Draft) -> None:
    text = draft.text()
    settings = load_text(text, Path("bot.toml"), {})
    assert str(settings.time_zone) == draft.time_zone
    written = [dict(keys) for keys, _ in draft.repositories]
    assert tomllib.loads(text).get("repositories", []) == written
    assert [each.name for each in settings.digests] == [draft.digest] * (draft.digest is not None)
    assert [each.channel for each in settings.digests] == [draft.chat.channel] * (draft.digest is not None)
    assert text == draft.text()


def test_a_token_that_was_not_given_is_a_comment_with_what_it_is_for() -> None:
    github = DraftForge("github", "github", None, "GITHUB_TOKEN")
    lines = Draft("UTC", [github]).text().splitlines()
    [line] = [line for line in lines if "token_env" in line]
    assert line.startswith('# token_env = "GITHUB_TOKEN"')
    assert line.endswith("without one GitHub allows 60 requests an hour")
