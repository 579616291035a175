"""Staff have an attempt scored again; the results stand beside the verdicts and decide nothing."""

import pytest
from sqlalchemy import select

from models.attempt import Attempt
from models.audit import AuditEntry
from models.frame import Frame
from models.job import RESCORE_PRIORITY, Job
from models.rescore import Rescore
from models.statuses import AttemptState, JobKind, Verdict
from models.verification import Verification
from tests.api.pages.conftest import BROWSER
from tests.support.builders import make_attempt, make_frame, make_subject, make_verification
from tests.support.rescores import make_rescore

RECORDED = (Verdict.MATCH, Verdict.MATCH, Verdict.MISMATCH, None)
AGAIN = (Verdict.MATCH, Verdict.INCONCLUSIVE, Verdict.MATCH, Verdict.MATCH)


@pytest.fixture
def attempt_id(context, student):
    """Four frames, of which the last waits for a worker."""
    with context.database.write() as session:
        now = context.clock()
        attempt = make_attempt(session, student.subject_id, AttemptState.SUBMITTED, now=now)
        for seq, verdict in enumerate(RECORDED, start=1):
            frame = make_frame(session, attempt, seq, now=now)
            if verdict:
                make_verification(session, attempt=attempt, frame=frame, verdict=verdict, now=now)
        return attempt.id


@pytest.fixture
def rescore_id(context, attempt_id, reviewer):
    with context.database.write() as session:
        frames = session.scalars(select(Frame).order_by(Frame.seq)).all()
        attempt = session.get_one(Attempt, attempt_id)
        found = dict(zip(frames, AGAIN, strict=True))
        return make_rescore(session, attempt, found, asked_by=reviewer.user_id).id


def ask(caller, attempt_id, **wanted):
    return caller.post(f"/api/v1/attempts/{attempt_id}/rescores", json=wanted)


def test_who_may_review_has_it_scored_again(context, reviewer, attempt_id):
    answer = ask(reviewer, attempt_id, match_threshold=0.4, engine="dlib")
    assert answer.status_code == 202, answer.text
    asked = answer.json()
    assert (asked["state"], asked["engine"], asked["frame_count"]) == ("waiting", "dlib", 4)
    assert (asked["match_threshold"], asked["asked_by"]) == (0.4, reviewer.user_id)
    assert asked["changes"] == []
    with context.database.read() as session:
        attempt = session.get_one(Attempt, attempt_id)
        rescore = session.scalars(select(Rescore)).one()
        assert rescore.policy == {**attempt.policy, "match_threshold": 0.4}
        job = session.scalars(select(Job)).one()
        assert (job.kind, job.target_id) == (JobKind.RESCORE_ATTEMPT, asked["id"])
        assert job.priority == RESCORE_PRIORITY
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.number.desc())).first()
        assert (entry.action, entry.object_id) == ("attempt.rescored", attempt_id)
        assert entry.detail["match_threshold"] == 0.4
    listed = reviewer.get(f"/api/v1/attempts/{attempt_id}/rescores").json()["items"]
    assert [one["id"] for one in listed] == [asked["id"]]


def test_what_is_left_out_is_as_in_the_attempt(context, admin, attempt_id):
    asked = ask(admin, attempt_id).json()
    with context.database.read() as session:
        policy = session.get_one(Attempt, attempt_id).policy
    assert asked["engine"] == context.settings.engine
    assert asked["match_threshold"] == policy["match_threshold"]
    assert asked["mismatch_threshold"] == policy["mismatch_threshold"]


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"match_threshold": 0.05}, "match_threshold"),
        ({"match_threshold": "nan"}, "match_threshold"),
        ({"match_threshold": 1e308}, "match_threshold"),
        ({"mismatch_threshold": 2}, "mismatch_threshold"),
        ({"match_threshold": 0.9}, "match_threshold"),
        ({"engine": "magic"}, "engine"),
        ({"verdict": "match"}, "verdict"),
    ],
)
def test_numbers_that_cannot_be_used_are_named(context, admin, attempt_id, wanted, field):
    refused = ask(admin, attempt_id, **wanted)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == field
    with context.database.read() as session:
        assert session.scalars(select(Rescore)).all() == []


def test_thresholds_in_the_wrong_order_are_refused(admin, attempt_id):
    refused = ask(admin, attempt_id, match_threshold=0.7, mismatch_threshold=0.6)
    assert refused.status_code == 422
    assert "match_threshold must not be above mismatch_threshold" in refused.text


def test_one_at_a_time(admin, attempt_id):
    assert ask(admin, attempt_id).status_code == 202
    again = ask(admin, attempt_id, engine="dlib")
    assert (again.status_code, again.json()["code"]) == (409, "rescore_running")


def test_nothing_to_score(context, admin, student):
    with context.database.write() as session:
        bare = make_attempt(session, student.subject_id).id
    refused = ask(admin, bare)
    assert (refused.status_code, refused.json()["code"]) == (409, "nothing_to_score")


def test_nothing_of_somebody_erased_is_scored(admin, student, attempt_id):
    assert admin.delete(f"/api/v1/subjects/{student.subject_id}").status_code == 200
    refused = ask(admin, attempt_id)
    assert (refused.status_code, refused.json()["code"]) == (409, "nothing_to_score")
    assert "erased" in refused.json()["detail"]


def test_both_verdicts_stand_side_by_side(reviewer, attempt_id, rescore_id):
    address = f"/api/v1/attempts/{attempt_id}/rescores/{rescore_id}"
    shown = reviewer.get(address).json()
    changes = {(one["recorded"], one["found"]): one["frame_count"] for one in shown["changes"]}
    assert changes == {
        ("match", "match"): 1,
        ("match", "inconclusive"): 1,
        ("mismatch", "match"): 1,
    }
    assert shown["differing_count"] == 2
    every = reviewer.get(f"{address}/frames").json()["items"]
    assert [(one["seq"], one["recorded_verdict"], one["verdict"]) for one in every] == [
        (1, "match", "match"),
        (2, "match", "inconclusive"),
        (3, "mismatch", "match"),
        (4, None, "match"),
    ]
    differing = reviewer.get(f"{address}/frames?only_differing=true&limit=2").json()
    assert [one["seq"] for one in differing["items"]] == [2, 3]
    assert differing["next_seq"] == 3
    rest = reviewer.get(f"{address}/frames?only_differing=true&after_seq=3").json()
    assert ([one["seq"] for one in rest["items"]], rest["next_seq"]) == ([4], None)
    columns = reviewer.get(f"{address}/course").json()
    assert columns["seq"] == [1, 2, 3, 4]
    assert columns["recorded_distance"] == [one["recorded_distance"] for one in every]
    assert columns["distance"] == [one["distance"] for one in every]


def test_no_other_answer_changes(reviewer, admin, context, attempt_id):
    addresses = [
        f"/api/v1/attempts/{attempt_id}",
        f"/api/v1/attempts/{attempt_id}/course",
        f"/api/v1/attempts/{attempt_id}/timeline",
        f"/api/v1/attempts/{attempt_id}/frames/3",
        f"/api/v1/verifications?attempt_id={attempt_id}",
    ]

    def read():
        return [admin.get(address).json() for address in addresses]

    before = read()
    with context.database.write() as session:
        frames = session.scalars(select(Frame).order_by(Frame.seq)).all()
        attempt = session.get_one(Attempt, attempt_id)
        make_rescore(session, attempt, dict(zip(frames, AGAIN, strict=True)))
        count = len(session.scalars(select(Verification)).all())
    assert count == 3
    assert read() == before


def test_students_and_strangers_see_nothing_of_it(
    student, other_student, other_system, attempt_id, rescore_id
):
    address = f"/api/v1/attempts/{attempt_id}/rescores"
    for caller, refused in ((student, 403), (other_student, 404), (other_system, 404)):
        for path in (address, f"{address}/{rescore_id}", f"{address}/{rescore_id}/frames"):
            assert caller.get(path).status_code == refused, path
    assert ask(student, attempt_id).status_code == 403
    assert ask(other_student, attempt_id).status_code == 404


def test_other_systems_see_their_own_and_not_who_asked(context, system, reviewer):
    with context.database.write() as session:
        subject = make_subject(session, context.key_ring, owner_client_id=system.client_id)
        attempt = make_attempt(session, subject.id)
        frame = make_frame(session, attempt, 1)
        rescore = make_rescore(session, attempt, {frame: Verdict.MATCH}, asked_by=reviewer.user_id)
        address = f"/api/v1/attempts/{attempt.id}/rescores"
    [listed] = system.get(address).json()["items"]
    shown = system.get(f"{address}/{rescore.id}").json()
    for one in (listed, shown):
        assert (one["asked_by"], one["asked_by_name"]) == (None, None)
    assert reviewer.get(f"{address}/{rescore.id}").json()["asked_by"] == reviewer.user_id
    assert ask(system, attempt.id).status_code == 403


def test_a_rescore_of_another_attempt_is_not_found(context, admin, student, rescore_id):
    with context.database.write() as session:
        other = make_attempt(session, student.subject_id).id
    assert admin.get(f"/api/v1/attempts/{other}/rescores/{rescore_id}").status_code == 404
    assert admin.get(f"/admin/attempts/{other}/rescores/{rescore_id}").status_code == 404


def test_page_shows_both_and_says_which_stands(admin, attempt_id, rescore_id):
    address = f"/admin/attempts/{attempt_id}/rescores/{rescore_id}"
    page = admin.get(address, headers=BROWSER).text
    assert "2 of 4 frames got another verdict. Those on record stand." in page
    assert f"/api/v1/attempts/{attempt_id}/frames/2/image" in page
    assert f"/api/v1/attempts/{attempt_id}/frames/1/image" not in page
    assert "/frames/1/image" in admin.get(f"{address}?show=all", headers=BROWSER).text
    assert address in admin.get(f"/admin/attempts/{attempt_id}", headers=BROWSER).text


def test_form_asks_and_brings_back_what_was_typed(admin, attempt_id):
    def send(**fields):
        return admin.post(
            f"/admin/attempts/{attempt_id}/rescores",
            data={"csrf_token": admin.csrf_token, **fields},
            headers=BROWSER,
        )

    refused = send(match_threshold="9", mismatch_threshold="0,6", engine="onnx")
    assert refused.status_code == 422
    assert 'value="9"' in refused.text
    taken = send(match_threshold="0,45", mismatch_threshold="0,6", engine="onnx")
    assert taken.status_code == 303
    page = admin.get(taken.headers["location"], headers=BROWSER)
    assert page.status_code == 200
    assert "Waits for a worker" in page.text
    assert "match up to 0.45" in page.text
    twice = send(engine="dlib")
    assert twice.status_code == 409
    assert "being scored again just now" in twice.text
