"""What taking a list would do: ids stay with what they stand for, and never stand twice."""

from hypothesis import given
from hypothesis import strategies as st

from api.questions.importing import Mode, plan_of
from api.questions.question_csv import read_csv, write_csv
from api.questions.question_json import read_json, write_json
from api.questions.schemas import Choice, QuestionText
from models.base import new_id
from models.statuses import QuestionKind
from tests.api.questions.lists import QUESTION_LISTS


def stored(questions: list[QuestionText]) -> list[QuestionText]:
    """Return the questions as an exam has them, each with ids of its own."""
    return [
        question.model_copy(
            update={
                "id": new_id("qst"),
                "choices": [
                    choice.model_copy(update={"id": new_id("cho")}) for choice in question.choices
                ],
            }
        )
        for question in questions
    ]


KNOWN = QUESTION_LISTS.map(stored)


@given(KNOWN)
def test_what_was_downloaded_changes_nothing(known: list[QuestionText]) -> None:
    for again in (read_csv(write_csv(known)), read_json(write_json(known))):
        plan = plan_of(known, again, Mode.REPLACE)
        assert plan.questions == known
        assert set(plan.news) <= {"same"}
        assert plan.removed == []


@given(KNOWN, KNOWN, st.randoms(use_true_random=False))
def test_ids_are_the_exams_own_and_stand_once(known, others, random) -> None:
    wanted = [question.model_copy(deep=True) for question in [*known[1:], *others]]
    for question in wanted:
        random.shuffle(question.choices)
    for one, other in zip(wanted, reversed(wanted), strict=True):
        one.choices.extend(other.choices[:1])
    for mode in Mode:
        plan = plan_of(known, wanted, mode)
        own = {question.id: {choice.id for choice in question.choices} for question in known}
        named = [question.id for question in plan.questions if question.id]
        assert len(named) == len(set(named))
        assert set(named) <= set(own)
        assert len(plan.questions) == len(plan.news)
        for question in plan.questions:
            ids = [choice.id for choice in question.choices if choice.id]
            assert len(ids) == len(set(ids))
            assert set(ids) <= own.get(question.id, set())


def test_choices_are_known_by_text_and_else_by_order() -> None:
    before = QuestionText(
        id=new_id("qst"),
        kind=QuestionKind.SINGLE_CHOICE,
        text="?",
        choices=[
            Choice(id=new_id("cho"), text=text, is_correct=text == "a") for text in ("a", "b", "c")
        ],
    )
    a, b, c = (choice.id for choice in before.choices)
    texts = ["c", "b, mended", "a", "new"]
    choices = [Choice(text=text, is_correct=text == "a") for text in texts]
    wanted = before.model_copy(update={"choices": choices})
    (taken,) = plan_of([before], [wanted], Mode.REPLACE).questions
    assert [choice.id for choice in taken.choices] == [c, b, a, None]
