"""Reading what git prints: exactly what it says, and nothing of what only looks like it."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.tags import TagDetails, TagRef
from bot.forges.git.objects import (
    GitObject,
    PeeledTag,
    Unreadable,
    details_of,
    read_kinds,
    read_listing,
    read_objects,
)
from bot.forges.payload import is_tag_name

MADE = datetime(2021, 2, 15, 19, 19, 54, tzinfo=UTC)
A, B, C = "a" * 40, "b" * 40, "c" * 64

ids = st.text("0123456789abcdef", min_size=40, max_size=40)
tag_names = st.text(min_size=1, max_size=20).filter(is_tag_name).filter(lambda name: "\ufffd" not in name)
listed = st.builds(
    lambda name, oid, peeled: PeeledTag(TagRef(name, oid, annotated=peeled is not None), peeled or oid),
    tag_names,
    ids,
    st.none() | ids,
)


def printed(tags: list[PeeledTag]) -> bytes:
    """Print tags as git does."""
    text = ""
    for tag in tags:
        text += f"{tag.ref.target}\trefs/tags/{tag.ref.name}\n"
        text += f"{tag.peeled}\trefs/tags/{tag.ref.name}^{{}}\n" if tag.ref.annotated else ""
    return text.encode()


@given(st.lists(listed, unique_by=lambda tag: tag.ref.name))
def test_every_listing_is_read_as_it_was_meant(tags: list[PeeledTag]) -> None:
    assert read_listing(printed(tags)) == tags


@given(st.lists(listed, min_size=1, unique_by=lambda tag: tag.ref.name), st.data())
def test_a_listing_that_breaks_off_is_never_a_shorter_one_but_at_the_end_of_a_line(
    tags: list[PeeledTag], data: st.DataObject
) -> None:
    whole = printed(tags)
    cut = whole[: data.draw(st.integers(1, len(whole) - 1))]
    if not cut.endswith(b"\n"):
        with pytest.raises(Unreadable):
            read_listing(cut)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_listing_or_none(junk: bytes) -> None:
    with suppress(Unreadable):
        read_listing(junk)


@pytest.mark.parametrize(
    "text",
    [
        f"{A}\trefs/heads/v1\n",
        f"{A}\trefs/tags/v1^{{}}\n",
        f"{A} refs/tags/v1\n",
        f"{A}\trefs/tags/v1\n{B}\trefs/tags/v1\n",
        f"{A}\trefs/tags/v1\n{B}\trefs/tags/v1^{{}}\n{B}\trefs/tags/v1^{{}}\n",
        f"{A[1:]}\trefs/tags/v1\n",
        "\n",
    ],
)
def test_what_is_no_list_of_tags_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        read_listing(text.encode())


def is_utf8(name: bytes) -> bool:
    try:
        name.decode()
    except UnicodeDecodeError:
        return False
    return True


@given(st.lists(st.binary(min_size=1, max_size=6), max_size=9, unique=True))
def test_every_name_is_a_name_of_its_own_whatever_its_bytes(names: list[bytes]) -> None:
    names = [name for name in names if is_tag_name(name.decode("utf-8", "replace"))]
    text = b"".join(A.encode() + b"\trefs/tags/" + name + b"\n" for name in names)
    read = [tag.ref.name for tag in read_listing(text)]
    assert len(set(read)) == len(names)
    assert [name.encode() for name in read if "\\" not in name] == [name for name in names if is_utf8(name)]


def test_bytes_that_are_no_utf8_are_escaped() -> None:
    text = f"{A}\trefs/tags/r\udce9sum\n{B}\trefs/tags/r\udce8sum\n{B}\trefs/tags/größe\n"
    read = read_listing(text.encode("utf-8", "surrogateescape"))
    assert [tag.ref.name for tag in read] == [r"r\xe9sum", r"r\xe8sum", "größe"]


def test_kinds_are_read_of_what_is_there() -> None:
    text = f"{A} commit 165\n{B} missing\n{C} tag 7\n"
    assert read_kinds(text.encode()) == {A: ("commit", 165), C: ("tag", 7)}


def batch(oid: str, kind: str, body: bytes) -> bytes:
    return f"{oid} {kind} {len(body)}\n".encode() + body + b"\n"


def commit(stamp: str, *, more: str = "") -> bytes:
    return f"tree {A}\nauthor X <x@x> 1 +0000\ncommitter Ä > <a@b> {stamp}\n{more}\na message\n".encode()


def test_dates_are_those_of_the_committer_and_of_the_tagger() -> None:
    tag = f"object {A}\ntype commit\ntag v1\ntagger X <x@x> 1613420394 +0100\n\ntagger Y <y@y> 5 +0000\n"
    text = batch(A, "commit", commit("1613416794 +0100")) + batch(B, "tag", tag.encode())
    assert dict(read_objects(text)) == {A: GitObject("commit", MADE), B: GitObject("tag", MADE + timedelta(hours=1))}


def test_a_signature_that_holds_headers_is_none() -> None:
    signed = f"tree {A}\nauthor X <x@x> 1 +0000\ngpgsig a\n committer E <e@e> 5 +0000\ncommitter X <x@x> 60 +0000\n\n"
    assert dict(read_objects(batch(A, "commit", signed.encode()))) == {
        A: GitObject("commit", datetime(1970, 1, 1, 0, 1, tzinfo=UTC))
    }


@pytest.mark.parametrize(
    "zone", [" +0100", " +051800", " +2400", " -3407", " -13068837", " +14000000000", " CET", " ", "", "+0100", " 0"]
)
def test_the_seconds_decide_whatever_the_zone(zone: str) -> None:
    tag = f"object {A}\ntype commit\ntag v1\ntagger X > <x@x> 1613416794{zone}\n\na tag\n"
    text = batch(A, "commit", commit(f"1613416794{zone}")) + batch(B, "tag", tag.encode())
    assert dict(read_objects(text)) == {A: GitObject("commit", MADE), B: GitObject("tag", MADE)}


def test_a_date_before_1970_is_known_as_what_it_is() -> None:
    text = batch(A, "commit", commit("-86400 +0000")) + batch(B, "commit", commit("0 -0800"))
    assert dict(read_objects(text)) == {
        A: GitObject("commit", datetime(1969, 12, 31, tzinfo=UTC)),
        B: GitObject("commit", datetime(1970, 1, 1, tzinfo=UTC)),
    }


@pytest.mark.parametrize(
    "stamp", ["", "x +0000", "- +0000", "999999999999 +0000", "-99999999999 +0000", "9" * 30 + " +0000", "+5 +0000"]
)
def test_a_date_that_is_none_is_not_known(stamp: str) -> None:
    assert dict(read_objects(batch(A, "commit", commit(stamp)))) == {A: GitObject("commit", None)}


def test_an_object_without_headers_has_no_date() -> None:
    text = batch(A, "tag", b"") + batch(B, "commit", b"\n\n\x00")
    assert dict(read_objects(text)) == {A: GitObject("tag"), B: GitObject("commit")}


bodies = st.tuples(ids, st.sampled_from(["commit", "tag"]), st.integers(0, 200_000_000_000), st.binary(max_size=50))


@given(st.lists(bodies, unique_by=lambda each: each[0]))
def test_whatever_a_message_holds_the_next_object_is_found(objects: list[tuple[str, str, int, bytes]]) -> None:
    text = b"".join(
        batch(oid, kind, f"{'committer' if kind == 'commit' else 'tagger'} X <x> {stamp} +0000\n\n".encode() + message)
        for oid, kind, stamp, message in objects
    )
    read = dict(read_objects(text))
    assert {oid: found.kind for oid, found in read.items()} == {oid: kind for oid, kind, _, _ in objects}
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    assert {oid: found.made for oid, found in read.items()} == {
        oid: epoch + timedelta(seconds=stamp) for oid, _, stamp, _ in objects
    }


@given(st.binary(max_size=200))
def test_any_bytes_give_objects_or_none(junk: bytes) -> None:
    list(read_objects(junk))
    read_kinds(junk)


def test_a_tag_whose_objects_are_not_all_known_has_no_details() -> None:
    tag = PeeledTag(TagRef("v1", A, annotated=True), B)
    assert details_of(tag, {A: GitObject("tag", MADE)}) is None
    assert details_of(tag, {B: GitObject("commit", MADE)}) is None
    known = {A: GitObject("tag", None), B: GitObject("commit", MADE)}
    assert details_of(tag, known) == TagDetails(B, committed=MADE)
