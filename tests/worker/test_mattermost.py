"""Mattermost in the worker: what is served for it beside the pages, and what is kept secret."""

from pathlib import Path

import pytest
import requests

from bot.app import open_app
from bot.web.app import served
from bot.worker.chat import chatting
from bot.worker.pages import mounts_of_pages
from tests.chats.contract.mattermost import plain
from tests.chats.mattermost.fake_mattermost import COMMAND_TOKEN, TOKEN, FakeMattermost
from tests.worker.test_pages import config

__all__ = ["config"]


def test_the_command_and_the_pages_are_served_at_one_address(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATTERMOST_TOKEN", TOKEN)
    monkeypatch.setenv("COMMAND_TOKEN", COMMAND_TOKEN)
    with FakeMattermost() as mattermost:
        config.write_text(
            config.read_text()
            + '[web]\naddress = "127.0.0.1:0"\npublic_url = "https://releases.example.org"\n'
            + f'[chats.cern]\nkind = "mattermost"\nbase_url = "{mattermost.address}"\nmaintainers = ["jdoe"]\n'
            + 'command_token_env = "COMMAND_TOKEN"\n'
        )
        app = open_app(str(config))
        assert {TOKEN, COMMAND_TOKEN} <= {*app.secrets()}
        with (
            app.store() as store,
            chatting(app, store) as mounts,
            served([*mounts, *mounts_of_pages(app, store, {})]) as ports,
        ):
            mattermost.socket.wait()
            mattermost.bot_address = f"http://127.0.0.1:{ports['web.address']}"
            answer = mattermost.command(mattermost.asker, "how many v7r0 patches in 2020?").json()
            assert plain(answer["text"]).startswith("34 patch releases of v7r0")
            assert "[On the web](https://releases.example.org/search?" in answer["text"]
            context = answer["attachments"][0]["actions"][0]["integration"]
            assert context["url"] == "https://releases.example.org/chats/cern/action"
            page = requests.get(f"{mattermost.bot_address}/r/github:DIRACGrid/DIRAC", timeout=20)
            assert page.status_code == 200
