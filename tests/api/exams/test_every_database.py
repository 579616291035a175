"""Searching for exams and people, on each database the service runs on."""

import pytest
from sqlalchemy import update

from models.subject import Subject
from models.user import User


@pytest.fixture
def database_url(any_database_url: str) -> str:
    return any_database_url


SEARCHES = {
    "übung": ["Lineare ÜBUNG zu Ärzten"],
    "ÜBUNG ZU är": ["Lineare ÜBUNG zu Ärzten"],
    "привет": ["Привет 100%"],
    "100%": ["Привет 100%"],
    "100_": [],
    "%": ["Привет 100%"],
    "_": ["Snake_case"],
    "snake\\": [],
    "SNAKE": ["Snake_case"],
}
TITLES = ["Lineare ÜBUNG zu Ärzten", "Привет 100%", "Snake_case"]


def test_titles_are_found_in_any_case_and_as_they_stand(admin):
    for title in TITLES:
        body = {"title": title, "duration_seconds": 60}
        assert admin.post("/api/v1/exams", json=body).status_code == 201
    found = {
        search: [
            one["title"]
            for one in admin.get("/api/v1/exams", params={"search": search}).json()["items"]
        ]
        for search in SEARCHES
    }
    assert found == SEARCHES


def test_people_are_found_in_any_case_and_as_they_stand(admin, student, context):
    for name in TITLES:
        with context.database.write() as session:
            session.execute(
                update(User).where(User.id == student.user_id).values(display_name=name)
            )
            session.execute(update(Subject).values(display_name=name))
        for search, fitting in SEARCHES.items():
            answer = admin.get("/api/v1/users", params={"search": search}).json()["items"]
            assert bool(answer) == (name in fitting), (name, search)
