"""Webhooks and e-mails on their way out, measurements, and looking into the audit chain."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from models.base import UtcDateTime

revision = "0007"
down_revision = "0005"
branch_labels = None
depends_on = None

CASE_SENSITIVE: dict[str, Any] = {
    "mariadb_charset": "utf8mb4",
    "mariadb_collate": "utf8mb4_bin",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_bin",
}

AUDIT_INDEXES = (("actor", "number"), ("action", "number"), ("at",))


def upgrade() -> None:
    """Take the step."""
    op.create_table(
        "webhook",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("owner_client_id", sa.String(length=40), nullable=True),
        sa.Column("url", sa.String(length=1000), nullable=False),
        sa.Column("events", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("min_severity", sa.String(length=10), nullable=False),
        sa.Column("sealed_key", sa.LargeBinary(), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("delivered_at", UtcDateTime(), nullable=True),
        sa.Column("failing_since", UtcDateTime(), nullable=True),
        sa.Column("disabled_at", UtcDateTime(), nullable=True),
        sa.Column("disabled_note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["owner_client_id"], ["api_client.id"], name=op.f("fk_webhook_owner_client_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")),
        **CASE_SENSITIVE,
    )
    _index("webhook", "owner_client_id")
    _create_outgoing(
        "webhook_delivery",
        sa.Column("webhook_id", sa.String(length=40), nullable=False),
        sa.Column("response_status", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhook.id"], name=op.f("fk_webhook_delivery_webhook_id")
        ),
    )
    _index("webhook_delivery", "webhook_id")
    _create_outgoing("alert_mail")
    op.create_table(
        "measurement",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("figures", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("measured_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_measurement")),
        **CASE_SENSITIVE,
    )
    for columns in AUDIT_INDEXES:
        _index("audit_entry", *columns)


def downgrade() -> None:
    """Take the step back."""
    for columns in AUDIT_INDEXES:
        op.drop_index(op.f(f"ix_audit_entry_{'_'.join(columns)}"), table_name="audit_entry")
    for table in ("measurement", "alert_mail", "webhook_delivery", "webhook"):
        op.drop_table(table)


def _create_outgoing(table: str, *columns: sa.schema.SchemaItem) -> None:
    """Make a table with the columns of `models.webhook.Outgoing` and its own."""
    op.create_table(
        table,
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("event_id", sa.String(length=40), nullable=False),
        sa.Column("attempt_id", sa.String(length=40), nullable=True),
        sa.Column("payload", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("told", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("not_before", UtcDateTime(), nullable=False),
        sa.Column("give_up_at", UtcDateTime(), nullable=False),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("token", sa.String(length=32), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        *columns,
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempt.id"], name=op.f(f"fk_{table}_attempt_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        **CASE_SENSITIVE,
    )
    _index(table, "state", "not_before")
    _index(table, "attempt_id")
    _index(table, "created_at")


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns), unique=False)
