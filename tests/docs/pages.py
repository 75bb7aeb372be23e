"""The pages of the docs, run from top to bottom."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.docs.blocks import Block, Step, blocks_of, rewritten, shortened
from tests.docs.shell import Shell
from tests.docs.world import ROOT, World, made_world, masked

_ALL = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
# Those with commands, or with what one prints.
PAGES = tuple(page for page in _ALL if any(block.steps for block in blocks_of(page)))
# The exit code of what a signal ended is greater than this, by the signal's number.
_SIGNALS = 128


@dataclass(frozen=True)
class Ran:
    """A block that was run: what it should show, and which of its commands failed though nothing is shown of them."""

    block: Block
    lines: tuple[str, ...]
    failed: tuple[str, ...] = ()

    @property
    def is_right(self) -> bool:
        """Whether the block shows what was printed, but for what is another in every run."""
        return list(map(masked, self.lines)) == list(map(masked, self.block.lines))


def run_page(page: Path, folder: Path, demo: Path) -> list[Ran]:
    """Run the blocks of a page in order, in an empty folder.

    Raises RuntimeError where a signal ended a command: what it printed is not what belongs into the page.
    """
    with made_world(folder, demo) as world, Shell(folder, world.variables) as shell:
        return list(_run(blocks_of(page), world, shell))


def _run(blocks: Sequence[Block], world: World, shell: Shell) -> Iterator[Ran]:
    for block in blocks:
        for what in block.listed("given"):
            world.give(what)
        if name := block.notes.get("file"):
            world.write(name, block.text)
        if name := block.notes.get("merged into"):
            world.merge(name, block.text)
        if block.is_run:
            yield _run_block(block, world, shell)


def _run_block(block: Block, world: World, shell: Shell) -> Ran:
    lines: list[str] = []
    failed: list[str] = []
    steps = block.steps
    shows_output = any(step.shown for step in steps)
    for step in steps:
        until = block.listed("until") if step is steps[-1] else []
        answers = [world.typed(each) for each in block.listed("answers")] if step is steps[-1] else []
        printed = shell.run(world.typed(step.command), until, answers)
        if printed.code > _SIGNALS and not until:
            raise RuntimeError(f"{step.command}: was ended by signal {printed.code - _SIGNALS}")
        lines += [step.typed] if step.typed else []
        if shows_output:
            lines += shortened(_read(printed.lines, world), step.shown)
            lines += _blank_at_the_end(step)
        elif printed.code and not until:
            failed.append(f"{step.command}: exit code {printed.code}\n" + "\n".join(printed.lines))
    return Ran(block, tuple(lines), tuple(failed))


def _read(lines: Sequence[str], world: World) -> list[str]:
    """Return printed lines as the page shows them, without empty ones at the end."""
    return "\n".join(world.read(line) for line in lines).rstrip().splitlines()


def _blank_at_the_end(step: Step) -> list[str]:
    """Return the empty line that parts one question from the next."""
    return [""] if step.shown and not step.shown[-1] else []


def rewrite(page: Path, ran: Sequence[Ran]) -> bool:
    """Put what was printed into a page where it shows something else; return whether it was changed."""
    wrong = [(each.block, each.lines) for each in ran if not each.is_right]
    if wrong:
        page.write_text(rewritten(page.read_text(encoding="utf-8"), wrong), encoding="utf-8")
    return bool(wrong)
