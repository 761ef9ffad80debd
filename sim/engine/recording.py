"""Recording: sums and time averages by month while the simulation runs, tables at its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.engine.calendar import Calendar
from sim.engine.licensing import Decision
from sim.engine.making import Makers
from sim.engine.network import Network
from sim.engine.transport import Wait
from sim.equations.sums import sum_by

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

TRACE_T = 1e-12
"""Tonnes a month below which a row is not written."""
CORRIDOR_COLUMNS = [
    "month", "corridor", "detoured_t", "extra_days", "stayed_t", "held_t", "went_on_t", "waited_days",
]  # fmt: skip


@dataclass(slots=True)
class Monthly:
    """A quantity by month [month, ...], added up by days covered."""

    table: FloatArray

    @classmethod
    def of(cls, months: int, *shape: int) -> Monthly:
        """All zero."""
        return cls(np.zeros((months, *shape)))

    def add(self, value: FloatArray, weights: list[tuple[int, float]]) -> None:
        """Add a value to each month by its weight."""
        for month, weight in weights:
            self.table[month] += value * weight


@dataclass(slots=True)
class Recorder:
    """What is remembered of one run."""

    network: Network
    calendar: Calendar
    all_makers: list[Makers]
    levers: tuple[str, ...]
    """Levers that stop goods: restrictions and closures"""
    closures: tuple[str, ...]
    """Corridors that some lever closes"""
    closing: frozenset[str]
    """Those of `levers` that close a corridor"""
    months: list[str] = field(init=False)
    demand: Monthly = field(init=False)
    consumed: Monthly = field(init=False)
    arrived: Monthly = field(init=False)
    shipped: Monthly = field(init=False)
    in_transit: Monthly = field(init=False)
    waiting: Monthly = field(init=False)
    made: Monthly = field(init=False)
    made_content: Monthly = field(init=False)
    sold: Monthly = field(init=False)
    unsold: Monthly = field(init=False)
    held: Monthly = field(init=False)
    use_rate: Monthly = field(init=False)
    not_made: list[Monthly] = field(init=False)
    stopped: Monthly = field(init=False)
    pending: Monthly = field(init=False)
    detoured: Monthly = field(init=False)
    """[month, closure] t sent by the next route"""
    detour_tonne_days: Monthly = field(init=False)
    review_day: list[float] = field(init=False, default_factory=list)
    review_demand: list[FloatArray] = field(init=False, default_factory=list)
    review_consumed: list[FloatArray] = field(init=False, default_factory=list)
    phases: list[tuple[str, str, str, str, float]] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.months = self.calendar.months()
        n, network = len(self.months), self.network
        lanes, inputs, outputs = (
            len(network.lane_output),
            len(network.inputs),
            len(network.outputs),
        )
        self.demand, self.consumed = Monthly.of(n, inputs), Monthly.of(n, inputs)
        self.arrived, self.shipped = Monthly.of(n, lanes), Monthly.of(n, lanes)
        self.in_transit, self.waiting = Monthly.of(n, lanes), Monthly.of(n, lanes)
        self.made, self.sold = Monthly.of(n, outputs), Monthly.of(n, outputs)
        self.made_content = Monthly.of(
            n, network.number_of_output_blends + 1, len(network.elements)
        )
        self.unsold, self.held = Monthly.of(n, outputs), Monthly.of(n, inputs)
        self.use_rate = Monthly.of(n, inputs)
        self.not_made = [
            Monthly.of(n, len(m.site), len(m.products), len(m.pools.names) + 1)
            for m in self.all_makers
        ]
        self.stopped = Monthly.of(n, len(self.levers), lanes)
        self.pending = Monthly.of(n, len(self.levers))
        self.detoured = Monthly.of(n, len(self.closures))
        self.detour_tonne_days = Monthly.of(n, len(self.closures))

    # ---- tables

    def use_table(self) -> tuple[pd.DataFrame, pd.DataFrame, IntArray]:
        """(use, use_index, input numbers of its rows)."""
        network = self.network
        node = {d.node: (d.sector, d.region) for d in network.world.demand}
        rows = np.array(
            [i for i, (place, _, _) in enumerate(network.inputs) if place in node], dtype=np.intp
        )
        keys = [(*node[network.inputs[i][0]], network.inputs[i][2]) for i in rows]
        index = pd.DataFrame(keys, columns=["sector", "region", "product"])
        arrived = self._by_input(self.arrived.table)
        table = self._long(
            index,
            rows,
            {
                "demand_t": self.demand.table,
                "consumed_t": self.consumed.table,
                "delivered_t": arrived,
            },
        )
        return table, index, rows

    def _by_input(self, by_lane: FloatArray) -> FloatArray:
        out = np.zeros((by_lane.shape[0], len(self.network.inputs)))
        for month in range(by_lane.shape[0]):
            out[month] = sum_by(
                self.network.lane_input, weights=by_lane[month], minlength=out.shape[1]
            )
        return out

    def _long(
        self, index: pd.DataFrame, columns: IntArray, values: dict[str, FloatArray]
    ) -> pd.DataFrame:
        """Rows month by month for the chosen columns, without rows that are zero throughout."""
        shown = {name: value[:, columns] for name, value in values.items()}
        some = np.any([np.abs(value) > TRACE_T for value in shown.values()], axis=0)
        month, row = np.nonzero(some)
        table = index.take(row).reset_index(drop=True)
        table.insert(0, "month", np.array(self.months, dtype=object)[month])
        for name, value in shown.items():
            table[name] = value[month, row]
        return table

    def _places(self, places: list[str]) -> dict[str, list[str]]:
        world = self.network.world
        region = {d.node: d.region for d in world.demand}
        stage = dict.fromkeys(region, "use")
        for stock in self.network.policy_stocks:
            region[stock.place], stage[stock.place] = stock.region, "stockpile"
        for site in world.sites.values():
            region[site.id], stage[site.id] = site.region, site.stage
        return {
            "country": [world.sites[p].country if p in world.sites else "" for p in places],
            "region": [region.get(p, "") for p in places],
            "stage": [stage.get(p, "pile") for p in places],
        }

    def production_table(self) -> pd.DataFrame:
        """See `Records.production`."""
        network = self.network
        single = np.flatnonzero(network.output_element >= 0)
        parts = [self._production(single, None)]
        for j in range(len(network.elements)):
            parts.append(self._production(np.flatnonzero(network.output_blend >= 0), j))
        table = pd.concat(parts, ignore_index=True)
        return table.sort_values(
            ["month", "site", "form", "product", "element"], kind="stable", ignore_index=True
        )

    def _production(self, outputs: IntArray, element: int | None) -> pd.DataFrame:
        network = self.network
        keys = [network.outputs[i] for i in outputs]
        names = (
            [p for _, _, p in keys] if element is None else [network.elements[element]] * len(keys)
        )
        place = self._places([s for s, _, _ in keys])
        index = pd.DataFrame(
            {
                "site": [s for s, _, _ in keys],
                "country": place["country"],
                "region": place["region"],
                "stage": place["stage"],
                "form": [f for _, f, _ in keys],
                "product": [p for _, _, p in keys],
                "element": names,
            }
        )
        if element is None:
            return self._long(index, outputs, {"output_t": self.made.table})
        blends = network.output_blend[outputs]
        return self._long(index, blends, {"output_t": self.made_content.table[:, :, element]})

    def shipment_table(self) -> pd.DataFrame:
        """See `Records.shipments`."""
        network = self.network
        sellers = [network.outputs[o] for o in network.lane_output]
        buyers = [network.inputs[i] for i in network.lane_input]
        seller, buyer = (
            self._places([s for s, _, _ in sellers]),
            self._places([b for b, _, _ in buyers]),
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
        return self._long(
            index,
            np.arange(len(index)),
            {
                "dispatched_t": self.shipped.table,
                "arrived_t": self.arrived.table,
                "in_transit_t": self.in_transit.table,
                "held_t": self.waiting.table,
            },
        )

    def stock_table(self) -> pd.DataFrame:
        """See `Records.stocks`."""
        network = self.network
        sold = self._stock_index([network.outputs[o] for o in range(len(network.outputs))])
        held = self._stock_index([network.inputs[i] for i in range(len(network.inputs))])
        first = self._long(
            sold,
            np.arange(len(sold)),
            {
                "stock_t": self.sold.table,
                "unsold_t": self.unsold.table,
            },
        )
        second = self._long(
            held,
            np.arange(len(held)),
            {
                "stock_t": self.held.table,
                "rate": self.use_rate.table,
            },
        )
        second["unsold_t"] = 0.0
        rate = second.pop("rate")
        second["cover_days"] = (second["stock_t"] / rate).where(rate > 0)
        first["cover_days"] = self._stockpile_cover(first)
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

    def _stockpile_cover(self, stocks: pd.DataFrame) -> pd.Series:
        """Days of the region's planned use that a policy stock would last; nan for other sellers."""
        network = self.network
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
                middle = self.calendar.day_of(date.fromisoformat(f"{month}-15"))
                rate = network.plan_at(float(middle))[users[product]].sum()
                if rate > 0:
                    cover.iat[row] = stocks["stock_t"].iat[row] / rate
        return cover

    def _stock_index(self, keys: list[tuple[str, str, str]]) -> pd.DataFrame:
        place = self._places([p for p, _, _ in keys])
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

    def limit_table(self) -> pd.DataFrame:
        """See `Records.limits`."""
        parts = [
            self._maker_limits(makers, monthly.table)
            for makers, monthly in zip(self.all_makers, self.not_made, strict=True)
        ]
        parts.append(self._border_limits())
        columns = [
            "month",
            "place",
            "region",
            "country",
            "stage",
            "product",
            "limited_by",
            "kind",
            "t",
        ]
        table = pd.concat([p for p in parts if len(p)] or [pd.DataFrame(columns=columns)])
        return table[columns].reset_index(drop=True)

    def _maker_limits(self, makers: Makers, table: FloatArray) -> pd.DataFrame:
        month, maker, product, limiter = np.nonzero(table > TRACE_T)
        names = [*makers.pools.names, "capacity"]
        places = [makers.site[m] for m in maker]
        where = self._places(places)
        return pd.DataFrame(
            {
                "month": [self.months[m] for m in month],
                "place": places,
                "region": where["region"],
                "country": where["country"],
                "stage": where["stage"],
                "product": [makers.products[p] for p in product],
                "limited_by": [names[k] for k in limiter],
                "kind": ["capacity" if names[k] == "capacity" else "ingredient" for k in limiter],
                "t": table[month, maker, product, limiter],
            }
        )

    def _border_limits(self) -> pd.DataFrame:
        month, lever, lane = np.nonzero(self.stopped.table > TRACE_T)
        buyers = [self.network.inputs[self.network.lane_input[i]] for i in lane]
        where = self._places([p for p, _, _ in buyers])
        table = pd.DataFrame(
            {
                "month": [self.months[m] for m in month],
                "place": [p for p, _, _ in buyers],
                "region": where["region"],
                "country": where["country"],
                "stage": where["stage"],
                "product": [p for _, _, p in buyers],
                "limited_by": [self.levers[k] for k in lever],
                "kind": ["corridor" if self.levers[k] in self.closing else "border" for k in lever],
                "t": self.stopped.table[month, lever, lane],
            }
        )
        keys = ["month", "place", "region", "country", "stage", "product", "limited_by", "kind"]
        return table.groupby(keys, as_index=False, sort=True)["t"].sum() if len(table) else table

    def licence_table(self, decisions: list[Decision]) -> pd.DataFrame:
        """See `Records.licences`."""
        region = {d.node: d.region for d in self.network.world.demand}
        sites = self.network.world.sites
        rows = [
            {
                "lever": d.lever,
                "exporter": d.applicant.name.split("/")[1],
                "user": d.applicant.name.split("/")[0],
                "node": d.applicant.place,
                "region": region.get(d.applicant.place)
                or (sites[d.applicant.place].region if d.applicant.place in sites else ""),
                "group": d.applicant.group,
                "filed_day": d.filed_day,
                "decided_day": d.decided_day,
                "outcome": d.outcome,
                "valid_until_day": d.valid_until if d.outcome == "approve" else np.nan,
                "renewal": d.renewal,
            }
            for d in decisions
            if d.decided_day >= 0
        ]
        columns = [
            "lever",
            "exporter",
            "user",
            "node",
            "region",
            "group",
            "filed_day",
            "decided_day",
            "outcome",
            "valid_until_day",
            "renewal",
        ]
        return pd.DataFrame(rows, columns=columns)

    def pending_table(self, decisions: list[Decision]) -> pd.DataFrame:
        """See `Records.licences_pending`."""
        waited: dict[tuple[str, str], list[float]] = {}
        for d in decisions:
            if 0 <= d.decided_day < self.calendar.horizon_days:
                month = self.calendar.date_of(d.decided_day).strftime("%Y-%m")
                waited.setdefault((month, d.lever), []).append(d.decided_day - d.filed_day)
        rows = []
        held = self._held_by_lever()
        for m, month in enumerate(self.months):
            for k, lever in enumerate(self.levers):
                cases, times = self.pending.table[m, k], waited.get((month, lever), [])
                if cases > TRACE_T or times or held[m, k] > TRACE_T:
                    mean = float(np.mean(times)) if times else np.nan
                    rows.append((month, lever, cases, mean, held[m, k]))
        return pd.DataFrame(rows, columns=["month", "lever", "cases", "waiting_days", "held_t"])

    def _held_by_lever(self) -> FloatArray:
        """[month, lever] tonnes waiting, by the lever that stopped most of the lane's goods that month."""
        out = np.zeros((len(self.months), len(self.levers)))
        if not self.levers:
            return out
        owner = self.stopped.table.argmax(axis=1)
        for m in range(len(self.months)):
            out[m] = sum_by(owner[m], weights=self.waiting.table[m], minlength=len(self.levers))
        return out

    def corridor_table(self, waits: Sequence[Wait]) -> pd.DataFrame:
        """See `Records.corridors`."""
        held, went_on, tonne_days = self._waiting(waits)
        stayed = self._stayed()
        rows = []
        for m, month in enumerate(self.months):
            for k, corridor in enumerate(self.closures):
                t, gone = self.detoured.table[m, k], went_on[m, k]
                if max(t, held[m, k], stayed[m, k], gone) <= TRACE_T:
                    continue
                extra = self.detour_tonne_days.table[m, k] / t if t > TRACE_T else np.nan
                waited = tonne_days[m, k] / gone if gone > TRACE_T else np.nan
                rows.append((month, corridor, t, extra, stayed[m, k], held[m, k], gone, waited))
        return pd.DataFrame(rows, columns=CORRIDOR_COLUMNS)

    def _waiting(self, waits: Sequence[Wait]) -> tuple[FloatArray, FloatArray, FloatArray]:
        """[month, closure] t held before closed legs (time average), t that went on, and their tonne-days."""
        held, went_on, tonne_days = np.zeros((3, len(self.months), len(self.closures)))
        length = self.calendar.days_in_months()
        for wait in waits:
            k = self.closures.index(wait.corridor)
            last = min(wait.went_on, float(self.calendar.horizon_days))
            for month, days in self.calendar.overlaps(wait.came, last):
                held[month, k] += wait.t * days / length[month]
            if 0 <= wait.went_on < self.calendar.horizon_days:
                ((month, _),) = self.calendar.overlaps(wait.went_on, wait.went_on + 1e-6)
                went_on[month, k] += wait.t
                tonne_days[month, k] += wait.t * (wait.went_on - wait.came)
        return held, went_on, tonne_days

    def _stayed(self) -> FloatArray:
        """[month, closure] planned tonnes that had no open route and stayed with the seller."""
        out = np.zeros((len(self.months), len(self.closures)))
        closing = [k for k, lever in enumerate(self.levers) if lever in self.closing]
        stopped = self.stopped.table[:, closing].sum(axis=1)
        for k, corridor in enumerate(self.closures):
            on_it = [name == corridor for name in self.network.lane_corridor]
            out[:, k] = stopped[:, on_it].sum(axis=1)
        return out

    def lever_table(self) -> pd.DataFrame:
        """See `Records.levers`."""
        rows = [
            (lever, heading, kind, phase, day, self.calendar.date_of(day).isoformat())
            for lever, heading, kind, phase, day in self.phases
        ]
        return pd.DataFrame(rows, columns=["lever", "heading", "kind", "phase", "day", "date"])
