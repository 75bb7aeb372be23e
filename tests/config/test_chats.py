"""Several chats, each by a name, which digests' channels and people's ids have before them."""

from pathlib import Path
from typing import Any

import pytest

from bot.config.load import show
from bot.config.models import Settings
from bot.config.secrets import token_variables
from tests.config.files import BASE, DIGEST, PLACE, mistakes, settings

OTHER = (
    '[chats.other]\nkind = "slack"\nbot_token_env = "OTHER_BOT"\napp_token_env = "OTHER_APP"\nmaintainers = ["U012"]\n'
)


def channels(made: Settings) -> tuple[str, ...]:
    return made.channels_of(made.digests[0])


def digest_to(*named: str) -> str:
    first, *also = named
    return DIGEST.replace('"#c"', f'"{first}"') + (f"also = {also}\n" if also else "")


def test_slack_is_the_short_form_of_chats_slack(tmp_path: Path) -> None:
    keys = 'bot_token_env = "BOT"\nmaintainers = ["U012"]\n'
    short, long = (settings(text + keys, tmp_path) for text in ("[slack]\n", '[chats.slack]\nkind = "slack"\n'))
    [(name, chat)] = short.configured_chats.items()
    assert (name, chat.table) == ("slack", "slack")
    [(name, other)] = long.configured_chats.items()
    assert (name, other.table) == ("slack", "chats.slack")
    assert chat.keys.bot_token_env == other.keys.bot_token_env == "BOT"
    assert chat.keys.http_address == other.keys.http_address == ("127.0.0.1", 3000)
    assert short.maintainers == long.maintainers == ("slack:U012",)


def test_both_forms_in_one_file_are_a_mistake_that_names_both(tmp_path: Path) -> None:
    assert mistakes('[slack]\n[chats.slack]\nkind = "slack"\n', tmp_path) == [
        "chats.slack: Slack is configured twice: [slack] is the short form of [chats.slack]; remove one of the two"
    ]


@pytest.mark.parametrize("kind", ["mattermost", "matrix"])
def test_a_kind_that_is_not_supported_yet_is_one_line(tmp_path: Path, kind: str) -> None:
    text = f'[chats.cern]\nkind = "{kind}"\ntoken_env = "TOKEN"\nmaintainers = ["jdoe"]\n'
    assert mistakes(text, tmp_path) == [
        (
            f'chats.cern: chat kind "{kind}" is not supported yet; '
            f"to post digests to {kind.capitalize()}, use a [places.NAME] table (docs/PLACES.md)"
        )
    ]


def test_a_channel_names_its_chat(tmp_path: Path) -> None:
    made = settings(BASE + OTHER + digest_to("other:#c", "slack:#c", "other:C0123", "#d"), tmp_path)
    assert channels(made) == ("other:#c", "#c", "other:C0123", "#d")
    assert list(made.configured_chats) == ["slack", "other"], "Slack is there for the channels that name no other chat"


def test_the_colon_after_what_is_no_chat_is_the_channels_own(tmp_path: Path) -> None:
    assert channels(settings(BASE + digest_to("#a:b"), tmp_path)) == ("#a:b",)


def test_slack_is_no_chat_where_all_others_are_named(tmp_path: Path) -> None:
    made = settings(BASE + OTHER + PLACE + digest_to("other:#c", "mattermost"), tmp_path)
    assert list(made.configured_chats) == ["other"]
    assert "slack" not in show(made, {})


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (digest_to("#c", "slack:#c"), 'digests[0] (weekly).also[0]: duplicate channel "slack:#c"; remove one'),
        (
            digest_to("other:#c") + digest_to("other:#c"),
            (
                'digests[1] (weekly): digest "weekly" is already posted to "other:#c" by digests[0]; '
                "give each digest of a channel a unique name"
            ),
        ),
        (
            '[chats.third]\nkind = "slack"\nbot_token_env = "OTHER_BOT"\nlisten = "http"\n',
            (
                'chats.third.bot_token_env: variable "OTHER_BOT" is already used by [chats.other]; '
                "use a different variable for each chat"
            ),
        ),
        (
            '[chats.third]\nkind = "slack"\nbot_token_env = "THIRD_BOT"\n' + digest_to("#c"),
            (
                'chats.third.app_token_env: variable "SLACK_APP_TOKEN" is already used by [slack]; '
                "use a different variable for each chat"
            ),
        ),
        (
            '[chats."a:b"]\nkind = "slack"\nbot_token_env = "AB"\nlisten = "http"\n',
            (
                'chats."a:b": invalid chat name "a:b"; use letters, digits, dots, - and _, and not a Slack channel id; '
                "example: [chats.dirac]"
            ),
        ),
    ],
)
def test_each_mistake_is_one_line(tmp_path: Path, text: str, line: str) -> None:
    assert mistakes(BASE + OTHER + text, tmp_path) == [line]


def test_the_secrets_of_every_chat_are_known_and_shown_masked(tmp_path: Path) -> None:
    made = settings(OTHER + "[slack]\n", tmp_path)
    assert {"OTHER_BOT", "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"} <= {*token_variables(made)}
    shown: dict[str, Any] = show(made, {"OTHER_BOT": "xoxb-s3cret"})
    assert (shown["chats"]["other"]["bot_token"], shown["slack"]["bot_token"]) == ("***", "not set")
