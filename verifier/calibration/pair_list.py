"""A list of labelled pairs, read whole and checked before anything is computed."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from verifier.decode import ImageLimits, decode_image
from verifier.unreadable import UnreadableImage

REQUIRED_COLUMNS = ("path_a", "path_b", "same")

LIST_LIMITS = ImageLimits(max_bytes=64_000_000, max_pixels=100_000_000)
"""A list holds its owner's own pictures, some of them straight from a studio's camera; the
limits for uploads, which keep a stranger from exhausting a worker, would refuse those."""


class PairListInvalid(Exception):
    """The list cannot be used; the text says which line it is and what to do."""


class ListedImageUnreadable(Exception):
    """An image of the list cannot be decoded; the text says which one, where and why."""


@dataclass(frozen=True)
class ListedPair:
    """One line: an enrolled picture and one that is verified as a frame."""

    line: int
    """In the file, counted from 1; the header is a line too."""

    path_a: Path
    """The enrolled picture, as the list writes it."""

    path_b: Path
    """The picture verified as a frame, as the list writes it."""

    same: bool
    """Whether both show one person."""

    group: str | None
    """None without a column `group` and where its cell is empty."""


@dataclass(frozen=True)
class PairList:
    """Every pair of a file, at least one of the same person and one of different people."""

    folder: Path
    """What the paths are relative to."""

    pairs: tuple[ListedPair, ...]

    def read(self, path: Path) -> bytes:
        """Return the bytes of a listed picture."""
        return (self.folder / path).read_bytes()

    def images(self) -> dict[Path, int]:
        """Return every distinct picture with the first line that names it."""
        lines: dict[Path, int] = {}
        for pair in self.pairs:
            lines.setdefault(pair.path_a, pair.line)
            lines.setdefault(pair.path_b, pair.line)
        return lines


def read_pair_list(path: Path) -> PairList:
    """Return the pairs of a CSV file (UTF-8, with or without byte order mark).

    Columns beside `REQUIRED_COLUMNS` and `group` are ignored. Every picture is a file when this
    returns; whether it can be decoded says `check_images`.

    Raises
    ------
    OSError
        The list itself cannot be read.
    PairListInvalid
        It is no such list.
    """
    rows = _rows(path.read_bytes())
    _, header = next(rows, (0, []))
    columns = _columns(header)
    pairs = tuple(_pair(line, row, header, columns) for line, row in rows)
    found = PairList(path.parent, pairs)
    _check_kinds(pairs)
    for image, line in found.images().items():
        if not _is_file(found.folder / image):
            raise PairListInvalid(
                f"line {line}: there is no file {image} in {found.folder}. Paths are relative to "
                "the list: correct the path or put the file there."
            )
    return found


def check_images(pairs: PairList, limits: ImageLimits = LIST_LIMITS) -> Iterator[Path]:
    """Decode every distinct picture, yielding its path.

    A few milliseconds each, so that a list fails at once and not after minutes of computing.

    Raises
    ------
    ListedImageUnreadable
        A picture cannot be read or decoded.
    """
    for image, line in pairs.images().items():
        try:
            decode_image(pairs.read(image), limits)
        except UnreadableImage as problem:
            raise ListedImageUnreadable(f"line {line}: {image}: {problem}") from problem
        except OSError as problem:
            raise ListedImageUnreadable(
                f"line {line}: {image} cannot be read ({problem.strerror}). Allow it to be read "
                "or take the line out."
            ) from problem
        yield image


def _rows(data: bytes) -> Iterator[tuple[int, list[str]]]:
    """Yield (line, cells) of every line that is not blank."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
        raise PairListInvalid(f"line {line}: this is not UTF-8. Save the list as UTF-8.") from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if any(cells):
                yield reader.line_num, cells
    except csv.Error as problem:
        raise PairListInvalid(
            f"line {reader.line_num}: this is not CSV ({problem}). Correct the line."
        ) from None


def _columns(header: list[str]) -> dict[str, int]:
    """Return where each column we read stands."""
    if not header:
        raise PairListInvalid(
            "line 1: the list is empty. Its first line names the columns: path_a,path_b,same."
        )
    for name in (*REQUIRED_COLUMNS, "group"):
        if header.count(name) > 1:
            raise PairListInvalid(f"line 1: there are two columns {name}. Rename one of them.")
    missing = [name for name in REQUIRED_COLUMNS if name not in header]
    if missing:
        raise PairListInvalid(
            f"line 1: there is no column {missing[0]}. The first line names the columns, "
            "separated by commas: path_a,path_b,same and, if wanted, group."
        )
    return {name: header.index(name) for name in (*REQUIRED_COLUMNS, "group") if name in header}


def _pair(line: int, row: list[str], header: list[str], columns: dict[str, int]) -> ListedPair:
    if len(row) != len(header):
        raise PairListInvalid(
            f"line {line}: there are {len(row)} cells for {len(header)} columns. Correct the "
            "line; a path that holds a comma needs quotes around it."
        )
    cells = {name: row[index] for name, index in columns.items()}
    for name in ("path_a", "path_b"):
        if not cells[name]:
            raise PairListInvalid(f"line {line}: {name} is empty. Name a picture there.")
    if cells["same"] not in {"0", "1"}:
        raise PairListInvalid(
            f"line {line}: same is {cells['same']!r}. Write 1 for one person, 0 for two."
        )
    return ListedPair(
        line=line,
        path_a=Path(cells["path_a"]),
        path_b=Path(cells["path_b"]),
        same=cells["same"] == "1",
        group=cells.get("group") or None,
    )


def _check_kinds(pairs: tuple[ListedPair, ...]) -> None:
    """Refuse a list that could tell about one kind of error only."""
    if not pairs:
        raise PairListInvalid("line 2: there are no pairs below the header. Add some.")
    for same, whose in ((True, "of one person"), (False, "of different people")):
        if not any(pair.same is same for pair in pairs):
            raise PairListInvalid(
                f"lines 2 to {pairs[-1].line}: no pair has same = {int(same)}, so half of the "
                f"error rates cannot be measured. Add pairs {whose}."
            )


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        # As for a name that is too long or a folder that is closed to us.
        return False
