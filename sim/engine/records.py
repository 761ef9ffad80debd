"""What a simulation remembers: tables by month and by review, all masses in t REO.

Months are `YYYY-MM`, in the order of the calendar; texts of the tables of goods are categories. Flows
(`*_t` of use, production, shipments, limits, provenance) are sums over the month by days covered; stocks,
transit and held goods are time averages over the month. Nothing of the warm-up is in here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

TRACE_T = 1e-12
"""Tonnes a month below which a row is not written."""
SMALL_T = 1e-9
"""Tonnes that are rounding: neither scarcity nor a shortfall, and no row of the summary."""

FloatArray = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


LICENCES = pd.DataFrame(
    columns=[
        "lever", "exporter", "user", "node", "region", "group", "filed_day", "decided_day", "outcome",
        "valid_until_day", "renewal",
    ]
)  # fmt: skip
"""Where nobody needs a licence"""


@dataclass(frozen=True, slots=True)
class Records:
    """Everything one simulated world (the scenario, or its reference) leaves behind."""

    use: pd.DataFrame
    """month, sector, region, product, demand_t, consumed_t, delivered_t; product is a grade or an element."""
    use_index: pd.DataFrame
    """sector, region, product: one row per column of the review arrays below."""
    review_day: FloatArray
    """[review] day of each review, counted from the scenario's first day; always half days."""
    review_demand_t: FloatArray
    """[review, use] demand since the review before."""
    review_consumed_t: FloatArray
    """[review, use] consumption since the review before."""
    production: pd.DataFrame
    """month, site, country, region, stage, form, product, element, output_t.

    Mines and other blends have one row per element (product empty or the grade); forms traded by
    element have product = element. Separation rows are primary oxide, `recycling` rows secondary."""
    shipments: pd.DataFrame
    """month, seller, buyer, form, product, seller_country, seller_region, buyer_country, buyer_region,
    corridor, dispatched_t, arrived_t, in_transit_t, held_t. Demand nodes have buyer_country empty."""
    stocks: pd.DataFrame
    """month, place, country, region, stage, form, product, stock_t, unsold_t, cover_days.

    stage is `use` for demand nodes and `stockpile` for policy stocks; unsold_t is producer stock above
    target; rows only where not zero. The cover of a stockpile is in days of its region's planned use."""
    limits: pd.DataFrame
    """month, place, region, country, stage, product, limited_by, kind, t.

    kind is `ingredient` (limited_by = element or group), `capacity`, `border` or `corridor` (limited_by =
    lever id); t is product not made, held or refused at the border, or without an open route."""
    licences: pd.DataFrame
    """lever, exporter, user, node, region, group, filed_day, decided_day, outcome, valid_until_day, renewal."""
    licences_pending: pd.DataFrame
    """month, lever, cases (time average), waiting_days (mean of the cases decided in the month), held_t."""
    corridors: pd.DataFrame
    """month, corridor, detoured_t, extra_days, stayed_t, held_t, went_on_t, waited_days.

    Of corridors that a lever closes: tonnes sent by the next route and the days this took more; planned
    tonnes that had no route and stayed with the seller; tonnes waiting before a closed leg (time average);
    tonnes that went on after waiting, and for how many days they had."""
    levers: pd.DataFrame
    """lever, heading, kind, phase, day, date: each phase as it came into force."""
    provenance: pd.DataFrame
    """month, region, element, mine_country, separation_country, touched, t: content delivered to demand
    nodes; touched is a comma-separated list of restricting countries in which any step took place.
    Empty where provenance was switched off."""
    balance: pd.DataFrame
    """element, mined_t, recycled_t, opening_t, closing_t, consumed_t, lost_t, residual_t."""
    events: int
    """Kernel events of the run, warm-up included."""
    warnings: tuple[str, ...]
