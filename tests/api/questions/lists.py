"""Any questions an admin could write, for hypothesis."""

import unicodedata

from hypothesis import strategies as st

from api.questions.schemas import Choice, QuestionText
from models.base import new_id
from models.statuses import QuestionKind

_SPECIAL = "=+-@'\"\t\n,;|\\ \u2028\u00a0äß\uff1d"
"""What tables, spreadsheets and line ends trip over."""


def _is_text(text: str) -> bool:
    return bool(text) and text == unicodedata.normalize("NFC", text).strip()


_LETTERS = st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from(_SPECIAL)
TEXTS = (
    st.text(_LETTERS, min_size=1, max_size=12)
    .map(lambda text: unicodedata.normalize("NFC", text).strip())
    .filter(_is_text)
    .filter(
        lambda text: not set(text) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    )
)
POINTS = st.floats(0, 1000, allow_nan=False)
IDS = st.none() | st.builds(new_id, st.just("qst"))


@st.composite
def question(draw: st.DrawFn) -> QuestionText:
    kind = draw(st.sampled_from(QuestionKind))
    choices: list[Choice] = []
    accepted: list[str] = []
    if kind in {QuestionKind.SINGLE_CHOICE, QuestionKind.MULTIPLE_CHOICE}:
        texts = draw(st.lists(TEXTS, min_size=2, max_size=5))
        right = draw(st.sets(st.integers(0, len(texts) - 1), min_size=1))
        if kind is QuestionKind.SINGLE_CHOICE:
            right = {min(right)}
        choices = [Choice(text=text, is_correct=at in right) for at, text in enumerate(texts)]
    elif kind is QuestionKind.SHORT_TEXT:
        accepted = draw(st.lists(TEXTS, max_size=4))
    return QuestionText(
        id=draw(IDS),
        kind=kind,
        text=draw(TEXTS),
        points=draw(POINTS),
        choices=choices,
        accepted_answers=accepted,
    )


QUESTION_LISTS = st.lists(question(), max_size=5)
