"""Addresses of repositories as people paste them: pages, clone URLs, paths; and the forges that may be meant."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bot.domain.errors import UsageError
from bot.domain.organisations import EVERY
from bot.domain.values import dataclass
from bot.forges.sites import SITES

_QUOTES = "<>\"'`,;"
# What pip and npm write before the scheme, and what people copy from a shell.
_BEFORE = re.compile(r"^(?:git\s+clone\s+(?:--\S+\s+)*)?(?:git\+)?")
# ssh's short form, USER@HOST:PATH.
_SHORT_SSH = re.compile(r"(?:[\w.-]+@)(?P<host>[\w.-]+):(?!//)(?P<path>.+)")
_HOST_FIRST = re.compile(r"(?P<host>(?:[\w-]+\.)+[a-z]{2,}|localhost)(?::\d+)?/.+", re.IGNORECASE)
# What may be a folder here: to look for a name that is too long is an error of the system.
_NAME = re.compile(r"[\w.-]{1,60}")
_OWNER_AND_NAME = re.compile(r"[\w-][\w.-]*/[\w.-]+")
# The parts of a page below a repository's own page.
_BELOW = re.compile(
    "-|releases?|tags?|tree|blob|blame|raw|src|commits?|branches|issues|pulls?|merge_requests|wikis?|actions|compare|"
    "pipelines|archive|settings|security|graphs|activity|network|pulse|discussions|projects"
)
# Other hosts of GitHub's that show files of a repository, all at /OWNER/NAME.
_OF_GITHUB = frozenset({"raw.githubusercontent.com", "codeload.github.com"})
_GITHUB, _GITLAB, _GIT = "github", "gitlab", "git"
_SCHEMES = frozenset({"https", "http", "ssh", _GIT})
_EXAMPLE = "example: https://github.com/DIRACGrid/DIRAC"


@dataclass(frozen=True, slots=True)
class Pasted:
    """A repository that may be meant: the name of its forge, the forge's kind and URL (None: public), and the path."""

    forge: str
    kind: str
    base_url: str | None
    path: str

    @property
    def key(self) -> str:
        """Return FORGE:PATH."""
        return f"{self.forge}:{self.path}"

    @property
    def variable(self) -> str | None:
        """Return the variable for a token of the forge, None where it takes none.

        Each forge has one of its own, so that no server is sent another's token.
        """
        if self.base_url is None:
            return f"{self.kind.upper()}_TOKEN"
        if not self.base_url.startswith(("http://", "https://")):
            return None
        return f"{re.sub('[^A-Z0-9]', '_', self.forge.upper()).lstrip('_0123456789') or 'FORGE'}_TOKEN"


def read_pasted(text: str, kind: str | None = None) -> tuple[Pasted, ...]:
    """Return the repositories that an address may mean, the likeliest first, all of ``kind`` if one is given.

    Raises UsageError for what names no repository. A user or password in the address is left out.
    """
    bare = _BEFORE.sub("", text.strip().strip(_QUOTES).strip())
    if not bare or re.search(r"\s", bare):
        raise UsageError("repository", "not an address", _EXAMPLE)
    found = tuple(_checked(each) for each in _read(bare) if kind in (None, each.kind))
    if not found:
        found = tuple(_checked(_as_kind(each, kind or "")) for each in _read(bare)[:1])
    return found


def _read(text: str) -> list[Pasted]:
    if text.startswith((".", "/", "~", "file://")):
        return [_local(Path(unquote(text.removeprefix("file://"))))]
    if text.partition(":")[0] in (_GITHUB, _GITLAB) and "://" not in text:
        forge, _, path = text.partition(":")
        return [Pasted(forge, forge, None, _repository_of(path, is_github=forge == _GITHUB))]
    if short := _SHORT_SSH.fullmatch(text):
        return list(_over_ssh(short["host"], f"ssh://{text[: short.start('path') - 1]}", short["path"]))
    if _HOST_FIRST.fullmatch(text):
        text = f"https://{text}"
    elif "://" not in text:
        if _NAME.fullmatch(text) and Path(text).is_dir():
            return [_local(Path(text))]
        if not _OWNER_AND_NAME.fullmatch(text):
            raise UsageError(f'repository "{text[:80]}"', "not an address", _EXAMPLE)
        return [Pasted(_GITHUB, _GITHUB, None, _repository_of(text, is_github=True))]
    return list(_of_url(text))


def _of_url(text: str) -> Iterator[Pasted]:
    try:
        parts = urlsplit(text)
        host, port = (parts.hostname or "").removeprefix("www."), f":{parts.port}" if parts.port else ""
    except ValueError as error:
        raise UsageError("repository", "invalid URL", _EXAMPLE) from error
    path = unquote(parts.path).strip("/")
    if parts.scheme not in _SCHEMES:
        raise UsageError("repository", f'unknown scheme "{parts.scheme}" in the URL', _EXAMPLE)
    if not host or not path:
        raise UsageError("repository", "the URL names no repository", _EXAMPLE)
    if parts.scheme == "ssh":
        user = f"{parts.username}@" if parts.username else ""
        yield from _over_ssh(host, f"ssh://{user}{_in_url(host)}{port}", path)
    elif parts.scheme in ("http", "https"):
        yield from _over_http(f"{parts.scheme}://{_in_url(host)}{port}", host, path)
    else:
        yield from _public(host, path) or [Pasted(host, _GIT, f"git://{_in_url(host)}{port}/", path)]


def _over_ssh(host: str, base_url: str, path: str) -> Iterator[Pasted]:
    public = _public(host, path)
    if not public and _GITLAB in host:
        yield Pasted(host, _GITLAB, f"https://{_in_url(host)}", _repository_of(path, is_github=False))
    yield from public or [Pasted(host, _GIT, f"{base_url}/", path.strip("/"))]


def _over_http(base_url: str, host: str, path: str) -> Iterator[Pasted]:
    if public := _public(host, path):
        yield from public
        return
    if _GITHUB in host:
        yield Pasted(host, _GITHUB, base_url, _repository_of(path, is_github=True))
    elif "/" in path:
        yield Pasted(host, _GITLAB, base_url, _repository_of(path, is_github=False))
    yield Pasted(host, _GIT, f"{base_url}/", path if path.endswith(".git") else _without_page(path))


def _public(host: str, path: str) -> list[Pasted]:
    """Return the repository of a public forge's host, none for another host."""
    if host == "api.github.com":
        path = path.removeprefix("repos/")
    for kind in (_GITHUB, _GITLAB):
        if host in SITES[kind].hosts or (kind == _GITHUB and host in _OF_GITHUB):
            return [Pasted(kind, kind, None, _repository_of(path, is_github=kind == _GITHUB))]
    return []


def _repository_of(path: str, *, is_github: bool) -> str:
    """Return the path of the repository that a page belongs to. Raises UsageError for that of an owner."""
    parts = _without_page(path.strip("/")).split("/")
    parts = parts[:2] if is_github else parts
    if len(parts) == 1 or path.endswith(EVERY):
        what = f'"{path[:80]}" is an owner, not a repository'
        hint = "paste a repository's address; all of an owner's: release-bot watch add 'github:OWNER/*'"
        raise UsageError("repository", what, hint)
    return "/".join(parts).removesuffix(".git")


def _without_page(path: str) -> str:
    """Return a path without what names a page below the repository, which has an owner and a name."""
    parts = path.split("/")
    end = next((at for at, part in enumerate(parts) if at > 1 and _BELOW.fullmatch(part)), len(parts))
    return "/".join(parts[:end])


def _local(named: Path) -> Pasted:
    """Return the git repository that holds a local path."""
    path = named.expanduser().resolve()
    if not path.exists():
        raise UsageError(str(named), "no such folder", "paste the path of a git repository, or its URL")
    for folder in (path, *path.parents):
        is_bare = (folder / "HEAD").is_file() and (folder / "objects").is_dir()
        if (is_bare or (folder / ".git").exists()) and folder.parent != folder:
            return Pasted("local", _GIT, f"file://{folder.parent}/", folder.name)
    raise UsageError(str(named), "not a git repository", "paste the path of a git repository, or its URL")


def _as_kind(pasted: Pasted, kind: str) -> Pasted:
    """Return a repository as one on another kind of forge at the same host, as --forge-kind asks for."""
    if pasted.base_url is None:
        base_url = {_GITHUB: "https://github.com/", _GITLAB: "https://gitlab.com/"}[pasted.kind]
        return replace(pasted, kind=kind, base_url=base_url)
    is_path = kind != _GITHUB
    path = _repository_of(pasted.path, is_github=True) if not is_path else pasted.path.removesuffix(".git")
    return replace(pasted, kind=kind, base_url=pasted.base_url.rstrip("/"), path=path)


def _checked(pasted: Pasted) -> Pasted:
    """Return it with the URL of its API. Raises UsageError where the configuration takes no such forge or path."""
    site = SITES[pasted.kind]
    base_url = site.right_address(pasted.base_url) if pasted.base_url else None
    fault = site.path_fault(pasted.path)
    if fault is not None:
        raise UsageError(f'repository "{pasted.path}"', fault.what, fault.hint)
    return replace(pasted, base_url=base_url)


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
