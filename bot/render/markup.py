"""What a rendering writes its own way: text from outside, releases, emphasis."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.domain.releases import Release


@dataclass(frozen=True, slots=True)
class Markup:
    """How a rendering writes the three things that need care: text from a forge, a release, and emphasis."""

    plain: Callable[[str], str]
    release: Callable[[Release], str]
    strong: Callable[[str], str]
