"""What was offered and at what figures, on the consent and on the call."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("consent") as consent:
        consent.add_column(sa.Column("figures", sa.Text(), nullable=True))
        consent.add_column(sa.Column("authorised_by", sa.String(length=20), nullable=True))
    with op.batch_alter_table("call") as call:
        call.add_column(sa.Column("order_kind", sa.String(length=20), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("call") as call:
        call.drop_column("order_kind")
    with op.batch_alter_table("consent") as consent:
        consent.drop_column("authorised_by")
        consent.drop_column("figures")
