"""A caller who waits for an enrollment that fails gets a problem, not a success."""

from types import SimpleNamespace

import pytest

from api.enrollments.refusal import EnrollmentRefused


def refused(*codes: str) -> EnrollmentRefused:
    images = [
        SimpleNamespace(
            position=position, reasons=[SimpleNamespace(code=code, message=f"It is {code}.")]
        )
        for position, code in enumerate(codes, start=1)
    ]
    return EnrollmentRefused(SimpleNamespace(images=images), {"Location": "/x"})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("codes", "code"),
    [
        (["no_face"], "no_face"),
        (["multiple_faces", "multiple_faces"], "multiple_faces"),
        (["no_face", "multiple_faces"], "enrollment_refused"),
    ],
)
def test_the_code_is_the_reason_all_pictures_share(codes: list[str], code: str) -> None:
    body = refused(*codes).body("req_1")
    assert (body["status"], body["code"], body["type"]) == (422, code, f"/problems/{code}")
    assert body["next_step"]
    assert [error["field"] for error in body["errors"]] == [  # type: ignore[index,union-attr]
        f"images.{position}" for position in range(1, len(codes) + 1)
    ]
