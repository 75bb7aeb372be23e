"""The configuration by environment variables, with a file or without one."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config.environment import NO_FILE
from bot.config.errors import ConfigErrors
from bot.config.load import find, load
from bot.config.models import Settings
from tests.config.files import BASE, DIGEST, settings


def by_variables(**keys: str) -> Settings:
    return load(NO_FILE, {f"RELEASE_BOT_{key}": value for key, value in keys.items()})


def lines(**keys: str) -> list[str]:
    with pytest.raises(ConfigErrors) as raised:
        by_variables(**keys)
    return [str(error) for error in raised.value.errors]


def test_without_a_file_variables_alone_are_the_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert find(None, {"RELEASE_BOT_TIME_ZONE": "UTC"}) == NO_FILE
    made = by_variables(
        TIME_ZONE="Europe/Paris",
        POLL__EVERY="5m",
        POLL__SHARE="0.2",
        FORGES__GITHUB__KIND="github",
        FORGES__GITHUB__REQUESTS_PER_MINUTE="100",
        REPOSITORIES='[{forge = "github", path = "DIRACGrid/DIRAC"}]',
        CHATS__CERN__KIND="mattermost",
        CHATS__CERN__BASE_URL="https://mattermost.example.org",
        CHATS__CERN__KEEP_REFUSED_QUESTIONS="False",
        CHATS__CERN__MAINTAINERS='["jdoe"]',
    )
    assert (str(made.time_zone), made.poll.every.text, made.poll.share) == ("Europe/Paris", "5m", 0.2)
    assert made.forges["github"].requests_per_minute == 100
    assert [each.key for each in made.repositories] == ["github:DIRACGrid/DIRAC"]
    chat = made.chats["cern"]
    assert (chat.keep_refused_questions, chat.maintainers) == (False, ["jdoe"])
    assert made.database_location.file == tmp_path / "release-bot.db"


def test_a_file_is_found_before_the_environment_stands_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert find(None, {}) == Path("config/bot.toml")
    # What Kubernetes sets for a service is no configuration.
    assert find(None, {"RELEASE_BOT_PORT": "tcp://10.0.0.1:80", "RELEASE_BOT_TIME_ZONE": " "}) == Path(
        "config/bot.toml"
    )
    Path("bot.toml").touch()
    assert find(None, {"RELEASE_BOT_TIME_ZONE": "UTC"}) == Path("bot.toml")


def test_variables_replace_the_files_keys_and_no_others(tmp_path: Path) -> None:
    variables = {
        "RELEASE_BOT_FORGES__GITHUB__TOKEN_ENV": "OTHER_TOKEN",
        "RELEASE_BOT_DIGESTS__0__CHANNEL": "#other",
        "RELEASE_BOT_REPOSITORIES__1__FORGE": "github",
        "RELEASE_BOT_REPOSITORIES__1__PATH": "2020/2021",
        "RELEASE_BOT_REPOSITORIES__1__TAGS__EXCLUDE": "[0-9]$",
    }
    made = settings(BASE + DIGEST, tmp_path, **variables)
    assert (made.forges["github"].kind, made.forges["github"].token_env) == ("github", "OTHER_TOKEN")
    [digest] = made.digests
    assert (digest.name, digest.channel) == ("weekly", "#other")
    assert [each.path for each in made.repositories] == ["DIRACGrid/DIRAC", "2020/2021"]
    assert made.repositories[1].tags.exclude is not None


def test_a_list_takes_json_too() -> None:
    made = by_variables(FORGES='{"git.example.org": {"kind": "git", "base_url": "https://git.example.org"}}')
    assert made.forges.keys() == {"git.example.org"}


@pytest.mark.parametrize(
    ("keys", "error"),
    [
        ({"TIME_ZONE": "Europe/Pari"}, '$RELEASE_BOT_TIME_ZONE: invalid time zone "Europe/Pari"; did you mean'),
        ({"TIMEZONE": "UTC"}, "$RELEASE_BOT_TIMEZONE: unknown variable; did you mean $RELEASE_BOT_TIME_ZONE?"),
        ({"POLL__EVRY": "5m"}, '$RELEASE_BOT_POLL__EVRY: unknown key "evry"; did you mean every?'),
        ({"POLL__SHARE": "much"}, "$RELEASE_BOT_POLL__SHARE: "),
        ({"POLL": "{every"}, "$RELEASE_BOT_POLL: neither TOML nor JSON; write the value as in the file"),
        ({"DIGESTS": "[" * 9_000}, "$RELEASE_BOT_DIGESTS: neither TOML nor JSON; "),
        ({"POLL": "{every = '1m'}\nshare = 1"}, "$RELEASE_BOT_POLL: neither TOML nor JSON; "),
        ({"FORGES__X__BASE_URL": "https://x.org"}, "$RELEASE_BOT_FORGES__X__KIND: missing key; "),
        (
            {"REPOSITORIES": '[{forge = "github", path = "a/b"}]'},
            '$RELEASE_BOT_REPOSITORIES: repositories[0] (a/b).forge: unknown forge "github"; ',
        ),
        (
            {"REPOSITORIES__1__PATH": "a/b"},
            "$RELEASE_BOT_REPOSITORIES__1__PATH: no place for this key; entries are numbered from 0 without gaps; ",
        ),
        ({"TIME_ZONE__X": "UTC"}, "$RELEASE_BOT_TIME_ZONE__X: expected a string, got a table"),
        (
            {"POLL__EVERY": "5m", "POLL": "{share = 0.1}"},
            "$RELEASE_BOT_POLL__EVERY: $RELEASE_BOT_POLL sets the whole of poll already; set one of the two",
        ),
        (
            {"FORGES__GITHUB__KIND": "github", "FORGES__GITHUB__TOKEN_ENV": "ghp_0123456789abcdefghij0123456789abcdef"},
            "$RELEASE_BOT_FORGES__GITHUB__TOKEN_ENV: invalid name of an environment variable (not shown, ",
        ),
    ],
)
def test_a_mistake_names_its_variable(keys: dict[str, str], error: str) -> None:
    [line] = lines(**keys)
    assert line.startswith(error)


def test_mistakes_in_file_and_variables_are_told_in_one_go(tmp_path: Path) -> None:
    with pytest.raises(ConfigErrors) as raised:
        settings(f'colour = "blue"\n{BASE}', tmp_path, RELEASE_BOT_POLL__EVERY="soon", RELEASE_BOT_COLOUR="red")
    told = [str(error) for error in raised.value.errors]
    assert [line.partition(": ")[0] for line in told] == [
        str(tmp_path / "bot.toml"),
        "$RELEASE_BOT_POLL__EVERY",
        "$RELEASE_BOT_COLOUR",
    ]


_NAMES = st.from_regex(r"\A(POLL|FORGES|CHATS|REPOSITORIES|DIGESTS|X)(__(GITHUB|0|1|999|KIND|EVERY)){0,3}\Z")
_VALUES = st.one_of(
    st.sampled_from(["[{}]", "{}", "[1]", "0", "true", "[[]]", '{"a": null}', "github", "5m"]),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20),
)


@given(st.dictionaries(_NAMES, _VALUES, max_size=4))
def test_any_variables_are_settings_or_mistakes(keys: dict[str, str]) -> None:
    where = list[str]()
    try:
        by_variables(**keys)
    except ConfigErrors as error:
        where = [each.where for each in error.errors]
    assert all("RELEASE_BOT_" in each for each in where)
