"""Blocks of a page: what is read from them, what counts as right, and how they are rewritten."""

from pathlib import Path

import click
import pytest

from tests.docs.blocks import blocks_of, rewritten, shortened
from tests.docs.pages import Ran, run_page
from tests.docs.shell import Shell
from tests.docs.test_pages import parse, require_known
from tests.docs.world import masked

PAGE = """\
Text.

1. A list

   <!-- given: a database -->
   <!-- until: one; two -->
   ```console
   $ echo one   # a remark
   one
   $ echo two
   ```

<!-- not run: it needs docker -->
```console
$ docker run
```

<!-- asked with: --as-of 2021-02-22 -->
```
@release-bot how many?
6
```
"""


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.md"
    path.write_text(PAGE)
    return path


def test_a_block_has_steps_and_notes(page: Path) -> None:
    listed, docker, asked = blocks_of(page)
    assert listed.notes == {"given": "a database", "until": "one; two"}
    assert listed.listed("until") == ["one", "two"]
    assert docker.listed("until") == []
    assert [(step.command, step.shown) for step in listed.steps] == [
        ("echo one   # a remark", ("one",)),
        ("echo two", ()),
    ]
    assert (listed.is_run, docker.is_run, asked.is_run) == (True, False, True)
    assert [step.command for step in asked.steps] == ['.venv/bin/release-bot ask --as-of 2021-02-22 "how many?"']


def test_only_the_lines_of_a_block_are_rewritten(page: Path) -> None:
    listed, docker, _ = blocks_of(page)
    changed = rewritten(PAGE, [(docker, ["$ docker"]), (listed, ["$ echo one", "uno", ""])])
    assert changed == PAGE.replace("one   # a remark\n   one\n   $ echo two\n", "one\n   uno\n\n").replace(
        " run\n", "\n"
    )
    assert rewritten(PAGE, []) == PAGE


def test_lines_that_are_left_out_stay_left_out() -> None:
    assert shortened(list("abcdef"), ["x", "  ...", "y"]) == ("a", "  ...", "f")
    assert shortened(list("abcdef"), ["x", "...", ""]) == ("a", "...")
    assert shortened([*"abcde", "", "g"], ["x", "...", "y", "", "z", ""]) == ("a", "...", "e", "", "g")
    assert shortened(list("abcdef"), ["x"]) == tuple("abcdef")


def test_times_of_today_count_for_nothing_and_all_else_does(page: Path) -> None:
    [listed, *_] = blocks_of(page)
    assert masked("at 24 Nov 2026 10:00, in 0.3 s") == masked("at 24 Nov 2026 10:01, in 2.0 s")
    assert masked("4,981 of 5,000 requests left") == masked("4,982 of 5,000 requests left")
    assert masked("at 23 Nov 2026 10:00") != masked("at 23 Nov 2026 10:01")
    assert Ran(listed, listed.lines).is_right
    assert not Ran(listed, (*listed.lines, "two")).is_right


def test_another_output_is_noticed_and_a_failing_command_named(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```console\n$ false\n$ export A=1\n```\n\n```console\n$ echo $A; (exit 3)\n2\n$ echo $?\n3\n```\n")
    folder = tmp_path / "folder"
    folder.mkdir()
    silent, shown = run_page(page, folder, tmp_path)
    assert (silent.is_right, silent.failed) == (True, ("false: exit code 1\n",))
    assert (shown.is_right, shown.lines) == (False, ("$ echo $A; (exit 3)", "1", "$ echo $?", "3"))


def test_what_a_killed_command_printed_is_not_taken(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```console\n$ sh -c 'kill -9 $$'\nKilled\n```\n")
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(RuntimeError, match="signal 9"):
        run_page(page, folder, tmp_path)


@pytest.mark.long
def test_a_question_is_answered_and_what_goes_on_is_ended(tmp_path: Path) -> None:
    with Shell(tmp_path, {"PATH": "/usr/bin:/bin"}) as shell:
        asked = shell.run("read -p 'sure? [y/N]: ' answer; echo \"it was $answer\"")
        assert asked.lines == ("sure? [y/N]: y", "it was y", "")
        told = shell.run("read -p 'name: ' name; read -p 'sure? [y/N]: ' answer; echo $name/$answer", (), ["Enter"])
        assert told.lines[-2] == "/y"
        ended = shell.run("echo two; echo other; echo one; sleep 50", ["one", "two"])
        assert ended.lines == ("one", "two")
        assert shell.run("printf '1 of 2\\r2 of 2\\n'").lines == ("2 of 2", "")


def test_commands_and_options_that_do_not_exist_are_refused() -> None:
    parse(["db", "import", "-", "--config", "bot.toml"])
    with pytest.raises(click.UsageError, match="--fast"):
        parse(["poll", "--fast"])
    require_known("release-bot certification accept SERIES DATE --title TEXT")
    with pytest.raises(AssertionError, match="no command again"):
        require_known("release-bot deliveries again ID")
    with pytest.raises(AssertionError, match="no option --fast"):
        require_known("release-bot poll --fast")
