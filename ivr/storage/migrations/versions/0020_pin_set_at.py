"""Since when a customer's support code is the one it is."""

import sqlalchemy as sa
from alembic import op

from ivr.storage.models.base import Instant

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("pin_set_at", Instant(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.drop_column("pin_set_at")
