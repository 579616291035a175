"""What answers are worth."""

import pytest

from models.exam import Question
from models.scoring import automatic_points


def question(kind, correct, choices="abcd"):
    return Question(
        kind=kind,
        points=4.0,
        correct=correct,
        choices=[{"id": one, "text": one} for one in choices] if "choice" in kind else [],
    )


@pytest.mark.parametrize(
    ("kind", "correct", "value", "points"),
    [
        ("single_choice", ["a"], {"choice_ids": ["a"]}, 4),
        ("single_choice", ["a"], {"choice_ids": ["b"]}, 0),
        ("single_choice", ["a"], {}, 0),
        ("single_choice", ["a"], None, 0),
        ("multiple_choice", ["a", "b"], {"choice_ids": ["a", "b"]}, 4),
        ("multiple_choice", ["a", "b"], {"choice_ids": ["a"]}, 2),
        ("multiple_choice", ["a", "b"], {"choice_ids": ["a", "c"]}, 0),
        ("multiple_choice", ["a", "b"], {"choice_ids": ["a", "b", "c"]}, 2),
        ("multiple_choice", ["a", "b"], {"choice_ids": ["a", "b", "c", "d"]}, 0),
        ("multiple_choice", ["a", "b", "c", "d"], {"choice_ids": ["a"]}, 1),
        ("short_text", ["Da Vinci"], {"text": " da  VINCI "}, 4),
        ("short_text", ["Straße"], {"text": "STRASSE"}, 4),
        ("short_text", ["Da Vinci"], {"text": "Vinci"}, 0),
        ("short_text", [], {"text": "anything"}, None),
        ("short_text", [], {}, 0),
        ("long_text", [], {"text": "anything"}, None),
        ("long_text", [], {"text": "  "}, 0),
    ],
)
def test_points(kind, correct, value, points):
    assert automatic_points(question(kind, correct), value) == points
