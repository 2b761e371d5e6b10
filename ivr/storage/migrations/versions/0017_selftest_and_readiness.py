"""Calls of the line to itself, and technicians' telephones tried before a duty."""

import sqlalchemy as sa
from alembic import op

from ivr.storage.models.base import Instant

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    instants = ("placed", "arrived", "identified", "ordered", "rung", "answered")
    op.create_table(
        "selftest_run",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("back_end", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("by_hand", sa.Boolean(), nullable=False),
        sa.Column("provider_id", sa.String(length=100), nullable=True),
        sa.Column("channel", sa.String(length=20), nullable=True),
        sa.Column("provider_call_id", sa.String(length=64), nullable=True),
        *(sa.Column(f"{name}_at", Instant(), nullable=True) for name in instants),
        sa.Column("carrier_end", sa.String(length=20), nullable=True),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.Column("step", sa.String(length=20), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_selftest_run")),
    )
    with op.batch_alter_table("selftest_run", schema=None) as batch_op:
        batch_op.create_index("ix_selftest_run_state", ["state", "due_at"])
        batch_op.create_index("ix_selftest_run_call", ["channel", "provider_call_id"])
    op.create_table(
        "readiness_check",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("technician_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("starts_at", Instant(), nullable=True),
        sa.Column("ends_at", Instant(), nullable=True),
        sa.Column("telephone", sa.String(length=20), nullable=True),
        sa.Column("provider_id", sa.String(length=100), nullable=True),
        sa.Column("settled_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["technician_id"], ["technician.id"], name=op.f("fk_readiness_check_technician_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_readiness_check")),
    )
    with op.batch_alter_table("readiness_check", schema=None) as batch_op:
        batch_op.create_index("ix_readiness_check_duty", ["technician_id", "starts_at"])


def downgrade() -> None:
    op.drop_table("readiness_check")
    op.drop_table("selftest_run")
