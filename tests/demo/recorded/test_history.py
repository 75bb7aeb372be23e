from datetime import datetime, timedelta

import pytest

from bot.demo.recorded.history import NAMES, load


@pytest.mark.parametrize(
    ("name", "tags"),
    [
        ("DIRACGrid/DIRAC", 1114),
        ("DIRACGrid/WebAppDIRAC", 258),
        ("DIRACGrid/COMDIRAC", 41),
        ("DIRACGrid/VMDIRAC", 42),
        ("DIRACGrid/DIRACOS", 29),
        ("DIRACGrid/DIRACOS2", 76),
        ("DIRACGrid/diracx", 68),
        ("DIRACGrid/diracx-web", 11),
        ("DIRACGrid/diracx-charts", 40),
        ("cta-computing/dpps/workload/CTADIRAC", 323),
    ],
)
def test_every_recorded_repository_is_whole(name: str, tags: int) -> None:
    repository = load(name)
    assert name in NAMES
    assert repository.path == name
    assert len(repository.tags) == tags
    assert not repository.releases
    assert all(tag.committed.utcoffset() is not None for tag in repository.tags.values())
    assert all((tag.tag_object is None) == (tag.tagged is None) for tag in repository.tags.values())


def test_dates_keep_the_offset_that_they_were_written_with() -> None:
    tag = load("DIRACGrid/DIRAC").tags["7.2a28"]
    assert tag.commit == "ebb57edca7c92f6b196a5ba3346e5fda88776364"
    assert tag.committed == datetime.fromisoformat("2021-01-18T23:18:43+01:00")
    assert tag.committed.utcoffset() == timedelta(hours=1)


def test_an_annotated_tag_knows_its_object_and_its_own_date() -> None:
    tag = load("DIRACGrid/DIRACOS").tags["0.0.7"]
    assert tag.target == "9d8a2f6543c4c45cb2b59c9fcf238d73d71308df"
    assert tag.commit == "762ab853c06a5d40ba6023fbf5496ccd695fdaf1"
    assert tag.tagged == datetime.fromisoformat("2018-07-24T15:19:30+02:00")


def test_each_load_is_a_repository_of_its_own() -> None:
    first = load("DIRACGrid/DIRACOS")
    first.tags.clear()
    assert load("DIRACGrid/DIRACOS").tags


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(KeyError):
        load("../secrets")
