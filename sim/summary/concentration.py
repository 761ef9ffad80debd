"""Concentration: how much of each stage hangs on one country."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.engine.panel import Texts
from sim.engine.records import Records
from sim.summary.flows import PRODUCTION, Output
from sim.summary.long import Block, Groups, Periods

FloatArray = npt.NDArray[np.float64]


def concentration_blocks(records: Records, output: Output, periods: Periods) -> list[Block]:
    """HHI of output by country, per stage and per product of it, and N-1 cover per stage."""
    texts, made = output.groups.texts, np.maximum(periods.sums(output.made), 0.0)
    by_country = Groups.of({"stage": texts["stage"], "country": texts["country"]})
    whole = by_country.sums(made)
    products = Groups.of({column: texts[column] for column in PRODUCTION if column != "country"})
    stages = Groups.of({"stage": by_country.texts["stage"]})
    return [
        _hhi(stages, whole, periods),
        _hhi(products, made, periods),
        _n1_cover(stages, by_country.texts["country"], whole, records, periods),
    ]


def _hhi(groups: Groups, made: FloatArray, periods: Periods) -> Block:
    """Herfindahl-Hirschman index: sum of the squared shares of countries in output [period, item], 0 to 1."""
    total = groups.sums(made)
    of_item = total[:, groups.number]
    share = np.divide(made, of_item, out=np.zeros_like(made), where=of_item > 0)
    return Block("hhi", "0 to 1", periods.names, groups.texts, groups.sums(share**2), total > 0)


def _n1_cover(
    stages: Groups, country: Texts, made: FloatArray, records: Records, periods: Periods
) -> Block:
    """(supply - largest country's) / (demand - that country's demand), per stage and period.

    `made` is [period, item], and `country` the [item]'s. The leader's own demand is taken off too (the variant
    the IEA prints, Global Critical Minerals Outlook 2025); demand is that of all end uses, so the ratio reads
    as a bound for stages before use.
    """
    use = records.use_by_month
    regions = Groups.of({"region": use.texts["region"]})
    demand = regions.sums(periods.sums(use.values["demand_t"]))
    own = dict(zip(regions.texts["region"].words(), demand.T, strict=True))
    total, countries = demand.sum(axis=1), country.words()
    cover = np.full((len(made), stages.count), np.nan)
    for stage in range(stages.count):
        items = np.flatnonzero(stages.number == stage)
        for period, row in enumerate(made[:, items]):
            leader = row.argmax()
            its = own.get(countries[items[leader]])
            left = total[period] - (0.0 if its is None else its[period])
            if row[leader] > 0 and left > 0:
                cover[period, stage] = (row.sum() - row[leader]) / left
    return Block("n1_cover", "fraction", periods.names, stages.texts, cover, cover == cover)
