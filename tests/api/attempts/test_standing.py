"""How attempts stand: counts, newest verdict, tickets; lists with a constant number of queries."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from models.statuses import AttemptState, Verdict
from tests.support.builders import make_frame, make_verification


@contextmanager
def counted_statements(database) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection, _cursor, statement, *_rest):
        statements.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def add_verdicts(context, attempt, *verdicts):
    with context.database.write() as session:
        for seq, verdict in enumerate(verdicts, 1):
            frame = make_frame(session, attempt, seq)
            if verdict is not None:
                make_verification(session, verdict=verdict, attempt=attempt, frame=frame)


def test_counts_and_newest_verdict_by_number_not_by_arrival(context, system, attempt):
    with context.database.write() as session:
        frames = {seq: make_frame(session, attempt, seq) for seq in (1, 2, 3, 7)}
        for seq, verdict in ((3, Verdict.MISMATCH), (1, Verdict.MATCH), (2, Verdict.MATCH)):
            make_verification(session, verdict=verdict, attempt=attempt, frame=frames[seq])
    body = system.get(f"/api/v1/attempts/{attempt.id}").json()
    assert body["counts"] == {
        "frames": 4,
        "verified": 3,
        "by_verdict": {"match": 2, "mismatch": 1},
    }
    assert body["next_seq"] == 8
    assert body["last_verification"]["seq"] == 3
    assert body["last_verification"]["verdict"] == "mismatch"
    assert "distance" not in body["last_verification"]


def test_frame_verified_again_counts_once_with_its_newest_verdict(context, system, attempt):
    with context.database.write() as session:
        frame = make_frame(session, attempt, 1)
        make_verification(session, verdict=Verdict.NO_FACE, attempt=attempt, frame=frame)
        make_verification(session, attempt=attempt, frame=frame, engine_id="dlib/better")
    body = system.get(f"/api/v1/attempts/{attempt.id}").json()
    assert body["counts"] == {"frames": 1, "verified": 1, "by_verdict": {"match": 1}}
    assert body["last_verification"]["verdict"] == "match"


def test_ticket_only_for_those_who_send_frames(system, admin, new_attempt):
    attempt = new_attempt(system)
    path = f"/api/v1/attempts/{attempt.id}"
    assert system.get(path).json()["ticket"]
    assert admin.get(path).json()["ticket"] is None


def test_list_is_scoped(context, system, other_system, student, other_student, admin, new_attempt):
    of_system, of_student = new_attempt(system).id, new_attempt(student).id

    def ids(caller):
        return [item["id"] for item in caller.get("/api/v1/attempts").json()["items"]]

    assert ids(system) == [of_system]
    assert ids(student) == [of_student]
    assert ids(other_system) == ids(other_student) == []
    assert ids(admin) == [of_student, of_system]


def test_list_pages_and_filters(system, new_attempt):
    ids = [new_attempt(system).id for _ in range(3)]
    ready = new_attempt(system, AttemptState.READY)
    page = system.get("/api/v1/attempts?limit=2&state=started").json()
    assert [item["id"] for item in page["items"]] == [ids[2], ids[1]]
    rest = system.get(f"/api/v1/attempts?limit=2&state=started&cursor={page['next_cursor']}").json()
    assert [item["id"] for item in rest["items"]] == [ids[0]]
    assert rest["next_cursor"] is None
    of_subject = system.get(f"/api/v1/attempts?subject_id={ready.subject_id}").json()["items"]
    assert [item["id"] for item in of_subject] == [ready.id]
    assert system.get("/api/v1/attempts?state=unknown").status_code == 422
    assert system.get("/api/v1/attempts?cursor='x").status_code == 422


def test_list_needs_the_same_queries_for_one_and_for_many(context, system, new_attempt):
    def statements_of_list():
        with counted_statements(context.database) as statements:
            assert system.get("/api/v1/attempts").status_code == 200
        return len(statements)

    states = [AttemptState.CREATED, AttemptState.STARTED, AttemptState.READY] * 3
    add_verdicts(context, new_attempt(system), Verdict.MATCH)
    new_attempt(system, AttemptState.CREATED)
    for_two = statements_of_list()
    for state in states:
        add_verdicts(context, new_attempt(system, state), Verdict.MATCH, None, Verdict.MISMATCH)
    assert statements_of_list() == for_two
