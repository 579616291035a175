"""A report as one HTML file that refers to nothing outside itself."""

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from api.reports.blocks import Report
from api.reports.drawing import COLOURS

_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class HtmlFile:
    """The file, and the policy it is served under; the file itself carries it as well."""

    text: str
    content_security_policy: str


def html_of(report: Report) -> HtmlFile:
    """Return the report as a file; its pictures are part of it."""
    template = _environment().get_template("report.html")
    text = template.render(report=report, style=_style(), policy=_policy())
    return HtmlFile(text, f"{_policy()}; frame-ancestors 'none'; sandbox")


@cache
def _style() -> Markup:
    """Return the style sheet with the colours of drawings; it is a file of ours, not data."""
    drawn = "".join(f".{name}{{fill:{colour};stroke:{colour}}}" for name, colour in COLOURS.items())
    return Markup((_TEMPLATES / "report.css").read_text() + drawn)  # noqa: S704


@cache
def _policy() -> str:
    """Return the policy: this one style sheet, pictures within the file, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _kind(block: object) -> str:
    return type(block).__name__.lower()


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"base64": _base64, "kind": _kind}
    return environment
