"""The version schemes by the name that the configuration calls them by."""

from collections.abc import Callable, Mapping

from bot.domain.versions.base import Scheme
from bot.domain.versions.dirac import DiracScheme
from bot.domain.versions.numbered import NumberedScheme
from bot.domain.versions.pep440 import Pep440Scheme
from bot.domain.versions.semver import SemverScheme

# Those that read tags without a pattern of the project's own, made from a prefix; the stricter ones first.
SCHEMES: Mapping[str, Callable[[str], Scheme]] = {
    scheme.name: scheme for scheme in (SemverScheme, Pep440Scheme, DiracScheme, NumberedScheme)
}
