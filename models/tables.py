"""Every table, imported once so that the metadata is whole (migrations, tests)."""

from models.api_client import ApiClient, ApiKey, IdempotentAnswer
from models.attempt import Attempt, AttemptTransition
from models.audit import AuditEntry, AuditHead
from models.base import Base
from models.client_event import ClientEvent
from models.enrollment import FaceEnrollment, FaceTemplate, ReferenceImage
from models.exam import Exam
from models.frame import Frame, VerificationRequest
from models.job import Job, WorkerProcess
from models.match_policy import MatchPolicy
from models.subject import Consent, Subject, SubjectKey
from models.user import SignIn, User
from models.verification import Verification

__all__ = [
    "ApiClient",
    "ApiKey",
    "Attempt",
    "AttemptTransition",
    "AuditEntry",
    "AuditHead",
    "Base",
    "ClientEvent",
    "Consent",
    "Exam",
    "FaceEnrollment",
    "FaceTemplate",
    "Frame",
    "IdempotentAnswer",
    "Job",
    "MatchPolicy",
    "ReferenceImage",
    "SignIn",
    "Subject",
    "SubjectKey",
    "User",
    "Verification",
    "VerificationRequest",
    "WorkerProcess",
]
