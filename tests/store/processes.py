"""Other processes that use a database, in step with the test."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

# What a process does before it says that it is ready; it goes on when it is told to.
_IN_STEP = """
import sys
from datetime import UTC, datetime
from bot.store.store import Store

url, = sys.argv[1:]

def in_step():
    print("ready", flush=True)
    sys.stdin.readline()
"""


@contextmanager
def process(code: str, url: str) -> Iterator[subprocess.Popen[str]]:
    """Run code with ``url``, ``Store`` and ``in_step()``; it has come to ``in_step()`` when this gives it out."""
    command = [sys.executable, "-c", _IN_STEP + code, url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        try:
            assert child.stdout.readline() == "ready\n"
            yield child
        finally:
            child.kill()


def go_on(child: subprocess.Popen[str]) -> str:
    """Let a process go on to its end, and give what it prints."""
    printed, _ = child.communicate("\n", timeout=60)
    assert child.returncode == 0
    return printed


def all_go_on(children: Sequence[subprocess.Popen[str]]) -> list[str]:
    """Let processes go on to their ends at the same moment, and give what each prints."""
    with ThreadPoolExecutor(len(children)) as threads:
        return list(threads.map(go_on, children))
