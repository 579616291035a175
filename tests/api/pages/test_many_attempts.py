"""Every page of the desk asks the database as often for many attempts as for few."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.app import make_app
from api.context import Context
from api.users.service import create_admin, start_sign_in
from models.attempt import Attempt
from models.frame import Frame
from models.incident import Incident
from models.schema import upgrade_schema
from models.statuses import Verdict
from tests.api.attempts.test_standing import counted_statements
from tests.api.conftest import PASSWORD, Caller, signed_in_caller
from tests.api.pages.conftest import BROWSER
from tests.support.rescores import make_rescore
from tests.support.seed import seed, settings_of

FEW, MANY = 3, 12
FRAMES = 60

PAGES = [
    "/admin/dashboard",
    "/admin/review?state=all",
    "/admin/incidents/{incident}",
    "/admin/exams",
    "/admin/exams/{exam}",
    "/admin/exams/{exam}/incidents",
    "/admin/exams/{exam}/edit",
    "/admin/exams/{exam}/questions",
    "/admin/exams/{exam}/proctoring",
    "/admin/attempts",
    "/admin/attempts?show=to_decide&search=a",
    "/admin/attempts/{attempt}",
    "/admin/attempts/{attempt}?show=attention",
    "/admin/attempts/{attempt}?show=match",
    "/admin/attempts/{attempt}/rescores/{rescore}",
    "/admin/wall",
    "/admin/students",
    "/admin/students/{subject}",
    "/admin/users",
    "/admin/requests",
    "/admin/audit",
    "/admin/alerts",
    "/admin/ops",
    "/api/v1/attempts/{attempt}/course",
    "/api/v1/attempts/{attempt}/rescores/{rescore}/course",
    "/api/v1/incidents",
    "/api/v1/wall",
]


def addresses_of(session: Session, incident: Incident) -> dict[str, str]:
    """Return what stands in the addresses of `PAGES`; each frame got another verdict."""
    attempt = session.get_one(Attempt, incident.attempt_id)
    frames = session.scalars(select(Frame).where(Frame.attempt_id == attempt.id)).all()
    rescore = make_rescore(session, attempt, dict.fromkeys(frames, Verdict.INCONCLUSIVE))
    return {
        "exam": attempt.exam_id or "",
        "attempt": attempt.id,
        "subject": attempt.subject_id,
        "incident": incident.id,
        "rescore": rescore.id,
    }


class Desk:
    """An admin before a database with so many attempts."""

    def __init__(self, folder: Path, attempts: int) -> None:
        folder.mkdir()
        app = make_app(settings_of(folder))
        self.context: Context = app.state.context
        upgrade_schema(self.context.database)
        exam = seed(self.context, attempts=attempts, frames=FRAMES, number=4)
        with self.context.database.write() as session:
            user = create_admin(session, self.context, "root", PASSWORD)
            signed_in = start_sign_in(session, self.context, user.id)
            incident = session.scalars(select(Incident).order_by(Incident.evidence.desc())).first()
            assert incident is not None
            self.ids = addresses_of(session, incident) | {"exam": exam}
        self.admin: Caller = signed_in_caller(app, signed_in)

    def statements(self, page: str) -> int:
        address = page.format(**self.ids)
        with counted_statements(self.context.database) as found:
            answer = self.admin.get(address, headers=BROWSER)
        assert answer.status_code == 200, answer.text
        return len(found)


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, Desk]]:
    folder = tmp_path_factory.mktemp("desks")
    few, many = Desk(folder / "few", FEW), Desk(folder / "many", MANY)
    yield few, many
    for desk in (few, many):
        desk.context.database.close()


@pytest.mark.parametrize("page", PAGES)
def test_as_many_queries_for_many_attempts_as_for_few(desks: tuple[Desk, Desk], page: str) -> None:
    few, many = desks
    assert many.statements(page) == few.statements(page)
