"""The table of verdicts, row by row, on figures alone."""

import math
from dataclasses import replace

import pytest

from verifier import REASONS, MatchPolicy, Verdict, match_score_of
from verifier.agreement import ReferenceAgreement, agreement_of
from verifier.quality import FaceQuality, FrameQuality
from verifier.verdict import decide, face_reasons, frame_reasons, reference_reasons

POLICY = MatchPolicy()
FRAME = FrameQuality(frame_brightness=110, frame_highlight=0.01, frame_layout=40, frame_sharpness=6)
FACE = FaceQuality(
    face_brightness=120,
    face_contrast=45,
    face_sharpness=600,
    face_size_px=150,
    face_cut_fraction=0.0,
)


def _at(distance: float, *further: float) -> ReferenceAgreement:
    """The face beside one reference, or beside several."""
    return agreement_of((distance, *further), POLICY.mismatch_threshold)


BLURRED = replace(FACE, face_sharpness=20)


@pytest.mark.parametrize(
    ("distance", "verdict"),
    [
        (0.0, Verdict.MATCH),
        (0.50, Verdict.MATCH),
        (0.5001, Verdict.INCONCLUSIVE),
        (0.5999, Verdict.INCONCLUSIVE),
        (0.60, Verdict.MISMATCH),
        (1.3, Verdict.MISMATCH),
    ],
)
def test_thresholds_belong_to_the_certain_side(distance: float, verdict: Verdict) -> None:
    assert decide(POLICY, FRAME, 1, FACE, _at(distance))[0] is verdict


@pytest.mark.parametrize("distance", [0.2, 0.55, 0.9])
def test_second_face_is_never_hidden_by_the_best_pair(distance: float) -> None:
    verdict, reasons = decide(POLICY, FRAME, 2, FACE, _at(distance))
    assert verdict is Verdict.MULTIPLE_FACES
    assert reasons == ("multiple_faces",)


@pytest.mark.parametrize(
    ("faces", "distance", "verdict", "reason"),
    [
        (2, 0.2, Verdict.MATCH, "second_person_allowed"),
        (2, 0.55, Verdict.MULTIPLE_FACES, "multiple_faces"),
        (2, 0.9, Verdict.MULTIPLE_FACES, "multiple_faces"),
        # One helper is permitted, not a party.
        (3, 0.2, Verdict.MULTIPLE_FACES, "multiple_faces"),
    ],
)
def test_allowed_helper_stands_in_for_nobody(
    faces: int, distance: float, verdict: Verdict, reason: str
) -> None:
    decided = decide(POLICY, FRAME, faces, FACE, _at(distance), second_person_allowed=True)
    assert decided == (verdict, (reason,))


def test_allowance_changes_nothing_for_one_face() -> None:
    for distance in (0.2, 0.55, 0.9):
        usual = decide(POLICY, FRAME, 1, FACE, _at(distance))
        assert usual == decide(POLICY, FRAME, 1, FACE, _at(distance), second_person_allowed=True)


@pytest.mark.parametrize("distance", [0.51, 0.60, 1.2])
def test_poor_picture_never_accuses(distance: float) -> None:
    verdict, reasons = decide(POLICY, FRAME, 1, BLURRED, _at(distance))
    assert verdict is Verdict.LOW_QUALITY
    assert reasons == ("too_blurred",)


def test_poor_picture_of_the_right_person_matches_with_advice() -> None:
    assert decide(POLICY, FRAME, 1, BLURRED, _at(0.4)) == (Verdict.MATCH, ("too_blurred",))


@pytest.mark.parametrize(
    ("figures", "code"),
    [
        ({"frame_brightness": 12.0}, "too_dark"),
        ({"frame_highlight": 0.9}, "too_bright"),
        ({"frame_sharpness": 0.3}, "too_blurred"),
    ],
)
def test_hidden_face_is_not_an_absent_one(figures: dict[str, float], code: str) -> None:
    verdict, reasons = decide(POLICY, replace(FRAME, **figures), 0, None, None)
    assert (verdict, reasons) == (Verdict.LOW_QUALITY, (code,))


def test_empty_room_and_plain_wall_show_nobody() -> None:
    wall = replace(FRAME, frame_layout=0.5, frame_sharpness=0.0)
    for frame in (FRAME, wall):
        assert decide(POLICY, frame, 0, None, None) == (Verdict.NO_FACE, ("no_face",))


POOR_FACES = {
    "too_dark": {"face_brightness": 15.0},
    "too_bright": {"face_brightness": 240.0},
    "low_contrast": {"face_contrast": 5.0},
    "too_blurred": {"face_sharpness": 10.0},
    "face_too_small": {"face_size_px": 40},
    "face_turned": {"face_yaw": -0.6},
    "face_cut_off": {"face_cut_fraction": 0.5},
}


@pytest.mark.parametrize("code", POOR_FACES)
def test_each_floor_has_its_own_reason(code: str) -> None:
    face = replace(FACE, **POOR_FACES[code])
    assert face_reasons(POLICY, face) == (code,)
    assert reference_reasons(POLICY, face) == (code,)


def test_enrolment_asks_for_more_than_a_frame() -> None:
    fair = replace(
        FACE, face_brightness=45, face_contrast=15, face_sharpness=80, face_size_px=70,
        face_cut_fraction=0.2, face_yaw=0.3, face_roll_degrees=-30.0,
    )  # fmt: skip
    assert face_reasons(POLICY, fair) == ()
    assert len(reference_reasons(POLICY, fair)) == 7


def test_nodding_head_is_no_reference() -> None:
    assert reference_reasons(POLICY, replace(FACE, face_pitch=0.4)) == ("face_turned",)


@pytest.mark.parametrize(
    ("distances", "verdict", "reason"),
    [
        ((0.3, 0.4, 0.7), Verdict.MATCH, None),
        ((0.3, 0.7), Verdict.MATCH, None),
        ((0.3, 0.7, 0.8), Verdict.INCONCLUSIVE, "references_disagree"),
        ((0.55, 0.7, 0.8), Verdict.INCONCLUSIVE, "between_thresholds"),
        ((0.65, 0.7, 0.8), Verdict.MISMATCH, "different_person"),
    ],
)
def test_one_bad_reference_vouches_for_nobody(
    distances: tuple[float, ...], verdict: Verdict, reason: str | None
) -> None:
    found, reasons = decide(POLICY, FRAME, 1, FACE, _at(*distances))
    assert (found, reasons) == (verdict, (reason,) if reason else ())


def test_agreement_counts_and_measures() -> None:
    assert _at(0.7, 0.3, 0.5, 0.6).as_dict() == {
        "best": 0.3, "median": 0.55, "agreeing": 2, "count": 4,
    }  # fmt: skip


def test_every_reason_has_a_sentence() -> None:
    given = set(POOR_FACES) | {"no_face", "multiple_faces", "different_person"}
    assert given <= set(REASONS)
    assert all(text.endswith(".") and text[0].isupper() for text in REASONS.values())
    assert frame_reasons(POLICY, FRAME) == ()


def test_match_score_falls_with_distance_and_stays_in_range() -> None:
    scores = [match_score_of(step / 100) for step in range(0, 151, 5)]
    assert scores == sorted(scores, reverse=True)
    assert (scores[0], scores[-1]) == (100.0, 0.0)
    assert len(set(scores)) > 11


def test_ten_points_are_ten_times_the_odds() -> None:
    assert match_score_of(0.60) == 50.0
    slope_of_the_fit = 40.3  # Of the logistic curve: ln(odds) for each unit of distance.
    tenfold = math.log(10) / slope_of_the_fit
    assert match_score_of(0.60 - tenfold) == pytest.approx(60.0, abs=0.1)
