"""Routes for whoever keeps the service running."""

import ipaddress

from fastapi import APIRouter, Depends, Request
from starlette.responses import PlainTextResponse, Response

from api import problems
from api.context import Ctx
from api.csrf import SentCsrfToken
from api.health.metrics import metrics_text
from api.health.schemas import Alive, Readiness
from api.health.service import SchemaCheck, readiness
from api.principal import Person, current_principal
from models.statuses import Role

router = APIRouter(tags=["health"])

METRICS_MEDIA_TYPE = "text/plain; version=0.0.4"
"""What Prometheus expects of its text format."""


@router.get("/healthz", openapi_extra={"security": []})
async def get_health() -> Alive:
    """Tell that the process answers; asks nothing else, so that it is never restarted in vain."""
    return Alive()


@router.get(
    "/readyz",
    responses={503: {"model": Readiness, "description": "Not ready."}},
    openapi_extra={"security": []},
)
def get_readiness(request: Request, response: Response, context: Ctx) -> Readiness:
    """Tell whether a frame sent now would be verified soon."""
    schema: SchemaCheck = request.app.state.schema_check
    found = readiness(context, schema)
    response.status_code = 200 if found.status == "ready" else 503
    return found


def may_see_metrics(request: Request, context: Ctx, csrf_token: SentCsrfToken) -> None:
    """Return for this machine itself, systems, admins and reviewers.

    Raises
    ------
    NotSignedIn, NotAllowed
    """
    if _is_from_this_machine(request):
        return
    principal = current_principal(request, context, csrf_token)
    if isinstance(principal, Person) and principal.role is Role.STUDENT:
        raise problems.NotAllowed("The figures are for operators.")


@router.get(
    "/metrics",
    response_class=PlainTextResponse,
    dependencies=[Depends(may_see_metrics)],
    responses=problems.responses(problems.NotAllowed),
)
def get_metrics(request: Request, context: Ctx) -> Response:
    """Return the figures for Prometheus; for this machine, systems and admins."""
    text = metrics_text(context, request.app.state.traffic_counter)
    return Response(text, media_type=METRICS_MEDIA_TYPE)


def _is_from_this_machine(request: Request) -> bool:
    # Behind a proxy on this machine everybody comes from here: a forwarded request does not count.
    if request.client is None or "x-forwarded-for" in request.headers:
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
