"""Sending one message of either kind, once: every failure is an outcome, also one unforeseen."""

import asyncio
import logging
import smtplib
import time

import httpx

from models.sealing import KeyRing, SealBroken
from models.settings import Settings
from models.webhook import AlertMail, Webhook, WebhookDelivery, webhook_secret
from worker import mailer, webhook_sender
from worker.webhook_sender import Outcome

logger = logging.getLogger(__name__)

Message = WebhookDelivery | AlertMail

_NO_SECRET = "The secret cannot be opened: was FACE_MONITOR_KEY_ENCRYPTION_KEY changed?"  # noqa: S105


class Sender:
    """Sends messages by what the settings name."""

    def __init__(self, settings: Settings, key_ring: KeyRing) -> None:
        self._settings = settings
        self._key_ring = key_ring

    async def send(
        self, client: httpx.AsyncClient, message: Message, hook: Webhook | None, *, until: float
    ) -> Outcome:
        """Send a message to its webhook or, without one, by e-mail.

        Parameters
        ----------
        until
            On `time.monotonic`: no e-mail goes out later.
        """
        try:
            if hook is None:
                return await self._send_mail(message, until)
            return await self._send_to(hook, client, message)
        except Exception as error:
            # A message like this must neither hold up others nor come back at once for ever.
            logger.exception("message %s could not be sent", message.id)
            return Outcome(error=f"Not sent: an unexpected error ({type(error).__name__}).")

    async def _send_to(self, hook: Webhook, client: httpx.AsyncClient, message: Message) -> Outcome:
        try:
            secret = webhook_secret(self._key_ring, hook)
        except SealBroken:
            return Outcome(error=_NO_SECRET)
        content = webhook_sender.WebhookMessage(
            message.id, message.event, message.event_id, hook.url, secret, message.payload
        )
        allow_private = self._settings.webhook_allow_private
        return await webhook_sender.send(client, content, allow_private=allow_private)

    async def _send_mail(self, message: Message, until: float) -> Outcome:
        content = mailer.MailMessage(
            message.event_id, message.event, message.payload, message.created_at
        )
        try:
            # The thread cannot be stopped, but sends nothing after that moment.
            async with asyncio.timeout(until - time.monotonic()):
                await asyncio.to_thread(mailer.send_mail, self._settings, content, until=until)
        except (OSError, smtplib.SMTPException) as error:
            problem = str(error) or mailer.TOO_SLOW
            return Outcome(error=f"{type(error).__name__}: {problem[:200]}")
        return Outcome()
