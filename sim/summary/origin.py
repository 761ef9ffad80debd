"""Origin: which countries stand behind what end users received, by mine, by separation, and by any step."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np

from sim.engine.panel import Texts
from sim.engine.records import Records
from sim.summary.long import WHOLE, Block, Groups, Periods, sums_block
from sim.world.places import USE

ELSEWHERE = "elsewhere"
"""All regions together that no restricting country lies in"""


def origin_blocks(
    records: Records, unit: str, periods: Periods, restricting: Collection[str]
) -> list[Block]:
    """`supply_by_origin`, `supply_by_last_processing` and `supply_touched`, t of content delivered.

    By month the first puts all regions into one but those of `restricting`, in which restricting countries
    lie: its rows are the most by far, and years have them by region.
    """
    table = records.provenance_by_month
    if not table.items:
        return []
    t = table.values["t"]
    where = {"material": table.texts["element"], "region": table.texts["region"]}
    mines = {**where, "country": table.texts["mine_country"]}
    if periods.monthly:
        others = ELSEWHERE if restricting else WHOLE
        mines["region"] = where["region"].renamed(lambda r: r if r in restricting else others)
    plants = {**where, "country": table.texts["separation_country"]}
    found = [
        sums_block(metric, unit, periods, Groups.of(texts), t, stage=USE)
        for metric, texts in (("supply_by_origin", mines), ("supply_by_last_processing", plants))
    ]
    return [*found, _touched(where, table.texts["touched"], t, unit, periods)]


def _touched(
    where: Mapping[str, Texts], touched: Texts, t: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    unit: str, periods: Periods,
) -> Block:  # fmt: skip
    """By each restricting country in which any step took place."""
    parts = [(item, country) for item, text in enumerate(touched.words()) if text
             for country in text.split(",")]  # fmt: skip
    items = np.array([item for item, _ in parts], dtype=np.intp)
    texts = {column: its.take(items) for column, its in where.items()}
    groups = Groups.of({**texts, "country": Texts.of(country for _, country in parts)})
    return sums_block("supply_touched", unit, periods, groups, t[:, items], stage=USE)
