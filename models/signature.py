"""The signature of a webhook's message: who sent it, when, and that nothing was changed."""

import hashlib
import hmac

HEADER = "Face-Monitor-Signature"


def signature(secret: str, body: bytes, *, at: int) -> str:
    """Return the header's value: `t=<seconds since 1970>,v1=<HMAC-SHA256 of "t.body", hex>`."""
    digest = hmac.digest(secret.encode(), f"{at}.".encode() + body, hashlib.sha256)
    return f"t={at},v1={digest.hex()}"
