"""Questions and answers, allowances, the way without a camera, reviews and students' replies."""

import sqlalchemy as sa
from alembic import op

from models.base import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "allowance",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        sa.Column("exam_id", sa.String(length=40), nullable=True),
        sa.Column("extra_time_percent", sa.Integer(), nullable=False),
        sa.Column("extra_time_seconds", sa.Integer(), nullable=False),
        sa.Column("frame_interval_factor", sa.Double(), nullable=False),
        sa.Column("face_check", sa.String(length=20), nullable=False),
        sa.Column("second_person_allowed", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("granted_by", sa.String(length=40), nullable=False),
        sa.Column("granted_at", UtcDateTime(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["exam_id"], ["exam.id"], name=op.f("fk_allowance_exam_id")),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subject.id"], name=op.f("fk_allowance_subject_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allowance")),
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_bin",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
    )
    with op.batch_alter_table("allowance", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_allowance_subject_id_exam_id"), ["subject_id", "exam_id"], unique=False
        )

    op.create_table(
        "question",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("exam_id", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("points", sa.Double(), nullable=False),
        sa.Column("choices", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("correct", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["exam_id"], ["exam.id"], name=op.f("fk_question_exam_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_bin",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
    )
    with op.batch_alter_table("question", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_question_exam_id_position"), ["exam_id", "position"], unique=False
        )

    op.create_table(
        "alternative_request",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        sa.Column("text_version", sa.String(length=40), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("answered_by", sa.String(length=40), nullable=True),
        sa.Column("allowance_id", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(
            ["allowance_id"], ["allowance.id"], name=op.f("fk_alternative_request_allowance_id")
        ),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["user.id"], name=op.f("fk_alternative_request_answered_by")
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subject.id"], name=op.f("fk_alternative_request_subject_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alternative_request")),
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_bin",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
    )
    with op.batch_alter_table("alternative_request", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_alternative_request_subject_id_answered_at"),
            ["subject_id", "answered_at"],
            unique=False,
        )

    op.create_table(
        "answer",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("attempt_id", sa.String(length=40), nullable=False),
        sa.Column("question_id", sa.String(length=40), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("value", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("client_at", UtcDateTime(), nullable=True),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("awarded_points", sa.Double(), nullable=True),
        sa.Column("scored_by", sa.String(length=40), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_answer_attempt_id")),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_answer_question_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer")),
        sa.UniqueConstraint(
            "attempt_id", "question_id", name=op.f("uq_answer_attempt_id_question_id")
        ),
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_bin",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
    )
    op.create_table(
        "review",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("attempt_id", sa.String(length=40), nullable=False),
        sa.Column("reviewer_id", sa.String(length=40), nullable=False),
        sa.Column("decision", sa.String(length=30), nullable=False),
        sa.Column("reason_codes", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("reply_until", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_review_attempt_id")),
        sa.ForeignKeyConstraint(["reviewer_id"], ["user.id"], name=op.f("fk_review_reviewer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_bin",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
    )
    with op.batch_alter_table("review", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_review_attempt_id_created_at"),
            ["attempt_id", "created_at"],
            unique=False,
        )

    op.create_table(
        "student_reply",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("attempt_id", sa.String(length=40), nullable=False),
        sa.Column("review_id", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempt.id"], name=op.f("fk_student_reply_attempt_id")
        ),
        sa.ForeignKeyConstraint(
            ["review_id"], ["review.id"], name=op.f("fk_student_reply_review_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_student_reply")),
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_bin",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
    )
    with op.batch_alter_table("student_reply", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_student_reply_attempt_id_created_at"),
            ["attempt_id", "created_at"],
            unique=False,
        )

    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.add_column(sa.Column("remaining_seconds", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column("is_practice", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch_op.add_column(
            sa.Column(
                "needs_verified_frame", sa.Boolean(), server_default=sa.false(), nullable=False
            )
        )
        batch_op.add_column(
            sa.Column(
                "allowances",
                sa.JSON(none_as_null=True),
                server_default=sa.text("'{}'"),
                nullable=False,
            )
        )
        batch_op.add_column(sa.Column("paper", sa.JSON(none_as_null=True), nullable=True))
        batch_op.add_column(sa.Column("identity_checked_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("identity_checked_by", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("awarded_points", sa.Double(), nullable=True))
        batch_op.add_column(sa.Column("possible_points", sa.Double(), nullable=True))

    with op.batch_alter_table("exam", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("is_practice", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch_op.add_column(
            sa.Column("shuffles_questions", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch_op.add_column(
            sa.Column("shuffles_choices", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch_op.add_column(
            sa.Column(
                "needs_approved_enrollment", sa.Boolean(), server_default=sa.false(), nullable=False
            )
        )
        batch_op.add_column(
            sa.Column("shows_points", sa.Boolean(), server_default=sa.false(), nullable=False)
        )

    with op.batch_alter_table("face_enrollment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("approved_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("approved_by", sa.String(length=40), nullable=True))


def downgrade() -> None:
    """Take the step back."""
    # Not in a batch: SQLite drops a column in place, and other tables point at these rows.
    op.drop_column("face_enrollment", "approved_by")
    op.drop_column("face_enrollment", "approved_at")
    op.drop_column("exam", "shows_points")
    op.drop_column("exam", "needs_approved_enrollment")
    op.drop_column("exam", "shuffles_choices")
    op.drop_column("exam", "shuffles_questions")
    op.drop_column("exam", "is_practice")
    op.drop_column("attempt", "possible_points")
    op.drop_column("attempt", "awarded_points")
    op.drop_column("attempt", "identity_checked_by")
    op.drop_column("attempt", "identity_checked_at")
    op.drop_column("attempt", "paper")
    op.drop_column("attempt", "allowances")
    op.drop_column("attempt", "needs_verified_frame")
    op.drop_column("attempt", "is_practice")
    op.drop_column("attempt", "remaining_seconds")
    op.drop_table("student_reply")
    op.drop_table("review")
    op.drop_table("answer")
    op.drop_table("alternative_request")
    op.drop_table("question")
    op.drop_table("allowance")
