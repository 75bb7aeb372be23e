"""``release-bot subscriptions``: who is told of which releases at once, listed and changed in the terminal."""

import csv

import pytest

from bot.demo.recorded.github import RecordedGitHub
from tests.cli.conftest import Product, configuration

KEYS = {
    *("number", "channel", "repository", "series", "release", "kinds"),
    *("at", "who", "ended_at", "ended_by"),
}


def test_there_are_none_at_first(polled: Product) -> None:
    said = polled("subscriptions")
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines()[0] == "No subscriptions recorded"
    assert polled("subscriptions", "list", "--format", "json").json == []


def test_a_subscription_is_added_listed_and_removed_with_who_and_when(polled: Product) -> None:
    said = polled("subscriptions", "add", "DIRAC", "--series", "7.1", "--kind", "patch", "--channel", "#releases")
    assert (said.code, said.err) == (0, "")
    sentence, how, missing = said.out.splitlines()
    assert sentence == "I will announce patch releases of v7r1 of DIRAC in #releases as they come out"
    assert how == "to unsubscribe: release-bot subscriptions remove 1"
    assert (
        missing == "nothing is sent there yet: slack: $SLACK_BOT_TOKEN is not set; set it to the bot token (xoxb-...)"
    )
    [listed] = polled("subscriptions", "list", "--format", "json").json
    assert listed.keys() == KEYS
    assert (listed["number"], listed["channel"], listed["repository"]) == (1, "#releases", "github:DIRACGrid/DIRAC")
    assert (listed["series"], listed["kinds"], listed["release"]) == ("v7r1", ["patch"], None)
    assert listed["who"]
    assert (listed["ended_at"], listed["ended_by"]) == (None, None)
    header, row = csv.reader(polled("subscriptions", "list", "--format", "csv").out.splitlines())
    assert header == ["number", "channel", "repository", "releases", "since", "by", "ended"]
    assert row[:4] == ["1", "#releases", "github:DIRACGrid/DIRAC", "patch releases of v7r1"]
    assert polled("subscriptions", "remove", "1").out.splitlines() == [
        "Unsubscribed from patch releases of v7r1 of DIRAC (1)",
        "to undo: release-bot ask undo subscription 1",
    ]
    assert polled("subscriptions", "list", "--format", "json").json == []
    [ended] = polled("subscriptions", "list", "--all", "--format", "json").json
    assert ended["ended_by"] == listed["who"]
    assert ended["ended_at"]


def test_one_release_is_waited_for_by_a_person(polled: Product) -> None:
    add = ("subscriptions", "add", "DIRAC", "--channel", "@U012AB3CD", "--release")
    said = polled(*add, "v99r0")
    assert said.out.splitlines()[0] == "I will say in a direct message to U012AB3CD when v99r0 of DIRAC is out"
    [made] = polled("subscriptions", "list", "--format", "json").json
    assert (made["release"], made["channel"]) == ("v99r0", "@U012AB3CD")
    again = polled(
        "subscriptions", "add", "DIRAC", "--release", "v99.0.0", "--channel", "@U012AB3CD", "--format", "json"
    )
    assert [(each["new"], each["released"]) for each in again.json] == [(False, False)]
    assert polled(*add, "v7r0p49").out.startswith("v7r0p49 of DIRAC is out already: 15 Feb 2021 20:19")


def test_a_repository_of_several_products_is_one_subscription(product: Product, github: RecordedGitHub) -> None:
    another = 'forge = "github"\npath = "DIRACGrid/DIRAC"\nproduct = "next"\nprefix = "next-"\n'
    products = f'product = "server"\n[[repositories]]\n{another}'
    product.configure(configuration(github, product.folder, "DIRACGrid/DIRAC", more=products))
    assert product("subscriptions", "add", "DIRACGrid/DIRAC", "--channel", "#releases").code == 0
    assert product("subscriptions", "add", "github:DIRACGrid/DIRAC#next", "--channel", "#next").code == 0
    made = product("subscriptions", "list", "--format", "json").json
    assert [each["repository"] for each in made] == ["github:DIRACGrid/DIRAC", "github:DIRACGrid/DIRAC#next"]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (
            ("add", "Gaudi", "--channel", "#c"),
            'error: repository "Gaudi": not watched; watched: github:DIRACGrid/DIRAC',
        ),
        (("add", "DIRAC", "--series", "vXrY", "--channel", "#c"), 'error: series "vXrY": not a series name'),
        (("add", "DIRAC", "--channel", "#Not A Channel"), "error: --channel: invalid channel name"),
        (("add", "DIRAC"), "error: release-bot subscriptions add: Missing option '--channel'"),
        (
            ("add", "DIRAC", "--release", "v99r0", "--series", "v7r1", "--channel", "#c"),
            "error: --release: cannot be combined with --series or --kind; use one or the other",
        ),
        (("remove", "7"), "error: subscription 7: not found here; list them: release-bot subscriptions"),
    ],
)
def test_what_is_wrong_is_one_line(polled: Product, arguments: tuple[str, ...], error: str) -> None:
    said = polled("subscriptions", *arguments)
    assert said.code == 2
    assert said.err.startswith(error)
    assert len(said.err.splitlines()) == 1


def test_the_same_words_as_in_chat_list_and_end_them_but_a_terminal_is_no_channel(polled: Product) -> None:
    assert polled("subscriptions", "add", "DIRAC", "--channel", "#c").code == 0
    assert "1: final releases of DIRAC in #c (since" in polled("ask", "subscriptions").out
    assert (
        "a terminal is no channel; name one: release-bot subscriptions add" in polled("ask", "subscribe DIRAC here").out
    )
    assert polled("ask", "unsubscribe").out.startswith("Unsubscribed from final releases of DIRAC (1)\n")
