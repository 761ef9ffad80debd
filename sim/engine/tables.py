"""Goods by month, from the monthly sums: use, production, shipments and stocks as [month, item] arrays.

What the columns mean stands in `records`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import numpy as np
import numpy.typing as npt

from sim.engine.beside import Sent, Traded
from sim.engine.monthly import MonthlySums
from sim.engine.panel import Panel
from sim.engine.records import TRACE_T
from sim.equations.sums import sum_by
from sim.world.places import PILE

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.intp]


def use_panel(sums: MonthlySums, traded: Traded | None = None) -> tuple[Panel, IntArray]:
    """(See `Records.use`, [item] its input); what was `traded` beside the lanes is delivered too."""
    network = sums.network
    node = {d.node: (d.sector, d.region) for d in network.world.demand}
    rows = np.array(
        [i for i, (place, _, _) in enumerate(network.inputs) if place in node], dtype=np.intp
    )
    keys = [network.inputs[i] for i in rows]
    texts = {
        "sector": [node[place][0] for place, _, _ in keys],
        "region": [node[place][1] for place, _, _ in keys],
        "product": [product for _, _, product in keys],
    }
    values = {
        "demand_t": sums.demand.table[:, rows],
        "consumed_t": sums.consumed.table[:, rows],
        "delivered_t": _by_input(sums, traded)[:, rows],
        "redesigned_t": sums.redesigned.table[:, rows],
    }
    return Panel.of(sums.months, texts, values, some(values.values())), rows


def _by_input(sums: MonthlySums, traded: Traded | None) -> FloatArray:
    """[month, input] t that arrived."""
    by_lane = sums.arrived.table
    out = np.zeros((by_lane.shape[0], len(sums.network.inputs)))
    for month in range(by_lane.shape[0]):
        out[month] = sum_by(sums.network.lane_input, weights=by_lane[month], minlength=out.shape[1])
        if traded is not None and len(traded.inputs):
            beside = traded.arrived[month]
            out[month] += sum_by(traded.inputs, weights=beside, minlength=out.shape[1])
    return out


def some(values: Iterable[FloatArray]) -> BoolArray:
    """Where any of these arrays has more than a trace."""
    first, *others = values
    found = np.abs(first) > TRACE_T
    for value in others:
        found |= np.abs(value) > TRACE_T
    return found


def place_columns(sums: MonthlySums, ids: Iterable[str]) -> dict[str, list[str]]:
    """Columns country, region and stage of places."""
    places = [sums.network.places.get(id, PILE) for id in ids]
    return {
        "country": [place.country for place in places],
        "region": [place.region for place in places],
        "stage": [place.stage for place in places],
    }


def production_panel(sums: MonthlySums) -> Panel:
    """See `Records.production`."""
    network = sums.network
    single = np.flatnonzero(network.output_element >= 0)
    blended = np.flatnonzero(network.output_blend >= 0)
    made, discarded = [sums.made.table[:, single]], [sums.discarded.table[:, single]]
    # (output, element): the element is the product where outputs are of one element
    items = [(network.outputs[i], network.outputs[i][2]) for i in single]
    for j, element in enumerate(network.elements):
        made.append(sums.made_content.table[:, network.output_blend[blended], j])
        discarded.append(sums.discarded_content.table[:, network.output_blend[blended], j])
        items += [(network.outputs[i], element) for i in blended]
    order = sorted(range(len(items)), key=items.__getitem__)
    place, *others = _stock_texts(sums, [items[i][0] for i in order]).items()
    texts = {"site": place[1], **dict(others), "element": [items[i][1] for i in order]}
    values = {
        "output_t": np.concatenate(made, axis=1)[:, order],
        "discarded_t": np.concatenate(discarded, axis=1)[:, order],
    }
    return Panel.of(sums.months, texts, values, some(values.values()))


def shipment_panel(sums: MonthlySums, traded: Traded | None = None) -> Panel:
    """See `Records.shipments`; what was `traded` beside the lanes stands behind them."""
    network = sums.network
    outputs, inputs = network.lane_output, network.lane_input
    if traded is not None:
        outputs = np.concatenate([outputs, traded.outputs])
        inputs = np.concatenate([inputs, traded.inputs])
    texts = {
        **_trade_texts(sums, outputs, inputs),
        "corridor": [*network.lane_corridor, *[""] * (len(outputs) - len(network.lane_output))],
    }
    values = {
        "dispatched_t": sums.shipped.table,
        "arrived_t": sums.arrived.table,
        "in_transit_t": sums.in_transit.table,
        "held_t": sums.waiting.table,
        "flown_t": sums.flown.table,
    }
    if traded is not None:
        none = np.zeros_like(traded.shipped)
        more = (traded.shipped, traded.arrived, traded.in_transit, none, traded.flown)
        values = {
            name: np.concatenate([table, beside], axis=1)
            for (name, table), beside in zip(values.items(), more, strict=True)
        }
    return Panel.of(sums.months, texts, values, some(values.values()))


def shipments_before_panel(sums: MonthlySums, sent: Sent | None = None) -> Panel | None:
    """See `Records.shipments_before`; what was `sent` beside the lanes stands behind them."""
    months = sums.calendar.months_before()
    if not months:
        return None
    outputs, inputs = sums.network.lane_output, sums.network.lane_input
    dispatched = sums.shipped_before.table
    if sent is not None:
        outputs = np.concatenate([outputs, sent.outputs])
        inputs = np.concatenate([inputs, sent.inputs])
        dispatched = np.concatenate([dispatched, sent.shipped], axis=1)
    values = {"dispatched_t": dispatched}
    return Panel.of(months, _trade_texts(sums, outputs, inputs), values, some(values.values()))


def _trade_texts(
    sums: MonthlySums, outputs: IntArray, inputs: IntArray
) -> dict[str, Sequence[str]]:
    """Who sells what to whom, of outputs and inputs [item]."""
    sellers = [sums.network.outputs[o] for o in outputs]
    buyers = [sums.network.inputs[i] for i in inputs]
    seller, buyer = (
        place_columns(sums, [s for s, _, _ in sellers]),
        place_columns(sums, [b for b, _, _ in buyers]),
    )
    return {
        "seller": [s for s, _, _ in sellers],
        "buyer": [b for b, _, _ in buyers],
        "form": [f for _, f, _ in sellers],
        "product": [p for _, _, p in sellers],
        "seller_country": seller["country"],
        "seller_region": seller["region"],
        "buyer_country": buyer["country"],
        "buyer_region": buyer["region"],
    }


def stock_panel(sums: MonthlySums) -> Panel:
    """See `Records.stocks`: what producers and policy stocks have for sale, then what buyers hold."""
    network = sums.network
    sold, held, rate = sums.sold.table, sums.held.table, sums.use_rate.table
    unsold = np.concatenate([sums.unsold.table, np.zeros_like(held)], axis=1)
    cover = np.full_like(held, np.nan)
    np.divide(held, rate, out=cover, where=rate > 0)
    values = {
        "stock_t": np.concatenate([sold, held], axis=1),
        "unsold_t": unsold,
        "cover_days": np.concatenate([_stockpile_cover(sums), cover], axis=1),
    }
    present = np.concatenate([some((sold, sums.unsold.table)), some((held, rate))], axis=1)
    texts = _stock_texts(sums, [*network.outputs, *network.inputs])
    return Panel.of(sums.months, texts, values, present)


def _stockpile_cover(sums: MonthlySums) -> FloatArray:
    """[month, output] days of the region's planned use that a policy stock would last; nan for others."""
    network, cover = sums.network, np.full_like(sums.sold.table, np.nan)
    if not network.policy_stocks:
        return cover
    middles = [sums.calendar.day_of(date.fromisoformat(f"{month}-15")) for month in sums.months]
    planned = np.array([network.plan_at(float(middle)) for middle in middles])
    lanes = [(b, f, p) for _, b, f, p in network.lane_keys()]
    for stock in network.policy_stocks:
        for output, (place, _, product) in enumerate(network.outputs):
            if place != stock.place:
                continue
            fed = {(b, f, p) for _, b, f, p in stock.sales if p == product}
            rate = planned[:, [lane in fed for lane in lanes]].sum(axis=1)
            has_users = rate > 0
            cover[has_users, output] = sums.sold.table[has_users, output] / rate[has_users]
    return cover


def _stock_texts(
    sums: MonthlySums, keys: Sequence[tuple[str, str, str]]
) -> Mapping[str, list[str]]:
    place = place_columns(sums, [p for p, _, _ in keys])
    return {
        "place": [p for p, _, _ in keys],
        **place,
        "form": [f for _, f, _ in keys],
        "product": [p for _, _, p in keys],
    }
