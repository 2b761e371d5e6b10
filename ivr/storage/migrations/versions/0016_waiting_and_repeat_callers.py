"""Callers who wait for a technician, and what finds a caller's earlier calls."""

import sqlalchemy as sa
from alembic import op

from ivr.storage.models.base import Instant

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "waiting_caller",
        sa.Column("call_id", sa.String(length=32), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.Column("technicians", sa.String(length=400), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_waiting_caller_call_id")),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_waiting_caller")),
    )
    with op.batch_alter_table("call", schema=None) as batch_op:
        batch_op.create_index("ix_call_ticket", ["ticket_number", "received_at"])
        batch_op.create_index("ix_call_caller", ["caller_number", "received_at"])
    with op.batch_alter_table("page", schema=None) as batch_op:
        batch_op.create_index("ix_page_passed_over", ["technician_id", "state"])


def downgrade() -> None:
    with op.batch_alter_table("page", schema=None) as batch_op:
        batch_op.drop_index("ix_page_passed_over")
    with op.batch_alter_table("call", schema=None) as batch_op:
        batch_op.drop_index("ix_call_caller")
        batch_op.drop_index("ix_call_ticket")
    op.drop_table("waiting_caller")
