"""What is an incident is set on a page, kept where it differs, and applied to what is on record."""

import pytest
from sqlalchemy import select

from api.pages.incident_policy import PRESETS
from models.exam import Exam
from models.incident_policy import IncidentPolicy
from models.job import Job
from models.statuses import IncidentKind
from tests.api.pages.conftest import BROWSER
from tests.api.pages.document import document


@pytest.fixture
def address(sitting):
    return f"/admin/exams/{sitting.exam_id}/incidents"


def fields(caller, address):
    """What a browser would send of the form as it stands."""
    page = document(caller.get(address, headers=BROWSER).text)
    form = next(
        one for one in page.all("form") if one.attributes.get("action", "") == address.split("?")[0]
    )
    values = {}
    for one in form.all("input"):
        given = one.attributes
        if given.get("type") == "checkbox":
            if "checked" in given:
                values[given["name"]] = "on"
        elif "name" in given:
            values[given["name"]] = given.get("value", "")
    for one in form.all("select"):
        chosen = [option for option in one.all("option") if "selected" in option.attributes]
        values[one.attributes["name"]] = chosen[0].attributes["value"]
    return values


def stored(context, sitting):
    with context.database.read() as session:
        return session.get_one(Exam, sitting.exam_id).incident_policy


def test_saving_the_page_as_it_is_stores_nothing(context, admin, sitting, address):
    answer = admin.post(address, data=fields(admin, address), headers=BROWSER)
    assert answer.status_code == 303
    assert stored(context, sitting) == {}


def test_what_differs_is_stored_and_the_attempts_are_due(context, admin, sitting, address):
    form = fields(admin, address) | {"away.severity": "high", "silence_seconds": "45,5"}
    del form["nobody.is_on"]
    admin.post(address, data=form, headers=BROWSER)
    assert stored(context, sitting) == {
        "away": {"severity": "high"},
        "nobody": {"is_on": False},
        "silence_seconds": 45.5,
    }
    with context.database.read() as session:
        assert session.scalars(select(Job.target_id)).all() == [sitting.attempt_id]
    again = fields(admin, address)
    assert (again["away.severity"], again["silence_seconds"]) == ("high", "45.5")
    assert "nobody.is_on" not in again


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_is_shown_and_saved_as_it_is(context, admin, sitting, address, preset):
    form = fields(admin, f"{address}?preset={preset}")
    assert stored(context, sitting) == {}
    admin.post(address, data=form, headers=BROWSER)
    with context.database.read() as session:
        saved = session.get_one(Exam, sitting.exam_id).incident_policy
    assert IncidentPolicy.from_dict(saved) == IncidentPolicy.from_dict(PRESETS[preset])


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("silence_seconds", "", "cannot be empty"),
        ("silence_seconds", "soon", "must be a number"),
        ("away_times", "1.5", "must be a whole number"),
        ("nobody.opening_frames", "1", "must be a whole number from 2"),
        ("nobody.raised_after_seconds", "nan", "must be a number from 1"),
        ("nobody.severity", "dire", "must be one of"),
    ],
)
def test_what_makes_no_policy_comes_back_as_typed(
    context, admin, sitting, address, name, value, said
):
    form = fields(admin, address) | {name: value, "away.severity": "high"}
    answer = admin.post(address, data=form, headers=BROWSER)
    assert answer.status_code == 422
    assert said in answer.text
    page = document(answer.text)
    assert page.by_id("away.severity").all("option")[0].attributes.get("selected") is not None
    assert stored(context, sitting) == {}


def test_reviewers_look_and_change_nothing(reviewer, address):
    page = document(reviewer.get(f"{address}?preset=gentle", headers=BROWSER).text)
    assert "Only admins change this." in page.whole_text()
    assert "Save" not in page.whole_text()
    fields = [one for tag in ("input", "select", "textarea") for one in page.all(tag)]
    assert [one for one in fields if one.attributes.get("type") != "hidden"] == []
    shipped = IncidentPolicy()
    told = [one.whole_text().strip() for one in page.all("dd")]
    assert f"{shipped.silence_seconds:g}" in told
    assert len([row for row in page.all("tr") if "yes" in row.whole_text()]) == len(IncidentKind)
    assert reviewer.post(address, data={}, headers=BROWSER).status_code == 403
