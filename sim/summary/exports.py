"""Exports by month as customs count them: by country, form, product and destination, with what to compare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from sim.engine.calendar import Calendar
from sim.engine.panel import Panel, Texts, categorical
from sim.engine.records import SMALL_T, Records
from sim.equations.digits import rounded
from sim.summary.flows import leaves_country
from sim.summary.long import WHOLE, Groups
from sim.tables import TABLES
from sim.world.customs import customs_t_per_t, customs_unit, largest_exporter
from sim.world.world import World

KEYS = ("exporter", "form", "product", "destination")
MONTHS_BEFORE = 3
FloatArray = npt.NDArray[np.float64]
Key = tuple[str, ...]
"""A text for each of `KEYS`"""
Exported = Mapping[Key, FloatArray]
"""[unit of customs, basis; month] t"""


def before_from(restricted: date) -> date:
    """First day of the three calendar months before that in which a restriction comes into force."""
    month = restricted.year * 12 + restricted.month - 1 - MONTHS_BEFORE
    return date(month // 12, month % 12 + 1, 1)


def exports_table(
    scenario: Records, reference: Records, world: World, calendar: Calendar,
    *, exporters: Sequence[str], restricted: date | None,
) -> pd.DataFrame:  # fmt: skip
    """What left these countries, month by month; columns as declared.

    Without `exporters` it is the country that exported most in the base year. `restricted` is the day on which
    the first restriction comes into force. Rows in which all is nothing are left out.
    """
    countries = tuple(exporters) or (largest_exporter(world),)
    ours = _exported(scenario.shipments_by_month, world, countries)
    others = (
        ours if reference is scenario else _exported(reference.shipments_by_month, world, countries)
    )
    before = _mean_before(scenario, world, calendar, countries, restricted)
    keys = sorted({*ours, *others, *(before or ())})
    t, reo_t = _by_key(ours, keys, calendar)
    reference_t, _ = _by_key(others, keys, calendar)
    mean = np.array([np.nan if before is None else before.get(key, 0.0) for key in keys])
    shown = (t > SMALL_T) | (reference_t > SMALL_T) | (mean > SMALL_T)
    month, key = np.nonzero(shown)
    units = {form: customs_unit(world, form) for form in {form for _, form, *_ in keys}}
    words = {name: Texts.of(each[n] for each in keys) for n, name in enumerate(KEYS)}
    texts = {**words, "unit": words["form"].renamed(units.__getitem__)}
    numbers = {
        "t": t[month, key],
        "reference_t": reference_t[month, key],
        "mean_before_t": mean[key],
        "reo_t": reo_t[month, key],
    }
    return pd.DataFrame(
        {
            "month": categorical(calendar.months(), month),
            **{name: its.take(key).categorical() for name, its in texts.items()},
            **{name: rounded(values) for name, values in numbers.items()},
        },
        columns=TABLES["exports_monthly"].names,
    )


def _exported(shipments: Panel, world: World, countries: Sequence[str]) -> Exported:
    """Of each form, product and destination, and of all products and destinations together."""
    texts = shipments.texts
    lanes = np.flatnonzero(leaves_country(shipments) & texts["seller_country"].among(countries))
    exporter, form, product, destination = (
        texts[column].take(lanes).words()
        for column in ("seller_country", "form", "product", "buyer_region")
    )
    everything = [WHOLE] * len(lanes)
    # Each lane four times: with its own product or all of them, to its own destination or all of them.
    groups = Groups.of(
        {
            "exporter": Texts.of(exporter * 4),
            "form": Texts.of(form * 4),
            "product": Texts.of([*product * 2, *everything * 2]),
            "destination": Texts.of([*destination, *everything] * 2),
        },
        # What is sold without a product (ore) is of its form and nothing else.
        np.array([*map(bool, product * 2), *[True] * (2 * len(lanes))], dtype=np.bool_),
    )
    weight = np.array(
        [customs_t_per_t(world, *sold) for sold in zip(form, product, strict=True)],
        dtype=np.float64,
    )
    reo_t = shipments.values["dispatched_t"][:, lanes]
    sums = [groups.sums(np.tile(t, 4)) for t in (reo_t * weight, reo_t)]
    keys = zip(*(groups.texts[name].words() for name in KEYS), strict=True)
    return dict(zip(keys, np.stack(sums).transpose(2, 0, 1), strict=True))


def _by_key(exported: Exported, keys: Sequence[Key], calendar: Calendar) -> FloatArray:
    """[unit of customs, basis; month, key] t."""
    none = np.zeros((2, len(calendar.months())))
    found = [exported.get(key, none) for key in keys]
    return np.stack(found, axis=-1) if found else none[..., None][..., :0]


def _mean_before(
    records: Records, world: World, calendar: Calendar, countries: Sequence[str],
    restricted: date | None,
) -> Mapping[Key, float] | None:  # fmt: skip
    """Mean of the months before the first restriction, in the unit of customs.

    None without a restriction, and where not all of these months were simulated.
    """
    if restricted is None:
        return None
    first, after = before_from(restricted), restricted.replace(day=1)
    months = Calendar(first, after).months()
    parts, before = [records.shipments_by_month], records.shipments_before_by_month
    if before is not None and months[0] in before.months:
        parts.append(before)
    elif first < calendar.starts:
        return None
    if after > calendar.ends:
        return None
    total: dict[Key, float] = {}
    for part in parts:
        those = [number for number, month in enumerate(part.months) if month in months]
        for key, (t, _) in _exported(part, world, countries).items():
            total[key] = total.get(key, 0.0) + float(t[those].sum())
    return {key: t / MONTHS_BEFORE for key, t in total.items()}
