"""The files that a configuration names: where they are, and whether they are what they should be."""

from collections.abc import Iterator
from pathlib import Path

from bot.config.errors import Mistake, Place
from bot.config.tables import Table, table_of, text_of
from bot.config.words import quoted


def beside(folder: Path, name: str | None) -> Path | None:
    """Give the path of a file that is named relative to the configuration's folder; None for none."""
    return folder / name if name else None


def wrong_files(file: Table, folder: Path) -> Iterator[Mistake]:
    """Find the certificate files that cannot be used."""
    for place, table in (*_tables(file, "forges"), (("slack",), table_of(file, "slack")), *_tables(file, "places")):
        name = text_of(table, "ca_file")
        path = beside(folder, name)
        if path is not None and (trouble := _trouble_in(path)):
            hint = "name a PEM file with the certificate authority's certificate (-----BEGIN CERTIFICATE-----)"
            yield Mistake((*place, "ca_file"), f"{quoted(name)} {trouble}", hint)


def _tables(file: Table, kind: str) -> list[tuple[Place, Table]]:
    named = table_of(file, kind)
    return [((kind, name), table_of(named, name)) for name in named]


def _trouble_in(path: Path) -> str:
    """Say what is wrong with a file of certificates, empty where it can be used."""
    import ssl

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except ssl.SSLError:
        return "holds no certificate in PEM form"
    except OSError as error:
        return f"cannot be read ({error.strerror or type(error).__name__})"
    return ""
