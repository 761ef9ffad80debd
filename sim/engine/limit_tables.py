"""Tables of what kept goods back or moved them: limits, licences, corridors, rules, phases of the levers.

What the columns mean stands in `records`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.engine.agents import Agent
from sim.engine.beside import Traded
from sim.engine.calendar import Calendar
from sim.engine.making import Makers
from sim.engine.monthly import MonthlySums
from sim.engine.panel import Panel
from sim.engine.records import TRACE_T
from sim.engine.tables import place_columns
from sim.engine.transport import Wait
from sim.equations.sums import sum_by
from sim.rules.behaviour import RULES
from sim.rules.idle import REASONS
from sim.tables import RECORDS

FloatArray = npt.NDArray[np.float64]

Found = tuple[list[tuple[str, str, str, str]], FloatArray]
"""(place, product, limited by, kind) of what lacked something in some month, and [month, these] t"""


def limit_panel(sums: MonthlySums) -> Panel:
    """See `Records.limits`."""
    found = [
        _maker_limits(makers, monthly.table)
        for makers, monthly in zip(sums.all_makers, sums.not_made, strict=True)
    ]
    found += [_border_limits(sums), _site_limits(sums)]
    keys = sorted({key for part, _ in found for key in part})
    number = {key: i for i, key in enumerate(keys)}
    t = np.zeros((len(sums.months), len(keys)))
    for part, tonnes in found:
        at = np.array([number[key] for key in part], dtype=np.intp)
        for month in range(len(t)):
            # Many lanes may lead to one place.
            t[month] += sum_by(at, weights=tonnes[month], minlength=len(keys))
    where = place_columns(sums, [place for place, _, _, _ in keys])
    texts = {
        "place": [place for place, _, _, _ in keys],
        "region": where["region"],
        "country": where["country"],
        "stage": where["stage"],
        "product": [product for _, product, _, _ in keys],
        "limited_by": [limiter for _, _, limiter, _ in keys],
        "kind": [kind for _, _, _, kind in keys],
    }
    return Panel.of(sums.months, texts, {"t": t}, t > TRACE_T)


def _maker_limits(makers: Makers, table: FloatArray) -> Found:
    maker, product, limiter = np.nonzero((table > TRACE_T).any(axis=0))
    names = [*makers.pools, "capacity"]
    keys = [
        (makers.site[m], makers.products[p], names[k], "capacity" if k == len(makers.pools) else "ingredient")
        for m, p, k in zip(maker, product, limiter, strict=True)
    ]  # fmt: skip
    return keys, table[:, maker, product, limiter]


def _border_limits(sums: MonthlySums) -> Found:
    table = sums.stopped.table
    lever, lane = np.nonzero((table > TRACE_T).any(axis=0))
    buyers = [sums.network.inputs[sums.network.lane_input[i]] for i in lane]
    keys = [
        (place, product, sums.stoppers.levers[k], sums.stoppers.kinds[k])
        for (place, _, product), k in zip(buyers, lever, strict=True)
    ]
    return keys, table[:, lever, lane]


def _site_limits(sums: MonthlySums) -> Found:
    """What levers kept sites from making."""
    table = sums.lost.table
    lever, output = np.nonzero((table > TRACE_T).any(axis=0))
    outputs = [sums.network.outputs[o] for o in output]
    keys = [
        (place, product, sums.stoppers.levers[k], "site")
        for (place, _, product), k in zip(outputs, lever, strict=True)
    ]
    return keys, table[:, lever, output]


def rule_table(sums: MonthlySums) -> pd.DataFrame:
    """See `Records.rules`."""
    held = [n for n, rule in enumerate(RULES) if getattr(sums.network.behaviour, rule) is not None]
    rows = [
        (month, RULES[rule], sums.moved.table[m, rule])
        for m, month in enumerate(sums.months)
        for rule in held
        if sums.moved.table[m, rule] > TRACE_T
    ]
    return pd.DataFrame(rows, columns=RECORDS["rules"].names)


def idle_table(sums: MonthlySums) -> pd.DataFrame:
    """See `Records.idle`."""
    products, table = sums.network.products(), sums.idle.table
    rows = [
        (month, *product, reason, table[m, r, p])
        for m, month in enumerate(sums.months)
        for p, product in enumerate(products)
        for r, reason in enumerate(REASONS)
        if table[m, r, p] > TRACE_T
    ]
    return pd.DataFrame(rows, columns=RECORDS["idle"].names)


def swap_table(sums: MonthlySums) -> pd.DataFrame:
    """See `Records.swaps`."""
    rows = []
    for makers, monthly in zip(sums.all_makers, sums.swapped, strict=True):
        where = place_columns(sums, makers.site)
        products, pools = makers.recipes.part_product.number, makers.recipes.part_pool.number
        for m, site, part in np.argwhere(np.abs(monthly.table) > TRACE_T).tolist():
            rows.append(
                (
                    sums.months[m], makers.site[site], where["country"][site], where["region"][site],
                    makers.products[products[part]], makers.pools[pools[part]],
                    monthly.table[m, site, part],
                )
            )  # fmt: skip
    return pd.DataFrame(sorted(rows), columns=RECORDS["swaps"].names)


def substitute_table(sums: MonthlySums, traded: Traded | None) -> pd.DataFrame:
    """See `Records.substitutes`."""
    columns = RECORDS["substitutes"].names
    network = sums.network
    node = {need.node: (need.sector, need.region) for need in network.world.demand}
    rows = []
    for pair in range(len(traded.outputs)) if traded is not None else ():
        assert traded is not None
        seller, _, came = network.outputs[traded.outputs[pair]]
        place, _, asked = network.inputs[traded.inputs[pair]]
        if came == asked:
            continue
        for month in np.flatnonzero(traded.arrived[:, pair] > TRACE_T).tolist():
            t = traded.arrived[month, pair]
            rows.append((sums.months[month], seller, *node[place], asked, came, t))
    table = pd.DataFrame(rows, columns=columns)
    # Users of one place that a licence tells apart have pairs of their own.
    return table.groupby(columns[:-1], as_index=False)["t"].sum() if rows else table


def pending_table(sums: MonthlySums, agents: Mapping[str, Agent]) -> pd.DataFrame:
    """See `Records.licences_pending`."""
    waited: dict[tuple[str, str], list[float]] = {}
    for lever, agent in agents.items():
        for decided, days in agent.waited():
            if 0 <= decided < sums.calendar.horizon_days:
                month = sums.calendar.date_of(decided).strftime("%Y-%m")
                waited.setdefault((month, lever), []).append(days)
    rows = []
    held = _held_by_lever(sums)
    covered = {lever: agent.covered(sums.calendar) for lever, agent in agents.items()}
    for m, month in enumerate(sums.months):
        for k, lever in enumerate(sums.stoppers.levers):
            cases, times = sums.pending.table[m, k], waited.get((month, lever), [])
            planned_t, licensed_t = covered.get(lever, {}).get(month, (0.0, np.nan))
            if cases > TRACE_T or times or held[m, k] > TRACE_T or planned_t > TRACE_T:
                mean = float(np.mean(times)) if times else np.nan
                rows.append((month, lever, cases, mean, held[m, k], planned_t, licensed_t))
    return pd.DataFrame(rows, columns=RECORDS["licences_pending"].names)


def _held_by_lever(sums: MonthlySums) -> FloatArray:
    """[month, lever] tonnes waiting, by the lever that stopped most of the lane's goods that month."""
    out = np.zeros((len(sums.months), len(sums.stoppers.levers)))
    if not sums.stoppers.levers:
        return out
    owner = sums.stopped.table.argmax(axis=1)
    for m in range(len(sums.months)):
        out[m] = sum_by(
            owner[m], weights=sums.waiting.table[m], minlength=len(sums.stoppers.levers)
        )
    return out


def corridor_table(sums: MonthlySums, waits: Sequence[Wait]) -> pd.DataFrame:
    """See `Records.corridors`."""
    held, went_on, tonne_days = _waiting(sums, waits)
    stayed = _stayed(sums)
    rows = []
    for m, month in enumerate(sums.months):
        for k, corridor in enumerate(sums.stoppers.closures):
            t, gone = sums.detoured.table[m, k], went_on[m, k]
            if max(t, held[m, k], stayed[m, k], gone) <= TRACE_T:
                continue
            extra = sums.detour_tonne_days.table[m, k] / t if t > TRACE_T else np.nan
            waited = tonne_days[m, k] / gone if gone > TRACE_T else np.nan
            rows.append((month, corridor, t, extra, stayed[m, k], held[m, k], gone, waited))
    return pd.DataFrame(rows, columns=RECORDS["corridors"].names)


def _waiting(sums: MonthlySums, waits: Sequence[Wait]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """[month, closure] t held before closed legs (time average), t that went on, and their tonne-days."""
    held, went_on, tonne_days = np.zeros((3, len(sums.months), len(sums.stoppers.closures)))
    length = sums.calendar.days_in_months()
    for wait in waits:
        k = sums.stoppers.closures.index(wait.corridor)
        last = min(wait.went_on, float(sums.calendar.horizon_days))
        for month, days in sums.calendar.overlaps(wait.came, last):
            held[month, k] += wait.t * days / length[month]
        if 0 <= wait.went_on < sums.calendar.horizon_days:
            ((month, _),) = sums.calendar.overlaps(wait.went_on, wait.went_on + 1e-6)
            went_on[month, k] += wait.t
            tonne_days[month, k] += wait.t * (wait.went_on - wait.came)
    return held, went_on, tonne_days


def _stayed(sums: MonthlySums) -> FloatArray:
    """[month, closure] planned tonnes that had no open route and stayed with the seller."""
    out = np.zeros((len(sums.months), len(sums.stoppers.closures)))
    closing = [k for k, kind in enumerate(sums.stoppers.kinds) if kind == "corridor"]
    stopped = sums.stopped.table[:, closing].sum(axis=1)
    for k, corridor in enumerate(sums.stoppers.closures):
        on_it = [name == corridor for name in sums.network.lane_corridor]
        out[:, k] = stopped[:, on_it].sum(axis=1)
    return out


def lever_table(
    calendar: Calendar, phases: Sequence[tuple[str, str, str, str, float]]
) -> pd.DataFrame:
    """See `Records.levers`; phases are (lever, heading, kind, phase, day)."""
    rows = [
        (lever, heading, kind, phase, day, calendar.date_of(day).isoformat())
        for lever, heading, kind, phase, day in phases
    ]
    return pd.DataFrame(rows, columns=RECORDS["levers"].names)
