"""Text in PDFs: fonts, and what becomes of letters that they do not have.

DejaVu, which comes with matplotlib, is embedded: Latin, Cyrillic, Greek, Arabic, Hebrew and more.
Chinese, Japanese and Korean use the fonts every PDF reader has to bring for them. What neither
has stands there as its code, `[U+0E01]`: nothing vanishes.
"""

import importlib.util
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

from reportlab import rl_config
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont

from api.reports.right_to_left import as_seen, is_right_to_left

REGULAR = "DejaVuSans"
BOLD = "DejaVuSans-Bold"

_EAST_ASIAN = (
    (0x1100, 0x11FF, "HYSMyeongJo-Medium"),
    (0x3130, 0x318F, "HYSMyeongJo-Medium"),
    (0xAC00, 0xD7AF, "HYSMyeongJo-Medium"),
    (0x3040, 0x30FF, "HeiseiKakuGo-W5"),
    (0x3000, 0x303F, "STSong-Light"),
    (0x3400, 0x4DBF, "STSong-Light"),
    (0x4E00, 0x9FFF, "STSong-Light"),
    (0xF900, 0xFAFF, "STSong-Light"),
    (0xFF00, 0xFFEF, "STSong-Light"),
)
"""First and last code with the font a reader brings."""

CELL_LETTERS = 350
"""Of one cell; a code counts as the letters it is written with. The HTML report has all of them."""

TONES = {
    "good": ("#1b6b3a", "#e2f3e8"),
    "bad": ("#a3222b", "#fbe6e6"),
    "unsure": ("#7a4d00", "#fdf1d8"),
    "differ": ("#5b2a86", "#efe6f8"),
    "plain": ("#3d4850", "#e9edf0"),
}
"""Colour of the letters and of what lies behind them."""


@cache
def use_fonts() -> None:
    """Make the fonts known to the library, once per process."""
    # Pictures and pages go in as bytes; as ASCII they would be a quarter larger.
    rl_config.useA85 = 0
    folder = _matplotlib_fonts()
    for name in (REGULAR, BOLD):
        pdfmetrics.registerFont(TTFont(name, folder / f"{name}.ttf"))
    pdfmetrics.registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR)
    for name in {font for _, _, font in _EAST_ASIAN}:
        pdfmetrics.registerFont(UnicodeCIDFont(name))


@cache
def style(
    size: float = 9,
    *,
    font: str = REGULAR,
    colour: str = "#232b31",
    after: float = 0,
    before: float = 0,
    indent: float = 0,
    is_right: bool = False,
    keeps_with_next: bool = False,
) -> ParagraphStyle:
    """Return a style of paragraphs."""
    return ParagraphStyle(
        f"{font}-{size}",
        fontName=font,
        fontSize=size,
        leading=size * 1.4,
        textColor=colour,
        spaceAfter=after,
        spaceBefore=before,
        leftIndent=indent,
        alignment=2 if is_right else 0,
        keepWithNext=int(keeps_with_next),
        splitLongWords=1,
    )


def markup(text: str, font: str = REGULAR, *, size: float = 9, width: float | None = None) -> str:
    """Return plain text as the library's markup, each letter in a font that has it.

    Parameters
    ----------
    width
        Of the line. Text from right to left is broken into lines here, because each of them is
        turned by itself; without a width it is one line.
    """
    lines = text.split("\n")
    if is_right_to_left(text):
        lines = [
            as_seen(part)
            for line in lines
            for part in (_broken(line, font, size, width) if width else [line])
        ]
    return "<br/>".join(_in_fonts(line, font) for line in lines)


def _broken(line: str, font: str, size: float, width: float) -> Iterable[str]:
    current = ""
    for word in line.split(" "):
        longer = f"{current} {word}" if current else word
        if current and pdfmetrics.stringWidth(longer, font, size) > width:
            yield current
            current = word
        else:
            current = longer
    yield current


def _in_fonts(line: str, font: str) -> str:
    runs: list[tuple[str | None, str]] = []
    for before, character in zip(f" {line}", line, strict=False):
        name = _font_for(character, font)
        shown = f"[U+{ord(character):04X}]" if name == "" else character
        if name == "" and _font_for(before, font) == "":
            # A line may end between codes: the library breaks long words in quadratic time.
            shown = f" {shown}"
        name = name or None
        if runs and runs[-1][0] == name:
            runs[-1] = (name, runs[-1][1] + shown)
        else:
            runs.append((name, shown))
    return "".join(
        escape(text) if name is None else f'<font name="{name}">{escape(text)}</font>'
        for name, text in runs
    )


def _font_for(character: str, font: str) -> str | None:
    """Return the font for a character: None for the usual one, empty when there is none."""
    code = ord(character)
    if code in _letters(font) or character in "\t ":
        return None
    return next((name for first, last, name in _EAST_ASIAN if first <= code <= last), "")


def font_for(character: str) -> str | None:
    """Return the font a character is set in: None for the usual one, empty when there is none."""
    return _font_for(character, REGULAR)


def shortened(text: str) -> str:
    """Return a text that fits into a cell, which cannot go on over the next page."""
    room = CELL_LETTERS
    for place, character in enumerate(text):
        room -= 1 if font_for(character) != "" else len(" [U+0000]")
        if room < 0:
            return f"{text[:place]}…"
    return text


@cache
def _letters(font: str) -> frozenset[int]:
    return frozenset(pdfmetrics.getFont(font).face.charToGlyph)


def _matplotlib_fonts() -> Path:
    # Found, not imported: the web process needs its fonts and nothing else of it.
    found = importlib.util.find_spec("matplotlib")
    if found is None or found.origin is None:
        message = "matplotlib is not installed; its fonts are needed for PDFs"
        raise RuntimeError(message)
    return Path(found.origin).parent / "mpl-data" / "fonts" / "ttf"
