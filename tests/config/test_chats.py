"""Several chats, each by a name, which digests' channels and people's ids have before them."""

from pathlib import Path
from typing import Any

import pytest

from bot.config.chats import Slack
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
    assert isinstance(chat.keys, Slack)
    assert isinstance(other.keys, Slack)
    assert chat.keys.bot_token_env == other.keys.bot_token_env == "BOT"
    assert chat.keys.http_address == other.keys.http_address == ("127.0.0.1", 3000)
    assert short.maintainers == long.maintainers == ("slack:U012",)


def test_both_forms_in_one_file_are_a_mistake_that_names_both(tmp_path: Path) -> None:
    assert mistakes('[slack]\n[chats.slack]\nkind = "slack"\n', tmp_path) == [
        "chats.slack: Slack is configured twice: [slack] is the short form of [chats.slack]; remove one of the two"
    ]


MATTERMOST = '[chats.cern]\nkind = "mattermost"\nbase_url = "https://mattermost.example.org/chat"\n'
MATRIX = '[chats.home]\nkind = "matrix"\nbase_url = "https://matrix.example.org"\n'


def test_each_kind_of_chat_has_keys_of_its_own(tmp_path: Path) -> None:
    file = MATTERMOST + 'command_token_env = "COMMAND"\nmaintainers = ["JDoe"]\n' + MATRIX
    file += 'maintainers = ["@jdoe:example.org"]\n' + digest_to("cern:diracx/releases", "home:#dirac:example.org")
    made = settings(BASE + file, tmp_path)
    assert [(name, chat.kind, chat.table) for name, chat in made.configured_chats.items()] == [
        ("cern", "mattermost", "chats.cern"),
        ("home", "matrix", "chats.home"),
    ]
    assert made.maintainers == ("cern:jdoe", "home:@jdoe:example.org")
    assert channels(made) == ("cern:diracx/releases", "home:#dirac:example.org")
    assert {"MATTERMOST_TOKEN", "COMMAND", "MATRIX_TOKEN"} <= {*token_variables(made)}
    assert show(made, {"COMMAND": "s3cret"})["chats"]["cern"]["command_token"] == "***"


@pytest.mark.parametrize(
    ("channel", "is_possible"),
    [
        ("cern:diracx/releases", True),
        ("cern:4xp9fdt7mtbi9k4h3p1w8y5y6o", True),
        ("cern:#releases", False),
        ("cern:diracx/Release Notes", False),
        ("home:!abc:example.org", True),
        ("home:#dirac:example.org", True),
        ("home:dirac", False),
    ],
)
def test_a_channel_is_judged_by_the_rules_of_its_chat(tmp_path: Path, channel: str, *, is_possible: bool) -> None:
    chat, _, name = channel.partition(":")
    made = settings(BASE + MATTERMOST + MATRIX, tmp_path)
    assert (made.configured_chats[chat].keys.channel_fault(name) is None) is is_possible


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
        (
            '[chats.cern]\nkind = "mattermost"\n',
            'chats.cern.base_url: missing key; example: base_url = "https://mattermost.example.org"',
        ),
        (
            MATTERMOST + 'tokn_env = "T"\n',
            'chats.cern.tokn_env: unknown key "tokn_env"; did you mean token_env?',
        ),
        (
            MATTERMOST + 'token = "T"\n',
            (
                'chats.cern.token: unknown key "token"; did you mean token_env? '
                "It takes the name of an environment variable, not the secret"
            ),
        ),
        (
            '[chats.cern]\nkind = "zulip"\n',
            'chats.cern: invalid kind "zulip"; must be "slack", "mattermost" or "matrix"',
        ),
        ('[chats.cern]\nbase_url = "https://x.org"\n', 'chats.cern: missing key kind; example: kind = "slack"'),
        ("[chats]\ncern = 3\n", "chats.cern: expected a table, got a number (3); write the keys under [chats.NAME]"),
        (
            '[chats.slack]\nkind = "matrix"\nbase_url = "https://x.org"\n',
            (
                'chats.slack: the name "slack" is kept for a Slack workspace, whose channels need no CHAT:; '
                "give the table another name"
            ),
        ),
        (
            MATRIX + 'maintainers = ["jdoe"]\n',
            'chats.home.maintainers[0]: invalid Matrix user id "jdoe"; example: @jdoe:example.org',
        ),
        (
            MATTERMOST.replace("cern", "a") + MATTERMOST.replace("cern", "b"),
            (
                'chats.b.token_env: variable "MATTERMOST_TOKEN" is already used by [chats.a]; '
                "use a different variable for each chat"
            ),
        ),
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


@pytest.mark.parametrize(
    ("channel", "is_room", "is_person"),
    [
        ("#dirac:example.org", True, False),
        ("!abc:example.org", True, False),
        ("!h2Qo6USJsspFc7_HuqICQ", True, False),
        ("@jdoe:example.org", False, True),
        ("#dirac", False, False),
        ("dirac", False, False),
    ],
)
def test_a_room_of_matrix_is_an_alias_with_its_server_or_an_id(
    tmp_path: Path, *, channel: str, is_room: bool, is_person: bool
) -> None:
    keys = settings(BASE + MATRIX, tmp_path).configured_chats["home"].keys
    assert (keys.channel_fault(channel) is None, keys.is_person(channel)) == (is_room, is_person)
