"""A tiny writer of dlib's format: the other direction of what the verifier reads."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def integer(value: int) -> bytes:
    magnitude = abs(value)
    length = max((magnitude.bit_length() + 7) // 8, 1)
    control = length | (0x80 if value < 0 else 0)
    return bytes([control]) + magnitude.to_bytes(length, "little")


def text(value: str) -> bytes:
    return integer(len(value)) + value.encode("latin-1")


def real(value: float) -> bytes:
    mantissa, exponent = math.frexp(value)
    return integer(int(mantissa * 2**53)) + integer(exponent - 53)


def flag(value: bool) -> bytes:
    return b"1" if value else b"0"


def tensor(values: NDArray[np.float32]) -> bytes:
    """Write an array of four dimensions."""
    sizes = b"".join(integer(size) for size in values.shape)
    return integer(2) + sizes + values.astype("<f4").tobytes()


def alias(shape: Sequence[int]) -> bytes:
    return integer(1) + b"".join(integer(size) for size in shape)


def network(*layers: bytes, means: tuple[float, float, float] = (1.0, 2.0, 3.0)) -> bytes:
    """Write a network of these layers, as `convolution` makes them, that takes pictures of 9x9."""
    start = b"".join([text("input_rgb_image_sized"), *map(real, means), integer(9), integer(9)])
    behind = [_training() + (integer(1) if number == 0 else b"") for number in range(len(layers))]
    return start + b"".join(layer + rest for layer, rest in zip(layers, behind, strict=True))


def convolution(
    filters: NDArray[np.float32],
    biases: NDArray[np.float32],
    strides: tuple[int, int] = (1, 1),
    paddings: tuple[int, int] = (0, 0),
) -> bytes:
    outputs, _, rows, columns = filters.shape
    values = np.concatenate([filters.reshape(-1), biases]).reshape(-1, 1, 1, 1)
    figures = (outputs, rows, columns, *strides, *paddings)
    return b"".join(
        [
            text("con_4"),
            tensor(values),
            *map(integer, figures),
            alias(filters.shape),
            alias((1, len(biases), 1, 1)),
            *[real(1.0)] * 4,
        ]
    )


def affine(gamma: NDArray[np.float32], beta: NDArray[np.float32]) -> bytes:
    values = np.concatenate([gamma, beta]).reshape(-1, 1, 1, 1)
    shape = (1, len(gamma), 1, 1)
    return text("affine_") + tensor(values) + alias(shape) * 2 + integer(0)


def batch_normalisation(
    gamma: NDArray[np.float32],
    beta: NDArray[np.float32],
    means: NDArray[np.float32],
    variances: NDArray[np.float32],
    epsilon: float,
) -> bytes:
    channels = (1, len(gamma), 1, 1)
    values = np.concatenate([gamma, beta]).reshape(-1, 1, 1, 1)
    running = [tensor(statistic.reshape(1, -1, 1, 1)) for statistic in (means, variances)]
    empty = tensor(np.empty((0, 0, 0, 0), np.float32))
    return b"".join(
        [
            text("bn_con2"),
            tensor(values),
            alias(channels) * 2,
            empty * 2,
            *running,
            integer(100) * 2,
            real(1.0) * 4,
            real(epsilon),
        ]
    )


def rectifier() -> bytes:
    return text("relu_")


def pool(window: tuple[int, int], strides: tuple[int, int], *, is_maximum: bool) -> bytes:
    name = "max_pool_2" if is_maximum else "avg_pool_2"
    return text(name) + b"".join(map(integer, (*window, *strides, 0, 0)))


def matrix(weights: NDArray[np.float32]) -> bytes:
    """Write a matrix (inputs, outputs)."""
    inputs, outputs = weights.shape
    shape = (inputs, outputs, 1, 1)
    return b"".join(
        [
            text("fc_2"),
            integer(outputs),
            integer(inputs),
            tensor(weights.reshape(shape)),
            alias(shape),
            alias((0, 0, 0, 0)),
            integer(0),
            real(1.0) * 4,
        ]
    )


def _training() -> bytes:
    return flag(False) * 3 + tensor(np.empty((0, 0, 0, 0), np.float32)) * 3
