"""Who is in the frames, and what they are compared with."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from clients.simulator.portraits import portrait_path
from verifier import FaceEngine, MatchPolicy, Verdict, verify_image
from verifier.benchmark.enrolled_frames import (
    EnrolledAs,
    EnrolledFrame,
    Skipped,
    frame_of_drawing,
    frames_of_pictures,
    with_strangers,
)
from verifier.benchmark.pictures import Picture

Frames = tuple[EnrolledFrame, ...]


def test_each_clear_face_gives_a_frame_and_the_rest_is_counted(
    frames: Frames, skipped: Counter[Skipped]
) -> None:
    assert len(frames) == 3
    assert skipped == {Skipped.UNREADABLE: 1, Skipped.NO_FACE: 1}


def test_reference_is_of_another_picture_where_there_is_one(frames: Frames) -> None:
    biden, obama, obama2 = frames
    assert biden.enrolled_as is EnrolledAs.CHANGED_COPY
    assert obama.enrolled_as is obama2.enrolled_as is EnrolledAs.ANOTHER_PICTURE


def test_frames_match_their_own_reference_and_not_the_strangers(
    engine: FaceEngine, policy: MatchPolicy, frames: Frames
) -> None:
    for frame in frames:
        own = verify_image(engine, policy, frame.data, frame.own)
        other = verify_image(engine, policy, frame.data, frame.strangers)
        assert (own.verdict, other.verdict) == (Verdict.MATCH, Verdict.MISMATCH)
        assert (own.image_width, own.image_height, own.face_count) == (640, 480, 1)
        assert own.distance is not None
        assert own.distance > 0.02, "a reference made of the frame itself"


def test_stranger_is_the_farthest_of_the_run(frames: Frames) -> None:
    biden, obama, _ = frames
    assert np.array_equal(obama.strangers, biden.own)


def test_frames_of_one_person_alone_are_compared_with_nobody(
    frames: Frames, policy: MatchPolicy
) -> None:
    (alone,) = with_strangers([replace(frames[0], strangers=frames[0].own)], policy)
    assert np.linalg.norm(alone.strangers - alone.own) > policy.mismatch_threshold


def test_other_picture_without_a_face_leaves_the_changed_copy(
    engine: FaceEngine, policy: MatchPolicy, frames: Frames
) -> None:
    paths = (portrait_path("obama.jpg"), portrait_path("obama.jpg").with_name("missing.jpg"))
    skipped = Counter[Skipped]()
    (frame,) = frames_of_pictures(engine, policy, [Picture(paths[0], paths, 0)], skipped)
    assert frame.enrolled_as is EnrolledAs.CHANGED_COPY


def test_folder_of_several_people_does_not_enrol_the_wrong_one(
    engine: FaceEngine, policy: MatchPolicy
) -> None:
    paths = (portrait_path("obama.jpg"), portrait_path("biden.jpg"))
    (frame,) = frames_of_pictures(engine, policy, [Picture(paths[0], paths, 0)], Counter())
    assert frame.enrolled_as is EnrolledAs.CHANGED_COPY
    assert verify_image(engine, policy, frame.data, frame.own).verdict is Verdict.MATCH


def test_face_cut_by_the_border_gives_no_frame(engine: FaceEngine, policy: MatchPolicy) -> None:
    path = portrait_path("obama_partial_face2.jpg")
    skipped = Counter[Skipped]()
    found = frames_of_pictures(engine, policy, [Picture(path, (path,), 0)], skipped)
    assert list(found) == []
    assert skipped == {Skipped.SMALL_OR_CUT: 1}


def test_drawn_face_serves_without_any_photograph(engine: FaceEngine, policy: MatchPolicy) -> None:
    frame = frame_of_drawing(engine, policy)
    assert isinstance(frame, EnrolledFrame)
    result = verify_image(engine, policy, frame.data, frame.own)
    assert (result.verdict, frame.enrolled_as) == (Verdict.MATCH, EnrolledAs.CHANGED_COPY)


@pytest.mark.parametrize("size", [1, 2])
def test_every_frame_has_a_reference_and_a_stranger(
    frames: Frames, policy: MatchPolicy, size: int
) -> None:
    for frame in with_strangers(frames[:size], policy):
        assert frame.own.shape == frame.strangers.shape == (1, 128)
        assert frame.chip.shape == (150, 150, 3)
