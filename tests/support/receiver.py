"""The other side of webhooks and e-mails: a real web server and a real mail server."""

import asyncio
import ssl
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast


@dataclass
class Received:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """A web server that takes everything, unless it is told to answer otherwise."""

    url: str = ""
    requests: list[Received] = field(default_factory=list)
    answer: Callable[[Received], int] = lambda _received: 204
    """Returns the status; called with the request already remembered."""


@contextmanager
def receiving(tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """Run a receiver of webhooks on the loopback."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            received = Received(self.path, dict(self.headers), self.rfile.read(length))
            receiver.requests.append(received)
            status = receiver.answer(received)
            self.send_response(status)
            if status in {301, 302, 307}:
                self.send_header("Location", f"{receiver.url}/elsewhere")
            self.end_headers()

        def log_message(self, *_about: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.url = f"http://127.0.0.1:{server.server_port}/hook"
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
        receiver.url = f"https://localhost:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class MailServer:
    """A mail server that takes everything, unless it is told to refuse."""

    url: str = ""
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    refuses: bool = False
    drips_after: str | None = None
    """The command whose answer never ends, however many lines come."""
    lost: int = 0
    """Connections that ended under a dripping answer."""


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """Run a mail server (RFC 5321, the part that senders need) on the loopback."""
    mailbox, loop = MailServer(), asyncio.new_event_loop()
    conversations: set[Any] = set()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        conversations.add(asyncio.current_task())
        is_lost = False
        try:
            async for answer in _conversation(mailbox, reader):
                writer.write(f"{answer}\r\n".encode())
                await writer.drain()
        except ConnectionError:
            is_lost = True
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
        mailbox.lost += is_lost

    async def listen() -> asyncio.Server:
        return await asyncio.start_server(converse, "127.0.0.1", 0)

    async def hang_up() -> None:
        server.close()
        if conversations:
            await asyncio.wait(conversations, timeout=5)

    server = asyncio.run_coroutine_threadsafe(listen(), loop).result(5)
    mailbox.url = f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield mailbox
    finally:
        asyncio.run_coroutine_threadsafe(hang_up(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _conversation(mailbox: MailServer, reader: asyncio.StreamReader) -> AsyncIterator[str]:
    yield "220 ready"
    while line := (await reader.readline()).decode().strip():
        command = line.upper()
        while mailbox.drips_after and command.startswith(mailbox.drips_after):
            yield "250-more"
            await asyncio.sleep(0.05)
        if command.startswith("RCPT") and not mailbox.refuses:
            mailbox.recipients.append(line.partition("<")[2].rstrip(">"))
        if command.startswith(("MAIL", "RCPT")) and mailbox.refuses:
            yield "451 try again later"
        elif command == "DATA":
            yield "354 go on"
            text = (await reader.readuntil(b"\r\n.\r\n"))[:-3]
            mail = message_from_bytes(text, policy=policy.default)
            mailbox.mails.append(cast("EmailMessage", mail))
            yield "250 taken"
        elif command == "QUIT":
            yield "221 bye"
            return
        else:
            yield "250 ok"
