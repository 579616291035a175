"""Every verdict on real faces, bytes to answer."""

import inspect
import json
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.verifier import pictures, scenes
from verifier import (
    FaceEngine,
    ImageLimits,
    ImageTooLarge,
    MatchPolicy,
    ReferencesInvalid,
    ReferenceUnusable,
    TruncatedImage,
    Verdict,
    VerificationResult,
    compare_images,
    match_score_of,
    verify_image,
)
from verifier.look import Look
from verifier.verification import MAX_COMPARED_FACES

PixelsOf = Callable[[str], NDArray[np.uint8]]
Portrait = Callable[[str], bytes]
Verify = Callable[[NDArray[np.uint8]], VerificationResult]


@pytest.fixture(scope="module")
def verify(engine: FaceEngine, policy: MatchPolicy, obama: NDArray[np.float32]) -> Verify:
    """Verify a frame, as JPEG, against the enrolled person."""
    return lambda pixels: verify_image(engine, policy, pictures.jpeg(pixels), obama)


def test_enrolled_person_matches(verify: Verify, pixels_of: PixelsOf) -> None:
    result = verify(scenes.people(pixels_of("obama2")))
    assert (result.verdict, result.reasons) == (Verdict.MATCH, ())
    assert 0.25 < result.distance < 0.45
    assert result.match_score == match_score_of(result.distance)
    assert result.unmatched_faces == ()


def test_other_person_is_a_mismatch(verify: Verify, pixels_of: PixelsOf) -> None:
    result = verify(scenes.people(pixels_of("biden")))
    assert (result.verdict, result.reasons) == (Verdict.MISMATCH, ("different_person",))
    assert 0.7 < result.distance < 0.95


def test_between_the_thresholds_is_inconclusive(
    engine: FaceEngine, obama: NDArray[np.float32], pixels_of: PixelsOf
) -> None:
    policy = MatchPolicy(match_threshold=0.2, mismatch_threshold=0.6)
    frame = pictures.jpeg(scenes.people(pixels_of("obama2")))
    result = verify_image(engine, policy, frame, obama)
    assert (result.verdict, result.reasons) == (Verdict.INCONCLUSIVE, ("between_thresholds",))


def test_helper_beside_the_enrolled_person_is_seen(verify: Verify, pixels_of: PixelsOf) -> None:
    result = verify(scenes.people(pixels_of("biden"), pixels_of("obama2")))
    assert (result.verdict, result.face_count) == (Verdict.MULTIPLE_FACES, 2)
    assert result.distance < 0.45
    assert result.subject.detected.box.left > result.unmatched_faces[0].detected.box.left
    assert result.unmatched_faces[0].distance > 0.7


@pytest.mark.parametrize("sigma_px", [5, 9, 16, 25])
def test_blurred_frame_is_low_quality(verify: Verify, pixels_of: PixelsOf, sigma_px: float) -> None:
    result = verify(scenes.blurred(scenes.people(pixels_of("obama2")), sigma_px))
    assert (result.verdict, result.reasons) == (Verdict.LOW_QUALITY, ("too_blurred",))


def test_blurred_frame_of_another_person_accuses_nobody(
    verify: Verify, pixels_of: PixelsOf
) -> None:
    result = verify(scenes.blurred(scenes.people(pixels_of("biden")), 6))
    assert result.verdict is Verdict.LOW_QUALITY


def test_nearly_black_frame_is_low_quality(verify: Verify, pixels_of: PixelsOf) -> None:
    result = verify(scenes.dimmed(scenes.people(pixels_of("obama2")), 0.004))
    assert (result.verdict, result.reasons) == (Verdict.LOW_QUALITY, ("too_dark",))


def test_dark_frame_of_another_person_accuses_nobody(verify: Verify, pixels_of: PixelsOf) -> None:
    result = verify(scenes.dimmed(scenes.people(pixels_of("biden")), 0.2))
    assert result.verdict is Verdict.LOW_QUALITY
    assert "too_dark" in result.reasons


def test_overexposed_frame_is_low_quality(verify: Verify) -> None:
    result = verify(np.full((480, 640, 3), 255, np.uint8))
    assert (result.verdict, result.reasons) == (Verdict.LOW_QUALITY, ("too_bright",))


@pytest.mark.parametrize("frame", [scenes.room(), scenes.wall(), scenes.wall(120), scenes.people()])
def test_empty_room_and_walls_show_nobody(verify: Verify, frame: NDArray[np.uint8]) -> None:
    result = verify(frame)
    assert (result.verdict, result.reasons) == (Verdict.NO_FACE, ("no_face",))
    assert (result.distance, result.match_score, result.distances) == (None, None, ())


def test_small_face_of_another_person_accuses_nobody(verify: Verify, pixels_of: PixelsOf) -> None:
    far = np.full((480, 640, 3), 120, np.uint8)
    person = cv2.resize(pixels_of("biden"), (158, 360), interpolation=cv2.INTER_AREA)
    far[120:, 200:358] = person
    result = verify(far)
    assert result.verdict is Verdict.LOW_QUALITY
    assert "face_too_small" in result.reasons


def test_closest_of_several_references_counts(
    engine: FaceEngine, policy: MatchPolicy, obama: NDArray[np.float32], portrait: Portrait
) -> None:
    far = obama + np.float32(0.1)
    for references in (np.vstack([far, obama]), np.vstack([obama, far])):
        result = verify_image(engine, policy, portrait("obama2"), references)
        assert len(result.distances) == 2
        assert result.distance == min(result.distances)
        assert result.verdict is Verdict.MATCH


def test_same_bytes_give_the_same_result(
    engine: FaceEngine, policy: MatchPolicy, obama: NDArray[np.float32], portrait: Portrait
) -> None:
    results = [verify_image(engine, policy, portrait("biden"), obama).as_dict() for _ in range(2)]
    for result in results:
        assert result.pop("timings_ms")["total"] > 0
    assert results[0] == results[1]


def test_claims_are_no_input() -> None:
    assert list(inspect.signature(verify_image).parameters) == [
        "engine",
        "policy",
        "data",
        "references",
        "limits",
        "first_look",
        "last_look",
        "second_person_allowed",
    ]


def test_result_carries_every_number_as_json(verify: Verify, pixels_of: PixelsOf) -> None:
    result = verify(scenes.people(pixels_of("biden"), pixels_of("obama2")))
    values = json.loads(json.dumps(result.as_dict(), allow_nan=False))
    assert set(values) == {
        "verdict", "distance", "match_score", "thresholds", "distances", "faces",
        "unmatched_faces", "face_count", "quality", "reasons", "image_width", "image_height",
        "engine_id", "policy_id", "timings_ms", "look", "reference_agreement",
    }  # fmt: skip
    assert values["thresholds"] == {"match": 0.5, "mismatch": 0.6}
    assert values["distance"] == min(values["distances"])
    assert [face["is_subject"] for face in values["faces"]].count(True) == 1
    assert values["unmatched_faces"] == [f for f in values["faces"] if not f["is_subject"]]
    assert values["reasons"][0]["code"] == "multiple_faces"
    assert values["reasons"][0]["message"].startswith("More than one face")
    assert set(values["timings_ms"]) == {"decode", "detect", "encode", "quality", "total"}
    assert {"frame_brightness", "face_sharpness", "face_size_px"} <= set(values["quality"])
    assert len(values["faces"][0]["landmarks"]) == 5


def test_boxes_stay_inside_the_picture(
    engine: FaceEngine, policy: MatchPolicy, obama: NDArray[np.float32], portrait: Portrait
) -> None:
    result = verify_image(engine, policy, portrait("obama_partial_face"), obama)
    assert result.faces[0].detected.box.left < 0
    face = result.as_dict()["faces"][0]
    assert face["box"]["x"] == 0
    assert face["box"]["width"] < face["size_px"]
    assert all(0 <= figure <= 1 for figure in face["box_normalized"].values())


def test_frame_turned_by_exif_is_judged_upright(
    engine: FaceEngine, policy: MatchPolicy, obama: NDArray[np.float32], pixels_of: PixelsOf
) -> None:
    lying = np.ascontiguousarray(np.rot90(scenes.people(pixels_of("obama2"))))
    turned = pictures.jpeg_with_exif(pictures.jpeg(lying), pictures.exif_block(6))
    result = verify_image(engine, policy, turned, obama)
    assert (result.verdict, result.image_width, result.image_height) == (Verdict.MATCH, 640, 480)


def test_crowd_is_reported_whole_and_compared_in_part(
    engine: FaceEngine, policy: MatchPolicy, obama: NDArray[np.float32], pixels_of: PixelsOf
) -> None:
    person = cv2.resize(pixels_of("obama2")[200:760], (200, 179), interpolation=cv2.INTER_AREA)
    crowd = np.tile(person, (2, 4, 1))
    result = verify_image(engine, policy, pictures.jpeg(crowd), obama)
    assert result.face_count > MAX_COMPARED_FACES
    compared = [face for face in result.faces if face.distance is not None]
    assert len(compared) == MAX_COMPARED_FACES
    assert json.dumps(result.as_dict(), allow_nan=False)


@pytest.mark.parametrize(
    "references",
    [
        np.empty((0, 128), np.float32),
        np.zeros(128, np.float32),
        np.zeros((1, 64), np.float32),
        np.full((1, 128), np.nan, np.float32),
    ],
)
def test_missing_or_broken_references_are_an_error(
    engine: FaceEngine, policy: MatchPolicy, portrait: Portrait, references: NDArray[np.float32]
) -> None:
    with pytest.raises(ReferencesInvalid):
        verify_image(engine, policy, portrait("obama"), references)


def test_unreadable_frame_is_an_exception_with_a_code(
    engine: FaceEngine, policy: MatchPolicy, obama: NDArray[np.float32], portrait: Portrait
) -> None:
    with pytest.raises(TruncatedImage):
        verify_image(engine, policy, portrait("obama")[:9000], obama)
    with pytest.raises(ImageTooLarge):
        verify_image(engine, policy, portrait("obama"), obama, ImageLimits(max_bytes=1000))


def test_image_against_image(engine: FaceEngine, policy: MatchPolicy, portrait: Portrait) -> None:
    same = compare_images(engine, policy, portrait("obama"), portrait("obama2"))
    other = compare_images(engine, policy, portrait("obama"), portrait("biden"))
    assert (same.verdict, other.verdict) == (Verdict.MATCH, Verdict.MISMATCH)
    assert same.image_width == 626


def test_reference_image_needs_exactly_one_face(
    engine: FaceEngine, policy: MatchPolicy, portrait: Portrait, pixels_of: PixelsOf
) -> None:
    two = pictures.jpeg(scenes.people(pixels_of("obama2"), pixels_of("biden")))
    for image, code in ((pictures.jpeg(scenes.wall()), "no_face"), (two, "multiple_faces")):
        with pytest.raises(ReferenceUnusable) as caught:
            compare_images(engine, policy, image, portrait("obama"))
        assert caught.value.code == code


def test_plain_match_needs_only_a_glance(verify: Verify, pixels_of: PixelsOf) -> None:
    result = verify(scenes.people(pixels_of("obama2")))
    assert (result.verdict, result.look) == (Verdict.MATCH, Look.GLANCE)
    assert [face.detected.detector for face in result.faces] == ["tiny"]


@pytest.mark.parametrize("scene", ["other", "nobody", "two", "dark"])
def test_nobody_is_accused_at_a_glance(verify: Verify, pixels_of: PixelsOf, scene: str) -> None:
    frame = {
        "other": scenes.people(pixels_of("biden")),
        "nobody": scenes.room(),
        "two": scenes.people(pixels_of("biden"), pixels_of("obama2")),
        "dark": scenes.dimmed(scenes.people(pixels_of("biden")), 0.2),
    }[scene]
    result = verify(frame)
    assert (result.verdict is Verdict.MATCH, result.look) == (False, Look.CLOSE)


def test_doubtful_match_is_averaged_with_its_mirror_image(
    engine: FaceEngine, obama: NDArray[np.float32], pixels_of: PixelsOf
) -> None:
    frame = pictures.jpeg(scenes.people(pixels_of("obama2")))
    plain = verify_image(engine, MatchPolicy(), frame, obama)
    policy = MatchPolicy(match_threshold=plain.distance + 0.03)
    mirrored = verify_image(engine, policy, frame, obama)
    assert (mirrored.verdict, mirrored.look) == (Verdict.MATCH, Look.MIRRORED)
    assert 0 < abs(mirrored.distance - plain.distance) < 0.07


def test_frame_can_be_looked_at_closely_from_the_start(
    engine: FaceEngine, policy: MatchPolicy, obama: NDArray[np.float32], pixels_of: PixelsOf
) -> None:
    frame = pictures.jpeg(scenes.people(pixels_of("obama2")))
    glance = verify_image(engine, policy, frame, obama)
    close = verify_image(engine, policy, frame, obama, first_look=Look.CLOSE)
    assert (close.verdict, close.look) == (Verdict.MATCH, Look.CLOSE)
    assert close.faces[0].detected.detector == "cnn"
    assert abs(close.distance - glance.distance) < 0.1


def test_encoding_of_the_subject_is_kept_out_of_the_answer(
    verify: Verify, obama: NDArray[np.float32], pixels_of: PixelsOf
) -> None:
    result = verify(scenes.people(pixels_of("biden"), pixels_of("obama2")))
    assert result.encoding.shape == (128,)
    assert np.linalg.norm(obama[0] - result.encoding) == pytest.approx(result.distance)
    assert "encoding" not in json.dumps(result.as_dict())
    assert verify(scenes.room()).encoding is None


def test_verdict_can_be_recomputed_from_the_answer(verify: Verify, pixels_of: PixelsOf) -> None:
    answer = verify(scenes.people(pixels_of("obama2"))).as_dict()
    agreement = answer["reference_agreement"]
    assert agreement == {
        "best": answer["distance"], "median": answer["distance"], "agreeing": 1, "count": 1,
    }  # fmt: skip
    assert answer["distance"] <= answer["thresholds"]["match"]
    assert 2 * agreement["agreeing"] >= agreement["count"]
