"""Mattermost's own client and types against the fake: what it says is what the real server's clients understand.

Needs node, and npm for the packages: ``make chats``.
"""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from bot.store.store import Store
from tests.chats.contract.mattermost import plain
from tests.chats.mattermost.fake_mattermost import FakeMattermost
from tests.chats.mattermost.hosts import listening

pytestmark = pytest.mark.official

_HERE = Path(__file__).parent / "official"
_TYPES = {
    "me": ("users", "UserProfile"),
    "named": ("channels", "ServerChannel"),
    "direct": ("channels", "ServerChannel"),
    "post": ("posts", "Post"),
    "answer": ("posts", "Post"),
    "list": ("posts", "PaginatedPostList"),
    "since": ("posts", "PaginatedPostList"),
    "before": ("posts", "PaginatedPostList"),
}


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the client's packages."""
    folder = tmp_path_factory.mktemp("official")
    for name in ("package.json", "person.cjs"):
        shutil.copy(_HERE / name, folder)
    run(["npm", "install", "--no-audit", "--no-fund", "--silent"], folder)
    return folder


def run(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def said(packages: Path, mattermost: FakeMattermost, store: Store) -> dict[str, Any]:
    """What a person with the client did, and heard."""
    with listening(mattermost, store):
        asker, bot = mattermost.asker, mattermost.bot
        command = ["node", "person.cjs", mattermost.address, asker.token, mattermost.channel.id, bot.id]
        found: dict[str, Any] = json.loads(run(command, packages))
    return found


def test_a_person_with_the_client_asks_the_bot_and_hears_its_answers(said: dict[str, Any]) -> None:
    assert plain(said["answer"]["message"]).startswith("34 patch releases of v7r0")
    assert said["second"]["root_id"] == said["post"]["id"]
    assert "v7r1p29" in plain(said["reply"]["message"])
    assert said["answer"]["props"]["from_bot"] == "true"
    assert "integration" not in json.dumps(said["answer"])
    assert said["list"]["order"][-1] == said["before"]["order"][-1] == said["post"]["id"]
    assert set(said["since"]["order"]) == set(said["list"]["order"])


def test_the_client_misses_no_event_and_understands_every_refusal(said: dict[str, Any]) -> None:
    assert (said["missed"], said["numbers"]) == (0, [*range(len(said["numbers"]))])
    assert said["pong"]["status"] == "OK"
    assert {key: value["status_code"] for key, value in said["refusals"].items()} == {
        "long": 400,
        "nowhere": 404,
        "deleted": 404,
    }
    assert said["refusals"]["long"]["server_error_id"] == "model.post.is_valid.message_length.app_error"


def test_all_that_the_fake_says_has_mattermosts_types(said: dict[str, Any], packages: Path) -> None:
    lines = [
        f"export const {name}: import('@mattermost/types/{module}').{kind} = {json.dumps(said[name])};"
        for name, (module, kind) in _TYPES.items()
    ]
    posted = next(each for each in said["events"] if each["event"] == "posted")
    # In an event the post is JSON within JSON.
    lines.append(f"export const posted: import('@mattermost/types/posts').Post = {posted['data']['post']};")
    (packages / "told.ts").write_text("\n".join(lines))
    run(["npx", "tsc", "--noEmit", "--strict", "--skipLibCheck", "--moduleResolution", "node", "told.ts"], packages)
