"""What the fake service remembers, and what its parts share."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx

from face_monitor_client._attempts import as_utc

JsonObject = dict[str, Any]


class Problem(Exception):
    """What the fake service answers instead, as problem+json."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail

    def as_response(self, headers: dict[str, str] | None = None) -> httpx.Response:
        """Return the problem as the contract's problem+json."""
        body = {
            "type": f"/problems/{self.code}",
            "title": self.code.replace("_", " "),
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "request_id": "req_mock",
            "next_step": "This is the fake service; look at the request.",
        }
        kind = {"Content-Type": "application/problem+json"}
        return httpx.Response(self.status, json=body, headers={**(headers or {}), **kind})


@dataclass
class AttemptRecord:
    """An attempt with its frames and everything that happened, in the order it came."""

    body: JsonObject
    frames: dict[int, JsonObject] = field(default_factory=dict)
    images: dict[int, bytes] = field(default_factory=dict)
    items: list[JsonObject] = field(default_factory=list)
    event_ids: set[str] = field(default_factory=set)


@dataclass
class State:
    """Everything the fake service holds."""

    decide: Callable[[bytes], str]
    now: Callable[[], datetime]
    holds_verdicts: bool
    subjects: dict[str, JsonObject] = field(default_factory=dict)
    enrollments: dict[str, list[JsonObject]] = field(default_factory=dict)
    verifications: dict[str, JsonObject] = field(default_factory=dict)
    attempts: dict[str, AttemptRecord] = field(default_factory=dict)
    waiting: list[Callable[[], None]] = field(default_factory=list)
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def new_id(self, prefix: str) -> str:
        """Return an id in the contract's shape: prefix and 26 characters."""
        return f"{prefix}_{next(self.numbers):026d}"

    def timestamp(self) -> str:
        """Return the present as the contract writes it."""
        return as_utc(self.now())

    def work(self, task: Callable[[], None]) -> None:
        """Do what the real service leaves to a worker: now, or when verdicts are released."""
        if self.holds_verdicts:
            self.waiting.append(task)
        else:
            task()

    def subject(self, subject_id: str) -> JsonObject:
        """Return a subject that exists."""
        if subject_id not in self.subjects:
            raise Problem(404, "not_found", "There is no such subject.")
        return self.subjects[subject_id]

    def attempt(self, attempt_id: str) -> AttemptRecord:
        """Return an attempt that exists, its state brought up to date."""
        if attempt_id not in self.attempts:
            raise Problem(404, "not_found", "There is no such attempt.")
        record = self.attempts[attempt_id]
        subject = self.subjects.get(record.body["subject_id"], {})
        missing = [name for name in ("consent", "enrollment") if not subject.get(name)]
        record.body["missing"] = missing
        if record.body["state"] == "created" and not missing:
            record.body["ready_at"] = self.timestamp()
            self.move(record, "ready", actor="system")
        return record

    def move(self, record: AttemptRecord, to: str, *, actor: str) -> None:
        """Move an attempt to another state and write it into its timeline."""
        step = {"from": record.body["state"], "to": to, "actor": actor, "reason": None}
        record.items.append({"type": "transition", "at": self.timestamp(), **step})
        record.body["state"] = to


def page(items: list[JsonObject], request: httpx.Request, default_limit: int = 50) -> JsonObject:
    """Return the wanted part of a list; the fake's cursor is the place where it goes on."""
    begin = int(request.url.params.get("cursor", 0))
    end = begin + int(request.url.params.get("limit", default_limit))
    return {"items": items[begin:end], "next_cursor": str(end) if end < len(items) else None}
