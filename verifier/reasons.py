"""Every reason the verifier can give: a stable code and the sentence a page can show."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

REASONS: Mapping[str, str] = MappingProxyType(
    {
        # Bytes that never became pixels (`UnreadableImage.code`).
        "empty_image": "The picture is empty. Take it again and send it once more.",
        "image_too_large": "The picture has too many bytes. Send a smaller or more compressed one.",
        "unsupported_image_type": (
            "This kind of picture cannot be read. Send a still JPEG, PNG or WebP picture."
        ),
        "image_dimensions_too_large": (
            "The picture is too wide or too high. Scale it down and send it again."
        ),
        "image_too_small": "The picture is too small. Send one with more pixels.",
        "truncated_image": "The end of the picture is missing. Send the whole file again.",
        "corrupt_image": "The picture is damaged. Take it again and send it once more.",
        # What a frame showed.
        "no_face": "No face is visible. Sit in front of the camera and look at the screen.",
        "multiple_faces": "More than one face is visible. Make sure that you are alone.",
        "second_person_allowed": "Somebody else is visible too, which is permitted here.",
        "different_person": "The face does not look like the enrolled person.",
        "references_disagree": (
            "The face resembles one reference picture but not the others. Enrol the face again."
        ),
        "between_thresholds": (
            "The face is neither clearly the enrolled person nor clearly somebody else."
        ),
        # Why a picture is too poor to judge.
        "too_dark": "The picture is too dark. Turn on a light in front of you.",
        "too_bright": "The picture is too bright. Move the light away from the camera.",
        "low_contrast": "The face hardly stands out. Use an even light from the front.",
        "too_blurred": "The picture is blurred. Clean the camera and hold still.",
        "face_too_small": "The face is too small. Move closer to the camera.",
        "face_turned": "The face is turned away. Look straight into the camera.",
        "face_tilted": "The head is tilted. Hold it upright.",
        "face_cut_off": "Part of the face is outside the picture. Move to its middle.",
        # Why a reference image was refused, beyond the reasons above.
        "inconsistent_with_others": (
            "This picture shows a different person than the others. "
            "Use pictures of one person only."
        ),
        "near_copy": "This picture is a copy of another one. Use a different picture.",
    }
)
"""Sentence by code. Codes are permanent: stored with verifications and read by clients."""


def reasons_as_dicts(codes: Iterable[str]) -> list[dict[str, str]]:
    """Return `{"code", "message"}` for each code, in the order given."""
    return [{"code": code, "message": REASONS[code]} for code in codes]
