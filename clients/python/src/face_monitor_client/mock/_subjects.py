"""Subjects, consent and enrolment in the fake service."""

import json

import httpx

from face_monitor_client.mock._images import check_image, form_parts
from face_monitor_client.mock._state import JsonObject, Problem, State, page

REFUSING_VERDICTS = frozenset({"no_face", "multiple_faces", "low_quality", "error"})
"""What `decide` says of an image that cannot be a reference."""


def create_subject(state: State, request: httpx.Request) -> httpx.Response:
    """`POST /subjects`."""
    body = _json(request)
    external_ref = body.get("external_ref")
    if not external_ref:
        raise Problem(422, "invalid_request", "external_ref is missing.")
    if any(subject["external_ref"] == external_ref for subject in state.subjects.values()):
        raise Problem(409, "subject_exists", "There is a subject with this external_ref.")
    subject: JsonObject = {
        "id": state.new_id("sub"),
        "external_ref": external_ref,
        "display_name": body.get("display_name"),
        "enrollment": None,
        "consent": None,
        "created_at": state.timestamp(),
    }
    state.subjects[subject["id"]] = subject
    return httpx.Response(201, json=subject)


def get_subject(state: State, _request: httpx.Request, subject_id: str) -> httpx.Response:
    """`GET /subjects/{id}`."""
    return httpx.Response(200, json=state.subject(subject_id))


def list_subjects(state: State, request: httpx.Request) -> httpx.Response:
    """`GET /subjects`, newest first."""
    return httpx.Response(200, json=page([*reversed(state.subjects.values())], request))


def delete_subject(state: State, _request: httpx.Request, subject_id: str) -> httpx.Response:
    """`DELETE /subjects/{id}`."""
    state.subject(subject_id)
    del state.subjects[subject_id]
    images = [image for kept in state.enrollments.pop(subject_id, []) for image in kept["images"]]
    own = [key for key, kept in state.attempts.items() if kept.body["subject_id"] == subject_id]
    frame_count = sum(len(state.attempts.pop(key).frames) for key in own)
    receipt = {
        "subject_id": subject_id,
        "erased_at": state.timestamp(),
        "receipt_id": state.new_id("era"),
        "deleted": {
            "reference_images": len(images),
            "templates": sum(image["state"] == "accepted" for image in images),
            "frames": frame_count,
        },
    }
    return httpx.Response(200, json=receipt)


def give_consent(state: State, request: httpx.Request, subject_id: str) -> httpx.Response:
    """`POST /subjects/{id}/consents`."""
    consent = {"text_version": _json(request)["text_version"], "given_at": state.timestamp()}
    state.subject(subject_id)["consent"] = consent
    return httpx.Response(201, json=consent)


def enrol(state: State, request: httpx.Request, subject_id: str) -> httpx.Response:
    """`POST /subjects/{id}/enrollments`."""
    subject = state.subject(subject_id)
    if subject["consent"] is None:
        raise Problem(409, "consent_required", "The subject has not consented.")
    images = [content for name, content in form_parts(request) if name == "images"]
    if not 1 <= len(images) <= 10:
        raise Problem(422, "invalid_request", "Send 1 to 10 images.")
    for image in images:
        check_image(image)
    versions = state.enrollments.setdefault(subject_id, [])
    enrollment: JsonObject = {
        "id": state.new_id("enr"),
        "subject_id": subject_id,
        "version": len(versions) + 1,
        "state": "pending",
        "created_at": state.timestamp(),
        "decided_at": None,
        "warnings": None,
        "images": [
            {"id": state.new_id("img"), "position": position, "state": "pending"}
            for position, _ in enumerate(images, start=1)
        ],
    }
    versions.append(enrollment)
    state.work(lambda: _decide(state, subject, enrollment, images))
    if enrollment["state"] == "refused":
        codes = {reason["code"] for image in enrollment["images"] for reason in image["reasons"]}
        code = codes.pop() if len(codes) == 1 else "enrollment_refused"
        raise Problem(422, code, "None of the pictures can be used.")
    return httpx.Response(202 if enrollment["state"] == "pending" else 201, json=enrollment)


def _decide(state: State, subject: JsonObject, enrollment: JsonObject, images: list[bytes]) -> None:
    for entry, image in zip(enrollment["images"], images, strict=True):
        verdict = str(state.decide(image))
        entry["state"] = "refused" if verdict in REFUSING_VERDICTS else "accepted"
        entry["reasons"] = (
            [{"code": verdict, "message": "The fake says so."}]
            if entry["state"] == "refused"
            else []
        )
    accepted = any(entry["state"] == "accepted" for entry in enrollment["images"])
    enrollment.update(
        state="accepted" if accepted else "refused",
        decided_at=state.timestamp(),
        engine_id="mock",
        warnings=[] if accepted else None,
    )
    if accepted:
        subject["enrollment"] = enrollment


def list_enrollments(state: State, _request: httpx.Request, subject_id: str) -> httpx.Response:
    """`GET /subjects/{id}/enrollments`, newest first."""
    state.subject(subject_id)
    return httpx.Response(200, json={"items": state.enrollments.get(subject_id, [])[::-1]})


def get_enrollment(
    state: State, _request: httpx.Request, subject_id: str, version: str
) -> httpx.Response:
    """`GET /subjects/{id}/enrollments/{version}`."""
    state.subject(subject_id)
    for enrollment in state.enrollments.get(subject_id, []):
        if str(enrollment["version"]) == version:
            return httpx.Response(200, json=enrollment)
    raise Problem(404, "not_found", "There is no such enrolment.")


def _json(request: httpx.Request) -> JsonObject:
    body: JsonObject = json.loads(request.content)
    return body
