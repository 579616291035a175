"""Forms as a browser without scripts sends them."""

from typing import Any

from tests.api.conftest import Caller
from tests.api.pages.conftest import BROWSER
from tests.api.pages.document import Element, document


def look(caller: Caller, path: str, status: int = 200) -> Element:
    """Return the page at `path`."""
    answer = caller.get(path, headers=BROWSER)
    assert answer.status_code == status, answer.text
    return document(answer.text)


def filled(page: Element, form_id: str) -> dict[str, Any]:
    """Return what a form of the page would send as it stands, without its buttons."""
    form = page.by_id(form_id)
    sent: dict[str, list[str]] = {}
    for field in form.everything():
        name = field.attributes.get("name")
        kind = field.attributes.get("type")
        if field.tag == "textarea" and name:
            # Browsers take away the first line end and end lines with two characters.
            text = field.text.replace("\r\n", "\n").removeprefix("\n").replace("\n", "\r\n")
            sent.setdefault(name, []).append(text)
        elif field.tag == "input" and name:
            if kind in {"checkbox", "radio"} and "checked" not in field.attributes:
                continue
            sent.setdefault(name, []).append(field.attributes.get("value", "on"))
    return sent


def send(caller: Caller, path: str, **fields: Any) -> Any:
    """Send fields as a form with the token."""
    return caller.post(path, data={"csrf_token": caller.csrf_token, **fields}, headers=BROWSER)


def text_of(element: Element) -> str:
    """Return what is read, with single blanks."""
    return " ".join(element.whole_text().split())
