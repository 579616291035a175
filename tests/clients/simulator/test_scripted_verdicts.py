"""What the script expects is what the real engine says; the only test here that needs it."""

import numpy as np
import pytest
from numpy.typing import NDArray

from clients.simulator.portraits import portrait_path
from clients.simulator.script import (
    FEWEST_FRAMES,
    REFERENCE_PORTRAITS,
    Scene,
    ScriptedFrame,
    scripted_frames,
)
from verifier import FaceEngine, MatchPolicy, assess_references, load_engine, verify_image

POLICY = MatchPolicy()
SAFE_DISTANCE = 0.05
"""How far a distance stays from its threshold, so that a better engine does not turn it."""


@pytest.fixture(scope="module")
def engine() -> FaceEngine:
    return load_engine()


@pytest.fixture(scope="module")
def references(engine: FaceEngine) -> NDArray[np.float32]:
    images = [portrait_path(name).read_bytes() for name in REFERENCE_PORTRAITS]
    assessments = assess_references(engine, POLICY, images)
    assert [assessment.reasons for assessment in assessments] == [(), ()]
    return np.stack([each.encoding for each in assessments if each.encoding is not None])


@pytest.mark.parametrize("scene", list(Scene))
def test_real_engine_agrees_with_the_script(
    engine: FaceEngine, references: NDArray[np.float32], scene: Scene
) -> None:
    frames = [frame for frame in scripted_frames(FEWEST_FRAMES + 8) if frame.scene is scene]

    verdicts = {frame.seq: verdict_of(engine, references, frame) for frame in frames}

    assert verdicts == {frame.seq: frame.due_verdict.value for frame in frames}


def verdict_of(engine: FaceEngine, references: NDArray[np.float32], frame: ScriptedFrame) -> str:
    result = verify_image(engine, POLICY, frame.picture(), references)
    if result.distance is not None and frame.scene is Scene.ENROLLED_PERSON:
        assert result.distance < POLICY.match_threshold - SAFE_DISTANCE
    if result.distance is not None and frame.scene is Scene.OTHER_PERSON:
        assert result.distance > POLICY.mismatch_threshold + SAFE_DISTANCE
    return result.verdict.value
