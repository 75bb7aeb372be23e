"""Build the wheel and the sdist, and install each in fresh environments: ``python -m tools.packages [--into FOLDER]``.

Each environment has no checkout: it runs ``release-bot demo`` in an empty folder, with the newest dependencies
that the package index has, as a user gets them.
"""

import os
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from bot import __version__

ROOT = Path(__file__).parents[1]
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
# Seconds: the environments are made from a cache, or from the package index.
_PATIENCE = 900
_SHARED = (
    "man/man1/release-bot.1",
    "bash-completion/completions/release-bot",
    "fish/vendor_completions.d/release-bot.fish",
    "zsh/site-functions/_release-bot",
)
_HEADLINE = "6 patch releases of DIRAC (v7r0: 3, v7r1: 3)"


class PackageError(Exception):
    """A package that cannot be built, installed or run."""


def build(into: Path) -> list[Path]:
    """Return the wheel and the sdist of the checkout, built into a folder. Raises PackageError."""
    run([*_uv(), "build", "-q", "--out-dir", str(into), str(ROOT)], ROOT)
    name = f"dirac_release_bot-{__version__}"
    built = [into / f"{name}-py3-none-any.whl", into / f"{name}.tar.gz"]
    if missing := [path.name for path in built if not path.is_file()]:
        raise PackageError(f"not built: {', '.join(missing)}")
    return built


def find_python(version: str) -> Path | None:
    """Return an interpreter of this version, such as "3.12", or None if the machine has none."""
    found = subprocess.run(
        [*_uv(), "python", "find", "--no-python-downloads", "--no-project", "--system", version],
        capture_output=True,
        text=True,
        check=False,
    )
    if found.returncode == 0:
        return Path(found.stdout.strip())
    # uv sees pyenv's selected interpreters only.
    others = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
    return others[-1] if others else None


def verify(package: Path, python: Path, folder: Path) -> None:
    """Install a package in a fresh environment in an empty folder, and run its demo. Raises PackageError."""
    environment = folder / "environment"
    run([*_uv(), "venv", "-q", "--python", str(python), str(environment)], folder)
    run([*_uv(), "pip", "install", "-q", "--python", str(environment / "bin" / "python"), str(package)], folder)
    program = environment / "bin" / "release-bot"
    expect(f"release-bot {__version__}\n", run([str(program), "--version"], folder))
    work = folder / "empty"
    work.mkdir()
    expect(_HEADLINE, run([str(program), "demo"], work))
    expect(
        _HEADLINE, run([str(program), "--config", "demo/bot.toml", "digest", "slide", "--as-of", "2021-02-22"], work)
    )
    if missing := [path for path in _SHARED if not (environment / "share" / path).is_file()]:
        raise PackageError(f"{package.name} lacks {', '.join(missing)}")


def run(command: Sequence[str], folder: Path) -> str:
    """Return what a command prints in a folder. Raises PackageError with what it says if it fails."""
    # Nothing of the checkout or of its environment may help.
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}  # noqa: TID251
    ran = subprocess.run(
        command, cwd=folder, env=variables, capture_output=True, text=True, timeout=_PATIENCE, check=False
    )
    if ran.returncode != 0:
        raise PackageError(f"{' '.join(command)}: exit code {ran.returncode}\n{ran.stdout}{ran.stderr}")
    return ran.stdout


def expect(part: str, text: str) -> None:
    """Raise PackageError unless the text contains the part."""
    if part not in text:
        raise PackageError(f"expected {part!r}, printed:\n{text}")


def _uv() -> list[str]:
    return [sys.executable, "-m", "uv"]


def build_and_verify(into: Path) -> list[Path]:
    """Return the built packages, each verified with each Python that is here. Raises PackageError."""
    packages = build(into)
    pythons = {version: find_python(version) for version in PYTHONS}
    for version, python in pythons.items():
        if python is None:
            print(f"Python {version}: not installed, skipped")
            continue
        for package in packages:
            with TemporaryDirectory(prefix="release-bot-package-") as folder:
                verify(package, python, Path(folder))
            print(f"Python {version}: {package.name} installed, demo passed")
    if not any(pythons.values()):
        raise PackageError(f"no Python of {', '.join(PYTHONS)} found")
    return packages


def main(arguments: Sequence[str]) -> int:
    """Build and verify, and return the exit code."""
    parser = ArgumentParser(prog="python -m tools.packages")
    parser.add_argument("--into", type=Path, default=ROOT / "dist", help="the folder for the packages (default: dist)")
    try:
        build_and_verify(parser.parse_args(arguments).into)
    except PackageError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
