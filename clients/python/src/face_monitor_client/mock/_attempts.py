"""Attempts, frames, events and timeline in the fake service."""

import hashlib
import json
from collections import Counter

import httpx

from face_monitor_client.mock._images import (
    check_image,
    finish_verification,
    pending_verification,
)
from face_monitor_client.mock._state import AttemptRecord, JsonObject, Problem, State, page

LARGEST_SEQ = 1_000_000


def open_attempt(state: State, request: httpx.Request) -> httpx.Response:
    """`POST /attempts`."""
    body = json.loads(request.content)
    state.subject(body["subject_id"])
    attempt: JsonObject = {
        "id": state.new_id("att"),
        "subject_id": body["subject_id"],
        "exam": None,
        "label": body.get("label"),
        "state": None,
        "created_at": state.timestamp(),
        "frame_interval_seconds": body.get("frame_interval_seconds", 5.0),
        "is_practice": False,
        "face_check": "match",
        "allowances": {},
        "next_seq": 1,
        "missing": [],
        "needs_verified_frame": body.get("needs_verified_frame", False),
        "question_count": 0,
        "answered_count": 0,
        "awarded_points": None,
        "possible_points": None,
        "outcome": None,
        "ticket": "ticket-1",
    }
    record = state.attempts[attempt["id"]] = AttemptRecord(attempt)
    state.move(record, "created", actor="client")
    return httpx.Response(201, json=_shown(state, attempt["id"]))


def get_attempt(state: State, _request: httpx.Request, attempt_id: str) -> httpx.Response:
    """`GET /attempts/{id}`."""
    return httpx.Response(200, json=_shown(state, attempt_id))


def list_attempts(state: State, request: httpx.Request) -> httpx.Response:
    """`GET /attempts`, newest first."""
    wanted = request.url.params.get("state")
    shown = [_shown(state, attempt_id) for attempt_id in reversed(state.attempts)]
    found = [attempt for attempt in shown if wanted in {None, attempt["state"]}]
    return httpx.Response(200, json=page(found, request))


def start(state: State, _request: httpx.Request, attempt_id: str) -> httpx.Response:
    """`POST /attempts/{id}/start`."""
    record = state.attempt(attempt_id)
    if record.body["state"] == "created":
        lacking = " and ".join(record.body["missing"])
        raise Problem(409, "attempt_not_ready", f"The attempt lacks {lacking}.")
    if record.body["state"] == "ready":
        if record.body["needs_verified_frame"] and _verified_frame_at(record) is None:
            raise Problem(409, "no_verified_frame", "No frame shows the subject yet.")
        record.body["started_at"] = state.timestamp()
        state.move(record, "started", actor="client")
    return httpx.Response(200, json=_shown(state, attempt_id))


def submit(state: State, _request: httpx.Request, attempt_id: str) -> httpx.Response:
    """`POST /attempts/{id}/submit`."""
    record = state.attempt(attempt_id)
    if record.body["state"] in {"created", "ready"}:
        raise Problem(409, "attempt_not_started", "The attempt has not been started.")
    if record.body["state"] == "started":
        record.body["submitted_at"] = state.timestamp()
        state.move(record, "submitted", actor="client")
    return httpx.Response(200, json=_shown(state, attempt_id))


def put_frame(
    state: State, request: httpx.Request, attempt_id: str, seq_text: str
) -> httpx.Response:
    """`PUT /attempts/{id}/frames/{seq}`."""
    record, seq = state.attempt(attempt_id), int(seq_text)
    if not 1 <= seq <= LARGEST_SEQ:
        raise Problem(422, "invalid_seq", f"seq goes from 1 to {LARGEST_SEQ}.")
    sha256 = hashlib.sha256(request.content).hexdigest()
    if seq in record.frames:
        if record.frames[seq]["sha256"] != sha256:
            raise Problem(409, "frame_conflict", "This seq was sent before with other bytes.")
        return _receipt(record, seq)
    if record.body["state"] not in {"ready", "started"}:
        code = "attempt_not_ready" if record.body["state"] == "created" else "attempt_closed"
        raise Problem(409, code, f"The attempt is {record.body['state']}.")
    check_image(request.content)
    claim = request.headers.get("X-Client-Claim")
    verification = pending_verification(
        state, attempt_id=attempt_id, subject_id=record.body["subject_id"], seq=seq
    )
    now = state.timestamp()
    frame: JsonObject = {
        "attempt_id": attempt_id,
        "seq": seq,
        "sha256": sha256,
        "byte_count": len(request.content),
        "captured_at": request.headers.get("X-Captured-At"),
        "received_at": now,
        "claim": json.loads(claim) if claim else None,
        "verification": verification,
    }
    record.frames[seq], record.images[seq] = frame, request.content
    record.items.append({"type": "frame", "at": now, **frame})
    record.body["next_seq"] = max(record.frames) + 1
    state.work(lambda: finish_verification(state, verification, request.content))
    return _receipt(record, seq)


def get_frame(
    state: State, _request: httpx.Request, attempt_id: str, seq_text: str
) -> httpx.Response:
    """`GET /attempts/{id}/frames/{seq}`."""
    frames = state.attempt(attempt_id).frames
    if int(seq_text) not in frames:
        raise Problem(404, "not_found", "There is no such frame.")
    return httpx.Response(200, json=_with_verdict(frames[int(seq_text)]))


def get_frame_image(
    state: State, _request: httpx.Request, attempt_id: str, seq_text: str
) -> httpx.Response:
    """`GET /attempts/{id}/frames/{seq}/image`."""
    images = state.attempt(attempt_id).images
    if int(seq_text) not in images:
        raise Problem(404, "not_found", "There is no such frame.")
    return httpx.Response(
        200, content=images[int(seq_text)], headers={"Content-Type": "image/jpeg"}
    )


def post_events(state: State, request: httpx.Request, attempt_id: str) -> httpx.Response:
    """`POST /attempts/{id}/events`."""
    record = state.attempt(attempt_id)
    events = json.loads(request.content)["events"]
    if not 1 <= len(events) <= 200:
        raise Problem(422, "invalid_request", "Send 1 to 200 events.")
    now = state.timestamp()
    new = [event for event in events if event["id"] not in record.event_ids]
    record.event_ids.update(event["id"] for event in events)
    record.items += [{"type": "event", "at": now, "received_at": now, **event} for event in new]
    duplicates = len(events) - len(new)
    receipt = {"accepted": len(new), "duplicates": duplicates, "received_at": now}
    return httpx.Response(202, json=receipt)


def timeline(state: State, request: httpx.Request, attempt_id: str) -> httpx.Response:
    """`GET /attempts/{id}/timeline`."""
    record = state.attempt(attempt_id)
    items: list[JsonObject] = []
    announced = 0
    for item in record.items:
        if item["type"] == "frame":
            missing = [seq for seq in range(announced + 1, item["seq"]) if seq not in record.frames]
            if missing:
                gap = {"type": "gap", "from_seq": missing[0], "to_seq": missing[-1]}
                items.append({**gap, "at": item["at"]})
            announced = max(announced, item["seq"])
        items.append(_with_verdict(item))
    shown = {"attempt": _shown(state, attempt_id), **page(items, request)}
    return httpx.Response(200, json=shown)


def _receipt(record: AttemptRecord, seq: int) -> httpx.Response:
    frame = record.frames[seq]
    known = {
        name: frame[name] for name in ("attempt_id", "seq", "sha256", "byte_count", "received_at")
    }
    interval = record.body["frame_interval_seconds"]
    following = {"ticket": f"ticket-{seq + 1}", "interval_seconds": interval}
    earlier = [verification for verification in _done(record) if verification["seq"] != seq]
    last = earlier[-1] if earlier else None
    return httpx.Response(202, json={**known, "next": following, "last_verification": last})


def _with_verdict(item: JsonObject) -> JsonObject:
    """Return the item as shown: a verification stands there only once it is done."""
    if "verification" not in item or item["verification"]["status"] == "done":
        return item
    return {**item, "verification": None}


def _verified_frame_at(record: AttemptRecord) -> str | None:
    """Return when the newest matching frame came in; in the fake service it never ages."""
    if record.body["state"] != "ready" or not record.body["needs_verified_frame"]:
        return None
    matching = [
        str(frame["received_at"])
        for frame in record.frames.values()
        if frame["verification"]["status"] == "done" and frame["verification"]["verdict"] == "match"
    ]
    return max(matching, default=None)


def _done(record: AttemptRecord) -> list[JsonObject]:
    """Return the verifications that are done, in the order of their frames' receipt."""
    return [
        frame["verification"]
        for frame in record.frames.values()
        if frame["verification"]["status"] == "done"
    ]


def _shown(state: State, attempt_id: str) -> JsonObject:
    record = state.attempt(attempt_id)
    done = _done(record)
    by_verdict = Counter(verification["verdict"] for verification in done)
    return {
        **record.body,
        "verified_frame_at": _verified_frame_at(record),
        "last_verification": done[-1] if done else None,
        "counts": {"frames": len(record.frames), "verified": len(done), "by_verdict": by_verdict},
    }
