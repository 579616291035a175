"""The form of one question: text in, a checked question out, and each mistake at its place."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel, ValidationError

from api.pages.form_values import CANNOT_BE_USED, field_errors, typed_lines
from api.problems import InvalidRequest
from api.questions.mistakes import Mistake, mistakes_of
from api.questions.schemas import CHOICE_KINDS, CHOICES_MAX, QuestionText
from api.questions.service import digest
from models.statuses import QuestionKind

KINDS = {
    QuestionKind.SINGLE_CHOICE: "Single choice",
    QuestionKind.MULTIPLE_CHOICE: "Multiple choice",
    QuestionKind.SHORT_TEXT: "Short text",
    QuestionKind.LONG_TEXT: "Long text",
}
"""What the kinds are called."""

SCORING = {
    QuestionKind.SINGLE_CHOICE: "All points for the right choice, none for any other.",
    QuestionKind.MULTIPLE_CHOICE: "The share of right choices less the share of wrong ones, never "
    "below 0.",
    QuestionKind.SHORT_TEXT: "All points for an accepted answer, whatever its case and blanks. "
    "Without accepted answers a person scores it.",
    QuestionKind.LONG_TEXT: "A person scores it.",
}
"""How the kinds are scored: `models/scoring.py`."""

ROWS_OF_NEW = 4


class QuestionForm(BaseModel):
    """What the form holds, as text: it comes back unchanged when something is wrong."""

    kind: str = ""
    text: str = ""
    points: str = ""
    choice_text: list[str] = []
    choice_id: list[str] = []
    is_correct: list[str] = []
    """Numbers of the rows that are right, from 0."""
    accepted_answers: str = ""
    """One in each line."""
    seen: str = ""
    """What the question was when the form was opened."""
    add_row: str = ""
    """Set by the button that asks for one more row."""
    then: str = ""


@dataclass(frozen=True)
class Row:
    """One choice on the form."""

    text: str = ""
    choice_id: str = ""
    is_correct: bool = False
    error: str | None = None


@dataclass(frozen=True)
class FilledForm:
    """The form as a page shows it."""

    kind: QuestionKind
    text: str = ""
    points: str = "1"
    rows: list[Row] = field(default_factory=list)
    accepted_answers: str = ""
    seen: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)


def new_form(kind: QuestionKind) -> FilledForm:
    """Return the empty form of a kind."""
    return FilledForm(kind, rows=[Row()] * ROWS_OF_NEW if kind in CHOICE_KINDS else [])


def form_of(question: QuestionText, *, can_grow: bool) -> FilledForm:
    """Return the form filled with a question, with room for one more choice if it `can_grow`."""
    rows = [Row(choice.text, choice.id or "", choice.is_correct) for choice in question.choices]
    if can_grow and rows and len(rows) < CHOICES_MAX:
        rows.append(Row())
    return FilledForm(
        kind=question.kind,
        text=question.text,
        points=f"{question.points:.15g}",
        rows=rows,
        # Scoring takes a line break for a blank.
        accepted_answers="\n".join(one.replace("\n", " ") for one in question.accepted_answers),
        seen=digest([question]),
    )


def kept_form(
    typed: QuestionForm, problem: InvalidRequest | None = None, *, more_rows: int = 0
) -> FilledForm:
    """Return the form with what was typed, and what is wrong with it beside it."""
    errors = field_errors(problem)
    rows = [
        Row(text, choice_id, str(at) in typed.is_correct, errors.get(f"choice-{at}"))
        for at, (text, choice_id) in enumerate(_rows(typed))
    ]
    room = max(0, CHOICES_MAX - len(rows))
    return FilledForm(
        kind=kind_of(typed.kind),
        text=typed.text,
        points=typed.points,
        rows=rows + [Row()] * min(more_rows, room),
        accepted_answers=typed.accepted_answers,
        seen=typed.seen,
        errors=errors,
    )


def kind_of(text: str) -> QuestionKind:
    """Return the kind a form or an address names.

    Raises
    ------
    InvalidRequest
        There is no such kind.
    """
    try:
        return QuestionKind(text)
    except ValueError:
        raise InvalidRequest.at("kind", f"must be one of {', '.join(QuestionKind)}") from None


def question_of(form: QuestionForm) -> QuestionText:
    """Return the question of a form; rows without a text are left out.

    Raises
    ------
    InvalidRequest
        It names each field that cannot be used.
    """
    rows = _rows(form)
    kept = [at for at, (text, _) in enumerate(rows) if text.strip()]
    values = {
        "kind": form.kind,
        "text": typed_lines(form.text),
        "points": form.points.strip().replace(",", "."),
        "choices": [
            {
                "id": form.choice_id[at]
                if at < len(form.choice_id) and form.choice_id[at]
                else None,
                "text": typed_lines(form.choice_text[at]),
                "is_correct": str(at) in form.is_correct,
            }
            for at in kept
        ],
        "accepted_answers": [
            line for line in typed_lines(form.accepted_answers).split("\n") if line.strip()
        ],
    }
    errors = [
        {"field": f"choice-{at}", "message": "is marked as right and has no text"}
        for at, (text, _) in enumerate(rows)
        if not text.strip() and str(at) in form.is_correct
    ]
    try:
        question = QuestionText.model_validate(values)
    except ValidationError as error:
        errors += [_at_field(mistake, kept) for mistake in mistakes_of(error)]
    if errors:
        raise InvalidRequest(CANNOT_BE_USED, errors=errors)
    return question


def _rows(form: QuestionForm) -> list[tuple[str, str]]:
    ids = [*form.choice_id, *[""] * len(form.choice_text)]
    return list(zip(form.choice_text, ids, strict=False))[:CHOICES_MAX]


def _at_field(mistake: Mistake, kept: list[int]) -> dict[str, str]:
    name = mistake.field
    message = mistake.message.removeprefix("cannot be used: ")
    if name == "choices" and mistake.index is not None:
        name = f"choice-{kept[mistake.index]}"
    elif name == "correct":
        name = "choices"
    elif name == "accepted_answers" and mistake.index is not None:
        message = f"{message} (number {mistake.index + 1})"
    return {"field": name, "message": message}
