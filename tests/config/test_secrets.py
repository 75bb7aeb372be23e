"""Secrets in files: read where the variable itself is not set, and told where they cannot be read."""

from pathlib import Path

import pytest

from bot.app import open_app
from bot.config.errors import ConfigErrors
from tests import keys
from tests.config.files import BASE

WITH_TOKEN = BASE.replace('kind = "github"\n', 'kind = "github"\ntoken_env = "GITHUB_TOKEN"\n')


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("GITHUB_TOKEN", "SLACK_BOT_TOKEN", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    path = tmp_path / "bot.toml"
    path.write_text(WITH_TOKEN)
    return path


def test_a_file_that_a_variable_names_holds_the_secret(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GITHUB_TOKEN", "SLACK_BOT_TOKEN"):
        (config.parent / name).write_text(f" s3cret-{name}\n")
        monkeypatch.setenv(f"{name}_FILE", str(config.parent / name))
    app = open_app(str(config))
    assert set(app.secrets()) == {"s3cret-GITHUB_TOKEN", "s3cret-SLACK_BOT_TOKEN"}
    assert app.chat.missing("#dirac") is None
    assert set(app.files) == {config, config.parent / "GITHUB_TOKEN", config.parent / "SLACK_BOT_TOKEN"}


def test_the_variable_itself_wins(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "s3cret")
    monkeypatch.setenv("GITHUB_TOKEN_FILE", "/nowhere")
    assert open_app(str(config)).secrets() == ("s3cret",)


def test_credentials_of_systemd_are_read_and_those_that_are_missing_are_not_set(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    credential = config.parent / "release-bot.GITHUB_TOKEN"
    credential.write_text("s3cret\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(config.parent))
    app = open_app(str(config))
    assert (app.secrets(), app.set_variables()) == (("s3cret",), frozenset({"GITHUB_TOKEN"}))
    assert app.files == (config, credential)
    for name, value in (("GITHUB_TOKEN_FILE", str(config.parent / "other")), ("GITHUB_TOKEN", "0ther")):
        (config.parent / "other").write_text("0ther")
        monkeypatch.setenv(name, value)
        assert open_app(str(config)).secrets() == ("0ther",)


def test_a_file_may_hold_the_key_of_an_app(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = config.parent / "key.pem"
    file.write_text(keys.private())
    config.write_text(WITH_TOKEN.replace('token_env = "GITHUB_TOKEN"', 'app = { id = 1, key_env = "KEY" }'))
    monkeypatch.setenv("KEY_FILE", str(file))
    app = open_app(str(config))
    assert set(app.secrets()) == set(keys.private().splitlines()[1:-1])
    assert app.set_variables() == frozenset({"KEY"})
    assert app.files == (config, file)


@pytest.mark.parametrize(
    ("content", "why"),
    [(None, "No such file or directory"), (b"\xff\xfe", "not a text file")],
    ids=["missing", "UTF-16"],
)
def test_a_file_that_cannot_be_read_is_one_line(
    config: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None, why: str
) -> None:
    file = config.parent / "token"
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setenv("GITHUB_TOKEN_FILE", str(file))
    with pytest.raises(ConfigErrors) as refused:
        open_app(str(config))
    [error] = refused.value.errors
    hint = "name a file that contains only the secret"
    assert str(error) == f"$GITHUB_TOKEN_FILE: {file} cannot be read ({why}); {hint}"
