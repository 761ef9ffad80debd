"""Origin: which countries stand behind what end users received, by mine, by separation, and by any step."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np

from sim.engine.panel import Texts
from sim.engine.records import Records
from sim.summary.long import Block, Groups, Periods, sums_block
from sim.world.places import USE

COUNTED, ELSEWHERE = "counted", "elsewhere"
"""All regions together in which an element is in scope, and all others"""


def origin_blocks(
    records: Records, unit: str, periods: Periods, counted: Collection[tuple[str, str]]
) -> list[Block]:
    """`supply_by_origin`, `supply_by_last_processing` and `supply_touched`, t of content delivered.

    By month the first two put the regions together in which the element is `counted` (element, region), and
    the others: their rows would be the most by far, and years have them by region.
    """
    table = records.provenance_by_month
    if not table.items:
        return []
    t = table.values["t"]
    where = {"material": table.texts["element"], "region": table.texts["region"]}
    received = dict(where)
    if periods.monthly:
        pairs = zip(where["material"].words(), where["region"].words(), strict=True)
        received["region"] = Texts.of(COUNTED if pair in counted else ELSEWHERE for pair in pairs)
    found = [
        sums_block(
            metric, unit, periods, Groups.of({**received, "country": table.texts[country]}), t, stage=USE
        )
        for metric, country in (
            ("supply_by_origin", "mine_country"), ("supply_by_last_processing", "separation_country"),
        )
    ]  # fmt: skip
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
