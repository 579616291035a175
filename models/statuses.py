"""The words for what state a thing is in, and the one table of legal moves of an attempt."""

from enum import StrEnum


class Role(StrEnum):
    """What a user may do. Never taken from a form."""

    STUDENT = "student"
    REVIEWER = "reviewer"
    ADMIN = "admin"


class AttemptState(StrEnum):
    """Where an attempt stands."""

    CREATED = "created"
    """It exists; consent or an accepted enrollment is still missing."""
    READY = "ready"
    """Everything needed is there; frames are checked, the clock does not run yet."""
    STARTED = "started"
    """The subject sits the exam and the clock runs."""
    SUBMITTED = "submitted"
    """It was handed in. Nothing turns it back into an open attempt."""
    SECOND_REVIEW_REQUIRED = "second_review_required"
    """A machine or a first reviewer found something that a person has to decide."""
    VERIFIED = "verified"
    """A review found it in order."""
    REJECTED = "rejected"
    """A named person found it not in order. No machine sets this."""
    DECLINED = "declined"
    """The subject did not consent and sits the exam another way."""
    EXPIRED = "expired"
    """Its time ran out before it was handed in."""
    ERROR = "error"
    """It broke off for technical reasons; it can be resumed with the remaining time."""


LEGAL_MOVES: dict[AttemptState, frozenset[AttemptState]] = {
    AttemptState.CREATED: frozenset(
        {AttemptState.READY, AttemptState.DECLINED, AttemptState.EXPIRED, AttemptState.ERROR}
    ),
    AttemptState.READY: frozenset(
        {
            AttemptState.CREATED,
            AttemptState.STARTED,
            AttemptState.DECLINED,
            AttemptState.EXPIRED,
            AttemptState.ERROR,
        }
    ),
    AttemptState.STARTED: frozenset(
        {AttemptState.SUBMITTED, AttemptState.EXPIRED, AttemptState.ERROR}
    ),
    AttemptState.SUBMITTED: frozenset({AttemptState.VERIFIED, AttemptState.SECOND_REVIEW_REQUIRED}),
    AttemptState.SECOND_REVIEW_REQUIRED: frozenset({AttemptState.VERIFIED, AttemptState.REJECTED}),
    AttemptState.VERIFIED: frozenset(),
    AttemptState.REJECTED: frozenset(),
    AttemptState.DECLINED: frozenset(),
    AttemptState.EXPIRED: frozenset({AttemptState.VERIFIED, AttemptState.SECOND_REVIEW_REQUIRED}),
    AttemptState.ERROR: frozenset({AttemptState.STARTED, AttemptState.EXPIRED}),
}
"""Each state with the states it may move to. A completed attempt never opens again."""

OPEN_STATES = frozenset(
    {AttemptState.CREATED, AttemptState.READY, AttemptState.STARTED, AttemptState.ERROR}
)
"""States in which the subject still has something to do."""

UNDECIDED_STATES = frozenset(
    {AttemptState.SUBMITTED, AttemptState.EXPIRED, AttemptState.SECOND_REVIEW_REQUIRED}
)
"""States of an attempt that is over and of which a person has to say what it was."""

FRAME_STATES = frozenset({AttemptState.READY, AttemptState.STARTED, AttemptState.ERROR})
"""States in which frames are taken: before the start, and before going on after an attempt broke
off, they serve as the system check."""


def is_legal_move(current: AttemptState, target: AttemptState) -> bool:
    """Tell whether an attempt may go from `current` to `target`."""
    return target in LEGAL_MOVES[current]


class QuestionKind(StrEnum):
    """How a question is answered."""

    SINGLE_CHOICE = "single_choice"
    MULTIPLE_CHOICE = "multiple_choice"
    SHORT_TEXT = "short_text"
    """One line; scored by itself where accepted answers are given."""
    LONG_TEXT = "long_text"
    """Any number of lines; scored by a person."""


class FaceCheck(StrEnum):
    """What the camera is used for in an attempt."""

    MATCH = "match"
    """Each frame is compared with the enrolled face."""
    PRESENCE = "presence"
    """Frames show whether somebody is there; nothing is compared and no face is enrolled."""
    PERSON = "person"
    """No camera at all: a person checks who sits the exam."""


class ReviewDecision(StrEnum):
    """What a person found about an attempt."""

    VERIFIED = "verified"
    """It was in order."""
    QUESTIONED = "questioned"
    """It may be rejected; first the student is asked and can answer."""
    REJECTED = "rejected"
    """It was not in order; the student was asked before."""


class IncidentKind(StrEnum):
    """What an incident is about. Bad light is help for the student, and no incident."""

    WRONG_PERSON = "wrong_person"
    """The face was not the enrolled one."""
    SOMEBODY_ELSE_TOO = "somebody_else_too"
    """More than one face was there, and that was not granted."""
    NOBODY = "nobody"
    """Nobody was before the camera."""
    CAMERA_COVERED = "camera_covered"
    """The pictures showed one plain surface."""
    NO_FRAMES = "no_frames"
    """No frame came for a while, whoever is to blame."""
    AWAY = "away"
    """The page reported that it was not in front."""
    REPEATED_PICTURE = "repeated_picture"
    """The same picture came again and again, as no living camera sends it."""
    CLIENT_DISAGREES = "client_disagrees"
    """The page claimed something else than the server found."""


class Severity(StrEnum):
    """How much an incident matters, by the exam's incident policy."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def rank(self) -> int:
        """Its place among all, the least first."""
        return list(Severity).index(self)


class IncidentEnding(StrEnum):
    """Why an incident no longer goes on."""

    REFUTED = "refuted"
    """Enough showed the contrary."""
    LOST = "lost"
    """Frames stopped coming, and what was there meanwhile nobody knows."""
    ATTEMPT_ENDED = "attempt_ended"
    """It went on until the attempt was over."""


class IncidentDecision(StrEnum):
    """What a person says about an incident."""

    CONFIRMED = "confirmed"
    """It happened, and it matters."""
    DISMISSED = "dismissed"
    """It did not happen, or there is a good reason for it."""
    SECOND_REVIEW = "second_review"
    """Somebody else has to look."""


class IncidentReviewState(StrEnum):
    """Where the review of an incident stands."""

    UNREVIEWED = "unreviewed"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"
    SECOND_REVIEW = "second_review"


class AlertEvent(StrEnum):
    """What people and other systems are told of."""

    INCIDENT_OPENED = "incident.opened"
    """An incident began, or its severity rose to what somebody wants to hear of."""
    INCIDENT_CLOSED = "incident.closed"
    INCIDENT_WITHDRAWN = "incident.withdrawn"
    """A later look found an incident no more of which somebody was told."""
    ATTEMPT_SUBMITTED = "attempt.submitted"
    ATTEMPT_REVIEWED = "attempt.reviewed"
    """A person decided about it."""
    TEST = "test"
    """Somebody tries whether messages arrive. Nobody subscribes to it."""


class DeliveryState(StrEnum):
    """Where a message on its way out stands."""

    PENDING = "pending"
    """Due once `not_before` has passed."""
    DELIVERED = "delivered"
    """The other side took it."""
    FAILED = "failed"
    """Given up."""


class EnrollmentState(StrEnum):
    """Whether a set of reference images serves for comparing."""

    PENDING = "pending"
    """Its images wait for the worker."""
    ACCEPTED = "accepted"
    """At least one image was accepted; the newest accepted version is compared against."""
    REFUSED = "refused"
    """No image could serve as a reference; each says why."""
    WITHDRAWN = "withdrawn"
    """A person found that it must not serve any more; the subject enrols anew. Attempts that
    started with it keep it."""


class JobKind(StrEnum):
    """What a job does; its target is the id of the row named behind each kind."""

    VERIFY_FRAME = "verify_frame"
    """Target: a frame of an attempt."""
    VERIFY_IMAGE = "verify_image"
    """Target: a verification request of another system."""
    ENROLL_FACE = "enroll_face"
    """Target: a face enrollment."""
    FIND_INCIDENTS = "find_incidents"
    """Target: an attempt; done again whenever something comes in that may change its incidents."""
    RESCORE_ATTEMPT = "rescore_attempt"
    """Target: a rescore; done again until its last frame is done."""


class RescoreState(StrEnum):
    """Where it stands that an attempt is scored again."""

    WAITING = "waiting"
    """No frame is done yet."""
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    """`error_code` says why; what was done until then stays."""


class JobState(StrEnum):
    """Where a job stands. The row is the queue; a message is only a hint with its id."""

    PENDING = "pending"
    """Due once `not_before` has passed."""
    RUNNING = "running"
    """Claimed under a lease; due again when the lease has expired."""
    DONE = "done"
    """Its result is recorded, whatever the result says."""


class Verdict(StrEnum):
    """The server's answer for one image."""

    MATCH = "match"
    MISMATCH = "mismatch"
    INCONCLUSIVE = "inconclusive"
    """The distance lies between the two thresholds."""
    NO_FACE = "no_face"
    MULTIPLE_FACES = "multiple_faces"
    LOW_QUALITY = "low_quality"
    PRESENT = "present"
    """One face is there; by an allowance nothing was compared."""
    ERROR = "error"
    """No answer could be found; `error_code` says why."""
