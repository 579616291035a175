"""The headers that tell browsers what our pages may do; on every answer, whatever it is."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob: data:",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "font-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""Only our own files, no inline script or style. `blob:` shows what the camera just took."""

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # With `no-referrer` browsers would send `Origin: null` with our own forms.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": (
        "camera=(self), fullscreen=(self), microphone=(), geolocation=(), payment=(), usb=(), "
        "display-capture=()"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

STATIC_PREFIX = "/static/"
"""Files of the program, the same for everybody: the only answers a browser may keep."""


class SecurityHeaders:
    """ASGI middleware: puts the headers on every answer, over what a route may have set.

    The policy for contents is a route's own where it sets one.
    """

    def __init__(self, app: ASGIApp, *, is_https: bool) -> None:
        self.app = app
        self._headers = dict(_HEADERS)
        if is_https:
            self._headers["Strict-Transport-Security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        is_static = scope["path"].startswith(STATIC_PREFIX)
        # `no-cache` keeps the file and asks whether it is still the same.
        caching = "no-cache" if is_static else "no-store"

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(self._headers)
                # A file that is kept and opened elsewhere brings a stricter one of its own.
                headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
                headers["Cache-Control"] = caching
            await send(message)

        await self.app(scope, receive, send_with_headers)
