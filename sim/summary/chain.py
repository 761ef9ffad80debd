"""The chain of supply: how much of each element went from which country to which, step by step."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sim.engine.records import Records
from sim.summary.flows import TRACE_T
from sim.world.world import World

PLACES = ["from_stage", "from_country", "to_stage", "to_country"]
COLUMNS = ["run", "period", "element", *PLACES, "t", "unit"]
USE, PILE = "use", "pile"


def chain_table(scenario: Records, reference: Records, world: World) -> pd.DataFrame:
    """Content that arrived by year, element and step, in both worlds; columns as in `COLUMNS`.

    A stage is one of the pack's, `recycling`, `use` or `pile`. Of end users and piles only the region is
    known; it stands in `to_country`. What moves within a country is in here too.
    """
    both = [
        _moved(records, world).assign(run=run)
        for run, records in (("scenario", scenario), ("reference", reference))
    ]
    table = pd.concat(both, ignore_index=True).assign(unit=world.basis)
    return table[COLUMNS]


def _moved(records: Records, world: World) -> pd.DataFrame:
    lanes = _yearly_lanes(records, world)
    content = _content(records, world)
    joined = lanes.merge(content, on=["seller", "form", "product"], how="left")
    # A product of one element is its own content.
    single = joined["element"].isna()
    joined["element"] = joined["element"].where(~single, joined["product"])
    joined["t"] = joined["arrived_t"] * joined["share"].fillna(1.0)
    keys = ["period", "element", *PLACES]
    sums = joined[joined["element"] != ""].groupby(keys, as_index=False, sort=True)[["t"]].sum()
    return sums[sums["t"] > TRACE_T].reset_index(drop=True)


def _yearly_lanes(records: Records, world: World) -> pd.DataFrame:
    """Arrivals by year, seller, form, product and step."""
    table = records.shipments
    keys = ["seller", "buyer", "form", "product", "buyer_country", "buyer_region", "seller_country"]
    year = {month: str(month)[:4] for month in table["month"].unique()}
    yearly = table.assign(period=table["month"].astype(object).map(year))
    sums = yearly.groupby(["period", *keys], as_index=False, sort=True, observed=True)[
        ["arrived_t"]
    ].sum()
    sums = sums.astype(dict.fromkeys(keys, object))
    stages = {site.id: site.stage for site in world.sites.values()}
    stages |= {demand.node: USE for demand in world.demand}
    abroad = sums["buyer_country"] != ""
    return sums.assign(
        from_stage=sums["seller"].map(stages).fillna(PILE),
        from_country=sums["seller_country"],
        to_stage=sums["buyer"].map(stages).fillna(PILE),
        to_country=np.where(abroad, sums["buyer_country"], sums["buyer_region"]),
    )


def _content(records: Records, world: World) -> pd.DataFrame:
    """Share of each element in what a seller makes of a blend, over the run: its baskets hardly change."""
    forms = {form.id: form.kind for form in world.forms}
    table = records.production.astype(dict.fromkeys(("site", "form", "product", "element"), object))
    blends = table[table["form"].map(forms) == "blend"]
    keys = ["site", "form", "product"]
    sums = blends.groupby([*keys, "element"], as_index=False, sort=True)[["output_t"]].sum()
    total = sums.groupby(keys)["output_t"].transform("sum")
    some = sums.assign(share=sums["output_t"] / total.where(total > 0)).dropna(subset=["share"])
    return some.rename(columns={"site": "seller"}).drop(columns="output_t")
