"""What exams look like in requests and answers."""

from typing import Annotated

from pydantic import BaseModel, Field

from api.field_types import Moment, PlainText, WantedMoment

Title = Annotated[PlainText, Field(min_length=1, max_length=200)]
Description = Annotated[PlainText, Field(max_length=20_000)]
DurationSeconds = Annotated[int, Field(ge=1, le=7 * 86_400)]
FrameIntervalSeconds = Annotated[float, Field(ge=0.2, le=300)]


class NewExam(BaseModel):
    """What an admin sets up."""

    title: Title
    description: Description = ""
    opens_at: WantedMoment | None = None
    closes_at: WantedMoment | None = None
    duration_seconds: DurationSeconds
    frame_interval_seconds: FrameIntervalSeconds | None = None
    """Left out: the service's setting."""
    is_practice: bool = False
    shuffles_questions: bool = False
    shuffles_choices: bool = False
    needs_approved_enrollment: bool = False
    shows_points: bool = False
    rejection_needs_two: bool = False


class ExamChange(BaseModel):
    """What shall be different; what is left out stays. Running attempts keep their limits."""

    title: Title | None = None
    description: Description | None = None
    opens_at: WantedMoment | None = None
    closes_at: WantedMoment | None = None
    duration_seconds: DurationSeconds | None = None
    frame_interval_seconds: FrameIntervalSeconds | None = None
    is_practice: bool | None = None
    shuffles_questions: bool | None = None
    shuffles_choices: bool | None = None
    needs_approved_enrollment: bool | None = None
    shows_points: bool | None = None
    rejection_needs_two: bool | None = None


class JoinRequest(BaseModel):
    """The code a student was given."""

    join_code: Annotated[PlainText, Field(min_length=1, max_length=40)]


class ExamAnswer(BaseModel):
    """An exam as admins see it."""

    id: str
    title: str
    description: str
    join_code: str
    opens_at: Moment | None
    closes_at: Moment | None
    duration_seconds: int
    frame_interval_seconds: float
    is_practice: bool
    """Sat as often as wished, without counting."""
    shuffles_questions: bool
    shuffles_choices: bool
    needs_approved_enrollment: bool
    """A person has to approve the enrolled face first."""
    shows_points: bool
    """Students see their points once the attempt was verified."""
    rejection_needs_two: bool
    """Whoever questioned the student does not reject the attempt as well."""
    question_count: int
    possible_points: float
    created_at: Moment
    archived_at: Moment | None


class ExamPage(BaseModel):
    """Exams, newest first."""

    items: list[ExamAnswer]
    next_cursor: str | None
