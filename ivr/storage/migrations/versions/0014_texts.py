"""Texts (SMS) that wait to be sent."""

import sqlalchemy as sa
from alembic import op

from ivr.storage.models.base import Instant

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "text_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_number", sa.Integer(), nullable=True),
        sa.Column("page_id", sa.String(length=32), nullable=True),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", Instant(), nullable=False),
        sa.Column("provider_id", sa.String(length=100), nullable=True),
        sa.Column("error", sa.String(length=200), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.Column("settled_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["ticket_number"], ["ticket.number"], name=op.f("fk_text_message_ticket_number")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_text_message")),
    )
    with op.batch_alter_table("text_message", schema=None) as batch_op:
        batch_op.create_index("ix_text_message_due", ["state", "next_attempt_at"])
        batch_op.create_index(batch_op.f("ix_text_message_page_id"), ["page_id"])
        batch_op.create_index(batch_op.f("ix_text_message_ticket_number"), ["ticket_number"])


def downgrade() -> None:
    op.drop_table("text_message")
