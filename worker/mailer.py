"""Sending one alert by e-mail: plain text, no face, no name."""

import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

from models.incident_words import INCIDENT_WORDS
from models.mail_address import MailServer, mail_addresses, mail_server
from models.settings import Settings
from models.statuses import AlertEvent, IncidentKind

SMTP_SECONDS = 10.0
"""For each exchange with the mail server."""

WHOLE_SECONDS = 40.0
"""For all of it: each line may come within its time, and the last one never."""

TOO_SLOW = "the mail server took too long"

NEEDS_A_LOOK = "An incident needs a look."
WITHDRAWN = "An incident you were told of was withdrawn: a later look found it no more."


@dataclass(frozen=True)
class MailMessage:
    """What is told, and when it happened."""

    event_id: str
    event: str
    payload: dict[str, Any]
    created_at: datetime


def send_mail(settings: Settings, message: MailMessage, *, until: float) -> None:
    """Send the message to everybody the settings name.

    Parameters
    ----------
    until
        On `time.monotonic`: nothing is sent later, whatever the server does meanwhile.

    Raises
    ------
    OSError, smtplib.SMTPException
        The mail server cannot be reached, takes it for nobody, or takes too long.
    """
    if settings.smtp_url is None:
        problem = "FACE_MONITOR_SMTP_URL is not set any more"
        raise smtplib.SMTPException(problem)
    address = mail_server(settings.smtp_url.get_secret_value())
    context = ssl.create_default_context()
    with _connected(address, context) as server, _cut_off(server, until):
        if address.starttls:
            server.starttls(context=context)
        if address.user:
            server.login(address.user, address.password)
        server.send_message(composed(settings, message))


def _connected(address: MailServer, context: ssl.SSLContext) -> smtplib.SMTP:
    if address.is_tls:
        return smtplib.SMTP_SSL(address.host, address.port, timeout=SMTP_SECONDS, context=context)
    return smtplib.SMTP(address.host, address.port, timeout=SMTP_SECONDS)


@contextmanager
def _cut_off(server: smtplib.SMTP, until: float) -> Iterator[None]:
    """Shut the connection when the time is over, also under whoever waits for an answer."""

    def cut() -> None:
        with suppress(OSError):
            if server.sock is not None:
                # Of the socket itself: TLS would go on in the clear until it is shut.
                socket.socket.shutdown(server.sock, socket.SHUT_RDWR)

    left = until - time.monotonic()
    if left <= 0:
        cut()
    timer = threading.Timer(left, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    except (OSError, smtplib.SMTPException):
        if time.monotonic() >= until:
            raise TimeoutError(TOO_SLOW) from None
        raise
    finally:
        timer.cancel()


def composed(settings: Settings, message: MailMessage) -> EmailMessage:
    """Return the e-mail."""
    # Lines as long as any server takes: a folded subject reads badly in many a list.
    mail = EmailMessage(policy=SMTP.clone(max_line_length=500))
    mail["From"] = settings.alert_email_from
    mail["To"] = mail_addresses(settings.alert_email_to)
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
    needs_look = any(not _is_withdrawn(one) for one in (payload, *payload["more"]))
    lines = [NEEDS_A_LOOK if needs_look else WITHDRAWN, "", _line(payload)]
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


def _is_withdrawn(item: dict[str, Any]) -> bool:
    return bool(item["event"] == AlertEvent.INCIDENT_WITHDRAWN)


def _incident(item: dict[str, Any]) -> str:
    data = item["data"]
    word = "withdrawn: " if _is_withdrawn(item) else ""
    return f"{word}{INCIDENT_WORDS[IncidentKind(data['kind'])]} ({data['severity']} severity)"
