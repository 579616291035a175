"""Everything that can go wrong for a caller: one class each, with its status and next step.

Problem
├── InvalidRequest, CsrfFailed, NotSignedIn, NotFound, NotAllowed, MethodNotAllowed …
├── what is wrong with an image: EmptyImage, UnsupportedImageType, ImageTooLarge …
└── what the state of a thing forbids: AttemptClosed, ConsentRequired, SubjectExists …
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from starlette.exceptions import HTTPException

MEDIA_TYPE = "application/problem+json"
"""RFC 9457."""


class Problem(HTTPException):
    """An answer that is not the one asked for; raised anywhere below a route.

    It is an `HTTPException` because FastAPI turns anything else raised while it reads a body
    into a 400.
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"
    """Stable: clients decide by it."""
    title: ClassVar[str] = "Something went wrong"
    next_step: ClassVar[str] = "Try again; if it stays, give the request id to the operator."

    def __init__(
        self,
        detail: str | None = None,
        *,
        next_step: str | None = None,
        errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        members: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(self.status, detail or f"{self.title}.", dict(headers or {}))
        self.members = dict(members or {})
        self.step = next_step or self.next_step
        self.errors = [dict(error) for error in errors]

    def body(self, request_id: str) -> dict[str, Any]:
        """Return the problem as RFC 9457 describes it, with our own members."""
        body: dict[str, Any] = {
            "type": f"/problems/{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": f"{self.detail} {self.step}",
            "code": self.code,
            "request_id": request_id,
            "next_step": self.step,
        }
        if self.errors:
            body["errors"] = self.errors
        return body | self.members


class InternalError(Problem):
    """A mistake of ours; the log has it under the request id."""


class InvalidRequest(Problem):
    """Fields are missing or wrong; `errors` names them."""

    status = 422
    code = "invalid_request"
    title = "The request cannot be understood"
    next_step = "Correct the named fields and send it again."

    @classmethod
    def at(cls, field: str, message: str) -> "InvalidRequest":
        """Return the problem with one field."""
        return cls(f"{field}: {message}.", errors=[{"field": field, "message": message}])


class NotSignedIn(Problem):
    """Nobody is signed in, or the sign-in or key has ended."""

    status = 401
    code = "not_signed_in"
    title = "Not signed in"
    next_step = "Sign in again, then repeat the request. Keep frames until then."

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": "Bearer"})


class WrongCredentials(Problem):
    """Unknown login or wrong password; which of them is not told."""

    status = 401
    code = "wrong_credentials"
    title = "Login or password is wrong"
    next_step = "Check both and try again."


class CsrfFailed(Problem):
    """The request may come from a foreign page."""

    status = 403
    code = "csrf_failed"
    title = "The request did not prove where it comes from"
    next_step = "Load the page again and repeat what you did."


class NotAllowed(Problem):
    """The principal's role does not permit it."""

    status = 403
    code = "not_allowed"
    title = "Not allowed"
    next_step = "Sign in as somebody who may do this."


class NotFound(Problem):
    """There is no such thing, or it belongs to somebody else."""

    status = 404
    code = "not_found"
    title = "Not found"
    next_step = "Check the address and the id."


class MethodNotAllowed(Problem):
    """The address exists, the method does not."""

    status = 405
    code = "method_not_allowed"
    title = "Method not allowed"
    next_step = "Use one of the methods in the Allow header."


class TooManyRequests(Problem):
    """The caller has to slow down."""

    status = 429
    code = "too_many_requests"
    title = "Too many requests"
    next_step = "Wait as long as Retry-After says, then try again."

    def __init__(self, detail: str | None = None, *, retry_after_seconds: int) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after_seconds)})


class ServiceUnavailable(Problem):
    """The database or a part of the service cannot answer now."""

    status = 503
    code = "service_unavailable"
    title = "The service cannot answer right now"
    next_step = "Keep what you wanted to send and try again after Retry-After."

    def __init__(self, detail: str | None = None, *, retry_after_seconds: int = 2) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after_seconds)})


class StorageIsFull(Problem):
    """There is no room for another image; nothing was stored."""

    status = 507
    code = "storage_full"
    title = "The storage is full"
    next_step = "Keep the image and try again later; the operator has to make room."


class RequestTooSlow(Problem):
    """The body stopped coming."""

    status = 408
    code = "request_too_slow"
    title = "The request took too long to arrive"
    next_step = "Send it again over a steadier connection."


class RequestTooLarge(Problem):
    """The body is larger than this address takes."""

    status = 413
    code = "request_too_large"
    title = "The request is too large"
    next_step = "Send less at once."


class LoginTaken(Problem):
    """Another user has this login, or one that reads the same."""

    status = 409
    code = "login_taken"
    title = "The login is taken"
    next_step = "Choose another login, or sign in if it is yours."


class IdempotencyConflict(Problem):
    """The key was used for another request, or its first request is still being served."""

    status = 409
    code = "idempotency_conflict"
    title = "The idempotency key belongs to another request"
    next_step = "Use a new key for a new request."


class SubjectExists(Problem):
    """The owner already has a subject of this name."""

    status = 409
    code = "subject_exists"
    title = "The subject exists"
    next_step = "Use the existing subject, or another external_ref."


class ConsentRequired(Problem):
    """The subject has not agreed to being recorded."""

    status = 409
    code = "consent_required"
    title = "Consent is missing"
    next_step = "Record the subject's consent first: POST /api/v1/subjects/{id}/consents."


class EnrollmentRequired(Problem):
    """There is no accepted face to compare with."""

    status = 409
    code = "enrollment_required"
    title = "An accepted enrollment is missing"
    next_step = "Enrol the subject's face first: POST /api/v1/subjects/{id}/enrollments."


class EmptyImage(Problem):
    """The body holds no byte."""

    status = 422
    code = "empty_image"
    title = "The image is empty"
    next_step = "Send the bytes of an image."


class UnsupportedImageType(Problem):
    """The bytes are not of a type taken here, whatever their name or header says."""

    status = 415
    code = "unsupported_image_type"
    title = "The image's type is not supported"
    next_step = "Send one of the types named."


class ImageTooLarge(Problem):
    """More bytes than taken here."""

    status = 413
    code = "image_too_large"
    title = "The image has too many bytes"
    next_step = "Send a smaller or more compressed image."


class ImageDimensionsTooLarge(Problem):
    """More pixels than taken here."""

    status = 422
    code = "image_dimensions_too_large"
    title = "The image has too many pixels"
    next_step = "Scale the image down and send it again."


class TruncatedImage(Problem):
    """The end is missing."""

    status = 422
    code = "truncated_image"
    title = "The image is cut off"
    next_step = "Send the whole file again."


class CorruptImage(Problem):
    """The header cannot be read."""

    status = 422
    code = "corrupt_image"
    title = "The image is damaged"
    next_step = "Send another file."


class DigestMismatch(Problem):
    """What arrived is not what was sent."""

    status = 422
    code = "digest_mismatch"
    title = "The digest does not fit the body"
    next_step = "Send the image again."


class ExamNotOpen(Problem):
    """Outside the exam's window."""

    status = 409
    code = "exam_not_open"
    title = "The exam is not open"
    next_step = "Come back when it is open."


class AttemptClosed(Problem):
    """The attempt takes nothing any more."""

    status = 409
    code = "attempt_closed"
    title = "The attempt is closed"
    next_step = "Nothing more can be sent for it."


class AttemptNotReady(Problem):
    """Something is still missing before it can go on."""

    status = 409
    code = "attempt_not_ready"
    title = "The attempt is not ready"
    next_step = "See `missing` of the attempt, then try again."


class AttemptNotStarted(Problem):
    """The attempt has not been started."""

    status = 409
    code = "attempt_not_started"
    title = "The attempt is not started"
    next_step = "Start it first: POST /api/v1/attempts/{id}/start."


class NoVerifiedFrame(Problem):
    """The server has not just seen the right person before the camera."""

    status = 409
    code = "no_verified_frame"
    title = "The server has not recognised you yet"
    next_step = "Sit in front of the camera until the check says that you were recognised."


class AnotherAttemptRuns(Problem):
    """A student sits one exam at a time."""

    status = 409
    code = "another_attempt_runs"
    title = "Another exam of yours is running"
    next_step = "Hand it in first, or go on with it."


class TakesNoFrames(Problem):
    """By an allowance, a person checks who sits the attempt."""

    status = 409
    code = "takes_no_frames"
    title = "No camera is used in this attempt"
    next_step = "Send no pictures: a person checks who you are."


class AnswerConflict(Problem):
    """The answer was changed elsewhere since it was read; `current` holds what is stored."""

    status = 409
    code = "answer_conflict"
    title = "The answer was changed elsewhere"
    next_step = "Compare with `current`, then save with the revision that follows it."


class ExamInUse(Problem):
    """Somebody has started the exam: its questions are fixed."""

    status = 409
    code = "exam_in_use"
    title = "Somebody has started this exam already"
    next_step = "Mend texts, points and right answers only, or copy the exam and change the copy."


class ChangedMeanwhile(Problem):
    """Somebody else changed it since the form was opened."""

    status = 409
    code = "changed_meanwhile"
    title = "It was changed elsewhere meanwhile"
    next_step = "Compare with what is stored now, then save again to replace it."


class NotToReview(Problem):
    """The attempt is not in a state in which this can be decided."""

    status = 409
    code = "not_to_review"
    title = "This cannot be decided now"
    next_step = "Read the attempt again: its state says what can be decided."


class ReviewClaimed(Problem):
    """Somebody else reviews the attempt just now."""

    status = 409
    code = "review_claimed"
    title = "Somebody else reviews this attempt"
    next_step = "Go on with another one. A claim ends five minutes after its last sign of life."


class ReplyPending(Problem):
    """The student was asked and can still answer."""

    status = 409
    code = "reply_pending"
    title = "The student can still answer"
    next_step = "Wait for the answer, or until the time for it is over."


class WebhookDisabled(Problem):
    """Nothing is sent there any more, because nothing was taken for a day."""

    status = 409
    code = "webhook_disabled"
    title = "The webhook was switched off"
    next_step = "See `disabled_note`, mend the other side, then switch it on again."


class FrameConflict(Problem):
    """Another image was stored under this number."""

    status = 409
    code = "frame_conflict"
    title = "The frame's number is taken by other bytes"
    next_step = "Count up: each captured frame gets a number of its own."


class InvalidSeq(Problem):
    """Not a number a frame can have."""

    status = 422
    code = "invalid_seq"
    title = "The frame's number is out of range"
    next_step = "Use whole numbers from 1 to 1000000."


def responses(*problems: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """Return what OpenAPI says about these problems, for a route's or router's `responses`."""
    described: dict[int | str, dict[str, Any]] = {}
    for problem in problems:
        entry = described.setdefault(
            problem.status,
            {
                "description": "",
                "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            },
        )
        codes = f"`{problem.code}`: {problem.title}."
        entry["description"] = f"{entry['description']} {codes}".strip()
    return described
