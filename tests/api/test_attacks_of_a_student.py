"""A student who knows the API tries everything that is not theirs to do.

Numbers are those of the list of holes, as in `test_holes_of_the_origin`. What only shows with real
faces and real processes is attacked in `tests/journeys`.
"""

import re
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import select

from models.attempt import Answer, Attempt
from models.client_event import ClientEvent
from models.statuses import Verdict
from tests.api.conftest import Caller
from tests.support.papers import (
    QUESTIONS,
    be_seen,
    join,
    paper_of,
    prepare,
    save,
    set_up_exam,
    start,
)
from tests.support.pictures import png_bomb, small_jpeg

EVENT = {
    "id": "e1",
    "kind": "tab",
    "reason": "tab_switch",
    "client_at": "2026-11-23T10:00:00Z",
}
QUESTION_ID = "qst_00000000000000000000000000"
RESCORE_ID = "rsc_00000000000000000000000000"

STAFF_ONLY = {
    ("GET", "/answers"): None,
    ("POST", f"/answers/{QUESTION_ID}/score"): {"awarded_points": 1},
    ("POST", "/break-off"): {"reason": "I need a rest."},
    ("POST", "/identity-check"): None,
    ("GET", "/reviews"): None,
    ("POST", "/reviews"): {"decision": "verified"},
    ("GET", "/timeline"): None,
    ("GET", "/course"): None,
    ("GET", "/review-claim"): None,
    ("PUT", "/review-claim"): None,
    ("DELETE", "/review-claim"): None,
    ("GET", "/report"): None,
    ("GET", "/report.pdf"): None,
    ("GET", "/bundle.zip"): None,
    ("GET", "/frames/1/image"): None,
    ("POST", "/rescores"): {"engine": "dlib"},
    ("GET", "/rescores"): None,
    ("GET", f"/rescores/{RESCORE_ID}"): None,
    ("GET", f"/rescores/{RESCORE_ID}/frames"): None,
    ("GET", f"/rescores/{RESCORE_ID}/course"): None,
}
"""What a student must not do with an attempt, one's own included."""

OWN = {
    ("GET", ""): None,
    ("GET", "/paper"): None,
    ("PUT", f"/answers/{QUESTION_ID}"): {"value": {"text": "x"}, "revision": 1},
    ("POST", "/start"): None,
    ("POST", "/submit"): None,
    ("POST", "/replies"): {"text": "It was me."},
    ("POST", "/events"): {"events": [EVENT]},
    ("GET", "/frames/1"): None,
    ("PUT", "/frames/1"): small_jpeg(),
}
"""What a student may do with an attempt of their own, and with no other."""

HTML = {"Accept": "text/html"}


@pytest.fixture
def exam(admin):
    return set_up_exam(admin)


@pytest.fixture
def attempt(exam, student, context):
    """An attempt of `student` that runs; its frame 1 was found to be a match."""
    prepare(student, context)
    return start(student, context, exam)


def ask(caller: Caller, method: str, address: str, body: object = None):
    if isinstance(body, bytes):
        return caller.request(method, address, content=body, headers={"Content-Type": "image/jpeg"})
    return caller.request(method, address, json=body)


def seen_by(admin, attempt):
    return admin.get(f"/api/v1/attempts/{attempt['id']}").json()


def test_every_route_of_an_attempt_is_attacked_here(app):
    """A new route has to say whose it is."""
    prefix = "/api/v1/attempts/{attempt_id}"
    routes = {
        (method.upper(), path.removeprefix(prefix))
        for path, methods in app.openapi()["paths"].items()
        if path.startswith(prefix)
        for method in methods
    }
    attacked = {
        (
            method,
            path.replace(QUESTION_ID, "{question_id}")
            .replace(RESCORE_ID, "{rescore_id}")
            .replace("/1", "/{seq}"),
        )
        for method, path in STAFF_ONLY.keys() | OWN.keys()
    }
    assert routes == attacked


@pytest.mark.parametrize(("method", "path"), sorted(STAFF_ONLY))
def test_own_attempt_gives_no_power_of_staff(admin, student, attempt, method, path):
    before = seen_by(admin, attempt)
    address = f"/api/v1/attempts/{attempt['id']}{path}"
    answer = ask(student, method, address, STAFF_ONLY[method, path])
    assert answer.status_code in {403, 404}, answer.text
    assert seen_by(admin, attempt) == before


@pytest.mark.parametrize(("method", "path"), sorted(STAFF_ONLY | OWN))
def test_19_attempt_of_somebody_else_does_not_exist(
    admin, attempt, other_student, system, method, path
):
    before = seen_by(admin, attempt)
    address = f"/api/v1/attempts/{attempt['id']}{path}"
    for caller in (other_student, system):
        answer = ask(caller, method, address, (STAFF_ONLY | OWN)[method, path])
        assert answer.status_code in {403, 404}, answer.text
    assert ask(other_student, method, address, (STAFF_ONLY | OWN)[method, path]).json()["code"] in {
        "not_found",
        "not_allowed",
    }
    assert seen_by(admin, attempt) == before


def test_2_nobody_grants_or_approves_for_himself(admin, student, attempt, exam):
    subject = f"/api/v1/subjects/{student.subject_id}"
    allowance = {"subject_id": student.subject_id, "extra_time_percent": 100}
    for method, address, body in (
        ("POST", "/api/v1/allowances", allowance),
        ("GET", f"/api/v1/allowances?subject_id={student.subject_id}", None),
        ("POST", f"{subject}/enrollments/1/approve", None),
        ("GET", "/api/v1/alternative-requests?open=true", None),
        ("PUT", f"/api/v1/exams/{exam['id']}/questions", {"questions": []}),
        ("PATCH", f"/api/v1/exams/{exam['id']}", {"duration_seconds": 86_400}),
        ("POST", "/api/v1/attempts", {"subject_id": student.subject_id}),
        ("DELETE", subject, None),
    ):
        assert ask(student, method, address, body).status_code == 403, address
    assert seen_by(admin, attempt)["duration_seconds"] == 3600


@pytest.mark.parametrize("verdict", [one for one in Verdict if one is not Verdict.MATCH])
def test_3_what_the_browser_says_opens_nothing(student, exam, context, verdict):
    """One face, seen by the browser, does not make a match of what the server found."""
    prepare(student, context)
    attempt = join(student, exam)
    address = f"/api/v1/attempts/{attempt['id']}"
    claim = '{"status":"one_face","face_count":1,"detector_score":1.0,"verdict":"match"}'
    for seq in (1, 2):
        sent = student.put(
            f"{address}/frames/{seq}",
            content=small_jpeg(seq),
            headers={"Content-Type": "image/jpeg", "X-Client-Claim": claim},
        )
        assert sent.status_code == 202, sent.text
    be_seen(context, attempt["id"], verdict, seq=3)
    student.post(f"{address}/events", json={"events": [EVENT]})
    wish = {"state": "started", "verified_frame_at": "2026-11-23T10:00:00Z"}
    answer = student.client.post(f"{address}/start", json=wish)
    assert answer.json()["code"] == "no_verified_frame"
    assert student.get(f"{address}/paper").json()["code"] == "attempt_not_started"


def test_3_match_of_somebody_else_opens_nothing(student, other_student, exam, context):
    for person in (student, other_student):
        prepare(person, context)
    attempt, others = join(student, exam), join(other_student, exam)
    be_seen(context, others["id"])
    answer = student.post(f"/api/v1/attempts/{attempt['id']}/start")
    assert answer.json()["code"] == "no_verified_frame"


@pytest.mark.parametrize("moment", ["1971-01-01T00:00:00Z", "2026-11-24T10:00:00Z", "2999-01-01"])
def test_4_an_events_moment_is_testimony(context, student, attempt, clock, moment):
    address = f"/api/v1/attempts/{attempt['id']}/events"
    clock.advance(5)
    report = {"events": [EVENT | {"client_at": moment, "received_at": moment}]}
    assert student.post(address, json=report).status_code in {202, 422}
    assert student.post(address, json={"events": [EVENT]}).status_code == 202
    with context.database.read() as session:
        for received_at in session.scalars(select(ClientEvent.received_at)):
            assert received_at == clock()


@pytest.mark.parametrize(
    "moment", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00", "yesterday", 10**30, None]
)
def test_4_no_moment_breaks_the_service(student, attempt, moment):
    address = f"/api/v1/attempts/{attempt['id']}"
    report = {"events": [EVENT | {"client_at": moment}]}
    assert student.post(f"{address}/events", json=report).status_code == 422
    question_id = paper_of(student, attempt["id"])[3]["id"]
    body = {"value": {"text": "x"}, "revision": 1, "client_at": moment or "never"}
    answer = student.put(f"{address}/answers/{question_id}", json=body)
    assert answer.status_code == 422, answer.text


@pytest.mark.parametrize("reason", ["verified", "everything_is_fine", "heartbeat", ""])
def test_4_nobody_invents_reasons(student, attempt, reason):
    report = {"events": [EVENT | {"reason": reason}]}
    answer = student.post(f"/api/v1/attempts/{attempt['id']}/events", json=report)
    assert answer.status_code == 422


def test_9_events_find_no_attempt_of_somebody_else(context, student, attempt, other_student):
    told = [{"reason": "tab_switch", "timestamp": "2026-11-23T10:00:00Z"}]
    for body in ({"events": told}, {"events": told, "attempt_id": attempt["id"]}):
        answer = other_student.post("/api/monitor/tab_event", json=body)
        assert answer.status_code in {404, 409}, answer.text
    with context.database.read() as session:
        assert session.scalars(select(ClientEvent)).all() == []


def test_10_a_denied_camera_and_silence_are_seen(admin, student, exam, context, clock):
    prepare(student, context)
    attempt = join(student, exam)
    address = f"/api/v1/attempts/{attempt['id']}"
    denied = {**EVENT, "kind": "camera", "reason": "camera_denied"}
    assert student.post(f"{address}/events", json={"events": [denied]}).status_code == 202
    # Without a camera the exam does not begin; and staff see why.
    assert student.post(f"{address}/start").json()["code"] == "no_verified_frame"
    items = admin.get(f"{address}/timeline").json()["items"]
    assert "camera_denied" in {item.get("reason") for item in items}
    be_seen(context, attempt["id"])
    student.post(f"{address}/start")
    clock.advance(60)
    student.put(f"{address}/frames/9", content=small_jpeg(), headers={"Content-Type": "image/jpeg"})
    gaps = [
        (item["from_seq"], item["to_seq"])
        for item in admin.get(f"{address}/timeline").json()["items"]
        if item["type"] == "gap"
    ]
    assert gaps == [(2, 8)]


def test_11_no_page_and_no_answer_tells_what_is_right(admin, student, exam, context):
    """Neither before the start, nor while it runs, nor after it was handed in and decided."""
    shown = admin.post("/api/v1/exams", json={"title": "P", "duration_seconds": 60}).json()
    secrets = ("is_correct", "accepted_answers", '"correct"', "Leonardo-secret")
    prepare(student, context)
    attempt = join(student, exam)
    address = f"/api/v1/attempts/{attempt['id']}"

    def look():
        for answer in (
            student.get("/", headers=HTML),
            student.get(f"/attempts/{attempt['id']}", headers=HTML),
            student.get(address),
            student.get("/api/v1/attempts"),
            student.get(f"{address}/paper"),
            student.post("/api/v1/exams/join", json={"join_code": exam["join_code"]}),
            student.post("/api/v1/exams/join", json={"join_code": shown["join_code"]}),
        ):
            assert answer.status_code in {200, 201, 409}, answer.text
            assert not [secret for secret in secrets if secret in answer.text], answer.url

    look()
    be_seen(context, attempt["id"])
    look()
    assert student.post(f"{address}/start").status_code == 200
    look()
    question_id = paper_of(student, attempt["id"])[2]["id"]
    conflict = save(student, attempt["id"], question_id, {"text": "x"}, 7)
    assert conflict.status_code == 409
    refused = save(student, attempt["id"], question_id, {"choice_ids": ["x"]})
    assert refused.status_code == 422
    for answer in (conflict, refused):
        assert not [secret for secret in secrets if secret in answer.text]
    assert student.post(f"{address}/submit").status_code == 200
    look()
    decided = admin.post(f"{address}/reviews", json={"decision": "verified"})
    assert decided.status_code in {200, 201}, decided.text
    look()


def test_11_questions_are_not_in_what_comes_before_the_start(student, exam, context):
    prepare(student, context)
    attempt = join(student, exam)
    for answer in (
        student.get(f"/attempts/{attempt['id']}", headers=HTML),
        student.get(f"/api/v1/attempts/{attempt['id']}"),
        student.get(f"/api/v1/attempts/{attempt['id']}/paper"),
    ):
        assert not [one["text"] for one in QUESTIONS if one["text"] in answer.text]


@pytest.mark.parametrize(
    "lie",
    [
        {"awarded_points": 100},
        {"scored_by": "me"},
        {"received_at": "2026-11-23T09:00:00Z"},
        {"attempt_id": "att_00000000000000000000000000"},
        {"revision": 0},
        {"revision": -1},
        {"revision": 10**12},
        {"value": {"text": "x", "is_correct": True}},
        {"value": None},
        {"value": ["x"]},
    ],
)
def test_11_an_answer_brings_neither_points_nor_time(context, student, attempt, lie):
    question_id = paper_of(student, attempt["id"])[3]["id"]
    address = f"/api/v1/attempts/{attempt['id']}/answers/{question_id}"
    body = {"value": {"text": "x"}, "revision": 1} | lie
    assert student.put(address, json=body).status_code == 422
    with context.database.read() as session:
        assert session.scalars(select(Answer)).all() == []


def test_11_questions_of_other_exams_are_not_answered(admin, student, attempt):
    other = set_up_exam(admin, title="Other")
    (question, *_) = admin.get(f"/api/v1/exams/{other['id']}/questions").json()["items"]
    for question_id in (question["id"], QUESTION_ID):
        assert save(student, attempt["id"], question_id, {}).status_code == 404
    assert save(student, attempt["id"], "x' OR '1'='1", {}).status_code in {404, 422}


def test_11_no_second_sitting_after_the_first(student, exam, attempt):
    assert student.post(f"/api/v1/attempts/{attempt['id']}/submit").status_code == 200
    again = student.post("/api/v1/exams/join", json={"join_code": exam["join_code"]})
    assert (again.status_code, again.json()["code"]) == (409, "attempt_closed")
    begin = student.post(f"/api/v1/attempts/{attempt['id']}/start")
    assert begin.json()["code"] == "attempt_closed"


def test_11_starting_again_gives_no_more_time(student, context, attempt, clock):
    clock.advance(1800)
    be_seen(context, attempt["id"], seq=2)
    again = student.post(f"/api/v1/attempts/{attempt['id']}/start").json()
    assert (again["deadline_at"], again["started_at"]) == (
        attempt["deadline_at"],
        attempt["started_at"],
    )


def test_11_nothing_admins_change_later_moves_a_running_attempt(
    admin, student, exam, attempt, context
):
    paper = paper_of(student, attempt["id"])
    change = {
        "duration_seconds": 60,
        "closes_at": "2026-11-23T10:01:00Z",
        "shuffles_questions": True,
        "shuffles_choices": True,
        "is_practice": True,
        "needs_approved_enrollment": True,
    }
    assert admin.patch(f"/api/v1/exams/{exam['id']}", json=change).status_code == 200
    after = student.get(f"/api/v1/attempts/{attempt['id']}").json()
    kept = ("deadline_at", "duration_seconds", "is_practice", "state")
    assert [after[name] for name in kept] == [attempt[name] for name in kept]
    assert paper_of(student, attempt["id"]) == paper
    # Nor does it become practice, which could be sat again.
    with context.database.read() as session:
        assert not session.get_one(Attempt, attempt["id"]).is_practice


def test_11_practice_is_no_second_sitting_of_what_became_an_exam(admin, student, context):
    exam = set_up_exam(admin, is_practice=True)
    prepare(student, context)
    practice = join(student, exam)
    admin.patch(f"/api/v1/exams/{exam['id']}", json={"is_practice": False})
    real = join(student, exam)
    assert (real["id"] != practice["id"], real["is_practice"]) == (True, False)
    be_seen(context, practice["id"])
    student.post(f"/api/v1/attempts/{practice['id']}/start")
    student.post(f"/api/v1/attempts/{practice['id']}/submit")
    assert join(student, exam)["id"] == real["id"]


def test_12_strangers_get_nothing_that_costs(anonymous, student, attempt):
    for (method, path), body in (STAFF_ONLY | OWN).items():
        answer = ask(anonymous, method, f"/api/v1/attempts/{attempt['id']}{path}", body)
        assert answer.status_code == 401, path
    assert anonymous.post("/api/v1/attempts/practice").status_code == 401


def test_13_markup_in_an_answer_stays_text(admin, student, attempt):
    script = "<script>alert(document.cookie)</script>"
    question_id = paper_of(student, attempt["id"])[3]["id"]
    assert save(student, attempt["id"], question_id, {"text": script}).status_code == 200
    for caller, path in (
        (student, f"/attempts/{attempt['id']}"),
        (admin, f"/admin/attempts/{attempt['id']}"),
    ):
        assert script not in caller.get(path, headers=HTML).text


@pytest.mark.parametrize(
    ("method", "path"), sorted(one for one in STAFF_ONLY | OWN if one[0] != "GET")
)
def test_14_nothing_changes_without_the_token(student, attempt, method, path):
    del student.client.headers["X-CSRF-Token"]
    body = (STAFF_ONLY | OWN)[method, path]
    answer = ask(student, method, f"/api/v1/attempts/{attempt['id']}{path}", body)
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")


def test_15_codes_cannot_be_guessed_for_ever(student, exam):
    codes = [f"AAAA-{letters}" for letters in ("AAAA", "BBBB", "CCCC")] * 11
    answers = [student.post("/api/v1/exams/join", json={"join_code": code}) for code in codes]
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["Retry-After"]) > 0


def test_16_a_bomb_costs_neither_memory_nor_the_attempt(admin, student, attempt):
    address = f"/api/v1/attempts/{attempt['id']}/frames/2"
    for body, kind in ((png_bomb(), "image/png"), (png_bomb(), "image/jpeg")):
        answer = student.put(address, content=body, headers={"Content-Type": kind})
        assert answer.status_code in {413, 415, 422}, answer.text
    assert seen_by(admin, attempt)["counts"]["frames"] == 1


def test_16_an_endless_answer_is_cut_off(student, attempt):
    question_id = paper_of(student, attempt["id"])[3]["id"]
    body = {"value": {"text": "x" * 5_000_000}, "revision": 1}
    address = f"/api/v1/attempts/{attempt['id']}/answers/{question_id}"
    assert student.put(address, json=body).status_code in {413, 422}
    deep = '{"value":' * 5000 + "1" + "}" * 5000
    headers = {"Content-Type": "application/json"}
    assert student.put(address, content=deep, headers=headers).status_code == 422


def test_17_no_secret_is_in_the_repository():
    """Keys and passwords are made on the machine that runs; `.env` is never committed."""
    root = Path(__file__).parents[2]
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("left out: this is no working copy of git")
    names = [name for name in listed.stdout.split("\0") if name]
    assert ".env" not in names
    assert not [name for name in names if name.endswith((".pem", ".key", ".sqlite", ".db"))]
    filled = re.compile(r"^#?FACE_MONITOR_\w*(KEY|SECRET|PASSWORD)\w*=\S", re.MULTILINE)
    assert filled.search((root / ".env.example").read_text()) is None
