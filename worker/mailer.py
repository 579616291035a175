"""Sending one alert by e-mail: plain text, no face, no name."""

import smtplib
import ssl
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from models.settings import Settings
from models.statuses import AlertEvent, IncidentKind

SMTP_SECONDS = 10.0
"""For each exchange with the mail server."""

_PORTS = {"smtp": 25, "smtps": 465}

KINDS: dict[str, str] = {
    IncidentKind.WRONG_PERSON: "Another face than the enrolled one",
    IncidentKind.SOMEBODY_ELSE_TOO: "Somebody else in the picture",
    IncidentKind.NOBODY: "Nobody before the camera",
    IncidentKind.CAMERA_COVERED: "The camera was covered",
    IncidentKind.NO_FRAMES: "No pictures came",
    IncidentKind.AWAY: "The exam was not in front",
    IncidentKind.REPEATED_PICTURE: "The same picture again and again",
    IncidentKind.CLIENT_DISAGREES: "The page claimed something else than the server found",
}


@dataclass(frozen=True)
class MailMessage:
    """What is told, and when it happened."""

    event_id: str
    event: str
    payload: dict[str, Any]
    created_at: datetime


def send_mail(settings: Settings, message: MailMessage) -> None:
    """Send the message to everybody the settings name.

    Raises
    ------
    OSError, smtplib.SMTPException
        The mail server cannot be reached, or takes it for nobody.
    """
    if settings.smtp_url is None:
        problem = "FACE_MONITOR_SMTP_URL is not set any more"
        raise smtplib.SMTPException(problem)
    address = urlsplit(settings.smtp_url.get_secret_value())
    host, port = address.hostname or "localhost", address.port or _PORTS[address.scheme]
    context = ssl.create_default_context()
    server: smtplib.SMTP
    if address.scheme == "smtps":
        server = smtplib.SMTP_SSL(host, port, timeout=SMTP_SECONDS, context=context)
    else:
        server = smtplib.SMTP(host, port, timeout=SMTP_SECONDS)
    with server:
        if parse_qs(address.query).get("starttls", ["false"])[0].lower() in {"true", "1"}:
            server.starttls(context=context)
        if address.username:
            server.login(unquote(address.username), unquote(address.password or ""))
        server.send_message(composed(settings, message))


def composed(settings: Settings, message: MailMessage) -> EmailMessage:
    """Return the e-mail."""
    # Lines as long as any server takes: a folded subject reads badly in many a list.
    mail = EmailMessage(policy=SMTP.clone(max_line_length=500))
    mail["From"] = settings.alert_email_from
    mail["To"] = [one.strip() for one in settings.alert_email_to.split(",") if one.strip()]
    mail["Subject"] = _subject(message)
    mail["Date"] = format_datetime(message.created_at)
    # The same in each try: who gets it twice gets one.
    mail["Message-ID"] = f"<{message.event_id}@face-monitor>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(_text(settings, message))
    return mail


def _subject(message: MailMessage) -> str:
    if message.event == AlertEvent.TEST:
        return "Face Monitor: a test"
    more = message.payload["more_count"]
    return f"Face Monitor: {_incident(message.payload)}{f' and {more} more' if more else ''}"


def _text(settings: Settings, message: MailMessage) -> str:
    if message.event == AlertEvent.TEST:
        return "Somebody tried whether alerts of Face Monitor arrive. They do.\n"
    payload = message.payload
    lines = ["An incident needs a look.", "", _line(payload)]
    if payload["more_count"]:
        lines += ["", f"And {payload['more_count']} more in the same attempt:"]
        lines += [_line(one) for one in payload["more"]]
        if (left := payload["more_count"] - len(payload["more"])) > 0:
            lines.append(f"- and {left} that are not listed here")
    attempt_id = payload["data"]["attempt_id"]
    base = (settings.public_url or "").rstrip("/")
    link = f"{base}/admin/attempts/{attempt_id}" if base else f"attempt {attempt_id}"
    lines += ["", f"Look at it: {link}", "", "A machine flagged this. Only a person decides.", ""]
    return "\n".join(lines)


def _line(item: dict[str, Any]) -> str:
    began = datetime.fromisoformat(item["data"]["first_at"])
    return f"- {_incident(item)}, since {began:%Y-%m-%d %H:%M:%S} UTC"


def _incident(item: dict[str, Any]) -> str:
    data = item["data"]
    return f"{KINDS.get(data['kind'], data['kind'])} ({data['severity']} severity)"
