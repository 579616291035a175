"""Whom and what entries are about, by name. Those who were erased have none any more."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from api.api_clients.service import client_names
from api.users.names import user_names
from models.allowance import Allowance, AlternativeRequest
from models.attempt import Attempt
from models.attempt_states import SYSTEM_ACTOR
from models.audit import AuditEntry
from models.enrollment import FaceEnrollment, ReferenceImage
from models.exam import Exam
from models.frame import Frame
from models.incident import Incident
from models.subject import Subject

ERASED_STUDENT = "an erased student"
UNKNOWN = "gone"

_Ids = dict[str, set[str]]

_LEADS: Mapping[str, tuple[InstrumentedAttribute[str], InstrumentedAttribute[Any]]] = {
    "frm": (Frame.id, Frame.attempt_id),
    "inc": (Incident.id, Incident.attempt_id),
    "enr": (FaceEnrollment.id, FaceEnrollment.subject_id),
    "alw": (Allowance.id, Allowance.subject_id),
    "alt": (AlternativeRequest.id, AlternativeRequest.subject_id),
}
"""By the prefix of an id: where stands whom it belongs to."""

KINDS = {
    "frm": "frame",
    "inc": "incident",
    "enr": "enrolled face",
    "img": "reference picture",
    "alw": "allowance",
    "alt": "wish for another way",
    "att": "attempt",
    "whk": "webhook",
    "rev": "decision",
    "lok": "live wall",
    "imp": "import of students",
    "aud": "audit record",
    "mai": "alert e-mail",
    "key": "API key",
}
"""By the prefix of an id; `audit` and `mail` stand for themselves."""


@dataclass(frozen=True)
class Named:
    """A thing as a person knows it."""

    text: str
    address: str | None = None
    """Its page, if it has one."""


@dataclass
class Names:
    """The names of everybody and everything that some entries mention."""

    people: dict[str, str] = field(default_factory=lambda: {SYSTEM_ACTOR: "the service"})
    subjects: dict[str, str] = field(default_factory=dict)
    exams: dict[str, str] = field(default_factory=dict)
    attempts: dict[str, tuple[str, str | None, str | None]] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)

    def person(self, actor: str) -> str:
        """Return who that is."""
        return self.people.get(actor, UNKNOWN)

    def thing(self, object_id: str) -> Named:
        """Return what that is, with the address of the page that shows it."""
        kind = object_id[:3]
        if kind == "exm":
            return Named(self.exams.get(object_id, UNKNOWN), f"/admin/exams/{object_id}")
        if kind == "sub":
            return self._subject(object_id)
        if kind in {"usr", "cli"}:
            return Named(self.person(object_id))
        word = KINDS.get(kind, object_id)
        owner = object_id if kind == "att" else self.owners.get(object_id, "")
        if owner.startswith("att"):
            return self._of_attempt(word, owner)
        if owner.startswith("sub"):
            subject = self._subject(owner)
            return Named(f"{word} of {subject.text}", subject.address)
        return Named(word)

    def _subject(self, subject_id: str) -> Named:
        return Named(self.subjects.get(subject_id, UNKNOWN), f"/admin/students/{subject_id}")

    def _of_attempt(self, word: str, attempt_id: str) -> Named:
        subject_id, exam_id, label = self.attempts.get(attempt_id, ("", None, None))
        exam = self.exams.get(exam_id or "", "") or label
        student = self.subjects.get(subject_id, UNKNOWN)
        text = f"{word} of {student}{f' in {exam}' if exam else ''}"
        return Named(text, f"/admin/attempts/{attempt_id}")


def names_in(session: Session, entries: Sequence[AuditEntry]) -> Names:
    """Return the names the entries mention: one query for each kind of thing, however many."""
    names, ids = Names(), _ids_in(entries)
    for prefix, (own_id, owner_id) in _LEADS.items():
        rows = _rows(session, ids[prefix], own_id, owner_id)
        names.owners |= {own: owner for own, owner in rows}  # noqa: C416
    images = select(ReferenceImage.id, FaceEnrollment.subject_id).join(FaceEnrollment)
    if ids["img"]:
        found = session.execute(images.where(ReferenceImage.id.in_(ids["img"])))
        names.owners |= {own: owner for own, owner in found}  # noqa: C416
    _sort(names.owners.values(), ids)
    for row in _rows(
        session, ids["att"], Attempt.id, Attempt.subject_id, Attempt.exam_id, Attempt.label
    ):
        names.attempts[row[0]] = (row[1], row[2], row[3])
        _sort([row[1], row[2] or ""], ids)
    for subject_id, name, erased_at in _rows(
        session, ids["sub"], Subject.id, Subject.display_name, Subject.erased_at
    ):
        names.subjects[subject_id] = ERASED_STUDENT if erased_at else name or "Unnamed"
    names.exams |= dict(_rows(session, ids["exm"], Exam.id, Exam.title))
    names.people |= people(session, ids["usr"], ids["cli"])
    return names


def people(session: Session, user_ids: Iterable[str], client_ids: Iterable[str]) -> dict[str, str]:
    """Return the names of users and systems by their id."""
    systems = client_names(session, client_ids).items()
    return user_names(session, user_ids) | {one: f"{name} (system)" for one, name in systems}


def _ids_in(entries: Sequence[AuditEntry]) -> _Ids:
    ids: _Ids = defaultdict(set)
    for entry in entries:
        _sort([entry.actor, entry.object_id], ids)
    return ids


def _sort(found: Iterable[str], ids: _Ids) -> None:
    for one in found:
        ids[one[:3]].add(one)


def _rows(session: Session, ids: set[str], *columns: InstrumentedAttribute[Any]) -> list[Any]:
    if not ids:
        return []
    return list(session.execute(select(*columns).where(columns[0].in_(ids))))
