"""Verification of single images, for other systems."""

from collections.abc import Iterator

from face_monitor_client._connection import Connection, json_of
from face_monitor_client._faces import Verification
from face_monitor_client._images import ImageSource, multipart_image
from face_monitor_client._reading import read


class VerificationCalls:
    """The part of the client that asks "is this the person?"."""

    _connection: Connection

    def verify(
        self,
        image: ImageSource,
        *,
        subject_id: str | None = None,
        reference: ImageSource | None = None,
        wait_seconds: float = 5.0,
    ) -> Verification:
        """Return the verification of `image` against a subject, or against another image.

        It is still `pending` when the service did not decide within `wait_seconds`;
        `get_verification` asks again. No face, two faces and a blurred image are verdicts.

        Raises
        ------
        ValueError
            Neither or both of `subject_id` and `reference` were given.
        EnrollmentRequired
            The subject has no accepted reference images.
        """
        if (subject_id is None) == (reference is None):
            raise ValueError("Give either subject_id or reference.")
        parts = [("image", multipart_image(image, "image"))]
        if reference is not None:
            parts.append(("reference", multipart_image(reference, "reference")))
        answer = self._connection.ask(
            "POST",
            "/verifications",
            files=parts,
            data={} if subject_id is None else {"subject_id": subject_id},
            wait_seconds=wait_seconds,
        )
        return read(Verification, json_of(answer))

    def get_verification(self, verification_id: str) -> Verification:
        """Return a verification as it stands now."""
        answer = self._connection.ask("GET", f"/verifications/{verification_id}")
        return read(Verification, json_of(answer))

    def verifications(
        self,
        *,
        attempt_id: str | None = None,
        verdict: str | None = None,
        page_size: int | None = None,
    ) -> Iterator[Verification]:
        """Yield one's verifications, newest first, following the cursors."""
        wanted = {"attempt_id": attempt_id, "verdict": verdict, "limit": page_size}
        for page in self._connection.pages("/verifications", wanted):
            yield from (read(Verification, item) for item in page["items"])
