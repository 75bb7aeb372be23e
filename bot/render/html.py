"""Pages of HTML from the templates of a package: whatever a template is given is escaped."""

from collections.abc import Mapping
from functools import cache
from html import escape
from typing import TYPE_CHECKING, Any

from bot.render.markup import unmentioned
from bot.render.words import printable

if TYPE_CHECKING:
    from jinja2 import Environment

_OWN = "bot.render"


def filled(template: str, values: Mapping[str, Any], *, package: str = _OWN) -> str:
    """Return a template of a package filled with values, each of them escaped unless ``marked_up`` made it.

    Raises an error for a value that the template names and that is not there. Templates beside this module are sent to
    chats, where nothing may mention anybody.
    """
    return _environment(package).get_template(template).render(values)


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
def _environment(package: str) -> "Environment":
    """Return what all pages are made with; nothing of Jinja2 is loaded before the first."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    shown = _shown if package == _OWN else printable
    return Environment(
        loader=PackageLoader(package),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: value if hasattr(value, "__html__") else shown(str(value)),
    )
