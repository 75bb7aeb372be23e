"""Faults of forges, each at one poll of a bot that polled them before, with a new tag to be found afterwards."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import time_machine

from bot.demo.recorded.github_app import RecordedApp, RecordedInstallation
from bot.demo.recorded.limits import SecondaryLimit
from bot.demo.recorded.server import Drip, Drop, Fault, Interceptor, Request, Response, Truncate
from tests import keys
from tests.faults.clock import CLOCK
from tests.faults.commands import Said
from tests.faults.listening import hanging, nobody, with_a_certificate_of_its_own
from tests.faults.rows import Row
from tests.faults.stage import COMDIRAC, CTADIRAC, NEW, TOKEN, VMDIRAC, Stage, stage

JSON = {"content-type": "application/json; charset=utf-8"}
Setting = Callable[[Stage], AbstractContextManager[object] | None]
_TAGS = "/git/matching-refs/tags"
# The port is another each time.
_ADDRESS = "http://127.0.0.1:PORT"
_MANY = [f"v0r0p{number}" for number in range(40)]
_UNTIL_BELIEVED = timedelta(minutes=40)


@dataclass(frozen=True)
class ForgeFault:
    """A fault as it is set on the stage; ``polls`` is how often the bot polls while it lasts.

    ``varies`` says that the number of requests depends on how those that are sent at the same time fall out.
    """

    name: str
    set: Setting
    polls: int = 1
    path: str = COMDIRAC
    made: tuple[str, ...] = (NEW,)
    varies: bool = False


def rows() -> Iterator[Row]:
    """Let each fault happen."""
    for fault in FAULTS:
        with stage() as set_up:
            yield _row(fault, set_up)


def _row(fault: ForgeFault, stage: Stage) -> Row:
    before = stage.held()
    CLOCK.go_on(minutes=10)
    stage.tag(*fault.made, path=fault.path)
    with ExitStack() as lasting:
        if (open_ := fault.set(stage)) is not None:
            lasting.enter_context(open_)
        for number in range(fault.polls):
            if number:
                CLOCK.go_on(minutes=_UNTIL_BELIEVED / timedelta(minutes=1))
            said = stage.run("poll", "--format", "json")
        during = stage.held()
        status = stage.run("status")
    requests = len(stage.github.requests) + len(stage.gitlab.requests)
    _heal(stage)
    CLOCK.go_on(hours=25)
    assert stage.run("poll").code == 0, fault.name
    after = stage.held()
    times = "several requests" if fault.varies else _times(requests)
    did = f"{times}; {_others(said, fault)}; {_recorded(before, during)}; {_afterwards(during, after)}"
    return Row(fault.name, did, _about(fault.path, (said.err + status.out).replace(stage.github.url, _ADDRESS)))


def _times(requests: int) -> str:
    return f"{requests} requests" if requests != 1 else "1 request"


def _others(said: Said, fault: ForgeFault) -> str:
    outcomes = {each["repository"].partition(":")[2]: each["status"] for each in said.json["repositories"]}
    assert outcomes.keys() == {COMDIRAC, VMDIRAC, CTADIRAC}, "each repository has its outcome, whatever happens"
    fine = [path.rpartition("/")[2] for path, status in outcomes.items() if status != "error" and path != fault.path]
    return f"polled beside it: {', '.join(fine)}" if fine else "no other was polled"


def _recorded(before: dict[str, Any], during: dict[str, Any]) -> str:
    return f"recorded {_difference(before, during) or 'nothing'}"


def _afterwards(during: dict[str, Any], after: dict[str, Any]) -> str:
    return f"when it was over, recorded {_difference(during, after) or 'nothing more'}"


def _difference(old: dict[str, Any], new: dict[str, Any]) -> str:
    assert old.keys() <= new.keys(), "no tag is ever forgotten"
    added = [key.partition(" ")[2] for key in new.keys() - old.keys()]
    told = [f"{len(added)} new tags" if len(added) > 1 else f"the new tag {added[0]}"] if added else []
    for state in sorted({state for _, state in new.values()}):
        count = sum(old.get(key, value) != value and value[1] == state for key, value in new.items())
        told += [f"{count} tags as {state}"] if count else []
    return ", ".join(told)


def _about(path: str, lines: str) -> str:
    return "".join(line + "\n" for line in lines.splitlines() if path in line)


def _heal(stage: Stage) -> None:
    stage.github.interceptor = stage.gitlab.interceptor = None
    stage.github.secondary = stage.github.app = None
    stage.environment |= {"GITHUB_TOKEN": TOKEN}
    stage.configure()


def answering(sent: Response | Fault, *, path: str = "", graphql: bool | None = None) -> Setting:
    """Let GitHub answer all, or what concerns a path, or GraphQL or REST alone, with something else."""

    def intercept(request: Request) -> Response | Fault | None:
        is_graphql = request.path == "/graphql"
        concerned = path in request.path or path.encode() in request.body
        return sent if concerned and graphql in (None, is_graphql) else None

    def set_(stage: Stage) -> None:
        stage.github.interceptor = intercept

    return set_


def intercepted(make: Callable[[Stage], Interceptor]) -> Setting:
    def set_(stage: Stage) -> None:
        stage.github.interceptor = make(stage)

    return set_


def on_gitlab(make: Callable[[Stage], Interceptor]) -> Setting:
    def set_(stage: Stage) -> None:
        stage.gitlab.interceptor = make(stage)

    return set_


def _limited(**headers: str) -> Response:
    return Response(403, JSON | headers, b'{"message": "API rate limit exceeded for user ID 1."}')


def _soon(seconds: int) -> str:
    return str(int(CLOCK().timestamp()) + seconds)


def _spent(_stage: Stage) -> Interceptor:
    return lambda _: _limited(**{"x-ratelimit-remaining": "0", "x-ratelimit-reset": _soon(1200)})


def _too_large(stage: Stage) -> Interceptor:
    """Return part of the data for more than 20 tags at once."""

    def intercept(request: Request) -> Response | None:
        if request.path != "/graphql":
            return None
        variables = json.loads(request.body)["variables"]
        if sum(name.startswith("o") for name in variables) - 1 <= 20:
            return None
        whole = json.loads(stage.github.answer(request).body)
        what = "Resource limits for this query exceeded."
        return Response.json(200, whole | {"errors": [{"type": "RESOURCE_LIMITS_EXCEEDED", "message": what}]})

    return intercept


def _with_list(change: Callable[[list[Any], int], list[Any]]) -> Callable[[Stage], Interceptor]:
    """Change the list of COMDIRAC's tags; the second argument counts how often it was asked for."""

    def make(stage: Stage) -> Interceptor:
        asked = iter(range(1000))

        def intercept(request: Request) -> Response | None:
            if _TAGS not in request.path or COMDIRAC not in request.path:
                return None
            unconditional = replace(request, headers={**request.headers, "if-none-match": ""})
            whole = stage.github.answer(unconditional)
            return replace(whole, body=json.dumps(change(json.loads(whole.body), next(asked))).encode())

        return intercept

    return make


def _without_most(refs: list[Any], _time: int) -> list[Any]:
    return refs[:3]


def _without_a_page_once(refs: list[Any], time: int) -> list[Any]:
    return refs if time else refs[:5] + refs[15:]


def _now_this_now_that(refs: list[Any], time: int) -> list[Any]:
    return refs[1:] if time % 2 == 0 else refs[:-1]


def _renamed(stage: Stage) -> Interceptor:
    """Call COMDIRAC "tools" from now on."""

    def intercept(request: Request) -> Response | None:
        if request.path == "/graphql":
            answer = stage.github.answer(request)
            return replace(answer, body=answer.body.replace(b'"DIRACGrid/COMDIRAC"', b'"DIRACGrid/tools"'))
        if COMDIRAC in request.path:
            location = stage.github.url + request.path.replace("COMDIRAC", "tools")
            return Response(301, {"location": location}, b"{}")
        if "DIRACGrid/tools" in request.path:
            return stage.github.answer(replace(request, path=request.path.replace("tools", "COMDIRAC")))
        return None

    return intercept


def _clock_wrong(stage: Stage) -> Interceptor:
    """Answer as ever, but with the time of ten years ago, in which the limit is reset too."""

    def intercept(request: Request) -> Response | None:
        answer = stage.github.answer(request)
        wrong = {"date": "Tue, 22 Feb 2011 09:00:00 GMT", "x-ratelimit-reset": "1298366000"}
        return replace(answer, headers={**answer.headers, **wrong})

    return intercept


def _page_missing(stage: Stage) -> Interceptor:
    """Leave out GitLab's second page, once."""
    done: list[Request] = []

    def intercept(request: Request) -> Response | None:
        if done or not request.path.endswith("/tags") or not ({"page_token", "page"} & request.query.keys()):
            return None
        done.append(request)
        return replace(stage.gitlab.answer(request), body=b"[]")

    return intercept


def _with(status: int) -> Callable[[Stage], Interceptor]:
    return lambda _: lambda _request: Response(status, JSON, b"{}")


def _other_token(stage: Stage) -> None:
    stage.environment |= {"GITHUB_TOKEN": "revoked"}


def _no_token(stage: Stage) -> None:
    stage.environment |= {"GITHUB_TOKEN": ""}
    stage.github.interceptor = lambda _: _limited(**{"x-ratelimit-remaining": "0", "x-ratelimit-reset": _soon(1200)})


def _secondary(stage: Stage) -> None:
    stage.github.secondary = SecondaryLimit(points_a_minute=1, at_once=100)


def as_app(change: Callable[[RecordedApp], None] = lambda _: None, *, off: timedelta = timedelta(0)) -> Setting:
    """Let the bot ask GitHub as an App, by a machine whose clock may be off."""

    def set_(stage: Stage) -> AbstractContextManager[object]:
        stage.github.app = RecordedApp(12345, "bot", keys.public(), [RecordedInstallation(678, "DIRACGrid")])
        change(stage.github.app)
        stage.environment |= {"GITHUB_APP_KEY": keys.private()}
        stage.configure(access='app = { id = 12345, key_env = "GITHUB_APP_KEY" }')
        return time_machine.travel(CLOCK() + off, tick=False)

    return set_


def _without_its_key(app: RecordedApp) -> None:
    app.public_key = keys.public("another")


def _suspended(app: RecordedApp) -> None:
    app.installations[678].suspended = CLOCK()


def _installed_twice(app: RecordedApp) -> None:
    app.installations[9] = RecordedInstallation(9, "chaen")


def _without_contents(app: RecordedApp) -> None:
    app.installations[678].permissions = {"metadata": "read"}


def _elsewhere(place: Callable[[], AbstractContextManager[str]]) -> Setting:
    """Let GitHub be at another address, where there is something else."""

    def set_(stage: Stage) -> AbstractContextManager[object]:
        stack = ExitStack()
        stage.configure(github=stack.enter_context(place()))
        return stack

    return set_


def _html(status: int) -> Response:
    return Response.text(status, "<html><h1>We'll be back soon</h1></html>")


FAULTS = (
    ForgeFault("none: an ordinary poll", lambda _: nullcontext()),
    ForgeFault("GitHub: the hour's limit is spent (403, remaining 0)", intercepted(_spent)),
    ForgeFault("GitHub: the limit of those without a token is spent", _no_token),
    ForgeFault(
        "GitHub: GraphQL's limit is spent (200 with an error)",
        answering(Response.json(200, {"errors": [{"type": "RATE_LIMITED", "message": "spent"}]}), graphql=True),
    ),
    ForgeFault("GitHub: secondary limit (403 with Retry-After: 60)", _secondary),
    ForgeFault("GitHub: 429 with Retry-After: 120", answering(Response(429, {**JSON, "retry-after": "120"}, b"{}"))),
    ForgeFault(
        "GitHub: GraphQL's resources do not suffice (partial data)",
        intercepted(_too_large),
        made=tuple(_MANY),
        varies=True,
    ),
    ForgeFault("GitHub: 500 for one repository", answering(Response(500, JSON, b"{}"), path=COMDIRAC)),
    ForgeFault("GitHub: 502 with a page of HTML", answering(_html(502))),
    ForgeFault("GitHub: 503 for GraphQL alone", answering(Response(503, JSON, b"{}"), graphql=True), varies=True),
    ForgeFault("GitHub: HTML instead of JSON, with 200", answering(_html(200))),
    ForgeFault("GitHub: the body breaks off", answering(Truncate(40), graphql=False)),
    ForgeFault("GitHub: the connection is cut", answering(Drop())),
    ForgeFault("GitHub: nobody listens", _elsewhere(nobody)),
    ForgeFault("GitHub: it takes the question and never answers", _elsewhere(hanging)),
    ForgeFault("GitHub: the answer drips in, byte by byte", answering(Drip(pause=0.05), graphql=False)),
    ForgeFault("GitHub: a certificate that nobody vouches for", _elsewhere(with_a_certificate_of_its_own)),
    ForgeFault("GitHub: the token expired or was revoked (401)", _other_token),
    ForgeFault(
        "GitHub: the token may not see it (403)",
        answering(Response.json(403, {"message": "Resource protected by organization SAML enforcement."}), path="COM"),
    ),
    ForgeFault("GitHub: the repository is gone, or private (404)", answering(Response(404, JSON, b"{}"), path="COM")),
    ForgeFault(
        "GitHub: sends the bot to another server",
        answering(Response(301, {"location": "http://127.0.0.2/repos"}), path="COM"),
    ),
    ForgeFault("GitHub: the repository was renamed (301)", intercepted(_renamed)),
    ForgeFault("GitHub: a list that lacks ten tags, once", intercepted(_with_list(_without_a_page_once))),
    ForgeFault("GitHub: lists that contradict each other", intercepted(_with_list(_now_this_now_that)), polls=3),
    ForgeFault("GitHub: a list that lacks most tags", intercepted(_with_list(_without_most))),
    ForgeFault(
        "GitHub: a list that lacks most tags, still after half an hour",
        intercepted(_with_list(_without_most)),
        polls=2,
    ),
    ForgeFault("GitHub: its clock is ten years behind", intercepted(_clock_wrong)),
    ForgeFault("GitHub, asked as an App: none, an ordinary poll", as_app()),
    ForgeFault("GitHub, asked as an App: its key was deleted there (401)", as_app(_without_its_key)),
    ForgeFault("GitHub, asked as an App: this machine's clock is off (401)", as_app(off=timedelta(minutes=-20))),
    ForgeFault("GitHub, asked as an App: the installation is suspended (403)", as_app(_suspended)),
    ForgeFault("GitHub, asked as an App: it may not read contents (403)", as_app(_without_contents)),
    ForgeFault("GitHub, asked as an App: two installations, none named", as_app(_installed_twice)),
    ForgeFault("GitLab: an empty page in the middle", on_gitlab(_page_missing), path=CTADIRAC),
    ForgeFault(
        "GitLab: 429 with RateLimit-Reset",
        on_gitlab(lambda _: lambda _request: Response(429, {**JSON, "ratelimit-reset": _soon(60)}, b"{}")),
        path=CTADIRAC,
    ),
    ForgeFault("GitLab: 500", on_gitlab(_with(500)), path=CTADIRAC),
    ForgeFault(
        "GitLab: the token was revoked (401)",
        on_gitlab(_with(401)),
        path=CTADIRAC,
    ),
)
