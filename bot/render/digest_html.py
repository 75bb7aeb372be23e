"""A digest as an HTML page for mail or a browser: no scripts, no external resources."""

from html import escape
from urllib.parse import urlsplit

from bot.domain.digests.digest import Digest
from bot.render.digest_parts import period_line, rule_line, sections
from bot.render.markup import Markup, unmentioned
from bot.render.sections import Form, Line, lines_of
from bot.render.words import printable

_A_LINE = 40
_CHANGES = 3
# By how far a line is set in; a mail's reader without styles shows both as items of one list.
_ITEMS = ("<li>{}</li>", '<li class="of">{}</li>')
_STYLE = (
    ":root{color-scheme:light dark}"
    "body{font:16px/1.5 system-ui,sans-serif;max-width:48em;margin:2em auto;padding:0 1em}"
    "body{color:#1b1b1b;background:#fff}footer,h1+p{color:#595959}"
    "h1{font-size:1.4em}h2{font-size:1.1em;margin-bottom:0}ul{margin-top:.3em;padding-left:1.2em}"
    "li{overflow-wrap:anywhere}li.of{margin-left:1.4em;list-style:circle}a{color:#0b57d0}"
    "@media(prefers-color-scheme:dark){body{color:#e8e8e8;background:#161616}a{color:#9ec1ff}footer,h1+p{color:#b0b0b0}}"
    "@media print{body{margin:0;max-width:none}h2{break-after:avoid}a{color:inherit}}"
)


def digest_html(digest: Digest) -> str:
    """Return a digest as a complete HTML page."""
    title = f"<title>{escaped(digest.headline)}</title>"
    head = (
        f'<meta charset="utf-8">\n<meta name="viewport" content="width=device-width">\n{title}\n<style>{_STYLE}</style>'
    )
    body = f"<main>\n{digest_fragment(digest)}\n</main>"
    return f'<!doctype html>\n<html lang="en">\n<head>\n{head}\n</head>\n<body>\n{body}\n</body>\n</html>'


def digest_fragment(digest: Digest) -> str:
    """Return the body of a digest's page, for a mail or a message."""
    return "\n".join(line.text for line in digest_html_lines(digest))


def digest_html_lines(digest: Digest, *, is_headed: bool = True, is_brief: bool = False) -> list[Line]:
    """Return the lines of a digest's page; without its headline if that is shown elsewhere.

    No element except a list spans several lines.
    """
    lines = [Line(f"<h1>{escaped(digest.headline)}</h1>")] if is_headed else []
    lines.append(Line(f"<p>{escaped(period_line(digest))}</p>"))
    for section in sections(digest, HTML, Form(_A_LINE, is_brief, notes=0 if is_brief else _CHANGES)):
        lines += [Line(f"<h2>{section.heading}</h2>")] if section.heading else []
        items = lines_of(section, lambda line, depth: _ITEMS[depth].format(line))
        lines += [Line("<ul>"), *items, Line("</ul>")]
    return [*lines, Line(f"<footer>{escaped(rule_line(digest))}</footer>")]


def escaped(text: str) -> str:
    """Return outside text escaped for HTML, so that it mentions nobody in a chat either."""
    return escape(unmentioned(printable(text)))


def _link(url: str | None, text: str) -> str:
    if url is None or urlsplit(url).scheme not in ("http", "https"):
        return escaped(text)
    return f'<a href="{escape(url)}">{escaped(text)}</a>'


HTML = Markup(plain=escaped, link=_link, strong=lambda text: f"<strong>{text}</strong>")
