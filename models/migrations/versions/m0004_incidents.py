"""Incidents, decisions about them, and who reviews what."""

import sqlalchemy as sa
from alembic import op

from models.base import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "incident",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("attempt_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("severity", sa.String(length=10), nullable=False),
        sa.Column("evidence", sa.Double(), nullable=False),
        sa.Column("first_seq", sa.BigInteger(), nullable=True),
        sa.Column("worst_seq", sa.BigInteger(), nullable=True),
        sa.Column("last_seq", sa.BigInteger(), nullable=True),
        sa.Column("first_at", UtcDateTime(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("ending", sa.String(length=20), nullable=True),
        sa.Column("figures", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("policy_id", sa.String(length=80), nullable=False),
        sa.Column("review_state", sa.String(length=20), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempt.id"], name=op.f("fk_incident_attempt_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_bin",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
    )
    with op.batch_alter_table("incident", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_incident_attempt_id_opened_at"),
            ["attempt_id", "opened_at"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_incident_review_state_withdrawn_at_evidence"),
            ["review_state", "withdrawn_at", "evidence"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_incident_updated_at"), ["updated_at"], unique=False)

    op.create_table(
        "incident_review",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("incident_id", sa.String(length=40), nullable=False),
        sa.Column("reviewer_id", sa.String(length=40), nullable=False),
        sa.Column("decision", sa.String(length=20), nullable=False),
        sa.Column("reason_codes", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_incident_review_incident_id")
        ),
        sa.ForeignKeyConstraint(
            ["reviewer_id"], ["user.id"], name=op.f("fk_incident_review_reviewer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_review")),
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_bin",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
    )
    with op.batch_alter_table("incident_review", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_incident_review_incident_id_created_at"),
            ["incident_id", "created_at"],
            unique=False,
        )

    op.create_table(
        "review_claim",
        sa.Column("attempt_id", sa.String(length=40), nullable=False),
        sa.Column("reviewer_id", sa.String(length=40), nullable=False),
        sa.Column("claimed_until", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempt.id"], name=op.f("fk_review_claim_attempt_id")
        ),
        sa.ForeignKeyConstraint(
            ["reviewer_id"], ["user.id"], name=op.f("fk_review_claim_reviewer_id")
        ),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_review_claim")),
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_bin",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
    )

    with op.batch_alter_table("frame", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_frame_attempt_id_sha256"), ["attempt_id", "sha256"], unique=False
        )

    with op.batch_alter_table("exam", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "incident_policy",
                sa.JSON(none_as_null=True),
                server_default=sa.text("'{}'"),
                nullable=False,
            )
        )
        batch_op.add_column(
            sa.Column(
                "rejection_needs_two", sa.Boolean(), server_default=sa.false(), nullable=False
            )
        )


def downgrade() -> None:
    """Take the step back."""
    # Not in a batch: SQLite drops a column in place, and other tables point at these rows.
    op.drop_index("ix_frame_attempt_id_sha256", table_name="frame")
    op.drop_column("exam", "rejection_needs_two")
    op.drop_column("exam", "incident_policy")
    op.drop_table("review_claim")
    op.drop_table("incident_review")
    op.drop_table("incident")
