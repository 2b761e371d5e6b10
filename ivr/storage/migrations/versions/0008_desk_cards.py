"""The service desk's cards, who looks at them, and the agent who read a notice out."""

import sqlalchemy as sa
from alembic import op

from ivr.storage.models.base import Instant

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("consent", sa.Column("agent_id", sa.Integer(), nullable=True))
    op.create_table(
        "desk_card",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("call_id", sa.String(length=32), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_by", sa.String(length=200), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("location_id", sa.Integer(), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=True),
        *_done(),
        sa.Column("caller_name", sa.String(length=200), nullable=False),
        sa.Column("callback_number", sa.String(length=20), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_desk_card_call_id")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_desk_card_customer_id")
        ),
        sa.ForeignKeyConstraint(
            ["location_id"], ["location.id"], name=op.f("fk_desk_card_location_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_card")),
        sa.UniqueConstraint("call_id", name=op.f("uq_desk_card_call_id")),
    )
    still_open = sa.text("closed_at IS NULL")
    op.create_index(
        "uq_desk_card_open_number",
        "desk_card",
        ["number"],
        unique=True,
        sqlite_where=still_open,
        postgresql_where=still_open,
    )
    op.create_table(
        "desk_presence",
        sa.Column("card_id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["card_id"], ["desk_card.id"], name=op.f("fk_desk_presence_card_id")
        ),
        sa.PrimaryKeyConstraint("card_id", "person_id", name=op.f("pk_desk_presence")),
    )


def _done() -> list[sa.Column[object]]:
    """Check, explanation and outcome."""
    return [
        sa.Column("check_result", sa.String(length=20), nullable=False),
        sa.Column("checked_at", Instant(), nullable=True),
        sa.Column("checked_by", sa.String(length=200), nullable=True),
        sa.Column("preconditions_met", sa.Boolean(), nullable=False),
        sa.Column("explained_at", Instant(), nullable=True),
        sa.Column("explained_by", sa.String(length=200), nullable=True),
        sa.Column("explained_sha256", sa.String(length=64), nullable=True),
        sa.Column("explained_text", sa.Text(), nullable=True),
        sa.Column("explained_notice", sa.Text(), nullable=True),
        sa.Column("explained_figures", sa.Text(), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("settled_at", Instant(), nullable=True),
        sa.Column("settled_by", sa.String(length=200), nullable=True),
    ]


def downgrade() -> None:
    op.drop_table("desk_presence")
    op.drop_table("desk_card")
    op.drop_column("consent", "agent_id")
