"""Changing one question of an exam. The rules are those of the whole list; nothing commits."""

from collections.abc import Callable
from typing import Literal

from sqlalchemy.orm import Session

from api.context import Context
from api.principal import Person
from api.problems import ChangedMeanwhile, InvalidRequest, NotFound
from api.questions.schemas import QUESTIONS_MAX, QuestionText
from api.questions.service import digest, held_questions, replace_questions
from models.exam import Exam

Direction = Literal["up", "down"]


class QuestionEditor:
    """Changes questions of one exam, one at a time, in the caller's write transaction."""

    def __init__(
        self, session: Session, context: Context, person: Person, exam: Exam, request_id: str
    ) -> None:
        def save(questions: list[QuestionText], what: dict[str, str]) -> None:
            replace_questions(session, context, person, exam, questions, request_id, what=what)

        self._save: Callable[[list[QuestionText], dict[str, str]], None] = save
        self._questions = held_questions(session, exam)

    def add(self, wanted: QuestionText) -> None:
        """Put a new question at the end.

        Raises
        ------
        ExamInUse, InvalidRequest
        """
        if len(self._questions) >= QUESTIONS_MAX:
            raise InvalidRequest.at("questions", f"are at most {QUESTIONS_MAX}")
        new = wanted.model_copy(update={"id": None})
        self._save([*self._questions, new], {"added": wanted.kind.value})

    def change(self, question_id: str, wanted: QuestionText, *, seen: str) -> None:
        """Put `wanted` in the place of a question that is still as it was `seen`.

        Raises
        ------
        ChangedMeanwhile
            Its digest is another one by now.
        NotFound, ExamInUse, InvalidRequest
        """
        at = self._position(question_id)
        if digest([self._questions[at]]) != seen:
            raise ChangedMeanwhile
        self._questions[at] = wanted.model_copy(update={"id": question_id})
        self._save(self._questions, {"changed": question_id})

    def remove(self, question_id: str) -> None:
        """Take a question away.

        Raises
        ------
        NotFound, ExamInUse
        """
        del self._questions[self._position(question_id)]
        self._save(self._questions, {"removed": question_id})

    def move(self, question_id: str, direction: Direction) -> None:
        """Let a question change places with its neighbour; at the end of the list it stays.

        Raises
        ------
        NotFound
        """
        at = self._position(question_id)
        to = at - 1 if direction == "up" else at + 1
        if not 0 <= to < len(self._questions):
            return
        self._questions.insert(to, self._questions.pop(at))
        self._save(self._questions, {"moved": question_id})

    def _position(self, question_id: str) -> int:
        for position, question in enumerate(self._questions):
            if question.id == question_id:
                return position
        raise NotFound("The exam has no such question.")
