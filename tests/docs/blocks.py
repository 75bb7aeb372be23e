"""The fenced blocks of a Markdown page, what a comment right before one says of it, and the commands in it.

A block may have comments of these kinds, one a line:

    <!-- not run: REASON -->        its commands are not run; a reason is needed
    <!-- given: WHAT; ... -->       something of tests/docs/world.py happens first
    <!-- file: NAME -->             the block is the content of a file
    <!-- merged into: NAME -->      the block's tables take the place of those of a TOML file
    <!-- output of: COMMAND -->     the block is what a command prints
    <!-- asked with: OPTIONS -->     its lines that begin with @release-bot are questions
    <!-- answers: LINE; ... -->     what is typed at the questions of its last command, "Enter" for an empty line
    <!-- until: TEXT; ... -->       its last command is ended by Ctrl-C once it has printed lines with these
                                    texts, which alone are shown

A line of output that is "..." alone stands for any number of lines.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

KINDS = ("not run", "given", "file", "merged into", "output of", "asked with", "answers", "until")
_FENCE = re.compile(r"(?P<indent> *)```(?P<language>\w*)$")
_COMMENT = re.compile(r" *<!-- (?P<kind>[a-z ]+): (?P<value>.*) -->$")
_PROMPT, _MENTION = "$ ", "@release-bot "
_LEFT_OUT = "..."


@dataclass(frozen=True)
class Step:
    """A line that is typed, the command that it stands for, and the lines that are shown below it."""

    typed: str
    command: str
    shown: tuple[str, ...]


@dataclass(frozen=True)
class Block:
    """A fenced block; ``start`` and ``end`` are the indexes of its first line and of its last fence."""

    start: int
    end: int
    indent: str
    language: str
    lines: tuple[str, ...]
    notes: dict[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """Its content, with a line break at the end."""
        return "".join(f"{line}\n" for line in self.lines)

    @property
    def is_run(self) -> bool:
        """Whether it has commands to be run."""
        told = self.language == "console" or self.notes.keys() & {"output of", "asked with"}
        return bool(told) and "not run" not in self.notes

    def listed(self, kind: str) -> list[str]:
        """Return the parts of what a comment says."""
        return [part for part in self.notes.get(kind, "").split("; ") if part]

    @property
    def steps(self) -> tuple[Step, ...]:
        """What is typed in it, in order."""
        if command := self.notes.get("output of"):
            return (Step("", command, self.lines),)
        mark = _MENTION if "asked with" in self.notes else _PROMPT
        starts = [at for at, line in enumerate(self.lines) if line.startswith(mark)]
        ends = [*starts, len(self.lines)][1:]
        return tuple(self._step(mark, *self.lines[start:end]) for start, end in zip(starts, ends, strict=True))

    def _step(self, mark: str, typed: str, *shown: str) -> Step:
        command = typed.removeprefix(mark)
        if mark == _MENTION:
            command = f'.venv/bin/release-bot ask {self.notes["asked with"]} "{command}"'
        return Step(typed, command, shown)


def blocks_of(page: Path) -> list[Block]:
    """Return the blocks of a page, in order."""
    return list(_blocks(page.read_text(encoding="utf-8").splitlines()))


def _blocks(lines: Sequence[str]) -> Iterator[Block]:
    at = 0
    while at < len(lines):
        opened = _FENCE.fullmatch(lines[at])
        if opened:
            indent = opened["indent"]
            end = lines.index(f"{indent}```", at + 1)
            content = tuple(line.removeprefix(indent) for line in lines[at + 1 : end])
            yield Block(at + 1, end, indent, opened["language"], content, _notes(lines, at))
            at = end
        at += 1


def _notes(lines: Sequence[str], fence: int) -> dict[str, str]:
    notes: dict[str, str] = {}
    while fence and (found := _COMMENT.fullmatch(lines[fence - 1])):
        notes[found["kind"]] = found["value"]
        fence -= 1
    return notes


def shortened(printed: Sequence[str], shown: Sequence[str]) -> tuple[str, ...]:
    """Return what is printed with "..." in the place of as many lines as are left out of what is shown."""
    gap = next((at for at, line in enumerate(shown) if line.strip() == _LEFT_OUT), None)
    if gap is None:
        return tuple(printed)
    after = len("\n".join(shown[gap + 1 :]).rstrip().splitlines())
    return (*printed[:gap], shown[gap], *(printed[len(printed) - after :] if after else ()))


def rewritten(text: str, contents: Sequence[tuple[Block, Sequence[str]]]) -> str:
    """Return a page's text with other lines in some of its blocks."""
    lines = text.splitlines()
    for block, content in sorted(contents, key=lambda each: each[0].start, reverse=True):
        lines[block.start : block.end] = [f"{block.indent}{line}".rstrip() for line in content]
    return "".join(f"{line}\n" for line in lines)
