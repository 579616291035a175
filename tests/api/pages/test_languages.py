"""Readers get the pages in their language, and every text is translated."""

import re

import pytest
from fastapi import FastAPI

from api.pages.languages import LANGUAGES, SOURCE_LANGUAGE, catalog, script_messages, translations
from api.pages.static_files import repository_root
from tests.api.conftest import Caller
from tests.api.pages.conftest import BROWSER
from tests.api.pages.document import document
from tests.support.messages import collect

TRANSLATED = [code for code in LANGUAGES if code != SOURCE_LANGUAGE]
SCRIPTS = repository_root() / "api" / "pages" / "static"
PLACEHOLDER = re.compile(r"%\(\w+\)s|%%")


def language_of_page(caller: Caller, **headers: str) -> str:
    answer = caller.get("/login", headers={**BROWSER, **headers})
    return document(answer.text).all("html")[0].attributes["lang"]


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("de-AT,de;q=0.9,en;q=0.5", "de"),
        ("fr, de;q=0.3", "de"),
        ("en-GB, de;q=0.3", "en"),
        ("fr", "en"),
        ("de;q=0", "en"),
        ("de;q=nonsense", "en"),
        ("", "en"),
        ("," * 5000, "en"),
    ],
)
def test_the_browser_says_which_language(anonymous: Caller, accepted: str, language: str) -> None:
    assert language_of_page(anonymous, **{"Accept-Language": accepted}) == language


def test_a_choice_outweighs_the_browser_and_is_kept(anonymous: Caller) -> None:
    answer = anonymous.post("/language", data={"language": "de", "back": "/register"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/register")
    assert language_of_page(anonymous, **{"Accept-Language": "en"}) == "de"


def test_a_choice_leads_nowhere_else_and_comes_from_our_own_pages(anonymous: Caller) -> None:
    away = anonymous.post("/language", data={"language": "de", "back": "//evil.example"})
    assert away.headers["location"] == "/"
    foreign = anonymous.post(
        "/language", data={"language": "de"}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert foreign.status_code == 403
    assert anonymous.post("/language", data={"language": "xx"}).status_code == 422


def test_scripts_get_their_texts(anonymous: Caller) -> None:
    answer = anonymous.get("/static/messages/de.js")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "Schalte" in answer.text or "Kamera" in answer.text
    assert anonymous.get("/static/messages/en.js").status_code == 404
    assert anonymous.get("/static/messages/xx.js").status_code == 404


def test_translated_pages_load_the_texts_of_scripts(app: FastAPI, anonymous: Caller) -> None:
    german = anonymous.get("/login", headers={**BROWSER, "Accept-Language": "de"}).text
    assert "/static/messages/de.js" in german
    assert "/static/messages/" not in anonymous.get("/login", headers=BROWSER).text


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_is_in_the_catalogue_and_translated(language: str) -> None:
    known = catalog(language)
    left = [
        message.id
        for message in collect()
        if message.id and not _is_done(known.get(_first(message.id)))
    ]
    assert left == [], "run `make messages` and translate what it added"


def test_no_text_of_a_script_is_overlooked() -> None:
    """What stands within a template string is easily missed by the tool that collects."""
    collected = {_first(message.id) for message in collect() if message.id}
    marked = {
        text
        for script in SCRIPTS.glob("*.js")
        for text in re.findall(r'\b(?:_|ngettext)\("([^"]+)"', script.read_text())
    }
    assert len(marked) > 100
    assert marked <= collected


@pytest.mark.parametrize("language", TRANSLATED)
def test_translations_have_the_places_of_the_original(language: str) -> None:
    for message in catalog(language):
        if not message.id:
            continue
        strings = [message.string] if isinstance(message.string, str) else message.string
        wanted = set(PLACEHOLDER.findall(_last(message.id)))
        for string in strings:
            # "one picture" may leave out the number.
            assert set(PLACEHOLDER.findall(string)) <= wanted, message.id
        assert set(PLACEHOLDER.findall(strings[-1])) == wanted, message.id


def test_script_messages_are_json_and_hold_no_markup() -> None:
    for language in TRANSLATED:
        assert "</" not in script_messages(language)
        assert translations(language).gettext("Sign out") != "Sign out"


def _first(message_id: str | tuple[str, ...]) -> str:
    return message_id if isinstance(message_id, str) else message_id[0]


def _last(message_id: str | tuple[str, ...]) -> str:
    return message_id if isinstance(message_id, str) else message_id[-1]


def _is_done(message: object) -> bool:
    strings = getattr(message, "string", "")
    strings = [strings] if isinstance(strings, str) else strings
    return all(strings) and not getattr(message, "fuzzy", False)
