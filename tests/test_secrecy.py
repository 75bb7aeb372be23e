"""No object of the bot shows a secret where it is printed, as an error's local variables are."""

import gc
from contextlib import ExitStack
from pathlib import Path

from bot.app import app_of
from bot.config.load import load

SECRET = "s3cret"
VARIABLES = {
    name: f"{SECRET}-{name.lower()}"
    for name in ("GITHUB_TOKEN", "GITLAB_TOKEN", "MATTERMOST_TOKEN", "COMMAND_TOKEN", "MATRIX_TOKEN", "SIGNING")
} | {
    "OTHER": f"xoxb-{SECRET}-other",
    "SLACK_BOT_TOKEN": f"xoxb-{SECRET}",
    "SLACK_APP_TOKEN": f"xapp-{SECRET}",
    "DATABASE_URL": f"postgresql://bot:{SECRET}@localhost/bot",
    "PLACE": f"ntfys://{SECRET}@ntfy.example.org/topic",
}
FILE = """
[forges.github]
kind = "github"
[forges.gitlab]
kind = "gitlab"
[[repositories]]
forge = "github"
path = "DIRACGrid/DIRAC"
[slack]
[chats.other]
kind = "slack"
bot_token_env = "OTHER"
listen = "http"
signing_secret_env = "SIGNING"
[chats.cern]
kind = "mattermost"
base_url = "https://mattermost.example.org"
command_token_env = "COMMAND_TOKEN"
[chats.home]
kind = "matrix"
base_url = "https://matrix.example.org"
[places.phone]
url_env = "PLACE"
"""


def test_no_object_shows_a_secret(tmp_path: Path) -> None:
    (tmp_path / "bot.toml").write_text(FILE)
    app = app_of(load(tmp_path / "bot.toml", VARIABLES), VARIABLES)
    with ExitStack() as stack:
        forges = stack.enter_context(app.forges(["github", "gitlab"]))
        assert len(forges) == 2
        assert app.chat.missing("cern:team/channel") is None
        own = [each for each in gc.get_objects() if str(type(each).__module__).startswith("bot.")]
        assert len(own) > 50
        assert not [repr(each) for each in own if SECRET in repr(each)]
