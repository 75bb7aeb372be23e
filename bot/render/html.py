"""Pages of HTML from the templates beside this module: whatever a template is given is escaped."""

from functools import cache
from html import escape
from typing import TYPE_CHECKING, Any

from bot.render.markup import unmentioned
from bot.render.words import printable

if TYPE_CHECKING:
    from jinja2 import Environment


def filled(template: str, values: dict[str, Any]) -> str:
    """Return a template filled with values, each of them escaped unless ``marked_up`` made it.

    Raises an error for a value that the template names and that is not there.
    """
    return _environment().get_template(template).render(values)


def marked_up(fragment: str) -> str:
    """Return HTML, all outside text in which is escaped, as a value that a template takes as it is."""
    from markupsafe import Markup

    return Markup(fragment)  # noqa: S704 - fragments are made by bot.render.digest_html.HTML, which escapes


def escaped(text: str) -> str:
    """Return outside text escaped for HTML, so that it mentions nobody in a chat either."""
    return escape(_shown(text))


def _shown(text: str) -> str:
    return unmentioned(printable(text))


@cache
def _environment() -> "Environment":
    """Return what all pages are made with; nothing of Jinja2 is loaded before the first."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("bot.render"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: value if hasattr(value, "__html__") else _shown(str(value)),
    )
