"""The application: middleware from the outside in, and every feature's routes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI
from starlette.middleware import Middleware

from api import problems
from api.allowances import routes as allowances
from api.alternative_requests import routes as alternative_requests
from api.attempts import routes as attempts
from api.audit_trail import routes as audit_trail
from api.context import Clock, make_context, utc_now
from api.enrollments import routes as enrollments
from api.events import routes as events
from api.exams import routes as exams
from api.figures.traffic import TrafficCounter
from api.frames import routes as frames
from api.health import routes as health
from api.health.service import SchemaCheck
from api.hosts import KnownHosts, hosts_of
from api.incidents import routes as incidents
from api.monitor import routes as monitor
from api.multipart import UploadBudget
from api.openapi import describe_api
from api.pages import (
    admin,
    alerts,
    attempt_list,
    desk,
    exam_edit,
    exam_import,
    exam_questions,
    incident_policy,
    invitation,
    language,
    one_student,
    ops,
    requests,
    rescore,
    review,
    sign_in,
    student,
    student_import,
    students,
    verify_together,
)
from api.pages import audit as audit_pages
from api.pages import exams as exam_pages
from api.pages import users as user_pages
from api.pages import wall as wall_page
from api.pages.static_files import mount_static
from api.papers import routes as papers
from api.problem_answers import UnexpectedErrors, handle_problems
from api.questions import routes as questions
from api.reports import bundle_routes as bundles
from api.reports import results_routes as results
from api.reports import routes as reports
from api.reports.desk import ReportDesk
from api.request_body import BodyLimits
from api.request_id import RequestIds
from api.rescores import routes as rescores
from api.reviews import routes as reviews
from api.security_headers import SecurityHeaders
from api.stream import routes as stream
from api.stream.hub import Hub
from api.stream.shutdown import told_of_shutdown
from api.subjects import routes as subjects
from api.timeline import routes as timeline
from api.users import routes as users
from api.verifications import routes as verifications
from api.wall import routes as wall
from api.webhooks import routes as webhooks
from models.garbage import spare_what_stays
from models.settings import Settings, read_settings


def make_app(settings: Settings, *, clock: Clock = utc_now) -> FastAPI:
    """Return the application; it connects to nothing before its first request."""
    context = make_context(settings, clock)

    hub = Hub(context)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        spare_what_stays()
        with told_of_shutdown(hub.close):
            yield
        context.database.close()

    app = FastAPI(
        title="Face Monitor",
        version="1",
        description="Server-side face verification for online exams.",
        docs_url=None,  # Their scripts come from foreign hosts, which our CSP forbids.
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        responses=problems.responses(
            problems.InvalidRequest, problems.NotSignedIn, problems.TooManyRequests
        ),
        middleware=[
            Middleware(RequestIds),
            Middleware(SecurityHeaders, is_https=settings.is_https),
            Middleware(UnexpectedErrors),
            Middleware(KnownHosts, allowed_hosts=hosts_of(settings.allowed_hosts)),
            Middleware(BodyLimits),
        ],
    )
    app.state.context = context
    app.state.upload_budget = UploadBudget()
    app.state.hub = hub
    app.state.schema_check = SchemaCheck()
    app.state.traffic_counter = TrafficCounter()
    app.state.report_desk = ReportDesk()
    handle_problems(app)
    describe_api(app)
    for router in _routers():
        app.include_router(router)
    mount_static(app)
    return app


def make_app_from_environment() -> FastAPI:
    """Return the application with the settings of the environment; uvicorn's factory."""
    return make_app(read_settings())


def _routers() -> list[APIRouter]:
    return [
        health.router,
        users.router,
        subjects.router,
        enrollments.router,
        allowances.router,
        alternative_requests.router,
        exams.router,
        questions.router,
        attempts.router,
        papers.router,
        reviews.router,
        incidents.router,
        rescores.router,
        frames.router,
        events.router,
        monitor.router,
        timeline.router,
        stream.router,
        wall.router,
        verifications.router,
        audit_trail.router,
        webhooks.router,
        reports.router,
        reports.pages,
        bundles.router,
        bundles.pages,
        results.router,
        results.pages,
        sign_in.router,
        invitation.router,
        language.router,
        student.router,
        admin.router,
        attempt_list.router,
        verify_together.router,
        wall_page.router,
        desk.router,
        requests.router,
        review.router,
        rescore.router,
        incident_policy.router,
        # Before the students' pages: `import` is no id.
        student_import.router,
        students.router,
        one_student.router,
        user_pages.router,
        exam_pages.router,
        exam_edit.router,
        exam_questions.router,
        exam_import.router,
        audit_pages.router,
        ops.router,
        alerts.router,
    ]
