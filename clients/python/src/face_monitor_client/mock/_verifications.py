"""Verifications of single images in the fake service."""

import httpx

from face_monitor_client.mock._images import (
    check_image,
    finish_verification,
    form_parts,
    pending_verification,
    with_policy,
)
from face_monitor_client.mock._state import Problem, State, page


def create_verification(state: State, request: httpx.Request) -> httpx.Response:
    """`POST /verifications`."""
    parts = dict(form_parts(request))
    image = parts.get("image", b"")
    check_image(image)
    subject_id = parts["subject_id"].decode() if "subject_id" in parts else None
    if subject_id is not None:
        if state.subject(subject_id)["enrollment"] is None:
            raise Problem(409, "enrollment_required", "The subject has no accepted enrolment.")
    elif "reference" in parts:
        check_image(parts["reference"])
    else:
        raise Problem(422, "invalid_request", "Send subject_id or reference.")
    verification = pending_verification(state, subject_id=subject_id)
    state.work(lambda: finish_verification(state, verification, image))
    status = 202 if verification["status"] == "pending" else 201
    return httpx.Response(status, json=with_policy(verification))


def get_verification(state: State, _request: httpx.Request, verification_id: str) -> httpx.Response:
    """`GET /verifications/{id}`."""
    if verification_id not in state.verifications:
        raise Problem(404, "not_found", "There is no such verification.")
    return httpx.Response(200, json=with_policy(state.verifications[verification_id]))


def list_verifications(state: State, request: httpx.Request) -> httpx.Response:
    """`GET /verifications`, newest first."""
    wanted = {
        name: value
        for name, value in request.url.params.items()
        if name in {"attempt_id", "verdict"}
    }
    found = [
        verification
        for verification in reversed(state.verifications.values())
        if all(verification.get(name) == value for name, value in wanted.items())
    ]
    return httpx.Response(200, json=page(found, request))
