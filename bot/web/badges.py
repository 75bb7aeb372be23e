"""Badges: a label and a message as a small image (SVG), or for shields.io to draw."""

from html import escape

from bot.domain.values import dataclass
from bot.web.text import brief

_LONGEST = 60
# Verdana at 11 pixels, as wide as its wide letters: the text is then fitted into it.
_A_LETTER, _MARGIN = 7, 12
# shields.io's names, each in a shade that white text can be read on.
_SHADES = {"brightgreen": "#2c7a0b", "blue": "#0b66a8", "orange": "#a85300", "red": "#b3261e", "lightgrey": "#5c5c5c"}
_SVG = """\
<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" role="img" aria-label="{label}: {message}">
<title>{label}: {message}</title>
<clipPath id="r"><rect width="{width}" height="20" rx="3"/></clipPath>
<g clip-path="url(#r)">
<rect width="{left}" height="20" fill="#444"/>
<rect x="{left}" width="{right}" height="20" fill="{shade}"/>
</g>
<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">
<text x="{label_at}" y="14" textLength="{label_length}" lengthAdjust="spacingAndGlyphs">{label}</text>
<text x="{message_at}" y="14" textLength="{message_length}" lengthAdjust="spacingAndGlyphs">{message}</text>
</g>
</svg>
"""


@dataclass(frozen=True, slots=True)
class Badge:
    """A badge: what it is about, what it says, and a colour by shields.io's name."""

    label: str
    message: str
    color: str = "blue"


def badge_svg(badge: Badge) -> bytes:
    """Return a badge as an image."""
    label, message = brief(badge.label, _LONGEST), brief(badge.message, _LONGEST)
    left, right = (_A_LETTER * len(text) + _MARGIN for text in (label, message))
    filled = _SVG.format(
        width=left + right,
        left=left,
        right=right,
        shade=_SHADES.get(badge.color, _SHADES["lightgrey"]),
        label=escape(label),
        message=escape(message),
        label_at=left / 2,
        message_at=left + right / 2,
        label_length=left - _MARGIN,
        message_length=right - _MARGIN,
    )
    return filled.encode()


def badge_json(badge: Badge) -> dict[str, str | int]:
    """Return a badge as shields.io reads it from an endpoint."""
    label, message = brief(badge.label, _LONGEST), brief(badge.message, _LONGEST)
    return {"schemaVersion": 1, "label": label, "message": message, "color": badge.color}
