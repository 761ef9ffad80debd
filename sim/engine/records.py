"""What a simulation remembers: tables by month and by review, all masses in t REO.

Months are `YYYY-MM`, in the order of the calendar; texts of the tables of goods are categories. Flows
(`*_t` of use, production, shipments, limits, provenance) are sums over the month by days covered; stocks,
transit and held goods are time averages over the month. Nothing of the warm-up is in here but
`shipments_before`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from sim.engine.panel import Panel
from sim.tables import RECORDS

TRACE_T = 1e-12
"""Tonnes a month below which a row is not written."""
SMALL_T = 1e-9
"""Tonnes that are rounding: neither scarcity nor a shortfall, and no row of the summary."""

FloatArray = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


LICENCES = pd.DataFrame(columns=RECORDS["licences"].names)
"""Where nobody needs a licence"""


BY_MONTH = ("use", "production", "shipments", "stocks", "limits", "provenance")
"""Tables of `Records` that are arrays; the field of each is called `<table>_by_month`."""


@dataclass(frozen=True)
class Records:
    """Everything one simulated world (the scenario, or its reference) leaves behind.

    What is kept by month and item is an array; the tables of the same name are its long form, made when they
    are asked for first. Their columns, with units, are declared in `sim.tables.of_records`.
    """

    use_by_month: Panel
    """Of each product of an end use; see `use`."""
    review_day: FloatArray
    """[review] day of each review, counted from the scenario's first day; always half days."""
    review_demand_t: FloatArray
    """[review, item of `use_by_month`] demand since the review before."""
    review_consumed_t: FloatArray
    """[review, item of `use_by_month`] consumption since the review before."""
    production_by_month: Panel
    """See `production`."""
    shipments_by_month: Panel
    """See `shipments`."""
    stocks_by_month: Panel
    """See `stocks`."""
    limits_by_month: Panel
    """See `limits`."""
    licences: pd.DataFrame
    """Decided cases."""
    licences_pending: pd.DataFrame
    """Each regime by month."""
    corridors: pd.DataFrame
    """Each corridor that a lever closes, by month."""
    levers: pd.DataFrame
    """Each phase as it came into force."""
    provenance_by_month: Panel
    """See `provenance`."""
    balance: pd.DataFrame
    """Where each element came from and went."""
    rules: pd.DataFrame
    """What each rule of behaviour that holds moved."""
    idle: pd.DataFrame
    """What lay unsold while somebody lacked it, and why."""
    swaps: pd.DataFrame
    """What makers put into a grade beyond its recipe."""
    substitutes: pd.DataFrame
    """Grades that arrived at an end use in place of others."""
    warnings: tuple[str, ...]
    shipments_before_by_month: Panel | None = None
    """See `shipments_before`; None where nobody asked for it."""

    @cached_property
    def use(self) -> pd.DataFrame:
        """What end users needed, used and got."""
        return self.use_by_month.long()

    @cached_property
    def use_index(self) -> pd.DataFrame:
        """sector, region, product: one row per column of the review arrays."""
        return self.use_by_month.index()

    @cached_property
    def production(self) -> pd.DataFrame:
        """What sites made."""
        return self.production_by_month.long()

    @cached_property
    def shipments(self) -> pd.DataFrame:
        """What went from whom to whom."""
        return self.shipments_by_month.long()

    @cached_property
    def shipments_before(self) -> pd.DataFrame:
        """month, seller, buyer, form, product, countries and regions of both, dispatched_t.

        Of days of the warm-up, from `sales_from` of `simulate_all` to the scenario's first day; the last month
        has the days before that day.
        """
        panel = self.shipments_before_by_month
        return pd.DataFrame() if panel is None else panel.long()

    @cached_property
    def stocks(self) -> pd.DataFrame:
        """What lay where."""
        return self.stocks_by_month.long()

    @cached_property
    def limits(self) -> pd.DataFrame:
        """What was not made, or not sent, and why."""
        return self.limits_by_month.long()

    @cached_property
    def provenance(self) -> pd.DataFrame:
        """What was delivered to end users, by where it comes from; empty where that was not traced."""
        return self.provenance_by_month.long()

    def __getstate__(self) -> dict[str, Any]:
        """What another process gets: no long table, which it can make itself."""
        return {field.name: getattr(self, field.name) for field in fields(self)}
