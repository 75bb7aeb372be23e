"""The page on configuration says what the models say, and what the check says."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, TypeAdapter

from bot.config.locations import inner_model
from bot.config.models import Settings
from bot.config.reference import reference, schema
from tests.config.files import SHIPPED, mistakes, settings

PAGE = (Path(__file__).parents[2] / "docs" / "CONFIGURATION.md").read_text(encoding="utf-8")


def test_the_page_holds_the_table_of_keys_as_it_is() -> None:
    assert PAGE.endswith(reference()), "run: make reference"


def test_the_published_schema_is_that_of_the_keys() -> None:
    assert json.loads((SHIPPED.parent / "schema.json").read_text(encoding="utf-8")) == schema(), "run: make reference"


def test_the_indentation_of_the_source_is_in_no_description() -> None:
    # Python 3.13 strips it from docstrings, and 3.11 does not.
    assert "\n " not in json.dumps(schema()).replace("\\n", "\n")
    assert "\n " not in reference()


def test_editors_find_the_schema_of_the_shipped_file() -> None:
    [name] = re.findall(r"\A#:schema \./(.+)\n", SHIPPED.read_text(encoding="utf-8"))
    assert (SHIPPED.parent / name).is_file()


def test_the_page_shows_what_is_said_of_its_bad_file(tmp_path: Path) -> None:
    section = PAGE.partition("## What the check says")[2].partition("\n## ")[0]
    [text] = re.findall(r"```toml\n(.*?)```", section, re.DOTALL)
    shown = [line for line in section.splitlines() if line.startswith("error: bad.toml: ")]
    assert shown == [f"error: bad.toml: {line}" for line in mistakes(text, tmp_path)]


def test_the_pages_example_of_a_certification_is_understood(tmp_path: Path) -> None:
    section = PAGE.partition("## Certification")[2]
    [text] = re.findall(r"```toml\n(.*?)```", section.partition("\n## ")[0], re.DOTALL)
    made = settings(SHIPPED.read_text(encoding="utf-8") + text, tmp_path)
    assert [step.title for step in made.plans[0].configured] == ["Hackathon 4", "Final certification"]


def test_the_example_in_the_shipped_file_is_right_once_its_signs_are_taken_away(tmp_path: Path) -> None:
    before, found, example = SHIPPED.read_text(encoding="utf-8").partition("# [[certifications]]\n")
    made = settings(before + (found + example).replace("# [[", "[[").replace("\n# ", "\n"), tmp_path)
    assert [plan.series for plan in made.plans] == ["v7r2"]
    assert len(made.plans[0].configured) == 2


def tables(model: type[BaseModel] = Settings) -> Iterator[type[BaseModel]]:
    yield model
    for field in model.model_fields.values():
        if (inner := inner_model(field.annotation)) is not None:
            yield from tables(inner)


def test_every_example_is_one_that_its_key_takes() -> None:
    examples = [
        (field, example)
        for table in tables()
        for field in table.model_fields.values()
        for example in field.examples or []
    ]
    assert len(examples) > 30
    for field, example in examples:
        TypeAdapter(field.rebuild_annotation()).validate_python(example, strict=True)
