"""Numbers nobody can mean, in every field that takes one: told on the page, never a failure."""

import pytest

from tests.api.pages.document import document
from tests.api.pages.forms import send
from tests.support.papers import set_up_exam

SENSELESS = ("1e308", "-1e308", "NaN", "inf", f"1{'0' * 20}", "9" * 5000, "many", "-1")

EXAM = {"title": "Algebra", "duration_minutes": "60", "frame_interval_seconds": "5"}
QUESTION = {"kind": "long_text", "text": "Why?", "points": "1"}
POLICY = {
    "silence_seconds": "30",
    "away_seconds": "10",
    "away_times": "3",
    "away_window_seconds": "300",
}

FIELDS = [
    *(("/admin/exams", EXAM, name) for name in ("duration_minutes", "frame_interval_seconds")),
    *(
        ("/admin/exams/{exam}/edit", EXAM, name)
        for name in ("duration_minutes", "frame_interval_seconds")
    ),
    ("/admin/exams/{exam}/questions/new", QUESTION, "points"),
    *(("/admin/exams/{exam}/incidents", POLICY, name) for name in POLICY),
    *(
        ("/admin/exams/{exam}/incidents", POLICY, f"nobody.{name}")
        for name in ("raised_after_seconds", "opening_frames", "closing_frames")
    ),
    *(
        ("/admin/students/{subject}/allowances", {}, name)
        for name in ("extra_time_percent", "extra_time_minutes", "frame_interval_factor")
    ),
]


@pytest.mark.parametrize(("path", "others", "name"), FIELDS)
def test_senseless_number_is_told_on_the_page(admin, student, path, others, name):
    address = path.format(exam=set_up_exam(admin)["id"], subject=student.subject_id)
    for number in SENSELESS:
        answer = send(admin, address, **(others | {name: number}))
        assert answer.status_code == 422, (number[:10], answer.text)
        assert f'value="{number}"' in answer.text, number[:10]


@pytest.mark.parametrize(
    ("name", "number", "message"),
    [
        ("extra_time_minutes", "1e308", "must be between 0 and 1440"),
        ("extra_time_minutes", "NaN", "must be a number"),
        ("extra_time_percent", "401", "must be a whole number from 0 to 400"),
        ("frame_interval_factor", "inf", "must be a number from 1 to 20"),
        ("extra_time_percent", "0", "The form must grant something"),
    ],
)
def test_mistake_in_an_allowance_stands_at_its_field(admin, student, name, number, message):
    address = f"/admin/students/{student.subject_id}/allowances"
    page = send(admin, address, **{name: number}).text
    assert message in page
    if not message.startswith("The form"):
        assert message in document(page).by_id(f"{name}-error").text


@pytest.mark.parametrize("number", SENSELESS)
def test_mistake_in_the_duration_stands_at_its_field(admin, number):
    answer = send(admin, "/admin/exams", **(EXAM | {"duration_minutes": number}))
    said = document(answer.text).by_id("duration_minutes-error").text
    assert "must be between 1 second and 7 days" in said or "must be a number" in said
