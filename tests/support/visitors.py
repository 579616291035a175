"""People with nothing but a browser's requests, against a running service."""

import re
from dataclasses import dataclass
from typing import Any

import httpx

from clients.simulator.portraits import portrait_path
from tests.support.waiting import wait_until


@dataclass
class Visitor:
    """Somebody with a browser's cookies and the token of its pages."""

    http: httpx.Client
    subject_id: str = ""

    def page(self, path: str) -> httpx.Response:
        return self.http.get(path, headers={"Accept": "text/html"})

    def token(self, path: str = "/") -> str:
        headers = {"Accept": "text/html"}
        page = self.http.get(path, headers=headers, follow_redirects=True)
        found = re.search(r'name="csrf-token" content="([^"]*)"', page.text)
        assert found is not None
        return found[1]

    def ask(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, **content: Any
    ) -> httpx.Response:
        with_token = {"X-CSRF-Token": self.token(), **(headers or {})}
        return self.http.request(method, f"/api/v1{path}", headers=with_token, **content)

    def form(self, path: str, **fields: str) -> httpx.Response:
        token = self.token("/login" if path == "/login" else "/register")
        return self.http.post(path, data={"csrf_token": token, **fields})


def register(student: Visitor, login: str, password: str) -> None:
    """Let a student register, and learn whose pictures are theirs."""
    student.form("/register", login=login, display_name=login.title(), password=password)
    (subject,) = student.ask("GET", "/subjects").json()["items"]
    student.subject_id = subject["id"]


def consent(student: Visitor) -> None:
    """Let a student agree to being recorded."""
    address = f"/subjects/{student.subject_id}/consents"
    given = student.ask("POST", address, json={"text_version": "2026-12"})
    assert given.status_code == 201, given.text


def enrol(student: Visitor) -> None:
    """Let a student agree and enrol a real face."""
    consent(student)
    address = f"/subjects/{student.subject_id}/enrollments"
    images = [("images", ("a.jpg", portrait_path("obama.jpg").read_bytes(), "image/jpeg"))]
    enrolled = student.ask("POST", address, files=images, headers={"Prefer": "wait=30"})
    assert enrolled.json()["state"] == "accepted", enrolled.text


def send_frame(who: Visitor, attempt_id: str, seq: int, jpeg: bytes) -> httpx.Response:
    """Send a frame with the claim that one face is in it."""
    claim = '{"status":"one_face","face_count":1,"detector_score":1.0}'
    return who.ask(
        "PUT",
        f"/attempts/{attempt_id}/frames/{seq}",
        content=jpeg,
        headers={"Content-Type": "image/jpeg", "X-Client-Claim": claim},
    )


def verdict_of(who: Visitor, attempt_id: str, seq: int) -> str:
    """Wait for a frame's verdict."""

    def decided() -> str | None:
        frame = who.ask("GET", f"/attempts/{attempt_id}/frames/{seq}").json()
        return (frame["verification"] or {}).get("verdict")

    verdict = wait_until(decided, what=f"a verdict of frame {seq}", seconds=60, pause=0.2)
    return str(verdict)
