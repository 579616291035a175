"""Arabic and Hebrew in the order and the forms in which they are seen."""

import pytest

from api.reports.right_to_left import as_seen, is_right_to_left


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("Anna", "Anna"),
        ("שלום", "םולש"),
        ("שלום עולם", "םלוע םולש"),
        ("Anna שלום", "Anna םולש"),
        ("שלום 12", "12 םולש"),
        ("(שלום)", "(םולש)"),
        # Meem initial, hah medial, meem medial, dal final; turned.
        ("محمد", "\ufeaa\ufee4\ufea4\ufee3"),
        # Alef joins to nothing behind it.
        ("دار", "\ufead\ufe8d\ufea9"),
        # Lam and alef are one letter.
        ("لا", "\ufefb"),
        ("سلام", "\ufee1\ufefc\ufeb3"),
    ],
)
def test_line_as_seen(written, seen):
    assert as_seen(written) == seen


def test_marks_stay_with_their_letter():
    assert as_seen("שָ") == "שָ"
    assert as_seen("אשָ") == "שָא"


def test_only_such_letters_count():
    assert is_right_to_left("x ש")
    assert not is_right_to_left("Анна 李雷 12")
