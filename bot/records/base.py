"""The declarative base: every row has an id before anything else is set on it."""

import enum
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON, Enum, ForeignKey, MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bot.domain.ids import new_id
from bot.records.types import UtcDateTime

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


# Enumerations are stored as their values, in plain text columns: readable in the database and free to grow.
ENUMERATION = Enum(
    enum.Enum,
    native_enum=False,
    create_constraint=False,
    length=40,
    values_callable=lambda kind: [member.value for member in kind],
)


def references(column: str) -> ForeignKey:
    """A foreign key that is checked at commit, so rows of one transaction may be written in any order."""
    return ForeignKey(column, deferrable=True, initially="DEFERRED")


class Record(DeclarativeBase):
    """A row. `id` is a time-ordered UUID and part of what sealed values are bound to."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime,
        enum.Enum: ENUMERATION,
        dict[str, Any]: JSON,
        dict[str, str]: JSON,
        dict[str, list[str]]: JSON,
        list[str]: JSON,
        list[dict[str, Any]]: JSON,
    }

    id: Mapped[UUID] = mapped_column(primary_key=True)

    def __init__(self, **values: Any) -> None:
        self.id = values.pop("id", None) or new_id()
        for name, value in values.items():
            if not hasattr(type(self), name):
                raise TypeError(f"{type(self).__name__} has no column {name}")
            setattr(self, name, value)
