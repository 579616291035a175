"""The wall's page; what scripts do on it is tested in a browser."""

from models.statuses import IncidentKind, Severity
from tests.api.conftest import Caller
from tests.api.pages.conftest import BROWSER, Sitting
from tests.api.pages.document import document


def test_wall_is_closed_to_students(student: Caller) -> None:
    assert student.get("/admin/wall", headers=BROWSER).status_code == 403


def test_exam_leads_to_its_own_wall_which_leads_to_all(admin: Caller, sitting: Sitting) -> None:
    exam = document(admin.get(f"/admin/exams/{sitting.exam_id}", headers=BROWSER).text)
    address = f"/admin/wall?exam={sitting.exam_id}"
    assert address in [link.attributes["href"] for link in exam.all("a")]
    page = document(admin.get(address, headers=BROWSER).text)
    assert page.by_id("wall").attributes["data-exam-id"] == sitting.exam_id
    chosen = [
        option.attributes["value"]
        for option in page.by_id("wall-exam").all("option")
        if "selected" in option.attributes
    ]
    assert chosen == [sitting.exam_id]
    everything = document(admin.get("/admin/wall?exam=", headers=BROWSER).text)
    assert everything.by_id("wall").attributes["data-exam-id"] == ""


def test_unknown_exam_is_told(admin: Caller) -> None:
    assert admin.get("/admin/wall?exam=exm_" + "0" * 26, headers=BROWSER).status_code == 404
    assert admin.get("/admin/wall?exam=1", headers=BROWSER).status_code == 422


def test_every_incident_has_words(admin: Caller) -> None:
    text = admin.get("/admin/wall", headers=BROWSER).text
    for kind in IncidentKind:
        assert f'data-word="incident:{kind.value}"' in text
    for severity in Severity:
        assert f'data-word="severity:{severity.value}"' in text
