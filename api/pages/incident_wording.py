"""What incidents are called in plain English, and how each is marked. Desks speak English alone."""

from collections.abc import Mapping
from types import MappingProxyType

from api.pages.wording import Wording
from models.statuses import IncidentKind, Severity

INCIDENT_KINDS: Mapping[IncidentKind, Wording] = MappingProxyType(
    {
        IncidentKind.WRONG_PERSON: Wording("Wrong person", "cross", "bad"),
        IncidentKind.SOMEBODY_ELSE_TOO: Wording("Somebody else too", "people", "bad"),
        IncidentKind.NOBODY: Wording("Nobody there", "nobody", "bad"),
        IncidentKind.CAMERA_COVERED: Wording("Camera covered", "camera-off", "bad"),
        IncidentKind.NO_FRAMES: Wording("No pictures come", "gap", "bad"),
        IncidentKind.AWAY: Wording("Away from the page", "leave", "bad"),
        IncidentKind.REPEATED_PICTURE: Wording("Same picture again", "copy", "bad"),
        IncidentKind.CLIENT_DISAGREES: Wording("Page and server disagree", "differ", "bad"),
    }
)

SEVERITIES: Mapping[Severity, Wording] = MappingProxyType(
    {
        Severity.HIGH: Wording("High", "warning", "bad"),
        Severity.MEDIUM: Wording("Medium", "warning", "unsure"),
        Severity.LOW: Wording("Low", "question", "plain"),
    }
)
