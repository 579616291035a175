"""Values in dlib's format come back as they were written; anything else is one exception."""

import contextlib
from collections.abc import Callable

import dlib
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from tests.verifier import dlib_bytes
from verifier.dlib_stream import DlibFileInvalid, DlibStream

ROUND_TRIP = settings(max_examples=80, deadline=None, derandomize=True)
FUZZ = settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)

Read = Callable[[DlibStream], object]

READS: dict[str, Read] = {
    "integer": DlibStream.integer,
    "text": DlibStream.text,
    "real": DlibStream.real,
    "flag": DlibStream.flag,
    "tensor": DlibStream.tensor,
    "alias_shape": DlibStream.alias_shape,
}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"\x01\x00", 0),
        (b"\x01\x05", 5),
        (b"\x81\x05", -5),
        (b"\x02\x34\x12", 0x1234),
        (b"\x88\x01\x00\x00\x00\x00\x00\x00\x80", -(2**63) - 1),
    ],
)
def test_integer_is_sign_length_and_little_endian_bytes(data: bytes, expected: int) -> None:
    stream = DlibStream(data)
    assert stream.integer() == expected
    assert stream.is_at_end


def test_real_is_mantissa_times_a_power_of_two() -> None:
    assert DlibStream(b"\x01\x10\x81\x04").real() == 1.0
    assert DlibStream(b"\x81\x03\x01\x01").real() == -6.0


def test_text_and_flags_are_plain_characters() -> None:
    stream = DlibStream(b"\x01\x05relu_01")
    assert (stream.text(), stream.flag(), stream.flag()) == ("relu_", False, True)
    assert stream.is_at_end


def test_tensor_is_version_sizes_and_raw_floats() -> None:
    sizes = b"\x01\x02\x01\x01\x01\x01\x01\x01\x01\x02"
    found = DlibStream(sizes + b"\x00\x00\x80\x3f\x00\x00\x00\xc0").tensor()
    assert found.dtype == np.float32
    assert found.shape == (1, 1, 1, 2)
    assert found.ravel().tolist() == [1.0, -2.0]


@ROUND_TRIP
@given(st.tuples(*[st.integers(-(2**31), 2**31 - 1)] * 4))
def test_integers_are_read_as_dlib_writes_them(values: tuple[int, int, int, int]) -> None:
    (data,) = dlib.rectangle(*values).__getstate__()
    stream = DlibStream(data)
    assert tuple(stream.integer() for _ in range(4)) == values
    assert stream.is_at_end


@ROUND_TRIP
@given(st.tuples(*[st.floats(-1e200, 1e200, allow_subnormal=False)] * 4))
def test_numbers_are_read_as_dlib_writes_them(values: tuple[float, float, float, float]) -> None:
    (data,) = dlib.drectangle(*values).__getstate__()
    stream = DlibStream(data)
    assert tuple(stream.real() for _ in range(4)) == values
    assert stream.is_at_end


@ROUND_TRIP
@given(st.integers(-(2**64) + 1, 2**64 - 1))
def test_every_integer_of_eight_bytes_comes_back(value: int) -> None:
    assert DlibStream(dlib_bytes.integer(value)).integer() == value


@ROUND_TRIP
@given(st.floats(-1e200, 1e200, allow_subnormal=False))
def test_every_number_comes_back(value: float) -> None:
    assert DlibStream(dlib_bytes.real(value)).real() == value


@ROUND_TRIP
@given(st.text(st.characters(codec="latin-1"), min_size=1, max_size=64))
def test_every_name_comes_back(value: str) -> None:
    assert DlibStream(dlib_bytes.text(value)).text() == value


@ROUND_TRIP
@given(
    arrays.arrays(
        np.float32,
        arrays.array_shapes(min_dims=4, max_dims=4, min_side=0, max_side=4),
        elements=st.floats(-(2.0**100), 2.0**100, width=32, allow_subnormal=False),
    )
)
def test_every_tensor_comes_back(values: NDArray[np.float32]) -> None:
    stream = DlibStream(dlib_bytes.tensor(values) + dlib_bytes.alias(values.shape))
    found = stream.tensor()
    assert found.shape == values.shape
    assert np.array_equal(found, values)
    assert stream.alias_shape() == values.shape


def test_reading_goes_on_at_a_marker_or_stays_where_it_is() -> None:
    stream = DlibStream(b"\x01\x07 noise \x01\x04here")
    assert not stream.move_to(b"there")
    assert stream.integer() == 7
    assert stream.move_to(b"\x01\x04here")
    assert stream.text() == "here"


def _tensor_of(*sizes: int, version: int = 2, data: bytes = b"") -> bytes:
    return b"".join(map(dlib_bytes.integer, (version, *sizes))) + data


DAMAGED: dict[str, tuple[str, bytes]] = {
    "nothing at all": ("integer", b""),
    "a number of nine bytes": ("integer", b"\x09" + bytes(9)),
    "a control byte with unknown bits": ("integer", b"\x11\x05"),
    "a number that ends early": ("integer", b"\x04\x01\x02"),
    "a name without letters": ("text", b"\x01\x00"),
    "a name of negative length": ("text", b"\x81\x05relu_"),
    "a name as long as a file": ("text", b"\x04\xff\xff\xff\x7f" + b"x" * 100),
    "a name that ends early": ("text", b"\x01\x05rel"),
    "infinity": ("real", dlib_bytes.integer(0) + dlib_bytes.integer(32000)),
    "not a number": ("real", dlib_bytes.integer(0) + dlib_bytes.integer(32002)),
    "a number beyond every double": ("real", dlib_bytes.integer(2**59) + dlib_bytes.integer(1000)),
    "a mantissa of more bits than a double": (
        "real",
        dlib_bytes.integer(2**60) + dlib_bytes.integer(0),
    ),
    "a flag that is a byte": ("flag", b"\x01"),
    "a tensor of another version": ("tensor", _tensor_of(1, 1, 1, 1, version=3, data=bytes(4))),
    "a tensor of negative size": ("tensor", _tensor_of(-1, 1, 1, -1, data=bytes(4))),
    "a tensor of gigabytes": ("tensor", _tensor_of(2**20, 2**10, 1, 1)),
    "a tensor of nothing times everything": ("tensor", _tensor_of(0, 2**63, 2**63, 2**63)),
    "a tensor that ends early": ("tensor", _tensor_of(1, 1, 1, 2, data=bytes(7))),
    "a tensor that is not finite": ("tensor", _tensor_of(1, 1, 1, 1, data=b"\x00\x00\xc0\x7f")),
    "a view of another version": ("alias_shape", _tensor_of(1, 1, 1, 1, version=2)),
    "a view of negative size": ("alias_shape", _tensor_of(-1, 1, 1, 1, version=1)),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_damaged_value_is_refused(name: str) -> None:
    kind, data = DAMAGED[name]
    with pytest.raises(DlibFileInvalid):
        READS[kind](DlibStream(data))


@FUZZ
@given(st.binary(max_size=120), st.lists(st.sampled_from(sorted(READS)), min_size=1, max_size=12))
def test_any_bytes_read_in_any_order_end_in_values_or_in_one_exception(
    data: bytes, kinds: list[str]
) -> None:
    stream = DlibStream(data)
    with contextlib.suppress(DlibFileInvalid):
        for kind in kinds:
            READS[kind](stream)
