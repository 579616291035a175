"""dlib's trained files are read layer by layer; a damaged one is refused, never half believed."""

import contextlib
from collections import Counter

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.verifier import dlib_bytes
from verifier.dlib_network import (
    AddEarlier,
    Convolution,
    FullyConnected,
    Pool,
    Rectifier,
    Scaling,
    TrainedNetwork,
    parse_network,
    read_network,
)
from verifier.dlib_stream import DlibFileInvalid
from verifier.weights import DESCRIPTOR_WEIGHTS, DETECTOR_WEIGHTS, checked_weights

FUZZ = settings(
    max_examples=80, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
FILTERS = np.arange(2 * 3 * 3 * 3, dtype=np.float32).reshape(2, 3, 3, 3)
BIASES = np.array([0.5, -0.5], np.float32)
DETECTOR_BYTES = checked_weights(DETECTOR_WEIGHTS).read_bytes()


def _convolutions(network: TrainedNetwork) -> list[tuple[tuple[int, ...], int, int]]:
    return [
        (layer.filters.shape, layer.stride, layer.padding)
        for layer in network.layers
        if isinstance(layer, Convolution)
    ]


def test_detector_file_holds_the_seven_convolutions_of_its_paper() -> None:
    network = read_network(checked_weights(DETECTOR_WEIGHTS))
    assert network.means == pytest.approx((122.782, 117.001, 104.298), abs=1e-4)
    assert _convolutions(network) == [
        ((16, 3, 5, 5), 2, 0),
        ((32, 16, 5, 5), 2, 0),
        ((32, 32, 5, 5), 2, 0),
        ((45, 32, 5, 5), 1, 2),
        ((45, 45, 5, 5), 1, 2),
        ((45, 45, 5, 5), 1, 2),
        ((1, 45, 9, 9), 1, 4),
    ]
    kinds = [type(layer) for layer in network.layers]
    assert kinds == [Convolution, Scaling, Rectifier] * 6 + [Convolution]


def test_descriptor_file_holds_the_residual_network() -> None:
    network = read_network(checked_weights(DESCRIPTOR_WEIGHTS))
    assert network.means == pytest.approx((122.782, 117.001, 104.298), abs=1e-4)
    assert Counter(type(layer) for layer in network.layers) == {
        Convolution: 29,
        Scaling: 29,
        Rectifier: 29,
        AddEarlier: 14,
        Pool: 6,
        FullyConnected: 1,
    }
    convolutions = _convolutions(network)
    assert convolutions[0] == ((32, 3, 7, 7), 2, 0)
    assert {shape[2:] for shape, _, _ in convolutions[1:]} == {(3, 3)}
    halving = [shape[:2] for shape, stride, _ in convolutions[1:] if stride == 2]
    assert halving == [(64, 32), (128, 64), (256, 128), (256, 256)]
    pools = [layer for layer in network.layers if isinstance(layer, Pool)]
    assert pools == [Pool(True, 3, 2), *[Pool(False, 2, 2)] * 4, Pool(False, 0, 1)]
    last = network.layers[-1]
    assert isinstance(last, FullyConnected)
    assert last.weights.shape == (256, 128)


def test_every_kind_of_layer_is_read_with_its_values() -> None:
    weights = np.arange(8, dtype=np.float32).reshape(2, 4)
    gamma, beta = np.array([2.0, 3.0], np.float32), np.array([1.0, -1.0], np.float32)
    network = parse_network(
        dlib_bytes.network(
            dlib_bytes.convolution(FILTERS, BIASES, strides=(2, 2), paddings=(1, 1)),
            dlib_bytes.affine(gamma, beta),
            dlib_bytes.rectifier(),
            dlib_bytes.pool((3, 3), (2, 2), is_maximum=True),
            dlib_bytes.text("add_prev_"),
            dlib_bytes.matrix(weights),
        )
    )
    assert network.means == (1.0, 2.0, 3.0)
    convolution, scaling, rectifier, pool, add, matrix = network.layers
    assert isinstance(convolution, Convolution)
    assert np.array_equal(convolution.filters, FILTERS)
    assert np.array_equal(convolution.biases, BIASES)
    assert (convolution.stride, convolution.padding) == (2, 1)
    assert isinstance(scaling, Scaling)
    assert np.array_equal(scaling.factors, gamma)
    assert np.array_equal(scaling.constants, beta)
    assert (rectifier, pool, add) == (Rectifier(), Pool(True, 3, 2), AddEarlier())
    assert isinstance(matrix, FullyConnected)
    assert np.array_equal(matrix.weights, weights)


def _normalised(variances: NDArray[np.float32], epsilon: float) -> bytes:
    pair = np.array([1.0, 2.0], np.float32)
    return dlib_bytes.network(
        dlib_bytes.convolution(FILTERS, BIASES),
        dlib_bytes.batch_normalisation(pair, pair + 4, pair + 2, variances, epsilon),
    )


def test_batch_normalisation_becomes_a_factor_and_a_constant() -> None:
    scaling = parse_network(_normalised(np.array([0.75, 3.75], np.float32), 0.25)).layers[1]
    assert isinstance(scaling, Scaling)
    assert scaling.factors == pytest.approx([1.0, 1.0])
    # The mean is scaled by gamma over the deviation, which is 1 here, and taken from beta.
    assert scaling.constants == pytest.approx([5.0 - 3.0, 6.0 - 4.0])


CONVOLUTION = dlib_bytes.convolution(FILTERS, BIASES)
REFUSED: dict[str, bytes] = {
    "no network at all": b"\x01\x05hello",
    "an input and nothing behind it": dlib_bytes.network(),
    "an unknown layer": dlib_bytes.network(CONVOLUTION, dlib_bytes.text("sig_")),
    "a layer of another version": dlib_bytes.network(CONVOLUTION.replace(b"con_4", b"con_9")),
    "uneven strides": dlib_bytes.network(dlib_bytes.convolution(FILTERS, BIASES, strides=(1, 2))),
    "uneven paddings": dlib_bytes.network(dlib_bytes.convolution(FILTERS, BIASES, paddings=(0, 1))),
    "a stride of nothing": dlib_bytes.network(dlib_bytes.convolution(FILTERS, BIASES, (0, 0))),
    "a stride backwards": dlib_bytes.network(dlib_bytes.convolution(FILTERS, BIASES, (-1, -1))),
    "a bias too few": dlib_bytes.network(dlib_bytes.convolution(FILTERS, BIASES[:1])),
    "a pool that is not square": dlib_bytes.network(
        CONVOLUTION, dlib_bytes.pool((2, 3), (1, 1), is_maximum=True)
    ),
    "a pool that stands still": dlib_bytes.network(
        CONVOLUTION, dlib_bytes.pool((2, 2), (0, 0), is_maximum=False)
    ),
    "a pool of negative size": dlib_bytes.network(
        CONVOLUTION, dlib_bytes.pool((-2, -2), (1, 1), is_maximum=False)
    ),
    "a factor without a constant": dlib_bytes.network(
        CONVOLUTION, dlib_bytes.affine(BIASES, BIASES[:1])
    ),
    "a variance too few": _normalised(np.ones(1, np.float32), 0.1),
    "a division by nothing": _normalised(np.array([1.0, 0.0], np.float32), 0.0),
    "a matrix of negative size": dlib_bytes.network(
        CONVOLUTION,
        dlib_bytes.matrix(np.zeros((2, 3), np.float32)).replace(
            dlib_bytes.integer(3) + dlib_bytes.integer(2),
            dlib_bytes.integer(-3) + dlib_bytes.integer(-2),
            1,
        ),
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_network_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(DlibFileInvalid):
        parse_network(REFUSED[name])


def test_unknown_layer_is_named() -> None:
    assert DETECTOR_BYTES.count(b"relu_") > 1
    with pytest.raises(DlibFileInvalid, match="'relv_'"):
        parse_network(DETECTOR_BYTES.replace(b"relu_", b"relv_"))


@FUZZ
@given(st.floats(0, 1))
@example(0.0)
@example(0.9999)
def test_truncated_file_never_becomes_a_whole_network(part: float) -> None:
    cut = DETECTOR_BYTES[: int(len(DETECTOR_BYTES) * part * 0.99999)]
    with contextlib.suppress(DlibFileInvalid):
        # It may end between two layers, which nothing in the format betrays.
        assert len(parse_network(cut).layers) < 19


def _mutated(data: bytes, changes: list[tuple[int, int]]) -> bytes:
    mutated = bytearray(data)
    for place, value in changes:
        mutated[place % len(data)] = value
    return bytes(mutated)


def _places_between_the_weights() -> list[int]:
    """Return where the real file says what follows, not what was trained."""
    places: list[int] = []
    for name in (b"input_rgb_image_pyramid", b"con_4", b"bn_con2", b"relu_"):
        start = DETECTOR_BYTES.find(name)
        while start >= 0:
            places += range(start - 80, start + len(name) + 40)
            start = DETECTOR_BYTES.find(name, start + 1)
    return places


@FUZZ
@given(
    st.lists(
        st.tuples(
            st.one_of(
                st.sampled_from(_places_between_the_weights()),
                st.integers(0, len(DETECTOR_BYTES) - 1),
            ),
            st.integers(0, 255),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_flipped_bytes_of_a_real_file_end_in_a_network_or_in_one_exception(
    changes: list[tuple[int, int]],
) -> None:
    with contextlib.suppress(DlibFileInvalid):
        assert parse_network(_mutated(DETECTOR_BYTES, changes)).layers


EVERY_LAYER = dlib_bytes.network(
    CONVOLUTION,
    dlib_bytes.affine(BIASES, BIASES),
    dlib_bytes.batch_normalisation(BIASES, BIASES, BIASES, np.abs(BIASES), 1e-4),
    dlib_bytes.rectifier(),
    dlib_bytes.pool((2, 2), (2, 2), is_maximum=False),
    dlib_bytes.matrix(np.ones((2, 3), np.float32)),
)


@settings(FUZZ, max_examples=400)
@given(
    st.lists(
        st.tuples(st.integers(0, len(EVERY_LAYER) - 1), st.integers(0, 255)),
        min_size=1,
        max_size=4,
    )
)
def test_flipped_bytes_of_any_layer_end_in_a_network_or_in_one_exception(
    changes: list[tuple[int, int]],
) -> None:
    with contextlib.suppress(DlibFileInvalid):
        assert parse_network(_mutated(EVERY_LAYER, changes)).layers
