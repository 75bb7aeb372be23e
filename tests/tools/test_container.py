"""The container image: what is sent to its build."""

import re

from tools.packages import ROOT


def test_the_build_is_sent_what_it_copies_and_nothing_else() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    sent = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    dockerfile = (ROOT / "deploy/Dockerfile").read_text()
    copied = {
        source
        for sources in re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile, re.MULTILINE)
        for source in sources.split()
    }
    assert "*" in ignored
    assert sent == copied
    assert all((ROOT / path).exists() for path in sent)
