"""Why a person questions or rejects an attempt: stable codes and the sentence a student reads."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from api.pages.marks import N_


class ReviewReason(StrEnum):
    """What a decision rests on."""

    DIFFERENT_PERSON = "different_person"
    SECOND_PERSON = "second_person"
    ABSENT = "absent"
    CAMERA_COVERED = "camera_covered"
    PICTURES_MISSING = "pictures_missing"
    LEFT_THE_PAGE = "left_the_page"
    MATERIAL = "material"
    TECHNICAL = "technical"
    OTHER = "other"


SENTENCES: Mapping[ReviewReason, str] = MappingProxyType(
    {
        ReviewReason.DIFFERENT_PERSON: N_("Another person seems to have sat the exam for a time."),
        ReviewReason.SECOND_PERSON: N_("Somebody else was in the picture."),
        ReviewReason.ABSENT: N_("Nobody was before the camera for a longer time."),
        ReviewReason.CAMERA_COVERED: N_("The camera showed nothing for a longer time."),
        ReviewReason.PICTURES_MISSING: N_("Pictures are missing for a longer time."),
        ReviewReason.LEFT_THE_PAGE: N_("The exam page was left for other things."),
        ReviewReason.MATERIAL: N_("Something was used that is not permitted in this exam."),
        ReviewReason.TECHNICAL: N_("There was a technical problem that has to be explained."),
        ReviewReason.OTHER: N_("See the message."),
    }
)
