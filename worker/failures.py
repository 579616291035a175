"""What can be wrong with one image for good, as a code and a sentence."""

from models.frame_store import ImageMissing
from models.sealed_images import ImageChanged, SubjectErased
from models.sealing import SealBroken
from verifier import PolicyInvalid, ReferenceUnusable, UnreadableImage
from worker.references import ReferencesMissing

POISON = "poison"
"""The code of a job that took its worker down, or failed, on every attempt it was allowed."""

LASTING_FAILURES = (
    ImageMissing,
    ImageChanged,
    SubjectErased,
    SealBroken,
    ReferencesMissing,
    ReferenceUnusable,
    UnreadableImage,
    PolicyInvalid,
)
"""Trying again cannot help: the verdict is `error` at once."""

SENTENCES = {
    "integrity": "The stored image is missing or was changed. An administrator has to look at it.",
    "subject_erased": "The subject was erased before this image was verified.",
    "references_missing": (
        "The enrollment has no template of the engine in use, and none could be made from its "
        "pictures. An administrator has to run `face-monitor reencode`, which says why."
    ),
    "policy_invalid": (
        "The thresholds kept for this comparison contradict each other. An administrator has to "
        "look at them."
    ),
    POISON: "Verifying this image failed on every attempt. An administrator has to look at it.",
}
"""What a page says about each code; an unreadable image speaks for itself."""


def failure_of(error: Exception) -> tuple[str, str]:
    """Return the stable code and the sentence for one of `LASTING_FAILURES`."""
    if isinstance(error, UnreadableImage):
        return error.code, str(error)
    if isinstance(error, ReferenceUnusable):
        return f"reference_{error.code}", str(error)
    if isinstance(error, SubjectErased):
        code = "subject_erased"
    elif isinstance(error, ReferencesMissing):
        code = "references_missing"
    elif isinstance(error, PolicyInvalid):
        code = "policy_invalid"
    else:
        code = "integrity"
    return code, SENTENCES[code]
