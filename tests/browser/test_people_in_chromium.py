"""From a list of students to somebody who is signed in, with and without scripts."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from api.users.service import create_admin
from tests.api.conftest import PASSWORD
from tests.support.browser import chromium
from tests.support.exam_pages import film_of
from tests.support.serving import new_app, serving

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

LIST = "name;login\nJörg Müller;joerg\n=1+1;formula\n"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[Browser, str]]:
    with new_app(tmp_path) as app:
        context = app.state.context
        with context.database.write() as session:
            create_admin(session, context, "root", PASSWORD)
        with chromium(film_of("obama.jpg"), tmp_path) as browser, serving(app) as url:
            yield browser, url


def sign_in(page: Page, url: str) -> None:
    page.goto(f"{url}/login")
    page.get_by_label("Login").fill("root")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def add_and_save(page: Page, folder: Path) -> list[dict[str, str]]:
    """Look at the list, add it, and return what the file with the links holds."""
    page.get_by_role("button", name="Look at it first").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("2 students to add")
    page.get_by_role("button", name="Add 2 students").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save the links as CSV").click()
    download.value.save_as(folder / "links.csv")
    text = (folder / "links.csv").read_text(encoding="utf-8-sig")
    return list(csv.DictReader(text.splitlines()))


def test_file_of_a_spreadsheet_leads_to_a_student_who_is_signed_in(
    site: tuple[Browser, str], tmp_path: Path
) -> None:
    browser, url = site
    page = browser.new_page(locale="en")
    sign_in(page, url)
    page.goto(f"{url}/admin/students")
    page.get_by_role("link", name="Import a list").click()
    file = tmp_path / "students.csv"
    file.write_bytes(LIST.encode("windows-1252"))
    expect(page.get_by_label("Choose the file")).to_be_visible()
    page.get_by_label("Choose the file").set_input_files(file)
    expect(page.get_by_label("The list")).to_have_value(LIST)
    rows = add_and_save(page, tmp_path)
    assert [row["name"] for row in rows] == ["Jörg Müller", "'=1+1"]

    student = browser.new_context(locale="de").new_page()
    student.goto(rows[0]["link"])
    student.get_by_label("Passwort", exact=True).fill("vier Wörter am Stück")
    student.get_by_role("button", name="Passwort setzen und anmelden").click()
    expect(student.get_by_role("heading", level=1)).to_have_text("Guten Tag, Jörg Müller")
    student.goto(rows[0]["link"])
    expect(student.get_by_role("heading", level=1)).to_have_text("Dieser Link wurde schon benutzt")


def test_file_that_is_chosen_before_the_script_came_is_taken(
    site: tuple[Browser, str], tmp_path: Path
) -> None:
    browser, url = site
    page = browser.new_page(locale="en")
    sign_in(page, url)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/student-list.js", hold)
    page.goto(f"{url}/admin/students/import", wait_until="commit")
    file = tmp_path / "students.csv"
    file.write_text(LIST)
    page.get_by_label("Choose the file").set_input_files(file)
    while not held:
        page.wait_for_timeout(20)
    assert page.get_by_label("The list").input_value() == ""
    held[0].continue_()
    expect(page.get_by_label("The list")).to_have_value(LIST)


def test_list_is_pasted_and_the_links_are_saved_without_scripts(
    site: tuple[Browser, str], tmp_path: Path
) -> None:
    browser, url = site
    page = browser.new_context(locale="en", java_script_enabled=False).new_page()
    sign_in(page, url)
    page.goto(f"{url}/admin/students/import")
    expect(page.get_by_label("Choose the file")).to_be_hidden()
    page.get_by_label("The list").fill(LIST)
    rows = add_and_save(page, tmp_path)
    assert all(row["link"].startswith(f"{url}/invitation/") for row in rows)
