"""``python -m tests.faults [HEADING]``: let faults happen, and print the tables of ``docs/FAULTS.md``."""

import sys


def main() -> None:
    """Set the clock and the waits before anything else of the bot is read, and print the tables."""
    import bot.app
    from bot.chats.slack.client import SlackClient
    from bot.forges.github.forge import GitHubForge
    from bot.forges.gitlab.forge import GitLabForge
    from tests.faults.clock import CLOCK

    bot.app.now = CLOCK
    for kind, seconds in ((GitHubForge, 2), (GitLabForge, 2), (SlackClient, 2)):
        defaults = kind.__init__.__kwdefaults__ or {}
        defaults["timeout"] = seconds  # 15 in earnest
    from tests.faults.tables import TABLES, section

    sys.stdout.write("\n".join(section(heading) for heading in sys.argv[1:] or TABLES))


if __name__ == "__main__":
    main()
