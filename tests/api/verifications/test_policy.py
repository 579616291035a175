"""The numbers behind a verdict, where one verification is asked for."""

import pytest

from models.verification import Verification
from tests.support.builders import make_attempt, make_frame, make_verification
from tests.support.pictures import small_jpeg

PATH = "/api/v1/verifications"
NUMBERS = {"match_threshold": 0.5, "mismatch_threshold": 0.6, "min_face_sharpness": 50.0}


@pytest.fixture
def verification(context, student) -> Verification:
    """Of a frame of the student, under a policy whose numbers are known."""
    with context.database.write() as session:
        attempt = make_attempt(session, student.subject_id)
        return make_verification(
            session,
            attempt=attempt,
            frame=make_frame(session, attempt, 1),
            look="close",
            policy_id="policy-2-a",
            policy_numbers=NUMBERS,
        )


def test_every_threshold_and_floor_stands_beside_the_policy_id(admin, verification):
    answer = admin.get(f"{PATH}/{verification.id}").json()
    assert (answer["policy_id"], answer["policy"]) == ("policy-2-a", NUMBERS)
    assert answer["look"] == "close"


def test_policy_that_nobody_stored_is_null(context, admin):
    with context.database.write() as session:
        old = make_verification(session, policy_id="policy-1-old")
    answer = admin.get(f"{PATH}/{old.id}").json()
    assert (answer["policy_id"], answer["policy"], answer["look"]) == ("policy-1-old", None, None)


def test_lists_and_timelines_name_the_policy_alone(admin, verification):
    listed = admin.get(PATH).json()["items"]
    timeline = admin.get(f"/api/v1/attempts/{verification.attempt_id}/timeline").json()["items"]
    [frame] = [item for item in timeline if item["type"] == "frame"]
    for shown in (*listed, frame["verification"]):
        assert (shown["policy_id"], shown["policy"]) == ("policy-2-a", None)
        assert shown["look"] == "close"


def test_pending_verification_has_no_policy_yet(system):
    image = ("i.jpg", small_jpeg(), "image/jpeg")
    pending = system.post(PATH, files=[("image", image), ("reference", image)]).json()
    assert pending["policy"] is None
    assert system.get(f"{PATH}/{pending['id']}").json()["policy"] is None


def test_student_is_not_told_what_would_just_do(student, verification):
    answer = student.get(f"{PATH}/{verification.id}")
    assert set(answer.json()) == {"status", "verdict", "reasons"}


def test_figures_of_a_verification_are_described(anonymous):
    schemas = anonymous.get("/openapi.json").json()["components"]["schemas"]
    figures = schemas["VerificationAnswer"]["properties"]
    for name in ("look", "reference_agreement", "policy_id", "policy", "distance"):
        assert figures[name]["description"], name
