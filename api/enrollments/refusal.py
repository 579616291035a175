"""An enrollment of which no picture can serve, told to a caller who waited for it."""

from api.enrollments.schemas import EnrollmentAnswer
from api.problems import Problem

_SEVERAL_REASONS = "enrollment_refused"


class EnrollmentRefused(Problem):
    """None of the pictures was accepted, and none is kept.

    The code is the reason itself (`no_face`, `multiple_faces` …) where all pictures share one.
    """

    status = 422
    code = _SEVERAL_REASONS
    title = "None of the pictures can be used"
    next_step = "Take new pictures as the reasons say, and send them."

    def __init__(self, refused: EnrollmentAnswer, headers: dict[str, str]) -> None:
        errors = [
            {"field": f"images.{image.position}", "code": reason.code, "message": reason.message}
            for image in refused.images
            for reason in image.reasons
        ]
        super().__init__(
            " ".join(dict.fromkeys(error["message"] for error in errors)),
            errors=errors,
            headers=headers,
        )
        codes = {error["code"] for error in errors}
        self._code = codes.pop() if len(codes) == 1 else _SEVERAL_REASONS

    def body(self, request_id: str) -> dict[str, object]:
        """Return the problem, under the code that all pictures share."""
        body = super().body(request_id)
        return body | {"code": self._code, "type": f"/problems/{self._code}"}
