"""What the application knows to be secret, so that no log shows it."""

from pathlib import Path

import pytest

from bot.app import App
from bot.config.settings import load


@pytest.mark.parametrize("url", ["postgresql://bot:pa55@db/releases", "postgresql://bot@db/releases?password=pa55"])
def test_every_token_and_the_databases_password_are_secrets(tmp_path: Path, url: str) -> None:
    path = tmp_path / "bot.toml"
    path.write_text('[forges.github]\nkind = "github"\ntoken_env = "GITHUB_TOKEN"\n')
    variables = {"GITHUB_TOKEN": "ghp_1", "SLACK_BOT_TOKEN": "xoxb-2", "DATABASE_URL": url}
    assert set(App(load(path, variables), variables).secrets()) == {"ghp_1", "xoxb-2", "pa55"}
