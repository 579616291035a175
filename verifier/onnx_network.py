"""dlib's trained networks as graphs for ONNX Runtime.

The arithmetic is dlib's; only its order differs: the subtraction of the means and the division by
256 are folded into the first convolution, and every factor and constant behind a convolution
into its filters and biases. Descriptors differ from dlib's by at most 3e-7 in any value
(`face-verify bench --oracle`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from onnx import ModelProto

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
from verifier.onnx_graph import Dimension, GraphWriter

_PIXEL_SCALE = 256.0
"""dlib divides pixels by it."""


def build_model(network: TrainedNetwork, edge_px: int | None = None) -> ModelProto:
    """Return the graph from pixels to what the last layer says.

    Input "pixels": (n, rows, columns, 3) float32 RGB, 0..255. Output "answer": (n, outputs) float32
    of a `FullyConnected` layer, which can only be the last, otherwise (n, channels, rows, columns).

    Parameters
    ----------
    edge_px
        Rows and columns of every input; needed where a network adds pictures of unequal size,
        because the smaller one is padded by a number of rows that depends on it.

    Raises
    ------
    DlibFileInvalid
        The layers stand in an order that these networks do not have.
    """
    graph = _Graph(edge_px)
    for step in _fold(network):
        graph.append(step)
    return graph.model()


@dataclass(frozen=True, eq=False)
class _Step:
    """A layer with what follows it in the same breath."""

    layer: Layer
    is_rectified: bool = False
    opens_block: bool = False
    """Whether the input of this layer is what a later `AddEarlier` adds."""

    shortcut_pool: Pool | None = None
    """What an `AddEarlier` does to the earlier picture first."""


def _fold(network: TrainedNetwork) -> Iterator[_Step]:
    """Yield the layers with scalings folded into convolutions and rectifiers noted beside."""
    layers = _merge_scalings(network.layers)
    first = layers[0] if layers else None
    if not isinstance(first, Convolution) or _opens_block(layers, 0):
        raise DlibFileInvalid("the network does not begin with a plain convolution")
    layers[0] = _fold_means(first, network.means)
    shortcut: Pool | None = None
    for position, layer in enumerate(layers):
        following = layers[position + 1] if position + 1 < len(layers) else None
        if isinstance(layer, Pool) and isinstance(following, AddEarlier):
            shortcut = layer
        elif not isinstance(layer, Rectifier):
            yield _Step(
                layer,
                is_rectified=isinstance(following, Rectifier),
                opens_block=_opens_block(layers, position),
                shortcut_pool=shortcut,
            )
            shortcut = None


def _opens_block(layers: list[Layer], position: int) -> bool:
    """Tell whether the layer is the first of the two convolutions of a residual block."""
    kinds = [type(layer) for layer in layers[position : position + 5]]
    if kinds[3:4] == [Pool]:
        del kinds[3]
    return kinds[:4] == [Convolution, Rectifier, Convolution, AddEarlier]


def _merge_scalings(layers: tuple[Layer, ...]) -> list[Layer]:
    merged: list[Layer] = []
    for layer in layers:
        if not isinstance(layer, Scaling):
            merged.append(layer)
            continue
        if not merged or not isinstance(merged[-1], Convolution):
            raise DlibFileInvalid("a scaling stands behind something that is no convolution")
        merged[-1] = _scaled(merged[-1], layer)
    return merged


def _scaled(convolution: Convolution, scaling: Scaling) -> Convolution:
    if not len(scaling.factors) == len(scaling.constants) == len(convolution.biases):
        raise DlibFileInvalid("a scaling has another number of channels than what it scales")
    factors = scaling.factors.astype(np.float32)
    biases = convolution.biases * scaling.factors + scaling.constants
    return replace(
        convolution,
        filters=convolution.filters * factors[:, None, None, None],
        biases=biases.astype(np.float32),
    )


def _fold_means(convolution: Convolution, means: tuple[float, float, float]) -> Convolution:
    """Return the first convolution so that it takes raw pixels."""
    if convolution.padding:
        raise DlibFileInvalid("a padded first convolution cannot take raw pixels")
    filters = convolution.filters.astype(np.float64) / _PIXEL_SCALE
    biases = convolution.biases - np.einsum("oirc,i->o", filters, np.array(means))
    return replace(
        convolution, filters=filters.astype(np.float32), biases=biases.astype(np.float32)
    )


@dataclass(frozen=True)
class _Picture:
    """What a node of the graph answers."""

    name: str
    channels: int
    edge_px: int | None
    """Rows and columns; None if the graph takes pictures of any size."""


class _Graph:
    """An ONNX graph that grows from the pixels on."""

    def __init__(self, edge_px: int | None) -> None:
        self._writer = GraphWriter()
        self._input_px = edge_px
        self._block_input: _Picture | None = None
        self._is_flat = False
        self._last = _Picture(
            self._writer.node("Transpose", "pixels", perm=[0, 3, 1, 2]), 3, edge_px
        )

    def append(self, step: _Step) -> None:
        if self._is_flat:
            raise DlibFileInvalid("a layer stands behind the matrix")
        if step.opens_block:
            self._block_input = self._last
        match step.layer:
            case Convolution() as convolution:
                self._last = self._convolved(convolution, self._last)
            case Pool() as pool:
                self._last = self._pooled(pool, self._last)
            case AddEarlier():
                self._last = self._with_earlier(step.shortcut_pool)
            case FullyConnected() as matrix:
                self._last = self._multiplied(matrix, self._last)
                self._is_flat = True
            case _:
                raise DlibFileInvalid(f"a {type(step.layer).__name__} stands where none belongs")
        if step.is_rectified:
            self._last = replace(self._last, name=self._writer.node("Relu", self._last.name))

    def model(self) -> ModelProto:
        edge = self._input_px
        input_shape: list[Dimension] = ["n", edge or "rows_in", edge or "columns_in", 3]
        shape: list[Dimension] = ["n", self._last.channels]
        if not self._is_flat:
            shape += ["rows", "columns"]
        return self._writer.model(self._last.name, input_shape, shape)

    def _convolved(self, convolution: Convolution, picture: _Picture) -> _Picture:
        outputs, inputs, rows, columns = convolution.filters.shape
        if inputs != picture.channels or rows != columns:
            raise DlibFileInvalid("a convolution does not fit what stands before it")
        name = self._writer.node(
            "Conv",
            picture.name,
            self._writer.constant(convolution.filters),
            self._writer.constant(convolution.biases),
            kernel_shape=[rows, columns],
            strides=[convolution.stride] * 2,
            pads=[convolution.padding] * 4,
        )
        edge_px = _edge_behind(rows, convolution.stride, convolution.padding, picture.edge_px)
        return _Picture(name, outputs, edge_px)

    def _pooled(self, pool: Pool, picture: _Picture) -> _Picture:
        if pool.window == 0:
            kind = "GlobalMaxPool" if pool.is_maximum else "GlobalAveragePool"
            return replace(picture, name=self._writer.node(kind, picture.name), edge_px=1)
        kind = "MaxPool" if pool.is_maximum else "AveragePool"
        window, strides = [pool.window] * 2, [pool.stride] * 2
        name = self._writer.node(kind, picture.name, kernel_shape=window, strides=strides)
        edge_px = _edge_behind(pool.window, pool.stride, 0, picture.edge_px)
        return replace(picture, name=name, edge_px=edge_px)

    def _multiplied(self, matrix: FullyConnected, picture: _Picture) -> _Picture:
        inputs, outputs = matrix.weights.shape
        if picture.edge_px is None or inputs != picture.channels * picture.edge_px**2:
            raise DlibFileInvalid("a matrix does not fit what stands before it")
        flat = self._writer.node("Flatten", picture.name)
        return _Picture(
            self._writer.node("MatMul", flat, self._writer.constant(matrix.weights)), outputs, 1
        )

    def _with_earlier(self, shortcut_pool: Pool | None) -> _Picture:
        """Return the last picture plus the block's input.

        Zeros at the right, at the bottom and in new channels make the smaller fit the larger.
        """
        if self._block_input is None:
            raise DlibFileInvalid("a residual block has no beginning")
        earlier, self._block_input = self._block_input, None
        if shortcut_pool:
            earlier = self._pooled(shortcut_pool, earlier)
        if self._last.edge_px is None or earlier.edge_px is None:
            raise DlibFileInvalid("a network that adds pictures needs them of a known size")
        edge_px = max(earlier.edge_px, self._last.edge_px)
        channels = max(earlier.channels, self._last.channels)
        one, other = (self._padded(each, edge_px, channels) for each in (self._last, earlier))
        return _Picture(self._writer.node("Add", one, other), channels, edge_px)

    def _padded(self, picture: _Picture, edge_px: int, channels: int) -> str:
        rows, channels = edge_px - (picture.edge_px or 0), channels - picture.channels
        if rows == channels == 0:
            return picture.name
        pads = np.array([0, 0, 0, 0, 0, channels, rows, rows], np.int64)
        return self._writer.node("Pad", picture.name, self._writer.constant(pads))


def _edge_behind(window: int, stride: int, padding: int, edge_px: int | None) -> int | None:
    """Return rows and columns of what a moving window answers."""
    if edge_px is None:
        return None
    if edge_px + 2 * padding < window:
        raise DlibFileInvalid("a picture is smaller than the window that moves over it")
    return (edge_px + 2 * padding - window) // stride + 1
