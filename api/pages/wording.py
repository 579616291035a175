"""What the codes of the service are called in plain English, and how each is marked."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from models.statuses import AttemptState, Role, Verdict


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
        Verdict.MATCH: Wording("Match", "check", "good", "The enrolled person is there."),
        Verdict.MISMATCH: Wording(
            "Mismatch", "cross", "bad", "The face is not like the enrolled person's."
        ),
        Verdict.INCONCLUSIVE: Wording(
            "Inconclusive", "question", "unsure", "The distance lies between both thresholds."
        ),
        Verdict.NO_FACE: Wording("No face", "nobody", "bad", "Nobody can be seen."),
        Verdict.MULTIPLE_FACES: Wording(
            "Several faces", "people", "bad", "Somebody else is in the picture."
        ),
        Verdict.LOW_QUALITY: Wording(
            "Low quality", "dim", "unsure", "The picture is too poor to judge."
        ),
        Verdict.ERROR: Wording("Error", "warning", "unsure", "No answer could be found."),
    }
)

CLAIMS: Mapping[str | None, Wording] = MappingProxyType(
    {
        "one_face": Wording("One face", "person"),
        "no_face": Wording("No face", "nobody"),
        "several_faces": Wording("Several faces", "people"),
        "unavailable": Wording("Could not look", "question"),
        None: Wording("Claimed nothing", "question"),
    }
)

LOOKS: Mapping[str, str] = MappingProxyType(
    {
        "glance": "at a glance",
        "mirrored": "at a second glance",
        "close": "closely",
        "thorough": "very closely",
    }
)
"""How closely the server looked at a picture."""

ATTEMPT_STATES: Mapping[AttemptState, Wording] = MappingProxyType(
    {
        AttemptState.CREATED: Wording("Not ready", "clock", "plain"),
        AttemptState.READY: Wording("Ready", "check", "plain"),
        AttemptState.STARTED: Wording("In progress", "camera", "good"),
        AttemptState.SUBMITTED: Wording("Submitted", "check", "plain"),
        AttemptState.SECOND_REVIEW_REQUIRED: Wording("Needs review", "question", "unsure"),
        AttemptState.VERIFIED: Wording("Verified", "check", "good"),
        AttemptState.REJECTED: Wording("Rejected", "cross", "bad"),
        AttemptState.DECLINED: Wording("Declined", "nobody", "plain"),
        AttemptState.EXPIRED: Wording("Expired", "clock", "unsure"),
        AttemptState.ERROR: Wording("Broken off", "warning", "unsure"),
    }
)

STUDENT_STATES: Mapping[AttemptState, str] = MappingProxyType(
    {
        AttemptState.CREATED: "Some steps are left before you can start.",
        AttemptState.READY: "You can start.",
        AttemptState.STARTED: "Your exam is running.",
        AttemptState.SUBMITTED: "You handed it in. A person looks at anything unclear.",
        AttemptState.SECOND_REVIEW_REQUIRED: "A person is having another look at it.",
        AttemptState.VERIFIED: "Everything was in order.",
        AttemptState.REJECTED: "A person found it not in order. Please contact your examiner.",
        AttemptState.DECLINED: "You chose to sit this exam another way.",
        AttemptState.EXPIRED: "Its time ran out before it was handed in.",
        AttemptState.ERROR: "It broke off for a technical reason. Please contact your examiner.",
    }
)
"""How an attempt stands, said to the one who sat it."""

SIGNALS: Mapping[str, str] = MappingProxyType(
    {
        "client_disagrees": "Page and server disagree",
        "late": "Sent late",
        "unattested": "No valid capture ticket",
        "claim_unreadable": "Claim could not be read",
        "captured_at_unreadable": "The page's clock could not be read",
        "conflicting_upload": "Other bytes were sent under this number",
        "replayed": "Seen before",
        "frozen": "Picture does not change",
    }
)

EVENTS: Mapping[str, Wording] = MappingProxyType(
    {
        "no_face_detected": Wording("The page saw no face", "nobody", "unsure"),
        "unverified_face_detected": Wording("The page saw an unknown face", "person", "unsure"),
        "several_faces_detected": Wording("The page saw several faces", "people", "unsure"),
        "face_returned": Wording("The page saw a face again", "person"),
        "tab_switch": Wording("Left the page", "leave", "unsure"),
        "tab_return": Wording("Came back to the page", "return"),
        "window_blur": Wording("Another window in front", "leave", "unsure"),
        "window_focus": Wording("Back in the window", "return"),
        "fullscreen_exit": Wording("Left full screen", "leave", "unsure"),
        "fullscreen_enter": Wording("Entered full screen", "return"),
        "copy": Wording("Copied", "copy", "unsure"),
        "cut": Wording("Cut", "copy", "unsure"),
        "paste": Wording("Pasted", "copy", "unsure"),
        "camera_lost": Wording("Camera lost", "camera-off", "bad"),
        "camera_returned": Wording("Camera is back", "camera"),
        "camera_changed": Wording("Camera changed", "camera", "unsure"),
        "camera_denied": Wording("Camera not permitted", "camera-off", "bad"),
        "detector_unavailable": Wording("The page's detector did not load", "warning"),
        "offline": Wording("Network lost", "warning", "unsure"),
        "online": Wording("Network is back", "return"),
        "heartbeat": Wording("The page is alive", "clock"),
    }
)

ROLES: Mapping[Role, str] = MappingProxyType(
    {Role.STUDENT: "Student", Role.REVIEWER: "Reviewer", Role.ADMIN: "Admin"}
)


def duration_text(seconds: float) -> str:
    """Return a duration as people say it: `1 h 30 min`, `45 s`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(hours, "h"), (minutes, "min"), (rest, "s")]
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "0 s"


def byte_text(byte_count: int) -> str:
    """Return a size as people read it: `812 bytes`, `24 kB`, `1.3 MB`."""
    if byte_count < 1000:
        return f"{byte_count} bytes"
    if byte_count < 1_000_000:
        return f"{byte_count / 1000:.0f} kB"
    return f"{byte_count / 1_000_000:.1f} MB"
