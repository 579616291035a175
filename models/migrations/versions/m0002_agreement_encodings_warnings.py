"""How references agree, how closely was looked, a frame's own encoding, policy versions, and
warnings about an enrollment.
"""

import sqlalchemy as sa
from alembic import op

from models.base import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    with op.batch_alter_table("verification", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("reference_agreement", sa.JSON(none_as_null=True), nullable=True)
        )
        batch_op.add_column(sa.Column("look", sa.String(length=20), nullable=True))
        batch_op.add_column(sa.Column("sealed_encoding", sa.LargeBinary(), nullable=True))
    with op.batch_alter_table("face_enrollment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("warnings", sa.JSON(none_as_null=True), nullable=True))
    with op.batch_alter_table("face_template", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_face_template_created_at"), ["created_at"], unique=False
        )
    op.create_table(
        "match_policy",
        sa.Column("policy_id", sa.String(length=80), nullable=False),
        sa.Column("numbers", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("policy_id", name=op.f("pk_match_policy")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_bin",
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_table("match_policy")
    with op.batch_alter_table("face_template", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_face_template_created_at"))
    # Not in a batch: SQLite drops a column in place, and other tables point at these rows.
    op.drop_column("face_enrollment", "warnings")
    op.drop_column("verification", "sealed_encoding")
    op.drop_column("verification", "look")
    op.drop_column("verification", "reference_agreement")
