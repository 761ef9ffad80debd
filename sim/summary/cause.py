"""Cause: what limited the supply of a product to a sector-region, followed up the chain."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from sim.engine.panel import Panel
from sim.engine.records import Records
from sim.summary.long import NAMED_T
from sim.world.world import World, end_use_id

CEILINGS = "limits"
"""What limits a product where growth has its limits; the id of the rule"""


Limits = Mapping[tuple[str, str], Mapping[str, float]]
"""(demand node, product) -> what stopped it -> t, the most first"""


def limits_of_use(records: Records) -> Limits:
    """What stopped each product on its way to each demand node, and how many tonnes of it.

    On the way: the lever that held or refused planned shipments to the node, or closed their only route.
    At its suppliers: the ingredient or capacity they lacked for the product, or the lever that stopped them or
    their mines, weighed by their part in what the node received.
    """
    limits = _totals(records.limits_by_month, "t")
    if limits.empty:
        return {}
    on_way = limits["kind"].isin(["border", "corridor"])
    found = limits[on_way].groupby(["place", "product", "limited_by"])["t"].sum().reset_index()
    makers = limits[~on_way & (limits["t"] > 0)]
    made = makers.groupby(["place", "product", "limited_by"])["t"].sum().reset_index()
    made = pd.concat([made, _for_want_of_ore(records, limits)], ignore_index=True)
    moved = _totals(records.shipments_by_month, "arrived_t")
    supply = _shares(moved, "arrived_t", of=["seller", "product"], by=["buyer"])
    up = supply.merge(made, left_on=["seller", "product"], right_on=["place", "product"])
    up = up.assign(t=up["t"] * up["part"], place=up["buyer"])[
        ["place", "product", "limited_by", "t"]
    ]
    both = pd.concat([found, up], ignore_index=True)
    both = both.groupby(["place", "product", "limited_by"], as_index=False, sort=True)["t"].sum()
    both = both[both["t"] > NAMED_T].sort_values("t", ascending=False, kind="stable")
    found_t: dict[tuple[str, str], dict[str, float]] = {}
    for row in both.itertuples():
        found_t.setdefault((row.place, row.product), {})[row.limited_by] = row.t
    return found_t


def main_limit(limits: Limits, node: str, product: str) -> str:
    """What stopped most tonnes; empty where nothing is known to have."""
    return next(iter(limits.get((node, product), {})), "")


def with_ceilings(limits: Limits, records: Records, world: World) -> Limits:
    """The same, with `CEILINGS` for what nothing else limits and residual mines and plants are run for.

    That holds where these would have dug more, had the rule `limits` let them.
    """
    if not (records.rules["rule"] == CEILINGS).any():
        return limits
    held = {e for s in world.sites.values() if s.plan == "residual" for e in s.drivers}
    use = records.use_by_month.texts
    keys = zip(*(use[column].words() for column in ("sector", "region", "product")), strict=True)
    found = {
        (end_use_id(sector, region), product): {CEILINGS: 1.0}
        for sector, region, product in keys
        if product in held
    }
    return {**found, **limits}


def _for_want_of_ore(records: Records, limits: pd.DataFrame) -> pd.DataFrame:
    """What levers kept mines from digging, laid to the products of the plants that they feed.

    A plant lacks the mine's tonnes by its part in what the mine sent out, and each of its products by the
    product's part in what the plant made: place, product, limited_by, t.
    """
    ore = limits[(limits["kind"] == "site") & (limits["product"] == "")]
    if ore.empty:
        return ore[["place", "product", "limited_by", "t"]]
    ore = ore.groupby(["place", "limited_by"], observed=True)["t"].sum().reset_index()
    moved = _totals(records.shipments_by_month, "dispatched_t")
    sent = _shares(moved, "dispatched_t", of=["seller"], by=["buyer"])
    made = _totals(records.production_by_month, "output_t")
    output = _shares(made, "output_t", of=["site"], by=["product"])
    fed = ore.merge(sent, left_on="place", right_on="seller").merge(
        output, left_on="buyer", right_on="site", suffixes=("_of_ore", "_of_plant")
    )
    fed = fed.assign(t=fed["t"] * fed["part_of_ore"] * fed["part_of_plant"], place=fed["buyer"])
    return fed[["place", "product", "limited_by", "t"]]


def _totals(panel: Panel, column: str) -> pd.DataFrame:
    """Texts of the items that occur, as plain objects, and the sum of a column over the run."""
    there = panel.present.any(axis=0)
    texts = {
        name: np.array(t.names, dtype=object)[t.codes[there]] for name, t in panel.texts.items()
    }
    table = pd.DataFrame({name: pd.Series(words, dtype=object) for name, words in texts.items()})
    return table.assign(**{column: panel.total(column)[there]})


def _shares(table: pd.DataFrame, t: str, *, of: list[str], by: list[str]) -> pd.DataFrame:
    """Tonnes `t` by both, with `part`: theirs in the sum of what `of` has."""
    sums = table.groupby([*of, *by], observed=True)[t].sum().reset_index()
    total = sums.groupby(of, observed=True)[t].transform("sum")
    return sums.assign(part=(sums[t] / total).where(total > 0, 0.0))
