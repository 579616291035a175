"""What holds for each page, whoever it is for."""

from collections.abc import Iterator

import pytest

from api.app import make_app
from api.context import Context
from api.users.service import create_admin, start_sign_in
from models.base import new_id
from models.incident import IncidentReview
from models.settings import Settings
from models.statuses import AttemptState, Verdict
from models.subject import Subject
from models.user import User
from tests.api.conftest import PASSWORD, Caller, new_client, new_student, signed_in_caller
from tests.api.pages.conftest import BROWSER, NASTY, prepare, sit
from tests.api.pages.document import Element, document
from tests.conftest import ENCRYPTION_KEY
from tests.support.builders import make_attempt, make_frame, make_question
from tests.support.incidents import make_incident
from tests.support.rescores import make_rescore
from tests.support.schema_copies import sqlite_copy

PAGES = [
    ("anonymous", "/login", 200),
    ("anonymous", "/register", 200),
    ("anonymous", "/nothing/here", 404),
    ("student", "/", 200),
    ("student", "/enrollment", 200),
    ("student", "/attempts/{attempt_id}", 200),
    ("student", "/attempts/{submitted_id}", 200),
    ("student", "/admin/users", 403),
    ("student", "/logout", 405),
    ("admin", "/admin/dashboard", 200),
    ("admin", "/admin/wall", 200),
    ("admin", "/admin/wall?exam={exam_id}", 200),
    ("admin", "/admin/exams", 200),
    ("admin", "/admin/exams/{exam_id}", 200),
    ("admin", "/admin/exams/{exam_id}/incidents", 200),
    ("admin", "/admin/review", 200),
    ("admin", "/admin/review?state=all", 200),
    ("admin", "/admin/incidents/{incident_id}", 200),
    ("admin", "/admin/exams?show=over&search=Algebra", 200),
    ("admin", "/admin/exams/{exam_id}?state=started", 200),
    ("admin", "/admin/exams/{exam_id}/edit", 200),
    ("admin", "/admin/exams/{exam_id}/archive", 200),
    ("admin", "/admin/exams/{exam_id}/proctoring", 200),
    ("admin", "/admin/exams/{exam_id}/questions", 200),
    ("admin", "/admin/exams/{exam_id}/questions/new?kind=single_choice", 200),
    ("admin", "/admin/exams/{exam_id}/questions/new?kind=short_text", 200),
    ("admin", "/admin/exams/{exam_id}/questions/{question_id}", 200),
    ("admin", "/admin/exams/{exam_id}/questions/{question_id}/delete", 200),
    ("admin", "/admin/exams/{exam_id}/import", 200),
    ("admin", "/admin/requests", 200),
    ("admin", "/admin/students", 200),
    ("admin", "/admin/students?search=x", 200),
    ("admin", "/admin/students/import", 200),
    ("admin", "/admin/students/{subject_id}", 200),
    ("admin", "/admin/users", 200),
    ("admin", "/admin/users/{user_id}", 200),
    ("anonymous", "/invitation/nothing", 404),
    ("anonymous", "/invitation/{token}", 200),
    ("admin", "/admin/attempts", 200),
    ("admin", "/admin/ops", 200),
    ("admin", "/admin/alerts", 200),
    ("admin", "/admin/audit", 200),
    ("admin", "/admin/audit?since=never", 422),
    ("admin", "/admin/attempts/{attempt_id}", 200),
    ("admin", "/admin/attempts/{attempt_id}?show=attention", 200),
    ("admin", "/admin/attempts/{submitted_id}/rescores/{rescore_id}", 200),
    ("admin", "/admin/attempts/{submitted_id}/rescores/{rescore_id}?show=all", 200),
]


@pytest.fixture(scope="module")
def texts(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[dict[str, str]]:
    """Each page's HTML, read once; names and titles in it are an attack."""
    path = tmp_path_factory.mktemp("pages")
    settings = Settings(
        _env_file=None,
        data_dir=path,
        database_url=sqlite_copy(path / "face-monitor.db"),
        secret_key="a secret of the tests",
        key_encryption_key=ENCRYPTION_KEY,
    )
    app = make_app(settings)
    context: Context = app.state.context
    student = new_student(app, context, "anna")
    prepare(student, context)
    sitting = sit(student, context)
    with context.database.write() as session:
        submitted = make_attempt(session, student.subject_id, AttemptState.SUBMITTED, label=NASTY)
        incident = make_incident(session, submitted)
        frame = make_frame(session, submitted, 1)
        rescore = make_rescore(session, submitted, {frame: Verdict.MISMATCH})
        review = IncidentReview(
            id=new_id("rev"), incident_id=incident.id, reviewer_id=student.user_id
        )
        review.decision, review.reason_codes, review.note = "dismissed", ["other"], NASTY
        review.created_at = context.clock()
        session.add(review)
        session.get_one(User, student.user_id).display_name = NASTY
        session.get_one(Subject, student.subject_id).display_name = NASTY
        choices = [{"id": new_id("cho"), "text": NASTY} for _ in range(2)]
        question = make_question(
            session, sitting.exam_id, text=NASTY, choices=choices, correct=[choices[0]["id"]]
        )
        admin = start_sign_in(session, context, create_admin(session, context, "root", PASSWORD).id)
    signed_in = signed_in_caller(app, admin)
    invited = signed_in.post(f"/api/v1/users/{student.user_id}/invitations").json()
    callers = {
        "anonymous": Caller(new_client(app)),
        "student": student,
        "admin": signed_in,
    }
    ids = {
        "attempt_id": sitting.attempt_id,
        "submitted_id": submitted.id,
        "rescore_id": rescore.id,
        "exam_id": sitting.exam_id,
        "question_id": question.id,
        "subject_id": student.subject_id,
        "incident_id": incident.id,
        "user_id": student.user_id,
        "token": invited["link"].rpartition("/")[2],
    }
    found = {}
    for who, path_of_page, status in PAGES:
        answer = callers[who].get(path_of_page.format(**ids), headers=BROWSER)
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"].startswith("text/html")
        found[f"{who} {path_of_page}"] = answer.text
    yield found
    context.database.close()


@pytest.fixture(params=[f"{who} {path}" for who, path, _ in PAGES])
def text(request: pytest.FixtureRequest, texts: dict[str, str]) -> str:
    return texts[request.param]


@pytest.fixture
def page(text: str) -> Element:
    return document(text)


def test_page_has_language_title_and_one_heading(page: Element) -> None:
    assert page.all("html")[0].attributes["lang"] == "en"
    assert page.all("title")[0].text.strip()
    assert len(page.all("h1")) == 1
    assert len(page.all("main")) == 1
    assert page.all("a")[0].attributes["href"] == "#content"


def test_no_script_or_style_stands_in_the_page(page: Element) -> None:
    for script in page.all("script"):
        assert script.attributes["src"].startswith("/static/")
        assert not script.text.strip()
    assert page.all("style") == []
    for element in page.everything():
        inline = [name for name in element.attributes if name == "style" or name.startswith("on")]
        assert inline == [], element


def test_what_people_typed_is_escaped(text: str) -> None:
    assert NASTY not in text
    assert "onerror=alert(2)>" not in text


def test_every_form_that_changes_something_carries_the_token(page: Element) -> None:
    token = next(
        meta.attributes["content"]
        for meta in page.all("meta")
        if meta.attributes.get("name") == "csrf-token"
    )
    for form in page.all("form"):
        is_search = form.attributes["method"] == "get"
        sent = [
            field.attributes["value"]
            for field in form.all("input")
            if field.attributes.get("name") == "csrf_token"
        ]
        # A search stands in the address, where no token belongs.
        assert sent == ([] if is_search else [token])
        # A filter's address is kept in histories and logs, where no token belongs.
        assert sent == ([] if form.attributes["method"] == "get" else [token])
        assert token


def test_every_field_has_a_label(page: Element) -> None:
    labelled = {label.attributes.get("for") for label in page.all("label")}
    for tag in ("input", "textarea", "select"):
        for field in page.all(tag):
            if field.attributes.get("type") != "hidden":
                # In a table the row and the column name a field together.
                names_itself = field.attributes.get("aria-label")
                assert names_itself or field.attributes["id"] in labelled


def test_every_id_stands_once(page: Element) -> None:
    ids = [one.attributes["id"] for one in page.everything() if "id" in one.attributes]
    assert len(ids) == len(set(ids))
    referred = {
        name
        for one in page.everything()
        for attribute in ("aria-describedby", "aria-labelledby")
        for name in one.attributes.get(attribute, "").split()
    }
    assert referred <= set(ids)
