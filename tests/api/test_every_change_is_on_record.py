"""Whatever the staff changes stands in the audit chain: every route that writes is walked."""

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from sqlalchemy import func, select

from api.audit_trail.names import UNKNOWN, names_in
from api.audit_trail.wording import ACTIONS
from api.context import Context
from models.allowance import Allowance, AlternativeRequest
from models.attempt import Answer, Attempt
from models.audit import AuditEntry
from models.base import new_id
from models.exam import Exam
from models.frame import Frame
from models.granted import Granted
from models.statuses import AttemptState, FaceCheck
from models.webhook import Webhook, WebhookDelivery
from tests.api.conftest import Caller
from tests.support.builders import (
    give_consent,
    make_attempt,
    make_enrollment,
    make_frame,
    make_verification,
)
from tests.support.incidents import make_incident
from tests.support.papers import QUESTIONS, set_up_exam
from tests.support.pictures import small_jpeg

SAFE = {"GET", "HEAD", "OPTIONS"}

NOT_BY_STAFF = {
    # What students do themselves; the record of the attempt has it.
    ("POST", "/api/v1/subjects/{subject_id}/consents"),
    ("POST", "/api/v1/subjects/{subject_id}/alternative-requests"),
    ("POST", "/api/v1/attempts/practice"),
    ("POST", "/api/v1/attempts/{attempt_id}/start"),
    ("POST", "/api/v1/attempts/{attempt_id}/submit"),
    ("POST", "/api/v1/attempts/{attempt_id}/replies"),
    ("PUT", "/api/v1/attempts/{attempt_id}/answers/{question_id}"),
    ("PUT", "/api/v1/attempts/{attempt_id}/frames/{seq}"),
    ("POST", "/api/v1/attempts/{attempt_id}/events"),
    ("POST", "/api/v1/exams/join"),
    ("POST", "/api/monitor/face_log"),
    ("POST", "/api/monitor/tab_event"),
    ("POST", "/attempts/{attempt_id}/reply"),
    ("POST", "/consent"),
    ("POST", "/consent/withdraw"),
    ("POST", "/consent/alternative"),
    ("POST", "/practice"),
    ("POST", "/join"),
    # What other systems do with what is theirs.
    ("POST", "/api/v1/attempts"),
    ("POST", "/api/v1/verifications"),
    # Shown, and nothing changed yet.
    ("POST", "/admin/exams/{exam_id}/import"),
    ("POST", "/admin/students/import"),
    ("POST", "/admin/students/import/again"),
    # Who looks at an attempt just now; it lapses by itself and decides nothing.
    ("PUT", "/api/v1/attempts/{attempt_id}/review-claim"),
    ("DELETE", "/api/v1/attempts/{attempt_id}/review-claim"),
    # Somebody's own sign-in, password and language.
    ("POST", "/invitation/{token}"),
    ("POST", "/login"),
    ("POST", "/register"),
    ("POST", "/logout"),
    ("POST", "/language"),
}


@dataclass
class World:
    """One of everything the staff can change, and an admin."""

    admin: Caller
    context: Context
    exam: dict[str, Any]
    subject_id: str
    ids: dict[str, str] = field(default_factory=dict)

    def attempt(self, state: AttemptState, **columns: Any) -> str:
        with self.context.database.write() as session:
            now = self.context.clock()
            made = make_attempt(session, self.subject_id, state, now=now, **columns)
            return made.id

    def row(self, row: Any) -> str:
        with self.context.database.write() as session:
            session.add(row)
        row_id: str = row.id
        return row_id

    @property
    def api(self) -> str:
        return "/api/v1"

    def allowance(self) -> str:
        return self.row(
            Allowance(
                id=new_id("alw"),
                subject_id=self.subject_id,
                granted_by="usr_1",
                granted_at=self.context.clock(),
            )
        )

    def asked(self) -> str:
        return self.row(
            AlternativeRequest(
                id=new_id("alt"),
                subject_id=self.subject_id,
                text_version="1",
                asked_at=self.context.clock(),
            )
        )

    def enrollment(self) -> int:
        with self.context.database.write() as session:
            now = self.context.clock()
            return make_enrollment(session, self.subject_id, now=now).version

    def to_see_in_person(self) -> str:
        granted = asdict(Granted(face_check=FaceCheck.PERSON)) | {"allowance_ids": []}
        return self.attempt(AttemptState.CREATED, allowances=granted)

    def to_score(self) -> tuple[str, str]:
        attempt_id = self.attempt(AttemptState.SUBMITTED, exam_id=self.exam["id"])
        questions = self.admin.get(f"/api/v1/exams/{self.exam['id']}/questions").json()["items"]
        with self.context.database.write() as session:
            paper = {"question_ids": [one["id"] for one in questions], "choice_ids": {}}
            attempt = session.get_one(Attempt, attempt_id)
            attempt.paper, attempt.possible_points = paper, 10.0
            session.add(
                Answer(
                    id=new_id("ans"),
                    attempt_id=attempt_id,
                    question_id=questions[-1]["id"],
                    revision=1,
                    value={"text": "They are tired."},
                    received_at=self.context.clock(),
                )
            )
        return attempt_id, questions[-1]["id"]

    def question_ids(self) -> list[str]:
        questions = self.admin.get(f"/api/v1/exams/{self.exam['id']}/questions").json()["items"]
        return [one["id"] for one in questions]

    def send_as_seen(self, path: str, **fields: str) -> Any:
        """Send a form that names what was stored when it was opened."""
        shown = self.admin.get(path, headers={"Accept": "text/html"}).text
        [seen] = re.findall(r'name="seen" value="(\w+)"', shown)
        return self.admin.post(path, data={"seen": seen, **fields})

    def with_frames(self) -> str:
        with self.context.database.write() as session:
            now = self.context.clock()
            attempt = make_attempt(session, self.subject_id, AttemptState.SUBMITTED, now=now)
            make_frame(session, attempt, 1, now=now)
            return attempt.id

    def incident(self) -> str:
        with self.context.database.write() as session:
            now = self.context.clock()
            attempt = make_attempt(session, self.subject_id, AttemptState.SUBMITTED, now=now)
            return make_incident(session, attempt, now=now).id

    def user_id(self) -> str:
        wanted = {"login": "otto", "display_name": "Otto", "role": "reviewer"}
        answer = self.admin.post("/api/v1/users", json=wanted).json()
        user_id: str = (answer.get("user") or answer)["id"]
        return user_id

    def webhook(self, **columns: Any) -> str:
        hook_id = new_id("whk")
        return self.row(
            Webhook(
                id=hook_id,
                url="https://lms.example/",
                events=["incident.opened"],
                min_severity="low",
                sealed_key=self.context.key_ring.new_sealed_key(hook_id),
                created_by="usr_1",
                created_at=self.context.clock(),
                **columns,
            )
        )

    def delivery(self) -> tuple[str, str]:
        hook_id, now = self.webhook(), self.context.clock()
        delivery_id = self.row(
            WebhookDelivery(
                id=new_id("dlv"),
                webhook_id=hook_id,
                event="test",
                event_id="aev_1",
                payload={"more_count": 0},
                told=[],
                state="failed",
                not_before=now,
                give_up_at=now,
                created_at=now,
            )
        )
        return hook_id, delivery_id


Walk = Callable[[World], Any]

REVIEW = {"decision": "verified"}
EXAM = {"title": "Algebra", "duration_seconds": 60}
HOOK = {"url": "https://lms.example/hook", "events": ["incident.opened"], "min_severity": "low"}
OFF = {"disabled_note": "It took nothing."}


def post(path: str, **sent: Any) -> Walk:
    return lambda w: w.admin.post(path.format(w=w), **sent)


def _scored(prefix: str) -> Walk:
    def walk(w: World) -> Any:
        attempt_id, question_id = w.to_score()
        path = f"{prefix}/attempts/{attempt_id}/answers/{question_id}/score"
        sent = {"awarded_points": 1, "comment": ""}
        return w.admin.post(path, json=sent) if "api" in prefix else w.admin.post(path, data=sent)

    return walk


def _verified_together(w: World) -> Any:
    attempt_id = w.with_frames()
    with w.context.database.write() as session:
        attempt = session.get_one(Attempt, attempt_id)
        [frame] = session.scalars(select(Frame).where(Frame.attempt_id == attempt_id))
        make_verification(session, attempt=attempt, frame=frame, now=w.context.clock())
    path = "/admin/attempts?show=to_decide"
    shown = w.admin.get(path, headers={"Accept": "text/html"}).text
    chosen = re.findall(r'name="chosen" value="([\w.]+)"', shown)
    return w.admin.post("/admin/attempts/verify", data={"chosen": chosen})


def _off(w: World) -> str:
    return w.webhook(disabled_at=w.context.clock(), **OFF)


def _of_exams() -> dict[tuple[str, str], Walk]:
    def on_page(path: str, **sent: str) -> tuple[tuple[str, str], Walk]:
        return ("POST", f"/admin/exams/{{exam_id}}{path}"), lambda w: w.admin.post(
            f"/admin/exams/{w.exam['id']}{path}", data=sent
        )

    def restored(w: World) -> Any:
        w.admin.delete(f"{w.api}/exams/{w.exam['id']}")
        return w.admin.post(f"/admin/exams/{w.exam['id']}/restore")

    def about_question(path: str, **sent: str) -> Walk:
        return lambda w: w.admin.post(
            f"/admin/exams/{w.exam['id']}/questions/{w.question_ids()[0]}{path}", data=sent
        )

    question = "/admin/exams/{exam_id}/questions/{question_id}"
    change = {"kind": "long_text", "text": "Why?", "points": "2"}
    settings = {"title": "Another", "duration_minutes": "30", "frame_interval_seconds": "5"}
    return dict(
        [
            on_page("/proctoring", preset="strict"),
            on_page("/join-code"),
            on_page("/copy"),
            on_page("/archive"),
        ]
    ) | {
        ("POST", "/admin/exams/{exam_id}/edit"): lambda w: w.send_as_seen(
            f"/admin/exams/{w.exam['id']}/edit", **settings
        ),
        ("POST", "/admin/exams/{exam_id}/restore"): restored,
        ("POST", "/admin/exams/{exam_id}/thresholds"): _thresholds,
        ("POST", "/admin/exams/{exam_id}/questions/move"): lambda w: w.admin.post(
            f"/admin/exams/{w.exam['id']}/questions/move", data={"down": w.question_ids()[0]}
        ),
        ("POST", question): lambda w: w.send_as_seen(
            f"/admin/exams/{w.exam['id']}/questions/{w.question_ids()[0]}", **change
        ),
        ("POST", f"{question}/delete"): about_question("/delete"),
        ("POST", "/api/v1/exams/{exam_id}/copy"): lambda w: w.admin.post(
            f"{w.api}/exams/{w.exam['id']}/copy"
        ),
        ("POST", "/api/v1/exams/{exam_id}/join-code"): lambda w: w.admin.post(
            f"{w.api}/exams/{w.exam['id']}/join-code"
        ),
        ("PUT", "/api/v1/exams/{exam_id}/questions.csv"): lambda w: w.admin.put(
            f"{w.api}/exams/{w.exam['id']}/questions.csv",
            content="kind,text,points\nlong_text,Why?,2\n",
            headers={"Content-Type": "text/csv"},
        ),
    }


def _thresholds(w: World) -> Any:
    with w.context.database.write() as session:
        older = {"match_threshold": 0.4, "mismatch_threshold": 0.7}
        session.get_one(Exam, w.exam["id"]).policy = older
    return w.admin.post(f"/admin/exams/{w.exam['id']}/thresholds")


def _of_incidents() -> dict[tuple[str, str], Walk]:
    decision = {"decision": "dismissed", "reason_codes": ["allowed"]}
    return {
        ("POST", "/api/v1/incidents/{incident_id}/reviews"): lambda w: w.admin.post(
            f"{w.api}/incidents/{w.incident()}/reviews", json=decision
        ),
        ("POST", "/admin/incidents/{incident_id}/decide"): lambda w: w.admin.post(
            f"/admin/incidents/{w.incident()}/decide", data=decision
        ),
        ("PUT", "/api/v1/exams/{exam_id}/incident-policy"): lambda w: w.admin.put(
            f"{w.api}/exams/{w.exam['id']}/incident-policy", json={"silence_seconds": 60}
        ),
        ("POST", "/admin/exams/{exam_id}/incidents"): lambda w: w.admin.post(
            f"/admin/exams/{w.exam['id']}/incidents",
            data={
                "silence_seconds": "60",
                "away_seconds": "10",
                "away_times": "3",
                "away_window_seconds": "300",
            },
        ),
        ("POST", "/api/v1/wall/looks"): lambda w: w.admin.post(
            f"{w.api}/wall/looks", json={"attempt_ids": [w.attempt(AttemptState.STARTED)]}
        ),
    }


def _of_people() -> dict[tuple[str, str], Walk]:
    invited = {"login": "otto", "display_name": "Otto", "role": "reviewer"}

    def about_user(path: str, **sent: str) -> tuple[tuple[str, str], Walk]:
        return ("POST", f"/admin/users/{{user_id}}{path}"), lambda w: w.admin.post(
            f"/admin/users/{w.user_id()}{path}", data=sent
        )

    return dict(
        [
            about_user("/invite"),
            about_user("/role", role="admin"),
            about_user("/access", access="off"),
            about_user("/delete", confirmation="otto"),
        ]
    ) | {
        ("POST", "/admin/users"): post("/admin/users", data=invited),
        ("POST", "/api/v1/users"): post("/api/v1/users", json=invited),
        ("PATCH", "/api/v1/users/{user_id}"): lambda w: w.admin.patch(
            f"{w.api}/users/{w.user_id()}", json={"is_disabled": True}
        ),
        ("DELETE", "/api/v1/users/{user_id}"): lambda w: w.admin.delete(
            f"{w.api}/users/{w.user_id()}"
        ),
        ("POST", "/api/v1/users/{user_id}/invitations"): lambda w: w.admin.post(
            f"{w.api}/users/{w.user_id()}/invitations"
        ),
        ("POST", "/admin/students/invite"): post("/admin/students/invite", data={"login": "ida"}),
        ("POST", "/admin/students/import/add"): post(
            "/admin/students/import/add", data={"students": "name,login\nIda Adler,ida\n"}
        ),
        ("POST", "/admin/students/{subject_id}/new-pictures"): lambda w: w.admin.post(
            f"/admin/students/{w.subject_id}/new-pictures",
            data={"version": w.enrollment(), "reason": "The light was poor."},
        ),
        ("POST", "/admin/students/{subject_id}/erase"): lambda w: w.admin.post(
            f"/admin/students/{w.subject_id}/erase", data={"confirmation": "anna"}
        ),
        (
            "POST",
            "/api/v1/subjects/{subject_id}/enrollments/{version}/withdraw",
        ): lambda w: w.admin.post(
            f"{w.api}/subjects/{w.subject_id}/enrollments/{w.enrollment()}/withdraw",
            json={"reason": "The light was poor."},
        ),
    }


BY_STAFF: dict[tuple[str, str], Walk] = {
    ("POST", "/api/v1/subjects"): post("/api/v1/subjects", json={"external_ref": "x"}),
    ("DELETE", "/api/v1/subjects/{subject_id}"): lambda w: w.admin.delete(
        f"{w.api}/subjects/{w.subject_id}"
    ),
    ("POST", "/api/v1/subjects/{subject_id}/enrollments"): lambda w: w.admin.post(
        f"{w.api}/subjects/{w.subject_id}/enrollments",
        files=[("images", ("a.jpg", small_jpeg()))],
    ),
    (
        "POST",
        "/api/v1/subjects/{subject_id}/enrollments/{version}/approve",
    ): lambda w: w.admin.post(
        f"{w.api}/subjects/{w.subject_id}/enrollments/{w.enrollment()}/approve"
    ),
    ("POST", "/api/v1/alternative-requests/{alternative_request_id}/answer"): lambda w: (
        w.admin.post(f"{w.api}/alternative-requests/{w.asked()}/answer", json={"granted": True})
    ),
    ("POST", "/api/v1/allowances"): lambda w: w.admin.post(
        f"{w.api}/allowances", json={"subject_id": w.subject_id, "extra_time_percent": 25}
    ),
    ("DELETE", "/api/v1/allowances/{allowance_id}"): lambda w: w.admin.delete(
        f"{w.api}/allowances/{w.allowance()}"
    ),
    ("POST", "/api/v1/exams"): post("/api/v1/exams", json=EXAM),
    ("PATCH", "/api/v1/exams/{exam_id}"): lambda w: w.admin.patch(
        f"{w.api}/exams/{w.exam['id']}", json={"title": "Another"}
    ),
    ("DELETE", "/api/v1/exams/{exam_id}"): lambda w: w.admin.delete(
        f"{w.api}/exams/{w.exam['id']}"
    ),
    ("PUT", "/api/v1/exams/{exam_id}/questions"): lambda w: w.admin.put(
        f"{w.api}/exams/{w.exam['id']}/questions", json={"questions": QUESTIONS[:1]}
    ),
    ("POST", "/api/v1/attempts/{attempt_id}/break-off"): lambda w: w.admin.post(
        f"{w.api}/attempts/{w.attempt(AttemptState.STARTED)}/break-off", json={"reason": "Fire."}
    ),
    ("POST", "/api/v1/attempts/{attempt_id}/identity-check"): lambda w: w.admin.post(
        f"{w.api}/attempts/{w.to_see_in_person()}/identity-check"
    ),
    ("POST", "/api/v1/attempts/{attempt_id}/reviews"): lambda w: w.admin.post(
        f"{w.api}/attempts/{w.attempt(AttemptState.SUBMITTED)}/reviews", json=REVIEW
    ),
    ("POST", "/api/v1/attempts/{attempt_id}/rescores"): lambda w: w.admin.post(
        f"{w.api}/attempts/{w.with_frames()}/rescores", json={"engine": "dlib"}
    ),
    ("POST", "/admin/attempts/{attempt_id}/rescores"): lambda w: w.admin.post(
        f"/admin/attempts/{w.with_frames()}/rescores", data={"engine": "dlib"}
    ),
    ("POST", "/api/v1/attempts/{attempt_id}/answers/{question_id}/score"): _scored("/api/v1"),
    ("POST", "/api/v1/webhooks"): post("/api/v1/webhooks", json=HOOK),
    ("DELETE", "/api/v1/webhooks/{webhook_id}"): lambda w: w.admin.delete(
        f"{w.api}/webhooks/{w.webhook()}"
    ),
    ("POST", "/api/v1/webhooks/{webhook_id}/enable"): lambda w: w.admin.post(
        f"{w.api}/webhooks/{_off(w)}/enable"
    ),
    ("POST", "/api/v1/webhooks/{webhook_id}/test"): lambda w: w.admin.post(
        f"{w.api}/webhooks/{w.webhook()}/test"
    ),
    ("POST", "/api/v1/webhooks/{webhook_id}/deliveries/{delivery_id}/redeliver"): lambda w: (
        w.admin.post("{}/webhooks/{}/deliveries/{}/redeliver".format(w.api, *w.delivery()))
    ),
    ("POST", "/admin/exams"): post(
        "/admin/exams",
        data={"title": "Algebra", "duration_minutes": "30", "frame_interval_seconds": "5"},
    ),
    **_of_exams(),
    **_of_incidents(),
    **_of_people(),
    ("POST", "/admin/requests/{alternative_request_id}"): lambda w: w.admin.post(
        f"/admin/requests/{w.asked()}", data={"decision": "refuse"}
    ),
    ("POST", "/admin/students/{subject_id}/allowances"): lambda w: w.admin.post(
        f"/admin/students/{w.subject_id}/allowances", data={"extra_time_percent": "25"}
    ),
    ("POST", "/admin/allowances/{allowance_id}/withdraw"): lambda w: w.admin.post(
        f"/admin/allowances/{w.allowance()}/withdraw"
    ),
    ("POST", "/admin/requests/faces/{subject_id}/approve"): lambda w: w.admin.post(
        f"/admin/requests/faces/{w.subject_id}/approve", data={"version": w.enrollment()}
    ),
    ("POST", "/admin/requests/faces/{subject_id}/new-pictures"): lambda w: w.admin.post(
        f"/admin/requests/faces/{w.subject_id}/new-pictures",
        data={"version": w.enrollment(), "reason": "The light was poor."},
    ),
    ("POST", "/admin/students/{subject_id}/approve"): lambda w: w.admin.post(
        f"/admin/students/{w.subject_id}/approve", data={"version": w.enrollment()}
    ),
    ("POST", "/admin/attempts/{attempt_id}/identity-check"): lambda w: w.admin.post(
        f"/admin/attempts/{w.to_see_in_person()}/identity-check"
    ),
    ("POST", "/admin/attempts/{attempt_id}/break-off"): lambda w: w.admin.post(
        f"/admin/attempts/{w.attempt(AttemptState.STARTED)}/break-off", data={"reason": "Fire."}
    ),
    ("POST", "/admin/attempts/verify"): _verified_together,
    ("POST", "/admin/attempts/{attempt_id}/decide"): lambda w: w.admin.post(
        f"/admin/attempts/{w.attempt(AttemptState.SUBMITTED)}/decide", data=REVIEW
    ),
    ("POST", "/admin/attempts/{attempt_id}/answers/{question_id}/score"): _scored("/admin"),
    ("POST", "/admin/audit/check"): post("/admin/audit/check"),
    ("POST", "/admin/alerts"): post("/admin/alerts", data=HOOK),
    ("POST", "/admin/alerts/webhooks/{webhook_id}/remove"): lambda w: w.admin.post(
        f"/admin/alerts/webhooks/{w.webhook()}/remove"
    ),
    ("POST", "/admin/alerts/webhooks/{webhook_id}/enable"): lambda w: w.admin.post(
        f"/admin/alerts/webhooks/{_off(w)}/enable"
    ),
    ("POST", "/admin/alerts/webhooks/{webhook_id}/test"): lambda w: w.admin.post(
        f"/admin/alerts/webhooks/{w.webhook()}/test"
    ),
    (
        "POST",
        "/admin/alerts/webhooks/{webhook_id}/deliveries/{delivery_id}/redeliver",
    ): lambda w: w.admin.post(
        "/admin/alerts/webhooks/{}/deliveries/{}/redeliver".format(*w.delivery())
    ),
    ("POST", "/admin/alerts/mail/test"): post("/admin/alerts/mail/test"),
}


@pytest.fixture
def settings(settings):
    values = settings.model_dump()
    values |= {"smtp_url": "smtp://localhost", "alert_email_to": "a@example.org"}
    return type(settings)(_env_file=None, **values)


@pytest.fixture
def world(admin: Caller, student: Caller, context: Context) -> World:
    with context.database.write() as session:
        give_consent(session, student.subject_id or "", now=context.clock())
    return World(admin, context, set_up_exam(admin), student.subject_id or "")


def newest_number(context: Context) -> int:
    with context.database.read() as session:
        return session.scalar(select(func.max(AuditEntry.number))) or 0


@pytest.mark.parametrize("route", BY_STAFF, ids=[" ".join(route) for route in BY_STAFF])
def test_change_by_staff_is_on_record(world: World, route: tuple[str, str]) -> None:
    prepared: list[int] = []

    def counting(request: Any) -> None:
        # After what the walk itself prepared, just before its own request.
        prepared[:] = [newest_number(world.context)]

    world.admin.client.event_hooks["request"].append(counting)
    answer = BY_STAFF[route](world)
    assert answer.status_code < 400, answer.text
    with world.context.database.read() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.number > prepared[0])).all()
        names = names_in(session, entries)
    assert {entry.actor for entry in entries} == {world.admin.user_id}
    for entry in entries:
        assert entry.action in ACTIONS
        assert names.thing(entry.object_id).text not in {entry.object_id, UNKNOWN}


def test_every_route_that_writes_is_walked_or_named(app: FastAPI) -> None:
    writing = {
        (method, str(route.path))
        for route in iter_route_contexts(app.routes)
        for method in (route.methods or set()) - SAFE
        if not str(route.path).startswith("/static")
    }
    assert writing - NOT_BY_STAFF == set(BY_STAFF)
    assert writing >= NOT_BY_STAFF


LOOKS = [
    ("/admin/attempts/{attempt_id}", "attempt.seen", 1),
    ("/api/v1/attempts/{attempt_id}/timeline", "attempt.seen", 1),
    ("/api/v1/attempts/{attempt_id}/answers", "attempt.seen", 1),
    ("/api/v1/attempts/{attempt_id}/course", "attempt.seen", 1),
    ("/admin/incidents/{incident_id}", "attempt.seen", 1),
    ("/api/v1/incidents/{incident_id}", "attempt.seen", 1),
    ("/admin/students/{subject_id}", "student.seen", 1),
    ("/admin/exams/{exam_id}", "exam.seen", 1),
    ("/api/v1/audit/export", "audit.exported", 2),
]


@pytest.mark.parametrize(("path", "action", "expected"), LOOKS, ids=[look[0] for look in LOOKS])
def test_look_is_on_record_once_while_the_page_stays_open(
    world: World, clock: Any, path: str, action: str, expected: int
) -> None:
    ids = {
        "attempt_id": world.attempt(AttemptState.SUBMITTED),
        "subject_id": world.subject_id,
        "exam_id": world.exam["id"],
        "incident_id": world.incident(),
    }
    address = path.format(**ids)
    assert [world.admin.get(address).status_code for _ in range(2)] == [200, 200]
    clock.advance(11 * 60)
    world.admin.get(address)
    with world.context.database.read() as session:
        actions = session.scalars(select(AuditEntry.action)).all()
    assert actions.count(action) == expected + 1


def test_nothing_is_on_record_where_nothing_was_shown(world: World, student: Caller) -> None:
    before = newest_number(world.context)
    assert world.admin.get(f"/admin/attempts/{new_id('att')}").status_code == 404
    assert student.get(f"/admin/students/{world.subject_id}").status_code == 403
    assert newest_number(world.context) == before
