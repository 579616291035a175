"""Webhooks belong to who made them, and show what became of each message."""

import re

import pytest

from api.users.service import create_admin, start_sign_in
from models.alerts import queue_incident_alerts
from models.audit import AuditEntry
from models.settings import Settings
from models.statuses import DeliveryState, Role, Severity
from models.webhook import Webhook, WebhookDelivery, webhook_secret
from tests.api.conftest import PASSWORD, signed_in_caller
from tests.support.builders import make_attempt, make_subject
from tests.support.incidents import make_incident

HOOKS = "/api/v1/webhooks"
WANTED = {"url": "https://lms.example/hook", "events": ["incident.opened"]}


def make(caller, **wanted):
    answer = caller.post(HOOKS, json=WANTED | wanted)
    assert answer.status_code == 201, answer.text
    return answer.json()


def queue_incident(context, client_id=None):
    with context.database.write() as session:
        subject = make_subject(session, context.key_ring, owner_client_id=client_id)
        attempt = make_attempt(session, subject.id, now=context.clock())
        incident = make_incident(session, attempt, now=context.clock())
        queue_incident_alerts(
            session, context.settings, incident, "incident.opened", now=context.clock()
        )


def test_secret_is_told_once_and_kept_sealed(context, system):
    made = make(system)
    assert made["secret"].startswith("whsec_")
    assert "secret" not in system.get(f"{HOOKS}/{made['id']}").json()
    with context.database.read() as session:
        hook = session.get_one(Webhook, made["id"])
        assert webhook_secret(context.key_ring, hook) == made["secret"]
        assert bytes.fromhex(made["secret"].removeprefix("whsec_")) not in hook.sealed_key


def test_page_offers_openings_with_their_withdrawal(admin):
    page = admin.get("/admin/alerts", headers={"Accept": "text/html"}).text
    ticked = re.findall(r'name="events" value="([a-z.]+)" checked', page)
    assert ticked == ["incident.opened", "incident.withdrawn"]


def test_webhook_of_a_system_is_nobody_elses_business(system, other_system, student, admin):
    made = make(system)
    for path in (f"{HOOKS}/{made['id']}", f"{HOOKS}/{made['id']}/deliveries"):
        assert other_system.get(path).status_code == 404
        assert student.get(path).status_code == 404
        assert system.get(path).status_code == 200
        assert admin.get(path).status_code == 200
    assert other_system.delete(f"{HOOKS}/{made['id']}").status_code == 404
    assert other_system.get(HOOKS).json()["items"] == []
    assert student.get(HOOKS).status_code == 403
    assert student.post(HOOKS, json=WANTED).status_code == 403


def test_webhook_of_an_admin_belongs_to_the_house(system, admin):
    made = make(admin)
    assert made["owner_client_id"] is None
    assert system.get(f"{HOOKS}/{made['id']}").status_code == 404
    assert [one["id"] for one in admin.get(HOOKS).json()["items"]] == [made["id"]]


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"url": "http://lms.example/hook"}, "url"),
        ({"url": "https://127.0.0.1/hook"}, "url"),
        ({"url": "https://user:pw@lms.example/"}, "url"),
        ({"url": "https://lms.example/" + "a" * 1000}, "url"),
        ({"events": []}, "events"),
        ({"events": ["everything"]}, "events.0"),
        ({"events": ["test"]}, "events"),
        ({"min_severity": "extreme"}, "min_severity"),
    ],
)
def test_what_cannot_be_used_is_named(system, wanted, field):
    answer = system.post(HOOKS, json=WANTED | wanted)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"].endswith(field)
    assert system.get(HOOKS).json()["items"] == []


def test_there_is_an_end_to_webhooks(system, other_system, monkeypatch):
    monkeypatch.setattr("api.webhooks.service.WEBHOOKS_MAX", 2)
    make(system)
    make(system)
    assert system.post(HOOKS, json=WANTED).status_code == 422
    make(other_system)


def test_message_is_listed_and_sent_again_as_it_was(context, system):
    made = make(system)
    queue_incident(context, system.client_id)
    [delivery] = system.get(f"{HOOKS}/{made['id']}/deliveries").json()["items"]
    assert (delivery["state"], delivery["event"], delivery["tries"]) == (
        "pending",
        "incident.opened",
        0,
    )
    with context.database.write() as session:
        kept = session.get_one(WebhookDelivery, delivery["id"])
        kept.state, kept.tries, kept.finished_at = DeliveryState.FAILED, 12, context.clock()
    address = f"{HOOKS}/{made['id']}/deliveries/{delivery['id']}/redeliver"
    again = system.post(address)
    assert again.status_code == 202
    assert again.json()["state"] == "pending"
    assert again.json()["payload"] == delivery["payload"]
    assert again.json()["event_id"] == delivery["event_id"]


def test_message_of_another_webhook_cannot_be_sent_again(context, system, other_system):
    made, other = make(system), make(other_system)
    queue_incident(context, system.client_id)
    [delivery] = system.get(f"{HOOKS}/{made['id']}/deliveries").json()["items"]
    for hook_id in (made["id"], other["id"]):
        address = f"{HOOKS}/{hook_id}/deliveries/{delivery['id']}/redeliver"
        assert other_system.post(address).status_code == 404


def test_webhook_that_was_switched_off_is_switched_on_again(context, system):
    made = make(system)
    address = f"{HOOKS}/{made['id']}"
    with context.database.write() as session:
        hook = session.get_one(Webhook, made["id"])
        hook.disabled_at, hook.disabled_note = context.clock(), "It took nothing."
    assert system.post(f"{address}/test").json()["code"] == "webhook_disabled"
    assert system.get(address).json()["disabled_note"] == "It took nothing."
    assert system.post(f"{address}/enable").json()["disabled_at"] is None
    assert system.post(f"{address}/test").status_code == 202


def test_webhook_is_removed_with_its_messages(context, system):
    made = make(system)
    queue_incident(context, system.client_id)
    assert system.delete(f"{HOOKS}/{made['id']}").status_code == 204
    assert system.get(f"{HOOKS}/{made['id']}").status_code == 404
    with context.database.read() as session:
        assert session.query(WebhookDelivery).count() == 0
        actions = [entry.action for entry in session.query(AuditEntry)]
    assert actions == ["webhook.created", "webhook.deleted"]


def test_reviewers_do_not_see_addresses(app, context, admin):
    make(admin)
    with context.database.write() as session:
        user = create_admin(session, context, "reader", PASSWORD)
        user.role = Role.REVIEWER
        reviewer = signed_in_caller(app, start_sign_in(session, context, user.id))
    assert reviewer.get(HOOKS).status_code == 403
    assert reviewer.get("/admin/alerts").status_code == 403
    page = reviewer.get("/admin/ops").text
    assert "/admin/alerts" not in page
    assert "/admin/audit" in page


class TestPage:
    def test_secret_stands_on_the_page_that_answers_and_nowhere_else(self, admin):
        answer = admin.post("/admin/alerts", data=WANTED | {"min_severity": "medium"})
        assert answer.status_code == 201
        assert answer.headers["cache-control"] == "no-store"
        assert "whsec_" in answer.text
        page = admin.get("/admin/alerts").text
        assert "whsec_" not in page
        assert WANTED["url"] in page

    def test_form_comes_back_with_what_was_typed(self, admin):
        answer = admin.post("/admin/alerts", data={"url": "http://x/", "min_severity": "low"})
        assert answer.status_code == 422
        assert 'value="http://x/"' in answer.text
        assert "Events must be chosen" in answer.text
        answer = admin.post("/admin/alerts", data=WANTED | {"url": "http://x/"})
        assert "must begin with https://" in answer.text

    def test_webhook_is_tried_switched_on_and_removed(self, context, admin):
        made = make(admin)
        path = f"/admin/alerts/webhooks/{made['id']}"
        assert admin.post(f"{path}/test").status_code == 303
        assert "A test" in admin.get("/admin/alerts").text
        with context.database.write() as session:
            hook = session.get_one(Webhook, made["id"])
            hook.disabled_at, hook.disabled_note = context.clock(), "It took nothing."
        assert "It took nothing." in admin.get("/admin/alerts").text
        assert admin.post(f"{path}/test").status_code == 409
        assert admin.post(f"{path}/enable").status_code == 303
        assert admin.post(f"{path}/remove").status_code == 303
        assert "No address is told." in admin.get("/admin/alerts").text

    def test_mail_cannot_be_tried_before_it_is_set(self, admin):
        answer = admin.post("/admin/alerts/mail/test")
        assert answer.status_code == 422
        assert "FACE_MONITOR_SMTP_URL" in answer.text


class TestMail:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        values = settings.model_dump() | {
            "smtp_url": "smtp://robot:hush@mail.example:587?starttls=true",
            "alert_email_to": "proctor@example.org",
        }
        return Settings(_env_file=None, **values)

    def test_page_shows_the_setting_without_the_password(self, admin):
        page = admin.get("/admin/alerts").text
        assert "proctor@example.org" in page
        assert "mail.example" in page
        assert "hush" not in page

    def test_a_test_is_queued(self, admin, settings):
        assert settings.alert_min_severity is Severity.HIGH
        assert admin.post("/admin/alerts/mail/test").status_code == 303
        page = admin.get("/admin/alerts").text
        assert "A test" in page
        assert "On its way" in page
