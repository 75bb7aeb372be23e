"""The page on the API says what its OpenAPI document says."""

import re
from typing import Any

from bot.web.api.document import openapi
from bot.web.api.operations import OPERATIONS
from bot.web.api.reference import reference
from tests.docs.world import ROOT


def section(heading: str) -> str:
    """Return what the page says below a heading."""
    return reference().partition(f"### {heading}\n")[2].partition("\n##")[0]


def objects() -> dict[str, Any]:
    schemas = openapi("", "")["components"]["schemas"]
    return {name: schema for name, schema in schemas.items() if "properties" in schema}


def test_the_page_holds_the_reference_as_it_is() -> None:
    page = (ROOT / "docs" / "API.md").read_text(encoding="utf-8")
    assert page.endswith(f"\n\n{reference()}"), "run: make reference"


def test_every_operation_has_its_parameters_and_its_answer() -> None:
    for operation in OPERATIONS:
        text = section(f"/api/v1/{operation.name}")
        assert all(f"| `{each.name}` | " in text and each.description in text for each in operation.parameters)
        assert f"[{operation.model.__name__}](#" in text


def test_every_object_has_all_its_fields() -> None:
    assert len(objects()) > 15
    for name, schema in objects().items():
        assert re.findall(r"^\| `(\w+)` \|", section(name), re.MULTILINE) == list(schema["properties"])


def test_a_type_says_what_a_program_has_to_expect() -> None:
    kinds = "one of `major`, `minor`, `patch`, `pre-release`"
    assert f"| `kind` | {kinds} | How large a step a release is; the first three are final. |" in section("Release")
    assert "| `date` | date and time or null | When it came out; null if that is unknown. |" in section("Release")
    assert "| `month` | string; may be absent |" in section("Group")
    assert "| `version` | string; may be repeated; required |" in section("/api/v1/release")
    assert "| `data` | any JSON |" in section("Reply")


def test_every_link_leads_to_an_object_of_the_page() -> None:
    links = set(re.findall(r"\]\(#(\w+)\)", reference()))
    assert links
    assert links <= {name.lower() for name in objects()}
