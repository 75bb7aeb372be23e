"""The manual page: made from the commands, and up to date."""

from bot.cli.main import commands
from tools.manual import page
from tools.packages import ROOT


def test_the_manual_page_is_that_of_the_commands() -> None:
    assert (ROOT / "deploy/release-bot.1").read_text() == page(), "run: make reference"


def test_the_manual_page_has_every_command_and_escapes_markup() -> None:
    text = page()
    assert all(
        f'.SS "{name} ' in text for name in commands.list_commands(commands.make_context("release-bot", ["run"]))
    )
    assert r"\fB\-\-as\-of T\fR" in text
    assert not [line for line in text.splitlines() if line.startswith("'")]
