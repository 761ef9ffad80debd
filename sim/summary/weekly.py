"""What end users needed and lacked, review by review: what first days short and weeks below 80 % come from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np
import pandas as pd

from sim.engine.panel import categorical
from sim.engine.records import Records
from sim.equations.digits import rounded
from sim.summary.at_risk import days_of_reviews, of_items
from sim.summary.service import output_at_risk_at_reviews
from sim.tables import TABLES


def weekly_table(
    records: Records, postponed: Mapping[str, float], starts: date, run_days: float
) -> pd.DataFrame:
    """A row for each review and item with demand; columns as declared.

    `to` is the day of the review, and a row stands for the time since the review before it: `days` is how many
    of its days lie in the run. `output_at_risk` is in % of what cannot wait.
    """
    use, demand = records.use_by_month.texts, records.review_demand_t
    at_risk = 100 * output_at_risk_at_reviews(records, of_items(postponed, use["sector"]))
    short = np.maximum(0.0, demand - records.review_consumed_t)
    days = days_of_reviews(records.review_day, run_days)
    review, item = np.nonzero(demand > 0)
    dates = [(starts + timedelta(days=int(day))).isoformat() for day in records.review_day]
    texts = {"material": use["product"], "sector": use["sector"], "region": use["region"]}
    return pd.DataFrame(
        {
            "to": categorical(dates, review),
            "days": days[review],
            **{name: its.take(item).categorical() for name, its in texts.items()},
            "demand_t": rounded(demand[review, item]),
            "shortfall_t": rounded(short[review, item]),
            "output_at_risk": rounded(at_risk[review, item]),
        },
        columns=TABLES["weekly"].names,
    )
