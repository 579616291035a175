"""Only requests that name one of our own hosts are served."""

from collections.abc import Sequence

from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import Problem

LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "[::1]")


class UnknownHost(Problem):
    """The Host header names none of ours."""

    status = 400
    code = "unknown_host"
    title = "The host is not served here"
    next_step = "Use the address of the service; operators set FACE_MONITOR_ALLOWED_HOSTS."


class KnownHosts:
    """ASGI middleware: Starlette's check of the Host header, with a problem as its refusal."""

    def __init__(self, app: ASGIApp, *, allowed_hosts: Sequence[str]) -> None:
        self.app = app
        self.allowed_hosts = allowed_hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        is_known = False

        async def note_and_serve(scope: Scope, receive: Receive, send: Send) -> None:
            nonlocal is_known
            is_known = True
            await self.app(scope, receive, send)

        async def send_if_known(message: Message) -> None:
            if is_known or scope["type"] != "http":
                await send(message)

        check = TrustedHostMiddleware(note_and_serve, self.allowed_hosts, www_redirect=False)
        await check(scope, receive, send_if_known)
        if not is_known and scope["type"] == "http":
            raise UnknownHost


def hosts_of(allowed_hosts: str) -> list[str]:
    """Return the hosts in the setting's comma-separated list, and the loopback's.

    Health checks and the command line ask over the loopback, whatever name people use.
    """
    named = [host.strip() for host in allowed_hosts.split(",") if host.strip()]
    return [*named, *(host for host in LOOPBACK_HOSTS if host not in named)]
