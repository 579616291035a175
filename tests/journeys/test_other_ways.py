"""Students for whom the usual way is none, from wish to decision, on a running service."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from clients.simulator.scenes import empty_room, two_people, webcam_frame
from tests.support.exam_pages import PASSWORD, QUESTIONS
from tests.support.stack import running_stack
from tests.support.visitors import Visitor, consent, enrol, register, send_frame, verdict_of

pytestmark = pytest.mark.timeout(240)


@dataclass
class School:
    """A service with an exam and an admin; students come and go."""

    url: str
    admin: Visitor
    exam: dict[str, Any]
    visits: ExitStack = field(repr=False)

    def student(self, login: str) -> Visitor:
        """Return a newly registered student."""
        client = httpx.Client(base_url=self.url, timeout=30, trust_env=False)
        student = Visitor(self.visits.enter_context(client))
        register(student, login, PASSWORD)
        return student

    def join(self, who: Visitor) -> dict[str, Any]:
        """Return the student's attempt."""
        code = {"join_code": self.exam["join_code"]}
        joined = who.ask("POST", "/exams/join", json=code)
        assert joined.status_code in {200, 201}, joined.text
        attempt: dict[str, Any] = joined.json()
        return attempt

    def grant(self, who: Visitor, **fields: Any) -> None:
        """Grant the student something for every exam."""
        wanted = {"subject_id": who.subject_id, **fields}
        granted = self.admin.ask("POST", "/allowances", json=wanted)
        assert granted.status_code == 201, granted.text

    def frames(self, attempt_id: str) -> list[dict[str, Any]]:
        """Return the verdicts of an attempt as a reviewer reads them, in order."""
        timeline = self.admin.ask("GET", f"/attempts/{attempt_id}/timeline").json()
        return [item["verification"] for item in timeline["items"] if item["type"] == "frame"]


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    with ExitStack() as visits:
        stack = visits.enter_context(running_stack(tmp_path_factory.mktemp("school")))
        client = httpx.Client(base_url=stack.url, timeout=30, trust_env=False)
        admin = Visitor(visits.enter_context(client))
        admin.form("/login", login="admin", password=stack.admin_password)
        wanted = {"title": "Space", "duration_seconds": 3600, "frame_interval_seconds": 1}
        exam = admin.ask("POST", "/exams", json=wanted).json()
        questions = {"questions": QUESTIONS}
        assert admin.ask("PUT", f"/exams/{exam['id']}/questions", json=questions).is_success
        yield School(stack.url, admin, exam, visits)


def test_somebody_who_may_not_be_compared_is_only_seen(school: School) -> None:
    dora = school.student("dora")
    school.grant(dora, face_check="presence", frame_interval_factor=2, note="Certificate seen.")
    attempt = school.join(dora)
    assert attempt["missing"] == ["consent"]
    consent(dora)
    path = f"/attempts/{attempt['id']}"
    ready = dora.ask("GET", path).json()
    assert (ready["state"], ready["frame_interval_seconds"]) == ("ready", 2)
    send_frame(dora, attempt["id"], 1, empty_room())
    assert verdict_of(dora, attempt["id"], 1) == "no_face"
    assert dora.ask("POST", f"{path}/start").json()["code"] == "no_verified_frame"
    send_frame(dora, attempt["id"], 2, webcam_frame("obama2.jpg"))
    assert verdict_of(dora, attempt["id"], 2) == "present"
    assert dora.ask("POST", f"{path}/start").json()["state"] == "started"
    send_frame(dora, attempt["id"], 3, two_people("obama2.jpg", "biden.jpg"))
    assert verdict_of(dora, attempt["id"], 3) == "multiple_faces"
    # The client said "one face": of that the reviewer hears, where it was not so.
    seen = school.frames(attempt["id"])
    told = [{signal["code"] for signal in one["signals"]} for one in seen]
    assert ["client_disagrees" in codes for codes in told] == [True, False, True]
    assert {(one["distance"], one["match_score"]) for one in seen} == {(None, None)}
    shown = school.admin.ask("GET", path).json()
    assert shown["allowances"]["face_check"] == "presence"
    assert shown["counts"]["by_verdict"] == {"no_face": 1, "present": 1, "multiple_faces": 1}
    assert dora.ask("GET", f"/subjects/{dora.subject_id}").json()["enrollment"] is None


def test_somebody_with_an_assistant_is_still_recognised(school: School) -> None:
    emil = school.student("emil")
    enrol(emil)
    school.grant(emil, second_person_allowed=True)
    attempt_id = school.join(emil)["id"]
    send_frame(emil, attempt_id, 1, two_people("biden.jpg", "obama2.jpg"))
    assert verdict_of(emil, attempt_id, 1) == "match"
    assert emil.ask("POST", f"/attempts/{attempt_id}/start").json()["state"] == "started"
    send_frame(emil, attempt_id, 2, webcam_frame("biden.jpg"))
    assert verdict_of(emil, attempt_id, 2) == "mismatch"
    together, _alone = school.frames(attempt_id)
    assert "second_person_allowed" in [reason["code"] for reason in together["reasons"]]
    assert len(together["unmatched_faces"]) == 1


def test_somebody_without_a_camera_is_seen_by_a_person_and_heard(school: School) -> None:
    frida = school.student("frida")
    wish = {"text_version": "2026-12", "message": "No camera in my room, please."}
    frida.ask("POST", f"/subjects/{frida.subject_id}/alternative-requests", json=wish)
    (request,) = school.admin.ask("GET", "/alternative-requests?open=true").json()["items"]
    answered = school.admin.ask(
        "POST", f"/alternative-requests/{request['id']}/answer", json={"granted": True}
    )
    assert answered.json()["granted"] is True
    attempt = school.join(frida)
    path = f"/attempts/{attempt['id']}"
    assert attempt["missing"] == ["identity_check"]
    assert frida.ask("POST", f"{path}/start").json()["code"] == "attempt_not_ready"
    assert school.admin.ask("POST", f"{path}/identity-check").json()["state"] == "ready"
    refused = send_frame(frida, attempt["id"], 1, webcam_frame("obama2.jpg"))
    assert (refused.status_code, refused.json()["code"]) == (409, "takes_no_frames")
    assert frida.ask("POST", f"{path}/start").json()["state"] == "started"
    assert frida.ask("POST", f"{path}/submit").json()["state"] == "submitted"
    question = {
        "decision": "questioned",
        "reason_codes": ["left_the_page"],
        "message": "Where were you at two?",
    }
    assert school.admin.ask("POST", f"{path}/reviews", json=question).status_code == 201
    rejection = question | {"decision": "rejected"}
    pending = school.admin.ask("POST", f"{path}/reviews", json=rejection)
    assert pending.json()["code"] == "reply_pending"
    told = frida.ask("GET", path).json()["outcome"]
    assert (told["message"], told["can_reply"]) == ("Where were you at two?", True)
    assert frida.ask("POST", f"{path}/replies", json={"text": "At the door."}).status_code == 201
    verified = school.admin.ask("POST", f"{path}/reviews", json={"decision": "verified"})
    assert verified.json()["state"] == "verified"
    assert frida.ask("GET", path).json()["outcome"]["decision"] == "verified"
