"""Recording by phone: numbers of prompts, and the PINs of those who record."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "prompt_number",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prompt_number")),
        sa.UniqueConstraint("digest", name=op.f("uq_prompt_number_digest")),
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.add_column(sa.Column("recording_pin_hash", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("recording_pepper_version", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_column("recording_pepper_version")
        batch_op.drop_column("recording_pin_hash")
    op.drop_table("prompt_number")
