"""The status of series in the configuration file."""

from pathlib import Path

from tests.config.files import BASE, mistakes, settings

MARK = '[[repositories.series]]\nname = "{}"\nstatus = "{}"\n'


def test_a_series_in_any_spelling_gets_its_status(tmp_path: Path) -> None:
    text = BASE + MARK.format("9.0", "recommended") + MARK.format("v7r1", "end-of-life")
    [repository] = settings(text, tmp_path).own_repositories
    assert repository.statuses == (("v9r0", "recommended"), ("v7r1", "end-of-life"))


def test_a_status_is_no_rule_by_which_releases_are_made(tmp_path: Path) -> None:
    [before] = settings(BASE, tmp_path).own_repositories
    [after] = settings(BASE + MARK.format("9.0", "last"), tmp_path).own_repositories
    assert repr(before) == repr(after)


def test_mistakes_name_the_fix(tmp_path: Path) -> None:
    [unread] = mistakes(BASE + MARK.format("nine", "last"), tmp_path)
    assert unread.endswith('"nine" is not a series of the dirac scheme; example: "9.0"')
    [twice] = mistakes(BASE + MARK.format("9.0", "last") + MARK.format("v9r0", "maintained"), tmp_path)
    assert twice.endswith('several statuses for series "v9r0"; remove all but one')
    [unknown] = mistakes(BASE + MARK.format("9.0", "best"), tmp_path)
    line = 'repositories[0] (DIRACGrid/DIRAC).series[0] (9.0).status: invalid value "best"; must be '
    assert unknown.startswith(line)
