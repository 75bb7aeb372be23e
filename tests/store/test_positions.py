"""Where the streams of chats were left."""

from bot.store.store import Store


def test_a_position_is_kept_for_the_next_process_by_its_name(database_url: str) -> None:
    with Store.open(database_url) as one:
        assert one.positions.read("matrix @bot:example.org") == ""
        one.positions.write("matrix @bot:example.org", "s1")
        one.positions.write("matrix @bot:example.org", "s2")
    with Store.open(database_url) as other:
        assert other.positions.read("matrix @bot:example.org") == "s2"
        assert other.positions.read("matrix @other:example.org") == ""
        other.positions.write("matrix @bot:example.org", "")
        assert other.positions.read("matrix @bot:example.org") == ""
