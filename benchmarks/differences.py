"""Where two runs differ: what is missing, made, sent, in stock and not made, and what each rule moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from benchmarks.harsher import Place
from sim.engine.records import Records

SHOWN = 12
LEAST_T = 0.05
"""Less is not shown."""
LANE = ("seller", "buyer", "form", "product")


@dataclass(frozen=True)
class Asked:
    """What is to be shown; empty: everything."""

    product: str = ""
    region: str = ""
    months: tuple[str, str] = ("", "9999")
    """First and last"""

    def rows(self, table: pd.DataFrame) -> pd.DataFrame:
        """Of these months and this product."""
        month = table["month"].astype(str)
        found = table[(month >= self.months[0]) & (month <= self.months[1])]
        if self.product and "product" in found:
            found = found[found["product"] == self.product]
        return found


@dataclass(frozen=True)
class Pair:
    """Two runs of which the second is harsher."""

    milder: Records
    harsher: Records
    asked: Asked = Asked()

    def both(
        self, table: str, column: str, keys: Sequence[str], *, average: bool = False
    ) -> pd.DataFrame:
        """keys, milder, harsher: t over the months, or of a month on average."""
        sums = {}
        for name, records in (("milder", self.milder), ("harsher", self.harsher)):
            rows = self.asked.rows(getattr(records, table))
            months = rows["month"].nunique() if average else 1
            sums[name] = rows.groupby(list(keys), observed=True)[column].sum() / max(months, 1)
        return pd.DataFrame(sums).fillna(0.0).reset_index()

    def missing(self, place: Place) -> pd.DataFrame:
        """region, product, milder, harsher: t missing outside the exporter's region."""
        keys = ("region", "product")
        demand, consumed = (self.both("use", c, keys) for c in ("demand_t", "consumed_t"))
        for name in ("milder", "harsher"):
            demand[name] -= consumed[name]
        return demand[demand["region"] != place.exporter]

    def show(self, place: Place) -> None:
        """Print the largest differences of each kind."""
        _show("missing", self.missing(place))
        _show("made", self.both("production", "output_t", ("site", "stage", "product")))
        _show("sent", self.both("shipments", "dispatched_t", LANE))
        _show(
            "in stock on average",
            self.both("stocks", "stock_t", ("place", "form", "product"), average=True),
        )
        _show("on the way on average", self.both("shipments", "in_transit_t", LANE, average=True))
        _show("not made or held", self.both("limits", "t", ("place", "product", "limited_by")))
        _show("moved by rules", self.both("rules", "t", ("rule",)))
        if self.asked.region and self.asked.product:
            for name, records in (("milder", self.milder), ("harsher", self.harsher)):
                months = self.by_month(records)
                print(
                    f"\n{name}: {self.asked.region}, {self.asked.product}, sent by sellers and missing, t"
                )
                print(months.to_string(float_format="%.1f"))

    def by_month(self, records: Records) -> pd.DataFrame:
        """month -> t that each seller sends to the region, and what is missing there."""
        use, sent = self.asked.rows(records.use), self.asked.rows(records.shipments)
        use = use[use["region"] == self.asked.region]
        missing = use.assign(t=use["demand_t"] - use["consumed_t"]).groupby("month", observed=True)[
            "t"
        ]
        sent = sent[sent["buyer_region"] == self.asked.region]
        table = sent.pivot_table(
            index="month", columns="seller", values="dispatched_t", aggfunc="sum", observed=True
        )
        table.columns = table.columns.astype(str)
        table = table.loc[:, table.max() >= LEAST_T].reindex(
            sorted(use["month"].astype(str).unique())
        )
        return table.fillna(0.0).assign(missing=missing.sum())


def _show(about: str, table: pd.DataFrame) -> None:
    table = table.assign(more=table["harsher"] - table["milder"])
    table = table[table["more"].abs() >= LEAST_T]
    table = table.reindex(table["more"].abs().sort_values(ascending=False, kind="stable").index)
    print(f"\n{about}, t: {table['more'].sum():+.1f}")
    if len(table):
        print(table.head(SHOWN).to_string(index=False, float_format="%.1f"))
