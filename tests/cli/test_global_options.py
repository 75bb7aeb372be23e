"""The global options before and after the command."""

from collections.abc import Sequence

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cli.global_options import before_the_command
from bot.cli.main import run
from tests.cli.conftest import Product


@pytest.mark.parametrize(
    ("arguments", "moved"),
    [
        ([], []),
        (["count", "DIRAC", "--config", "a.toml"], ["--config", "a.toml", "count", "DIRAC"]),
        (["count", "--config=a.toml", "DIRAC"], ["--config=a.toml", "count", "DIRAC"]),
        (["--log-level", "debug", "db", "export", "-"], ["--log-level", "debug", "db", "export", "-"]),
        (["db", "--log-format", "json", "upgrade"], ["--log-format", "json", "db", "upgrade"]),
        (["count", "--version"], ["--version", "count"]),
        (["ask", "--", "--config", "a"], ["ask", "--", "--config", "a"]),
        (["ask", "--config is wrong", "--configure"], ["ask", "--config is wrong", "--configure"]),
        (["ask", "--version=2"], ["ask", "--version=2"]),
    ],
)
def test_they_are_moved_to_the_front(arguments: Sequence[str], moved: Sequence[str]) -> None:
    assert before_the_command(arguments) == moved


@given(st.permutations([["count"], ["--config", "a"], ["--log-level=info"], ["DIRAC"], ["--log-format", "json"]]))
def test_their_places_do_not_matter(parts: list[list[str]]) -> None:
    words = before_the_command([word for part in parts for word in part])
    count, dirac = words.index("count"), words.index("DIRAC")
    assert {count, dirac} == {5, 6}
    assert words[words.index("--config") + 1] == "a"
    assert words[words.index("--log-format") + 1] == "json"


@pytest.mark.parametrize(
    "arguments",
    [["--config", "a", "count", "--config", "b"], ["--config=a", "--config", "a", "count"], ["--version", "--version"]],
)
def test_one_that_is_given_twice_is_an_error(arguments: Sequence[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(click.UsageError):
        before_the_command(arguments)
    assert run(arguments) == 2
    name = arguments[0].partition("=")[0]
    assert capsys.readouterr().err == f"error: Option {name} is given twice; see release-bot --help\n"


def test_one_without_a_value_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["count", "--config"]) == 2
    assert capsys.readouterr().err == "error: Option '--config' requires an argument; see release-bot --help\n"


def test_every_command_takes_them_after_its_name(polled: Product, capsys: pytest.CaptureFixture[str]) -> None:
    config = str(polled.config)
    for command in (["count"], ["certification"], ["certification", "show"], ["db", "upgrade"], ["config", "check"]):
        assert run([*command, "--config", config, "--log-level", "ERROR"]) == 0
        assert run([command[0], "--config", config, *command[1:]]) == 0
    capsys.readouterr()
    assert run(["count", "--version"]) == 0
    assert capsys.readouterr().out.startswith("release-bot ")
