"""`make messages`: collects every text a page can show into the catalogues of `api/pages/locales`.

Run it after texts have changed, then translate what stands there empty or marked `fuzzy`. A test
asks that nothing is left.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import write_po

import api.app  # noqa: F401  # Each module has problems of its own.
from api import problems
from api.pages.languages import LANGUAGES, LOCALES, SOURCE_LANGUAGE, catalog
from verifier.reasons import REASONS

ROOT = Path(__file__).resolve().parents[2]

KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "N_": None}

FILES = (
    ("api/**/*.py", "python", {}),
    ("api/pages/templates/**/*.html", "jinja2", {"trim_blocks": "true", "lstrip_blocks": "true"}),
    ("api/pages/static/*.js", "javascript", {"parse_template_string": "true"}),
)

HEADER = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""
"""Of every catalogue: no dates, which would change with each run."""

Text = tuple[str | tuple[str, str], str, int]
"""A message (with its plural), the file it stands in and the line."""


def collect() -> Catalog:
    """Return every text a page can show, without translations."""
    template = Catalog(charset="utf-8")
    for message, name, _line in sorted(_texts(), key=lambda text: (text[1], text[2])):
        # Without the line: moving code must not change the catalogue.
        if not any(place == (name, 0) for place in _places(template, message)):
            template.add(message, locations=[(name, 0)])
    return template


def update(language: str) -> None:
    """Write the catalogue of a language anew, with what was translated before."""
    known = catalog(language)
    known.update(collect(), no_fuzzy_matching=False)
    known.obsolete.clear()
    with (LOCALES / language / "LC_MESSAGES" / "messages.po").open("wb") as file:
        file.write(HEADER.encode())
        write_po(file, known, width=100, omit_header=True, sort_by_file=True, include_lineno=False)


def _places(template: Catalog, message: str | tuple[str, str]) -> list[tuple[str, int]]:
    found = template.get(message if isinstance(message, str) else message[0])
    return list(found.locations) if found else []


def _texts() -> Iterator[Text]:
    for pattern, method, options in FILES:
        for path in sorted(ROOT.glob(pattern)):
            name = path.relative_to(ROOT).as_posix()
            found = extract_from_file(method, path, keywords=KEYWORDS, options=options)
            for line, message, _comments, _context in found:
                yield message, name, line
            if path.suffix == ".py":
                yield from _said_by_problems(path, name)
    for message in REASONS.values():
        yield message, "verifier/reasons.py", 0


def _said_by_problems(path: Path, name: str) -> Iterator[Text]:
    """Yield what the service says when it refuses something: titles, details and next steps."""
    kinds = {kind.__name__ for kind in _all_kinds(problems.Problem)}
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and _name_of(node.func) in kinds:
            steps = [keyword.value for keyword in node.keywords if keyword.arg == "next_step"]
            yield from ((text, name, node.lineno) for text in _literals([*node.args[:1], *steps]))
        if isinstance(node, ast.Assign | ast.AnnAssign):
            yield from ((text, name, node.lineno) for text in _said_by_class(node))


def _said_by_class(node: ast.Assign | ast.AnnAssign) -> Iterator[str]:
    """Yield the class attributes of a problem; without a detail its title makes a sentence."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    for text in _literals([node.value]):
        if _name_of(targets[0]) == "title":
            yield from (text, f"{text}.")
        elif _name_of(targets[0]) == "next_step":
            yield text


def _all_kinds(kind: type) -> Iterator[type]:
    for below in kind.__subclasses__():
        yield below
        yield from _all_kinds(below)


def _name_of(node: ast.AST) -> str:
    return getattr(node, "id", getattr(node, "attr", ""))


def _literals(nodes: list[ast.expr | None]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
            yield node.value


if __name__ == "__main__":
    for code in LANGUAGES:
        if code != SOURCE_LANGUAGE:
            update(code)
