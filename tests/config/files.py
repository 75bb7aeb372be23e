"""Configuration files for the tests, and what is said of them."""

from pathlib import Path

import pytest

from bot.config.errors import ConfigErrors
from bot.config.load import load
from bot.config.models import Settings

SHIPPED = Path(__file__).parents[2] / "config" / "bot.toml"
GITHUB = '[forges.github]\nkind = "github"\n'
DIRAC = '[[repositories]]\nforge = "github"\npath = "DIRACGrid/DIRAC"\n'
BASE = GITHUB + DIRAC
DIGEST = '[[digests]]\nname = "weekly"\nchannel = "#c"\nschedule = "0 9 * * mon"\nperiod = "last-week"\n'
PLACE = '[places.mattermost]\nurl_env = "MATTERMOST_URL"\n'
PLAN = '[[certifications]]\nrepository = "DIRAC"\nseries = "v7r2"\n'
STEP = '[[certifications.milestones]]\nkind = "hackathon"\n'


def settings(text: str, folder: Path, **environment: str) -> Settings:
    path = folder / "bot.toml"
    path.write_text(text, encoding="utf-8")
    return load(path, environment)


def mistakes(text: str, folder: Path, **environment: str) -> list[str]:
    with pytest.raises(ConfigErrors) as raised:
        settings(text, folder, **environment)
    return [str(error).removeprefix(f"{folder / 'bot.toml'}: ") for error in raised.value.errors]
