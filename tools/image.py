"""Build the container image and check it: ``python -m tools.image``, or ``make image``.

The base is pulled where a registry can be reached; elsewhere a stand-in for it is made of Debian's packages. Images and
temporary files stay in ``build/image``.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tools.packages import ROOT

DOCKERFILE = ROOT / "deploy/Dockerfile"
_NAME = "localhost/release-bot"
_PROBE = ROOT / "tools/image_probe.py"
_BASE = re.compile(r"^FROM (?P<base>\S+/python:(?P<python>[\d.]+)-slim-(?P<suite>\w+))(?: AS \w+)?$", re.MULTILINE)
_PROGRAMS = ("buildah", "podman")
_PACKAGES = "python3,python3-venv,python3-pip,ca-certificates"
_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
# What the official image has and Debian's packages have not. A proxy that intercepts TLS has a certificate of its own,
# which uv takes from the variable alone.
_STAND_IN = f"FROM scratch\nADD base.tar /\nENV SSL_CERT_FILE={_CERTIFICATES}\n"
_HOOKS = ('ln -s python3 "$1/usr/bin/python"', 'rm -f "$1"/usr/lib/python3*/EXTERNALLY-MANAGED')


class ImageError(Exception):
    """An image that cannot be built or that fails a check, and what to do."""


@dataclass(frozen=True)
class Base:
    """The image that the Dockerfile begins with, its version of Python, and its suite of Debian."""

    name: str
    python: str
    suite: str


def base_of(dockerfile: str) -> Base:
    """Return the one base of a Dockerfile's text. Raises ImageError if it has another number of bases."""
    found = {match.groups() for match in _BASE.finditer(dockerfile)}
    if len(found) != 1 or len(_BASE.findall(dockerfile)) != dockerfile.count("\nFROM "):
        raise ImageError("expected one base in deploy/Dockerfile; write it as HOST/PATH/python:VERSION-slim-SUITE")
    return Base(*found.pop())


@dataclass(frozen=True)
class Builder:
    """Buildah or Podman, with storage of its own in a folder."""

    program: str
    folder: Path

    def call(self, *arguments: str, is_quiet: bool = True) -> str:
        """Return what the program prints; it prints by itself unless ``is_quiet``. Raises ImageError if it fails."""
        storage = ("--root", str(self.folder / "root"), "--runroot", str(self.folder / "run"))
        command = (self.program, *storage, "--storage-driver", "vfs", *arguments)
        ran = subprocess.run(command, capture_output=is_quiet, text=True, env=self._variables(), check=False)
        if ran.returncode != 0:
            said = f"\n{ran.stderr.strip()}" if is_quiet else ""
            raise ImageError(f"{self.program} {arguments[0]}: exit code {ran.returncode}{said}")
        return ran.stdout or ""

    def build(self, context: Path, file: Path, name: str) -> None:
        """Build an image from images that are here, in Docker's format: OCI's has no health check."""
        if self.has(name):
            self.call("rmi", "--force", name)
        # Isolation by chroot works inside a container, too; a step that was taken before is taken again.
        how = ("--isolation", "chroot", "--format", "docker", "--pull=never", "--no-cache", "--layers=false")
        self.call("build", *how, "--file", str(file), "--tag", name, str(context), is_quiet=False)

    def has(self, name: str) -> bool:
        """Return whether an image is in the storage."""
        try:
            self.call("inspect", "--type", "image", name)
        except ImageError:
            return False
        return True

    def configuration(self, name: str) -> dict[str, Any]:
        """Return how an image starts and is checked: its Entrypoint, Cmd, User and Healthcheck."""
        found = json.loads(self.call("inspect", "--type", "image", name))
        if self.program == "buildah":
            return dict(found["Docker"]["config"])
        [image] = found
        return {**image["Config"], "Healthcheck": image.get("Healthcheck")}

    def _variables(self) -> Mapping[str, str]:
        return {**os.environ, "TMPDIR": str(self.folder / "tmp")}  # noqa: TID251


def find_builder(folder: Path) -> Builder:
    """Return the builder that is installed. Raises ImageError if none is."""
    for program in _PROGRAMS:
        if shutil.which(program):
            (folder / "tmp").mkdir(parents=True, exist_ok=True)
            return Builder(program, folder)
    raise ImageError("neither buildah nor podman is installed; run: apt-get install buildah")


def provide_base(builder: Builder, base: Base) -> str:
    """Return where the base is from: pulled, there from before, or made as a stand-in. Raises ImageError."""
    try:
        builder.call("pull", base.name)
    except ImageError as error:
        if builder.has(base.name):
            return "there from before"
        _make_stand_in(builder, base, str(error))
        return "a stand-in made of Debian's packages"
    return "pulled"


def _make_stand_in(builder: Builder, base: Base, reason: str) -> None:
    if not shutil.which("mmdebstrap"):
        hint = "for a stand-in made of Debian's packages, run: apt-get install mmdebstrap"
        raise ImageError(f"cannot pull {base.name}; {hint}\n{reason}")
    print(f"cannot pull {base.name}: making a stand-in of Debian's packages", flush=True)
    certificates = [f"copy-in {_CERTIFICATES} {_CERTIFICATES.parent}"] if _CERTIFICATES.is_file() else []
    hooks = [f"--customize-hook={hook}" for hook in (*_HOOKS, *certificates)]
    with TemporaryDirectory(dir=builder.folder / "tmp") as made:
        context = Path(made)
        command = ("mmdebstrap", "--quiet", "--variant=minbase", f"--include={_PACKAGES}", *hooks, base.suite)
        variables = {**os.environ, "TMPDIR": made}  # noqa: TID251
        if subprocess.run((*command, str(context / "base.tar")), env=variables, check=False).returncode != 0:
            raise ImageError("mmdebstrap failed; fix what it reports")
        (context / "Dockerfile").write_text(_STAND_IN)
        builder.build(context, context / "Dockerfile", base.name)


def probe(builder: Builder, base: Base) -> None:
    """Check the image from inside: a build upon it runs the probe as the image's user. Raises ImageError."""
    expected = {**builder.configuration(_NAME), "Python": base.python}
    with TemporaryDirectory(dir=builder.folder / "tmp") as made:
        context = Path(made)
        shutil.copyfile(_PROBE, context / "probe.py")
        (context / "expected.json").write_text(json.dumps(expected))
        (context / "Dockerfile").write_text(
            f'FROM {_NAME}\nCOPY probe.py expected.json /probe/\nRUN ["python", "/probe/probe.py"]\n'
        )
        builder.build(context, context / "Dockerfile", f"{_NAME}-probed")


def main() -> int:
    """Build the image, check it, and return the exit code."""
    try:
        builder, base = find_builder(ROOT / "build/image"), base_of(DOCKERFILE.read_text())
        print(f"base {base.name}: {provide_base(builder, base)}", flush=True)
        builder.build(ROOT, DOCKERFILE, _NAME)
        probe(builder, base)
    except ImageError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"built {_NAME} with {builder.program}, every check passed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
