"""The graphs compute what dlib's layers do, one plain numpy line each."""

from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from verifier.dlib_network import (
    AddEarlier,
    Convolution,
    FullyConnected,
    Layer,
    Pool,
    Rectifier,
    Scaling,
    TrainedNetwork,
)
from verifier.dlib_stream import DlibFileInvalid
from verifier.onnx_graph import open_session
from verifier.onnx_network import build_model

Picture = NDArray[np.float64]
"""(channels, rows, columns)."""

MEANS = (122.0, 117.0, 104.0)


def _filters(rng: np.random.Generator, *shape: int) -> NDArray[np.float32]:
    return rng.normal(0, 0.4, shape).astype(np.float32)


def _convolution(
    rng: np.random.Generator,
    outputs: int,
    inputs: int,
    edge: int = 3,
    stride: int = 1,
    pad: int = 0,
) -> Convolution:
    return Convolution(
        filters=_filters(rng, outputs, inputs, edge, edge),
        biases=_filters(rng, outputs),
        stride=stride,
        padding=pad,
    )


def _scaling(rng: np.random.Generator, channels: int) -> Scaling:
    return Scaling(rng.uniform(0.5, 2, channels), rng.normal(0, 1, channels))


# What each layer means, as dlib's documentation has it.


def _windows(picture: Picture, edge: int, stride: int) -> Iterator[tuple[int, int, Picture]]:
    _, rows, columns = picture.shape
    for row in range((rows - edge) // stride + 1):
        for column in range((columns - edge) // stride + 1):
            top, left = row * stride, column * stride
            yield row, column, picture[:, top : top + edge, left : left + edge]


def _convolved(picture: Picture, layer: Convolution) -> Picture:
    around = [(0, 0), *[(layer.padding, layer.padding)] * 2]
    padded = np.pad(picture, around)
    edge = layer.filters.shape[2]
    size = (padded.shape[1] - edge) // layer.stride + 1
    answer = np.empty((len(layer.biases), size, size))
    for row, column, window in _windows(padded, edge, layer.stride):
        products = layer.filters.astype(np.float64) * window
        answer[:, row, column] = products.sum(axis=(1, 2, 3)) + layer.biases
    return answer


def _pooled(picture: Picture, layer: Pool) -> Picture:
    edge = layer.window or picture.shape[1]
    size = (picture.shape[1] - edge) // layer.stride + 1
    answer = np.empty((len(picture), size, size))
    for row, column, window in _windows(picture, edge, layer.stride):
        answer[:, row, column] = (window.max if layer.is_maximum else window.mean)(axis=(1, 2))
    return answer


def _sum(one: Picture, other: Picture) -> Picture:
    shape = tuple(max(sizes) for sizes in zip(one.shape, other.shape, strict=True))
    answer = np.zeros(shape)
    for picture in (one, other):
        channels, rows, columns = picture.shape
        answer[:channels, :rows, :columns] += picture
    return answer


def _plain(picture: Picture, layers: Sequence[Layer], earlier: Picture | None = None) -> Picture:
    """Return what the layers make of a picture; `earlier` is what an `AddEarlier` adds."""
    for layer in layers:
        match layer:
            case Convolution():
                picture = _convolved(picture, layer)
            case Scaling(factors=factors, constants=constants):
                picture = picture * factors[:, None, None] + constants[:, None, None]
            case Rectifier():
                picture = np.maximum(picture, 0)
            case Pool():
                picture = _pooled(picture, layer)
            case AddEarlier():
                assert earlier is not None
                picture = _sum(picture, earlier)
            case FullyConnected(weights=weights):
                picture = (picture.reshape(-1) @ weights.astype(np.float64))[:, None, None]
    return picture


def _normalised(pixels: NDArray[np.uint8]) -> Picture:
    return np.asarray((pixels.transpose(2, 0, 1) - np.array(MEANS)[:, None, None]) / 256)


def _pixels(rng: np.random.Generator, edge: int) -> NDArray[np.uint8]:
    return rng.integers(0, 256, (edge, edge, 3), dtype=np.uint8)


def _answers(
    layers: Sequence[Layer], pixels: NDArray[np.uint8], edge_px: int | None
) -> NDArray[np.float32]:
    session = open_session(build_model(TrainedNetwork(MEANS, tuple(layers)), edge_px))
    (answer,) = session.run(None, {"pixels": pixels[None].astype(np.float32)})
    return np.asarray(answer[0], np.float32)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def test_means_and_scalings_are_folded_into_convolutions(rng: np.random.Generator) -> None:
    layers: list[Layer] = [
        _convolution(rng, 4, 3, edge=5, stride=2),
        _scaling(rng, 4),
        Rectifier(),
        _convolution(rng, 2, 4, pad=1),
        _scaling(rng, 2),
        _scaling(rng, 2),
    ]
    pixels = _pixels(rng, 17)
    expected = _plain(_normalised(pixels), layers)
    assert _answers(layers, pixels, None) == pytest.approx(expected, abs=1e-4)
    nodes = build_model(TrainedNetwork(MEANS, tuple(layers))).graph.node
    assert [node.op_type for node in nodes] == ["Transpose", "Conv", "Relu", "Conv", "Identity"]


def test_network_without_a_fixed_size_takes_pictures_of_any_shape(rng: np.random.Generator) -> None:
    layers: list[Layer] = [
        _convolution(rng, 2, 3, stride=2),
        Rectifier(),
        _convolution(rng, 1, 2, pad=1),
    ]
    session = open_session(build_model(TrainedNetwork(MEANS, tuple(layers))))
    for rows, columns in ((9, 9), (9, 30), (31, 12)):
        pixels = np.zeros((1, rows, columns, 3), np.float32)
        shape = session.run(None, {"pixels": pixels})[0].shape
        assert shape == (1, 1, (rows - 3) // 2 + 1, (columns - 3) // 2 + 1)


@pytest.mark.parametrize(
    "pool", [Pool(True, 3, 2), Pool(False, 2, 2), Pool(False, 3, 1), Pool(False, 0, 1)]
)
def test_pools_take_the_largest_or_the_mean(rng: np.random.Generator, pool: Pool) -> None:
    layers: list[Layer] = [_convolution(rng, 3, 3), pool]
    pixels = _pixels(rng, 12)
    expected = _plain(_normalised(pixels), layers)
    assert _answers(layers, pixels, 12) == pytest.approx(expected, abs=1e-4)


def test_pool_over_the_whole_picture_can_take_the_largest(rng: np.random.Generator) -> None:
    layers: list[Layer] = [_convolution(rng, 3, 3), Pool(True, 0, 1)]
    pixels = _pixels(rng, 12)
    expected = _plain(_normalised(pixels), [layers[0]]).max(axis=(1, 2))
    assert _answers(layers, pixels, 12).ravel() == pytest.approx(expected, abs=1e-4)


BLOCK_SIZES = st.tuples(
    st.integers(1, 4),  # Channels before the block.
    st.integers(1, 4),  # Channels behind it.
    st.sampled_from([(1, 1), (1, 0), (2, 0), (2, 1)]),  # Stride and padding of its start.
    st.sampled_from([None, Pool(False, 2, 2), Pool(False, 3, 2)]),
    st.integers(13, 18),
)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(BLOCK_SIZES)
def test_residual_block_pads_channels_and_rows_of_the_smaller_with_zeros(
    sizes: tuple[int, int, tuple[int, int], Pool | None, int],
) -> None:
    before, behind, (stride, padding), shortcut, edge = sizes
    rng = np.random.default_rng(before * 100 + behind * 10 + edge)
    stem: list[Layer] = [_convolution(rng, before, 3), Rectifier()]
    block: list[Layer] = [
        _convolution(rng, behind, before, stride=stride, pad=padding),
        _scaling(rng, behind),
        Rectifier(),
        _convolution(rng, behind, behind, pad=1),
        _scaling(rng, behind),
    ]
    pixels = _pixels(rng, edge)
    given_to_block = _plain(_normalised(pixels), stem)
    earlier = _pooled(given_to_block, shortcut) if shortcut else given_to_block
    expected = _plain(given_to_block, [*block, AddEarlier(), Rectifier()], earlier)
    pools = [shortcut] if shortcut else []
    layers = [*stem, *block, *pools, AddEarlier(), Rectifier()]
    assert _answers(layers, pixels, edge) == pytest.approx(expected, abs=1e-4)


def _plain_block(rng: np.random.Generator) -> list[Layer]:
    return [_convolution(rng, 3, 3, pad=1), Rectifier(), _convolution(rng, 3, 3, pad=1)]


def test_whole_network_computes_what_its_layers_say(rng: np.random.Generator) -> None:
    stem: list[Layer] = [_convolution(rng, 3, 3), Rectifier(), Pool(True, 3, 2)]
    one, other = _plain_block(rng), _plain_block(rng)
    end: list[Layer] = [
        Pool(False, 0, 1),
        FullyConnected(_filters(rng, 3, 5)),
    ]
    pixels = _pixels(rng, 16)
    picture = _plain(_normalised(pixels), stem)
    for block in (one, other):
        picture = _plain(picture, [*block, AddEarlier(), Rectifier()], picture)
    add: list[Layer] = [AddEarlier(), Rectifier()]
    answer = _answers([*stem, *one, *add, *other, *add, *end], pixels, 16)
    assert answer.shape == (5,)
    assert answer == pytest.approx(_plain(picture, end).ravel(), abs=1e-4)


def _illegal() -> dict[str, tuple[list[Layer], int | None]]:
    rng = np.random.default_rng(3)
    start, second = _convolution(rng, 3, 3), _convolution(rng, 3, 3, pad=1)
    block: list[Layer] = [second, Rectifier(), second]
    matrix = FullyConnected(_filters(rng, 3, 5))
    everything = Pool(False, 0, 1)
    return {
        "it begins with a rectifier": ([Rectifier(), start], 9),
        "it begins with a scaling": ([_scaling(rng, 3), start], 9),
        "its first convolution is padded": ([second], 9),
        "a scaling stands behind a pool": ([start, Pool(True, 2, 2), _scaling(rng, 3)], 9),
        "a scaling stands behind a rectifier": ([start, Rectifier(), _scaling(rng, 3)], 9),
        "a scaling has too few channels": ([start, _scaling(rng, 2)], 9),
        "a scaling has one channel for all": ([start, _scaling(rng, 1)], 9),
        "a convolution expects other channels": ([start, _convolution(rng, 2, 4)], 9),
        "a sum has no beginning": ([start, AddEarlier()], 9),
        "a sum uses a beginning twice": ([start, *block, AddEarlier(), AddEarlier()], 9),
        "a sum in a network of any size": ([start, *block, AddEarlier()], None),
        "a pooled sum in a network of any size": (
            [start, *block, Pool(False, 2, 2), AddEarlier()],
            None,
        ),
        "a window is larger than the picture": ([start, Pool(True, 8, 1)], 9),
        "a filter is larger than the picture": ([start], 2),
        "a matrix has too few rows": ([start, matrix], 9),
        "a matrix in a network of any size": ([start, matrix], None),
        "a layer stands behind the matrix": ([start, everything, matrix, start], 9),
        "a pool stands behind the matrix": ([start, everything, matrix, Pool(True, 2, 2)], 9),
    }


ILLEGAL = _illegal()


@pytest.mark.parametrize("name", ILLEGAL)
def test_order_that_no_known_network_has_is_refused(name: str) -> None:
    layers, edge_px = ILLEGAL[name]
    with pytest.raises(DlibFileInvalid):
        build_model(TrainedNetwork(MEANS, tuple(layers)), edge_px)
