"""A file on disk that nobody can read: what is unsealed for a bundle must not lie about in it."""

import hashlib
import os
import tempfile
from collections.abc import Iterator

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

_CHUNK_BYTES = 65_536


class SealedSpool:
    """Takes bytes once and gives them back once; its key lives in memory alone.

    The file has no name: the system frees it when this is gone, also after a crash.
    """

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  # `chunks` closes it.
        self._cipher = Cipher(AES(os.urandom(32)), CTR(os.urandom(16)))
        self._seal = self._cipher.encryptor()
        self._digest = hashlib.sha256()
        self.byte_count = 0

    def write(self, content: bytes) -> int:
        """Append bytes."""
        self._digest.update(content)
        self._file.write(self._seal.update(content))
        self.byte_count += len(content)
        return len(content)

    def flush(self) -> None:
        """Hand what was written to the system."""
        self._file.flush()

    def sha256(self) -> str:
        """Return the digest of all that was written."""
        return self._digest.hexdigest()

    def chunks(self) -> Iterator[bytes]:
        """Yield all that was written, then forget it."""
        with self._file:
            self._file.seek(0)
            unseal = self._cipher.decryptor()
            while chunk := self._file.read(_CHUNK_BYTES):
                yield unseal.update(chunk)

    def close(self) -> None:
        """Forget what was written."""
        self._file.close()
