"""`Idempotency-Key`: a POST that is sent again gets its first answer, and has one effect.

The answer is stored in the transaction of the effect: either both are there or neither.
"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from pydantic import BaseModel
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from starlette.responses import JSONResponse

from api.context import Context, Ctx
from api.principal import CurrentPrincipal
from api.problems import IdempotencyConflict
from models.api_client import IdempotentAnswer

KEY_MAX_CHARACTERS = 200
"""Any random id fits."""

_UNANSWERED = 0
"""The status of a row whose request is still being served."""


@dataclass(frozen=True)
class RepeatableRequest:
    """A POST that may carry a key. Without one, nothing is looked up and nothing kept."""

    context: Context
    principal_id: str
    key_sha256: str | None
    request_sha256: str

    def stored_answer(self, session: Session) -> JSONResponse | None:
        """Return the first answer, or None when this is the first request. Ask it first.

        The key is taken in the caller's write transaction: a twin that comes meanwhile waits.

        Raises
        ------
        IdempotencyConflict
            The key was used for another request.
        """
        if self.key_sha256 is None:
            return None
        earlier = self.earlier_answer(session)
        if earlier is not None:
            return earlier
        try:
            with session.begin_nested():
                session.add(self._placeholder(self.key_sha256))
        except IntegrityError:  # The twin was faster and has committed by now.
            return self.earlier_answer(session)
        return None

    def earlier_answer(self, session: Session) -> JSONResponse | None:
        """Return the first answer, if there is one; takes nothing.

        Raises
        ------
        IdempotencyConflict
            The key was used for another request.
        """
        stored = self._stored(session) if self.key_sha256 else None
        if stored is None:
            return None
        if stored.request_sha256 != self.request_sha256:
            raise IdempotencyConflict
        if stored.status == _UNANSWERED:
            raise IdempotencyConflict("The first request with this key has no answer yet.")
        headers = {**stored.headers, "Idempotent-Replayed": "true"}
        return JSONResponse(stored.body, status_code=stored.status, headers=headers)

    def answer(
        self,
        session: Session,
        status: int,
        content: BaseModel,
        headers: dict[str, str] | None = None,
    ) -> JSONResponse:
        """Return the answer, kept in the caller's transaction for a repetition."""
        body: dict[str, Any] = content.model_dump(mode="json")
        stored = self._stored(session) if self.key_sha256 else None
        if stored is not None:
            stored.status, stored.headers, stored.body = status, dict(headers or {}), body
        return JSONResponse(body, status_code=status, headers=headers)

    def _stored(self, session: Session) -> IdempotentAnswer | None:
        row = session.get(IdempotentAnswer, (self.principal_id, self.key_sha256))
        lifetime = timedelta(seconds=self.context.settings.idempotency_lifetime_seconds)
        is_kept = row is None or row.created_at + lifetime > self.context.clock()
        return row if is_kept else None

    def _placeholder(self, key_sha256: str) -> IdempotentAnswer:
        return IdempotentAnswer(
            principal_id=self.principal_id,
            key_sha256=key_sha256,
            request_sha256=self.request_sha256,
            status=_UNANSWERED,
            headers={},
            body={},
            created_at=self.context.clock(),
        )


async def repeatable_request(
    request: Request,
    context: Ctx,
    principal: CurrentPrincipal,
    idempotency_key: Annotated[
        str | None,
        Header(
            max_length=KEY_MAX_CHARACTERS,
            min_length=1,
            description="The same key with the same request gets the first answer again.",
        ),
    ] = None,
) -> RepeatableRequest:
    """Return the request with its key. A form must be read by a parameter before this one."""
    if idempotency_key is None:
        return RepeatableRequest(context, principal.actor, None, "")
    form_sha256: str | None = getattr(request.state, "form_sha256", None)
    body = form_sha256.encode() if form_sha256 else await request.body()
    said = f"{request.method} {request.url.path}?{request.url.query}\n".encode() + body
    return RepeatableRequest(
        context,
        principal.actor,
        hashlib.sha256(idempotency_key.encode()).hexdigest(),
        hashlib.sha256(said).hexdigest(),
    )


Repeatable = Annotated[RepeatableRequest, Depends(repeatable_request)]
"""The request with its idempotency key, as a parameter of a route."""
