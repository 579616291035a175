"""Everything the client raises, as one tree.

* FaceMonitorError
  * TransportError                no answer came
    + TimedOut
  * UnexpectedAnswer              an answer came that is not Face Monitor's
  * FramesUnsent                  a sitting ended while frames still wait
  * ProblemError                  the service said no (RFC 9457)
    + InvalidRequest              422 a field is missing or out of range
      - InvalidImage              413, 415, 422 the image cannot be used
    + NotSignedIn                 401 the API key is missing, wrong or revoked
    + NotAllowed                  403
    + NotFound                    404 also what belongs to somebody else
    + Conflict                    409
      - SubjectExists             this external_ref is taken
      - ConsentRequired           give_consent comes before an enrolment
      - EnrollmentRequired        no accepted reference images yet
      - AttemptNotReady           consent, enrolment or start is missing
        * NoVerifiedFrame         nobody was recognised just before the start
      - AttemptClosed             submitted or expired
      - FrameConflict             this seq was sent before with other bytes
      - IdempotencyConflict       this Idempotency-Key stood on another request
    + RateLimited                 429 with retry_after_seconds
    + Unavailable                 502, 503, 504 with retry_after_seconds
    + StorageFull                 507 nothing was stored

Codes of the service that this version does not know raise the class of their status, so that
`except Conflict` keeps working when the service learns a new conflict.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldError:
    """One field the service refused, and why."""

    field: str
    message: str


class FaceMonitorError(Exception):
    """Base of everything this package raises."""


class TransportError(FaceMonitorError):
    """No answer came: refused connection, broken connection, unknown host."""


class TimedOut(TransportError):
    """The service was reached, or tried, and did not answer in time."""


class UnexpectedAnswer(FaceMonitorError):
    """What answered does not speak Face Monitor's contract (a proxy, another version)."""


class FramesUnsent(FaceMonitorError):
    """A sitting was to be submitted while frames still wait for the service; nothing is lost."""


class ProblemError(FaceMonitorError):
    """The service answered with a problem.

    Attributes
    ----------
    status
        HTTP status.
    code
        Stable name of the problem, as `frame_conflict`; `http_<status>` when something in
        between answered without one.
    detail, next_step
        What happened, and what to do about it.
    request_id
        Names the request in the service's logs; None when there was none.
    errors
        The refused fields of an `invalid_request`.
    retry_after_seconds
        How long the service asked to wait; None when it did not say.
    """

    def __init__(
        self,
        detail: str,
        *,
        status: int,
        code: str,
        next_step: str | None = None,
        request_id: str | None = None,
        errors: tuple[FieldError, ...] = (),
        retry_after_seconds: float | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.next_step = next_step
        self.request_id = request_id
        self.errors = errors
        self.retry_after_seconds = retry_after_seconds

    def __str__(self) -> str:
        sentences = [f"{self.status} {self.code}: {self.detail}"]
        if self.next_step and self.next_step not in self.detail:
            sentences.append(self.next_step)
        sentences.extend(f"{error.field}: {error.message}" for error in self.errors)
        if self.request_id:
            sentences.append(f"(request {self.request_id})")
        return " ".join(sentences)


class InvalidRequest(ProblemError):
    """A field is missing, of the wrong kind or out of range; see `errors`."""


class InvalidImage(InvalidRequest):
    """The image is empty, of another type, too large, truncated or corrupt."""


class NotSignedIn(ProblemError):
    """The API key is missing, wrong or revoked. A frame that met this is worth keeping."""


class NotAllowed(ProblemError):
    """The API key is good and this is still not for it."""


class NotFound(ProblemError):
    """There is no such thing, or it belongs to somebody else."""


class Conflict(ProblemError):
    """The request does not fit the state of what it names."""


class SubjectExists(Conflict):
    """A subject with this external_ref exists already."""


class ConsentRequired(Conflict):
    """The subject has not consented; images are refused until then."""


class EnrollmentRequired(Conflict):
    """The subject has no accepted reference images to compare with."""


class AttemptNotReady(Conflict):
    """The attempt cannot start or take this yet; `Attempt.missing` says what it lacks."""


class NoVerifiedFrame(AttemptNotReady):
    """The attempt starts only after a frame in which the service recognised the subject."""


class AttemptClosed(Conflict):
    """The attempt has been submitted or has expired."""


class FrameConflict(Conflict):
    """Another image was accepted under this seq. A number is never used for two frames."""


class IdempotencyConflict(Conflict):
    """The same Idempotency-Key came with another request."""


class RateLimited(ProblemError):
    """Too many requests; `retry_after_seconds` says when to come back."""


class Unavailable(ProblemError):
    """The service cannot work right now; what was sent may be sent again."""


class StorageFull(ProblemError):
    """The service has no room left and stored nothing."""


_REFUSED_PICTURES = (
    "enrollment_refused",
    "no_face",
    "multiple_faces",
    "too_dark",
    "too_bright",
    "low_contrast",
    "too_blurred",
    "face_too_small",
    "face_cut_off",
    "image_too_small",
    "near_copy",
)
"""Codes of an enrolment of which no picture can serve: the reason they share, or the first code
here when they share none."""

_BY_CODE: Mapping[str, type[ProblemError]] = {
    **dict.fromkeys(_REFUSED_PICTURES, InvalidImage),
    "empty_image": InvalidImage,
    "unsupported_image_type": InvalidImage,
    "image_too_large": InvalidImage,
    "image_dimensions_too_large": InvalidImage,
    "truncated_image": InvalidImage,
    "corrupt_image": InvalidImage,
    "digest_mismatch": InvalidImage,
    "subject_exists": SubjectExists,
    "consent_required": ConsentRequired,
    "enrollment_required": EnrollmentRequired,
    "attempt_not_ready": AttemptNotReady,
    "attempt_not_started": AttemptNotReady,
    "no_verified_frame": NoVerifiedFrame,
    "attempt_closed": AttemptClosed,
    "frame_conflict": FrameConflict,
    "idempotency_conflict": IdempotencyConflict,
}

_BY_STATUS: Mapping[int, type[ProblemError]] = {
    401: NotSignedIn,
    403: NotAllowed,
    404: NotFound,
    409: Conflict,
    422: InvalidRequest,
    429: RateLimited,
    502: Unavailable,
    503: Unavailable,
    504: Unavailable,
    507: StorageFull,
}


def error_class(status: int, code: str) -> type[ProblemError]:
    """Return the class that stands for a problem: by its code, else by its status."""
    return _BY_CODE.get(code) or _BY_STATUS.get(status, ProblemError)
