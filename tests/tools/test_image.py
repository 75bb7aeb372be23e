"""Checking the container image: what its base is, and what its probe refuses; ``make image`` builds it."""

from pathlib import Path

import pytest

from tools.image import DOCKERFILE, Base, ImageError, base_of
from tools.image_probe import ProbeError, check_worker, unwanted


def test_the_dockerfile_has_one_base_that_any_builder_finds() -> None:
    assert base_of(DOCKERFILE.read_text()) == Base("docker.io/library/python:3.13-slim-trixie", "3.13", "trixie")


@pytest.mark.parametrize(
    "text",
    [
        "",
        # Podman asks which registry is meant.
        "\nFROM python:3.13-slim-trixie\n",
        "\nFROM docker.io/library/python:3.13-slim-trixie AS build\nFROM docker.io/library/python:3.14-slim-trixie\n",
        "\nFROM docker.io/library/python:3.13-slim-trixie AS build\nFROM docker.io/library/debian:trixie\n",
    ],
)
def test_other_bases_are_refused(text: str) -> None:
    with pytest.raises(ImageError, match="expected one base"):
        base_of(text)


def test_what_does_not_belong_into_an_image_is_found(tmp_path: Path) -> None:
    packages = "opt/lib/site-packages"
    fine = [f"{packages}/bot/__init__.py", f"{packages}/icalendar/tests/test_time.py", "etc/database.conf"]
    wrong = ["src/.git/HEAD", "srv/.venv/bin/python", "data/bot.db", "data/bot.db-wal", "etc/bot.toml", "root/.env"]
    for name in [*fine, *wrong, f"{packages}/tests/test_app.py"]:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    found = {str(path.relative_to(tmp_path)) for path in unwanted(tmp_path)}
    assert found == {"src/.git", "srv/.venv", *wrong[2:], f"{packages}/tests"}


@pytest.mark.parametrize("configuration", [{}, {"Healthcheck": None}, {"Healthcheck": {"Test": ["NONE"]}}])
def test_an_image_without_a_health_check_is_refused(configuration: dict[str, object]) -> None:
    with pytest.raises(ProbeError, match="has no health check"):
        check_worker(configuration)
