"""The way through the pages, as a person clicks it."""

import re

from playwright.sync_api import Page, expect

from clients.simulator.scenes import shot, webcam_frame

PASSWORD = "four words in a row"
PATIENCE_MS = 60_000
"""For steps behind which a worker verifies, on a machine that does other things as well."""


def film_of(portrait: str) -> list[bytes]:
    """A person before the webcam who moves a little, as people do."""
    return [webcam_frame(portrait, shot(number)) for number in range(12) for _ in range(5)]


def sign_in(page: Page, url: str, login: str, password: str) -> None:
    page.goto(f"{url}/login")
    page.get_by_label("Login").fill(login)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def make_exam(page: Page, url: str, title: str) -> str:
    page.goto(f"{url}/admin/exams")
    page.get_by_label("Title").fill(title)
    page.get_by_label("Duration (minutes)").fill("30")
    page.get_by_label("Frame every (seconds)").fill("1")
    page.get_by_role("button", name="Make the exam").click()
    card = page.locator("li.card", has_text=title)
    return card.locator("code").inner_text()


def register(page: Page, url: str, login: str) -> None:
    page.goto(f"{url}/register")
    page.get_by_label("Login").fill(login)
    page.get_by_label("Your name").fill("Anna Example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Register").click()


def consent_and_enrol(page: Page) -> None:
    page.get_by_role("button", name="I have read this and agree").click()
    page.get_by_role("button", name="Take the pictures").or_(
        page.get_by_role("link", name="Take the pictures")
    ).click()
    page.get_by_role("button", name="Switch on the camera").click()
    for count in (1, 2, 3):
        page.get_by_role("button", name="Take a picture").click()
        expect(page.locator("#pictures li")).to_have_count(count)
        # The person moves between the pictures: the same one twice would be refused.
        page.wait_for_timeout(700)
    page.get_by_role("button", name="Send the pictures").click()
    expect(page.locator("#after-acceptance")).to_be_visible(timeout=PATIENCE_MS)


def join_and_start(page: Page, url: str, join_code: str) -> str:
    page.goto(url)
    page.get_by_label("Exam code").fill(join_code)
    page.get_by_role("button", name="Join").click()
    page.wait_for_url(re.compile("/attempts/att_"))
    page.get_by_role("button", name="Start the exam").click(timeout=PATIENCE_MS)
    expect(page.get_by_role("button", name="Hand in").first).to_be_visible()
    return page.url.rsplit("/", 1)[1]
