"""The numbers of each run, all counted against the same demand: in all, by region, sector, product and user."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd

from sim.comparison.side import PLACE, Side, days_of
from sim.report.rules import share_that_waits
from sim.summary.at_risk import at_risk_t
from sim.summary.long import Slices
from sim.summary.scope import Scope

TOTAL, REGION, SECTOR, PRODUCT, ELEMENT, USER = (
    "total", "region", "sector", "product", "element", "user",
)  # fmt: skip
"""Levels of the table; a user is a product in one sector and region."""
KEYS: Mapping[str, Sequence[str]] = {
    TOTAL: (), REGION: ("region",), SECTOR: ("sector",), PRODUCT: ("material",),
    USER: tuple(PLACE), ELEMENT: ("material",),
}  # fmt: skip
T, PERCENT, WEEKS, DAY, TEXT = "t", "%", "weeks", "date", "text"
"""Units of a measure; `T` becomes that of the pack."""
MEASURES: Mapping[str, tuple[str, str]] = {
    "demand": ("needed", T),
    "missing": ("missing", T),
    "reference": ("missing without levers", T),
    "caused": ("missing beyond the reference", T),
    "relieved": ("missing in the reference and not here", T),
    "share": ("missing, of the need", PERCENT),
    "caused_share": ("missing beyond the reference, of the need", PERCENT),
    "peak_caused": ("the same in the worst {slice}", PERCENT),
    "peak_caused_in": ("which {slice} that is", TEXT),
    "first_short": ("first day short by more than 5 % beyond the reference", DAY),
    "weeks_below_80": ("weeks below 80 % of output, of the users with most of them", WEEKS),
    "output_at_risk": ("output at risk", PERCENT),
    "less_than_base": ("missing in {base} and not here, by user and month", T),
    "more_than_base": ("missing here and not in {base}, by user and month", T),
    "unknowns_least": ("least beyond the reference, by what nobody knows and by luck", T),
    "unknowns_most": ("most beyond the reference, by what nobody knows and by luck", T),
}
"""Measure -> (words, unit)"""
OF_A_USER = ("demand", "missing", "reference", "caused", "first_short", "weeks_below_80")
"""Measures of a single user; of an element the first two and its share."""
Value = float | str
"""Not a number, or an empty text, where there is none."""
Key = tuple[str, ...]
NO_NUMBER = float("nan")


@dataclass(frozen=True)
class Numbers:
    """What is counted of one run."""

    side: Side
    needs: pd.DataFrame
    """By product, sector, region and month, see `Side.needs`"""
    values: dict[tuple[str, Key, str], Value] = field(default_factory=dict)
    """(level, its keys, measure) -> value"""

    def total(self, measure: str) -> float:
        """A number of all that counts."""
        return float(self.values[TOTAL, (), measure])

    def text(self, measure: str) -> str:
        """A text or date of all that counts; empty where there is none."""
        return str(self.values.get((TOTAL, (), measure), ""))

    def by(self, level: str, measure: str) -> pd.Series:
        """A number of each thing of a level, by its id."""
        found = {key[0]: value for (at, key, name), value in self.values.items()
                 if at == level and name == measure}  # fmt: skip
        return pd.Series(found, dtype=float)


def numbers_of(
    sides: Sequence[Side], scope: Scope, months: Sequence[str], slice_months: int
) -> list[Numbers]:
    """Of each run, in these months; the first is the base. `scope` says which demand counts."""
    same = all(side.scope.products == scope.products for side in sides)
    slices = Slices.of(months, slice_months)
    found: list[Numbers] = []
    for side in sides:
        numbers = Numbers(side, side.needs(scope, months))
        _count(numbers, scope, months, slices, same_goods=same)
        _set_beside(numbers, found[0] if found else numbers)
        found.append(numbers)
    return found


def _count(
    numbers: Numbers, scope: Scope, months: Sequence[str], slices: Slices, *, same_goods: bool
) -> None:
    side, needs = numbers.side, numbers.needs
    first, after = days_of(side, months)
    weeks = side.weeks_below_80(scope, first, after)
    short = side.first_short(scope)
    waits = {sector: share_that_waits(side.behaviour, sector) for sector in set(needs["sector"])}
    share = needs["sector"].map(waits).to_numpy(dtype=float)
    demand = needs["demand"].to_numpy(dtype=float)
    needs = needs.assign(
        at_risk=at_risk_t(needs["shortfall"].to_numpy(dtype=float), demand, share),
        left=(1 - share) * demand,
    )
    for level, keys in KEYS.items():
        if level == ELEMENT:
            continue
        for key, its in _groups(needs, keys):
            users = _the_same(weeks, keys, key), _the_same(short, keys, key)
            values = _values(its, months, slices, *users)
            kept = OF_A_USER if level == USER else tuple(values)
            numbers.values.update({(level, key, m): values[m] for m in kept})
    for row in side.elements(scope, months, in_scope=same_goods).itertuples():
        about = {"demand": row.demand, "missing": row.shortfall,
                 "share": _percent(row.shortfall, row.demand)}  # fmt: skip
        numbers.values.update(
            {(ELEMENT, (str(row.material),), m): float(v) for m, v in about.items()}
        )
    unknown = side.unknowns()
    for measure, value in zip(("unknowns_least", "unknowns_most"), unknown or (), strict=False):
        numbers.values[TOTAL, (), measure] = value


def _groups(table: pd.DataFrame, keys: Sequence[str]) -> list[tuple[Key, pd.DataFrame]]:
    if not keys:
        return [((), table)]
    return [(tuple(map(str, key)), its) for key, its in table.groupby(list(keys))]


def _the_same(table: pd.DataFrame, keys: Sequence[str], key: Key) -> pd.DataFrame:
    its = np.ones(len(table), dtype=bool)
    for column, value in zip(keys, key, strict=True):
        its &= (table[column] == value).to_numpy()
    return table[its]


def _values(
    its: pd.DataFrame, months: Sequence[str], slices: Slices, weeks: pd.DataFrame,
    short: pd.DataFrame,
) -> dict[str, Value]:  # fmt: skip
    """Every measure that follows from a run alone."""
    sums = its[["demand", "shortfall", "reference", "caused", "relieved", "at_risk", "left"]].sum()
    t = {name: float(value) for name, value in sums.items()}
    by_month = its.groupby("period")[["caused", "demand"]].sum().reindex(months, fill_value=0.0)
    caused, demand = slices.sums(by_month.to_numpy(dtype=float)).T
    worst = np.divide(caused, demand, out=np.zeros_like(caused), where=demand > 0)
    at = int(worst.argmax())
    return {
        "demand": t["demand"],
        "missing": t["shortfall"],
        "reference": t["reference"],
        "caused": t["caused"],
        "relieved": t["relieved"],
        "share": _percent(t["shortfall"], t["demand"]),
        "caused_share": _percent(t["caused"], t["demand"]),
        "peak_caused": 100 * float(worst[at]),
        "peak_caused_in": slices.names[at] if worst[at] > 0 else "",
        "first_short": min(short["day"], default=""),
        "weeks_below_80": float(weeks["weeks"].max()) if len(weeks) else 0.0,
        "output_at_risk": _percent(t["at_risk"], t["left"]),
    }


def _percent(part: float, whole: float) -> float:
    return 100 * part / whole if whole > 0 else 0.0


def _set_beside(numbers: Numbers, base: Numbers) -> None:
    """What is missing in one and not in the other, user by user and month by month."""
    less = difference(numbers, base)
    numbers.values[TOTAL, (), "less_than_base"] = float(less.clip(lower=0.0).sum())
    numbers.values[TOTAL, (), "more_than_base"] = float((-less).clip(lower=0.0).sum())


def difference(numbers: Numbers, base: Numbers, column: str = "shortfall") -> pd.Series:
    """What the base lacks more than a run, t by product, sector, region and month; below 0 where less."""
    index = [*PLACE, "period"]
    own, other = (each.needs.set_index(index)[column] for each in (numbers, base))
    return other.sub(own, fill_value=0.0)


def table_of(numbers: Sequence[Numbers], slice: str) -> pd.DataFrame:
    """The long table: a row for each level, key and measure, a column a run, and differences to the base.

    Columns: level, measure, words, material, product, sector, sector_name, region, region_name, unit, then one
    a run (`Side.column`), then of each but the base `B_minus_A` (of dates in days) and, of tonnes and weeks,
    `B_minus_A_percent`. Not a number, or nothing, where there is none.
    """
    base, rows = numbers[0], []
    order = {level: n for n, level in enumerate((TOTAL, REGION, SECTOR, PRODUCT, ELEMENT, USER))}
    wanted = {at: None for each in numbers for at in each.values}
    measures = list(MEASURES)
    for level, key, measure in sorted(
        wanted, key=lambda at: (order[at[0]], _size(numbers, at), at[1], measures.index(at[2]))
    ):
        words, unit = MEASURES[measure]
        none: Value = "" if unit in (DAY, TEXT) else NO_NUMBER
        values = [each.values.get((level, key, measure), none) for each in numbers]
        row: dict[str, object] = {
            "level": level,
            "measure": measure,
            "words": words.format(slice=slice, base=base.side.letter),
            **_named(base.side, level, key),
            "unit": base.side.unit if unit == T else "" if unit == TEXT else unit,
        }
        row |= {each.side.column: v for each, v in zip(numbers, values, strict=True)}
        for each, value in zip(numbers[1:], values[1:], strict=True):
            name = f"{each.side.letter}_minus_{base.side.letter}"
            row[name], row[f"{name}_percent"] = _less(value, values[0], unit)
        rows.append(row)
    return pd.DataFrame(rows)


def _size(numbers: Sequence[Numbers], at: tuple[str, Key, str]) -> float:
    """For the order within a level: what most is missing of comes first."""
    level, key, _ = at
    return -max(float(each.values.get((level, key, "missing"), 0.0)) for each in numbers)


def _named(side: Side, level: str, key: Key) -> dict[str, str]:
    ids = dict(zip(KEYS[level], key, strict=True))
    material, sector, region = (ids.get(column, "") for column in PLACE)
    product = side.name("products", material)
    return {
        "material": material,
        "product": side.name("elements", material) if product == material else product,
        "sector": sector,
        "sector_name": side.name("sectors", sector),
        "region": region,
        "region_name": side.name("regions", region),
    }


def _less(value: Value, base: Value, unit: str) -> tuple[float, float]:
    """By how much a value is above the base's, and that in % of the base's, where it makes sense."""
    if unit == DAY and value and base:
        days = (date.fromisoformat(str(value)) - date.fromisoformat(str(base))).days
        return float(days), NO_NUMBER
    if isinstance(value, str) or isinstance(base, str):
        return NO_NUMBER, NO_NUMBER
    more = value - base
    part = 100 * more / base if unit in (T, WEEKS) and base > 0 else NO_NUMBER
    return more, part
