"""The addresses of what is read by other programs: for each a rule, what answers it, and whether time changes it."""

from collections.abc import Callable
from functools import partial

from bot.web import addresses
from bot.web.api.routes import ANSWERS
from bot.web.documents import badges, calendars, digest_feeds, feeds
from bot.web.visits import Document

Rule = tuple[str, Callable[..., Document], bool]

_FEEDS: tuple[Rule, ...] = (
    (addresses.ALL_RELEASES, feeds.of_all, False),
    ("/r/<key:key>.atom", feeds.of_repository, False),
    ("/r/<key:key>/-/<name:name>.atom", feeds.of_series, False),
    ("/digests.atom", digest_feeds.of_all, False),
    ("/digests/<name:rest>.atom", digest_feeds.of_audience, False),
)
_CALENDARS: tuple[Rule, ...] = (
    ("/certification.ics", calendars.of_all, True),
    ("/certification/<name:name>.ics", calendars.of_series, True),
)
_BADGES: tuple[Rule, ...] = tuple(
    (f"/badge/{rule}.{form}", partial(make, form=form), True)
    for form in ("svg", "json")
    for rule, make in (
        ("newest/<key:key>", badges.newest),
        ("newest/<key:key>/-/<name:name>", badges.newest),
        ("count", badges.count),
        ("count/<key:key>", badges.count),
        ("count/<key:key>/-/<name:name>", badges.count),
        ("certification/<name:name>", badges.certification),
    )
)
_API: tuple[Rule, ...] = tuple((address, answer, True) for address, answer in ANSWERS.items())
DOCUMENTS = (*_FEEDS, *_CALENDARS, *_BADGES, *_API)
