"""What a PDF's reader is told about letters that the file has no font for."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from api.reports.blocks import Report
from api.reports.pdf_text import font_for

BORROWED = (
    "Some letters are Chinese, Japanese or Korean: your PDF reader shows them with fonts of its "
    "own, or leaves them out where it has none."
)
CODED = "Letters without a font stand as their codes, as [U+0E01]."


def lettering_notice(report: Report) -> str:
    """Return what a reader has to know, with the name in codes; empty when all letters show."""
    fonts = {font_for(character) for text in _texts(report) for character in text}
    fonts -= {None}
    said = [BORROWED] if fonts - {""} else []
    said += [CODED] if "" in fonts else []
    if not said:
        return ""
    unsure = [character for character in report.title if font_for(character)]
    if unsure:
        codes = " ".join(f"U+{ord(character):04X}" for character in unsure)
        said.append(f"In the name they are {codes}.")
    return " ".join([*said, "The HTML report shows every letter."])


def _texts(value: Any) -> Iterator[str]:
    """Yield every text of a report, wherever it stands."""
    if isinstance(value, str):
        yield value.replace("\n", " ")
    elif is_dataclass(value):
        for one in fields(value):
            yield from _texts(getattr(value, one.name))
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _texts(part)
