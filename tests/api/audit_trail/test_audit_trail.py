"""Who did what can be found, read by a person, paged and taken away as a file."""

import csv
import functools
import io
import json

import pytest
from sqlalchemy import event, update

from api.audit_trail.groups import GROUPS, AuditGroup
from api.audit_trail.schemas import AuditFilter
from api.audit_trail.service import list_entries
from api.principal import Person
from api.users.service import create_admin, start_sign_in
from api.wall.looks import LOOK_LASTS
from models.audit import AuditEntry, append_audit_entry
from models.audit_check import check_further
from models.statuses import AttemptState, Role
from models.subject import Subject
from models.user import User
from tests.api.attempts.test_standing import counted_statements
from tests.api.conftest import PASSWORD, Caller, signed_in_caller
from tests.api.pages.document import document
from tests.support.builders import make_attempt, make_exam, make_frame

AUDIT = "/api/v1/audit"


@pytest.fixture
def reviewer(app, context) -> Caller:
    with context.database.write() as session:
        user = create_admin(session, context, "reader", PASSWORD)
        user.role = Role.REVIEWER
        return signed_in_caller(app, start_sign_in(session, context, user.id))


@pytest.fixture
def attempt(context, student):
    with context.database.write() as session:
        exam = make_exam(session, title="=Algebra")
        made = make_attempt(session, student.subject_id, AttemptState.SUBMITTED, exam_id=exam.id)
        made.frame_id = make_frame(session, made, 7).id
    return made


def write(context, actor, action, object_id, **detail):
    with context.database.write() as session:
        return append_audit_entry(
            session,
            at=context.clock(),
            actor=actor,
            action=action,
            object_id=object_id,
            detail=detail,
        ).number


def items(caller, **query):
    answer = caller.get(AUDIT, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def test_entry_says_who_did_what_to_what_in_words(context, admin, attempt):
    write(context, admin.user_id, "frame.seen", attempt.frame_id, seq=7)
    [entry] = items(admin)
    assert entry["actor_name"] == "root"
    assert entry["sentence"] == "looked at a frame"
    assert entry["object_name"] == "frame of Anna in =Algebra"
    page = admin.get("/admin/audit").text
    assert "looked at a frame" in page
    assert "frame 7" in page


@pytest.mark.parametrize("about", ["id", "exam_id", "subject_id"])
def test_entries_about_a_thing_come_with_those_about_what_belongs_to_it(
    context, admin, attempt, other_student, about
):
    seen = write(context, admin.user_id, "frame.seen", attempt.frame_id, seq=7)
    reviewed = write(context, admin.user_id, "attempt.reviewed", attempt.id)
    write(context, admin.user_id, "student.seen", other_student.subject_id)
    assert [one["number"] for one in items(admin, about=getattr(attempt, about))] == [
        reviewed,
        seen,
    ]


def look_at(caller, *attempt_ids):
    answer = caller.post("/api/v1/wall/looks", json={"attempt_ids": list(attempt_ids)})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


@pytest.mark.parametrize("about", ["id", "exam_id", "subject_id"])
def test_looks_at_the_wall_are_found_by_whom_they_showed(
    context, admin, attempt, other_student, about
):
    with context.database.write() as session:
        second = make_attempt(session, attempt.subject_id, exam_id=attempt.exam_id)
        stranger = make_attempt(session, other_student.subject_id)
    expected = [look_at(admin, attempt.id, second.id, stranger.id), look_at(admin, attempt.id)]
    look_at(admin, stranger.id)
    assert [one["object_id"] for one in items(admin, about=getattr(attempt, about))] == expected[
        ::-1
    ]
    assert items(admin, about=getattr(attempt, about))[1]["object_name"] == "live wall"
    assert "3 attempts" in admin.get("/admin/audit").text


def test_who_could_see_a_frame_on_the_wall_is_found(context, admin, attempt, clock):
    """It was the newest picture of its attempt until the next one came."""
    look_at(admin, attempt.id)
    clock.advance(LOOK_LASTS.total_seconds())
    with context.database.write() as session:
        frame_id = make_frame(session, attempt, 8, now=clock()).id
    seen = look_at(admin, attempt.id)
    clock.advance(1)
    with context.database.write() as session:
        make_frame(session, attempt, 9, now=clock())
    look_at(admin, attempt.id)
    assert [one["object_id"] for one in items(admin, about=frame_id)] == [seen]


def test_filters_for_person_action_and_time(context, admin, attempt, clock):
    write(context, "system", "exam.changed", attempt.exam_id)
    clock.advance(60)
    since = clock().isoformat()
    seen = write(context, admin.user_id, "frame.seen", attempt.frame_id)
    assert [one["number"] for one in items(admin, actor=admin.user_id)] == [seen]
    assert [one["number"] for one in items(admin, action="frame.seen")] == [seen]
    assert [one["number"] for one in items(admin, since=since)] == [seen]
    assert len(items(admin, until=since)) == 1
    assert admin.get(AUDIT, params={"actor": "' or 1=1"}).status_code == 422


def test_group_finds_its_actions_with_every_other_filter(context, admin, reviewer, attempt, clock):
    seen = write(context, reviewer.user_id, "frame.seen", attempt.frame_id)
    write(context, admin.user_id, "attempt.seen", attempt.id)
    made = write(context, admin.user_id, "report.made", attempt.id)
    write(context, admin.user_id, "exam.changed", attempt.exam_id)
    clock.advance(60)
    since = clock().isoformat()
    watched = write(context, admin.user_id, "wall.looked", "lok_1")

    def numbers(caller=admin, **query):
        return [one["number"] for one in items(caller, group="faces", **query)]

    assert numbers() == [watched, made, seen]
    assert numbers(actor=admin.user_id) == [watched, made]
    assert numbers(about=attempt.id) == [made, seen]
    assert numbers(since=since) == [watched]
    assert numbers(until=since) == [made, seen]
    assert numbers(action="report.made") == [made]
    assert numbers(action="exam.changed") == []
    assert numbers(reviewer) == numbers(reviewer, actor=reviewer.user_id) == [seen]
    assert numbers(reviewer, actor=admin.user_id) == []
    assert admin.get(AUDIT, params={"group": "everything"}).status_code == 422


def test_group_is_kept_by_pages_and_export(context, admin, attempt, monkeypatch):
    monkeypatch.setattr("api.audit_trail.export.STRETCH", 2)
    monkeypatch.setattr("api.pages.audit.SHOWN", 2)
    wanted = []
    for action in ("frame.seen", "face.seen", "wall.looked", "bundle.made", "frame.seen"):
        write(context, admin.user_id, "exam.changed", attempt.exam_id)
        wanted.append(write(context, admin.user_id, action, attempt.id))
    address, numbers = "/admin/audit?group=faces", []
    while address:
        page = document(admin.get(address).text)
        rows = [row.all("td") for row in page.all("tbody")[0].all("tr")]
        numbers += [int(cells[-1].text) for cells in rows]
        links = [one.attributes for one in page.all("a")]
        (chosen,) = [
            one["href"] for one in links if "group=faces" in one["href"] and "aria-current" in one
        ]
        assert chosen == "/admin/audit?group=faces"
        address = next((one["href"] for one in links if one.get("rel") == "next"), None)
    assert numbers == wanted[::-1]
    (export,) = [one["href"] for one in links if "format=json" in one["href"]]
    assert [one["number"] for one in json.loads(admin.get(export).text)] == wanted[::-1]
    (entry,) = items(admin, action="audit.exported")
    assert entry["detail"] == {"format": "json", "group": "faces"}


def test_action_from_the_form_stands_for_itself(context, admin, attempt):
    write(context, admin.user_id, "exam.changed", attempt.exam_id)
    page = admin.get("/admin/audit", params={"group": "faces", "action": "exam.changed"}).text
    assert "changed an exam</td>" in page
    assert 'name="group"' not in page
    assert 'aria-current="true">Any action' not in page
    assert 'aria-current="true">Any action' in admin.get("/admin/audit").text
    answer = admin.get("/admin/audit", params={"group": "nothing"})
    assert answer.status_code == 422


def test_group_reads_few_entries_of_a_long_record(context, admin, reviewer):
    if context.database.dialect != "sqlite":
        pytest.skip("the plan is read as SQLite tells it")
    for caller, filters in ((admin, {}), (admin, {"actor": admin.user_id}), (reviewer, {})):
        with counted_statements(context.database) as statements:
            items(caller, group="decisions", **filters)
        (statement,) = [one for one in statements if "FROM audit_entry" in one]
        placeholders = ("x",) * statement.count("?")
        with context.database.engine.connect() as connection:
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", placeholders)
            plan = [row[3] for row in rows]
        by_action = [line for line in plan if "ix_audit_entry_action_number (action=?" in line]
        assert len(by_action) == len(GROUPS[AuditGroup.DECISIONS])
        assert [line for line in plan if "SCAN audit_entry" in line or "(actor=?" in line] == []


@pytest.mark.parametrize("role", [Role.ADMIN, Role.REVIEWER])
def test_group_is_read_by_every_database(any_database, clock, role):
    person = Person("usr_1", role, None, "Root", "sig_1", "token")
    with any_database.write() as session:
        for action in ("frame.seen", "exam.changed", "face.seen", "frame.seen", "report.made"):
            append_audit_entry(session, at=clock(), actor="usr_1", action=action, object_id="sub_1")
    wanted = AuditFilter(group=AuditGroup.FACES, actor="usr_1")
    with any_database.read() as session:
        first, cursor = list_entries(session, person, wanted, before=None, limit=3)
        rest, end = list_entries(session, person, wanted, before=cursor, limit=3)
    assert [one.number for one in first] == [5, 4, 3]
    assert ([one.number for one in rest], end) == ([1], None)


def test_pages_follow_each_other_without_a_gap(context, admin, attempt):
    for _ in range(5):
        write(context, "system", "exam.changed", attempt.exam_id)
    numbers, cursor = [], None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = admin.get(AUDIT, params=query).json()
        numbers += [one["number"] for one in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert numbers == [5, 4, 3, 2, 1]


def test_a_deleted_person_is_named_nowhere(context, admin, student, attempt):
    write(context, student.user_id, "face.seen", attempt.subject_id)
    write(context, admin.user_id, "frame.seen", attempt.frame_id)
    assert admin.delete(f"/api/v1/subjects/{student.subject_id}").status_code == 200
    for address in ("/admin/audit", AUDIT, f"{AUDIT}/export?format=csv"):
        text = admin.get(address).text
        assert "Anna" not in text
        assert "anna" not in text
        assert "an erased" in text


def test_name_stays_with_what_was_done_under_it(context, admin, reviewer):
    write(context, reviewer.user_id, "exam.seen", "exm_1")
    invited = {"login": "otto", "display_name": "Otto", "role": "reviewer"}
    user_id = admin.post("/api/v1/users", json=invited).json()["user"]["id"]
    for one in (reviewer.user_id, user_id):
        assert admin.delete(f"/api/v1/users/{one}").status_code == 200
    names = {one["object_id"]: one["object_name"] for one in items(admin, action="user.deleted")}
    assert names == {reviewer.user_id: "reader", user_id: "an erased person"}
    assert items(admin, actor=reviewer.user_id)[0]["actor_name"] == "reader"


def test_reviewers_see_what_they_did_themselves_and_change_nothing(context, admin, reviewer):
    write(context, admin.user_id, "exam.created", "exm_1")
    own = write(context, reviewer.user_id, "exam.seen", "exm_1")
    assert [one["number"] for one in items(reviewer)] == [own]
    assert items(reviewer, actor=admin.user_id) == []
    assert reviewer.get(f"{AUDIT}/export").status_code == 403
    assert reviewer.post("/admin/audit/check").status_code == 403
    assert reviewer.get("/admin/audit").status_code == 200


def test_students_and_systems_see_nothing(student, system, anonymous):
    assert student.get(AUDIT).status_code == 403
    assert system.get(AUDIT).status_code == 403
    assert anonymous.get(AUDIT).status_code == 401


def test_export_is_recorded_and_holds_every_entry_and_itself(context, admin, attempt, monkeypatch):
    monkeypatch.setattr("api.audit_trail.export.STRETCH", 2)
    for _ in range(5):
        write(context, "system", "exam.changed", attempt.exam_id)
    exported = admin.get(f"{AUDIT}/export", params={"format": "json"})
    assert exported.headers["content-disposition"] == 'attachment; filename="audit.json"'
    found = json.loads(exported.text)
    assert [one["number"] for one in found] == [6, 5, 4, 3, 2, 1]
    assert (found[0]["action"], found[0]["actor"]) == ("audit.exported", admin.user_id)
    only = admin.get(f"{AUDIT}/export", params={"format": "json", "action": "webhook.created"})
    assert json.loads(only.text) == []


def test_no_cell_of_a_spreadsheet_is_a_formula(context, admin, student, attempt):
    with context.database.write() as session:
        session.execute(update(User).values(display_name="=HYPERLINK(1)"))
        session.execute(update(Subject).values(display_name="@SUM(1)"))
    write(context, student.user_id, "student.seen", student.subject_id)
    rows = list(csv.reader(io.StringIO(admin.get(f"{AUDIT}/export").text)))
    cells = [cell for row in rows for cell in row]
    assert "'=HYPERLINK(1)" in cells
    assert "'@SUM(1)" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_number_of_queries_does_not_grow_with_the_entries(context, admin, attempt):
    def queries() -> int:
        seen: list[str] = []
        listen = lambda *given: seen.append(given[2])  # noqa: E731
        event.listen(context.database.engine, "before_cursor_execute", listen)
        assert admin.get("/admin/audit").status_code == 200
        event.remove(context.database.engine, "before_cursor_execute", listen)
        return len(seen)

    write(context, admin.user_id, "frame.seen", attempt.frame_id)
    few = queries()
    with context.database.write() as session:
        for seq in range(8, 38):
            frame_id = make_frame(session, attempt, seq).id
            append_audit_entry(
                session,
                at=context.clock(),
                actor=admin.user_id,
                action="frame.seen",
                object_id=frame_id,
            )
    assert queries() == few


def test_check_goes_on_where_it_ended_and_finds_a_later_edit(context, admin, monkeypatch):
    for number in range(3):
        write(context, "system", "exam.changed", f"exm_{number}")
    assert "Nobody has checked yet" in admin.get("/admin/audit").text
    assert admin.post("/admin/audit/check").status_code == 303
    assert "Unbroken up to entry 3" in admin.get("/admin/audit").text
    with context.database.write() as session:
        session.execute(update(AuditEntry).where(AuditEntry.number == 2).values(actor="usr_x"))
    admin.post("/admin/audit/check")
    # Entry 2 was looked at before; only a check from the start sees it.
    assert "Unbroken up to entry 4" in admin.get("/admin/audit").text
    admin.post("/admin/audit/check", data={"from_start": "true"})
    page = admin.get("/admin/audit").text
    assert "The record is broken at entry 2" in page
    assert "change nothing and delete nothing" in page


def test_break_stays_on_the_page_while_the_record_is_checked_again(context, admin, monkeypatch):
    for number in range(5):
        write(context, "system", "exam.changed", f"exm_{number}")
    with context.database.write() as session:
        session.execute(update(AuditEntry).where(AuditEntry.number == 4).values(actor="usr_x"))
    admin.post("/admin/audit/check")
    further = functools.partial(check_further, stretch=2)
    monkeypatch.setattr("api.pages.audit.check_further", further)
    admin.post("/admin/audit/check", data={"from_start": "true"})
    page = admin.get("/admin/audit").text
    assert "The record is broken at entry 4" in page
    assert "the entries up to 2 of 7 fit so far" in page
    assert "Go on with the check" in page
    with context.database.write() as session:
        session.execute(update(AuditEntry).where(AuditEntry.number == 4).values(actor="system"))
    admin.post("/admin/audit/check")
    assert "Unbroken up to entry 4" in admin.get("/admin/audit").text


def test_wrong_moment_comes_back_beside_its_field(admin):
    answer = admin.get("/admin/audit", params={"since": "yesterday", "action": "frame.seen"})
    assert answer.status_code == 422
    assert 'value="yesterday"' in answer.text
    assert "must be a date with a time" in answer.text
    assert '<option value="frame.seen" selected>' in answer.text
