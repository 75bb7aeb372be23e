"""The requests that are made for one repository."""

from dataclasses import dataclass


@dataclass(slots=True)
class RequestCounter:
    """The requests made for one repository; ``where`` is the repository as errors name it, ``path`` its own.

    ``redirected`` says that the forge knows the repository by another path.
    """

    where: str
    path: str = ""
    requests: int = 0
    redirected: bool = False
