"""Values in dlib's serialisation format, as far as its trained networks use it.

Source: dlib 20, ``dlib/serialize.h`` and ``dlib/cuda/tensor.h``.
"""

import math

import numpy as np
from numpy.typing import NDArray

Tensor = NDArray[np.float32]
"""(num_samples, k, nr, nc) in dlib's names; of filters (outputs, inputs, rows, columns)."""

_TENSOR_VERSION = 2
_ALIAS_TENSOR_VERSION = 1
_MAX_NAME_BYTES = 64
_MAX_EXPONENT = 900
"""Of 2. With a mantissa below 2^60 the number still is a double."""

_MAX_TENSOR_VALUES = 16_000_000
"""More than any trusted file holds: a damaged length must not ask for gigabytes."""


class DlibFileInvalid(ValueError):
    """The bytes are no network in the format of the dlib versions known here."""


class DlibStream:
    """dlib's values, read one after the other from bytes."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0

    @property
    def is_at_end(self) -> bool:
        """Whether every byte was read."""
        return self._position >= len(self._data)

    def integer(self) -> int:
        """Return an int.

        A control byte (low four bits how many bytes follow, high bit the sign), then
        little-endian bytes.
        """
        control = self._take(1)[0]
        length = control & 0x0F
        if control & 0x70 or length > 8:
            raise DlibFileInvalid(f"no integer before byte {self._position}")
        magnitude = int.from_bytes(self._take(length), "little")
        return -magnitude if control & 0x80 else magnitude

    def text(self) -> str:
        """Return a string: its length as an int, then its bytes."""
        length = self.integer()
        if not 0 < length <= _MAX_NAME_BYTES:
            raise DlibFileInvalid(f"no name at byte {self._position}")
        return self._take(length).decode("latin-1")

    def real(self) -> float:
        """Return a float or double: mantissa and exponent, two ints."""
        mantissa, exponent = self.integer(), self.integer()
        if abs(mantissa) >= 2**60 or exponent > _MAX_EXPONENT:
            raise DlibFileInvalid(f"no number before byte {self._position}")
        return math.ldexp(mantissa, exponent)

    def flag(self) -> bool:
        """Return a bool, one character "0" or "1"."""
        character = self._take(1)
        if character not in {b"0", b"1"}:
            raise DlibFileInvalid(f"no bool at byte {self._position}")
        return character == b"1"

    def tensor(self) -> Tensor:
        """Return a tensor: version 2, four sizes, then raw little-endian float32."""
        self._expect_version(_TENSOR_VERSION)
        shape = self._shape()
        values = np.frombuffer(self._take(4 * math.prod(shape)), "<f4").reshape(shape)
        if not np.isfinite(values).all():
            raise DlibFileInvalid(f"a tensor before byte {self._position} is not finite")
        return values

    def alias_shape(self) -> tuple[int, int, int, int]:
        """Return the shape of an alias tensor, a view into another one: version 1, four sizes."""
        self._expect_version(_ALIAS_TENSOR_VERSION)
        return self._shape()

    def move_to(self, marker: bytes) -> bool:
        """Go on reading at the first `marker` from here on; tell whether there is one."""
        found = self._data.find(marker, self._position)
        if found >= 0:
            self._position = found
        return found >= 0

    def _shape(self) -> tuple[int, int, int, int]:
        shape = self.integer(), self.integer(), self.integer(), self.integer()
        if min(shape) < 0 or math.prod(max(size, 1) for size in shape) > _MAX_TENSOR_VALUES:
            raise DlibFileInvalid(f"impossible tensor {shape} before byte {self._position}")
        return shape

    def _expect_version(self, expected: int) -> None:
        version = self.integer()
        if version != expected:
            raise DlibFileInvalid(f"version {version} instead of {expected} at {self._position}")

    def _take(self, length: int) -> bytes:
        end = self._position + length
        if end > len(self._data):
            raise DlibFileInvalid("the file ends early")
        taken = self._data[self._position : end]
        self._position = end
        return taken
