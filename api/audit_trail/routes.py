"""Routes of the audit chain."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import StreamingResponse

from api import audit, problems
from api.audit_trail.export import MEDIA_TYPES, ExportFormat, exported
from api.audit_trail.schemas import AuditPage, WantedEntries
from api.audit_trail.service import entry_answers, list_entries
from api.authorization import Action, authorize
from api.context import Ctx
from api.principal import AdminPerson
from api.request_id import RequestId
from models.audit import AuditEntry

router = APIRouter(
    prefix="/api/v1/audit", tags=["audit"], responses=problems.responses(problems.NotAllowed)
)

Before = Annotated[
    int | None, Query(ge=1, le=2**62, description="`next_cursor` of the page before.")
]


@router.get("")
def get_audit(
    context: Ctx,
    admin: AdminPerson,
    wanted: WantedEntries,
    cursor: Before = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> AuditPage:
    """List who saw which picture and who changed what, newest first; reviewers get their own."""
    with context.database.read() as session:
        entries, next_cursor = list_entries(session, admin, wanted, before=cursor, limit=limit)
        return AuditPage(items=entry_answers(session, entries), next_cursor=next_cursor)


@router.get(
    "/export",
    response_class=StreamingResponse,
    responses={
        200: {"content": {"text/csv": {}, "application/json": {}}, "description": "A file."}
    },
)
def get_export(
    context: Ctx,
    admin: AdminPerson,
    request_id: RequestId,
    wanted: WantedEntries,
    file_format: Annotated[ExportFormat, Query(alias="format")] = ExportFormat.CSV,
) -> StreamingResponse:
    """Return every wanted entry as a file. The export is an entry itself, the last one in it."""
    detail = {"format": file_format.value} | {
        name: str(value) for name, value in vars(wanted).items() if value
    }
    with context.database.write() as session:
        authorize(admin, Action.MANAGE, AuditEntry)
        own = audit.record(session, context, admin, "audit.exported", "audit", request_id, detail)
    return StreamingResponse(
        exported(context, admin, wanted, file_format, before=own.number + 1),
        media_type=MEDIA_TYPES[file_format],
        headers={"Content-Disposition": f'attachment; filename="audit.{file_format.value}"'},
    )
