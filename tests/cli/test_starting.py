"""What a short command loads: its time is mostly spent in importing."""

import subprocess
import sys
from importlib.util import find_spec

from tests.cli.conftest import Product

# Packages that take long to import, or come with them.
_HEAVY = frozenset(
    {
        *("alembic", "apprise", "apscheduler", "github", "gitlab", "httpx", "jinja2", "psycopg", "requests", "rich"),
        *("slack_sdk", "structlog", "werkzeug"),
    }
)
# What of the bot is for other commands alone.
_OF_OTHERS = frozenset(
    {
        *("bot.chats.router", "bot.forges.github.forge", "bot.web", "bot.worker"),
        *("bot.render.digest_content", "bot.render.digest_parts", "bot.render.status"),
        *("bot.services.deliver", "bot.services.digests", "bot.services.doctor", "bot.services.observations"),
        *("bot.services.poll", "bot.services.status", "bot.services.subscriptions"),
        *("bot.store.archive", "bot.store.conversations", "bot.store.deliveries", "bot.store.leases"),
        *("bot.store.notes", "bot.store.polls", "bot.store.subscriptions"),
    }
)
# What of the bot is for some questions and commands alone, however they are read.
_OF_SOME = frozenset(
    {
        *("bot.domain.claims", "bot.domain.digests.delivery", "bot.domain.digests.digest", "bot.domain.notes.formats"),
        *("bot.domain.rates", "bot.services.certification", "bot.services.ports"),
    }
)
_OF_LANGUAGE = frozenset(
    {
        *("bot.commands", "bot.dialogue", "bot.queries.language.lexer", "bot.queries.language.vocabulary"),
        *("bot.domain.certification.certification", "bot.domain.digests.digest", "bot.domain.notes"),
        *("bot.domain.subscriptions", "bot.queries.claim", "bot.queries.registry", "bot.services.ports"),
    }
)


def loaded(product: Product, *arguments: str) -> set[str]:
    """Run a command as a process of its own, and return the modules that it has loaded."""
    code = (
        "import atexit, gc, sys; from pathlib import Path; import bot.cli.collection; from bot.__main__ import main; "
        "looks = lambda: sum(each['collections'] for each in gc.get_stats()); before = looks(); "
        "atexit.register(lambda: Path('looks').write_text(str(looks() - before))); "
        "atexit.register(lambda: Path('modules').write_text(' '.join(sys.modules))); main()"
    )
    command = [sys.executable, "-c", code, "--config", str(product.config), *arguments]
    subprocess.run(command, cwd=product.folder, check=True, capture_output=True)
    return set((product.folder / "modules").read_text().split())


def test_a_count_loads_only_what_it_needs(polled: Product) -> None:
    modules = loaded(polled, "count", "--period", "2020", "--by", "series")
    assert not modules & (_HEAVY | _OF_OTHERS | _OF_LANGUAGE)


def test_a_question_loads_no_more_than_all_kinds_of_questions_and_commands_need(polled: Product) -> None:
    modules = loaded(polled, "ask", "how many releases in 2020")
    assert not modules & (_HEAVY | _OF_OTHERS | _OF_SOME)
    assert (polled.folder / "looks").read_text() == "0", "the interpreter has looked for garbage"


def test_what_is_not_to_be_loaded_exists() -> None:
    assert all(find_spec(name) for name in _OF_OTHERS | _OF_LANGUAGE | _OF_SOME)
