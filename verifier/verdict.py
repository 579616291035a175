"""From figures to a verdict. The only code that decides."""

from enum import StrEnum

from verifier.agreement import ReferenceAgreement
from verifier.policy import MatchPolicy
from verifier.quality import FaceQuality, FrameQuality


class Verdict(StrEnum):
    """What the server says of one image."""

    MATCH = "match"
    """The only face is the enrolled person's."""

    MISMATCH = "mismatch"
    """The only face is somebody else's, in a picture good enough to say so."""

    INCONCLUSIVE = "inconclusive"
    """The only face lies between the two thresholds."""

    NO_FACE = "no_face"
    """Nobody is there, in a picture good enough to say so."""

    MULTIPLE_FACES = "multiple_faces"
    """More than one face, whoever they are."""

    LOW_QUALITY = "low_quality"
    """Too dark, too blurred, too small … to tell."""

    PRESENT = "present"
    """One face is there and was compared with nothing: the answer of `check_presence`."""

    ERROR = "error"
    """No answer could be found. `verify_image` never returns it: it is the word of callers for
    an image that could not be read or that killed its worker."""


FACES_WITH_HELPER = 2
"""With a second person allowed: the subject's and the helper's. A third is as ever too many."""


def decide(
    policy: MatchPolicy,
    frame: FrameQuality,
    face_count: int,
    subject: FaceQuality | None,
    agreement: ReferenceAgreement | None,
    *,
    second_person_allowed: bool = False,
) -> tuple[Verdict, tuple[str, ...]]:
    """Return the verdict and the reason codes for it. The first row that holds decides:

    ===  ==============================================  ==================
    row  what holds                                      verdict
    ===  ==============================================  ==================
    1    no face, frame too dark, bright or blurred      ``low_quality``
    2    no face                                         ``no_face``
    3    more than one face, unless a second person is   ``multiple_faces``
         allowed, there are two, and row 4 holds
    4    distance ≤ match_threshold, half agree          ``match``
    5    the face is below a quality floor               ``low_quality``
    6    distance ≥ mismatch_threshold                   ``mismatch``
    7    otherwise                                       ``inconclusive``
    ===  ==============================================  ==================

    Row 3 stands before row 4: a helper may sit beside the right person, so the best pair must
    not hide the other face. Row 5 stands after row 4 and before row 6: poor light may cost a
    match but never accuses. A match keeps its quality reasons, as advice. In row 4 at least half
    of the references must be closer than `mismatch_threshold`: one bad reference, which happens to
    resemble somebody else, must not vouch for them.

    Parameters
    ----------
    frame
        Figures of the whole picture; they matter only where no face was found.
    subject, agreement
        Figures of the face closest to the references; None without a face. The distance is
        `agreement.best`.
    second_person_allowed
        One person may sit beside the subject, by an allowance; the subject has to be there all
        the same. The reason `second_person_allowed` then stands with the match.
    """
    if subject is None or agreement is None:
        hidden_by = frame_reasons(policy, frame)
        return (Verdict.LOW_QUALITY, hidden_by) if hidden_by else (Verdict.NO_FACE, ("no_face",))
    poor = face_reasons(policy, subject)
    is_close = agreement.best <= policy.match_threshold
    is_match = is_close and agreement.is_majority
    if face_count > 1:
        if is_match and second_person_allowed and face_count == FACES_WITH_HELPER:
            return Verdict.MATCH, ("second_person_allowed", *poor)
        return Verdict.MULTIPLE_FACES, ("multiple_faces", *poor)
    if is_match:
        return Verdict.MATCH, poor
    if poor:
        return Verdict.LOW_QUALITY, poor
    if agreement.best >= policy.mismatch_threshold:
        return Verdict.MISMATCH, ("different_person",)
    return Verdict.INCONCLUSIVE, ("references_disagree" if is_close else "between_thresholds",)


def frame_reasons(policy: MatchPolicy, frame: FrameQuality) -> tuple[str, ...]:
    """Return why a face could be in this frame without being seen; empty if it could not."""
    is_plain = frame.frame_layout < policy.min_frame_layout
    found = {
        "too_dark": frame.frame_brightness < policy.min_frame_brightness,
        "too_bright": frame.frame_highlight > policy.max_frame_highlight,
        "too_blurred": not is_plain and frame.frame_sharpness < policy.min_frame_sharpness,
    }
    return tuple(code for code, holds in found.items() if holds)


def face_reasons(policy: MatchPolicy, face: FaceQuality) -> tuple[str, ...]:
    """Return which floors for frames a face is below; empty if none."""
    found = {
        "too_dark": face.face_brightness < policy.min_face_brightness,
        "too_bright": face.face_brightness > policy.max_face_brightness,
        "low_contrast": face.face_contrast < policy.min_face_contrast,
        "too_blurred": face.face_sharpness < policy.min_face_sharpness,
        "face_too_small": face.face_size_px < policy.min_face_size_px,
        "face_turned": abs(face.face_yaw) > policy.max_face_yaw,
        "face_cut_off": face.face_cut_fraction > policy.max_face_cut_fraction,
    }
    return tuple(code for code, holds in found.items() if holds)


def reference_reasons(policy: MatchPolicy, face: FaceQuality) -> tuple[str, ...]:
    """Return which floors for enrolment a face is below; empty if none."""
    found = {
        "too_dark": face.face_brightness < policy.min_reference_face_brightness,
        "too_bright": face.face_brightness > policy.max_face_brightness,
        "low_contrast": face.face_contrast < policy.min_reference_face_contrast,
        "too_blurred": face.face_sharpness < policy.min_reference_face_sharpness,
        "face_too_small": face.face_size_px < policy.min_reference_face_size_px,
        "face_turned": (
            abs(face.face_yaw) > policy.max_reference_face_yaw
            or abs(face.face_pitch) > policy.max_reference_face_pitch
        ),
        "face_tilted": abs(face.face_roll_degrees) > policy.max_reference_face_roll_degrees,
        "face_cut_off": face.face_cut_fraction > policy.max_reference_face_cut_fraction,
    }
    return tuple(code for code, holds in found.items() if holds)
