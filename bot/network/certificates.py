"""Which certificates of other machines are trusted: the system's authorities, Mozilla's, and one's own."""

import ssl
from functools import lru_cache
from pathlib import Path

from requests.utils import DEFAULT_CA_BUNDLE_PATH

from bot.network.exchange import BoundedTlsSocket


def tls_context(ca_file: Path | None = None) -> ssl.SSLContext:
    """Return what TLS is spoken with; ``ca_file`` holds further authorities (PEM). Raises OSError.

    The system's authorities are those of OpenSSL, $SSL_CERT_FILE and $SSL_CERT_DIR among them.
    """
    return _context(ca_file, ca_file.stat().st_mtime_ns if ca_file else 0)


def trusting_context() -> ssl.SSLContext:
    """Return what TLS is spoken with to whoever answers, where somebody asked for no check."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.sslsocket_class = BoundedTlsSocket
    return context


@lru_cache(maxsize=32)
def _context(ca_file: Path | None, _changed: int) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.load_verify_locations(DEFAULT_CA_BUNDLE_PATH)
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    context.sslsocket_class = BoundedTlsSocket
    return context
