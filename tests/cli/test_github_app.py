"""A GitHub asked as an App, by the whole product: its key, what doctor says of it, and nothing secret shown."""

from collections.abc import Iterator

import pytest

from bot.app import now
from bot.demo.recorded.github import RecordedGitHub
from bot.demo.recorded.github_app import RecordedApp, RecordedInstallation
from bot.demo.recorded.history import load
from bot.demo.recorded.server import Request, Response
from tests import keys
from tests.cli.conftest import Product, configuration
from tests.cli.test_masking import COMMANDS, echo, kept, shown

PLAN = '[[certifications]]\nrepository = "COMDIRAC"\nseries = "v1r0"\n'
SIGNATURE = "eyJ"


@pytest.fixture
def app() -> RecordedApp:
    return RecordedApp(12345, "dirac-releases", keys.public(), [RecordedInstallation(678, "DIRACGrid")])


@pytest.fixture
def github(app: RecordedApp) -> Iterator[RecordedGitHub]:
    with RecordedGitHub([load("DIRACGrid/COMDIRAC")], now=now) as server:
        server.app = app
        yield server


@pytest.fixture
def whole(product: Product, github: RecordedGitHub, monkeypatch: pytest.MonkeyPatch) -> Product:
    monkeypatch.setenv("GITHUB_APP_KEY", keys.private().replace("\n", "\\n"))
    text = configuration(github, product.folder, "DIRACGrid/COMDIRAC", more=PLAN)
    product.configure(text.replace('token_env = "GITHUB_TOKEN"', 'app = { id = 12345, key_env = "GITHUB_APP_KEY" }'))
    return product


def secrets(github: RecordedGitHub) -> list[str]:
    """Return the key's lines, and everything that requests were made with."""
    used = {request.headers["authorization"].partition(" ")[2] for request in github.requests}
    return [*keys.private().splitlines()[1:-1], *used]


def test_it_polls_with_a_token_of_the_installation(whole: Product, github: RecordedGitHub) -> None:
    said = whole("poll", "--format", "json")
    assert (said.code, said.json["repositories"][0]["status"]) == (0, "ok")
    assert len(said.json["repositories"][0]["new"]) == 41
    assert said.json["requests"] == len(github.requests)


def test_doctor_says_as_which_app_and_what_it_may(whole: Product) -> None:
    said = whole("doctor")
    assert said.code == 0
    assert (
        "ok       github: authenticated as the GitHub App dirac-releases (12345), installation of DIRACGrid (678); "
        "permissions: contents read, issues read, metadata read, pull_requests read"
    ) in said.out.splitlines()
    assert "token" not in said.out


@pytest.mark.parametrize("plan", [PLAN, ""])
def test_doctor_warns_of_what_the_app_may_not(whole: Product, app: RecordedApp, plan: str) -> None:
    app.installations[678].permissions = {"contents": "read", "metadata": "read"}
    whole.configure(whole.config.read_text().replace(PLAN, plan))
    said = whole("doctor")
    warning = (
        "warning  github: the App lacks permissions that private repositories need: issues, pull_requests; "
        "add the permissions in the App's settings, and accept them in the installation"
    )
    assert (said.code, warning in said.out.splitlines()) == (0, bool(plan))


def test_doctor_says_what_is_wrong_with_the_installation(whole: Product, app: RecordedApp) -> None:
    app.installations[1] = RecordedInstallation(1, "elsewhere")
    said = whole("doctor")
    assert said.code == 1
    assert (
        "error    github: the GitHub App 12345 has 2 installations; "
        "set installation in app to one of: DIRACGrid (678), elsewhere (1)"
    ) in said.out.splitlines()


@pytest.mark.parametrize("key", ["s3cret\ns3cret", keys.public()])
def test_a_key_that_is_none_is_one_line_before_anything_is_asked(
    whole: Product, github: RecordedGitHub, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("GITHUB_APP_KEY", key)
    for command in (("config", "check"), ("poll",), ("doctor",)):
        said = whole(*command)
        assert (said.code, said.out) == (2, "")
        assert said.err == (
            "error: $GITHUB_APP_KEY: not an RSA private key in PEM format, or protected by a passphrase; "
            "set it to the whole PEM file from GitHub, or set $GITHUB_APP_KEY_FILE to the path of that file\n"
        )
    assert github.requests == []


def test_without_a_key_it_is_asked_without_a_token(whole: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_APP_KEY")
    what = "$GITHUB_APP_KEY is not set: requests are sent without a token"
    line = f"warning  github: {what}; set the variable, or remove the key"
    assert line in whole("doctor").out.splitlines()


def test_nothing_shows_the_key_or_a_token_where_all_is_well(whole: Product, github: RecordedGitHub) -> None:
    said = [whole("--log-level", "debug", *command) for command in COMMANDS]
    told = "".join(each.out + each.err for each in said)
    assert "DIRACGrid/COMDIRAC" in told
    assert len(secrets(github)) > 25
    assert shown(told + kept(whole.folder), [*secrets(github), "ghs_", SIGNATURE]) == []


@pytest.mark.long
@pytest.mark.parametrize(
    ("place", "status"),
    [
        ("/app", 200),
        ("/app", 401),
        ("/app", 404),
        ("/repos", 401),
        ("/repos", 403),
        ("/repos", 404),
        ("", 200),
        ("", 403),
        ("", 500),
    ],
)
def test_nothing_shows_what_github_sends_back(whole: Product, github: RecordedGitHub, place: str, status: int) -> None:
    answer = echo(status)

    def decide(request: Request) -> Response | None:
        return answer(request) if request.path.startswith(place) else None  # type: ignore[operator]

    github.interceptor = decide
    told = "".join(said.out + said.err for said in (whole("--log-level", "debug", *command) for command in COMMANDS))
    assert "error: github:DIRACGrid/COMDIRAC: " in told
    assert shown(told + kept(whole.folder), [*secrets(github), "ghs_", SIGNATURE]) == []
