"""Subjects, consent and enrolment."""

from collections.abc import Iterable, Iterator

from face_monitor_client._connection import Connection, json_of
from face_monitor_client._errors import UnexpectedAnswer
from face_monitor_client._images import ImageSource, multipart_image
from face_monitor_client._reading import read
from face_monitor_client._subjects import Consent, Enrollment, ErasureReceipt, Subject


class SubjectCalls:
    """The part of the client that deals with the people whose faces are enrolled."""

    _connection: Connection

    def create_subject(self, external_ref: str, *, display_name: str | None = None) -> Subject:
        """Return a new subject.

        Raises
        ------
        SubjectExists
            `external_ref` is taken.
        """
        body = {"external_ref": external_ref, "display_name": display_name}
        present = {name: value for name, value in body.items() if value is not None}
        return read(Subject, json_of(self._connection.ask("POST", "/subjects", json=present)))

    def get_subject(self, subject_id: str) -> Subject:
        """Return a subject with its consent and current enrolment."""
        return read(Subject, json_of(self._connection.ask("GET", f"/subjects/{subject_id}")))

    def subjects(self, *, page_size: int | None = None) -> Iterator[Subject]:
        """Yield one's own subjects, newest first, following the cursors."""
        for page in self._connection.pages("/subjects", {"limit": page_size}):
            yield from (read(Subject, item) for item in page["items"])

    def delete_subject(self, subject_id: str) -> ErasureReceipt:
        """Erase a subject with its images and templates, and return the receipt."""
        answer = self._connection.ask("DELETE", f"/subjects/{subject_id}")
        return read(ErasureReceipt, json_of(answer))

    def give_consent(self, subject_id: str, text_version: str) -> Consent:
        """Record that the subject agreed to a version of the text; enrolment needs it."""
        answer = self._connection.ask(
            "POST", f"/subjects/{subject_id}/consents", json={"text_version": text_version}
        )
        return read(Consent, json_of(answer))

    def enrol(
        self, subject_id: str, images: Iterable[ImageSource], *, wait_seconds: float = 10.0
    ) -> Enrollment:
        """Return the enrolment of 1 to 10 reference images.

        It is still `pending` when the service did not decide within `wait_seconds`;
        `get_enrollment` asks again.

        Raises
        ------
        ConsentRequired
            The subject has not consented.
        InvalidImage
            One of them cannot be read at all, or none of them can serve: `code` is the reason
            they share, such as `no_face`, and `errors` names it for each. Where some can serve,
            the others come back refused, with their reasons.
        """
        parts = [
            ("images", multipart_image(image, f"image-{position}"))
            for position, image in enumerate(images, start=1)
        ]
        path = f"/subjects/{subject_id}/enrollments"
        answer = self._connection.ask("POST", path, files=parts, wait_seconds=wait_seconds)
        return read(Enrollment, json_of(answer))

    def get_enrollment(self, subject_id: str, version: int) -> Enrollment:
        """Return one version of a subject's reference images."""
        path = f"/subjects/{subject_id}/enrollments/{version}"
        return read(Enrollment, json_of(self._connection.ask("GET", path)))

    def enrollments(self, subject_id: str) -> tuple[Enrollment, ...]:
        """Return every version of a subject's reference images, newest first."""
        body = json_of(self._connection.ask("GET", f"/subjects/{subject_id}/enrollments"))
        if not isinstance(body, dict) or not isinstance(body.get("items"), list):
            raise UnexpectedAnswer("The enrolments did not come as a list.")
        return tuple(read(Enrollment, item) for item in body["items"])
