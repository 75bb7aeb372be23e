"""A digest as Block Kit, always inside Slack's limits: what does not fit is counted, never refused."""

from dataclasses import dataclass

from bot.domain.digests import Digest
from bot.domain.news import Key, key_of
from bot.render.digest_parts import Form, period_line, rule_line, sections
from bot.render.follow_ups import after_digest
from bot.render.markup import Markup
from bot.render.words import plural, printable
from bot.slack.buttons import Block, buttons, size_of_buttons
from bot.slack.escape import cut, escaped, link
from bot.slack.fitting import BLOCK_COST, LONGEST_MESSAGE, MOST_BLOCKS, Fitted, Room, fit, fits_lines, size

# Slack's block reference; the text of a notification is far below what chat.postMessage takes.
_LONGEST_HEADER, _LONGEST_CONTEXT, _LONGEST_TEXT = 150, 500, 3_000
# Header, interval, rule, the line that counts what is left out, and the buttons.
_FRAME = 5
# The readable forms first; names alone where they would leave releases out.
_FORMS = (Form(25), Form(12), Form(6), Form(3), Form(1), Form(100, is_brief=True), Form(1, is_brief=True))


@dataclass(frozen=True, slots=True)
class SlackMessage:
    """A message: its blocks, and the text that stands for them in notifications.

    ``unnamed`` are the new releases of a digest that it has no room to name.
    """

    text: str
    blocks: list[Block]
    unnamed: frozenset[Key] = frozenset()


def render_digest(digest: Digest, *, with_buttons: bool = False) -> SlackMessage:
    """Write a digest for Slack; buttons are of use only where the bot listens."""
    interval, rule = (cut(escaped(line), _LONGEST_CONTEXT) for line in (period_line(digest), rule_line(digest)))
    header = _shortened(printable(digest.headline))
    follow_ups = after_digest(digest) if with_buttons else ()
    taken = sum(map(size, (header, interval, rule))) + size_of_buttons(follow_ups)
    fitted = _fitted(digest, LONGEST_MESSAGE - taken)
    blocks = [{"type": "header", "text": {"type": "plain_text", "text": header, "emoji": False}}, context(interval)]
    blocks += [{"type": "section", "text": mrkdwn(text), "expand": True} for text in fitted.texts]
    blocks += [] if fitted.is_whole else [context(_left_out(fitted, digest.name))]
    blocks.append(context(rule))
    blocks += [buttons(follow_ups)] if follow_ups else []
    text = cut(escaped(f"{digest.headline} - {period_line(digest)}"), _LONGEST_TEXT)
    return SlackMessage(text, blocks, frozenset(map(key_of, digest.news)) - fitted.named)


def _fitted(digest: Digest, length: int) -> Fitted:
    """Write the sections in the first form in which every new release is named, else in the one that names the most."""
    found = []
    for form in _FORMS:
        told = sections(digest, MARKUP, form)
        if fits_lines(told) or form.a_line == 1:
            room = Room(length - _FRAME * BLOCK_COST - _LONGEST_CONTEXT, MOST_BLOCKS - _FRAME)
            found.append(fit(told, room))
            if not found[-1].releases:
                return found[-1]
    return min(found, key=lambda fitted: fitted.releases)


def _left_out(fitted: Fitted, name: str) -> str:
    left = [f"{plural(fitted.releases, 'more release')}, named in the next digest"] if fitted.releases else []
    left += [plural(fitted.lines, "more line")] if fitted.lines else []
    return cut(escaped(f"and {' and '.join(left)}; all of it: release-bot digest {name}"), _LONGEST_CONTEXT)


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_HEADER else f"{text[: _LONGEST_HEADER - 1]}…"


def mrkdwn(text: str) -> Block:
    """Write formatted text; ``verbatim`` keeps Slack from making links and mentions of its own."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def context(text: str) -> Block:
    """Write a line of small print."""
    return {"type": "context", "elements": [mrkdwn(text)]}


MARKUP = Markup(plain=escaped, link=link, strong=lambda text: f"*{text}*")
