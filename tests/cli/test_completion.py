"""What a shell completes after ``release-bot``: commands, options and names, and nothing at a fault."""

import io
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.cli.completion.command import items_of
from bot.cli.main import run
from tests.cli.conftest import Product

_MORE = (
    '[[digests]]\nname = "weekly"\nchannel = "#c"\nschedule = "0 9 * * mon"\n'
    '[[digests]]\nname = "weekend"\nchannel = "#c"\nschedule = "0 9 * * sat"\n'
    '[[certifications]]\nrepository = "DIRAC"\nseries = "v9r0"\n'
)


@pytest.fixture
def watched(polled_by: Callable[..., Product], monkeypatch: pytest.MonkeyPatch) -> Product:
    """DIRAC, watched and polled once, with the folder of the configuration as the working directory."""
    product = polled_by(_MORE)
    monkeypatch.chdir(product.folder)
    return product


def values(line: str) -> list[str]:
    return [item.value for item in items_of(line)]


def test_commands_begin_like_the_word() -> None:
    assert values("release-bot co") == ["count", "config", "completion"]
    assert values("release-bot watch re") == ["remove"]


def test_a_hidden_option_is_not_offered() -> None:
    assert set(values("release-bot completion --")) == {
        "--help",
        "--version",
        "--config",
        "--log-level",
        "--log-format",
    }


def test_options_of_a_command_and_global_ones_are_offered_after_it() -> None:
    assert set(values("release-bot count --k")) == {"--kind", "--known-at"}
    assert values("release-bot count --log") == ["--log-level", "--log-format"]


@pytest.mark.parametrize("line", ["release-bot --log-level ", "release-bot count --log-level "])
def test_a_global_option_is_completed_before_and_after_the_command(line: str) -> None:
    assert values(line) == ["debug", "info", "warning", "error"]


def test_files_are_left_to_the_shell() -> None:
    assert [item.type for item in items_of("release-bot count --config x")] == ["file"]
    assert [item.type for item in items_of("release-bot db backup x")] == ["file"]


@pytest.mark.usefixtures("watched")
@pytest.mark.parametrize(
    ("word", "completed"),
    [
        ("", "DIRAC"),
        ("di", "DIRAC"),
        ("DIRACGrid", "DIRACGrid/DIRAC"),
        ("github:", "github:DIRACGrid/DIRAC"),
        ("github:DIRACGrid/D", "github:DIRACGrid/DIRAC"),
    ],
)
@pytest.mark.parametrize("command", ["count", "poll --full", "tags", "watch remove", "notes v7r1 --repository"])
def test_a_repository_is_completed_by_name_path_or_key(command: str, word: str, completed: str) -> None:
    assert values(f"release-bot {command} {word}") == [completed]


@pytest.mark.usefixtures("watched")
def test_series_are_completed_the_newest_first_with_their_repository() -> None:
    found = items_of("release-bot count --series v7")
    assert [item.value for item in found] == ["v7r4", "v7r3", "v7r2", "v7r1", "v7r0"]
    assert {item.help for item in found} == {"github:DIRACGrid/DIRAC"}
    assert "v9r0" in values("release-bot certification v9")


@pytest.mark.usefixtures("watched")
def test_a_value_within_the_word_of_its_option_comes_with_the_option() -> None:
    assert "--series=v7r1" in values("release-bot count DIRAC --series=v7")


def test_only_series_of_the_repositories_on_the_line_are_offered(watched: Product) -> None:
    watched.config.write_text(
        f'[database]\nurl = "sqlite:///{watched.folder}/bot.db"\n[[repositories]]\nforge = "github"\npath = "a/b"\n'
        '[[certifications]]\nrepository = "b"\nseries = "v7r9"\n'
    )
    assert values("release-bot count b --series v7") == ["v7r9"]
    assert values("release-bot certification show --repository github:a/b v7") == ["v7r9"]
    assert "v7r9" not in values("release-bot count DIRAC --series v7")
    assert {"v7r1", "v7r9"} <= set(values("release-bot count --series v7"))


@pytest.mark.usefixtures("watched")
def test_certification_is_followed_by_its_subcommands_and_series() -> None:
    assert {"show", "undo", "v9r0"} <= set(values("release-bot certification "))


@pytest.mark.usefixtures("watched")
def test_names_of_digests_are_completed() -> None:
    assert values("release-bot digest week") == ["weekly", "weekend"]


def test_the_configuration_named_on_the_line_is_read(watched: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    (elsewhere := watched.folder / "elsewhere").mkdir()
    monkeypatch.chdir(elsewhere)
    assert values("release-bot digest ") == []
    assert values(f"release-bot digest --config {watched.config} ") == ["weekly", "weekend"]
    assert values(f"release-bot --config={watched.config} digest ") == ["weekly", "weekend"]


def test_a_repository_that_only_the_database_has_is_completed(watched: Product) -> None:
    watched.config.write_text(f'[database]\nurl = "sqlite:///{watched.folder}/bot.db"\n')
    assert values("release-bot count ") == ["DIRAC"]


def test_repositories_of_one_name_are_completed_by_key(watched: Product) -> None:
    more = '[[repositories]]\nforge = "github"\npath = "other/DIRAC"\n'
    watched.config.write_text(watched.config.read_text() + more)
    assert values("release-bot count ") == ["github:DIRACGrid/DIRAC", "github:other/DIRAC"]


@pytest.mark.parametrize(
    "broken", ["nothing", "no database", "not TOML", "not UTF-8", "other types", "no SQLite", "no server"]
)
def test_a_fault_completes_nothing_and_prints_nothing(
    broken: str, watched: Product, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    config, database = watched.config, watched.folder / "bot.db"
    match broken:
        case "nothing":
            config.unlink()
        case "no database":
            database.unlink()
        case "not TOML":
            config.write_text("[[[")
        case "not UTF-8":
            config.write_bytes(b"\xff\xfe")
        case "other types":
            config.write_text("repositories = 1\ndigests = [2]\ndatabase = []\ncertifications = [{series = []}]\n")
        case "no SQLite":
            database.write_text("no database")
        case _:
            monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    for line in ("release-bot count --series v6", "release-bot nosuch command ", "release-bot count --config", ""):
        monkeypatch.setattr(sys, "stdin", io.StringIO(line + "\n"))
        assert run(["completion", "--line"]) == 0
        out, err = capsys.readouterr()
        assert err == ""
        assert "v6" not in out


def test_completing_writes_nothing(watched: Product) -> None:
    database = watched.folder / "bot.db"
    before = {file.name: file.read_bytes() for file in watched.folder.iterdir()}
    os.utime(database, (1, 1))
    assert values("release-bot count --series v7")
    assert values("release-bot count ")
    assert {file.name: file.read_bytes() for file in watched.folder.iterdir()} == before
    assert database.stat().st_mtime == 1


def test_a_name_that_would_control_the_terminal_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bot.toml").write_text('[[digests]]\nname = "a\\u001b[31m"\n[[digests]]\nname = "b"\n')
    assert values("release-bot digest ") == ["b"]


def test_the_shell_has_to_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["completion"]) == 2
    assert capsys.readouterr().err.startswith("error: release-bot completion: Missing argument 'SHELL'")
