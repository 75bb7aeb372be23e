"""The page on the command line says what the commands say."""

from collections.abc import Iterator

import click
import pytest

from bot.cli.main import commands
from bot.cli.reference import reference
from tests.docs.world import ROOT


def leaves(context: click.Context) -> Iterator[click.Context]:
    """List the commands that can be run, groups aside."""
    if not isinstance(context.command, click.Group):
        yield context
        return
    for name in context.command.list_commands(context):
        command = context.command.get_command(context, name)
        assert command is not None
        yield from leaves(click.Context(command, info_name=name, parent=context))


def section(context: click.Context) -> str:
    """Return what the page says of one command."""
    _, _, after = reference().partition(f"# {context.command_path}\n")
    return after.partition("\n##")[0]


def test_the_page_holds_the_reference_as_it_is() -> None:
    assert (ROOT / "docs" / "REFERENCE.md").read_text(encoding="utf-8") == reference(), "run: make reference"


def test_every_command_has_a_section_with_its_arguments_and_options() -> None:
    every = list(leaves(click.Context(commands, info_name="release-bot")))
    assert len(every) > 30
    for context in every:
        text = section(context)
        for parameter in context.command.params:
            shown = parameter.opts if isinstance(parameter, click.Option) else [parameter.make_metavar(context)]
            hidden = isinstance(parameter, click.Option) and parameter.hidden
            assert hidden or all(name in text for name in shown), context.command_path


def test_a_default_is_shown_though_the_help_leaves_it_out() -> None:
    root = click.Context(commands, info_name="release-bot")
    [releases] = [each for each in leaves(root) if each.info_name == "releases"]
    assert "[table\\|text\\|json\\|csv]` | `table` |" in section(releases)


def test_an_option_without_a_default_or_with_an_empty_one_shows_none() -> None:
    assert "| `--note TEXT` |  |" in reference()
    assert "``" not in reference()


def test_help_is_text_and_its_options_are_code() -> None:
    assert "FORGE:PATH/\\* is an organisation" in reference()
    assert "; with `--post`, post it." in reference()


def test_the_page_does_not_depend_on_the_width_of_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    wide = reference()
    monkeypatch.setenv("COLUMNS", "30")
    assert reference() == wide
