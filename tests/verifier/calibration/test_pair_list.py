"""A list is read whole, or refused with the line and the way out."""

import os
from pathlib import Path

import pytest

from tests.verifier.calibration.pair_lists import PAIRS, write_pair_list
from verifier.calibration.pair_list import (
    ListedImageUnreadable,
    PairListInvalid,
    check_images,
    read_pair_list,
)

GOOD = "path_a,path_b,same\nobama.jpg,obama2.jpg,1\nobama.jpg,biden.jpg,0\n"


@pytest.fixture
def written(tmp_path: Path) -> Path:
    return write_pair_list(tmp_path)


def test_pairs_keep_order_labels_and_lines(written: Path) -> None:
    pairs = read_pair_list(written).pairs
    assert [(p.path_a.name, p.path_b.name, str(int(p.same)), p.group) for p in pairs] == list(PAIRS)
    assert [pair.line for pair in pairs] == [2, 3, 4, 5, 6]


def test_distinct_images_know_their_first_line(written: Path) -> None:
    assert read_pair_list(written).images() == {
        Path("obama.jpg"): 2,
        Path("obama2.jpg"): 2,
        Path("wall.jpg"): 3,
        Path("biden.jpg"): 5,
    }


def test_paths_are_relative_to_the_list(written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    pairs = read_pair_list(written)
    assert pairs.read(Path("obama.jpg")) == (written.parent / "obama.jpg").read_bytes()
    assert set(check_images(pairs)) == set(pairs.images())


def test_columns_may_stand_in_any_order_beside_others(tmp_path: Path) -> None:
    rows = [("0.5", "1", "obama2.jpg", "obama.jpg"), ("", "0", "biden.jpg", "obama.jpg")]
    path = write_pair_list(tmp_path, rows, ("fold", "same", "path_b", "path_a"))
    first, second = read_pair_list(path).pairs
    assert (first.path_a, first.path_b, first.same) == (Path("obama.jpg"), Path("obama2.jpg"), True)
    assert second.same is False
    assert first.group is None


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + GOOD,
        GOOD.replace("\n", "\r\n"),
        GOOD.replace(",", " , "),
        GOOD.replace("\n", "\n\n"),
        GOOD.replace("biden.jpg", '"biden.jpg"').rstrip(),
    ],
    ids=["byte order mark", "CRLF", "spaces", "blank lines", "quotes, no last line end"],
)
def test_what_spreadsheets_write_is_read(written: Path, text: str) -> None:
    written.write_bytes(text.encode())
    assert [pair.same for pair in read_pair_list(written).pairs] == [True, False]


def test_empty_group_is_none(tmp_path: Path) -> None:
    path = write_pair_list(tmp_path, [(*PAIRS[0][:3], ""), PAIRS[3]])
    assert [pair.group for pair in read_pair_list(path).pairs] == [None, "plain"]


BAD = {
    "empty": ("", r"line 1: the list is empty.*path_a,path_b,same"),
    "blank": ("\n  \n", r"line 1: the list is empty"),
    "header only": ("path_a,path_b,same\n", r"line 2: there are no pairs"),
    "no header": ("obama.jpg,obama2.jpg,1\n", r"line 1: there is no column path_a"),
    "missing column": ("path_a,same\nobama.jpg,1\n", r"line 1: there is no column path_b"),
    "semicolons": (GOOD.replace(",", ";"), r"line 1: there is no column.*separated by commas"),
    "column twice": ("path_a,path_b,same,same\n", r"line 1: there are two columns same"),
    "same is a word": (GOOD.replace(",0\n", ",no\n"), r"line 3: same is 'no'.*Write 1"),
    "same is empty": (GOOD.replace(",0\n", ",\n"), r"line 3: same is ''"),
    "same is 0.0": (GOOD.replace(",0\n", ",0.0\n"), r"line 3: same is '0.0'"),
    "too few cells": (GOOD.replace(",0\n", "\n"), r"line 3: there are 2 cells for 3 columns"),
    "too many cells": (GOOD.replace("biden", "joe,biden"), r"line 3: there are 4.*quotes"),
    "path is empty": (GOOD.replace("biden.jpg", ""), r"line 3: path_b is empty"),
    "path is a folder": (GOOD.replace("biden.jpg", "."), r"line 3: there is no file \."),
    "missing file": (GOOD.replace("biden", "nobody"), r"line 3: there is no file nobody\.jpg"),
    "name too long": (GOOD.replace("biden", "b" * 999), r"line 3: there is no file bbb"),
    "open quote": (GOOD.replace("biden", '"biden'), r"line 3: this is not CSV.*Correct"),
    "only same": (GOOD.replace(",0\n", ",1\n"), r"lines 2 to 3: no pair has same = 0.*Add pairs"),
    "only different": (GOOD.replace(",1\n", ",0\n"), r"lines 2 to 3: no pair has same = 1"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_list_names_line_and_way_out(written: Path, name: str) -> None:
    text, message = BAD[name]
    written.write_text(text)
    with pytest.raises(PairListInvalid, match=message) as caught:
        read_pair_list(written)
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_other_encoding_is_named(written: Path, encoding: str) -> None:
    text = GOOD.replace("biden", "bidén") if encoding == "latin-1" else GOOD
    written.write_bytes(text.encode(encoding))
    with pytest.raises(PairListInvalid, match=r"line \d: this is not UTF-8\. Save"):
        read_pair_list(written)


def test_list_that_is_no_file_is_an_os_error(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.csv"):
        with pytest.raises(OSError, match=r"directory"):
            read_pair_list(path)


def test_unreadable_image_is_named_with_line_and_reason(written: Path) -> None:
    whole = (written.parent / "biden.jpg").read_bytes()
    (written.parent / "biden.jpg").write_bytes(whole[:5000])
    with pytest.raises(ListedImageUnreadable, match=r"line 5: biden\.jpg: The end of the picture"):
        list(check_images(read_pair_list(written)))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_closed_image_is_named_with_its_line(written: Path) -> None:
    (written.parent / "biden.jpg").chmod(0)
    with pytest.raises(ListedImageUnreadable, match=r"line 5: biden\.jpg cannot be read"):
        list(check_images(read_pair_list(written)))
