"""Column types by themselves: instants and seals."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import postgresql, sqlite

from bot.domain.errors import KeyMissing, SealBroken
from bot.records import Patient
from bot.records.types import Keyring, UtcDateTime

KEYRING = Keyring.generate()
AT = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


@given(st.text(max_size=200), st.text(min_size=1, max_size=30))
def test_what_is_sealed_opens_in_its_own_place_only(text: str, place: str) -> None:
    sealed = KEYRING.seal(text, place)
    assert KEYRING.unseal(sealed, place) == text
    assert text.encode() not in sealed or len(text) < 3
    with pytest.raises(SealBroken):
        KEYRING.unseal(sealed, f"{place}x")


@given(st.binary(max_size=60))
def test_noise_never_opens(noise: bytes) -> None:
    with pytest.raises((SealBroken, KeyMissing)):
        KEYRING.unseal(noise, "a.b.c")
    with pytest.raises(SealBroken):
        KEYRING.unseal(b"k1:" + noise, "a.b.c")


def test_a_blind_index_depends_on_its_key() -> None:
    assert KEYRING.blind("+12125550101") == KEYRING.blind("+12125550101")
    assert KEYRING.blind("+12125550101") != Keyring.generate().blind("+12125550101")
    assert len(KEYRING.blind("x")) == 32


def test_keys_are_random() -> None:
    assert Keyring.generate().keys["k1"] != Keyring.generate().keys["k1"]


@pytest.mark.parametrize("dialect", [sqlite.dialect(), postgresql.dialect()], ids=["sqlite", "postgresql"])
def test_an_instant_comes_back_as_utc_and_a_naive_one_is_refused(dialect: object) -> None:
    column = UtcDateTime()
    elsewhere = AT.astimezone(timezone(timedelta(hours=-5)))
    stored = column.process_bind_param(elsewhere, dialect)  # type: ignore[arg-type]
    assert column.process_result_value(stored, dialect) == AT  # type: ignore[arg-type]
    assert column.process_bind_param(None, dialect) is None  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="time zone"):
        column.process_bind_param(AT.replace(tzinfo=None), dialect)  # type: ignore[arg-type]


def test_a_column_that_does_not_exist_is_refused() -> None:
    with pytest.raises(TypeError, match="Patient has no column shoe_size"):
        Patient(shoe_size=43)
