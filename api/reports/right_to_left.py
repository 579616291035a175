"""Arabic and Hebrew for a PDF library that only puts letter after letter from left to right.

Arabic letters get the form that joins them to their neighbours (Unicode's presentation forms,
which DejaVu has), and a line is put into the order in which it is seen. It is the plain part of
Unicode's rules: runs of right-to-left letters are turned, numbers and Latin within them are not.
"""

import unicodedata
from functools import cache

_LAM = "\u0644"
_MIRRORED = str.maketrans("()[]{}<>«»", ")(][}{><»«")


def is_right_to_left(text: str) -> bool:
    """Tell whether any letter of the text is written from right to left."""
    return any(_runs_leftwards(character) for character in text)


def as_seen(line: str) -> str:
    """Return one line in the order in which its letters are seen, joined as they are written."""
    runs = _runs(_joined(line))
    base_is_leftwards = next((leftwards for _, leftwards in runs if leftwards is not None), False)
    settled: list[tuple[str, bool]] = []
    for place, (text, leftwards) in enumerate(runs):
        if leftwards is not None:
            settled.append((text, leftwards))
            continue
        # What has no direction lies between two: theirs if they agree, else the line's.
        before = settled[-1][1] if settled else base_is_leftwards
        after = runs[place + 1][1] if place + 1 < len(runs) else base_is_leftwards
        settled.append((text, bool(before if before == after else base_is_leftwards)))
    seen = [_turned(text) if leftwards else text for text, leftwards in _grouped(settled)]
    return "".join(reversed(seen) if base_is_leftwards else seen)


def _runs(line: str) -> list[tuple[str, bool | None]]:
    runs: list[tuple[str, bool | None]] = []
    for character in line:
        leftwards = _direction(character, runs[-1][1] if runs else None)
        if runs and runs[-1][1] == leftwards:
            runs[-1] = (runs[-1][0] + character, leftwards)
        else:
            runs.append((character, leftwards))
    return runs


def _direction(character: str, before: bool | None) -> bool | None:
    if _runs_leftwards(character):
        return True
    kind = unicodedata.bidirectional(character)
    if kind == "NSM":
        return before
    return False if kind in {"L", "EN", "AN"} else None


def _runs_leftwards(character: str) -> bool:
    return unicodedata.bidirectional(character) in {"R", "AL"}


def _grouped(runs: list[tuple[str, bool]]) -> list[tuple[str, bool]]:
    grouped: list[tuple[str, bool]] = []
    for text, leftwards in runs:
        if grouped and grouped[-1][1] == leftwards:
            grouped[-1] = (grouped[-1][0] + text, leftwards)
        else:
            grouped.append((text, leftwards))
    return grouped


def _turned(text: str) -> str:
    """Return the text backwards; marks stay behind the letter they stand on."""
    clusters: list[str] = []
    for character in text.translate(_MIRRORED):
        if clusters and unicodedata.bidirectional(character) == "NSM":
            clusters[-1] += character
        else:
            clusters.append(character)
    return "".join(reversed(clusters))


@cache
def _forms() -> dict[str, dict[str, str]]:
    """Return the presentation forms of each letter, and of lam with alef, by their place."""
    forms: dict[str, dict[str, str]] = {}
    for code in (*range(0xFB50, 0xFBB2), *range(0xFBD3, 0xFC00), *range(0xFE80, 0xFEFD)):
        place, _, letters = unicodedata.decomposition(chr(code)).partition(" ")
        if place in {"<isolated>", "<initial>", "<medial>", "<final>"}:
            text = "".join(chr(int(letter, 16)) for letter in letters.split())
            forms.setdefault(text, {})[place] = chr(code)
    return forms


def _joined(line: str) -> str:
    forms = _forms()
    units: list[str] = []
    for character in line:
        if units and units[-1] == _LAM and _LAM + character in forms:
            units[-1] += character
        else:
            units.append(character)
    return "".join(_form(units, place) for place in range(len(units)))


def _form(units: list[str], place: int) -> str:
    known = _forms().get(units[place])
    if known is None:
        return units[place]
    before, after = _neighbour(units, place, -1), _neighbour(units, place, 1)
    joins_before = "<final>" in known and "<initial>" in _forms().get(before, {})
    joins_after = "<initial>" in known and "<final>" in _forms().get(after, {})
    place_name = {
        (True, True): "<medial>",
        (True, False): "<final>",
        (False, True): "<initial>",
        (False, False): "<isolated>",
    }[joins_before, joins_after]
    return known.get(place_name, units[place])


def _neighbour(units: list[str], place: int, step: int) -> str:
    """Return the next letter in one direction; marks above and below do not part letters."""
    place += step
    while 0 <= place < len(units) and unicodedata.bidirectional(units[place][0]) == "NSM":
        place += step
    return units[place] if 0 <= place < len(units) else ""
