"""``release-bot demo``: it shows everything, and touches no file that it did not make."""

import json
import shutil
from pathlib import Path

import pytest

from bot.app import open_app
from bot.cli.main import run
from bot.demo.folder import DemoFolder
from bot.domain.errors import UsageError


def demo(folder: Path) -> int:
    return run(["demo", "--folder", str(folder)])


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "shown"
    assert demo(folder) == 0
    return folder


@pytest.fixture
def folder(shown: Path, tmp_path: Path) -> Path:
    """A folder as a demo left it."""
    return Path(shutil.copytree(shown, tmp_path / "demo"))


def held(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Return what the demo says; nothing may have changed."""
    before = held(folder)
    capsys.readouterr()
    assert demo(folder) == 2
    assert held(folder) == before
    printed = capsys.readouterr()
    assert printed.out == ""
    hint = f"nothing was changed; choose another folder: release-bot demo --folder {folder.name}-2\n"
    assert printed.err.startswith("error: ")
    assert printed.err.endswith(hint)
    return printed.err.removeprefix("error: ").removesuffix(f"; {hint}")


@pytest.mark.long
def test_a_second_demo_makes_it_anew(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = str(folder / "bot.toml")
    assert run(["--config", config, "count", "DIRAC", "--period", "2020", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["total"] == 74
    assert demo(folder) == 0
    assert capsys.readouterr().out.endswith(" --config my.toml init\n"), "how to begin with an own repository"
    assert sorted(held(folder)) == [".made-by-demo.json", "bot.toml", "release-bot.db"]


def test_files_of_somebody_else_are_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("bot.toml", "release-bot.db"):
        own = tmp_path / name
        own.mkdir()
        (own / name).write_text("mine")
        assert refused(own, capsys) == f"{own / name}: not created by the demo"
        (own / name).unlink()
        (own / name).symlink_to("nowhere")
        assert refused(own, capsys) == f"{own / name}: not created by the demo"


@pytest.mark.parametrize(
    "name", ["release-bot.db-wal", "release-bot.db-shm", "release-bot.db-journal", ".made-by-demo.json"]
)
def test_what_it_would_write_or_delete_besides_is_left_alone_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    file = tmp_path / name
    file.write_text("mine")
    assert refused(tmp_path, capsys) == f"{file}: not created by the demo"
    (tmp_path / "mine").write_text("mine")
    file.unlink()
    file.symlink_to("mine")
    assert refused(tmp_path, capsys) == f"{file}: not created by the demo"


def test_a_journal_is_of_another_database(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    journal = folder / "release-bot.db-journal"
    journal.write_text("mine")
    assert refused(folder, capsys) == f"{journal}: not created by the demo"


def test_what_a_killed_reader_left_is_no_obstacle(folder: Path) -> None:
    (folder / "release-bot.db-wal").touch()
    (folder / "release-bot.db-shm").write_bytes(b"x" * 32_768)
    assert demo(folder) == 0
    assert sorted(held(folder)) == [".made-by-demo.json", "bot.toml", "release-bot.db"]


def test_no_other_file_is_touched(folder: Path) -> None:
    others = (".release-bot.db.new", ".bot.toml.new", "bot.toml-wal", "bot.toml-shm", "notes.txt")
    for name in others:
        (folder / name).write_text("mine")
    assert demo(folder) == 0
    assert {name: (folder / name).read_text() for name in others} == dict.fromkeys(others, "mine")
    assert len(list(folder.iterdir())) == 3 + len(others)


def test_a_configuration_that_was_changed_is_left_alone(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder / "bot.toml"
    path.write_text(path.read_text() + "# mine\n")
    assert refused(folder, capsys) == f"{path}: changed since the demo created it"


def test_a_database_that_was_changed_is_left_alone(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = str(folder / "bot.toml")
    assert run(["--config", config, "certification", "add", "v7r2", "hackathon", "2021-03-01"]) == 0
    assert refused(folder, capsys) == f"{folder}/release-bot.db: changed since the demo created it"


def test_a_link_to_a_file_of_its_own_is_left_alone(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder / "bot.toml"
    path.rename(folder / "moved.toml")
    path.symlink_to("moved.toml")
    assert refused(folder, capsys) == f"{path}: changed since the demo created it"


def test_a_database_that_a_worker_has_open_is_left_alone(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It has changed nothing yet, and would go on writing into a file that has no name any more."""
    with open_app(str(folder / "bot.toml")).store() as store:
        store.tags.records([])
        assert refused(folder, capsys) == f"{folder}/release-bot.db: in use"
    assert demo(folder) == 0


def test_changes_that_a_killed_worker_left_in_the_log_are_left_alone(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "release-bot.db-wal").write_bytes(b"changes")
    assert refused(folder, capsys) == f"{folder}/release-bot.db: in use"


def test_what_appears_while_the_demo_runs_is_left_alone(shown: Path, tmp_path: Path) -> None:
    left = DemoFolder(tmp_path / "demo")
    left.check()
    left.path.mkdir()
    (left.path / "bot.toml").write_text("mine")
    with pytest.raises(UsageError, match="not created by the demo"):
        left.take(shown)
    assert held(left.path) == {"bot.toml": b"mine"}


@pytest.mark.parametrize("marker", ["{}", '{"bot.toml": [], "release-bot.db": ["mine"]}', '{"mine": []}'])
def test_a_marker_of_somebody_else_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], marker: str
) -> None:
    file = tmp_path / ".made-by-demo.json"
    file.write_text(marker)
    assert refused(tmp_path, capsys) == f"{file}: not created by the demo"


@pytest.mark.parametrize("marker", ["", "[]", '{"bot.toml": 1}', '{"bot.toml": [1]}', "\x00"])
def test_a_marker_that_says_nothing_allows_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str], marker: str
) -> None:
    (folder / ".made-by-demo.json").write_text(marker)
    assert refused(folder, capsys).startswith(f"{folder}/bot.toml: not created by the demo")
