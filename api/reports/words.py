"""What reports call things, where the pages have no words for them."""

from collections.abc import Mapping
from types import MappingProxyType

from api.pages import wording
from api.pages.wording import Wording
from models.granted import Granted
from models.statuses import (
    FaceCheck,
    IncidentDecision,
    IncidentEnding,
    IncidentKind,
)

INCIDENT_KINDS: Mapping[str, str] = MappingProxyType(
    {kind: one.text for kind, one in wording.INCIDENTS.items()}
)

SEVERITY_TONES: Mapping[str, str] = MappingProxyType(
    {severity: one.tone for severity, one in wording.SEVERITIES.items()}
)

INCIDENT_REVIEW_STATES: Mapping[str, Wording] = MappingProxyType(
    {state.value: one for state, one in wording.INCIDENT_REVIEWS.items()}
)

INCIDENT_DECISIONS: Mapping[str, str] = MappingProxyType(
    {
        IncidentDecision.CONFIRMED: "Confirmed: it happened, and it matters",
        IncidentDecision.DISMISSED: "Dismissed: it did not happen, or there is a good reason",
        IncidentDecision.SECOND_REVIEW: "Somebody else has to look",
    }
)

ENDINGS: Mapping[str, str] = MappingProxyType(
    {
        IncidentEnding.REFUTED: "later frames showed the contrary",
        IncidentEnding.LOST: "frames stopped coming; what followed nobody knows",
        IncidentEnding.ATTEMPT_ENDED: "it went on until the attempt was over",
    }
)

_RETURNS: Mapping[str, str] = MappingProxyType(
    {
        IncidentKind.AWAY: "the page came back to the front",
        IncidentKind.NO_FRAMES: "frames came again",
    }
)
"""How that ended of which no frame can show the contrary."""


def verdict_wording(verdict: str | None) -> Wording:
    """Return what a verdict is called; None waits for a worker."""
    if verdict is None:
        return Wording("Waits for a worker", "clock")
    return wording.VERDICTS.get(verdict) or Wording(verdict, "question")  # type: ignore[call-overload]


def ending_text(kind: str, ending: str | None) -> str:
    """Return how an incident of a kind ended."""
    if ending == IncidentEnding.REFUTED and kind in _RETURNS:
        return _RETURNS[kind]
    return ENDINGS.get(ending or "", "it goes on")


def claim_text(status: str | None) -> str:
    """Return what the page claimed, in words."""
    return (wording.CLAIMS.get(status) or wording.CLAIMS[None]).text


def event_wording(reason: str) -> Wording:
    """Return what an event is called."""
    return wording.EVENTS.get(reason) or Wording(spaced(reason), "question", "unsure")


def spaced(code: str) -> str:
    """Return a code of the service as words."""
    return code.replace("_", " ")


def granted_text(granted: Granted) -> str:
    """Return what was granted, in one line."""
    parts = [
        granted.extra_time_percent and f"{granted.extra_time_percent} % more time",
        granted.extra_time_seconds
        and f"{wording.duration_text(granted.extra_time_seconds)} more time",
        granted.frame_interval_factor > 1
        and f"a picture {granted.frame_interval_factor:g} times less often",
        granted.face_check is FaceCheck.PRESENCE and "presence only, nothing is compared",
        granted.face_check is FaceCheck.PERSON and "no camera, a person checks",
        granted.second_person_allowed and "a second person may be there",
    ]
    return "; ".join(part for part in parts if part) or "nothing"
