"""Output at risk: what is missing once the part of the use that can wait is made without."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules.behaviour import Behaviour, Postponable
from sim.summary import summarise as summarised
from sim.summary.at_risk import at_risk_t, output_at_risk, weeks_below
from tests.unit.test_summary import BAN, ENDS, HOT, STARTS, USE, WORLD, records, value


def percent(demand: float, shortfall: float, share: float) -> float:
    t, d, e = (np.array([float(each)]) for each in (shortfall, demand, share))
    return float(100 * output_at_risk(at_risk_t(t, d, e), d, e)[0])


def test_what_can_wait_is_taken_off_what_is_missing_and_off_what_is_needed() -> None:
    for demand, shortfall, share, at_risk in (
        (100, 30, 0.2, 12.5),  # 10 of 80
        (100, 15, 0.2, 0.0),
        (100, 30, 0.0, 30.0),
        (100, 100, 0.2, 100.0),
        (0, 0, 0.2, 0.0),
        (100, 100, 1.0, 0.0),  # all of it can wait
    ):
        assert percent(demand, shortfall, share) == pytest.approx(at_risk), (shortfall, share)


SHARE = st.floats(0.0, 0.95)


@given(demand=st.floats(1e-3, 1e6), missing=st.floats(0.0, 1.0), less=SHARE, more=SHARE)
def test_output_at_risk_is_never_more_than_what_is_missing_and_falls_with_what_can_wait(
    demand: float, missing: float, less: float, more: float
) -> None:
    less, more = sorted((less, more))
    found = [percent(demand, missing * demand, share) for share in (0.0, less, more)]
    assert found[0] == pytest.approx(100 * missing)
    assert found[0] >= found[1] - 1e-9 >= found[2] - 2e-9
    assert percent(demand, demand, less) == pytest.approx(100.0)


def test_weeks_below_80_are_the_days_of_reviews_in_the_run() -> None:
    # Reviews at noon of days 0, 7, ...; the run has 15 days. The first stands for half a day of it, the last
    # for the half day that is left.
    days = np.array([0.5, 7.5, 14.5, 21.5])
    for at_risk, weeks in (
        ([0.3, 0.0, 0.0, 0.0], 0.5 / 7),
        ([0.0, 0.3, 1.0, 0.0], 2.0),
        ([0.0, 0.0, 0.0, 0.3], 0.5 / 7),
        ([1.0, 1.0, 1.0, 1.0], 15 / 7),
        ([0.2, 0.2, 0.2, 0.2], 0.0),  # exactly 80 % of output
    ):
        found = weeks_below(np.array(at_risk)[:, None], days, 15.0)
        assert found[0] == pytest.approx(weeks), at_risk


def test_a_run_has_output_at_risk_by_year_in_its_worst_month_and_in_weeks() -> None:
    """Of 10 t a month 6 are missing in January: of 8 that cannot wait 4, and 4 of 16 over both months."""
    short = np.zeros(50)
    short[4:7] = 0.5  # 37.5 % of what cannot wait
    short[7] = 0.35  # 18.75 %: output is at 81 %
    own = records(short, use=USE, levers=BAN)
    for behaviour, january, run, weeks, quoted in (
        (Behaviour(postponable=Postponable()), 50.0, 25.0, 3.0, True),
        (Behaviour(postponable=Postponable(0.6)), 0.0, 0.0, 0.0, True),
        (Behaviour(), 60.0, 30.0, 4.0, False),
    ):
        made = summarised(
            own, records(use=USE), WORLD, starts=STARTS, ends=ENDS, exporters=["AAA"],
            behaviour=behaviour,
        )  # fmt: skip
        table, worst = made.summary, made.worst.set_index("material").loc["coil_hot"]
        assert value(table, "output_at_risk", **HOT, period="2020") == 0.0
        assert value(table, "output_at_risk", **HOT, period="2021") == pytest.approx(january)
        assert value(table, "output_at_risk", **HOT) == pytest.approx(run)
        assert worst["output_at_risk"] == pytest.approx(january)
        assert value(table, "weeks_below_80", **HOT) == pytest.approx(weeks)
        assert worst["weeks_below_80"] == pytest.approx(weeks)
        assert value(table, "shortfall", **HOT) == pytest.approx(6.0)
        assert "output_at_risk" not in set(made.monthly["metric"])
        found = {each["id"] for each in made.headline}
        assert ({"worst_output_at_risk", "worst_weeks_below_80"} <= found) == quoted
