"""What the application builds, and what it knows to be secret."""

from pathlib import Path

import pytest

from bot.app import App, environment, now
from bot.config.load import load
from bot.domain.polling.record import PollDepth
from bot.domain.watch_rules import TagRules, WatchRules
from bot.domain.watchlist import WatchChange, WatchKind
from bot.services.poll import Asked, poll
from tests.forges.git_places import tool


@pytest.mark.parametrize("url", ["postgresql://bot:pa55@db/releases", "postgresql://bot@db/releases?password=pa55"])
def test_every_token_and_the_databases_password_are_secrets(tmp_path: Path, url: str) -> None:
    path = tmp_path / "bot.toml"
    path.write_text('[forges.github]\nkind = "github"\ntoken_env = "GITHUB_TOKEN"\n')
    variables = {"GITHUB_TOKEN": "ghp_1", "SLACK_BOT_TOKEN": "xoxb-2", "DATABASE_URL": url}
    assert set(App(load(path, variables), variables).secrets()) == {"ghp_1", "xoxb-2", "pa55"}


def test_questions_share_a_vocabulary_until_another_repository_is_watched(tmp_path: Path) -> None:
    path = tmp_path / "bot.toml"
    path.write_text(
        '[forges.github]\nkind = "github"\n[[repositories]]\nforge = "github"\npath = "DIRACGrid/DIRAC"\n'
        f'[database]\nurl = "sqlite:///{tmp_path}/bot.db"\n'
    )
    app = App(load(path, {}), {})
    with app.store() as store:
        assert app.vocabulary() is app.vocabulary()
        store.watchlist.add(
            WatchChange(0, now(), "ann", WatchKind.WATCH, "github:DIRACGrid/Pilot", WatchRules(TagRules("dirac")))
        )
        assert ("pilot",) not in app.vocabulary().names
        assert app.as_known(store).vocabulary().names["pilot",] == "github:DIRACGrid/Pilot"


def test_a_repository_on_a_git_server_is_polled_into_releases(tmp_path: Path) -> None:
    tool(tmp_path)
    path = tmp_path / "bot.toml"
    path.write_text(
        f'database = {{ url = "sqlite:///{tmp_path}/bot.db" }}\n'
        f'[forges.here]\nkind = "git"\nbase_url = "file://{tmp_path}"\n'
        '[[repositories]]\nforge = "here"\npath = "team/tool.git"\n'
    )
    app = App(load(path, {}), environment())
    watched = app.repositories()
    with app.store() as store, app.forges(app.watched_forges()) as forges:
        [first] = poll([Asked(each, PollDepth.COMPLETE) for each in watched], forges, store, now)
        [again] = poll([Asked(each, PollDepth.COMPLETE) for each in watched], forges, store, now)
        releases = store.releases.of([repository.key for repository in watched])
    assert (first.status, first.tags, first.error) == ("ok", 10, None)
    assert (again.status, again.tags, again.requests) == ("unchanged", 10, 1)
    assert {tag for release in releases for tag in release.tags} == {"v1r0", "v1r1"}
