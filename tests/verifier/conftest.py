"""One engine and the portraits for all tests of the verifier."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from clients.simulator.portraits import portrait_path
from verifier import FaceEngine, MatchPolicy, decode_image, limit_native_threads, load_engine


@pytest.fixture(scope="session")
def engine() -> FaceEngine:
    limit_native_threads()
    return load_engine()


@pytest.fixture(scope="session")
def dlib_engine() -> FaceEngine:
    return load_engine("dlib")


@pytest.fixture(scope="session")
def policy() -> MatchPolicy:
    return MatchPolicy()


@pytest.fixture(scope="session")
def portrait() -> Callable[[str], bytes]:
    """Return the bytes of a portrait by its name without extension."""
    return lambda name: portrait_path(f"{name}.jpg").read_bytes()


@pytest.fixture(scope="session")
def pixels_of(portrait: Callable[[str], bytes]) -> Callable[[str], NDArray[np.uint8]]:
    return lambda name: decode_image(portrait(name)).pixels


@pytest.fixture(scope="session")
def obama(engine: FaceEngine, pixels_of: Callable[[str], NDArray[np.uint8]]) -> NDArray[np.float32]:
    """The references of the enrolled person, (1, 128)."""
    pixels = pixels_of("obama")
    return engine.encode_faces(pixels, engine.detect_faces(pixels))
