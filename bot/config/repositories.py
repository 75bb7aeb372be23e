"""The repositories and organisations that are watched on forges; each key is documented here, once."""

from inspect import getdoc
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from bot.config.defaults import default_name
from bot.config.errors import InvalidValue
from bot.config.fields import (
    Condition,
    ConfigTable,
    FileInRepository,
    IndexProject,
    Pattern,
    Product,
    RepositoryPath,
    Text,
)
from bot.config.forges import ForgeSettings
from bot.config.notation import quoted
from bot.domain import patterns
from bot.domain.organisations import Organisation
from bot.domain.repositories import Counts, NotesFile, Repository
from bot.domain.spellings import read_series
from bot.domain.tags import DateSource
from bot.domain.versions.base import Scheme
from bot.domain.versions.regex import GROUPS, RegexScheme
from bot.domain.versions.schemes import SCHEMES
from bot.domain.versions.semver import SemverScheme

# One pattern orders nothing, and a digit names each.
_FEWEST_NUMBERINGS, _MOST_NUMBERINGS = 2, 9


class TagPatterns(ConfigTable):
    """Filters on tag names; other tags are ignored."""

    include: Condition = Field(
        "",
        description="Only tags whose name matches this regular expression; empty: all.",
        examples=["^v"],
        validate_default=True,
    )
    exclude: Condition = Field(
        "",
        description="Skip tags whose name matches this regular expression; empty: none.",
        examples=["test$"],
        validate_default=True,
    )


class NotesSettings(ConfigTable):
    """A file with release notes; without it the text of the forge's releases is used."""

    file: FileInRepository = Field(
        description="Its path in the repository; of each release the file at its tag is read.",
        examples=["release.notes"],
    )
    format: Literal["dirac", "keepachangelog", "markdown"] = Field(
        description="dirac ([version], *System, FIX: (#1) text), keepachangelog (## [version] - date, ### Added) or "
        "markdown (any heading that names the version).",
        examples=["dirac"],
    )


class SeriesEntry(ConfigTable):
    """The status of a series; a status set by command wins over it."""

    name: Text = Field(description="The series, in any spelling.", examples=["v9r0"])
    status: Literal["recommended", "maintained", "last", "end-of-life"] = Field(
        description="recommended, maintained, last (its last release is out) or end-of-life.", examples=["recommended"]
    )


class WatchedRepository(ConfigTable):
    """A watched repository."""

    forge: Text = Field(description="The name of a [forges.NAME] table.", examples=["github"])
    path: RepositoryPath = Field(
        description="Its path on the forge, owner/name; on a git server as in the clone URL.",
        examples=["DIRACGrid/DIRAC"],
    )
    product: Product | None = Field(
        None,
        description="One of several packages released from this repository: give each a table of its own, with the "
        "same forge and path and its own product, prefix and scheme. It is then written FORGE:PATH#PRODUCT.",
        examples=["api"],
    )
    name: Text | None = Field(
        None,
        description="Its name in output and questions; by default the last part of the path, and the product.",
        examples=["DIRAC"],
    )
    aliases: list[Text] = Field([], description="More names for questions.", examples=[["Pilot3"]])
    scheme: Literal["dirac", "pep440", "semver", "numbered", "regex"] = Field(
        "dirac", description="The version scheme: how tag names are parsed.", examples=["pep440"]
    )
    prefix: str = Field("", description="Prefix of every tag (e.g. diracx-).", examples=["diracx-"])
    other_prefixes: list[str] = Field(
        [],
        description="Prefixes of other tags of the same project, such as older ones; an empty one is none.",
        examples=[["SUDO_"]],
    )
    pattern: Pattern | None = Field(
        None,
        description='For scheme = "regex": matches the whole name, with named groups major, minor, patch, build, '
        "phase (as in rc) and pre (its number).",
        examples=["rel-(?P<major>[0-9]+)[.](?P<minor>[0-9]+)"],
        validate_default=True,
    )
    build_metadata: Literal["ignored", "distinct"] = Field(
        "ignored",
        description='For scheme = "semver": whether tags that differ only after a + (v1.28.2+k3s1) are one release '
        "(ignored) or one release each (distinct).",
        examples=["distinct"],
        validate_default=True,
    )
    counts: Literal["patch", "final"] = Field(
        "patch",
        description="What counts as an ordinary release: patch (patch releases) or final (all final releases).",
        examples=["final"],
    )
    index: IndexProject | None = Field(
        None,
        description="Its project on a package index, INDEX:PROJECT: publication times and yanked releases.",
        examples=["pypi:DIRAC"],
    )
    count_yanked: bool = Field(
        default=True,
        description="Whether releases that are yanked on the package index are counted; they are always listed, and "
        "never the latest.",
        examples=[False],
    )
    notes: NotesSettings | None = Field(None, description=getdoc(NotesSettings))
    date: Literal["auto", "published", "index", "tagger", "commit", "first_seen"] = Field(
        "auto",
        description="The date of a release; auto is the first plausible one of the others, in this order.",
        examples=["tagger"],
    )
    tags: TagPatterns = Field(TagPatterns(), description="Filters on tag names.")
    prerelease_flag: Literal["show", "trust"] = Field(
        "show",
        description="What to do when GitHub marks a release as a pre-release but its name is a final version: "
        "show (mention the mark) or trust (treat it as a pre-release). Only GitHub has such marks.",
        examples=["trust"],
    )
    numbering: list[Pattern] = Field(
        [],
        description="If the project changed its numbering (2015.1.4, then 33.0.2): two to nine regular expressions, "
        "the oldest numbering first. The first that matches a version as spelled decides its place in the order; "
        "versions that match none are the newest.",
        examples=[[r"^20\d\d\.", "."]],
    )
    series: list[SeriesEntry] = Field([], description="The status of its series, shown beside their releases.")

    @field_validator("numbering")
    @classmethod
    def _orders_several(cls, numbering: list[patterns.Pattern]) -> list[patterns.Pattern]:
        if numbering and not _FEWEST_NUMBERINGS <= len(numbering) <= _MOST_NUMBERINGS:
            found = f"{len(numbering)} pattern{'s' * (len(numbering) > 1)}"
            hint = r'oldest numbering first, example: numbering = ["^20\\d\\d\\.", "."]'
            raise InvalidValue(f"{found}, but numbering needs two to nine", hint)
        return numbering

    @field_validator("pattern")
    @classmethod
    def _fits_scheme(cls, pattern: patterns.Pattern | None, info: ValidationInfo) -> patterns.Pattern | None:
        scheme = info.data.get("scheme")
        if scheme is not None and (scheme == "regex") != (pattern is not None):
            raise (
                _needed()
                if pattern is None
                else InvalidValue(f'pattern requires scheme = "regex", not "{scheme}"', "remove it")
            )
        if pattern is not None:
            _check_groups(pattern)
        return pattern

    @field_validator("date")
    @classmethod
    def _has_source(cls, date: str, info: ValidationInfo) -> str:
        if date == DateSource.INDEX and not info.data.get("index", "invalid"):
            raise InvalidValue('date = "index" requires index', 'example: index = "pypi:DIRAC"')
        return date

    @field_validator("build_metadata")
    @classmethod
    def _is_read(cls, build_metadata: str, info: ValidationInfo) -> str:
        if build_metadata != "ignored" and info.data.get("scheme", "semver") != "semver":
            raise InvalidValue(f'build_metadata requires scheme = "semver", not "{info.data["scheme"]}"', "remove it")
        return build_metadata

    @field_validator("series")
    @classmethod
    def _are_read(cls, series: list[SeriesEntry], info: ValidationInfo) -> list[SeriesEntry]:
        given = info.data
        if not {"scheme", "prefix", "pattern", "build_metadata"} <= given.keys():
            return series
        scheme = _scheme(given["scheme"], given["prefix"], given["pattern"], given["build_metadata"])
        read = [read_series(each.name, scheme) for each in series]
        for at, (each, name) in enumerate(zip(series, read, strict=True)):
            if name is None:
                raise InvalidValue(f"{quoted(each.name)} is not a series of the {scheme.name} scheme", 'example: "9.0"')
            if name in read[:at]:
                raise InvalidValue(f"several statuses for series {quoted(name)}", "remove all but one")
        return series

    @property
    def key(self) -> str:
        """Return the repository's key: FORGE:PATH, or FORGE:PATH#PRODUCT."""
        return f"{self.forge}:{self.path}#{self.product}" if self.product else f"{self.forge}:{self.path}"

    def repository(self, forge: ForgeSettings | None) -> Repository:
        """Return the repository with these rules; it has no page URLs without a forge or on a plain git server."""
        scheme = self._scheme_of_tags()
        return Repository(
            forge=self.forge,
            path=self.path,
            name=self.name or default_name(self.path, self.product),
            product=self.product or "",
            aliases=tuple(self.aliases),
            scheme=scheme,
            counts=Counts(self.counts),
            include=self.tags.include,
            exclude=self.tags.exclude,
            date=None if self.date == "auto" else DateSource(self.date),
            trusts_flag=self.prerelease_flag == "trust",
            numbering=tuple(self.numbering),
            other_prefixes=tuple(self.other_prefixes),
            statuses=tuple((read_series(each.name, scheme) or each.name, each.status) for each in self.series),
            index=self.index or "",
            counts_yanked=self.count_yanked,
            tag_url=forge.site.tag_page(forge.address, self.path) if forge else "",
            pull_url=forge.site.pull_page(forge.address, self.path) if forge else "",
            comparison_url=forge.site.comparison_page(forge.address, self.path) if forge else "",
            notes=self._notes_file(forge),
        )

    def _notes_file(self, forge: ForgeSettings | None) -> NotesFile | None:
        if self.notes is None:
            return None
        page = forge.site.file_page(forge.address, self.path, self.notes.file) if forge else ""
        return NotesFile(self.notes.file, self.notes.format, page)

    def _scheme_of_tags(self) -> Scheme:
        return _scheme(self.scheme, self.prefix, self.pattern, self.build_metadata)


class WatchedOrganisation(ConfigTable):
    """All repositories of an organisation or user on GitHub, or of a group on GitLab with the groups in it.

    New ones are watched automatically; a repository with its own table uses that table.
    """

    forge: Text = Field(description="The name of a [forges.NAME] table.", examples=["github"])
    path: RepositoryPath = Field(
        description="The organisation, the user, or the group's full path.", examples=["DIRACGrid"]
    )
    include: Condition = Field(
        "",
        description="Only repositories whose path below it matches this regular expression; empty: all.",
        examples=["DIRAC"],
        validate_default=True,
    )
    exclude: Condition = Field(
        "",
        description="Skip repositories whose path matches this regular expression; empty: none.",
        examples=["^test"],
        validate_default=True,
    )
    forks: bool = Field(default=False, description="Whether forks are watched.", examples=[True])
    archived: bool = Field(
        default=False,
        description="Whether repositories are watched that were archived before they were first listed.",
        examples=[True],
    )
    scheme: Literal["best", "dirac", "pep440", "semver", "numbered"] = Field(
        "best",
        description="The version scheme of all; best chooses for each repository by its first tags.",
        examples=["pep440"],
    )
    prefix: str = Field("", description="Prefix of every tag (e.g. diracx-).", examples=["release-"])
    counts: Literal["best", "patch", "final"] = Field(
        "best",
        description="What counts as an ordinary release; best chooses for each repository by its first tags.",
        examples=["final"],
    )
    date: Literal["auto", "published", "tagger", "commit", "first_seen"] = Field(
        "auto", description="The date of a release.", examples=["tagger"]
    )
    tags: TagPatterns = Field(TagPatterns(), description="Filters on tag names.")

    @property
    def organisation(self) -> Organisation:
        """Return the watched organisation."""
        return Organisation(
            forge=self.forge,
            path=self.path,
            include=self.include,
            exclude=self.exclude,
            forks=self.forks,
            archived=self.archived,
            scheme=self.scheme,
        )


def _scheme(name: str, prefix: str, pattern: patterns.Pattern | None, build_metadata: str) -> Scheme:
    if pattern is not None:
        return RegexScheme(pattern, prefix)
    if name == "semver":
        return SemverScheme(prefix, builds_differ=build_metadata == "distinct")
    return SCHEMES[name](prefix)


def _needed() -> InvalidValue:
    return InvalidValue('missing key, required by scheme = "regex"', 'example: pattern = "rel-(?P<major>[0-9]+)"')


def _check_groups(pattern: patterns.Pattern) -> None:
    if "major" not in pattern.groups:
        raise InvalidValue("no group named major", "write (?P<major>[0-9]+) for the first number")
    for group in pattern.groups:
        if group not in GROUPS:
            raise InvalidValue(f'unknown group "{group}"', f"known groups: {', '.join(GROUPS)}")
