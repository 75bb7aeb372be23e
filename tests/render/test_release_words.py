from dataclasses import replace

from bot.domain.periods.period import AsOf, Period
from bot.domain.versions.version import ReleaseKind
from bot.render.json_form import release_json
from bot.render.release_words import dated, flagged
from tests.builders import MONDAY, PARIS, a_repository, releases

AS_OF = AsOf.at(MONDAY, PARIS)
PERIOD = Period(None, AS_OF.end, PARIS)


def test_a_release_that_the_forge_marks_as_a_pre_release_says_so_where_its_name_is_final() -> None:
    [release] = releases(a_repository(), {"v7r1": MONDAY})
    marked = replace(release, is_flagged=True)
    assert "pre-release" not in dated(release, PERIOD)
    assert dated(marked, PERIOD).endswith(", marked as pre-release on GitHub")
    assert flagged(replace(marked, kind=ReleaseKind.PRE_RELEASE)) == []
    assert [release_json(each, PARIS)["prerelease_flag"] for each in (release, marked)] == [False, True]
