"""Why a person confirms or dismisses an incident: stable codes, by what was the cause."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from models.statuses import IncidentDecision


class IncidentReason(StrEnum):
    """What a decision about an incident rests on."""

    DIFFERENT_PERSON = "different_person"
    SECOND_PERSON = "second_person"
    LEFT_THE_CAMERA = "left_the_camera"
    HID_THE_CAMERA = "hid_the_camera"
    FALSE_PICTURE = "false_picture"
    LEFT_THE_PAGE = "left_the_page"
    SAME_PERSON = "same_person"
    BYSTANDER = "bystander"
    SHORT_AND_HARMLESS = "short_and_harmless"
    POOR_LIGHT = "poor_light"
    POOR_ENROLLMENT = "poor_enrollment"
    DEVICE_OR_NETWORK = "device_or_network"
    ALLOWED = "allowed"
    ERROR_OF_THE_SERVICE = "error_of_the_service"
    CANNOT_TELL = "cannot_tell"
    OTHER = "other"


REASON_WORDS: Mapping[IncidentReason, str] = MappingProxyType(
    {
        IncidentReason.DIFFERENT_PERSON: "It is another person",
        IncidentReason.SECOND_PERSON: "A second person helps",
        IncidentReason.LEFT_THE_CAMERA: "Left the camera without need",
        IncidentReason.HID_THE_CAMERA: "The camera was covered or turned away",
        IncidentReason.FALSE_PICTURE: "A photograph or recording is shown",
        IncidentReason.LEFT_THE_PAGE: "Left the page for other things",
        IncidentReason.SAME_PERSON: "It is the enrolled person",
        IncidentReason.BYSTANDER: "Somebody passed by, or a picture on the wall",
        IncidentReason.SHORT_AND_HARMLESS: "Short and harmless",
        IncidentReason.POOR_LIGHT: "Poor light or a turned head",
        IncidentReason.POOR_ENROLLMENT: "The enrolled pictures are poor",
        IncidentReason.DEVICE_OR_NETWORK: "Trouble with device or network",
        IncidentReason.ALLOWED: "It was allowed",
        IncidentReason.ERROR_OF_THE_SERVICE: "The service erred",
        IncidentReason.CANNOT_TELL: "Cannot be told from the pictures",
        IncidentReason.OTHER: "Other; see the note",
    }
)

REASONS_FOR: Mapping[IncidentDecision, tuple[IncidentReason, ...]] = MappingProxyType(
    {
        IncidentDecision.CONFIRMED: (
            IncidentReason.DIFFERENT_PERSON,
            IncidentReason.SECOND_PERSON,
            IncidentReason.LEFT_THE_CAMERA,
            IncidentReason.HID_THE_CAMERA,
            IncidentReason.FALSE_PICTURE,
            IncidentReason.LEFT_THE_PAGE,
            IncidentReason.OTHER,
        ),
        IncidentDecision.DISMISSED: (
            IncidentReason.SAME_PERSON,
            IncidentReason.BYSTANDER,
            IncidentReason.SHORT_AND_HARMLESS,
            IncidentReason.POOR_LIGHT,
            IncidentReason.POOR_ENROLLMENT,
            IncidentReason.DEVICE_OR_NETWORK,
            IncidentReason.ALLOWED,
            IncidentReason.ERROR_OF_THE_SERVICE,
            IncidentReason.OTHER,
        ),
        IncidentDecision.SECOND_REVIEW: (IncidentReason.CANNOT_TELL, IncidentReason.OTHER),
    }
)
"""What goes with which decision: somebody who confirms names what happened, somebody who dismisses
why it is none."""
