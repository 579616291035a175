"""The way through the pages, as a person clicks it."""

import re
import time

from playwright.sync_api import FilePayload, Page, expect

from clients.simulator.portraits import portrait_path
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
    page.get_by_label("Title", exact=True).fill(title)
    page.get_by_label("Duration (minutes)").fill("30")
    page.get_by_label("Frame every (seconds)").fill("1")
    page.get_by_role("button", name="Make the exam").click()
    return page.locator("#code").inner_text()


def register(page: Page, url: str, login: str) -> None:
    page.goto(f"{url}/register")
    page.get_by_label("Login").fill(login)
    page.get_by_label("Your name").fill("Anna Example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Register").click()


def consent_and_enrol(page: Page) -> None:
    page.get_by_role("button", name="I have read this and agree").click()
    enrol(page)


def enrol(page: Page) -> None:
    """Take three pictures, as the page asks, and wait for the server's answer."""
    page.goto(page.url.split("/", 3)[0] + "//" + page.url.split("/", 3)[2] + "/enrollment")
    page.get_by_role("button", name="Switch on the camera").click()
    for count in (1, 2, 3):
        page.get_by_role("button", name="Take a picture").click()
        expect(page.locator("#pictures li")).to_have_count(count)
        # The person moves between the pictures: the same one twice would be refused.
        page.wait_for_timeout(700)
    page.get_by_role("button", name="Send the pictures").click()
    expect(page.locator("#after-acceptance")).to_be_visible(timeout=PATIENCE_MS)


def enrol_at_once(page: Page, url: str) -> None:
    """Agree on the page and hand in a photograph as its script would: for tests of what follows."""
    page.get_by_role("button", name="I have read this and agree").click()
    page.goto(f"{url}/enrollment")
    subject_id = page.locator("[data-subject-id]").get_attribute("data-subject-id")
    token = page.locator('meta[name="csrf-token"]').get_attribute("content") or ""
    address = f"{url}/api/v1/subjects/{subject_id}/enrollments"
    photograph: FilePayload = {
        "name": "obama.jpg",
        "mimeType": "image/jpeg",
        "buffer": portrait_path("obama.jpg").read_bytes(),
    }
    answer = page.request.post(
        address, multipart={"images": photograph}, headers={"X-CSRF-Token": token}
    )
    assert answer.ok, answer.text()
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while (found := page.request.get(address).json()["items"][0]["state"]) == "pending":
        assert time.monotonic() < deadline, "The photograph was not looked at."
        page.wait_for_timeout(200)
    assert found == "accepted"


def join(page: Page, url: str, join_code: str) -> str:
    """Join by code; return the attempt's id."""
    page.goto(url)
    page.get_by_label("Exam code").fill(join_code)
    page.get_by_role("button", name="Join").click()
    page.wait_for_url(re.compile("/attempts/att_"))
    return page.url.rsplit("/", 1)[1]


def join_and_start(page: Page, url: str, join_code: str) -> str:
    """Join, wait until the server has recognised the person, and start."""
    attempt_id = join(page, url, join_code)
    start(page)
    return attempt_id


def start(page: Page) -> None:
    """Start once the system check says that the server has recognised the person."""
    expect(page.locator('.check[data-check="server"]')).to_have_attribute(
        "data-state", "ok", timeout=PATIENCE_MS
    )
    page.get_by_role("button", name="Start the exam").click(timeout=PATIENCE_MS)
    expect(page.locator("#submit")).to_be_visible(timeout=PATIENCE_MS)


def hand_in(page: Page) -> None:
    page.locator("#submit").click()
    page.locator("#submit-confirm").click()
    expect(page.locator("#attempt-text")).to_contain_text("You handed it in", timeout=PATIENCE_MS)


QUESTIONS: list[dict[str, object]] = [
    {
        "kind": "single_choice",
        "text": "In which year did the Berlin Wall fall?",
        "points": 2,
        "choices": [{"text": "1987"}, {"text": "1989", "is_correct": True}, {"text": "1991"}],
    },
    {
        "kind": "multiple_choice",
        "text": "Which of these countries were founding members of the United Nations?",
        "points": 3,
        "choices": [
            {"text": "France", "is_correct": True},
            {"text": "China", "is_correct": True},
            {"text": "Switzerland"},
            {"text": "Japan"},
        ],
    },
    {
        "kind": "short_text",
        "text": "Who was the first person on the Moon?",
        "points": 1,
        "accepted_answers": ["Neil Armstrong", "Armstrong"],
    },
    {
        "kind": "long_text",
        "text": "Explain in a few sentences why the League of Nations failed.",
        "points": 6,
    },
]
"""One of each kind."""


def make_exam_with_questions(page: Page, url: str, title: str, **fields: object) -> str:
    """Set up an exam as an admin's script would, with one question of each kind."""
    token = page.locator('meta[name="csrf-token"]').get_attribute("content") or ""
    headers = {"X-CSRF-Token": token}
    wanted = {
        "title": title,
        "description": "Answer in your own words. Notes are permitted, other people are not.",
        "duration_seconds": 1800,
        "frame_interval_seconds": 1,
        **fields,
    }
    answer = page.request.post(f"{url}/api/v1/exams", data=wanted, headers=headers)
    assert answer.status == 201, answer.text()
    exam = answer.json()
    answer = page.request.put(
        f"{url}/api/v1/exams/{exam['id']}/questions",
        data={"questions": QUESTIONS},
        headers=headers,
    )
    assert answer.status == 200, answer.text()
    return str(exam["join_code"])


def answer_questions(page: Page) -> None:
    """Answer one question of each kind, as a person with mouse and keyboard does."""
    page.get_by_label("1989").check()
    page.get_by_label("France").check()
    page.get_by_label("China").check()
    page.get_by_label("Answer to question 3").fill("Armstrong")
    page.get_by_label("Answer to question 4").fill("It had no army, and great powers stayed away.")


def expect_answers(page: Page) -> None:
    """What `answer_questions` gave stands there."""
    expect(page.get_by_label("1989")).to_be_checked(timeout=PATIENCE_MS)
    expect(page.get_by_label("France")).to_be_checked()
    expect(page.get_by_label("China")).to_be_checked()
    expect(page.get_by_label("Japan")).not_to_be_checked()
    expect(page.get_by_label("Answer to question 3")).to_have_value("Armstrong")
    expect(page.get_by_label("Answer to question 4")).to_have_value(
        "It had no army, and great powers stayed away."
    )


def expect_all_saved(page: Page) -> None:
    expect(page.locator("#saved-state")).to_have_text("All saved", timeout=PATIENCE_MS)
    expect(page.locator('.question-state:has-text("Saved")')).to_have_count(
        len(QUESTIONS), timeout=PATIENCE_MS
    )
