"""Which agent takes calls now and took which, and how a caller was checked."""

import sqlalchemy as sa
from alembic import op

from ivr.storage.models.base import Instant

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("desk_card", schema=None) as batch_op:
        batch_op.add_column(sa.Column("taken_by", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("taken_name", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("taken_at", Instant(), nullable=True))
        wrong_codes = sa.Column("wrong_codes", sa.Integer(), nullable=False, server_default="0")
        batch_op.add_column(wrong_codes)
        answers = sa.Column("answers", sa.String(length=200), nullable=False, server_default="")
        batch_op.add_column(answers)

    op.create_table(
        "desk_ready",
        sa.Column("person_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_desk_ready")),
    )


def downgrade() -> None:
    op.drop_table("desk_ready")
    with op.batch_alter_table("desk_card", schema=None) as batch_op:
        for name in ("answers", "wrong_codes", "taken_at", "taken_name", "taken_by"):
            batch_op.drop_column(name)
