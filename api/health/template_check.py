"""Whether the engine in use has templates of everybody: a warning, because workers renew them."""

from sqlalchemy.orm import Session

from api.health.schemas import Check
from models.face_templates import current_without_template
from models.job import engines_in_use
from models.settings import Settings


def check_templates(session: Session, settings: Settings) -> Check:
    """Count the current enrollments that the engine in use has no template of.

    Never a reason not to be ready: the worker that meets such an enrollment renews it on the spot.
    """
    engine_ids = engines_in_use(session, seen_seconds=settings.worker_seen_seconds)
    if not engine_ids:
        return Check(ok=True, detail="Which are needed is not known while no worker is there.")
    missing = {engine_id: current_without_template(session, engine_id) for engine_id in engine_ids}
    lacking = [
        f"{count} enrollment{' has' if count == 1 else 's have'} no template of {engine_id}"
        for engine_id, count in missing.items()
        if count
    ]
    if not lacking:
        return Check(ok=True, detail="Every enrollment has one of the engine in use.")
    detail = (
        f"{', '.join(lacking)}. Run `face-monitor reencode`; until then each is renewed when a "
        "frame of it comes."
    )
    return Check(ok=True, warning=True, detail=detail)
