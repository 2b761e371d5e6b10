"""Telephones that ring for a parked caller."""

import sqlalchemy as sa
from alembic import op

from ivr.storage.models.base import Instant

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "parked_leg",
        sa.Column("attempt_id", sa.String(length=32), nullable=False),
        sa.Column("call_id", sa.String(length=32), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("provider_id", sa.String(length=64), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["ring_attempt.id"], name=op.f("fk_parked_leg_attempt_id")
        ),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_parked_leg_call_id")),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_parked_leg")),
    )
    with op.batch_alter_table("parked_leg", schema=None) as batch_op:
        batch_op.create_index("ix_parked_leg_call_id", ["call_id"])


def downgrade() -> None:
    op.drop_table("parked_leg")
