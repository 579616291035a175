"""Invitation links, users that were deleted, and enrolled faces that a person withdrew."""

import sqlalchemy as sa
from alembic import op

from models.base import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "invitation",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("user_id", sa.String(length=40), nullable=False),
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.Column("replaced_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_invitation_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_invitation_token_sha256")),
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_bin",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
    )
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invitation_user_id"), ["user_id"], unique=False)
    with op.batch_alter_table("user", schema=None) as batch_op:
        batch_op.add_column(sa.Column("deleted_at", UtcDateTime(), nullable=True))
    with op.batch_alter_table("face_enrollment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("withdrawn_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("withdrawn_by", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("withdrawn_reason", sa.String(length=500), nullable=True))
    _mark_erased_users()


def downgrade() -> None:
    """Take the step back."""
    # Not in a batch: SQLite drops a column in place, and other tables point at these rows.
    op.drop_column("face_enrollment", "withdrawn_reason")
    op.drop_column("face_enrollment", "withdrawn_by")
    op.drop_column("face_enrollment", "withdrawn_at")
    op.drop_column("user", "deleted_at")
    op.drop_table("invitation")


def _mark_erased_users() -> None:
    """Give users of subjects that were erased before this step their moment."""
    user = sa.table("user", sa.column("subject_id"), sa.column("deleted_at", UtcDateTime()))
    subject = sa.table("subject", sa.column("id"), sa.column("erased_at", UtcDateTime()))
    erased_at = (
        sa.select(subject.c.erased_at).where(subject.c.id == user.c.subject_id).scalar_subquery()
    )
    op.execute(user.update().values(deleted_at=erased_at))
