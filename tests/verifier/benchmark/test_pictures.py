"""Which pictures a benchmark is made of, and in which order."""

from pathlib import Path

import pytest

from verifier.benchmark.pictures import NoPictures, find_pictures, spread_over_people


def _touch(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def test_pictures_are_found_however_deep_and_however_written(people: Path) -> None:
    names = [str(picture.path.relative_to(people)) for picture in find_pictures(people)]
    assert names == [
        "broken.webp", "press/biden/1.jpeg", "press/obama/1.jpg", "press/obama/2.JPG", "wall.png",
    ]  # fmt: skip


def test_sub_folder_is_one_person_and_the_folder_itself_is_not(tmp_path: Path) -> None:
    _touch(tmp_path, "x.jpg", "y.jpg", "ann/1.jpg", "ann/2.jpg", "ann/3.jpg")
    others = {
        str(picture.path.relative_to(tmp_path)): [path.name for path in picture.others]
        for picture in find_pictures(tmp_path)
    }
    assert others == {
        "x.jpg": [], "y.jpg": [], "ann/1.jpg": ["2.jpg", "3.jpg"],
        "ann/2.jpg": ["3.jpg", "1.jpg"], "ann/3.jpg": ["1.jpg", "2.jpg"],
    }  # fmt: skip


def test_folder_without_pictures_says_what_would_be_one(tmp_path: Path) -> None:
    _touch(tmp_path, "list.csv")
    with pytest.raises(NoPictures, match=r"no picture in .*\.jpeg, \.jpg, \.png, \.webp"):
        find_pictures(tmp_path)


def test_folder_that_is_none_is_the_systems_error(tmp_path: Path) -> None:
    _touch(tmp_path, "face.jpg")
    with pytest.raises(FileNotFoundError):
        find_pictures(tmp_path / "missing")
    with pytest.raises(NotADirectoryError):
        find_pictures(tmp_path / "face.jpg")


def test_beginning_is_a_fair_sample_and_nothing_is_left_out(tmp_path: Path) -> None:
    people = [f"person_{number}" for number in range(6)]
    _touch(tmp_path, *(f"{person}/{number}.jpg" for person in people for number in (1, 2)))
    _touch(tmp_path, "alone/1.jpg")
    pictures = find_pictures(tmp_path)
    ordered = list(spread_over_people(pictures, 3))
    assert [picture.path.parent.name for picture in ordered[:3]] == people[::2]
    assert {picture.path.name for picture in ordered[:6]} == {"1.jpg"}
    assert ordered[-1].path.parent.name == "alone"
    assert sorted(picture.path for picture in ordered) == [picture.path for picture in pictures]


@pytest.mark.parametrize("wanted", [1, 2, 100])
def test_every_picture_comes_however_many_are_wanted(people: Path, wanted: int) -> None:
    pictures = find_pictures(people)
    assert set(spread_over_people(pictures, wanted)) == set(pictures)
