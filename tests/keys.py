"""Keys of GitHub Apps, made for the tests."""

from functools import cache

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat


@cache
def _key(name: str) -> RSAPrivateKey:  # noqa: ARG001 - each name has one of its own
    return generate_private_key(65537, 2048)


def private(name: str = "first") -> str:
    """Write a key as GitHub gives it: PKCS #1 in PEM."""
    return _key(name).private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()


def public(name: str = "first") -> str:
    return _key(name).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
