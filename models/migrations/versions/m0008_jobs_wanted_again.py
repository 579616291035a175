"""Jobs that are wanted again while they are done, and attempts found by their state."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("is_wanted_again", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
    op.create_index(op.f("ix_attempt_state"), "attempt", ["state"], unique=False)


def downgrade() -> None:
    """Take the step back."""
    op.drop_index(op.f("ix_attempt_state"), table_name="attempt")
    # Not in a batch: SQLite drops a column in place.
    op.drop_column("job", "is_wanted_again")
