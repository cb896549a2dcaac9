"""Resources: the clinic's answers join the help outside the clinic in one table that coordinators edit"""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from bot.records.types import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def shared() -> list[sa.Column[Any]]:
    """The columns that both tables have."""
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.String(length=40), nullable=False),
        sa.Column("name", sa.JSON(), nullable=False),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.Column("hours", sa.JSON(), nullable=False),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("url", sa.String(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=False),
    ]


def upgrade() -> None:
    resource = op.create_table(
        "clinic_resource",
        *shared(),
        sa.Column("eligibility", sa.JSON(), nullable=False),
        sa.Column("keywords", sa.JSON(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("location_id", sa.Uuid(), nullable=True),
        sa.Column("retired_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.Uuid(), nullable=True),
        _reference("location_id", "location"),
        _reference("updated_by_id", "coordinator"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clinic_resource")),
    )
    op.create_index(op.f("ix_clinic_resource_topic"), "clinic_resource", ["topic"], unique=False)
    new: dict[str, Any] = {"eligibility": {}, "keywords": {}, "place": "", "version": 1}
    _copy("community_resource", resource, new | {"updated_at": datetime.now(UTC)})
    op.drop_table("community_resource")


def downgrade() -> None:
    key = sa.PrimaryKeyConstraint("id", name=op.f("pk_community_resource"))
    resource = op.create_table("community_resource", *shared(), key)
    _copy("clinic_resource", resource, {})
    op.drop_index(op.f("ix_clinic_resource_topic"), table_name="clinic_resource")
    op.drop_table("clinic_resource")


def _copy(source: str, target: sa.Table, new: dict[str, Any]) -> None:
    rows = op.get_bind().execute(sa.select(*shared()).select_from(sa.table(source)))
    op.bulk_insert(target, [dict(row) | new for row in rows.mappings()])
    if op.get_context().dialect.name == "postgresql":
        # Checks that wait for the commit would keep a later migration from changing this table.
        op.execute("SET CONSTRAINTS ALL IMMEDIATE")


def _reference(column: str, to: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_clinic_resource_{column}_{to}")
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=name, initially="DEFERRED", deferrable=True)
