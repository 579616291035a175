"""Sending one message to a webhook: signed, to an address that was checked, with limits."""

import asyncio
import json
import ssl
import time
from dataclasses import dataclass
from typing import Any

import httpx

from models.outbound_address import AddressRefused, resolve
from models.signature import HEADER, signature

STEP_SECONDS = 5.0
"""For each of connecting, sending and waiting for the answer's head."""

WHOLE_SECONDS = 10.0
"""For all of it: an answer that drips would keep its place for ever."""


@dataclass(frozen=True)
class WebhookMessage:
    """What is sent where."""

    delivery_id: str
    event: str
    event_id: str
    url: str
    secret: str
    payload: dict[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What became of a try."""

    error: str | None = None
    """None when it was taken; else what a person should know."""
    status: int | None = None
    """What the other side answered."""
    is_gone: bool = False
    """Whether the other side says that it wants nothing any more."""


def body_of(payload: dict[str, Any]) -> bytes:
    """Return the bytes of a payload, the same in each try."""
    text = json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def make_client() -> httpx.AsyncClient:
    """Return a client that follows nothing and keeps no connection.

    A kept one would be found again by its number alone, and speak to another host there.
    """
    context = httpx.create_ssl_context()
    context.load_default_certs(ssl.Purpose.SERVER_AUTH)
    return httpx.AsyncClient(
        verify=context,
        timeout=STEP_SECONDS,
        follow_redirects=False,
        trust_env=False,
        limits=httpx.Limits(max_keepalive_connections=0),
    )


async def send(
    client: httpx.AsyncClient, message: WebhookMessage, *, allow_private: bool
) -> Outcome:
    """Send the message once; every failure is an outcome."""
    try:
        async with asyncio.timeout(WHOLE_SECONDS):
            return await _send(client, message, allow_private=allow_private)
    except TimeoutError:
        return Outcome(error=f"No answer within {WHOLE_SECONDS:.0f} s.")
    except AddressRefused as refused:
        return Outcome(error=f"Not sent: {refused}.")
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        return Outcome(error=f"{type(error).__name__}: {str(error)[:200]}")


async def _send(
    client: httpx.AsyncClient, message: WebhookMessage, *, allow_private: bool
) -> Outcome:
    target = await asyncio.to_thread(resolve, message.url, allow_private=allow_private)
    body, at = body_of(message.payload), int(time.time())
    address = httpx.URL(message.url)
    request = client.build_request(
        "POST",
        # The looked-up address itself: a name could lead elsewhere by now.
        address.copy_with(host=target.ip, port=target.port),
        content=body,
        headers={
            "Host": address.netloc.decode(),
            "Content-Type": "application/json",
            "User-Agent": "FaceMonitor/1",
            "Face-Monitor-Event": message.event,
            "Face-Monitor-Event-Id": message.event_id,
            "Face-Monitor-Delivery": message.delivery_id,
            HEADER: signature(message.secret, body, at=at),
        },
        extensions={"sni_hostname": target.host},
    )
    # Streamed and closed: of the answer nothing but its status is read.
    response = await client.send(request, stream=True)
    await response.aclose()
    status = response.status_code
    if response.is_success:
        return Outcome(status=status)
    hint = " Redirects are not followed." if response.is_redirect else ""
    return Outcome(error=f"It answered {status}.{hint}", status=status, is_gone=status == 410)
