"""The chain of supply: how much of each element went from which country to which, step by step."""

from __future__ import annotations

import pandas as pd

from sim.engine.records import SMALL_T, Records
from sim.world.places import PILE, STOCKPILE, places_in
from sim.world.world import World

PLACES = ["from_stage", "from_country", "to_stage", "to_country"]
COLUMNS = ["run", "period", "element", *PLACES, "t", "unit"]


def chain_table(scenario: Records, reference: Records, world: World) -> pd.DataFrame:
    """Content that arrived by year, element and step, in both worlds; columns as in `COLUMNS`.

    A stage is one of the pack's, `recycling`, `use`, `pile`, or `stockpile` for what a lever releases. Of end
    users, piles and stockpiles only the region is known, which stands in place of the country. What moves
    within a country is in here too.
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
    made = lanes.merge(content, on=["seller", "form", "product"], how="left")
    unmade = made["element"].isna()
    # A stockpile sells grades that it does not make: they have the content of their recipe.
    graded = (
        made[unmade]
        .drop(columns=["element", "share"])
        .merge(_recipes(world), on="product", how="left")
    )
    # A product of one element is its own content.
    graded["element"] = graded["element"].where(graded["element"].notna(), graded["product"])
    joined = pd.concat([made[~unmade], graded.fillna({"share": 1.0})], ignore_index=True)
    joined["t"] = joined["arrived_t"] * joined["share"]
    keys = ["period", "element", *PLACES]
    sums = joined[joined["element"] != ""].groupby(keys, as_index=False, sort=True)[["t"]].sum()
    return sums[sums["t"] > SMALL_T].reset_index(drop=True)


def _yearly_lanes(records: Records, world: World) -> pd.DataFrame:
    """Arrivals by year, seller, form, product and step."""
    table = records.shipments
    ends = [f"{who}_{what}" for who in ("seller", "buyer") for what in ("country", "region")]
    keys = ["seller", "buyer", "form", "product", *ends]
    year = {month: str(month)[:4] for month in table["month"].unique()}
    yearly = table.assign(period=table["month"].astype(object).map(year))
    sums = yearly.groupby(["period", *keys], as_index=False, sort=True, observed=True)[
        ["arrived_t"]
    ].sum()
    sums = sums.astype(dict.fromkeys(keys, object))
    stages = {id: place.stage for id, place in places_in(world).items()}
    released = records.stocks.loc[records.stocks["stage"] == STOCKPILE, "place"].unique()
    stages |= dict.fromkeys(map(str, released), STOCKPILE)
    return sums.assign(
        from_stage=sums["seller"].map(stages).fillna(PILE.stage),
        from_country=_country_or_region(sums, "seller"),
        to_stage=sums["buyer"].map(stages).fillna(PILE.stage),
        to_country=_country_or_region(sums, "buyer"),
    )


def _country_or_region(lanes: pd.DataFrame, who: str) -> pd.Series:
    country = lanes[f"{who}_country"]
    return country.where(country != "", lanes[f"{who}_region"])


def _recipes(world: World) -> pd.DataFrame:
    rows = [
        (product, part.element, part.share)
        for product, recipe in world.recipes.items()
        for part in recipe.ingredients
    ]
    return pd.DataFrame(rows, columns=["product", "element", "share"])


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
