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

TRACE_T = 1e-12
"""Tonnes a month below which a row is not written."""
SMALL_T = 1e-9
"""Tonnes that are rounding: neither scarcity nor a shortfall, and no row of the summary."""

FloatArray = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


LICENCES = pd.DataFrame(
    columns=[
        "lever", "exporter", "user", "node", "region", "group", "filed_day", "decided_day", "outcome",
        "valid_until_day", "renewal", "licensed_t",
    ]
)  # fmt: skip
"""Where nobody needs a licence"""


BY_MONTH = ("use", "production", "shipments", "stocks", "limits", "provenance")
"""Tables of `Records` that are arrays; the field of each is called `<table>_by_month`."""


@dataclass(frozen=True)
class Records:
    """Everything one simulated world (the scenario, or its reference) leaves behind.

    What is kept by month and item is an array; the tables of the same name are its long form, made when they
    are asked for first.
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
    """lever, exporter, user, node, region, group, filed_day, decided_day, outcome, valid_until_day, renewal,
    licensed_t (that an approval covers; nan where it covers whatever is ordered)."""
    licences_pending: pd.DataFrame
    """month, lever, cases (time average), waiting_days (mean of the cases decided in the month), held_t,
    planned_t (planned to leave under a licence while the regime was in force), licensed_t (that the month's
    approvals cover, without those for whatever is ordered; nan where all are)."""
    corridors: pd.DataFrame
    """month, corridor, detoured_t, extra_days, stayed_t, held_t, went_on_t, waited_days.

    Of corridors that a lever closes: tonnes sent by the next route and the days this took more; planned
    tonnes that had no route and stayed with the seller; tonnes waiting before a closed leg (time average);
    tonnes that went on after waiting, and for how many days they had."""
    levers: pd.DataFrame
    """lever, heading, kind, phase, day, date: each phase as it came into force."""
    provenance_by_month: Panel
    """See `provenance`."""
    balance: pd.DataFrame
    """element, mined_t, recycled_t, opening_t, closing_t, consumed_t, lost_t, discarded_t, residual_t."""
    rules: pd.DataFrame
    """month, rule, t: what each rule of behaviour that holds moved; see `docs/results.md`."""
    idle: pd.DataFrame
    """month, form, product, reason, t: time average of what lay unsold while somebody lacked it, and why."""
    swaps: pd.DataFrame
    """month, site, country, region, product, ingredient, t: what makers put into a grade beyond its recipe.

    Below 0 where they put in less; ingredient is an element or a group, whose mass makes up the difference."""
    substitutes: pd.DataFrame
    """month, seller, sector, region, product, came, t: arrived at an end use in place of the product."""
    warnings: tuple[str, ...]
    shipments_before_by_month: Panel | None = None
    """See `shipments_before`; None where nobody asked for it."""

    @cached_property
    def use(self) -> pd.DataFrame:
        """month, sector, region, product (grade or element), demand_t, consumed_t, delivered_t, redesigned_t.

        redesigned_t is use that other designs have taken over, no part of demand_t.
        """
        return self.use_by_month.long()

    @cached_property
    def use_index(self) -> pd.DataFrame:
        """sector, region, product: one row per column of the review arrays."""
        return self.use_by_month.index()

    @cached_property
    def production(self) -> pd.DataFrame:
        """month, site, country, region, stage, form, product, element, output_t, discarded_t.

        discarded_t is what the site threw away, since nobody buys it and its pile is full.
        Mines and other blends have one row per element (product empty or the grade); forms traded by
        element have product = element. Separation rows are primary oxide, `recycling` rows secondary.
        """
        return self.production_by_month.long()

    @cached_property
    def shipments(self) -> pd.DataFrame:
        """month, seller, buyer, form, product, countries and regions of both, corridor, and five tonnages.

        seller_country, seller_region, buyer_country, buyer_region; dispatched_t, arrived_t, in_transit_t,
        held_t, flown_t (what of dispatched_t goes by air, and by no corridor). Demand nodes have buyer_country
        empty.
        """
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
        """month, place, country, region, stage, form, product, stock_t, unsold_t, cover_days.

        stage is `use` for demand nodes and `stockpile` for policy stocks; unsold_t is producer stock above
        target; rows only where not zero. The cover of a stockpile is in days of its region's planned use.
        """
        return self.stocks_by_month.long()

    @cached_property
    def limits(self) -> pd.DataFrame:
        """month, place, region, country, stage, product, limited_by, kind, t.

        kind is `ingredient` (limited_by = element or group), `capacity`, `border` or `corridor` (limited_by =
        lever id), or `site`; t is product not made, held or refused at the border, or without an open route.
        """
        return self.limits_by_month.long()

    @cached_property
    def provenance(self) -> pd.DataFrame:
        """month, region, element, mine_country, separation_country, touched, t: delivered to demand nodes.

        touched is a comma-separated list of restricting countries in which any step took place. Empty where
        provenance was switched off.
        """
        return self.provenance_by_month.long()

    def __getstate__(self) -> dict[str, Any]:
        """What another process gets: no long table, which it can make itself."""
        return {field.name: getattr(self, field.name) for field in fields(self)}
