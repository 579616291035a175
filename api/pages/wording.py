"""What the codes of the service are called in plain English, and how each is marked."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from api.pages.marks import N_
from models.incident_words import INCIDENT_WORDS
from models.statuses import (
    AlertEvent,
    AttemptState,
    DeliveryState,
    IncidentEnding,
    IncidentKind,
    IncidentReviewState,
    RescoreState,
    ReviewDecision,
    Role,
    Severity,
    Verdict,
)


@dataclass(frozen=True)
class Wording:
    """How a code is shown: always text and an icon, so that the colour never stands alone."""

    text: str
    icon: str
    """A name of `templates/icons.html`."""
    tone: str = "plain"
    """`good`, `bad`, `unsure` or `plain`: a class of the stylesheet."""
    hint: str = ""
    """One sentence more, for those who read closely."""


VERDICTS: Mapping[Verdict, Wording] = MappingProxyType(
    {
        Verdict.MATCH: Wording(N_("Match"), "check", "good", N_("The enrolled person is there.")),
        Verdict.MISMATCH: Wording(
            N_("Mismatch"), "cross", "bad", N_("The face is not like the enrolled person's.")
        ),
        Verdict.INCONCLUSIVE: Wording(
            N_("Inconclusive"),
            "question",
            "unsure",
            N_("The distance lies between both thresholds."),
        ),
        Verdict.NO_FACE: Wording(N_("No face"), "nobody", "bad", N_("Nobody can be seen.")),
        Verdict.MULTIPLE_FACES: Wording(
            N_("Several faces"), "people", "bad", N_("Somebody else is in the picture.")
        ),
        Verdict.LOW_QUALITY: Wording(
            N_("Low quality"), "dim", "unsure", N_("The picture is too poor to judge.")
        ),
        Verdict.PRESENT: Wording(
            N_("Somebody is there"),
            "person",
            "good",
            N_("One face can be seen. By an allowance it was compared with nobody."),
        ),
        Verdict.ERROR: Wording(N_("Error"), "warning", "unsure", N_("No answer could be found.")),
    }
)

RESCORE_STATES: Mapping[RescoreState, Wording] = MappingProxyType(
    {
        RescoreState.WAITING: Wording("Waits for a worker", "clock"),
        RescoreState.RUNNING: Wording("Being done", "clock"),
        RescoreState.DONE: Wording("Done", "check", "good"),
        RescoreState.FAILED: Wording("Failed", "warning", "bad"),
    }
)

RESCORE_ERRORS: Mapping[str | None, str] = MappingProxyType(
    {
        "engine_unavailable": (
            "This engine cannot be used here, or was changed meanwhile. Ask again; if it stays, an "
            "administrator runs `face-monitor doctor`."
        ),
        "references_missing": (
            "The enrolled pictures give this engine nothing to compare with: an administrator runs "
            "`face-monitor reencode`, which says why."
        ),
        "subject_erased": "The student was erased: nothing can be compared any more.",
        "policy_invalid": "The thresholds contradict other numbers of the policy. Choose others.",
        "poison": (
            "The engine ended its worker again and again. An administrator finds why in the log of "
            "the workers."
        ),
        None: "It could not be finished. An administrator finds why in the log of the workers.",
    }
)
"""What became of a rescore that failed as a whole, by its code."""

ENGINES: Mapping[str, str] = MappingProxyType(
    {"onnx": "onnx (fast)", "dlib": "dlib (the plain reference)"}
)

CLAIMS: Mapping[str | None, Wording] = MappingProxyType(
    {
        "one_face": Wording(N_("One face"), "person"),
        "no_face": Wording(N_("No face"), "nobody"),
        "several_faces": Wording(N_("Several faces"), "people"),
        "unavailable": Wording(N_("Could not look"), "question"),
        None: Wording(N_("Claimed nothing"), "question"),
    }
)

LOOKS: Mapping[str, str] = MappingProxyType(
    {
        "glance": N_("at a glance"),
        "mirrored": N_("at a second glance"),
        "close": N_("closely"),
        "thorough": N_("very closely"),
    }
)
"""How closely the server looked at a picture."""

_INCIDENT_MARKS: Mapping[IncidentKind, tuple[str, str]] = MappingProxyType(
    {
        IncidentKind.WRONG_PERSON: ("cross", "bad"),
        IncidentKind.SOMEBODY_ELSE_TOO: ("people", "bad"),
        IncidentKind.NOBODY: ("nobody", "bad"),
        IncidentKind.CAMERA_COVERED: ("camera-off", "bad"),
        IncidentKind.NO_FRAMES: ("gap", "unsure"),
        IncidentKind.AWAY: ("leave", "unsure"),
        IncidentKind.REPEATED_PICTURE: ("copy", "bad"),
        IncidentKind.CLIENT_DISAGREES: ("differ", "differ"),
    }
)

INCIDENTS: Mapping[IncidentKind, Wording] = MappingProxyType(
    {kind: Wording(INCIDENT_WORDS[kind], *marks) for kind, marks in _INCIDENT_MARKS.items()}
)

CHECKS: Mapping[str, str] = MappingProxyType(
    {
        "schema": "Database tables",
        "weights": "Workers",
        "templates": "Templates of enrolled faces",
        "backlog": "Waiting jobs",
        "storage": "Room for pictures",
        "broker": "Message broker",
    }
)
"""What the checks of readiness are called on pages."""

SEVERITIES: Mapping[Severity, Wording] = MappingProxyType(
    {
        Severity.HIGH: Wording("High", "warning", "bad"),
        Severity.MEDIUM: Wording("Medium", "warning", "unsure"),
        Severity.LOW: Wording("Low", "question", "plain"),
    }
)

INCIDENT_REVIEWS: Mapping[IncidentReviewState, Wording] = MappingProxyType(
    {
        IncidentReviewState.UNREVIEWED: Wording("Not reviewed", "clock", "plain"),
        IncidentReviewState.SECOND_REVIEW: Wording("Needs another look", "question", "unsure"),
        IncidentReviewState.CONFIRMED: Wording("Confirmed", "check", "bad"),
        IncidentReviewState.DISMISSED: Wording("Dismissed", "cross", "good"),
    }
)

ENDINGS: Mapping[IncidentEnding | None, str] = MappingProxyType(
    {
        IncidentEnding.REFUTED: "until frames showed the contrary",
        IncidentEnding.LOST: "until frames stopped coming",
        IncidentEnding.ATTEMPT_ENDED: "until the end of the attempt",
        None: "goes on",
    }
)

_RETURNS: Mapping[IncidentKind, str] = MappingProxyType(
    {
        IncidentKind.AWAY: "until the page came back to the front",
        IncidentKind.NO_FRAMES: "until frames came again",
    }
)
"""How that ended of which no frame can show the contrary."""

ATTEMPT_STATES: Mapping[AttemptState, Wording] = MappingProxyType(
    {
        AttemptState.CREATED: Wording(N_("Not ready"), "clock", "plain"),
        AttemptState.READY: Wording(N_("Ready"), "check", "plain"),
        AttemptState.STARTED: Wording(N_("In progress"), "camera", "good"),
        AttemptState.SUBMITTED: Wording(N_("Handed in"), "check", "plain"),
        AttemptState.SECOND_REVIEW_REQUIRED: Wording(N_("Needs review"), "question", "unsure"),
        AttemptState.VERIFIED: Wording(N_("Verified"), "check", "good"),
        AttemptState.REJECTED: Wording(N_("Rejected"), "cross", "bad"),
        AttemptState.DECLINED: Wording(N_("Declined"), "nobody", "plain"),
        AttemptState.EXPIRED: Wording(N_("Expired"), "clock", "unsure"),
        AttemptState.ERROR: Wording(N_("Broken off"), "warning", "unsure"),
    }
)

STUDENT_STATES: Mapping[AttemptState, str] = MappingProxyType(
    {
        AttemptState.CREATED: N_("Some steps are left before you can start."),
        AttemptState.READY: N_("You can start."),
        AttemptState.STARTED: N_("Your exam is running."),
        AttemptState.SUBMITTED: N_("You handed it in. A person looks at anything unclear."),
        AttemptState.SECOND_REVIEW_REQUIRED: N_("A person is having another look at it."),
        AttemptState.VERIFIED: N_("Everything was in order."),
        AttemptState.REJECTED: N_("A person found it not in order. Please contact your examiner."),
        AttemptState.DECLINED: N_("You chose to sit this exam another way."),
        AttemptState.EXPIRED: N_("Its time ran out before it was handed in."),
        AttemptState.ERROR: N_(
            "It broke off for a technical reason. Please contact your examiner."
        ),
    }
)
"""How an attempt stands, said to the one who sat it."""

SIGNALS: Mapping[str, str] = MappingProxyType(
    {
        "client_disagrees": N_("Page and server disagree"),
        "late": N_("Sent late"),
        "unattested": N_("No valid capture ticket"),
        "claim_unreadable": N_("Claim could not be read"),
        "captured_at_unreadable": N_("The page's clock could not be read"),
        "conflicting_upload": N_("Other bytes were sent under this number"),
        "replayed": N_("Seen before"),
        "frozen": N_("Picture does not change"),
    }
)

EVENTS: Mapping[str, Wording] = MappingProxyType(
    {
        "no_face_detected": Wording(N_("The page saw no face"), "nobody", "unsure"),
        "unverified_face_detected": Wording(N_("The page saw an unknown face"), "person", "unsure"),
        "several_faces_detected": Wording(N_("The page saw several faces"), "people", "unsure"),
        "face_returned": Wording(N_("The page saw a face again"), "person"),
        "tab_switch": Wording(N_("Left the page"), "leave", "unsure"),
        "tab_return": Wording(N_("Came back to the page"), "return"),
        "page_opened": Wording(N_("Opened the page"), "return"),
        "page_left": Wording(N_("Closed or reloaded the page"), "leave", "unsure"),
        "second_page": Wording(N_("Opened the exam a second time"), "people", "unsure"),
        "window_blur": Wording(N_("Another window in front"), "leave", "unsure"),
        "window_focus": Wording(N_("Back in the window"), "return"),
        "fullscreen_exit": Wording(N_("Left full screen"), "leave", "unsure"),
        "fullscreen_enter": Wording(N_("Entered full screen"), "return"),
        "copy": Wording(N_("Copied"), "copy", "unsure"),
        "cut": Wording(N_("Cut"), "copy", "unsure"),
        "paste": Wording(N_("Pasted"), "copy", "unsure"),
        "camera_lost": Wording(N_("Camera lost"), "camera-off", "bad"),
        "camera_returned": Wording(N_("Camera is back"), "camera"),
        "camera_changed": Wording(N_("Camera changed"), "camera", "unsure"),
        "camera_denied": Wording(N_("Camera not permitted"), "camera-off", "bad"),
        "detector_unavailable": Wording(N_("The page's detector did not load"), "warning"),
        "offline": Wording(N_("Network lost"), "warning", "unsure"),
        "online": Wording(N_("Network is back"), "return"),
        "second_screen": Wording(N_("A second screen is connected"), "people", "unsure"),
        "single_screen": Wording(N_("One screen"), "return"),
        "frames_dropped": Wording(N_("The page gave pictures up"), "warning", "unsure"),
        "heartbeat": Wording(N_("The page is alive"), "clock"),
    }
)

DECISIONS: Mapping[ReviewDecision, str] = MappingProxyType(
    {
        ReviewDecision.VERIFIED: "It was in order",
        ReviewDecision.QUESTIONED: "Ask the student before anything is decided",
        ReviewDecision.REJECTED: "Reject it",
    }
)
"""What a person decides, said to the one who decides."""

DECIDED: Mapping[ReviewDecision, Wording] = MappingProxyType(
    {
        ReviewDecision.VERIFIED: Wording("It was in order", "check", "good"),
        ReviewDecision.QUESTIONED: Wording("The student was asked", "question", "unsure"),
        ReviewDecision.REJECTED: Wording("Rejected", "cross", "bad"),
    }
)
"""The same decisions, told afterwards."""

ALERT_EVENTS: Mapping[AlertEvent, str] = MappingProxyType(
    {
        AlertEvent.INCIDENT_OPENED: "An incident opened, or became severe",
        AlertEvent.INCIDENT_CLOSED: "An incident is over",
        AlertEvent.INCIDENT_WITHDRAWN: "An incident that opened is found no more",
        AlertEvent.ATTEMPT_SUBMITTED: "An attempt was handed in",
        AlertEvent.ATTEMPT_REVIEWED: "Somebody decided about an attempt",
    }
)
"""What can be told, said to the one who chooses."""

ALERT_NAMES: Mapping[AlertEvent, str] = MappingProxyType(
    {
        AlertEvent.INCIDENT_OPENED: "Incident opened",
        AlertEvent.INCIDENT_CLOSED: "Incident over",
        AlertEvent.INCIDENT_WITHDRAWN: "Incident withdrawn",
        AlertEvent.ATTEMPT_SUBMITTED: "Handed in",
        AlertEvent.ATTEMPT_REVIEWED: "Decided",
        AlertEvent.TEST: "A test",
    }
)
"""The same, in a table."""

DELIVERY_STATES: Mapping[DeliveryState, Wording] = MappingProxyType(
    {
        DeliveryState.PENDING: Wording("On its way", "clock"),
        DeliveryState.DELIVERED: Wording("Arrived", "check", "good"),
        DeliveryState.FAILED: Wording("Given up", "cross", "bad"),
    }
)

ROLES: Mapping[Role, str] = MappingProxyType(
    {Role.STUDENT: N_("Student"), Role.REVIEWER: N_("Reviewer"), Role.ADMIN: N_("Admin")}
)


def ending_text(kind: str, ending: str | None) -> str:
    """Return until when an incident of a kind lasted, or that it goes on."""
    if ending == IncidentEnding.REFUTED and kind in _RETURNS:
        return _RETURNS[IncidentKind(kind)]
    return ENDINGS[IncidentEnding(ending) if ending else None]


def duration_text(seconds: float) -> str:
    """Return a duration as people say it: `1 h 30 min`, `45 s`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(hours, "h"), (minutes, "min"), (rest, "s")]
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "0 s"


def byte_text(byte_count: int) -> str:
    """Return a size as people read it: `812 bytes`, `24 kB`, `1.3 MB`, `8.0 GB`."""
    if byte_count < 1000:
        return f"{byte_count} bytes"
    if byte_count < 1_000_000:
        return f"{byte_count / 1000:.0f} kB"
    if byte_count < 1_000_000_000:
        return f"{byte_count / 1_000_000:.1f} MB"
    return f"{byte_count / 1_000_000_000:.1f} GB"


FIELD_LABELS: Mapping[str, str] = MappingProxyType(
    {
        "awarded_points": "Points",
        "chosen": "The choice",
        "comment": "The comment",
        "decision": "The decision",
        "match_threshold": "The distance of a match",
        "message": "The message to the student",
        "mismatch_threshold": "The distance of a mismatch",
        "note": "The note",
        "reason": "The reason",
        "reason_codes": "Reasons",
    }
)
"""Fields of the forms on attempts and incidents, at the beginning of a sentence."""
