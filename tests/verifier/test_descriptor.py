"""The descriptor says of a face what dlib's own runtime says, to the sixth decimal."""

from collections.abc import Callable
from typing import Any

import dlib
import numpy as np
import pytest
from numpy.typing import NDArray

from clients.simulator.portraits import PORTRAIT_NAMES
from verifier import FaceEngine
from verifier.descriptor import MAX_BATCH, Descriptor
from verifier.faces import Chips
from verifier.weights import DESCRIPTOR_WEIGHTS, checked_weights

PixelsOf = Callable[[str], NDArray[np.uint8]]


@pytest.fixture(scope="module")
def descriptor() -> Descriptor:
    return Descriptor(checked_weights(DESCRIPTOR_WEIGHTS))


@pytest.fixture(scope="module")
def dlibs_own() -> Callable[[Chips], NDArray[np.float64]]:
    """Return dlib's descriptors of chips, (n, 128)."""
    network: Any = dlib.face_recognition_model_v1(str(checked_weights(DESCRIPTOR_WEIGHTS)))
    return lambda chips: np.array([network.compute_face_descriptor(chip) for chip in chips])


@pytest.fixture(scope="module")
def chips(dlib_engine: FaceEngine, pixels_of: PixelsOf) -> Chips:
    """The portraits' faces, upright."""
    found = []
    for name in PORTRAIT_NAMES:
        pixels = pixels_of(name.removesuffix(".jpg"))
        found.append(dlib_engine.align_faces(pixels, dlib_engine.detect_faces(pixels)))
    return np.concatenate(found)


def _noise(count: int) -> Chips:
    return np.random.default_rng(4).integers(0, 256, (count, 150, 150, 3), dtype=np.uint8)


def test_faces_and_mirrored_faces_get_dlibs_numbers(
    descriptor: Descriptor, dlibs_own: Callable[[Chips], NDArray[np.float64]], chips: Chips
) -> None:
    both = np.concatenate([chips, np.ascontiguousarray(chips[:, :, ::-1])])
    assert len(both) == 10
    found = descriptor.describe(both)
    assert (found.shape, found.dtype) == ((10, 128), np.dtype(np.float32))
    assert np.abs(found - dlibs_own(both)).max() < 1e-6
    # Agreement would be worth little if all faces had the same numbers.
    assert min(np.linalg.norm(found[0] - other) for other in found[1:]) > 0.05


def test_noise_black_and_white_get_dlibs_numbers(
    descriptor: Descriptor, dlibs_own: Callable[[Chips], NDArray[np.float64]]
) -> None:
    flat = [np.full((1, 150, 150, 3), grey, np.uint8) for grey in (0, 255)]
    odd = np.concatenate([_noise(2), *flat])
    assert np.abs(descriptor.describe(odd) - dlibs_own(odd)).max() < 1e-5


def test_batch_says_what_each_chip_says_alone(descriptor: Descriptor, chips: Chips) -> None:
    many = np.concatenate([chips, _noise(MAX_BATCH)])
    alone = np.concatenate([descriptor.describe(chip[None]) for chip in many])
    together = descriptor.describe(many)
    assert together.shape == (len(chips) + MAX_BATCH, 128)
    assert np.abs(together - alone).max() < 1e-6


def test_mirror_views_need_no_copy(descriptor: Descriptor, chips: Chips) -> None:
    view = chips[:, :, ::-1]
    assert not view.flags.c_contiguous
    assert np.array_equal(
        descriptor.describe(view), descriptor.describe(np.ascontiguousarray(view))
    )


def test_same_chip_gets_the_same_numbers(descriptor: Descriptor, chips: Chips) -> None:
    assert np.array_equal(descriptor.describe(chips), descriptor.describe(chips))


def test_no_chips_get_no_rows(descriptor: Descriptor) -> None:
    found = descriptor.describe(np.empty((0, 150, 150, 3), np.uint8))
    assert (found.shape, found.dtype) == ((0, 128), np.dtype(np.float32))
