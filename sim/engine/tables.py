"""Tables of goods from the monthly sums: use, production, shipments and stocks.

What the columns mean stands in `records`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.engine.monthly import MonthlySums
from sim.engine.records import TRACE_T
from sim.equations.sums import sum_by
from sim.world.places import PILE

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]


def use_table(sums: MonthlySums) -> tuple[pd.DataFrame, pd.DataFrame, IntArray]:
    """(use, use_index, input numbers of its rows)."""
    network = sums.network
    node = {d.node: (d.sector, d.region) for d in network.world.demand}
    rows = np.array(
        [i for i, (place, _, _) in enumerate(network.inputs) if place in node], dtype=np.intp
    )
    keys = [(*node[network.inputs[i][0]], network.inputs[i][2]) for i in rows]
    index = pd.DataFrame(keys, columns=["sector", "region", "product"])
    arrived = _by_input(sums, sums.arrived.table)
    table = _long(
        sums,
        index,
        rows,
        {
            "demand_t": sums.demand.table,
            "consumed_t": sums.consumed.table,
            "delivered_t": arrived,
        },
    )
    return table, index, rows


def _by_input(sums: MonthlySums, by_lane: FloatArray) -> FloatArray:
    out = np.zeros((by_lane.shape[0], len(sums.network.inputs)))
    for month in range(by_lane.shape[0]):
        out[month] = sum_by(sums.network.lane_input, weights=by_lane[month], minlength=out.shape[1])
    return out


def _long(
    sums: MonthlySums, index: pd.DataFrame, columns: IntArray, values: dict[str, FloatArray]
) -> pd.DataFrame:
    """Rows month by month for the chosen columns, without rows that are zero throughout.

    Texts are categories: a table repeats few of them in many rows.
    """
    shown = {name: value[:, columns] for name, value in values.items()}
    some = np.any([np.abs(value) > TRACE_T for value in shown.values()], axis=0)
    month, row = np.nonzero(some)
    table = index.astype("category").take(row).reset_index(drop=True)
    table.insert(0, "month", pd.Categorical.from_codes(month, sums.months, ordered=True))
    for name, value in shown.items():
        table[name] = value[month, row]
    return table


def place_columns(sums: MonthlySums, ids: Iterable[str]) -> dict[str, list[str]]:
    """Columns country, region and stage of places."""
    places = [sums.network.places.get(id, PILE) for id in ids]
    return {
        "country": [place.country for place in places],
        "region": [place.region for place in places],
        "stage": [place.stage for place in places],
    }


def production_table(sums: MonthlySums) -> pd.DataFrame:
    """See `Records.production`."""
    network = sums.network
    single = np.flatnonzero(network.output_element >= 0)
    blended = np.flatnonzero(network.output_blend >= 0)
    parts = [_outputs(sums, single, None)]
    made = [sums.made.table[:, single]]
    for j, element in enumerate(network.elements):
        parts.append(_outputs(sums, blended, element))
        made.append(sums.made_content.table[:, network.output_blend[blended], j])
    index = pd.concat(parts, ignore_index=True)
    made_t = np.concatenate(made, axis=1)
    table = _long(sums, index, np.arange(len(index)), {"output_t": made_t})
    return table.sort_values(
        ["month", "site", "form", "product", "element"], kind="stable", ignore_index=True
    )


def _outputs(sums: MonthlySums, outputs: IntArray, element: str | None) -> pd.DataFrame:
    """Texts of outputs; the element is the product where none is given."""
    keys = [sums.network.outputs[i] for i in outputs]
    index = _stock_index(sums, keys).rename(columns={"place": "site"})
    return index.assign(element=[element or p for _, _, p in keys])


def shipment_table(sums: MonthlySums) -> pd.DataFrame:
    """See `Records.shipments`."""
    network = sums.network
    sellers = [network.outputs[o] for o in network.lane_output]
    buyers = [network.inputs[i] for i in network.lane_input]
    seller, buyer = (
        place_columns(sums, [s for s, _, _ in sellers]),
        place_columns(sums, [b for b, _, _ in buyers]),
    )
    index = pd.DataFrame(
        {
            "seller": [s for s, _, _ in sellers],
            "buyer": [b for b, _, _ in buyers],
            "form": [f for _, f, _ in sellers],
            "product": [p for _, _, p in sellers],
            "seller_country": seller["country"],
            "seller_region": seller["region"],
            "buyer_country": buyer["country"],
            "buyer_region": buyer["region"],
            "corridor": list(network.lane_corridor),
        }
    )
    return _long(
        sums,
        index,
        np.arange(len(index)),
        {
            "dispatched_t": sums.shipped.table,
            "arrived_t": sums.arrived.table,
            "in_transit_t": sums.in_transit.table,
            "held_t": sums.waiting.table,
        },
    )


def stock_table(sums: MonthlySums) -> pd.DataFrame:
    """See `Records.stocks`."""
    network = sums.network
    # Categories of both at once, so that what is put together below has them too.
    index = _stock_index(sums, [*network.outputs, *network.inputs]).astype("category")
    outputs = len(network.outputs)
    first = _long(
        sums,
        index.iloc[:outputs],
        np.arange(outputs),
        {"stock_t": sums.sold.table, "unsold_t": sums.unsold.table},
    )
    second = _long(
        sums,
        index.iloc[outputs:],
        np.arange(len(network.inputs)),
        {"stock_t": sums.held.table, "rate": sums.use_rate.table},
    )
    second["unsold_t"] = 0.0
    rate = second.pop("rate")
    second["cover_days"] = (second["stock_t"] / rate).where(rate > 0)
    first["cover_days"] = _stockpile_cover(sums, first)
    table = pd.concat([first, second], ignore_index=True)
    return table[
        [
            "month",
            "place",
            "country",
            "region",
            "stage",
            "form",
            "product",
            "stock_t",
            "unsold_t",
            "cover_days",
        ]
    ]


def _stockpile_cover(sums: MonthlySums, stocks: pd.DataFrame) -> pd.Series:
    """Days of the region's planned use that a policy stock would last; nan for other sellers."""
    network = sums.network
    lanes = [(b, f, p) for _, b, f, p in network.lane_keys()]
    cover = pd.Series(np.nan, index=stocks.index)
    for stock in network.policy_stocks:
        mine = np.flatnonzero((stocks["place"] == stock.place).to_numpy())
        users: dict[str, IntArray] = {}
        for product in stocks["product"].to_numpy()[mine]:
            fed = {(b, f, p) for _, b, f, p in stock.sales if p == product}
            users[product] = np.array([lane in fed for lane in lanes]).nonzero()[0]
        for row in mine:
            month, product = stocks["month"].iat[row], stocks["product"].iat[row]
            middle = sums.calendar.day_of(date.fromisoformat(f"{month}-15"))
            rate = network.plan_at(float(middle))[users[product]].sum()
            if rate > 0:
                cover.iat[row] = stocks["stock_t"].iat[row] / rate
    return cover


def _stock_index(sums: MonthlySums, keys: list[tuple[str, str, str]]) -> pd.DataFrame:
    place = place_columns(sums, [p for p, _, _ in keys])
    return pd.DataFrame(
        {
            "place": [p for p, _, _ in keys],
            "country": place["country"],
            "region": place["region"],
            "stage": place["stage"],
            "form": [f for _, f, _ in keys],
            "product": [p for _, _, p in keys],
        }
    )
