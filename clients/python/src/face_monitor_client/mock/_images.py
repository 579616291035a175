"""What the fake service does with images: take them apart from forms, and make up verdicts."""

import re

import httpx

from face_monitor_client._images import media_type
from face_monitor_client.mock._state import JsonObject, Problem, State

THRESHOLDS = {"match": 0.5, "mismatch": 0.6}

POLICY = {"match_threshold": THRESHOLDS["match"], "mismatch_threshold": THRESHOLDS["mismatch"]}
"""The numbers behind the policy id `mock`; the real service has some more."""

_DISTANCES = {"match": 0.35, "inconclusive": 0.55, "mismatch": 0.78}
_FACE_COUNTS = {"no_face": 0, "multiple_faces": 2}
_LOOKS = {"match": "glance", "error": None}


def form_parts(request: httpx.Request) -> list[tuple[str, bytes]]:
    """Return name and content of every part of a multipart form."""
    boundary = re.search(r"boundary=([^;]+)", request.headers.get("Content-Type", ""))
    if boundary is None:
        raise Problem(422, "invalid_request", "Send multipart/form-data.")
    chunks = (b"\r\n" + request.content).split(b"\r\n--" + boundary[1].encode())[1:-1]
    parts = []
    for chunk in chunks:
        head, _, content = chunk.partition(b"\r\n\r\n")
        name = re.search(rb'name="([^"]*)"', head)
        parts.append((name[1].decode() if name else "", content))
    return parts


def check_image(image: bytes) -> None:
    """Refuse what the real service refuses before a worker sees it."""
    if not image:
        raise Problem(422, "empty_image", "The image has no bytes.")
    if media_type(image) == "application/octet-stream":
        raise Problem(415, "unsupported_image_type", "This is neither JPEG, PNG nor WebP.")


def pending_verification(state: State, **known: object) -> JsonObject:
    """Return a new verification without a verdict, kept under its id."""
    verification: JsonObject = {
        "id": state.new_id("ver"),
        "status": "pending",
        "verdict": None,
        "created_at": state.timestamp(),
        "received_at": state.timestamp(),
        **known,
    }
    state.verifications[verification["id"]] = verification
    return verification


def finish_verification(state: State, verification: JsonObject, image: bytes) -> None:
    """Give a verification the verdict that `decide` names, and figures that fit it."""
    verdict = str(state.decide(image))
    distance = _DISTANCES.get(verdict)
    face_count = _FACE_COUNTS.get(verdict, 1)
    box = {"x": 200, "y": 120, "width": 200, "height": 200}
    face = {"box": box, "detector_score": 1.5, "distance": distance, "is_subject": False}
    verification.update(
        status="done",
        verdict=verdict,
        distance=distance,
        match_score=None if distance is None else round(100 * (1 - distance), 1),
        thresholds=THRESHOLDS,
        distances=[] if distance is None else [distance],
        reference_agreement=None if distance is None else _agreement(distance),
        face_count=face_count,
        faces=[{**face, "is_subject": verdict == "match"}] * face_count,
        reasons=[] if verdict == "match" else [{"code": verdict, "message": "The fake says so."}],
        look=_LOOKS.get(verdict, "close"),
        engine_id="mock",
        policy_id="mock",
        image_width=640,
        image_height=480,
    )


def with_policy(verification: JsonObject) -> JsonObject:
    """Return a verification as it is shown alone, with the numbers of its policy."""
    return {**verification, "policy": POLICY if verification["status"] == "done" else None}


def _agreement(distance: float) -> JsonObject:
    """Return how the only reference stands to the face."""
    agreeing = int(distance < THRESHOLDS["mismatch"])
    return {"best": distance, "median": distance, "agreeing": agreeing, "count": 1}
