"""The languages of the pages: which one a reader gets, and its texts.

English stands in the code and is the key of every translation. A catalogue is a plain `.po` file
below `locales`; it is read when it is first needed, so that nothing has to be compiled.
"""

import io
import json
from functools import cache
from pathlib import Path

from babel.core import negotiate_locale
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from fastapi import Request

LOCALES = Path(__file__).parent / "locales"

SOURCE_LANGUAGE = "en"

LANGUAGES = {"en": "English", "de": "Deutsch"}
"""Each language in its own words."""

LANGUAGE_COOKIE = "face_monitor_language"
"""What the reader chose at the foot of a page; holds nothing but the language's code."""


def language_of(request: Request) -> str:
    """Return the language for the reader: the chosen one, else the best their browser accepts."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    wanted = _accepted(request.headers.get("accept-language", ""))
    return negotiate_locale(wanted, list(LANGUAGES), sep="-") or SOURCE_LANGUAGE


@cache
def translations(language: str) -> NullTranslations:
    """Return the texts of a language of `LANGUAGES`; English needs none."""
    if language == SOURCE_LANGUAGE:
        return NullTranslations()
    compiled = io.BytesIO()
    write_mo(compiled, catalog(language))
    compiled.seek(0)
    return Translations(compiled)


@cache
def script_messages(language: str) -> str:
    """Return the script that gives page scripts their texts, by their English ones."""
    messages = {
        _key(message): message.string
        for message in catalog(language)
        if message.id and _is_spoken_by_scripts(message) and _is_translated(message)
    }
    text = json.dumps(messages, ensure_ascii=False, separators=(",", ":"))
    return f"globalThis.faceMonitorMessages={text};"


def catalog(language: str) -> Catalog:
    """Return the catalogue as its file has it."""
    path = LOCALES / language / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        return read_po(file, locale=language)


def _accepted(header: str) -> list[str]:
    """Return the languages of an `Accept-Language` header, the most wanted first."""
    weighted: list[tuple[float, str]] = []
    for item in header[:1000].split(","):
        name, _, weight = item.partition(";q=")
        try:
            weighted.append((-float(weight or 1), name.strip()))
        except ValueError:
            continue
    wanted = [name for weight, name in sorted(weighted, key=lambda pair: pair[0]) if weight < 0]
    # Somebody who reads Austrian German reads German.
    return [part for name in wanted for part in (name, name.split("-")[0]) if part]


def _key(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _is_spoken_by_scripts(message: Message) -> bool:
    """Tell whether scripts show it: their own texts, and what the service may answer them."""
    names = [name for name, _line in message.locations]
    return any(name.endswith(".js") or not name.startswith("api/pages/") for name in names)


def _is_translated(message: Message) -> bool:
    texts = message.string if isinstance(message.string, tuple) else (message.string,)
    return all(texts) and not message.fuzzy
