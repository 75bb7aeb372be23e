"""The app's manifest asks for what the bot uses, and no more."""

import re
from pathlib import Path

from bot.chats.slack.client import SCOPES
from bot.chats.slack.listener import COMMAND, EVENTS

MANIFEST = (Path(__file__).parents[3] / "config" / "slack-manifest.yaml").read_text(encoding="utf-8")


def listed(key: str) -> list[str]:
    """Read the list under a key: the manifest is YAML of the plainest kind."""
    found = re.search(rf"^( *){key}:\n((?:\1  - .*\n)+)", MANIFEST, re.MULTILINE)
    assert found is not None
    return [line.strip().removeprefix("- ") for line in found[2].splitlines()]


def test_the_manifest_subscribes_to_the_events_that_are_listened_to() -> None:
    assert listed("bot_events") == list(EVENTS)


def test_the_manifest_asks_for_the_scopes_that_are_needed() -> None:
    assert listed("bot") == list(SCOPES)


def test_the_manifest_names_the_command() -> None:
    assert re.findall(r"command: (\S+)", MANIFEST) == [COMMAND]


def test_the_manifest_needs_no_public_address() -> None:
    assert "socket_mode_enabled: true" in MANIFEST
    assert "request_url" not in re.sub(r"#.*", "", MANIFEST)
