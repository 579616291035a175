"""The evidence bundle: what is in it, in which order, for whom, and that it is on record."""

import hashlib
import io
import itertools
import json
import zipfile

import pytest
from sqlalchemy import select

import api.reports.bundle_documents as documents
import api.reports.bundle_service as bundle_service
from api.reports.bundle_check import ORIGIN_CONFIRMED, ORIGIN_UNCHECKED, check_bundle
from api.reports.sealed_spool import SealedSpool
from models.attempt import Attempt
from models.frame import Frame
from models.incident import Incident
from tests.api.reports.conftest import NAME, Taken
from tests.support.builders import make_event, make_frame, make_verification
from tests.support.incidents import make_incident

SECRET = b"a secret of the tests"

INCIDENT_SEQS = [13, 14, 15, 26, 27, 28]


def checked(content: bytes, tmp_path, secret=SECRET):
    path = tmp_path / "bundle.zip"
    path.write_bytes(content)
    return check_bundle(path, secret)


def test_bundle_holds_documents_then_pictures_then_the_manifest(bundle):
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        assert archive.namelist() == [
            "attempt.json",
            "timeline.json",
            "incidents.json",
            "reviews.json",
            "audit.json",
            "report.html",
            "enrollment/01.jpg",
            "enrollment/02.jpg",
            *(f"frames/{seq:07d}.jpg" for seq in INCIDENT_SEQS),
            "manifest.json",
        ]
        assert archive.testzip() is None


def test_manifest_names_who_when_and_every_file(admin, taken, story):
    manifest = taken.document("manifest.json")
    assert manifest["format"] == "face-monitor-evidence"
    assert manifest["format_version"] == 1
    assert manifest["attempt_id"] == story.attempt_id
    assert manifest["made_by"] == {"id": admin.user_id, "name": "root"}
    assert manifest["made_at"] == "2026-11-23T10:00:00.123456Z"
    assert manifest["tool"]["version"]
    listed = {one["path"]: one for one in manifest["files"]}
    assert listed.keys() | {"manifest.json"} == taken.files.keys()
    for path, one in listed.items():
        assert one["sha256"] == hashlib.sha256(taken.files[path]).hexdigest()
        assert one["byte_count"] == len(taken.files[path])


def test_documents_hold_what_is_on_record(taken, story):
    attempt = taken.document("attempt.json")
    assert attempt["subject"]["display_name"] == NAME
    assert "ticket" not in attempt["attempt"]
    assert len(attempt["answers"]) == 2
    assert attempt["match_policies"]["policy/test"]["least_sharpness"] == 12.5
    items = taken.document("timeline.json")["items"]
    assert sum(item["type"] == "frame" for item in items) == 37
    assert {item["type"] for item in items} == {"frame", "gap", "event", "transition"}
    frame = next(item for item in items if item["type"] == "frame" and item["seq"] == 13)
    assert frame["verification"]["verdict"] == "mismatch"
    assert frame["claim"]["status"] == "one_face"
    incidents = taken.document("incidents.json")["items"]
    assert [one["withdrawn_at"] is None for one in incidents] == [True, True, False]
    assert incidents[0]["reviews"][0]["reviewer_name"] == "Rita Reviewer"
    reviews = taken.document("reviews.json")
    assert reviews["reviews"][0]["note"] == "Compare frames 13 and 14."
    assert reviews["replies"][0]["text"].startswith("My brother")
    assert taken.files["frames/0000013.jpg"] == story.stranger
    assert taken.files["enrollment/01.jpg"] == story.genuine


def test_audit_entries_of_the_attempt_and_its_frames_are_in_it(admin, story, tmp_path):
    assert admin.get(f"/api/v1/attempts/{story.attempt_id}/frames/13/image").status_code == 200
    admin.get(f"/admin/attempts/{story.attempt_id}/report")
    look = {"attempt_ids": [story.attempt_id]}
    assert admin.post("/api/v1/wall/looks", json=look).status_code == 201
    content = admin.get(f"/admin/attempts/{story.attempt_id}/bundle.zip").content
    actions = [entry["action"] for entry in Taken(content).document("audit.json")["entries"]]
    assert actions == ["frame.seen", "report.made", "wall.looked"]
    assert checked(content, tmp_path).problems == []


def test_all_frames_on_request(admin, story, tmp_path, monkeypatch):
    monkeypatch.setattr(documents, "CHUNK", 7)
    content = admin.get(f"/admin/attempts/{story.attempt_id}/bundle.zip?frames=all").content
    taken = Taken(content)
    seqs = [int(name[7:14]) for name in taken.files if name.startswith("frames/")]
    assert seqs == [seq for seq in range(1, 41) if not 10 <= seq <= 12]
    assert checked(content, tmp_path).problems == []
    refused = admin.get(f"/api/v1/attempts/{story.attempt_id}/bundle.zip?frames=some")
    assert refused.status_code == 422


def test_bundle_is_fine_and_its_origin_is_told(bundle, tmp_path):
    found = checked(bundle, tmp_path)
    assert (found.problems, found.notes, found.origin) == ([], [], ORIGIN_CONFIRMED)
    assert found.files_checked == 14
    assert checked(bundle, tmp_path, None).origin == ORIGIN_UNCHECKED


def test_who_has_it_is_on_record_with_pictures_and_digest(admin, bundle, story, newest_entry):
    entry = newest_entry()
    assert (entry.action, entry.object_id) == ("bundle.made", story.attempt_id)
    assert entry.detail["sha256"] == hashlib.sha256(bundle).hexdigest()
    assert entry.detail["reference_images"] == sorted(story.reference_ids)
    seqs = {seq for a, b in entry.detail["frames"] for seq in range(a, b + 1)}
    assert set(INCIDENT_SEQS) <= seqs


def test_missing_and_changed_pictures_are_named_as_left_out(context, admin, story, tmp_path):
    with context.database.read() as session:
        frames = session.scalars(select(Frame).where(Frame.seq.in_([13, 14]))).all()
    keys = {frame.seq: frame.storage_key for frame in frames}
    context.images.store.delete(keys[13])
    context.images.store.delete(keys[14])
    context.images.store.put(keys[14], b"FM1 something else that does not open at all")
    content = admin.get(f"/admin/attempts/{story.attempt_id}/bundle.zip").content
    found = checked(content, tmp_path)
    assert found.problems == []
    assert found.notes == [
        "frames/0000013.jpg is not in it. The stored file is missing.",
        "frames/0000014.jpg is not in it. The stored file is not what was sent.",
    ]


def test_erased_student_leaves_no_picture(admin, story, tmp_path):
    admin.delete(f"/api/v1/subjects/{story.subject_id}")
    content = admin.get(f"/admin/attempts/{story.attempt_id}/bundle.zip?frames=all").content
    taken = Taken(content)
    assert not [name for name in taken.files if name.endswith(".jpg")]
    assert NAME.encode() not in b"".join(taken.files.values())
    found = checked(content, tmp_path)
    assert found.problems == []
    assert "The student was erased" in " ".join(found.notes)


def test_system_gets_its_own_without_what_is_for_the_house(
    system, other_system, story_of_system, tmp_path
):
    path = f"/api/v1/attempts/{story_of_system.attempt_id}/bundle.zip"
    assert other_system.get(path).status_code == 404
    content = system.get(path).content
    taken = Taken(content)
    assert "audit.json" not in taken.files
    for hidden in (b"Rita Reviewer", b"Compare frames", b"half a minute", b"certificate"):
        assert hidden not in b"".join(taken.files.values()), hidden
    review = taken.document("reviews.json")["reviews"][0]
    assert "reviewer_id" not in review
    found = checked(content, tmp_path)
    assert found.problems == []
    assert found.notes == ["audit.json is not in it. It is for people of the house."]


def test_full_disk_is_told(admin, story, monkeypatch):
    def full(self: SealedSpool, content: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(SealedSpool, "write", full)
    answer = admin.get(f"/api/v1/attempts/{story.attempt_id}/bundle.zip")
    assert (answer.status_code, answer.json()["code"]) == (507, "storage_full")


def test_nothing_readable_lies_on_the_disk():
    spool = SealedSpool()
    spool.write(b"a face " * 10_000)
    spool.write(b"and its end")
    spool._file.flush()
    spool._file.seek(0)
    assert b"face" not in spool._file.read()
    assert b"".join(spool.chunks()) == b"a face " * 10_000 + b"and its end"
    with pytest.raises(ValueError, match="closed"):
        spool._file.read()


@pytest.fixture
def goes_on(context, story):
    """Something of each kind comes in, each time it is called."""
    seqs = itertools.count(900)

    def come_in():
        now, seq = context.clock(), next(seqs)
        with context.database.write() as session:
            attempt = session.get_one(Attempt, story.attempt_id)
            frame = make_frame(
                session, attempt, seq, images=context.images, content=b"jpeg %d" % seq, now=now
            )
            make_verification(session, attempt=attempt, frame=frame, now=now)
            make_event(session, attempt, "tab", "tab_switch", now=now)
            make_incident(session, attempt, now=now, first_seq=seq, worst_seq=seq, last_seq=seq)
            incident = session.get_one(Incident, story.incident_ids[0])
            incident.last_seq = seq

    return come_in


def test_what_comes_in_meanwhile_is_in_no_part_of_it(admin, story, tmp_path, monkeypatch, goes_on):
    """An attempt that runs goes on while its bundle is made, before each step of it."""

    def after_something(step):
        def later(*arguments, **named):
            goes_on()
            return step(*arguments, **named)

        return later

    steps = ("attempt_document", "timeline_parts", "audit_parts", "report_of", "_add_pictures")
    for name in steps:
        monkeypatch.setattr(bundle_service, name, after_something(getattr(bundle_service, name)))
    content = admin.get(f"/admin/attempts/{story.attempt_id}/bundle.zip?frames=all").content
    assert checked(content, tmp_path).problems == []
    taken = Taken(content)
    items = taken.document("timeline.json")["items"]
    listed = [item["seq"] for item in items if item["type"] == "frame"]
    assert listed == [seq for seq in range(1, 41) if not 10 <= seq <= 12]
    pictures = [int(name[7:14]) for name in taken.files if name.startswith("frames/")]
    assert pictures == listed
    assert sum(item["type"] == "event" for item in items) == 4
    incidents = taken.document("incidents.json")["items"]
    assert len(incidents) == 3
    assert max(one["last_seq"] for one in incidents) <= 40
    assert b">37<" in taken.files["report.html"]


def test_timeline_is_the_one_of_the_api(admin, taken, story):
    shown = admin.get(f"/api/v1/attempts/{story.attempt_id}/timeline?limit=200").json()["items"]
    assert json.loads(json.dumps(taken.document("timeline.json")["items"])) == shown
