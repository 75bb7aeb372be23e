"""Webhooks in the worker: over real HTTP, with a real signature, from the tag to the answer."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from time import monotonic

import pytest
import requests
import sqlalchemy as sa

from bot.app import now, open_app
from bot.demo.recorded.github import RecordedGitHub
from bot.demo.recorded.history import RecordedRepository, RecordedTag
from bot.services.leases import LENGTH
from bot.services.ports import PollAnswer, PollRequest
from bot.store.schema import hooks, repositories
from bot.store.store import Store
from bot.web.app import served
from bot.worker.context import TaskContext
from bot.worker.hooks import mounts_of_hooks
from bot.worker.tasks.hooks import poll_hooked
from tests.fakes import FakeForge
from tests.histories import a_part_of
from tests.worker.hook_senders import DIRAC, SECRET, SIGNING, TOKEN, send_github, send_gitlab
from tests.worker.test_pages import serving
from tests.worker.test_worker import lines_until, running, stopped

LHCB = {"project": {"id": 7, "path_with_namespace": "lhcb-dirac/LHCbDIRAC"}}
# From a webhook to the answer, in seconds: 1.6 when the machine is idle, and without it 10 minutes.
_PATIENCE = 20.0


@pytest.fixture
def dirac() -> RecordedRepository:
    return a_part_of("DIRACGrid/DIRAC", 20)


@pytest.fixture
def github(dirac: RecordedRepository) -> Iterator[RecordedGitHub]:
    with RecordedGitHub([dirac], tokens=["t0ken"], now=now) as server:
        yield server


@pytest.fixture
def config(tmp_path: Path, github: RecordedGitHub) -> Path:
    path = tmp_path / "bot.toml"
    path.write_text(
        f'[database]\nurl = "sqlite:///{tmp_path}/bot.db"\n[web]\naddress = "127.0.0.1:0"\n'
        f'[forges.github]\nkind = "github"\nbase_url = "{github.url}"\ntoken_env = "GITHUB_TOKEN"\n'
        'webhook_secret_env = "GITHUB_HOOKS"\n'
        '[forges.cern]\nkind = "gitlab"\nbase_url = "http://127.0.0.1:1"\nwebhook_secret_env = "CERN_HOOKS"\n'
        '[[repositories]]\nforge = "github"\npath = "DIRACGrid/DIRAC"\n'
        '[[repositories]]\nforge = "cern"\npath = "lhcb-dirac/LHCbDIRAC"\n'
    )
    return path


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_HOOKS", SECRET)
    monkeypatch.setenv("CERN_HOOKS", TOKEN)


@pytest.fixture
def woken() -> list[str]:
    return []


@contextmanager
def taking(config: Path, woken: list[str]) -> Iterator[tuple[str, Store]]:
    app = open_app(str(config))
    with app.store() as store:
        mounts = mounts_of_hooks(app.as_known(store), store, app.settings.web.address, woken.append)
        with served(mounts) as ports:
            yield f"http://127.0.0.1:{ports['web.address']}", store


def due(store: Store) -> set[str]:
    with store.database.reading() as connection:
        return set(connection.scalars(sa.select(hooks.c.source).where(hooks.c.due_at.is_not(None))))


def test_a_new_release_is_known_within_seconds_of_its_webhook(
    config: Path, dirac: RecordedRepository, github: RecordedGitHub
) -> None:
    with running(config, GITHUB_HOOKS=SECRET, CERN_HOOKS=TOKEN) as process:
        log = lines_until(process, "polled 1 repository of github")
        port = re.findall(r"webhooks listens on port (\d+), paths /hooks/github and /hooks/gitlab", log)[0]
        address = f"http://127.0.0.1:{port}"
        assert "v9r9p1" not in releases(address)
        dirac.put(RecordedTag("v9r9p1", "9" * 40, now()))
        began = monotonic()
        assert send_github(address, "create", {"ref": "v9r9p1", "ref_type": "tag"}).status_code == 202
        while "v9r9p1" not in releases(address):
            assert monotonic() - began < _PATIENCE
        before = len(github.requests)
        # Sent again, as often as anybody likes: at once not one more request.
        for _ in range(20):
            assert send_github(address, "create", {"ref": "v9r9p1", "ref_type": "tag"}).status_code == 202
        assert len(github.requests) == before
        log += stopped(process)
    assert "internal error" not in log
    assert SECRET not in log


def releases(address: str) -> str:
    return requests.get(f"{address}/r/github:DIRACGrid/DIRAC", timeout=20).text


def test_another_process_s_webhook_is_found_by_the_worker(config: Path, woken: list[str]) -> None:
    with running(config, GITHUB_HOOKS=SECRET, program="tests.worker.quick") as process:
        lines_until(process, "polled 1 repository of github")
        with taking(config, woken) as (address, _):
            assert send_github(address, "push", {"ref": "refs/tags/v7r1p1"}).status_code == 202
        lines_until(process, "polled 1 repository of github")
        stopped(process)


class Interrupted(FakeForge):
    """A forge that has not answered when the worker is stopped."""

    def __init__(self, stop: Event) -> None:
        super().__init__()
        self._stop = stop
        self.over = Event()

    def poll(self, _requests: Sequence[PollRequest]) -> Iterator[PollAnswer]:
        self._stop.set()
        self.over.wait(_PATIENCE)
        return iter(())


def test_a_look_that_is_broken_off_is_due_for_the_next_worker_at_once(config: Path) -> None:
    app, stop = open_app(str(config)), Event()
    forge = Interrupted(stop)
    with app.store() as store:
        context = TaskContext(app.as_known(store), store, {"github": forge}, stop)
        context.schedules["github"].ahead(context.forges, context.timing(), now())
        store.hooks.arrived("github", "github:DIRACGrid/DIRAC", is_news=True)
        poll_hooked(context, "github")
        forge.over.set()
        again = store.looks.claim_hooked(context.accounts["github"], "another", most=2, longest=LENGTH)
        assert again == ["github:DIRACGrid/DIRAC"]


def test_the_pages_alone_take_webhooks_too(config: Path) -> None:
    app = open_app(str(config))
    with app.store() as store, serving(config) as urls:
        address = urls.get(timeout=20).rstrip("/")
        assert send_github(address, "push", {"ref": "refs/tags/v7r1p1"}).text == "accepted\n"
        assert due(store) == {"github:DIRACGrid/DIRAC"}


def test_only_a_right_signature_counts(config: Path, woken: list[str], caplog: pytest.LogCaptureFixture) -> None:
    tag = {"ref": "refs/tags/v7r1p29"}
    with taking(config, woken) as (address, store):
        for _ in range(50):
            refused = send_github(address, "push", tag, "wrong")
            assert (refused.status_code, refused.text) == (401, "unauthorized\n")
        assert send_gitlab(address, {"object_kind": "tag_push", **LHCB}, "wrong").status_code == 401
        assert send_gitlab(address, {"object_kind": "tag_push", **LHCB}, SIGNING).status_code == 401
        assert store.hooks.arrivals() == {}
        assert (due(store), woken) == (set(), [])
        assert send_github(address, "push", tag).text == "accepted\n"
        assert send_gitlab(address, {"object_kind": "tag_push", **LHCB}).text == "accepted\n"
        assert due(store) == {"github:DIRACGrid/DIRAC", "cern:lhcb-dirac/LHCbDIRAC"}
        assert woken == ["github", "cern"]
    told = [record.getMessage() for record in caplog.records if "webhook" in record.getMessage()]
    assert len([line for line in told if line.startswith("refused 1 webhook without a right signature")]) == 2
    assert not any(secret in caplog.text for secret in (SECRET, TOKEN))


def test_a_signing_token_is_for_signed_webhooks_alone(
    config: Path, woken: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CERN_HOOKS", SIGNING)
    with taking(config, woken) as (address, _):
        assert send_gitlab(address, {"object_kind": "release", **LHCB}, TOKEN).status_code == 401
        assert send_gitlab(address, {"object_kind": "release", **LHCB}, SIGNING).status_code == 202
    assert woken == ["cern"]


def test_what_is_of_no_interest_is_taken_and_makes_nothing_due(config: Path, woken: list[str]) -> None:
    with taking(config, woken) as (address, store):
        for event, payload in (
            ("push", {"ref": "refs/heads/integration"}),
            ("issues", {"action": "opened"}),
            ("create", {"ref_type": "tag", "repository": {"id": 1, "full_name": "someone/else"}}),
            ("create", {"ref_type": "tag", "repository": None}),
        ):
            answer = send_github(address, event, payload)
            assert (answer.status_code, answer.text) == (202, "ignored\n")
        assert due(store) == set()
        assert send_github(address, "ping", {"hook_id": 1}).text == "pong\n"
        assert store.hooks.arrivals()["github"].repositories == 1
        assert send_github(address, "push", {}, body=b"{").status_code == 400
    assert woken == []


def test_a_renamed_repository_is_known_by_the_forge_s_id(config: Path, woken: list[str]) -> None:
    with taking(config, woken) as (address, store):
        renamed = {"repository": {**DIRAC, "full_name": "DIRACGrid/DIRAC-classic"}, "ref_type": "tag"}
        assert send_github(address, "create", renamed).text == "ignored\n"
        with store.database.writing() as connection:
            values = {"key": "github:DIRACGrid/DIRAC", "revision": 1, "rules": "", "identity": "4242"}
            connection.execute(sa.insert(repositories).values(values))
        assert send_github(address, "create", renamed).text == "accepted\n"
        spelled = {"repository": {"id": 1, "full_name": "diracgrid/dirac"}, "ref_type": "tag"}
        assert send_github(address, "delete", spelled).text == "accepted\n"
        assert due(store) == {"github:DIRACGrid/DIRAC"}


def test_a_body_is_bounded_and_only_posted(config: Path, woken: list[str]) -> None:
    with taking(config, woken) as (address, store):
        large = b" " * 999_997 + b"{}"
        assert send_github(address, "ping", {}, body=large).status_code == 200
        assert send_github(address, "ping", {}, body=large + b"  ").status_code == 413
        for method in ("GET", "HEAD", "PUT", "DELETE"):
            answer = requests.request(method, f"{address}/hooks/github", timeout=20)
            assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
        assert store.hooks.arrivals()["github"].repositories == 0


def test_without_a_secret_there_is_no_path(
    config: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("CERN_HOOKS")
    app = open_app(str(config))
    with app.store() as store:
        [mount] = mounts_of_hooks(app, store, app.settings.web.address)
        assert list(mount.paths) == ["/hooks/github"]
        assert mounts_of_hooks(app, store, None) == []
        assert "webhooks are not taken: set address in [web]" in caplog.text
    monkeypatch.delenv("GITHUB_HOOKS")
    app = open_app(str(config))
    with app.store() as store:
        assert mounts_of_hooks(app, store, app.settings.web.address) == []
