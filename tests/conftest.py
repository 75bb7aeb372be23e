"""Settings for every test."""

import gc
import os
import shutil
import signal
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.compiled import share_compiled_statements
from tests.examples import EXHAUSTIVE

# The tests run beside each other on few cores: how long one example takes says nothing.
for _profile, _examples in (("release-bot", 40), (EXHAUSTIVE, 200)):
    settings.register_profile(
        _profile, max_examples=_examples, deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
settings.load_profile("release-bot")

share_compiled_statements()

# A shell lets what it runs in the background ignore Ctrl-C, and that is passed on to every program that a test starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


# What databases write, nobody reads after the tests: in memory it costs no wait for a disk.
_MEMORY = Path("/dev/shm")
_ROOM = 3 * 10**9
_in_memory = pytest.StashKey[tempfile.TemporaryDirectory[str]]()


def pytest_configure(config: pytest.Config) -> None:
    """Put temporary files in memory where the machine offers enough of it; the processes of a run inherit the place."""
    is_first = not hasattr(config, "workerinput")
    if is_first and _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ROOM:
        made = config.stash[_in_memory] = tempfile.TemporaryDirectory(prefix="release-bot-tests-", dir=_MEMORY)
        os.environ["TMPDIR"] = tempfile.tempdir = made.name  # noqa: TID251 - the processes of the run inherit it


def pytest_unconfigure(config: pytest.Config) -> None:
    if made := config.stash.get(_in_memory, None):
        made.cleanup()


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Let each process of a run first import its own share of the tests: the others then find them compiled."""
    given: dict[str, Any] = getattr(session.config, "workerinput", {})
    if given and session.config.args_source is pytest.Config.ArgsSource.TESTPATHS:
        modules = sorted(Path(__file__).parent.rglob("test_*.py"))
        for module in modules[int(given["workerid"].removeprefix("gw")) :: given["workercount"]]:
            import_module(".".join(module.relative_to(session.config.rootpath).with_suffix("").parts))


def pytest_collection_finish() -> None:
    """Let Python's collector pass over the modules and the collected tests, which stay until the end."""
    gc.collect()
    gc.freeze()


def pytest_xdist_auto_num_workers() -> int:
    """Run one process more than there are cores: many tests wait for sockets and for other processes."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Give each process of a run of long tests a share of every module, whose tests take about as long as each other.

    The shares are as those of ``--dist worksteal``: equally many tests, one after the other.
    """
    processes: int = getattr(config, "workerinput", {}).get("workercount", 1)
    if all(item.get_closest_marker("long") for item in items):
        items[:] = [item for process in range(processes) for item in items[process::processes]]
