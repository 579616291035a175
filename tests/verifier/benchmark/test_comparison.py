"""What is timed is what a frame costs in an exam."""

import numpy as np
import pytest

from verifier import FaceEngine, MatchPolicy
from verifier.benchmark.comparison import Comparison
from verifier.benchmark.enrolled_frames import EnrolledFrame
from verifier.faces import Chips, DetectedFace, Encodings, Pixels
from verifier.look import Look


class _ListeningEngine:
    """Keeps the chips that it encodes at a glance."""

    def __init__(self, engine: FaceEngine) -> None:
        self._engine = engine
        self.chips: list[Chips] = []

    @property
    def engine_id(self) -> str:
        return self._engine.engine_id

    @property
    def encoding_length(self) -> float | None:
        return self._engine.encoding_length

    def detect_faces(self, pixels: Pixels, look: Look = Look.THOROUGH) -> tuple[DetectedFace, ...]:
        return self._engine.detect_faces(pixels, look)

    def align_faces(self, pixels: Pixels, faces: tuple[DetectedFace, ...]) -> Chips:
        return self._engine.align_faces(pixels, faces)

    def encode_chips(self, chips: Chips, look: Look = Look.THOROUGH) -> Encodings:
        if look is Look.GLANCE:
            self.chips.extend(chips)
        return self._engine.encode_chips(chips, look)

    def encode_faces(
        self, pixels: Pixels, faces: tuple[DetectedFace, ...], look: Look = Look.THOROUGH
    ) -> Encodings:
        return self.encode_chips(self.align_faces(pixels, faces), look)


@pytest.fixture
def listening(engine: FaceEngine) -> _ListeningEngine:
    return _ListeningEngine(engine)


def test_frame_that_is_timed_again_is_a_new_face_to_the_engine(
    listening: _ListeningEngine, policy: MatchPolicy, frames: tuple[EnrolledFrame, ...]
) -> None:
    things = {thing.name: thing for thing in Comparison(listening, policy, frames)._things(False)}
    for name in ("frame", "frame", "suspicious_frame", "frame", "empty_frame"):
        thing = things[name]
        assert thing.before is not None
        thing.before(frames[1])
        thing.work(frames[1])
    assert len(listening.chips) == 5 + 4
    for one, next_one in zip(listening.chips, listening.chips[1:], strict=False):
        assert not np.array_equal(one, next_one)
