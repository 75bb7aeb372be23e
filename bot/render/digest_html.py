"""A digest as a page of HTML, for a mail or a browser: no script, no style from elsewhere, nothing fetched."""

from html import escape
from urllib.parse import urlsplit

from bot.domain.digests import Digest
from bot.render.digest_parts import Form, Line, lines_of, period_line, rule_line, sections
from bot.render.markup import Markup, unmentioned
from bot.render.words import printable

_A_LINE = 40
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:48em;margin:2em auto;padding:0 1em}"
    "h1{font-size:1.3em}footer,h1+p{color:#595959}ul{padding-left:1.2em}"
)


def digest_html(digest: Digest) -> str:
    """Write a digest as a whole page."""
    head = f'<meta charset="utf-8">\n<title>{escaped(digest.headline)}</title>\n<style>{_STYLE}</style>'
    body = digest_fragment(digest)
    return f'<!doctype html>\n<html lang="en">\n<head>\n{head}\n</head>\n<body>\n{body}\n</body>\n</html>'


def digest_fragment(digest: Digest) -> str:
    """Write what stands on a digest's page, for a mail or a message."""
    return "\n".join(line.text for line in digest_html_lines(digest))


def digest_html_lines(digest: Digest, *, is_headed: bool = True, is_brief: bool = False) -> list[Line]:
    """Write a digest's page line by line; without its headline where that stands elsewhere.

    Each line is whole: no element but lists goes over several.
    """
    lines = [Line(f"<h1>{escaped(digest.headline)}</h1>")] if is_headed else []
    lines.append(Line(f"<p>{escaped(period_line(digest))}</p>"))
    for section in sections(digest, _HTML, Form(_A_LINE, is_brief)):
        lines += [Line(f"<p>{section.heading}</p>")] if section.heading else []
        items = lines_of(section, [f"<li>{line}</li>" for line in section.lines])
        lines += [Line("<ul>"), *items, Line("</ul>")]
    return [*lines, Line(f"<footer>{escaped(rule_line(digest))}</footer>")]


def escaped(text: str) -> str:
    """Write text from outside so that a browser shows it and does nothing with it, and a chat mentions nobody."""
    return escape(unmentioned(printable(text)))


def _link(url: str | None, text: str) -> str:
    if url is None or urlsplit(url).scheme not in ("http", "https"):
        return escaped(text)
    return f'<a href="{escape(url)}">{escaped(text)}</a>'


_HTML = Markup(plain=escaped, link=_link, strong=lambda text: f"<strong>{text}</strong>")
