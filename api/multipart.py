"""Uploads of several images in one form, bounded while they come in.

Nothing of them touches a disk before it is sealed: the parts stay in memory, and `UploadBudget`
bounds that memory over all requests.
"""

import hashlib
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass, field

from fastapi import Request
from starlette.datastructures import FormData, Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from api.principal import CurrentPrincipal
from api.problems import (
    ImageTooLarge,
    InvalidRequest,
    RequestTooLarge,
    ServiceUnavailable,
    TooManyRequests,
)
from api.request_body import BodyLimit

UPLOADS_MAX_BYTES = 256 * 1024 * 1024
"""Held in memory over all forms being read at once; further ones get 503 and Retry-After."""

PRINCIPAL_MAX_BYTES = 96 * 1024 * 1024
"""Of these for one principal: one whole enrollment of ten large images, and a little more."""

FIELD_MAX_BYTES = 4096
"""Of a part that is text."""

FORM_OVERHEAD_BYTES = 64 * 1024
"""Boundaries, part headers and text fields beside the images."""


@dataclass
class UploadBudget:
    """Bytes of forms held in memory right now. Touched on the event loop only."""

    max_bytes: int = UPLOADS_MAX_BYTES
    max_bytes_each: int = PRINCIPAL_MAX_BYTES
    held_bytes: int = 0
    held_by: Counter[str] = field(default_factory=Counter)
    """Bytes by principal."""

    def take(self, actor: str, byte_count: int) -> None:
        """Hold more bytes for a principal.

        Raises
        ------
        ServiceUnavailable, TooManyRequests
        """
        if self.held_bytes + byte_count > self.max_bytes:
            raise ServiceUnavailable("Too many images are being uploaded at once.")
        if self.held_by[actor] + byte_count > self.max_bytes_each:
            raise TooManyRequests("You upload too many images at once.", retry_after_seconds=5)
        self.held_bytes += byte_count
        self.held_by[actor] += byte_count

    def give_back(self, actor: str, byte_count: int) -> None:
        """Hold these bytes no longer."""
        self.held_bytes -= byte_count
        self.held_by[actor] -= byte_count
        if self.held_by[actor] <= 0:
            del self.held_by[actor]


@dataclass(frozen=True)
class UploadForm:
    """The parts of a form, and a digest that is the same when they are sent again."""

    parts: FormData
    sha256: str

    def images(self, name: str) -> list[UploadFile]:
        """Return the images sent under `name`, in their order."""
        return [part for part in self.parts.getlist(name) if isinstance(part, UploadFile)]

    def text(self, name: str) -> str | None:
        """Return the text sent under `name`, if any was."""
        value = self.parts.get(name)
        return value if isinstance(value, str) else None


def read_image(part: UploadFile) -> bytes:
    """Return a part's bytes; for routes, which are not asynchronous."""
    part.file.seek(0)
    return part.file.read()


def bounded_form(
    *, max_images: int, max_bytes_each: Callable[[Request], int], max_fields: int = 10
) -> Callable[..., AsyncIterator[UploadForm]]:
    """Return a dependency that reads a multipart form of at most so many images and bytes.

    It asks for a principal itself: a stranger's upload is never read.
    """

    async def read_form(
        request: Request,
        principal: CurrentPrincipal,
    ) -> AsyncIterator[UploadForm]:
        limit: BodyLimit = request.state.body_limit
        budget: UploadBudget = request.app.state.upload_budget
        each = max_bytes_each(request)
        limit.raise_to(max_images * each + FORM_OVERHEAD_BYTES, RequestTooLarge)
        try:
            parser = _Parser(
                request.headers, _charged(request, budget, limit, principal.actor), each
            )
            parser.max_files, parser.max_fields = max_images, max_fields
            form = await _parse(request, parser)
            request.state.form_sha256 = form.sha256
            try:
                yield form
            finally:
                await form.parts.close()
        finally:
            budget.give_back(principal.actor, limit.charged)

    return read_form


class _Parser(MultiPartParser):
    """Starlette's parser with a limit for each file and a digest of what came."""

    def __init__(
        self, headers: Headers, stream: AsyncGenerator[bytes, None], max_file_bytes: int
    ) -> None:
        super().__init__(headers, stream, max_part_size=FIELD_MAX_BYTES)
        self.spool_max_size = max_file_bytes + 1
        self.digest = hashlib.sha256()
        self._max_file_bytes = max_file_bytes
        self._part_bytes = 0
        self._part_digest = hashlib.sha256()

    def on_part_begin(self) -> None:
        super().on_part_begin()
        self._part_bytes = 0
        self._part_digest = hashlib.sha256()

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        self._part_bytes += end - start
        if self._part_bytes > self._max_file_bytes:
            raise ImageTooLarge(f"Each image may have at most {self._max_file_bytes} bytes.")
        self._part_digest.update(data[start:end])
        super().on_part_data(data, start, end)

    def on_part_end(self) -> None:
        name = self._current_part.field_name.encode()
        self.digest.update(hashlib.sha256(name).digest() + self._part_digest.digest())
        super().on_part_end()


async def _parse(request: Request, parser: _Parser) -> UploadForm:
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise InvalidRequest("Send the images as multipart/form-data.")
    try:
        parts = await parser.parse()
    except MultiPartException as error:
        raise InvalidRequest(f"The form cannot be read: {error.message}") from None
    return UploadForm(parts, parser.digest.hexdigest())


async def _charged(
    request: Request, budget: UploadBudget, limit: BodyLimit, actor: str
) -> AsyncGenerator[bytes, None]:
    async for chunk in request.stream():
        budget.take(actor, len(chunk))
        limit.charged += len(chunk)
        yield chunk
