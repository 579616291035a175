"""The report as HTML: whole, self-contained, on record, and only for those it is for."""

import base64
import hashlib
import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from models.attempt import AttemptTransition
from models.frame import Frame
from models.incident import Incident
from models.statuses import AttemptState, Role
from models.subject import Subject
from models.user import User
from tests.api.pages.conftest import NASTY
from tests.api.reports.attempt_story import tell_story
from tests.api.reports.conftest import NAME, counted_queries
from tests.support.builders import make_attempt, make_subject

SHOWN_SEQS = {1, 8, 13, 14, 15, 18, 26, 27, 28, 33, 40}


@pytest.fixture
def page(admin, story) -> str:
    answer = admin.get(f"/admin/attempts/{story.attempt_id}/report")
    assert answer.status_code == 200, answer.text
    return answer.text


def test_report_tells_everything(page, story):
    for text in (
        NAME,
        "anna",
        "Algebra &amp; &lt;Geometry&gt;",
        story.attempt_id,
        "2026-11-23 06:00:00 UTC",
        "25 % more time",
        "A certificate was shown.",
        "1. Wrong person",
        "1 min; later frames showed the contrary",
        "high severity",
        "Another face, for half a minute.",
        "It is another person",
        "The camera was covered or turned away",
        "Rita Reviewer",
        "Who was there at ten past?",
        "Compare frames 13 and 14.",
        "My brother brought me a glass of water.",
        "Found no more",
        "Frames that never came: 10 to 12.",
        "Page: One face",
        "Server: Mismatch, distance 0.8",
        "Page and server disagree",
        "Which is a mammal?",
        "Chosen: Bat",
        "1 of 1 points",
        "not scored yet, 5 possible",
        "Left the page",
        "dlib/test",
        "policy/test",
        "Scored again",
        "Mismatch to Inconclusive",
        "least sharpness",
        "Report version",
        "by root",
    ):
        assert text in page, text


def test_report_refers_to_nothing_outside_itself(page):
    addresses = re.findall(r"""(?:src|href|action)=["']([^"']*)""", page)
    assert addresses
    assert all(address.startswith("data:image/jpeg;base64,") for address in addresses)
    assert "url(" not in page
    assert "<script" not in page
    assert " style=" not in page
    assert "@import" not in page


def test_pictures_are_in_it_as_they_were_sent(page, story):
    found = {
        base64.b64decode(text) for text in re.findall(r"data:image/jpeg;base64,([^\"]+)", page)
    }
    assert {story.genuine, story.stranger} <= found
    assert page.count('class="box subject"') >= 5
    assert 'class="box other"' in page
    assert 'class="box claimed"' in page


def test_policy_admits_its_own_style_sheet_and_pictures_alone(admin, story, page):
    answer = admin.get(f"/admin/attempts/{story.attempt_id}/report")
    policy = answer.headers["Content-Security-Policy"]
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'; ")
    assert "img-src data:" in policy
    assert "sandbox" in policy
    assert "unsafe" not in policy
    in_the_file = re.search(r'Content-Security-Policy" content="([^"]+)"', page)[1]
    assert f"sha256-{digest}" in in_the_file.replace("&#39;", "'")
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith(f'attachment; filename="{story.attempt_id}.html"')


def test_who_has_it_is_on_record_with_the_pictures_in_it(admin, story, page, newest_entry):
    entry = newest_entry()
    assert (entry.action, entry.object_id) == ("report.made", story.attempt_id)
    assert entry.actor == admin.user_id
    runs = entry.detail["frames"]
    assert {seq for first, last in runs for seq in range(first, last + 1)} == SHOWN_SEQS
    assert entry.detail["reference_images"] == story.reference_ids
    assert entry.detail["form"] == "html"


def test_nothing_is_handed_out_that_could_not_be_put_on_record(admin, story, monkeypatch):
    def fail(*_arguments: object, **_options: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("api.reports.service.audit.record", fail)
    for form in ("report", "report.pdf", "bundle.zip"):
        answer = admin.get(f"/admin/attempts/{story.attempt_id}/{form}")
        assert answer.status_code == 500
        assert NAME not in answer.text


def test_texts_of_people_stay_texts(context, admin, story):
    with context.database.write() as session:
        session.execute(update(Subject).values(display_name=NASTY))
    page = admin.get(f"/admin/attempts/{story.attempt_id}/report").text
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_erased_student_has_no_picture_and_the_report_says_so(context, admin, story):
    student_id = select(User.id).where(User.subject_id == story.subject_id).scalar_subquery()
    with context.database.write() as session:
        session.execute(update(AttemptTransition).values(actor=student_id))
    subject = admin.delete(f"/api/v1/subjects/{story.subject_id}")
    assert subject.status_code == 200, subject.text
    for form in ("report", "report.pdf"):
        assert admin.get(f"/admin/attempts/{story.attempt_id}/{form}").status_code == 200
    page = admin.get(f"/admin/attempts/{story.attempt_id}/report").text
    assert "The student was erased: no picture is left." in page
    assert "data:image" not in page
    assert NAME not in page
    assert "My brother" not in page
    assert "an erased person" in page


def test_missing_and_changed_files_are_told_in_their_place(context, admin, story, newest_entry):
    with context.database.read() as session:
        frames = session.scalars(select(Frame).where(Frame.seq.in_([13, 14]))).all()
    keys = {frame.seq: frame.storage_key for frame in frames}
    context.images.store.delete(keys[13])
    sealed = context.images.store.get(keys[14])
    context.images.store.delete(keys[14])
    context.images.store.put(keys[14], sealed[:-1] + bytes([sealed[-1] ^ 1]))
    page = admin.get(f"/admin/attempts/{story.attempt_id}/report").text
    assert page.count("The stored file is missing.") == 1
    assert page.count("The stored file is not what was sent.") == 1
    assert newest_entry().detail["troubles"] == [
        "frame 13: The stored file is missing.",
        "frame 14: The stored file is not what was sent.",
    ]


def test_attempt_without_anything_has_a_report(context, admin, student):
    with context.database.write() as session:
        attempt = make_attempt(session, student.subject_id, AttemptState.CREATED)
    for form in ("report", "report.pdf", "bundle.zip"):
        answer = admin.get(f"/admin/attempts/{attempt.id}/{form}")
        assert answer.status_code == 200, answer.text
    page = admin.get(f"/admin/attempts/{attempt.id}/report").text
    assert "No frame was received." in page
    assert "Nobody has decided about it yet." in page


@pytest.mark.parametrize("form", ["report", "report.pdf", "bundle.zip", "bundle.zip?frames=all"])
def test_students_and_strangers_get_nothing(student, other_student, anonymous, story, form):
    for caller in (student, other_student):
        assert caller.get(f"/admin/attempts/{story.attempt_id}/{form}").status_code == 403
        assert caller.get(f"/api/v1/attempts/{story.attempt_id}/{form}").status_code == 404
    assert anonymous.get(f"/api/v1/attempts/{story.attempt_id}/{form}").status_code == 401


def test_reviewer_may_have_it(context, admin, story):
    with context.database.write() as session:
        session.get_one(User, admin.user_id).role = Role.REVIEWER
    for form in ("report", "report.pdf", "bundle.zip"):
        assert admin.get(f"/admin/attempts/{story.attempt_id}/{form}").status_code == 200


def test_system_has_its_own_attempts_without_what_is_for_the_house(
    system, other_system, story_of_system, story
):
    path = f"/api/v1/attempts/{story_of_system.attempt_id}/report"
    page = system.get(path).text
    assert "Wrong person" in page
    assert "data:image/jpeg" in page
    assert "Who was there at ten past?" in page
    assert "Mismatch to Inconclusive" in page
    for hidden in ("Rita Reviewer", "Compare frames", "half a minute", "certificate", "Right: Bat"):
        assert hidden not in page, hidden
    assert other_system.get(path).status_code == 404
    assert system.get(f"/api/v1/attempts/{story.attempt_id}/report").status_code == 404


def test_few_and_many_frames_take_the_same_queries(context, admin, student):
    counts = {}
    for frames, incidents in ((3, 1), (60, 8)):
        with context.database.write() as session:
            subject = make_subject(session, context.key_ring)
            session.execute(update(Incident).values(policy_id="incidents/test"))
            begin = context.clock() - timedelta(hours=4)
            story = tell_story(
                session, context, subject.id, frames=frames, incidents=incidents, begin=begin
            )
        admin.get(f"/admin/attempts/{story.attempt_id}/report")
        with counted_queries(context.database.engine) as statements:
            answer = admin.get(f"/admin/attempts/{story.attempt_id}/report")
        assert answer.status_code == 200
        counts[frames] = len(statements)
    assert counts[3] == counts[60]
    assert counts[3] < 50


def test_no_transaction_is_open_while_pictures_are_opened(context, admin, story, monkeypatch):
    get = context.images.store.get
    opened = []

    def watched(storage_key: str) -> bytes:
        opened.append(context.database.engine.pool.checkedout())
        return get(storage_key)

    monkeypatch.setattr(context.images.store, "get", watched)
    for form in ("report", "report.pdf", "bundle.zip?frames=all"):
        assert admin.get(f"/admin/attempts/{story.attempt_id}/{form}").status_code == 200
    assert len(opened) > 30
    assert set(opened) == {0}


def test_large_pictures_are_left_out_with_a_word(admin, story, monkeypatch):
    monkeypatch.setattr("api.reports.pictures.PICTURES_MAX_BYTES", len(story.stranger) * 2)
    page = admin.get(f"/admin/attempts/{story.attempt_id}/report").text
    assert "the report would grow too large" in page
    assert "data:image/jpeg" in page


def test_pages_lead_to_the_files(admin, story):
    page = admin.get(f"/admin/attempts/{story.attempt_id}").text
    for form in ("report", "report.pdf", "bundle.zip", "bundle.zip?frames=all"):
        assert f'href="/admin/attempts/{story.attempt_id}/{form}"' in page
    exam = admin.get(f"/admin/exams/{story.exam_id}").text
    for form in ("csv", "json"):
        assert f'href="/admin/exams/{story.exam_id}/results.{form}"' in exam


def test_unknown_attempt(admin):
    for form in ("report", "report.pdf", "bundle.zip"):
        assert admin.get(f"/admin/attempts/att_{'0' * 26}/{form}").status_code == 404
