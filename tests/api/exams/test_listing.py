"""Lists of exams: by where their window lies, by title or code, and with what stands behind."""

import pytest

from api.exams import listing
from api.exams.listing import (
    Waiting,
    Wanted,
    attempt_counts,
    list_exams,
    titles_of,
    titles_to_choose,
    waiting_of,
)
from api.paging import Page
from api.principal import Person
from models.allowance import AlternativeRequest
from models.base import new_id
from models.statuses import AttemptState, FaceCheck, Role
from tests.support.builders import (
    give_consent,
    make_attempt,
    make_enrollment,
    make_exam,
)
from tests.support.incidents import make_incident

EXAMS = "/api/v1/exams"
PAST, FUTURE = "2026-11-22T10:00:00Z", "2026-11-24T10:00:00Z"


@pytest.fixture
def exams(admin):
    """One exam for each place of the window, by name."""
    wanted = {
        "always": {},
        "open": {"opens_at": PAST, "closes_at": FUTURE},
        "upcoming": {"opens_at": FUTURE},
        "over": {"closes_at": PAST},
        "practice": {"is_practice": True},
        "archived": {},
    }
    made = {}
    for name, fields in wanted.items():
        body = {"title": f"The {name} one 100%", "duration_seconds": 60, **fields}
        made[name] = admin.post(EXAMS, json=body).json()
    assert admin.delete(f"{EXAMS}/{made['archived']['id']}").status_code == 204
    return made


def names(admin, **query):
    answer = admin.get(EXAMS, params=query)
    assert answer.status_code == 200, answer.text
    return {one["title"].split()[1] for one in answer.json()["items"]}


@pytest.mark.parametrize(
    ("show", "wanted"),
    [
        (None, {"always", "open", "upcoming", "over", "practice"}),
        ("open", {"always", "open", "practice"}),
        ("upcoming", {"upcoming"}),
        ("over", {"over"}),
        ("practice", {"practice"}),
        ("archived", {"archived"}),
    ],
)
def test_list_shows_the_part_that_is_wanted(admin, exams, show, wanted):
    assert names(admin, **({"show": show} if show else {})) == wanted


@pytest.mark.parametrize("search", ["upcoming", " the  UPCOMING ", "coming one 100%"])
def test_part_of_a_title_is_found_in_any_case(admin, exams, search):
    assert names(admin, search=search) == {"upcoming"}


@pytest.mark.parametrize("search", ["100_", "\\", "'", "nothing"])
def test_signs_of_the_database_are_searched_as_they_stand(admin, exams, search):
    assert names(admin, search=search) == set()


def test_code_is_found_as_people_write_it(admin, exams):
    code = exams["over"]["join_code"]
    for spelling in (code, code.lower(), code.replace("-", ""), code[:7], f" {code} "):
        assert names(admin, search=spelling) == {"over"}, spelling


def test_senseless_query_is_refused(admin):
    assert admin.get(EXAMS, params={"show": "nothing"}).status_code == 422
    assert admin.get(EXAMS, params={"search": "a\x00b"}).status_code == 422
    assert admin.get(EXAMS, params={"search": "a" * 201}).status_code == 422


def test_filtered_list_is_read_in_parts(admin, exams):
    first = admin.get(EXAMS, params={"show": "open", "limit": 2}).json()
    rest = admin.get(
        EXAMS, params={"show": "open", "limit": 2, "cursor": first["next_cursor"]}
    ).json()
    shown = [one["id"] for one in first["items"] + rest["items"]]
    assert shown == [exams[name]["id"] for name in ("practice", "open", "always")]
    assert rest["next_cursor"] is None


def test_search_holds_on_every_database(any_database, context):
    """MariaDB compares case-sensitively here, as nothing else would."""
    person = Person("usr_1", Role.ADMIN, None, "Root", "sig_1", "token")
    with any_database.write() as session:
        exam_id = make_exam(session, title="Algebra 50%", join_code="ABCD-EFGH").id
        make_exam(session, title="Analysis", join_code="JKLM-NPQR")
    with any_database.read() as session:
        for search in ("algebra", "50%", "cdef", "abcd-e"):
            wanted = Wanted(search=search)
            found, _ = list_exams(session, person, Page(None, 10), wanted, context.clock())
            assert [exam.id for exam in found] == [exam_id], search


def test_attempts_are_counted_by_exam_and_state(context, student, other_student):
    with context.database.write() as session:
        exam, other = make_exam(session), make_exam(session)
        for caller in (student, other_student):
            make_attempt(session, caller.subject_id, AttemptState.SUBMITTED, exam_id=exam.id)
        make_attempt(session, student.subject_id, AttemptState.STARTED, exam_id=exam.id)
        make_attempt(session, student.subject_id, AttemptState.EXPIRED, exam_id=other.id)
        make_attempt(session, student.subject_id, AttemptState.STARTED)
        counts = attempt_counts(session, [exam.id, other.id])
    assert counts == {
        exam.id: {AttemptState.SUBMITTED: 2, AttemptState.STARTED: 1},
        other.id: {AttemptState.EXPIRED: 1},
    }


def test_what_waits_for_a_person_is_counted(context, student, other_student):
    with context.database.write() as session:
        exam = make_exam(session, needs_approved_enrollment=True)
        for caller in (student, other_student):
            give_consent(session, caller.subject_id)
        make_enrollment(session, student.subject_id)
        attempt = make_attempt(session, student.subject_id, AttemptState.CREATED, exam_id=exam.id)
        make_incident(session, attempt)
        make_incident(session, attempt, review_state="dismissed")
        make_attempt(
            session,
            other_student.subject_id,
            AttemptState.CREATED,
            exam_id=exam.id,
            allowances={"face_check": FaceCheck.PERSON, "allowance_ids": []},
        )
        for caller in (student, other_student):
            asked = AlternativeRequest(
                id=new_id("alt"),
                subject_id=caller.subject_id,
                text_version="1",
                asked_at=context.clock(),
                answered_at=None if caller is student else context.clock(),
            )
            session.add(asked)
        session.flush()
        assert waiting_of(session, exam.id) == Waiting(1, 1, 1, 1, 0)
        assert waiting_of(session, make_exam(session).id) == Waiting(0, 0, 0, 0, 0)


def test_titles_to_choose_are_the_newest_that_are_not_over(exams, context, monkeypatch):
    ids = {name: exam["id"] for name, exam in exams.items()}

    def chosen(**how):
        with context.database.read() as session:
            found = titles_to_choose(session, context.clock(), **how)
        return {name for name, exam_id in ids.items() if exam_id in found}

    assert chosen() == {"always", "open", "upcoming", "practice"}
    assert chosen(also=[ids["over"], ids["archived"]]) == chosen() | {"over"}
    monkeypatch.setattr(listing, "TITLES_OFFERED", 2)
    assert chosen(also=[ids["always"]]) == {"practice", "upcoming", "always"}


def test_archived_exam_keeps_its_title_where_it_is_named(exams, context):
    archived = exams["archived"]
    with context.database.read() as session:
        assert titles_of(session, [archived["id"]]) == {archived["id"]: archived["title"]}
