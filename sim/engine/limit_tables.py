"""Tables of what kept goods back: limits, licences, corridors, and the phases of the levers.

What the columns mean stands in `records`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.engine.agents import Agent
from sim.engine.calendar import Calendar
from sim.engine.making import Makers
from sim.engine.monthly import MonthlySums
from sim.engine.records import TRACE_T
from sim.engine.tables import place_columns
from sim.engine.transport import Wait
from sim.equations.sums import sum_by

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

LIMIT_COLUMNS = [
    "month", "place", "region", "country", "stage", "product", "limited_by", "kind", "t",
]  # fmt: skip
CORRIDOR_COLUMNS = [
    "month", "corridor", "detoured_t", "extra_days", "stayed_t", "held_t", "went_on_t", "waited_days",
]  # fmt: skip


def limit_table(sums: MonthlySums) -> pd.DataFrame:
    """See `Records.limits`."""
    parts = [
        _maker_limits(sums, makers, monthly.table)
        for makers, monthly in zip(sums.all_makers, sums.not_made, strict=True)
    ]
    parts += [_border_limits(sums), _site_limits(sums)]
    table = pd.concat([p for p in parts if len(p)] or [pd.DataFrame(columns=LIMIT_COLUMNS)])
    return table[LIMIT_COLUMNS].reset_index(drop=True)


def _maker_limits(sums: MonthlySums, makers: Makers, table: FloatArray) -> pd.DataFrame:
    month, maker, product, limiter = found = np.nonzero(table > TRACE_T)
    names = [*makers.pools, "capacity"]
    return _limits(
        sums,
        month,
        places=[makers.site[m] for m in maker],
        products=[makers.products[p] for p in product],
        limited_by=[names[k] for k in limiter],
        kinds=["capacity" if names[k] == "capacity" else "ingredient" for k in limiter],
        t=table[found],
    )


def _border_limits(sums: MonthlySums) -> pd.DataFrame:
    month, lever, lane = found = np.nonzero(sums.stopped.table > TRACE_T)
    buyers = [sums.network.inputs[sums.network.lane_input[i]] for i in lane]
    table = _limits(
        sums,
        month,
        places=[p for p, _, _ in buyers],
        products=[p for _, _, p in buyers],
        limited_by=[sums.stoppers.levers[k] for k in lever],
        kinds=[sums.stoppers.kinds[k] for k in lever],
        t=sums.stopped.table[found],
    )
    keys = LIMIT_COLUMNS[:-1]
    return table.groupby(keys, as_index=False, sort=True)["t"].sum() if len(table) else table


def _site_limits(sums: MonthlySums) -> pd.DataFrame:
    """What levers kept sites from making."""
    month, lever, output = found = np.nonzero(sums.lost.table > TRACE_T)
    keys = [sums.network.outputs[o] for o in output]
    return _limits(
        sums,
        month,
        places=[place for place, _, _ in keys],
        products=[product for _, _, product in keys],
        limited_by=[sums.stoppers.levers[k] for k in lever],
        kinds=["site"] * len(keys),
        t=sums.lost.table[found],
    )


def _limits(
    sums: MonthlySums, month: IntArray, *, places: list[str], products: list[str],
    limited_by: list[str], kinds: list[str], t: FloatArray,
) -> pd.DataFrame:  # fmt: skip
    """Rows of `Records.limits`; `month` counts months of the report."""
    where = place_columns(sums, places)
    return pd.DataFrame(
        {
            "month": [sums.months[m] for m in month],
            "place": places,
            "region": where["region"],
            "country": where["country"],
            "stage": where["stage"],
            "product": products,
            "limited_by": limited_by,
            "kind": kinds,
            "t": t,
        }
    )


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
    for m, month in enumerate(sums.months):
        for k, lever in enumerate(sums.stoppers.levers):
            cases, times = sums.pending.table[m, k], waited.get((month, lever), [])
            if cases > TRACE_T or times or held[m, k] > TRACE_T:
                mean = float(np.mean(times)) if times else np.nan
                rows.append((month, lever, cases, mean, held[m, k]))
    return pd.DataFrame(rows, columns=["month", "lever", "cases", "waiting_days", "held_t"])


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
    return pd.DataFrame(rows, columns=CORRIDOR_COLUMNS)


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
    return pd.DataFrame(rows, columns=["lever", "heading", "kind", "phase", "day", "date"])
