"""The page on which an operator sees how the service does."""

from dataclasses import dataclass
from datetime import timedelta

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.context import Ctx
from api.figures.service import broker, database_bytes, service_figures, versions, workers
from api.health.service import readiness
from api.pages.page import render_page
from api.principal import AdminPerson
from models.statuses import Verdict

router = APIRouter(prefix="/admin/ops", include_in_schema=False)

CHART_HEIGHT = 60
"""Of the chart's own units; its width is the number of bars."""


@dataclass(frozen=True)
class Bar:
    """One stretch of the chart, in its own units."""

    x: int
    y: float
    height: float


@router.get("")
def show_service(request: Request, context: Ctx, admin: AdminPerson) -> Response:
    """Show what waits, how fast frames are verified, and who does it."""
    health = readiness(context, request.app.state.schema_check)
    with context.database.read() as session:
        figures = service_figures(session, context, request.app.state.traffic_counter)
        seen_since = figures.now - timedelta(seconds=context.settings.worker_seen_seconds)
        lately = figures.traffic.verdicts
        return render_page(
            request,
            "admin/ops.html",
            person=admin,
            health=health,
            figures=figures,
            bars=bars(figures.traffic.verified),
            busiest_per_second=max(figures.traffic.verified) / figures.bucket_seconds,
            verdict_counts={one: lately[one] for one in Verdict if lately.get(one)},
            verdict_total=sum(lately.values()),
            workers=workers(session),
            seen_since=seen_since,
            broker=broker(context),
            database_bytes=database_bytes(session),
            versions=versions(session),
        )


def bars(counts: list[int]) -> list[Bar]:
    """Return the bars of the counts, the highest as high as the chart."""
    highest = max(counts) or 1
    return [
        Bar(x, round(CHART_HEIGHT - height, 1), height)
        for x, count in enumerate(counts)
        for height in [round(CHART_HEIGHT * count / highest, 1)]
    ]
