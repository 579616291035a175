"""Whether anything answers where the broker should be. The API itself never talks to it."""

import socket
from urllib.parse import urlparse

from api.health.schemas import Check
from models.settings import Settings

BROKER_PORTS = {"redis": 6379, "rediss": 6379, "amqp": 5672, "amqps": 5671}


def check_broker(settings: Settings, *, timeout_seconds: float) -> Check:
    """Knock at the broker's address. Without it frames are taken and wait."""
    address = urlparse(settings.broker)
    if address.scheme == "filesystem":
        return Check(ok=True, detail="Embedded: a folder of this service.")
    host, port = address.hostname or "localhost", address.port or BROKER_PORTS[address.scheme]
    try:
        socket.create_connection((host, port), timeout=timeout_seconds).close()
    except OSError as error:
        detail = (
            f"Nothing answers at {host}:{port} ({error}). Frames are taken and wait. "
            "Start the broker, or correct FACE_MONITOR_BROKER_URL."
        )
        return Check(ok=False, detail=detail)
    return Check(ok=True, detail=f"It answers at {address.scheme}://{host}:{port}.")
