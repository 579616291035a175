"""Every table, imported once so that the metadata is whole (migrations, tests)."""

from models.allowance import Allowance, AlternativeRequest
from models.api_client import ApiClient, ApiKey, IdempotentAnswer
from models.attempt import Answer, Attempt, AttemptTransition
from models.audit import AuditEntry, AuditHead
from models.base import Base
from models.client_event import ClientEvent
from models.enrollment import FaceEnrollment, FaceTemplate, ReferenceImage
from models.exam import Exam, Question
from models.frame import Frame, VerificationRequest
from models.incident import Incident, IncidentReview, ReviewClaim
from models.invitation import Invitation
from models.job import Job, WorkerProcess
from models.match_policy import MatchPolicy
from models.measurement import Measurement
from models.rescore import Rescore, RescoredFrame
from models.review import Review, StudentReply
from models.subject import Consent, Subject, SubjectKey
from models.user import SignIn, User
from models.verification import Verification
from models.webhook import AlertMail, Webhook, WebhookDelivery

__all__ = [
    "AlertMail",
    "Allowance",
    "AlternativeRequest",
    "Answer",
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
    "Incident",
    "IncidentReview",
    "Invitation",
    "Job",
    "MatchPolicy",
    "Measurement",
    "Question",
    "ReferenceImage",
    "Rescore",
    "RescoredFrame",
    "Review",
    "ReviewClaim",
    "SignIn",
    "StudentReply",
    "Subject",
    "SubjectKey",
    "User",
    "Verification",
    "VerificationRequest",
    "Webhook",
    "WebhookDelivery",
    "WorkerProcess",
]
