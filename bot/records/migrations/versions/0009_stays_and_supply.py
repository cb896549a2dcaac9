"""Who has died, and since when; stays in a hospital; what pharmacies handed over"""

import sqlalchemy as sa
from alembic import op

from bot.records.types import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

PATIENT = "Patient"


def upgrade() -> None:
    op.add_column("patient", sa.Column("deceased_at", UtcDateTime(timezone=True), nullable=True))
    op.add_column("patient", sa.Column("deceased_dated", sa.Boolean(), nullable=False, server_default=sa.false()))
    _read_again()
    op.create_table(
        "encounter",
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("class_code", sa.String(), nullable=False),
        sa.Column("starts_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("ends_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        _reference("encounter", "patient_id", "patient"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_encounter")),
    )
    op.create_index(op.f("ix_encounter_patient_id"), "encounter", ["patient_id"], unique=False)
    op.create_table(
        "medication_dispense",
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("medication_request_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("medication", sa.String(), nullable=False),
        sa.Column("aliases", sa.JSON(), nullable=False),
        sa.Column("handed_over_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("days_supply", sa.Integer(), nullable=True),
        sa.Column("quantity", sa.Double(), nullable=True),
        sa.Column("quantity_unit", sa.String(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        _reference("medication_dispense", "patient_id", "patient"),
        _reference("medication_dispense", "medication_request_id", "medication_request"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_medication_dispense")),
    )
    for column in ("patient_id", "medication_request_id"):
        index = op.f(f"ix_medication_dispense_{column}")
        op.create_index(index, "medication_dispense", [column], unique=False)


def downgrade() -> None:
    op.drop_table("medication_dispense")
    op.drop_table("encounter")
    op.drop_column("patient", "deceased_dated")
    op.drop_column("patient", "deceased_at")


def _read_again() -> None:
    """The next import or sync takes the records that are not in use again, although they have not changed.

    Nobody knows yet which of them are of people who died.
    """
    connection = op.get_bind()
    patient = sa.table("patient", sa.column("id", sa.Uuid()), sa.column("active", sa.Boolean()))
    names = ("source", "resource_type", "fhir_id")
    resource = sa.table(
        "fhir_resource",
        *(sa.column(name, sa.String()) for name in names),
        sa.column("local_id", sa.Uuid()),
        sa.column("part", sa.Boolean()),
    )
    cursor = sa.table(
        "fhir_sync",
        *(sa.column(name, sa.String()) for name in names[:2]),
        sa.column("again", sa.JSON()),
    )
    unused = sa.select(patient.c.id).where(sa.not_(patient.c.active))
    of_them = (resource.c.resource_type == PATIENT) & resource.c.local_id.in_(unused)
    connection.execute(sa.update(resource).where(of_them).values(part=True))
    for row in connection.execute(sa.select(cursor).where(cursor.c.resource_type == PATIENT)).mappings().all():
        theirs = sa.select(resource.c.fhir_id).where(of_them, resource.c.source == row["source"])
        again = sorted({*row["again"], *connection.scalars(theirs)})
        own = (cursor.c.source == row["source"]) & (cursor.c.resource_type == PATIENT)
        connection.execute(sa.update(cursor).where(own).values(again=again))


def _reference(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{to}")
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=name, initially="DEFERRED", deferrable=True)
