"""Offering reference images: stored sealed, decided by the worker, answered at once or later."""

import threading

import pytest
from sqlalchemy import select

from models.enrollment import FaceEnrollment, ReferenceImage
from models.job import Job
from models.sealed_images import subject_key
from models.statuses import EnrollmentState, JobKind
from tests.support.pictures import small_jpeg


def offer(caller, path, *images, **more):
    files = [("images", (f"{number}.jpg", image)) for number, image in enumerate(images)]
    return caller.post(path, files=files, **more)


def decide(context, state, **columns):
    """Do what the worker does."""
    with context.database.write() as session:
        enrollment = session.scalars(select(FaceEnrollment)).one()
        enrollment.state = state
        enrollment.decided_at = context.clock()
        enrollment.engine_id = "dlib/test"
        for image in enrollment.images:
            image.state = state
            for name, value in columns.items():
                setattr(image, name, value)


def test_images_wait_for_the_worker(context, willing, path, jpeg, png):
    answer = offer(willing, path, jpeg, png)
    assert answer.status_code == 202, answer.text
    body = answer.json()
    assert answer.headers["Location"] == f"{path}/1"
    assert (body["version"], body["state"], body["decided_at"]) == (1, "pending", None)
    assert [image["position"] for image in body["images"]] == [1, 2]
    assert {image["state"] for image in body["images"]} == {"pending"}
    assert willing.get(f"{path}/1").json() == body
    assert willing.get(path).json() == {"items": [body]}
    with context.database.read() as session:
        job = session.scalars(select(Job)).one()
    assert (job.kind, job.target_id) == (JobKind.ENROLL_FACE, body["id"])


def test_stored_images_are_sealed_and_open_for_their_owner_alone(
    context, willing, student, path, jpeg
):
    offer(willing, path, jpeg)
    with context.database.read() as session:
        image = session.scalars(select(ReferenceImage)).one()
        key = subject_key(session, context.key_ring, student.subject_id)
    assert jpeg[:200] not in context.images.store.get(image.storage_key)
    assert jpeg == context.images.get(
        image.storage_key, key=key, owner_id=student.subject_id, sha256=image.sha256
    )


def test_each_offer_is_a_version_of_its_own(willing, path, jpeg):
    assert [offer(willing, path, jpeg).json()["version"] for _ in range(3)] == [1, 2, 3]
    assert [one["version"] for one in willing.get(path).json()["items"]] == [3, 2, 1]


def test_offers_at_once_get_different_versions(app, willing, path, jpeg):
    versions = []
    threads = [
        threading.Thread(target=lambda: versions.append(offer(willing, path, jpeg).json()))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one["version"] for one in versions) == [1, 2, 3, 4]


def test_consent_comes_first(context, student, path, jpeg):
    answer = offer(student, path, jpeg)
    assert (answer.status_code, answer.json()["code"]) == (409, "consent_required")
    assert list(context.images.store.keys_older_than(0)) == []


def test_waiting_caller_gets_the_decision(context, willing, path, jpeg):
    box = {"x": 1, "y": 2, "width": 30, "height": 40}

    def work():
        decided = threading.Event()
        while not decided.wait(0.02):
            with context.database.read() as session:
                if session.scalars(select(FaceEnrollment)).one_or_none() is None:
                    continue
            decide(
                context, EnrollmentState.ACCEPTED, width=64, height=48, box=box, quality={"a": 1}
            )
            decided.set()

    worker = threading.Thread(target=work)
    worker.start()
    answer = offer(willing, path, jpeg, headers={"Prefer": "wait=20"})
    worker.join()
    assert answer.status_code == 201
    (image,) = answer.json()["images"]
    assert (image["state"], image["width"], image["box"]) == ("accepted", 64, box)
    assert answer.headers["Location"] == f"{path}/1"
    subject = willing.get(path.removesuffix("/enrollments")).json()
    assert subject["enrollment"] == answer.json()


def test_caller_who_waited_in_vain_gets_202(willing, path, jpeg):
    answer = offer(willing, path, jpeg, headers={"Prefer": "respond-async, wait=0"})
    assert (answer.status_code, answer.json()["state"]) == (202, "pending")
    assert offer(willing, path, jpeg, headers={"Prefer": "wait=1"}).status_code == 202


def test_refused_images_say_why(context, willing, path, jpeg):
    offer(willing, path, jpeg)
    reasons = [{"code": "no_face", "message": "No face was found."}]
    decide(context, EnrollmentState.REFUSED, reasons=reasons)
    body = willing.get(f"{path}/1").json()
    assert (body["state"], body["images"][0]["reasons"]) == ("refused", reasons)
    assert willing.get(path.removesuffix("/enrollments")).json()["enrollment"] is None


def test_system_enrols_its_own_subject_only(system, other_system, jpeg):
    subject = system.post("/api/v1/subjects", json={"external_ref": "1"}).json()
    path = f"/api/v1/subjects/{subject['id']}"
    system.post(f"{path}/consents", json={"text_version": "1"})
    assert offer(other_system, f"{path}/enrollments", jpeg).status_code == 404
    assert offer(system, f"{path}/enrollments", jpeg).status_code == 202


def test_student_enrols_nobody_else(willing, other_student, jpeg):
    path = f"/api/v1/subjects/{other_student.subject_id}/enrollments"
    assert offer(willing, path, jpeg).status_code == 404


def test_same_idempotency_key_enrols_once(context, system, jpeg):
    subject = system.post("/api/v1/subjects", json={"external_ref": "1"}).json()
    path = f"/api/v1/subjects/{subject['id']}/enrollments"
    system.post(f"/api/v1/subjects/{subject['id']}/consents", json={"text_version": "1"})
    key = {"Idempotency-Key": "k1"}
    first, again = (offer(system, path, jpeg, headers=key) for _ in range(2))
    assert again.json() == first.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len(list(context.images.store.keys_older_than(0))) == 1
    other = offer(system, path, small_jpeg(7), headers=key)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")


@pytest.mark.parametrize("version", ["2", "0", "-1", "x", "9" * 30])
def test_version_that_does_not_exist(willing, path, jpeg, version):
    offer(willing, path, jpeg)
    assert willing.get(f"{path}/{version}").status_code in {404, 422}
