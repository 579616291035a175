"""The figures for Prometheus: those of the service page, and totals."""

from collections.abc import Mapping

from api.context import Context
from api.figures.service import ServiceFigures, service_figures
from api.figures.traffic import TrafficCounter
from api.health.service import seen_workers
from models.statuses import Verdict
from models.totals import totals


def metrics_text(context: Context, counter: TrafficCounter) -> str:
    """Return the figures in Prometheus' text format."""
    with context.database.read() as session:
        counted = totals(session)
        workers = len(seen_workers(context, session))
        figures = service_figures(session, context, counter)
    return "\n".join(
        [
            *_metric("jobs", "gauge", "Jobs by state.", "state", counted.jobs),
            *_metric(
                "verifications",
                "gauge",
                "Recorded verifications by verdict.",
                "verdict",
                counted.verdicts,
            ),
            *_metric("frames", "gauge", "Frames stored.", None, {"": counted.frames}),
            *_metric("workers_seen", "gauge", "Worker processes seen lately.", None, {"": workers}),
            *_shared(figures),
            "",
        ]
    )


def _shared(figures: ServiceFigures) -> list[str]:
    """Return what the service page shows as well."""
    lately = {verdict.value: figures.traffic.verdicts.get(verdict, 0) for verdict in Verdict}
    lines = [
        *_metric(
            "oldest_waiting_seconds",
            "gauge",
            "How long the oldest due job has waited.",
            None,
            {"": round(figures.oldest_waiting_seconds, 3)},
        ),
        *_metric("jobs_waiting", "gauge", "Jobs not done, by lane.", "lane", figures.waiting),
        *_metric(
            "frames_received_per_second",
            "gauge",
            "Frames received, over a window.",
            "window_seconds",
            {str(one.window_seconds): round(one.received_per_second, 4) for one in figures.rates},
        ),
        *_metric(
            "frames_verified_per_second",
            "gauge",
            "Frames verified, over a window.",
            "window_seconds",
            {str(one.window_seconds): round(one.verified_per_second, 4) for one in figures.rates},
        ),
        *_metric(
            "verifications_last_hour", "gauge", "Verdicts of the last hour.", "verdict", lately
        ),
        *_metric(
            "alerts_waiting",
            "gauge",
            "Messages on their way out.",
            None,
            {"": figures.alerts_waiting},
        ),
        *_metric(
            "storage_free_bytes",
            "gauge",
            "Room in the frame store.",
            None,
            {"": figures.free_bytes},
        ),
    ]
    if figures.latency is not None:
        latency = figures.latency
        lines += _metric(
            "verification_latency_seconds",
            "gauge",
            f"From arrival to verdict, over the newest {latency.count} frames.",
            "quantile",
            {"0.5": round(latency.p50_seconds, 3), "0.95": round(latency.p95_seconds, 3)},
        )
    if figures.storage is not None:
        size = figures.storage.figures["byte_count"]
        lines += _metric(
            "storage_used_bytes", "gauge", "Size of the frame store.", None, {"": size}
        )
    return lines


def _metric(
    name: str, kind: str, about: str, label: str | None, values: Mapping[str, float]
) -> list[str]:
    full_name = f"face_monitor_{name}"
    lines = [f"# HELP {full_name} {about}", f"# TYPE {full_name} {kind}"]
    for value, number in values.items():
        labels = f'{{{label}="{value}"}}' if label else ""
        lines.append(f"{full_name}{labels} {number}")
    return lines
