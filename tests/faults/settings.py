"""Mistakes in the configuration, each told by ``release-bot config check``."""

from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.config.files import BASE, DIGEST, PLAN, STEP
from tests.config.test_pydantic_errors import (
    CERTIFICATIONS,
    FORGES,
    ORGANISATIONS,
    PLACES,
    REPOSITORIES,
    SLACK_AND_DIGESTS,
    TOP,
)
from tests.faults.commands import Said, run
from tests.faults.rows import code

_KNOWN = frozenset((BASE + DIGEST + PLAN + STEP).splitlines())
_PLACES: dict[str, Callable[[Path], object]] = {
    "there is no such file": lambda _: None,
    "it is a folder": lambda file: file.mkdir(),
    "it is not UTF-8": lambda file: file.write_bytes(b"\xff\xfe"),
    "it is no TOML": lambda file: file.write_text("a = [1,"),
}


def table() -> str:
    """Make each mistake, and write what is said of it."""
    rows = "".join(f"| {written} | {code(said.err)} |\n" for written, said in _made())
    return f"| what is written | what the user sees |\n|---|---|\n{rows}"


def _made() -> Iterator[tuple[str, Said]]:
    for name, make in _PLACES.items():
        with TemporaryDirectory() as folder:
            make(Path(folder) / "bot.toml")
            yield f"({name})", _checked(Path(folder))
    tables = (*TOP, *FORGES, *REPOSITORIES, *ORGANISATIONS, *SLACK_AND_DIGESTS, *PLACES, *CERTIFICATIONS)
    for text in tables:
        with TemporaryDirectory() as folder:
            (Path(folder) / "bot.toml").write_text(text, encoding="utf-8")
            yield code(_shown(text)), _checked(Path(folder))


def _checked(folder: Path) -> Said:
    said = run(folder, {}, "config", "check")
    assert (said.code, said.out) == (2, ""), said
    return said


def _shown(text: str) -> str:
    """Leave out what every configuration has, so that the mistake is seen."""
    lines = text.splitlines()
    return "\n".join([line for line in lines if line not in _KNOWN] or lines[-4:])
