"""The docs show what the program prints; ``make docs`` writes that into them."""

import fcntl
import re
import shlex
from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path

import click
import pytest

from bot.cli.global_options import before_the_command
from bot.cli.main import commands
from tests.docs.blocks import KINDS, Block, blocks_of
from tests.docs.pages import PAGES, Ran, run_page
from tests.docs.world import ROOT, make_demo

# Pages that hold commands in their text.
_TEXTS = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md")))
_IN_TEXT = re.compile(r"`(release-bot [^`]+)`")
_WORD = re.compile(r"[a-z][a-z-]*")


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """What the demo leaves, made once for all processes of a run."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if hasattr(request.config, "workerinput") else own
    folder = shared / "demo-of-the-docs"
    with (shared / "demo-of-the-docs.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            folder.mkdir()
            make_demo(folder)
    return folder / "demo"


def names(paths: tuple[Path, ...]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


def difference(ran: Ran) -> str:
    return "\n".join(unified_diff(ran.block.lines, ran.lines, "shown", "printed", n=1, lineterm=""))


def program_calls(block: Block) -> Iterator[list[str]]:
    """List the arguments of each call of the program in a block."""
    for step in block.steps:
        words = shlex.split(step.command, comments=True)
        at = next((at for at, word in enumerate(words) if word.rpartition("/")[2] == "release-bot"), None)
        if at is not None:
            yield words[at + 1 :]


def parse(arguments: list[str]) -> None:
    """Parse the arguments of the program. Raises click.UsageError."""
    command: click.Command = commands
    left, context = before_the_command(arguments), None
    while isinstance(command, click.Group):
        context = command.make_context(command.name, left, parent=context)
        name, found, left = command.resolve_command(context, [*context._protected_args, *context.args])
        assert found is not None, name
        command = found
    command.make_context(command.name, left, parent=context)


def require_known(text: str) -> None:
    """Fail where a command that stands in a text does not exist, or has not one of its options."""
    command: click.Command = commands
    options = {name for option in commands.params for name in option.opts}
    for word in text.split()[1:]:
        if isinstance(command, click.Group) and _WORD.fullmatch(word):
            context = click.Context(command)
            found = command.get_command(context, word)
            assert found is not None, f"{text}: there is no command {word}"
            command = found
            options |= {name for option in command.params for name in (*option.opts, *option.secondary_opts)}
        elif word.startswith("--"):
            assert word.partition("=")[0] in {*options, "--help"}, f"{text}: there is no option {word}"


@pytest.mark.long
@pytest.mark.parametrize("page", PAGES, ids=names(PAGES))
@pytest.mark.timeout(900)
def test_a_page_shows_what_is_printed(page: Path, demo: Path, tmp_path: Path) -> None:
    ran = run_page(page, tmp_path, demo)
    wrong = [difference(each) for each in ran if not each.is_right]
    failed = [line for each in ran for line in each.failed]
    assert not failed, "\n".join(failed)
    assert not wrong, "`make docs` writes what is printed now:\n" + "\n".join(wrong)


@pytest.mark.parametrize("page", PAGES, ids=names(PAGES))
def test_a_block_says_why_it_is_not_run_and_what_it_says_is_known(page: Path) -> None:
    for block in blocks_of(page):
        assert block.notes.keys() <= set(KINDS), f"line {block.start}"
        assert block.notes.get("not run") != "", f"line {block.start}: give the reason"


@pytest.mark.parametrize("page", PAGES, ids=names(PAGES))
def test_the_commands_of_blocks_that_are_not_run_parse(page: Path) -> None:
    for block in blocks_of(page):
        if block.language == "console" and not block.is_run:
            for arguments in program_calls(block):
                parse(arguments)


@pytest.mark.parametrize("page", _TEXTS, ids=names(_TEXTS))
def test_commands_in_the_text_exist_with_their_options(page: Path) -> None:
    for command in _IN_TEXT.findall(page.read_text(encoding="utf-8")):
        require_known(command)
