"""An engine that answers a repeated question from memory."""

import hashlib
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from verifier.engine import FaceEngine
from verifier.faces import Chips, DetectedFace, Encodings, Pixels
from verifier.look import Look

Answer = TypeVar("Answer")


class RememberingEngine:
    """Another engine, asked once about the same pixels.

    In a list one picture stands in many pairs, and `verify_image` starts anew with each of them.
    Engines answer the same for the same pixels, so memory changes the time and no figure. It
    holds boxes and encodings, under a kilobyte a face, and no pictures; chips are made again.
    """

    def __init__(self, engine: FaceEngine) -> None:
        self._engine = engine
        self._answers: dict[tuple[object, ...], Any] = {}

    @property
    def engine_id(self) -> str:
        """The other engine's: what is remembered is its answer."""
        return self._engine.engine_id

    def encoding_length(self, network_length: float) -> float:
        """Return the other engine's answer."""
        return self._engine.encoding_length(network_length)

    def detect_faces(self, pixels: Pixels, look: Look = Look.THOROUGH) -> tuple[DetectedFace, ...]:
        """Return what the other engine found."""
        key = ("detect", _digest(pixels), look)
        return self._remembered(key, lambda: self._engine.detect_faces(pixels, look))

    def align_faces(self, pixels: Pixels, faces: tuple[DetectedFace, ...]) -> Chips:
        """Return the other engine's chips."""
        return self._engine.align_faces(pixels, faces)

    def encode_chips(self, chips: Chips, look: Look = Look.THOROUGH) -> Encodings:
        """Return the other engine's encodings."""
        key = ("encode", _digest(chips), look)
        return self._remembered(key, lambda: self._engine.encode_chips(chips, look))

    def encode_faces(
        self, pixels: Pixels, faces: tuple[DetectedFace, ...], look: Look = Look.THOROUGH
    ) -> Encodings:
        """Return `encode_chips` of `align_faces`."""
        return self.encode_chips(self.align_faces(pixels, faces), look)

    def _remembered(self, key: tuple[object, ...], ask: Callable[[], Answer]) -> Answer:
        if key not in self._answers:
            self._answers[key] = ask()
        answer: Answer = self._answers[key]
        return answer


def _digest(pixels: Pixels | Chips) -> tuple[object, ...]:
    return pixels.shape, hashlib.blake2b(np.ascontiguousarray(pixels).data, digest_size=16).digest()
