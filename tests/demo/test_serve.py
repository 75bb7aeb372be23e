"""``release-bot demo --serve``: other commands run against the forges that it serves, until Ctrl-C."""

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.demo.serve import with_addresses
from tests.programs import PIPE, Program

PATH_ALONE = {"PATH": os.defpath}


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Program]:
    arguments = ["demo", "--serve", "--folder", str(tmp_path / "demo")]
    process = Program("bot", arguments, env=PATH_ALONE, stdout=PIPE, stderr=PIPE)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def exported(process: Program) -> dict[str, str]:
    """Read what is printed up to the last line; return the variables that it says to export."""
    assert process.stdout is not None
    variables: dict[str, str] = {}
    for line in process.stdout:
        if line.startswith("  export "):
            variables |= dict(re.findall(r"(\w+)=(\S+)", line))
        if line.endswith(" doctor\n"):
            return variables
    raise AssertionError(process.communicate())


@pytest.mark.long
def test_other_commands_run_against_it_until_ctrl_c(demo: Program, tmp_path: Path) -> None:
    variables = PATH_ALONE | exported(demo)
    for arguments, printed in (
        (["poll"], r"github:DIRACGrid/DIRAC +unchanged +1114 "),
        (["watch", "check", "github:DIRACGrid/diracx"], r"github:DIRACGrid/diracx: 68 tags\n"),
        (["watch", "check", "gitlab.cta-observatory.org:cta-computing/dpps/workload/CTADIRAC"], r": 323 tags\n"),
    ):
        made = Program("bot", arguments, env=variables, stdout=PIPE)
        out, _ = made.communicate()
        assert made.returncode == 0
        assert re.search(printed, out), out
    demo.send_signal(signal.SIGINT)
    assert demo.wait(10) == 130
    assert sorted(path.name for path in (tmp_path / "demo").iterdir()) == [
        ".made-by-demo.json",
        "bot.toml",
        "release-bot.db",
    ]


def test_an_address_is_replaced_or_added_and_nothing_else_changes() -> None:
    before = (
        '[forges.a]\nkind = "github"\ntoken_env = "A"\n\n'
        '[forges.b]\nkind = "gitlab"\nbase_url = "https://b.example"\n\n'
        '[forges.c]\nkind = "git"\nbase_url = "https://c.example"\n'
        '[indexes.pypi]\nbase_url = "https://pypi.org/simple/"\n'
    )
    after = (
        '[forges.a]\nkind = "github"\nbase_url = "http://127.0.0.1:1"\ntoken_env = "A"\n\n'
        '[forges.b]\nkind = "gitlab"\nbase_url = "http://127.0.0.1:2"\n\n'
        '[forges.c]\nkind = "git"\nbase_url = "https://c.example"\n'
        '[indexes.pypi]\nbase_url = "http://127.0.0.1:3"\n'
    )
    addresses = {"github": "http://127.0.0.1:1", "gitlab": "http://127.0.0.1:2", "pypi": "http://127.0.0.1:3"}
    assert with_addresses(before, addresses) == after
