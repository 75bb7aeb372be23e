"""Badges: well-formed whatever they say, and wide enough for it."""

from xml.etree import ElementTree as ET

import pytest

from bot.web.badges import Badge, badge_json, badge_svg
from tests.web.hostile import HOSTILE

SVG = "{http://www.w3.org/2000/svg}"


def test_a_badge_says_its_label_and_its_message() -> None:
    image = ET.fromstring(badge_svg(Badge("v7r2", "v7r2p1")))
    assert image.get("aria-label") == "v7r2: v7r2p1"
    assert [each.text for each in image.iter(f"{SVG}text")] == ["v7r2", "v7r2p1"]
    left, right = (int(each.get("width", "0")) for each in image.findall(f"{SVG}g/{SVG}rect"))
    assert int(image.get("width", "0")) == left + right


def test_shields_io_reads_it() -> None:
    shown = badge_json(Badge("certification", "open", "orange"))
    assert shown == {"schemaVersion": 1, "label": "certification", "message": "open", "color": "orange"}


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_no_text_escapes(text: str) -> None:
    image = ET.fromstring(badge_svg(Badge(text, text, text)))
    assert {each.tag.removeprefix(SVG) for each in image.iter()} == {"svg", "title", "clipPath", "rect", "g", "text"}
    assert not any(name.startswith("on") for each in image.iter() for name in each.attrib)
    assert all(len(each.text or "") <= 60 for each in image.iter(f"{SVG}text"))
