"""How a command is run: never for too long, never saying too much, and never alone left behind."""

import os
from pathlib import Path
from time import monotonic

import pytest

from bot.forges.git.process import Remote, TimedOut, run

VARIABLES = {"PATH": os.defpath}


def test_a_command_says_what_it_says(tmp_path: Path) -> None:
    done = run(["sh", "-c", "cat; echo wrong >&2; exit 3"], VARIABLES, tmp_path, 10, lines=b"given")
    assert (done.status, done.output, done.trouble) == (3, b"given", "wrong\n")
    assert not done.is_too_large


def test_a_command_that_says_too_much_is_stopped(tmp_path: Path) -> None:
    done = run(["yes"], VARIABLES, tmp_path, 10, largest=10_240)
    assert done.is_too_large
    assert len(done.output) == 10_240


def test_a_file_that_grows_too_large_is_stopped_too(tmp_path: Path) -> None:
    run(["sh", "-c", "yes >file"], VARIABLES, tmp_path, 10, largest=10_240)
    assert (tmp_path / "file").stat().st_size == 10_240


def test_a_command_that_takes_too_long_is_killed_with_its_children(tmp_path: Path) -> None:
    begun = monotonic()
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with pytest.raises(TimedOut):
        run(["sh", "-c", f"sleep 60 >{pipe} & wait"], VARIABLES, tmp_path, 0.3)
    os.set_blocking(reader, True)
    # The end of the pipe comes only when nobody holds its other end any more.
    assert os.read(reader, 1) == b""
    os.close(reader)
    assert monotonic() - begun < 10


def test_only_the_protocol_of_the_address_may_be_spoken_and_no_secret_is_shown() -> None:
    remote = Remote("ssh://git@host/x", {"http.extraHeader": "s3cret"})
    variables = remote.variables()
    assert variables["GIT_ALLOW_PROTOCOL"] == "ssh"
    assert variables["GIT_CONFIG_COUNT"] == "2"
    assert (variables["GIT_CONFIG_KEY_1"], variables["GIT_CONFIG_VALUE_1"]) == ("http.extraHeader", "s3cret")
    assert "s3cret" not in repr(remote)
