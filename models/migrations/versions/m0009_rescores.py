"""Attempts scored again, beside their verdicts."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from models.base import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

CASE_SENSITIVE: dict[str, Any] = {
    "mariadb_charset": "utf8mb4",
    "mariadb_collate": "utf8mb4_bin",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_bin",
}


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "rescore",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("attempt_id", sa.String(length=40), nullable=False),
        sa.Column("asked_by", sa.String(length=40), nullable=False),
        sa.Column("engine", sa.String(length=20), nullable=False),
        sa.Column("engine_id", sa.String(length=80), nullable=True),
        sa.Column("policy", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("policy_id", sa.String(length=80), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("error_code", sa.String(length=40), nullable=True),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("done_seq", sa.BigInteger(), nullable=False),
        sa.Column("frame_count", sa.Integer(), nullable=False),
        sa.Column("scored_count", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_rescore_attempt_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rescore")),
        **CASE_SENSITIVE,
    )
    op.create_index(op.f("ix_rescore_attempt_id"), "rescore", ["attempt_id"], unique=False)
    op.create_table(
        "rescored_frame",
        sa.Column("rescore_id", sa.String(length=40), nullable=False),
        sa.Column("frame_id", sa.String(length=40), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("error_code", sa.String(length=40), nullable=True),
        sa.Column("distance", sa.Double(), nullable=True),
        sa.Column("match_score", sa.Double(), nullable=True),
        sa.Column("face_count", sa.Integer(), nullable=True),
        sa.Column("reasons", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("look", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(
            ["rescore_id"], ["rescore.id"], name=op.f("fk_rescored_frame_rescore_id")
        ),
        sa.ForeignKeyConstraint(
            ["frame_id"], ["frame.id"], name=op.f("fk_rescored_frame_frame_id")
        ),
        sa.PrimaryKeyConstraint("rescore_id", "frame_id", name=op.f("pk_rescored_frame")),
        **CASE_SENSITIVE,
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_table("rescored_frame")
    op.drop_table("rescore")
