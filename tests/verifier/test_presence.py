"""Presence: somebody is there, and nobody is compared."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.verifier import pictures, scenes
from verifier import FaceEngine, MatchPolicy, TruncatedImage, Verdict, check_presence, verify_image

PixelsOf = Callable[[str], NDArray[np.uint8]]


def test_anybody_is_present_and_nothing_is_kept_of_the_face(
    engine: FaceEngine, policy: MatchPolicy, pixels_of: PixelsOf
) -> None:
    for name in ("obama2", "biden"):
        frame = pictures.jpeg(scenes.people(pixels_of(name)))
        result = check_presence(engine, policy, frame)
        assert (result.verdict, result.face_count) == (Verdict.PRESENT, 1)
        assert (result.distance, result.match_score, result.encoding) == (None, None, None)
        assert result.as_dict()["distances"] == []
        assert result.quality["face_size_px"] > 0


def test_empty_room_and_two_people_are_told_apart(
    engine: FaceEngine, policy: MatchPolicy, pixels_of: PixelsOf
) -> None:
    wall = np.full((480, 640, 3), 120, np.uint8)
    assert check_presence(engine, policy, pictures.jpeg(wall)).verdict is Verdict.NO_FACE
    both = pictures.jpeg(scenes.people(pixels_of("biden"), pixels_of("obama2")))
    assert check_presence(engine, policy, both).verdict is Verdict.MULTIPLE_FACES
    allowed = check_presence(engine, policy, both, second_person_allowed=True)
    assert (allowed.verdict, len(allowed.unmatched_faces)) == (Verdict.PRESENT, 1)
    assert "second_person_allowed" in allowed.reasons


def test_darkness_is_no_absence(
    engine: FaceEngine, policy: MatchPolicy, pixels_of: PixelsOf
) -> None:
    dark = pictures.jpeg(scenes.dimmed(scenes.people(pixels_of("obama2")), 0.004))
    result = check_presence(engine, policy, dark)
    assert (result.verdict, result.reasons) == (Verdict.LOW_QUALITY, ("too_dark",))


def test_broken_picture_is_refused(engine: FaceEngine, policy: MatchPolicy) -> None:
    whole = pictures.jpeg(np.full((480, 640, 3), 120, np.uint8))
    with pytest.raises(TruncatedImage):
        check_presence(engine, policy, whole[: len(whole) // 2])


def test_second_person_allowed_hides_no_impostor(
    engine: FaceEngine, policy: MatchPolicy, obama: NDArray[np.float32], pixels_of: PixelsOf
) -> None:
    with_helper = pictures.jpeg(scenes.people(pixels_of("biden"), pixels_of("obama2")))
    result = verify_image(engine, policy, with_helper, obama, second_person_allowed=True)
    assert result.verdict is Verdict.MATCH
    assert "second_person_allowed" in result.reasons
    assert len(result.unmatched_faces) == 1
    strangers = pictures.jpeg(scenes.people(pixels_of("biden"), pixels_of("biden")))
    result = verify_image(engine, policy, strangers, obama, second_person_allowed=True)
    assert result.verdict is Verdict.MULTIPLE_FACES
