"""How severe an incident was and how long it had lasted when somebody decided about it."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take the step."""
    with op.batch_alter_table("incident_review", schema=None) as batch_op:
        batch_op.add_column(sa.Column("severity", sa.String(length=10), nullable=True))
        batch_op.add_column(sa.Column("lasted_seconds", sa.Double(), nullable=True))


def downgrade() -> None:
    """Take the step back."""
    # Not in a batch: SQLite drops a column in place.
    op.drop_column("incident_review", "lasted_seconds")
    op.drop_column("incident_review", "severity")
