"""A decision is checked against what is on record once nobody else can change it."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event, select, update

from models.database import Database
from models.incident import Incident, IncidentReview
from models.schema import upgrade_schema
from models.settings import Settings
from models.statuses import AttemptState
from tests.api.pages.conftest import BROWSER
from tests.support.builders import make_attempt
from tests.support.incidents import make_incident

# Writers of SQLite take turns from their first statement on.
POSTGRESQL = [pytest.param("postgresql", marks=pytest.mark.services)]
CONFIRMED = {"decision": "confirmed", "reason_codes": ["different_person"]}


@pytest.fixture
def database_url(any_database_url: str) -> str:
    database = Database(Settings(_env_file=None, database_url=any_database_url).database)
    upgrade_schema(database)
    database.close()
    return any_database_url


@contextmanager
def withdrawn_before_the_lock(context, incident_id) -> Iterator[None]:
    """A worker commits in the last moment before the attempt is locked."""
    worker = Database(context.settings.database)
    locks = []

    def commit(_connection, _cursor, statement, *_rest):
        if "FOR UPDATE" not in statement:
            return
        locks.append(statement)
        if len(locks) == 1:
            with worker.write() as session:
                of_incident = update(Incident).where(Incident.id == incident_id)
                session.execute(of_incident.values(withdrawn_at=context.clock()))

    event.listen(context.database.engine, "before_cursor_execute", commit)
    yield
    event.remove(context.database.engine, "before_cursor_execute", commit)
    worker.close()
    assert "FROM attempt" in locks[0]


@pytest.mark.parametrize("any_database_url", POSTGRESQL, indirect=True)
def test_what_a_worker_withdraws_meanwhile_is_not_decided(context, admin, student):
    with context.database.write() as session:
        now = context.clock()
        attempt = make_attempt(session, student.subject_id, AttemptState.STARTED, now=now)
        incident_id = make_incident(session, attempt, now=now).id
        other_id = make_incident(session, attempt, now=now).id
    with withdrawn_before_the_lock(context, incident_id):
        answer = admin.post(f"/api/v1/incidents/{incident_id}/reviews", json=CONFIRMED)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_to_review")
    with withdrawn_before_the_lock(context, other_id):
        address = f"/admin/incidents/{other_id}/decide"
        page = admin.post(address, data=CONFIRMED, headers=BROWSER)
    assert (page.status_code, "was withdrawn" in page.text) == (409, True)
    with context.database.read() as session:
        assert session.scalars(select(Incident.review_state)).all() == ["unreviewed"] * 2
        assert session.scalars(select(IncidentReview)).all() == []
