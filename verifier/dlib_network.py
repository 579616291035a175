"""dlib's trained networks, read from its ``.dat`` files.

Source: dlib 20, ``dlib/dnn/core.h``, ``layers.h`` and ``loss.h``. A network is stored from the loss
inwards to the input, one version number per layer, and then, unwinding, from the input towards
the output: each layer's own fields, followed by the bookkeeping of its training. The bookkeeping
is empty in the files dlib publishes; it is read past.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from verifier.dlib_stream import DlibFileInvalid, DlibStream, Tensor

_INPUTS_WITH_SIZE = {"input_rgb_image_sized": True, "input_rgb_image_pyramid": False}
"""Input layers known here, and whether the size of the picture they expect follows."""

_TRAINING_TENSORS = 3
"""Gradients and outputs of the last training step; empty."""

_MAX_STEP_PX = 64
"""More than any stride, padding or pool of a network that looks at faces."""


@dataclass(frozen=True, eq=False)
class Convolution:
    """A convolution or correlation, as neural networks use the word."""

    filters: Tensor
    """(outputs, inputs, rows, columns)."""

    biases: NDArray[np.float32]
    """(outputs,)."""

    stride: int
    padding: int


@dataclass(frozen=True, eq=False)
class Scaling:
    """Each channel times a factor plus a constant; batch normalisation after its training."""

    factors: NDArray[np.float64]
    constants: NDArray[np.float64]


@dataclass(frozen=True)
class Rectifier:
    """Everything below zero becomes zero."""


@dataclass(frozen=True)
class Pool:
    """The largest or the mean value of a window."""

    is_maximum: bool
    window: int
    """Edge of the square; 0 stands for the whole picture."""

    stride: int


@dataclass(frozen=True)
class AddEarlier:
    """Add what a residual block was given, padded with zeros to the larger of the two."""


@dataclass(frozen=True, eq=False)
class FullyConnected:
    """A matrix without a bias."""

    weights: NDArray[np.float32]
    """(inputs, outputs)."""


Layer = Convolution | Scaling | Rectifier | Pool | AddEarlier | FullyConnected


@dataclass(frozen=True, eq=False)
class TrainedNetwork:
    """A trained network."""

    means: tuple[float, float, float]
    """Red, green and blue subtracted from every pixel before it is divided by 256."""

    layers: tuple[Layer, ...]
    """In the order in which a picture passes them."""


def read_network(path: Path) -> TrainedNetwork:
    """Return the network in a ``.dat`` file.

    Raises
    ------
    DlibFileInvalid
        The file is damaged, of another dlib version or holds a layer that is not known here.
    OSError
        It cannot be read.
    """
    return parse_network(path.read_bytes())


def parse_network(data: bytes) -> TrainedNetwork:
    """Return the network in the bytes of a ``.dat`` file; raises as `read_network`."""
    stream = DlibStream(data)
    means = _read_input(stream)
    layers: list[Layer] = []
    while not stream.is_at_end:
        layers.append(_read_layer(stream))
        _skip_training(stream, is_first=len(layers) == 1)
    if not layers:
        raise DlibFileInvalid("the network ends behind its input")
    return TrainedNetwork(means=means, layers=tuple(layers))


def _read_input(stream: DlibStream) -> tuple[float, float, float]:
    """Return the means, past the loss and the version numbers that stand before the input."""
    for name, has_size in _INPUTS_WITH_SIZE.items():
        if stream.move_to(bytes((1, len(name))) + name.encode("ascii")):
            stream.text()
            means = stream.real(), stream.real(), stream.real()
            for _ in range(2 if has_size else 0):
                stream.integer()
            return means
    raise DlibFileInvalid("the file holds no network that looks at RGB pictures")


def _read_layer(stream: DlibStream) -> Layer:
    name = stream.text()
    reader = _READERS.get(name)
    if reader is None:
        raise DlibFileInvalid(f"the layer {name!r} is not known")
    return reader(stream)


def _read_convolution(stream: DlibStream) -> Convolution:
    parameters = stream.tensor().reshape(-1)
    for _ in range(3):  # Outputs, rows and columns: the filters' shape says them again.
        stream.integer()
    strides = stream.integer(), stream.integer()
    paddings = stream.integer(), stream.integer()
    shape, bias_shape = stream.alias_shape(), stream.alias_shape()
    _skip_reals(stream, 4)
    if strides[0] != strides[1] or paddings[0] != paddings[1]:
        raise DlibFileInvalid("a convolution moves or pads unevenly")
    _expect_steps(stride=strides[0], reach=paddings[0])
    count = math.prod(shape)
    if count == 0 or math.prod(bias_shape) != shape[0] or parameters.size != count + shape[0]:
        raise DlibFileInvalid("a convolution has too many or too few values")
    return Convolution(
        filters=parameters[:count].reshape(shape),
        biases=parameters[count:],
        stride=strides[0],
        padding=paddings[0],
    )


def _read_affine(stream: DlibStream) -> Scaling:
    gamma, beta = _read_halves(stream)
    stream.integer()  # For convolutions or for matrices: both are one factor per channel here.
    return Scaling(gamma, beta)


def _read_batch_normalisation(stream: DlibStream) -> Scaling:
    gamma, beta = _read_halves(stream)
    _means, _inverse_deviations = stream.tensor(), stream.tensor()
    means = stream.tensor().reshape(-1).astype(np.float64)
    variances = stream.tensor().reshape(-1).astype(np.float64)
    for _ in range(2):  # Updates so far and the window of the running statistics.
        stream.integer()
    _skip_reals(stream, 4)
    epsilon = stream.real()
    if not len(gamma) == len(means) == len(variances):
        raise DlibFileInvalid("a batch normalisation has too many or too few values")
    if np.any(variances + epsilon <= 0):
        raise DlibFileInvalid("a batch normalisation divides by nothing")
    factors = gamma / np.sqrt(variances + epsilon)
    return Scaling(factors, beta - factors * means)


def _read_halves(stream: DlibStream) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return gamma and beta, which lie one after the other in a tensor."""
    parameters = stream.tensor().reshape(-1).astype(np.float64)
    for _ in range(2):
        stream.alias_shape()
    if parameters.size % 2:
        raise DlibFileInvalid("a normalisation has a factor without a constant")
    gamma, beta = np.split(parameters, 2)
    return gamma, beta


def _read_pool(stream: DlibStream, is_maximum: bool) -> Pool:
    rows, columns = stream.integer(), stream.integer()
    strides = stream.integer(), stream.integer()
    paddings = stream.integer(), stream.integer()
    if rows != columns or strides[0] != strides[1] or any(paddings):
        raise DlibFileInvalid("a pool is not square or padded")
    _expect_steps(stride=strides[0], reach=rows)
    return Pool(is_maximum=is_maximum, window=rows, stride=strides[0])


def _read_fully_connected(stream: DlibStream) -> FullyConnected:
    outputs, inputs = stream.integer(), stream.integer()
    parameters = stream.tensor().reshape(-1)
    for _ in range(2):
        stream.alias_shape()
    stream.integer()  # With or without a bias: the number of values says it too.
    _skip_reals(stream, 4)
    if min(inputs, outputs) < 1 or parameters.size != inputs * outputs:
        raise DlibFileInvalid("a matrix has a bias or another size than it says")
    return FullyConnected(parameters.reshape(inputs, outputs))


_READERS: dict[str, Callable[[DlibStream], Layer]] = {
    "con_4": _read_convolution,
    "affine_": _read_affine,
    "bn_con2": _read_batch_normalisation,
    "relu_": lambda _stream: Rectifier(),
    "max_pool_2": lambda stream: _read_pool(stream, is_maximum=True),
    "avg_pool_2": lambda stream: _read_pool(stream, is_maximum=False),
    "add_prev_": lambda _stream: AddEarlier(),
    "fc_2": _read_fully_connected,
}
"""Readers by dlib's name of a layer, whose ending is the version of its format."""


def _expect_steps(*, stride: int, reach: int) -> None:
    if not (1 <= stride <= _MAX_STEP_PX and 0 <= reach <= _MAX_STEP_PX):
        raise DlibFileInvalid("a window moves backwards, not at all or too far")


def _skip_training(stream: DlibStream, *, is_first: bool) -> None:
    """Read past what every layer keeps of its training."""
    for _ in range(3):
        stream.flag()
    for _ in range(_TRAINING_TENSORS):
        stream.tensor()
    if is_first:
        stream.integer()  # How many pictures the input layer makes of one.


def _skip_reals(stream: DlibStream, count: int) -> None:
    """Read past learning rates and weight decays."""
    for _ in range(count):
        stream.real()
