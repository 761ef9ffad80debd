"""The chain of supply: how much of each element went from which country to which, step by step."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.engine.panel import Texts
from sim.engine.records import SMALL_T, Records
from sim.equations.digits import rounded
from sim.summary.long import Groups, Periods
from sim.tables import TABLES
from sim.world.places import PILE, STOCKPILE, places_in
from sim.world.world import World

PLACES = ["from_stage", "from_country", "to_stage", "to_country"]
FloatArray = npt.NDArray[np.float64]
Product = tuple[str, str, str]
"""Seller, form, product"""


def chain_table(
    scenario: Records, reference: Records, world: World, periods: Periods
) -> pd.DataFrame:
    """Content that arrived by year, element and step, in both worlds; columns as declared.

    A stage is one of the pack's, `recycling`, `use`, `pile`, or `stockpile` for what a lever releases. Of end
    users, piles and stockpiles only the region is known, which stands in place of the country. What moves
    within a country is in here too.
    """
    moved = {"scenario": _moved(scenario, world, periods)}
    moved["reference"] = (
        moved["scenario"] if reference is scenario else _moved(reference, world, periods)
    )
    names = TABLES["chain"].names
    table: dict[str, list[str] | FloatArray] = {column: [] for column in names}
    for run, (texts, t) in moved.items():
        its = {**texts, "run": [run] * len(t), "unit": [world.basis] * len(t)}
        for column, words in its.items():
            table[column] = [*table[column], *words]
    table["t"] = rounded(np.concatenate([t for _, t in moved.values()]))
    return pd.DataFrame(table, columns=names)


def _moved(
    records: Records, world: World, periods: Periods
) -> tuple[dict[str, list[str]], FloatArray]:
    """(period, element and step of each row, its t)."""
    table = records.shipments_by_month
    lanes, elements, share = _content_of_lanes(records, world)
    texts = {"element": Texts.of(elements)}
    texts |= {column: its.take(lanes) for column, its in _steps(records, world).items()}
    groups = Groups.of(texts)
    # By year only: the whole run is the last period.
    years = periods.sums(table.values["arrived_t"])[:-1]
    t = groups.sums(years[:, lanes] * share)
    year, group = np.nonzero(t > SMALL_T)
    words = {column: its.take(group).words() for column, its in groups.texts.items()}
    return {"period": [periods.names[y] for y in year], **words}, t[year, group]


def _steps(records: Records, world: World) -> dict[str, Texts]:
    """Of each lane, the columns of `PLACES`."""
    texts = records.shipments_by_month.texts
    stages = {id: place.stage for id, place in places_in(world).items()}
    stocks = records.stocks_by_month
    released = stocks.texts["stage"].equal(STOCKPILE) & stocks.present.any(axis=0)
    stages |= dict.fromkeys(stocks.texts["place"].take(released).words(), STOCKPILE)
    steps = {}
    for who, end in (("seller", "from"), ("buyer", "to")):
        steps[f"{end}_stage"] = texts[who].renamed(lambda id: stages.get(id, PILE.stage))
        country, region = (texts[f"{who}_{what}"].words() for what in ("country", "region"))
        steps[f"{end}_country"] = Texts.of(c or r for c, r in zip(country, region, strict=True))
    return steps


def _content_of_lanes(
    records: Records, world: World
) -> tuple[npt.NDArray[np.intp], list[str], FloatArray]:
    """([part] lane, its element, its share in what the lane carries)."""
    made = _content_of_blends(records, world)
    # A stockpile sells grades that it does not make: they have the content of their recipe.
    recipes = {
        product: {part.element: part.share for part in recipe.ingredients}
        for product, recipe in world.recipes.items()
    }
    texts = records.shipments_by_month.texts
    sold = zip(*(texts[column].words() for column in ("seller", "form", "product")), strict=True)
    parts: list[tuple[int, str, float]] = []
    for lane, key in enumerate(sold):
        product = key[2]
        # A product of one element is its own content.
        content = made.get(key) or recipes.get(product) or ({product: 1.0} if product else {})
        parts += [(lane, element, share) for element, share in content.items()]
    lanes = np.array([lane for lane, _, _ in parts], dtype=np.intp)
    share = np.array([share for _, _, share in parts], dtype=np.float64)
    return lanes, [element for _, element, _ in parts], share


def _content_of_blends(records: Records, world: World) -> dict[Product, Mapping[str, float]]:
    """Share of each element in what a seller makes of a blend, over the run: its baskets hardly change."""
    forms = {form.id: form.kind for form in world.forms}
    table = records.production_by_month
    columns = ("site", "form", "product", "element")
    keys = zip(*(table.texts[column].words() for column in columns), strict=True)
    tonnes: dict[Product, dict[str, float]] = {}
    made = zip(keys, table.total("output_t").tolist(), strict=True)
    for (site, form, product, element), t in made:
        if t > 0 and forms.get(form) == "blend":
            content = tonnes.setdefault((site, form, product), {})
            content[element] = content.get(element, 0.0) + t
    return {
        key: {element: t / total for element, t in content.items()}
        for key, content in tonnes.items()
        if (total := sum(content.values())) > 0
    }
