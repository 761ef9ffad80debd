"""Quantities as people write them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.words.quantities import (
    DIMENSIONS,
    EACH,
    MASS,
    RATE,
    SHARE,
    TIME,
    Duration,
    QuantityError,
    as_written,
    plain_number,
    read_duration,
    read_in_unit,
    read_quantity,
)


@pytest.mark.parametrize(
    ("written", "dimension", "base"),
    [
        ("45 d", TIME, 45.0),
        ("2 weeks", TIME, 14.0),
        ("4 years", TIME, 1460.0),
        ("1200 t", MASS, 1200.0),
        ("1 200.5 t", MASS, 1200.5),
        ("1 234 567 t", MASS, 1234567.0),
        ("30 kt", MASS, 30_000.0),
        ("1200 t/yr", RATE, 1200.0),
        ("1200 t / yr", RATE, 1200.0),
        ("1200 t a year", RATE, 1200.0),
        ("1200 tpa", RATE, 1200.0),
        ("30 kt/yr", RATE, 30_000.0),
        ("5 ktpa", RATE, 5_000.0),
        ("2 t/d", RATE, 730.0),  # 2 x 365
        ("40 %", SHARE, 0.4),
        ("40%", SHARE, 0.4),
        ("2 each", EACH, 2.0),
        ("1e3 t", MASS, 1000.0),
    ],
)
def test_what_people_write_becomes_base_units(written, dimension, base):
    assert read_quantity(written, dimension) == pytest.approx(base)


@pytest.mark.parametrize(
    ("written", "dimension", "message", "help"),
    [
        ("12", TIME, "needs a unit", "45 d"),
        (12, TIME, "needs a unit", "45 d"),
        ("12,5 t", MASS, "comma", "`12.5 t`"),
        ("1,200 t", MASS, "in two ways", "`1 200 t` if `,` parts the thousands, `1.2 t` if"),
        ("1.200 t", MASS, "in two ways", "`1 200 t` if `.` parts the thousands, `1.2 t` if"),
        (
            "1.234 kt/yr",
            RATE,
            "in two ways",
            "`1 234 kt/yr` if `.` parts the thousands, `1.2340 kt/yr`",
        ),
        ("0,925 t", MASS, "a comma", "`0.925 t`"),
        ("12,500 %", SHARE, "a comma", "`12.5 %`"),
        ("1,234,567.8 t", MASS, "a comma", "`1 234 567.8 t`"),
        ("1.234.567,8 t", MASS, "a comma", "`1 234 567.8 t`"),
        ("1.234.567 t", MASS, "a point", "`1 234 567 t`"),
        ("30'000 t", MASS, "an apostrophe", "`30 000 t`"),
        ("30_000 t", MASS, "an underscore", "`30 000 t`"),
        ("1e300 t", MASS, "more than possible", "at most"),
        ("200 years", TIME, "more than possible", "at most 36 500 d"),
        ("2 ton", MASS, "metric ton", "write t (tonne): 2 t"),
        ("2 tons/yr", RATE, "metric ton", "write t (tonne): 2 t/yr"),
        ("1200 t", RATE, "is a mass, but a rate is needed", "1200 t/yr"),
        ("40", SHARE, "needs a unit", "40 %"),
        ("45 working days", TIME, "working days", "45 d"),
        ("five t", MASS, "does not begin with a number", "1200 t"),
        ("3 furlongs", TIME, "is not a unit", "45 d"),
        ("-3 t", MASS, "negative", "zero or more"),
        ("1e999 t", MASS, "too large", "smaller"),
        (10**400, MASS, "too large", "smaller"),
        (True, MASS, "a mass is needed", "1200 t"),
        (None, MASS, "a mass is needed", "1200 t"),
        ("12 t REO", MASS, "is not a unit", "1200 t"),
    ],
)
def test_what_is_ambiguous_is_refused_with_help(written, dimension, message, help):
    with pytest.raises(QuantityError) as refused:
        read_quantity(written, dimension)
    assert message in refused.value.message
    assert help in refused.value.help


def test_the_packs_basis_may_stand_behind_the_tonnes():
    assert read_quantity("1500 t REO/yr", RATE, basis="t REO") == 1500.0


def test_working_days_stay_working_days():
    assert read_duration("45 working days") == Duration(45.0, working=True)
    assert read_duration("60 d") == Duration(60.0, working=False)
    assert read_duration("45 working days").nominal_calendar_days == 63.0  # 45 x 7 / 5


@pytest.mark.parametrize(
    ("written", "unit", "value"),
    [
        ("92 %", "fraction", 0.92),
        ("92 %", "fraction of feed", 0.92),
        ("1.5 kt/yr", "t REO/yr", 1500.0),
        ("4 years", "years", 4.0),
        ("2 weeks", "days of use", 14.0),
        ("2031", "year", 2031.0),
        (2031.5, "year (fraction = part of the year)", 2031.5),
        (20, "persons", 20.0),
        ("7 %/yr", "%/yr", 7.0),
    ],
)
def test_a_change_is_read_in_the_unit_of_the_packs_row(written, unit, value):
    assert read_in_unit(written, unit, basis="t REO") == pytest.approx(value)


@pytest.mark.parametrize(("written", "unit"), [("0.92", "fraction"), ("7 %", "%/yr"), (5, "days")])
def test_a_change_in_another_unit_is_refused(written, unit):
    with pytest.raises(QuantityError):
        read_in_unit(written, unit)


def test_number_and_unit_are_told_apart_as_written():
    assert as_written("45 working days") == (45.0, "working days")
    assert as_written("1500 t REO/yr", basis="t REO") == (1500.0, "t REO/yr")
    assert as_written("2031-01-01") is None
    assert as_written("CHN") is None


def test_numbers_print_without_needless_digits():
    assert [plain_number(n) for n in (45.0, 0.25, 1200.0, 12_000.0, 1_234_567.0)] == [
        "45", "0.25", "1200", "12 000", "1 234 567",
    ]  # fmt: skip


@given(st.text(max_size=30), st.sampled_from(DIMENSIONS))
def test_any_text_is_a_quantity_or_refused(text, dimension):
    refused = None
    try:
        value = read_quantity(text, dimension)
    except QuantityError as error:
        refused = error
    assert (refused.message and refused.help) if refused else math.isfinite(value)


@pytest.mark.parametrize(
    ("written", "dimension", "value"),
    [("0.250 t", MASS, 0.25), ("1234.567 t", MASS, 1234.567), ("12 345.678 t", MASS, 12345.678),
     ("1.500e3 t", MASS, 1500.0), ("12.500 %", SHARE, 0.125), ("30 000 t", MASS, 30_000.0)],
)  # fmt: skip
def test_what_can_be_read_in_one_way_only_is_read(written, dimension, value):
    assert read_quantity(written, dimension) == pytest.approx(value)
