"""Service: what end users needed, got and lacked, from when and for how long."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from sim.engine.panel import Texts
from sim.engine.records import SMALL_T, Records
from sim.summary.at_risk import at_risk_t, of_items, output_at_risk, weeks_below
from sim.summary.long import WHOLE, Block, Groups, Periods, Slices
from sim.world.places import USE
from sim.world.thrift import content
from sim.world.world import World

SHORT_SHARE = 0.05 + 1e-9
"""Shortfall above 5 % of demand counts as short (`docs/model.md`); exactly 5 %, rounded, does not."""
RECOVERY_DAYS = 90
NOTICEABLE_SHARE = 0.005
"""Of a month's demand: what lacks less is not said to be short."""
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Needs:
    """What end users asked for, got and lacked, by month and one kind of thing that they need; t."""

    groups: Groups
    """By `material`, `sector` and `region`"""
    demand: FloatArray
    """[month, group], as `consumed`, `delivered` and `shortfall`"""
    consumed: FloatArray
    delivered: FloatArray
    shortfall: FloatArray
    """Demand less consumption, never below zero beyond rounding"""
    present: BoolArray
    """[month, group] whether there is anything"""

    def pairs(self) -> list[tuple[str, str]]:
        """[group] material and region."""
        return list(
            zip(*(self.groups.texts[c].words() for c in ("material", "region")), strict=True)
        )

    def over(self, columns: tuple[str, ...]) -> Groups:
        """The groups put together that have these columns in common."""
        return Groups.of({column: self.groups.texts[column] for column in columns})


def products_needed(records: Records) -> Needs:
    """By product."""
    use = records.use_by_month
    texts = {"material": use.texts["product"], **_where(use.texts)}
    return _needs(records, Groups.of(texts), np.arange(use.items), np.ones((1, use.items)))


@dataclass(frozen=True, slots=True)
class Part:
    """What counts of what users need: these elements, in these products; each with its region."""

    products: frozenset[tuple[str, str]]
    elements: frozenset[tuple[str, str]]


def elements_needed(
    records: Records, world: World, years: FloatArray | None = None, part: Part | None = None
) -> Needs:
    """By element: product tonnes x share of the element in the recipe; of all, or of this part of it.

    `years` [month] since the base year, where grades hold less of an ingredient each year.
    """
    texts, items, by_month = contents_of_use(records, world, years, part)
    return _needs(records, Groups.of(texts), items, by_month)


def contents_of_use(
    records: Records, world: World, years: FloatArray | None, part: Part | None = None
) -> tuple[Mapping[str, Texts], npt.NDArray[np.intp], FloatArray]:
    """Each element in each item of use: its texts [part], the item [part], and its share [month or 1, part]."""
    use, then = records.use_by_month, np.zeros(1) if years is None else years
    shares = {e.symbol: [(e.symbol, np.ones_like(then))] for e in world.elements}
    for product, recipe in world.recipes.items():
        shares.setdefault(product, []).extend(content(world, recipe, then).items())
    parts = [
        (item, element, share)
        for item, (product, region) in enumerate(
            zip(use.texts["product"].words(), use.texts["region"].words(), strict=True)
        )
        for element, share in shares.get(product, [])
        if part is None
        or ((product, region) in part.products and (element, region) in part.elements)
    ]
    items = np.array([item for item, _, _ in parts], dtype=np.intp)
    texts = {"material": Texts.of(element for _, element, _ in parts)}
    texts |= {column: its.take(items) for column, its in _where(use.texts).items()}
    by_month = np.array([share for _, _, share in parts]).reshape(len(parts), len(then)).T
    return texts, items, by_month


def _where(texts: Mapping[str, Texts]) -> dict[str, Texts]:
    return {column: texts[column] for column in ("sector", "region")}


def _needs(
    records: Records, groups: Groups, items: npt.NDArray[np.intp], share: FloatArray
) -> Needs:
    """Of these parts of items of use: [part] the item, and [month or 1, part] what share of it."""
    values = records.use_by_month.values
    demand, consumed, delivered = (values[f"{m}_t"] for m in ("demand", "consumed", "delivered"))
    short = np.maximum(0.0, demand - consumed)
    present = records.use_by_month.present
    return Needs(
        groups=groups,
        demand=groups.sums(demand[:, items] * share),
        consumed=groups.sums(consumed[:, items] * share),
        delivered=groups.sums(delivered[:, items] * share),
        shortfall=groups.sums(short[:, items] * share),
        present=groups.ever(present[:, items]),
    )


def beyond(needs: Needs, reference: Needs) -> FloatArray:
    """[month, group] shortfall less that of the reference: more of it above zero, less below."""
    its = {key: at for at, key in enumerate(_keys(reference.groups.texts, "material"))}
    own = _keys(needs.groups.texts, "material")
    at = np.array([its.get(key, len(its)) for key in own], dtype=np.intp)
    nothing = np.zeros((len(reference.shortfall), 1))
    return needs.shortfall - np.concatenate([reference.shortfall, nothing], axis=1)[:, at]


def _keys(texts: Mapping[str, Texts], product: str) -> list[tuple[str, ...]]:
    """Of each group or item its product, which stands in the column of that name, sector and region."""
    columns = (product, "sector", "region")
    return list(zip(*(texts[column].words() for column in columns), strict=True))


def caused_blocks(
    needs: Needs, reference: Needs, unit: str, periods: Periods, slices: Slices, name: str = "{}"
) -> list[Block]:
    """What is missing beyond the reference, and less than in it, month by month: apart, never netted.

    `name` is what the metrics are called, with `{}` for what is missing in products.
    """
    difference = beyond(needs, reference)
    found = (("caused", np.maximum(0.0, difference)), ("relieved", np.maximum(0.0, -difference)))
    blocks = []
    for metric, by_month in found:
        by_month[by_month <= SMALL_T] = 0.0
        values = periods.sums(by_month)
        block = _block(name.format(metric), unit, periods, needs.groups, values, values > 0)
        blocks.append(block)
    if name == "{}":
        caused = replace(needs, shortfall=found[0][1])
        blocks += _months_short(caused, slices, "peak_caused", "duration_caused")
    return blocks


def first_months(needs: Needs, months: Sequence[str]) -> dict[tuple[str, ...], str]:
    """Material, sector, region -> the first month in which a noticeable part of its demand is missing."""
    short = (needs.demand > 0) & (needs.shortfall >= NOTICEABLE_SHARE * needs.demand)
    return {
        key: months[int(short[:, group].argmax())]
        for group, key in enumerate(_keys(needs.groups.texts, "material"))
        if short[:, group].any()
    }


def service_monthly(
    products: Needs, unit: str, periods: Periods, *, gaps_only: bool
) -> list[Block]:
    """By month: demand by product, what was delivered and is missing of it.

    Deliveries are summed over sectors (`sector` is `all`). A month without a shortfall has no row of it.
    `gaps_only` leaves out what the reference has in common with the scenario. What was consumed is demand less
    shortfall.
    """
    short = products.shortfall > SMALL_T
    blocks = [_block("shortfall", unit, periods, products.groups, products.shortfall, short)]
    if not gaps_only:
        present = products.present
        blocks.append(_block("demand", unit, periods, products.groups, products.demand, present))
        over = products.over(("material", "region"))
        delivered, there = over.sums(products.delivered), over.ever(present)
        blocks.append(_block("delivered", unit, periods, over, delivered, there, sector=WHOLE))
    return blocks


def embodied_blocks(elements: Needs, unit: str, periods: Periods, name: str) -> list[Block]:
    """What is needed and missing of elements in products; `name` as in `caused_blocks`.

    By month summed over sectors (`sector` is `all`), without rows of months in which nothing is missing.
    """
    found = (("demand", elements.demand), ("shortfall", elements.shortfall))
    if not periods.monthly:
        there = periods.ever(elements.present)
        return [
            _block(name.format(m), unit, periods, elements.groups, periods.sums(values), there)
            for m, values in found
        ]
    blocks, over = [], elements.over(("material", "region"))
    for metric, values in found:
        sums = over.sums(values)
        shown = over.ever(elements.present) if metric == "demand" else sums > SMALL_T
        blocks.append(_block(name.format(metric), unit, periods, over, sums, shown, sector=WHOLE))
    return blocks


def _block(
    metric: str, unit: str, periods: Periods, groups: Groups, values: FloatArray, shown: BoolArray,
    **same: str,
) -> Block:  # fmt: skip
    texts: dict[str, Texts | str] = {**groups.texts, "stage": USE, **same}
    return Block(metric, unit, periods.names, texts, values, shown)


def service_summary(
    records: Records, products: Needs, unit: str, periods: Periods, first_day: float | None,
    reference: Records, postponed: Mapping[str, float], slices: Slices,
) -> list[Block]:  # fmt: skip
    """By year and over the run, with fill rate, peak, duration, first day short, TTS and TTR.

    Peaks are told by `slices`. The last two count what is missing beyond the reference. `postponed` is the part
    of each sector's use that output at risk leaves out.
    """
    groups, present = products.groups, periods.ever(products.present)
    sums = {
        "demand": periods.sums(products.demand),
        "delivered": periods.sums(products.delivered),
        "consumed": periods.sums(products.consumed),
        "shortfall": periods.sums(products.shortfall),
    }
    blocks = [_block(m, unit, periods, groups, values, present) for m, values in sums.items()]
    turned = periods.sums(groups.sums(records.use_by_month.values["redesigned_t"]))
    blocks.append(_block("redesigned", unit, periods, groups, turned, turned > SMALL_T))
    rate = fill_rate(sums["consumed"], sums["demand"])
    blocks.append(_block("fill_rate", "fraction", periods, groups, rate, present))
    blocks += _months_short(products, slices)
    blocks += _output_at_risk(records, products, periods, postponed, slices)
    blocks += _by_review(records, first_day, reference)
    return blocks


def fill_rate(consumed: FloatArray, demand: FloatArray) -> FloatArray:
    """[period, group] mass consumed over mass demanded (beta service level), in [0, 1]; nan without demand."""
    return np.divide(consumed, demand, out=np.full_like(demand, np.nan), where=demand > 0)


def part_of(part: FloatArray, whole: FloatArray) -> FloatArray:
    """[...] 0 where the whole is nothing."""
    return np.divide(part, whole, out=np.zeros_like(whole), where=whole > 0)


def _months_short(
    products: Needs, slices: Slices, peak: str = "peak_shortfall", duration: str = "duration"
) -> list[Block]:
    """Peak shortfall (worst slice, % of demand) and duration (months above 5 %)."""
    share = part_of(products.shortfall, products.demand)
    in_slices = part_of(slices.sums(products.shortfall), slices.sums(products.demand))
    there: BoolArray = np.asarray(products.present.any(axis=0))
    found = (
        (peak, "%", 100 * in_slices.max(axis=0)),
        (duration, "months", (share > SHORT_SHARE).sum(axis=0).astype(np.float64)),
    )
    return [_whole(metric, unit, products.groups.texts, v, there) for metric, unit, v in found]


def _output_at_risk(
    records: Records, products: Needs, periods: Periods, postponed: Mapping[str, float],
    slices: Slices,
) -> list[Block]:  # fmt: skip
    """What is missing once a part of the use is made without: by period, in the worst slice, and weeks of it.

    It is counted month by month and added up, as shortfalls are: a month that had enough spares no other.
    """
    groups, demand = products.groups, products.demand
    share = of_items(postponed, groups.texts["sector"])
    missing = at_risk_t(products.shortfall, demand, share)
    found = 100 * output_at_risk(periods.sums(missing), periods.sums(demand), share)
    in_slices = output_at_risk(slices.sums(missing), slices.sums(demand), share)
    worst = 100 * in_slices.max(axis=0)
    present, there = periods.ever(products.present), np.asarray(products.present.any(axis=0))
    use = records.use_by_month.texts
    by_review = output_at_risk_at_reviews(records, of_items(postponed, use["sector"]))
    weeks = weeks_below(by_review, records.review_day, float(periods.days.sum()))
    texts = {"material": use["product"], **_where(use)}
    return [
        _block("output_at_risk", "%", periods, groups, found, present),
        _whole("peak_output_at_risk", "%", groups.texts, worst, there),
        _whole("weeks_below_80", "weeks", texts, weeks, np.ones(len(weeks), dtype=np.bool_)),
    ]


def output_at_risk_at_reviews(records: Records, share: FloatArray) -> FloatArray:
    """[review, use] output at risk since the review before."""
    demand = records.review_demand_t
    gap = np.maximum(0.0, demand - records.review_consumed_t)
    return output_at_risk(at_risk_t(gap, demand, share), demand, share)


def _whole(
    metric: str, unit: str, texts: Mapping[str, Texts], values: FloatArray, shown: BoolArray
) -> Block:
    """One value [item] for the whole run."""
    return Block(metric, unit, (WHOLE,), {**texts, "stage": USE}, values[None], shown[None])


def _by_review(records: Records, first_day: float | None, reference: Records) -> list[Block]:
    """First day short, and TTS and TTR from the first day of a restriction (a shock, where there is none)."""
    use, days = records.use_by_month.texts, records.review_day
    short = review_shares(records) > SHORT_SHARE
    beyond = _beyond_at_reviews(records, reference) > SHORT_SHARE
    # A look at what was used before the run is no first date of it, unless a restriction held then.
    held = first_day is not None and first_day < days[0]
    own_time = (days >= 1.0) | held
    found: list[tuple[str, str, FloatArray]] = [
        ("first_short", "days from start", _first(days, short)),
    ]
    if records is not reference:
        found.append(("first_caused", "days from start", _first(days, beyond & own_time[:, None])))
    if first_day is not None:
        own = beyond & (days > first_day)[:, None]
        recovered = [_recovered(days, column, first_day) for column in own.T]
        found += [
            ("time_to_survive", "days", _first(days - first_day, own)),
            ("time_to_recover", "days", np.array(recovered, dtype=np.float64)),
            ("last_short", "days from start", _first(days[::-1], own[::-1])),
        ]
    texts = {"material": use["product"], **_where(use)}
    return [_whole(metric, unit, texts, v, v == v) for metric, unit, v in found]


def first_beyond(records: Records, reference: Records) -> dict[tuple[str, ...], float]:
    """Product, sector, region -> the first review with more than 5 % missing beyond the reference; days."""
    short = _beyond_at_reviews(records, reference) > SHORT_SHARE
    first = _first(records.review_day, short)
    keys = _keys(records.use_by_month.texts, "product")
    return {key: float(day) for key, day in zip(keys, first, strict=True) if day == day}


def _beyond_at_reviews(records: Records, reference: Records) -> FloatArray:
    """[review, use] shortfall as a part of demand, less that of the reference; all of the reference's own."""
    if records is reference:
        return review_shares(records)
    share, use = review_shares(records), records.use_by_month.texts
    anyway, known = review_shares(reference), reference.use_by_month.texts
    its = {key: at for at, key in enumerate(_keys(known, "product"))}
    for at, key in enumerate(_keys(use, "product")):
        if key in its:
            share[:, at] -= anyway[:, its[key]]
    return share


def review_shares(records: Records) -> FloatArray:
    """[review, use] shortfall as a part of demand since the review before."""
    demand = records.review_demand_t
    return part_of(np.maximum(0.0, demand - records.review_consumed_t), demand)


def _first(days: FloatArray, flags: BoolArray) -> FloatArray:
    """[use] first day flagged of [review, use]; not a number where there is none (right-censored)."""
    return np.where(flags.any(axis=0), days[flags.argmax(axis=0)], np.nan)


def _recovered(days: FloatArray, short: BoolArray, first_day: float) -> float:
    """Days until the fill rate stays at or above 95 % for 90 days; not a number if it does not.

    `short` [review] is after the first day. 0 where it never fell below; censored where fewer than 90 days of
    the run are left to see it stay.
    """
    after = np.flatnonzero(short)
    if not len(after):
        return 0.0
    ends = [*after[1:], len(days)]
    for last, following in zip(after, ends, strict=True):
        well = last + 1
        if well >= len(days):
            break
        until = days[following] if following < len(days) else days[-1]
        if until - days[well] >= RECOVERY_DAYS:
            return float(days[well] - first_day)
    return float("nan")


def day_in_words(starts: date, day: float) -> str:
    """ISO date of a day of the run."""
    return (starts + timedelta(days=int(day))).isoformat()
