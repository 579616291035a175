"""Sealing of faces at rest: AES-256-GCM, one key a subject, the outer key outside the database.

A sealed text opens only for the owner and the purpose it was sealed for (associated data): a
row copied to another subject, or an image passed off as a template, does not open.
"""

import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FORMAT = b"FM1"
"""First bytes of everything sealed; another scheme gets another number."""

NONCE_BYTES = 12
"""As NIST SP 800-38D asks for; random, safe for 2^32 texts a key (a subject has thousands)."""


class SealBroken(Exception):
    """The sealed bytes were changed, or belong to another owner, purpose or key."""


def seal(key: bytes, plain: bytes, *, owner_id: str, purpose: str) -> bytes:
    """Return `plain` sealed for one owner and purpose: format, nonce, ciphertext with tag."""
    nonce = os.urandom(NONCE_BYTES)
    return FORMAT + nonce + AESGCM(key).encrypt(nonce, plain, _context(owner_id, purpose))


def unseal(key: bytes, sealed: bytes, *, owner_id: str, purpose: str) -> bytes:
    """Return what was sealed.

    Raises
    ------
    SealBroken
        A bit was changed, or key, owner or purpose is another.
    """
    nonce = sealed[len(FORMAT) : len(FORMAT) + NONCE_BYTES]
    if not sealed.startswith(FORMAT) or len(nonce) != NONCE_BYTES:
        message = f"the sealed {purpose} of {owner_id} is no sealed text of this service"
        raise SealBroken(message)
    try:
        return AESGCM(key).decrypt(
            nonce, sealed[len(FORMAT) + NONCE_BYTES :], _context(owner_id, purpose)
        )
    except InvalidTag:
        message = f"the sealed {purpose} of {owner_id} does not open with this key"
        raise SealBroken(message) from None


class KeyRing:
    """The outer keys. The first seals; older ones still open, so that keys can be changed."""

    def __init__(self, outer_keys: Sequence[bytes]) -> None:
        self._outer_keys = tuple(outer_keys)

    def new_sealed_key(self, owner_id: str) -> bytes:
        """Return a fresh inner key for `owner_id`, sealed by the newest outer key."""
        return seal(self._outer_keys[0], AESGCM.generate_key(256), owner_id=owner_id, purpose="key")

    def open_key(self, owner_id: str, sealed_key: bytes) -> bytes:
        """Return the inner key of `owner_id`.

        Raises
        ------
        SealBroken
            None of the outer keys opens it.
        """
        for outer_key in self._outer_keys[:-1]:
            try:
                return unseal(outer_key, sealed_key, owner_id=owner_id, purpose="key")
            except SealBroken:
                continue
        return unseal(self._outer_keys[-1], sealed_key, owner_id=owner_id, purpose="key")


def _context(owner_id: str, purpose: str) -> bytes:
    return f"{purpose}:{owner_id}".encode()
