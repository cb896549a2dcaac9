"""Sending: token buckets, and indexes that read only what waits however long the history is"""

import sqlalchemy as sa
from alembic import op

from bot.records.types import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

DUE = ["direction", "status", "urgent", "next_attempt_at", "id"]


def upgrade() -> None:
    op.create_table(
        "token_bucket",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("tokens", sa.Double(), nullable=False),
        sa.Column("refilled_at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_token_bucket")),
        sa.UniqueConstraint("name", name=op.f("uq_token_bucket_name")),
    )
    op.drop_index("ix_communication_due", table_name="communication")
    op.create_index("ix_communication_due", "communication", DUE, unique=False)
    op.create_index("ix_communication_waiting", "communication", ["conversation_id", "status", "id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_communication_waiting", table_name="communication")
    op.drop_index("ix_communication_due", table_name="communication")
    op.create_index("ix_communication_due", "communication", DUE[:2] + DUE[3:4], unique=False)
    op.drop_table("token_bucket")
