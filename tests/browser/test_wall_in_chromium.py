"""The live wall in a real Chromium, while rows are written beside the service."""

import itertools
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import func, select

from api.context import Context
from api.credentials import SIGN_IN_COOKIE
from api.users.service import create_admin, start_sign_in
from models.attempt_states import move
from models.audit import AuditEntry
from models.database import Database
from models.statuses import AttemptState, IncidentKind, Severity, Verdict
from models.user import SignIn
from tests.api.conftest import PASSWORD
from tests.browser.test_every_page_in_chromium import DESKTOP, PHONE
from tests.browser.test_smoothness_in_chromium import NOTE_LONG_TASKS
from tests.support.axe import serious_findings
from tests.support.browser import chromium
from tests.support.builders import make_attempt, make_exam, make_subject
from tests.support.exam_pages import film_of
from tests.support.exam_rooms import ExamRoom, add_incidents, fill_room, next_check
from tests.support.figures import tell
from tests.support.incidents import make_incident
from tests.support.serving import new_app, serving
from tests.support.waiting import free_port

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

SOON_MS = 3000
"""The promise is a second; a machine that runs other tests as well gets more."""

FULL_ROOM = 300
LONGEST_TASK_MS = 500


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    path = tmp_path_factory.mktemp("film")
    with chromium(film_of("obama.jpg")[:1], path) as found:
        yield found


@dataclass
class Site:
    """An application whose database others write to as well."""

    app: FastAPI
    browser: Browser
    elsewhere: Database
    token: str
    port: int

    @property
    def context(self) -> Context:
        context: Context = self.app.state.context
        return context

    def room(self, count: int, checks: int = 5, **columns: str) -> ExamRoom:
        picture = film_of("obama.jpg")[0]
        with self.context.database.write() as session:
            return fill_room(
                session, self.context, count, checks=checks, pictures=[picture], **columns
            )

    def open(self, url: str, query: str = "", **options: object) -> Page:
        visitor = self.browser.new_context(viewport=DESKTOP, **options)  # type: ignore[arg-type]
        visitor.add_cookies([{"name": SIGN_IN_COOKIE, "value": self.token, "url": url}])
        visitor.add_init_script(NOTE_LONG_TASKS)
        page = visitor.new_page()
        page.goto(f"{url}/admin/wall{query}")
        expect(page.locator("#wall-live")).to_have_text("Live", timeout=20_000)
        return page


@pytest.fixture
def site(tmp_path: Path, browser: Browser) -> Iterator[Site]:
    with new_app(tmp_path) as app:
        context: Context = app.state.context
        with context.database.write() as session:
            admin = create_admin(session, context, "root", PASSWORD)
            token = start_sign_in(session, context, admin.id).token
        elsewhere = Database(context.settings.database)
        yield Site(app, browser, elsewhere, token, free_port())
        for visitor in browser.contexts:
            visitor.close()
        elsewhere.close()


def milliseconds_until_shown(page: Page, selector: str, text: str) -> float:
    began = time.monotonic()
    page.wait_for_function(
        "([selector, text]) => document.querySelector(selector)?.textContent.includes(text)",
        arg=[selector, text],
        timeout=SOON_MS,
    )
    return (time.monotonic() - began) * 1000


def test_what_others_write_is_shown_within_a_second_and_after_a_restart(site: Site) -> None:
    room = site.room(4)
    attempt = room.attempts[0]
    verdict = f"#tile-{attempt.id} [data-part=verdict]"
    figures = []
    with serving(site.app, site.port) as url:
        page = site.open(url)
        expect(page.locator(verdict)).to_have_text("Match")
        with site.elsewhere.write() as session:
            next_check(session, room, attempt, Verdict.MISMATCH)
        figures.append(milliseconds_until_shown(page, verdict, "Mismatch"))
        with site.elsewhere.write() as session:
            make_incident(session, attempt, now=datetime.now(UTC))
        figures.append(milliseconds_until_shown(page, "#incident-list", "Wrong person"))
        expect(page.locator("#wall-announcement")).to_contain_text("New incident: Wrong person")
    expect(page.locator("#wall-banner")).to_be_visible()
    expect(page.locator("#wall-live")).to_have_text("Not live")
    expect(page.locator("#wall-banner [data-part=old]")).to_contain_text("old, from")
    with site.elsewhere.write() as session:
        next_check(session, room, attempt, Verdict.NO_FACE)
    with serving(site.app, site.port):
        expect(page.locator("#wall-live")).to_have_text("Live", timeout=15_000)
        expect(page.locator("#wall-banner")).to_be_hidden()
        expect(page.locator(verdict)).to_have_text("No face")
        with site.elsewhere.write() as session:
            next_check(session, room, attempt, Verdict.MATCH)
        figures.append(milliseconds_until_shown(page, verdict, "Match"))
    shown = ", ".join(f"{figure:.0f}" for figure in figures)
    tell(f"verdict, incident and verdict after a restart on the wall after {shown} ms")


def test_attempts_come_and_go_and_ended_ones_can_be_shown(site: Site) -> None:
    room = site.room(2)
    with serving(site.app, site.port) as url:
        page = site.open(url)
        tiles = page.locator(".tile:visible")
        expect(tiles).to_have_count(2)
        with site.elsewhere.write() as session:
            now = datetime.now(UTC)
            subject = make_subject(session, site.context.key_ring, now=now)
            subject.display_name = "Zoe Zhang"
            make_attempt(session, subject.id, exam_id=room.exam_id, now=now)
        expect(tiles.nth(2)).to_contain_text("Zoe Zhang", timeout=SOON_MS)
        with site.elsewhere.write() as session:
            left = session.merge(room.attempts[0], load=True)
            move(
                session,
                left,
                AttemptState.SUBMITTED,
                actor="system",
                reason="Handed in.",
                now=datetime.now(UTC),
            )
        expect(tiles).to_have_count(2, timeout=SOON_MS)
        page.get_by_label("Show those that ended").check()
        expect(tiles).to_have_count(3)
        expect(page.locator(f"#tile-{left.id}")).to_contain_text("Handed in")


def test_no_filter_hides_an_incident(site: Site) -> None:
    room = site.room(3)
    with site.context.database.write() as session:
        other = make_exam(session, title="Another exam")
    with serving(site.app, site.port) as url:
        page = site.open(url, f"?exam={other.id}")
        expect(page.locator(".tile:visible")).to_have_count(0)
        named = site.open(url)
        named.get_by_label("Name").fill("nobody is called so")
        named.get_by_label("Only with incidents").check()
        expect(named.locator(".tile:visible")).to_have_count(0)
        with site.elsewhere.write() as session:
            make_incident(
                session, room.attempts[1], IncidentKind.AWAY, Severity.LOW, now=datetime.now(UTC)
            )
        for wall, note in ((page, "not on the wall of this exam"), (named, "filtered out")):
            entry = wall.locator("#incident-list .incident")
            expect(entry).to_contain_text("Away from the page", timeout=SOON_MS)
            expect(entry).to_contain_text(note)
            expect(entry).to_have_attribute("data-fresh", "true")


def test_what_happens_again_lifts_its_line_and_is_new(site: Site) -> None:
    room = site.room(3)
    often, other = room.attempts[:2]
    now = datetime.now(UTC)
    with site.context.database.write() as session:
        for minutes in (30, 20):
            began = now - timedelta(minutes=minutes)
            over = began + timedelta(minutes=1)
            make_incident(session, often, now=began, last_at=over, closed_at=over, updated_at=now)
        make_incident(session, other, IncidentKind.NOBODY, now=now)
    with serving(site.app, site.port) as url:
        page = site.open(url)
        lines = page.locator("#incident-list .incident")
        expect(lines).to_have_count(2)
        expect(lines.nth(1)).to_contain_text(re.compile(r"2 times, last [\d:]{8}, over after 10 s"))
        expect(page.locator(".incident-new:visible")).to_have_count(0)
        with site.elsewhere.write() as session:
            began = datetime.now(UTC)
            newest = make_incident(session, often, severity=Severity.LOW, now=began)
        expect(lines.first).to_contain_text("3 times", timeout=SOON_MS)
        expect(lines).to_have_count(2)
        expect(lines.first).to_have_attribute("data-fresh", "true")
        expect(lines.first.locator(".incident-new")).to_be_visible()
        expect(lines.first).to_contain_text("High")
        link = lines.first.locator("[data-part=name]")
        expect(link).to_have_attribute("href", f"/admin/incidents/{newest.id}")
        expect(page.locator("#wall-announcement")).to_contain_text("New incident: Wrong person")
        expect(page.locator("#incident-count")).to_have_text("2 open, 2 over")


def test_pictures_of_tiles_in_view_are_shown_for_one_entry(site: Site) -> None:
    site.room(60, checks=1)
    with serving(site.app, site.port) as url:
        page = site.open(url)
        expect(page.locator(".tile img").nth(8)).to_be_visible(timeout=20_000)
        loaded = page.locator(".tile img").count()
    with site.context.database.read() as session:
        entries = session.execute(
            select(AuditEntry.action, func.count())
            .where(AuditEntry.action.in_(["wall.looked", "frame.seen"]))
            .group_by(AuditEntry.action)
        ).all()
    assert entries == [("wall.looked", 1)]
    assert loaded < 60


def test_who_is_signed_out_is_told_so(site: Site) -> None:
    site.room(1)
    with serving(site.app, site.port) as url:
        page = site.open(url)
        with site.context.database.write() as session:
            session.query(SignIn).delete()
        banner = page.locator("#wall-banner")
        expect(banner).to_contain_text("You are no longer signed in.", timeout=30_000)
        expect(banner.get_by_role("link", name="Sign in again")).to_be_visible()


def test_sound_is_off_until_wanted_and_remembered(site: Site) -> None:
    site.room(1)
    with serving(site.app, site.port) as url:
        page = site.open(url)
        sound = page.get_by_role("button", name="Sound")
        expect(sound).to_have_attribute("aria-pressed", "false")
        sound.click()
        page.reload()
        expect(sound).to_have_attribute("aria-pressed", "true")


def test_silent_tile_says_what_was_last_and_the_keyboard_gets_there(site: Site) -> None:
    room = site.room(21)
    silent, writing_on = room.attempts[20], room.attempts[0]
    with site.context.database.write() as session:
        add_incidents(session, room)
    with serving(site.app, site.port) as url:
        page = site.open(url)
        chip = page.locator(f"#tile-{silent.id} [data-part=verdict] .chip")
        expect(chip).to_have_text(re.compile("^last: "))
        expect(chip).to_have_class("chip plain")
        chip = page.locator(f"#tile-{writing_on.id} [data-part=verdict] .chip")
        expect(chip).not_to_have_text(re.compile("^last"))
        # Filters and sound lie before the incidents, and a link leads past these.
        expect(page.locator("#incident-list a").first).to_be_visible()
        page.locator("#wall-exam").focus()
        for _ in range(7):
            page.keyboard.press("Tab")
        expect(page.locator("#wall-sound")).to_be_focused()
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="To the tiles")).to_be_in_viewport()
        page.keyboard.press("Enter")
        expect(page.locator("#wall-tiles")).to_be_focused()
        page.keyboard.press("Tab")
        expect(page.locator(".tile a").first).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_full_wall_keeps_nobody_out(site: Site, scheme: str) -> None:
    room = site.room(24)
    with site.context.database.write() as session:
        add_incidents(session, room)
    with serving(site.app, site.port) as url:
        page = site.open(url, color_scheme=scheme, reduced_motion="reduce")
        expect(page.locator(".tile")).to_have_count(24)
        assert serious_findings(page) == []
        page.set_viewport_size(PHONE)
        assert page.evaluate("() => document.documentElement.scrollWidth") <= PHONE["width"]
        assert serious_findings(page) == []
    expect(page.locator("#wall-banner")).to_be_visible()
    assert serious_findings(page) == []


@contextmanager
def writing(site: Site, room: ExamRoom) -> Iterator[list[str]]:
    """Write verdicts as a full room gets them, each student every five seconds."""
    written: list[str] = []
    is_over = threading.Event()

    def write() -> None:
        for turn in itertools.count():
            if is_over.wait(5 / 60):
                return
            with site.elsewhere.write() as session:
                written.extend(
                    next_check(session, room, attempt).id
                    for attempt in room.attempts[turn % 60 :: 60]
                )

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield written
    finally:
        is_over.set()
        writer.join()


def test_three_hundred_attempts_do_not_make_it_stutter(site: Site) -> None:
    room = site.room(FULL_ROOM, checks=60)
    with site.context.database.write() as session:
        add_incidents(session, room)
    with serving(site.app, site.port) as url:
        page = site.open(url)
        expect(page.locator(".tile")).to_have_count(FULL_ROOM, timeout=20_000)
        page.wait_for_timeout(1000)
        opened: list[list[float]] = page.evaluate("() => longTasks.splice(0)")
        with writing(site, room) as written:
            for step in range(200):
                page.evaluate("(top) => scrollTo(0, top)", (step * 40) % 4000)
                page.wait_for_timeout(100)
        live: list[list[float]] = page.evaluate("() => longTasks")
        began = time.monotonic()
        answer = page.request.get(f"{url}/api/v1/wall")
        took = time.monotonic() - began
    longest = max((duration for _, duration in live), default=0)
    tell(
        f"{FULL_ROOM} tiles, {len(written)} verdicts while it scrolled for 20 s: "
        f"{len(live)} tasks above 50 ms, the longest {longest:.0f} ms; while opening: "
        f"{[round(duration) for _, duration in opened]} ms; "
        f"snapshot {len(answer.body()) / 1000:.0f} kB in {took * 1000:.0f} ms"
    )
    assert longest <= LONGEST_TASK_MS
