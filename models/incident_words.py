"""What incidents are called: on pages, in reports and in e-mails."""

from collections.abc import Mapping
from types import MappingProxyType

from models.statuses import IncidentKind

INCIDENT_WORDS: Mapping[IncidentKind, str] = MappingProxyType(
    {
        IncidentKind.WRONG_PERSON: "Wrong person",
        IncidentKind.SOMEBODY_ELSE_TOO: "Somebody else too",
        IncidentKind.NOBODY: "Nobody there",
        IncidentKind.CAMERA_COVERED: "Camera covered",
        IncidentKind.NO_FRAMES: "No frames",
        IncidentKind.AWAY: "Away from the page",
        IncidentKind.REPEATED_PICTURE: "Repeated picture",
        IncidentKind.CLIENT_DISAGREES: "Page and server disagree",
    }
)
"""For reviewers alone, who read English."""
