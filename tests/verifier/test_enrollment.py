"""Each image offered as a reference is accepted, or refused for a named reason."""

import hashlib
import json
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.verifier import pictures, scenes
from verifier import (
    REASONS,
    FaceEngine,
    MatchPolicy,
    ReferenceAssessment,
    Verdict,
    assess_references,
    verify_image,
)

PixelsOf = Callable[[str], NDArray[np.uint8]]
Portrait = Callable[[str], bytes]
Assess = Callable[..., tuple[ReferenceAssessment, ...]]


@pytest.fixture(scope="module")
def assess(engine: FaceEngine, policy: MatchPolicy) -> Assess:
    return lambda *images: assess_references(engine, policy, images)


def _outcomes(assessments: tuple[ReferenceAssessment, ...]) -> list[str]:
    return ["accepted" if item.accepted else item.reasons[0] for item in assessments]


@pytest.mark.parametrize("name", ["obama", "obama2", "biden"])
def test_good_portrait_is_accepted(assess: Assess, portrait: Portrait, name: str) -> None:
    (assessment,) = assess(portrait(name))
    assert (assessment.accepted, assessment.reasons) == (True, ())
    assert assessment.encoding.shape == (128,)
    assert assessment.encoding.dtype == np.float32
    assert assessment.sha256 == hashlib.sha256(portrait(name)).hexdigest()
    assert assessment.quality.face_size_px > 200


def test_accepted_encodings_serve_as_references(
    engine: FaceEngine, policy: MatchPolicy, assess: Assess, portrait: Portrait
) -> None:
    references = np.stack([a.encoding for a in assess(portrait("obama"), portrait("obama2"))])
    result = verify_image(engine, policy, portrait("obama2"), references)
    assert result.verdict is Verdict.MATCH
    assert result.distances[1] < 0.15


def _refused(pixels_of: PixelsOf) -> dict[str, bytes]:
    frame = scenes.people(pixels_of("obama2"))
    small = np.full((480, 640, 3), 120, np.uint8)
    person = cv2.resize(pixels_of("obama2"), (138, 264), interpolation=cv2.INTER_AREA)
    small[216:, 200:338] = person
    return {
        "no_face": pictures.jpeg(scenes.room()),
        "multiple_faces": pictures.jpeg(scenes.people(pixels_of("obama2"), pixels_of("biden"))),
        "face_too_small": pictures.jpeg(small),
        "too_dark": pictures.png(scenes.dimmed(frame, 0.3)),
        "too_blurred": pictures.jpeg(scenes.blurred(frame, 3)),
        "face_cut_off": pictures.jpeg(pixels_of("obama_partial_face")),
        "empty_image": b"",
        "unsupported_image_type": b"my face, as text",
        "truncated_image": pictures.jpeg(frame)[:-500],
    }


def test_each_refusal_has_its_reason_and_spoils_no_other(
    assess: Assess, pixels_of: PixelsOf, portrait: Portrait
) -> None:
    refused = _refused(pixels_of)
    assessments = assess(*refused.values(), portrait("obama"))
    for code, assessment in zip(refused, assessments[:-1], strict=True):
        assert not assessment.accepted, code
        assert code in assessment.reasons
        assert set(assessment.reasons) <= set(REASONS)
        assert assessment.encoding is None
    assert assessments[-1].accepted


def test_dark_picture_without_a_face_says_why(assess: Assess, pixels_of: PixelsOf) -> None:
    black = pictures.jpeg(scenes.dimmed(scenes.people(pixels_of("obama2")), 0.004))
    assert assess(black)[0].reasons == ("no_face", "too_dark")


def test_same_bytes_twice_are_one_reference(assess: Assess, portrait: Portrait) -> None:
    assert _outcomes(assess(portrait("obama"), portrait("obama"))) == ["accepted", "near_copy"]


def test_picture_saved_again_is_a_copy(
    assess: Assess, portrait: Portrait, pixels_of: PixelsOf
) -> None:
    again = pictures.jpeg(pixels_of("obama2"), quality=80)
    assert again != portrait("obama2")
    assert _outcomes(assess(portrait("obama2"), again)) == ["accepted", "near_copy"]


def test_other_person_among_references_is_refused_wherever_it_stands(
    assess: Assess, portrait: Portrait
) -> None:
    obama, obama2, biden = (portrait(name) for name in ("obama", "obama2", "biden"))
    stranger = "inconsistent_with_others"
    assert _outcomes(assess(biden, obama, obama2)) == [stranger, "accepted", "accepted"]
    assert _outcomes(assess(obama, biden, obama2)) == ["accepted", stranger, "accepted"]


def test_of_two_people_with_one_picture_each_the_first_stays(
    assess: Assess, portrait: Portrait
) -> None:
    outcomes = _outcomes(assess(portrait("biden"), portrait("obama")))
    assert outcomes == ["accepted", "inconsistent_with_others"]


def test_copies_do_not_outvote(assess: Assess, portrait: Portrait) -> None:
    biden = portrait("biden")
    outcomes = _outcomes(assess(biden, biden, biden, portrait("obama"), portrait("obama2")))
    assert outcomes == [
        "inconsistent_with_others", "near_copy", "near_copy", "accepted", "accepted",
    ]  # fmt: skip


def test_no_images_give_no_assessments(assess: Assess) -> None:
    assert assess() == ()


def test_assessment_as_json_keeps_the_encoding_to_itself(
    assess: Assess, portrait: Portrait
) -> None:
    accepted, unreadable = (item.as_dict() for item in assess(portrait("obama"), b""))
    text = json.dumps([accepted, unreadable], allow_nan=False)
    assert "encoding" not in text
    assert accepted["box"]["width"] > 200
    assert (accepted["image_width"], accepted["image_height"]) == (910, 1137)
    assert unreadable["reasons"] == [{"code": "empty_image", "message": REASONS["empty_image"]}]
    assert unreadable["box"] is None
