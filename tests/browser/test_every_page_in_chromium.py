"""Every page in a real browser: nobody is kept out, and nothing sticks out of a phone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.context import Context
from api.credentials import SIGN_IN_COOKIE
from api.invitations.service import add_invitations
from api.principal import Person
from api.users.service import create_admin, start_sign_in
from models.attempt import Attempt
from models.base import new_id
from models.frame import Frame
from models.review import Review, StudentReply
from models.statuses import AttemptState, RescoreState, ReviewDecision, Role, Verdict
from tests.api.conftest import PASSWORD
from tests.support.axe import serious_findings
from tests.support.browser import chromium
from tests.support.builders import (
    give_consent,
    make_attempt,
    make_enrollment,
    make_event,
    make_exam,
    make_frame,
    make_question,
    make_verification,
)
from tests.support.exam_pages import film_of
from tests.support.incidents import make_incident
from tests.support.people import register_student
from tests.support.rescores import make_rescore
from tests.support.serving import new_app, serving

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}

STATES = [state for state in AttemptState if state is not AttemptState.CREATED]

PAGES = [
    ("nobody", "/login"),
    ("nobody", "/register"),
    ("nobody", "/nothing/here"),
    ("nobody", "/invitation/{token}"),
    ("newcomer", "/"),
    ("newcomer", "/enrollment"),
    ("newcomer", "/attempts/{created}"),
    ("student", "/"),
    ("student", "/enrollment"),
    *(("student", f"/attempts/{{{state.value}}}") for state in STATES),
    ("admin", "/admin/dashboard"),
    ("admin", "/admin/wall"),
    ("admin", "/admin/wall?exam={exam}"),
    ("admin", "/admin/exams"),
    ("admin", "/admin/exams/{exam}"),
    ("admin", "/admin/exams/{exam}/incidents"),
    ("admin", "/admin/review"),
    ("admin", "/admin/incidents/{incident}"),
    ("admin", "/admin/exams/{exam}/edit"),
    ("admin", "/admin/exams/{exam}/archive"),
    ("admin", "/admin/exams/{exam}/proctoring"),
    ("admin", "/admin/exams/{exam}/questions"),
    ("admin", "/admin/exams/{exam}/questions/new?kind=multiple_choice"),
    ("admin", "/admin/exams/{exam}/questions/new?kind=short_text"),
    ("admin", "/admin/exams/{exam}/questions/{question}"),
    ("admin", "/admin/exams/{exam}/questions/{question}/delete"),
    ("admin", "/admin/exams/{exam}/import"),
    ("admin", "/admin/students"),
    ("admin", "/admin/students/import"),
    ("admin", "/admin/students/{subject}"),
    ("admin", "/admin/requests"),
    ("admin", "/admin/users"),
    ("admin", "/admin/users/{user}"),
    ("admin", "/admin/attempts"),
    ("admin", "/admin/ops"),
    ("admin", "/admin/alerts"),
    ("admin", "/admin/audit"),
    ("admin", "/admin/attempts/{second_review_required}"),
    ("admin", "/admin/attempts/{second_review_required}/rescores/{rescore}"),
    ("admin", "/admin/attempts/{second_review_required}/rescores/{rescore}?show=all"),
    ("admin", "/admin/attempts/{second_review_required}/rescores/{waiting_rescore}"),
]


@dataclass
class Site:
    """A running application with something on every page, and who is signed in to it."""

    browser: Browser
    url: str
    tokens: dict[str, str]
    """Of sign-ins, by who it is."""
    ids: dict[str, str]
    """What stands in the addresses of `PAGES`."""

    def visitor(self, who: str, *, language: str, scheme: str) -> BrowserContext:
        context = self.browser.new_context(
            locale=language,
            color_scheme="dark" if scheme == "dark" else "light",
            permissions=["camera"],
            reduced_motion="reduce",
        )
        if who in self.tokens:
            context.add_cookies(
                [{"name": SIGN_IN_COOKIE, "value": self.tokens[who], "url": self.url}]
            )
        return context


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    path = tmp_path_factory.mktemp("site")
    with new_app(path) as app:
        tokens, ids = furnish(app.state.context)
        with chromium(film_of("obama.jpg"), path) as browser, serving(app) as url:
            yield Site(browser, url, tokens, ids)


def furnish(context: Context) -> tuple[dict[str, str], dict[str, str]]:
    """Put something on every page; return the sign-ins and the ids."""
    now = context.clock()
    with context.database.write() as session:
        admin = create_admin(session, context, "root", PASSWORD)
        people = {"admin": admin}
        for login in ("newcomer", "student"):
            people[login] = register_student(
                session, context, login=login, display_name=login.title(), password=PASSWORD
            )
        subject_id = people["student"].subject_id or ""
        give_consent(session, subject_id, now=now)
        enrollment = make_enrollment(session, subject_id, now=now)
        ids = {"subject": subject_id, "user": people["student"].id}
        ids["token"] = invite_somebody(session, context, admin.id, people["newcomer"].id)
        exam = make_exam(session, title="History of the twentieth century", now=now)
        ids["exam"] = exam.id
        ids["question"] = make_question(session, exam.id).id
        ids["created"] = make_attempt(
            session, people["newcomer"].subject_id or "", AttemptState.CREATED, exam_id=exam.id
        ).id
        for state in STATES:
            attempt = make_attempt(
                session,
                subject_id,
                state,
                exam_id=exam.id,
                enrollment_id=enrollment.id,
                now=now,
                remaining_seconds=1800 if state is AttemptState.ERROR else None,
            )
            ids[state.value] = attempt.id
            for seq, verdict in enumerate((Verdict.MATCH, Verdict.MISMATCH), start=1):
                frame = make_frame(session, attempt, seq, now=now)
                make_verification(session, verdict=verdict, attempt=attempt, frame=frame, now=now)
            make_event(session, attempt, "tab", "tab_switch", now=now)
        ids["incident"] = make_incident(session, attempt, now=now, worst_seq=2, last_seq=2).id
        question(session, ids["second_review_required"], admin.id, now)
        ids |= score_again(session, ids["second_review_required"], now)
        tokens = {
            who: start_sign_in(session, context, user.id).token for who, user in people.items()
        }
    return tokens, ids


def invite_somebody(session: Session, context: Context, admin_id: str, user_id: str) -> str:
    admin = Person(admin_id, Role.ADMIN, None, "Root", "sgn_1", "token")
    return add_invitations(session, context, admin, [user_id])[user_id].token


def score_again(session: Session, attempt_id: str, now: datetime) -> dict[str, str]:
    """Score an attempt again, with another verdict for its second frame; once more is wanted."""
    attempt = session.get_one(Attempt, attempt_id)
    frames = session.scalars(select(Frame).where(Frame.attempt_id == attempt_id)).all()
    found = dict.fromkeys(frames, Verdict.MATCH)
    waiting = {"state": RescoreState.WAITING, "finished_at": None, "frame_count": len(frames)}
    return {
        "rescore": make_rescore(session, attempt, found, now=now).id,
        "waiting_rescore": make_rescore(session, attempt, {}, now=now, **waiting).id,
    }


def question(session: Session, attempt_id: str, reviewer_id: str, now: datetime) -> None:
    review = Review(
        id=new_id("rev"),
        attempt_id=attempt_id,
        reviewer_id=reviewer_id,
        decision=ReviewDecision.QUESTIONED,
        reason_codes=["second_person"],
        note="Looks like a helper.",
        message="For two minutes somebody stood behind you. Who was it?",
        reply_until=now.replace(year=now.year + 1),
        created_at=now,
    )
    session.add(review)
    session.flush()
    reply = StudentReply(
        id=new_id("rep"),
        attempt_id=attempt_id,
        review_id=review.id,
        text="My brother looked for his phone.",
        created_at=now,
    )
    session.add(reply)


def open_page(page: Page, site: Site, path: str) -> None:
    answer = page.goto(site.url + path.format(**site.ids))
    assert answer is not None
    assert answer.status == (404 if path == "/nothing/here" else 200)
    page.wait_for_load_state("load")


@pytest.mark.parametrize(("who", "path"), PAGES)
def test_axe_finds_nothing_serious_and_a_phone_holds_it(site: Site, who: str, path: str) -> None:
    # German texts are longer: what holds for them holds for English.
    context = site.visitor(who, language="de", scheme="light")
    page = context.new_page()
    page.set_viewport_size(DESKTOP)
    open_page(page, site, path)
    # The admins' desk speaks English alone.
    assert page.locator("html").get_attribute("lang") == ("en" if who == "admin" else "de")
    assert serious_findings(page) == []
    page.emulate_media(color_scheme="dark")
    assert serious_findings(page) == []
    page.set_viewport_size(PHONE)
    assert width_of(page) <= PHONE["width"]
    context.close()


@pytest.mark.parametrize(("who", "path"), [one for one in PAGES if one[0] != "admin"])
def test_a_phone_holds_it_in_english_too(site: Site, who: str, path: str) -> None:
    context = site.visitor(who, language="en", scheme="light")
    page = context.new_page()
    page.set_viewport_size(PHONE)
    open_page(page, site, path)
    assert width_of(page) <= PHONE["width"]
    context.close()


def width_of(page: Page) -> int:
    width: int = page.evaluate("() => document.documentElement.scrollWidth")
    return width


def test_scripts_speak_the_language_of_the_page(site: Site) -> None:
    context = site.visitor("student", language="de", scheme="light")
    page = context.new_page()
    open_page(page, site, "/enrollment")
    expect(page.locator("#enroll-text")).to_have_text("Noch kein Bild.")
    context.close()


def test_keys_choose_a_decision_and_arrows_stay_with_the_frames(site: Site) -> None:
    context = site.visitor("admin", language="en", scheme="light")
    page = context.new_page()
    open_page(page, site, "/admin/incidents/{incident}")
    expect(page.locator("#frame-title")).to_have_text("frame 2")
    expect(page.locator("#course canvas")).to_be_visible()
    expect(page.get_by_text("Hatched: frames that never came")).to_be_visible()
    page.keyboard.press("c")
    expect(page.locator("#chosen")).to_have_text("Confirm chosen.")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#frame-title")).to_have_text("frame 1")
    expect(page.get_by_label("Confirm")).to_be_checked()
    # Frames go on by themselves, as fast as the machine lets them, until the next key or the last.
    page.keyboard.press("Space")
    expect(page.locator("#frame-title")).to_have_text(re.compile("frame [2-9]"))
    page.keyboard.press("Space")
    play = page.get_by_role("button", name="Play")
    expect(play).to_have_attribute("aria-pressed", "false")
    shown = page.locator("#frame-title").inner_text()
    # Whoever went to the decisions by Tab or mouse finds them as in every form.
    page.get_by_label("Confirm").focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("Dismiss")).to_be_checked()
    expect(page.locator("#chosen")).to_have_text("")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_label("Ask for a second review")).to_be_checked()
    expect(page.locator("#frame-title")).to_have_text(shown)
    context.close()
