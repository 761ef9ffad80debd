"""The answer in a few sentences: how much is missing, of which element, where, from when, for how long."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from sim.figures.counting import goods, total, users, week_in_words
from sim.figures.dates import as_date
from sim.figures.finding import (
    Missing,
    first_days,
    is_compared,
    missing_products,
    whole_run,
)
from sim.figures.finished_run import FinishedRun, use_rows
from sim.figures.spans import spans_in_force
from sim.figures.wording import (
    NO_BREAK,
    capitalised,
    join_in_words,
    percent,
    tonnes,
)
from sim.report.content import back_on, falls_again, is_at_the_end
from sim.report.limiters import limiter_in_words
from sim.report.outcome import outcome
from sim.report.outside import SAME_TONNES, elsewhere, spared
from sim.report.rules import postponed_share
from sim.report.unknowns import first_by_luck, first_in_all_draws, how_far
from sim.summary.cause import CEILINGS
from sim.summary.ranking import LEAST_VALUE_SHARE, elements_hit

NONE_MISSING = (
    "In this scenario nothing would be missing: no product would be short by 0.5 % of demand or more in any "
    "month, sector and region."
)
BEYOND = " beyond what is missing anyway"


def answer(run: FinishedRun) -> list[str]:
    """One paragraph a step: how much is missing, of which element, of which product and where, when."""
    missing, unknown = missing_products(run), how_far(run)
    if not missing:
        nothing = [NONE_MISSING, *_not_after(run), difference(run), *spared(run), *elsewhere(run)]
        return [*unknown, " ".join(nothing), *_outcomes(run)]
    return [
        *unknown,
        " ".join([how_much(run), difference(run), *elsewhere(run)]),
        " ".join([*_which_element(run), *spared(run), _which_product(run, missing[0])]),
        " ".join([*_first_short(run), *_longest(run)]),
        *_outcomes(run),
    ]


def _not_after(run: FinishedRun) -> Iterator[str]:
    """That stocks may have lasted to the end of the run and no longer."""
    if any(span.ends >= run.ends for span in spans_in_force(run)):
        yield (
            "The run ends while a restriction or shock holds: stocks and goods under way last until then, and "
            "what comes after is not simulated."
        )


def difference(run: FinishedRun) -> str:
    """What the same world would lack without restrictions, shocks and measures."""
    if not run.levers:
        return "There are no restrictions, shocks or measures in it: it is its own reference."
    numbers = run.numbers
    missing, reference, caused, relieved = (
        float(numbers[f"shortfall_{k}"]["value"])
        for k in ("total", "reference", "caused", "relieved")
    )
    unit = str(numbers["shortfall_total"]["unit"])
    if reference < SAME_TONNES:
        if missing < SAME_TONNES:
            return "The same world without restrictions, shocks and measures would lack none of it either."
        return (
            "The same world without restrictions, shocks and measures would lack none of it, so all of that "
            "comes from what the scenario changes."
        )
    alone = (
        "The same world without restrictions, shocks and measures would lack "
        f"{tonnes(reference, unit)} of it."
    )
    if caused < SAME_TONNES and relieved < SAME_TONNES:
        return f"{alone} It is the same: the scenario changes nothing in it."
    if caused < SAME_TONNES:
        return (
            f"{alone} The scenario adds nothing to it, and closes {tonnes(relieved, unit)} of it."
        )
    less = (
        f", and {tonnes(relieved, unit)} of what that world lacks would not be missing{_why_less(run)}"
        if relieved >= SAME_TONNES
        else ""
    )
    return (
        f"{alone} Compared with that by product, user, region and month, {tonnes(caused, unit)} would come on "
        f"top in the scenario{less}."
    )


def _why_less(run: FinishedRun) -> str:
    """A restriction that keeps goods at home lets them out afterwards: that is no merit of a measure."""
    if any(lever.heading == "measures" for lever in run.levers) and any(
        lever.restricts for lever in run.levers
    ):
        return (
            ", be it by the measures or since what could not leave comes out later (what the measures alone "
            "do is told by the comparison below)"
        )
    return ""


def how_much(run: FinishedRun) -> str:
    """The first sentence: how much of what is needed."""
    whole, worst = total(run), ""
    if whole is None:
        short_t, need_t = (summed(run, metric) for metric in ("shortfall", "demand"))
    else:
        short_t, need_t = whole.shortfall_t, whole.demand_t
    if whole is not None and whole.peak_share > 0:
        worst = (
            f" In the worst {run.slice}, {whole.peak_in}, it would be {percent(whole.peak_share)} of that "
            f"{run.slice}'s need{', in both what is missing anyway not counted' if is_compared(run) else ''}."
        )
    worst = _worst_year(run) + worst
    return (
        f"In this scenario {users(run)} would lack {tonnes(short_t, run.unit)} over the whole run, "
        f"{run.period_in_words()}: {percent(short_t / need_t)} of their need of {tonnes(need_t, run.unit)} "
        f"of {goods(run)}.{worst}"
    )


def _worst_year(run: FinishedRun) -> str:
    """The year in which most of the need is missing: a run has years before and after a restriction."""
    parts, short = {}, "caused" if is_compared(run) else "shortfall"
    for metric in (short, "demand"):
        found = use_rows(run.summary, metric)
        parts[metric] = found[found["period"] != "all"].groupby("period")["value"].sum()
    if len(parts["demand"]) < 2:
        return ""
    share = (parts[short] / parts["demand"]).dropna()
    if not share.max() > 0:
        return ""
    size = percent(float(share.max()))
    return f" In the worst year, {share.idxmax()}, it would be {size} of that year's need."


def summed(run: FinishedRun, metric: str) -> float:
    """Central sum of a metric over the run and all that counts, scenario world, in the run's unit."""
    return float(whole_run(use_rows(run.summary, metric))["value"].sum())


def _which_element(run: FinishedRun) -> Iterator[str]:
    hit = elements_hit(run.summary)
    if hit.empty:
        return
    element = str(hit.index[0])
    short, caused, need = (
        _by_sector(run, f"embodied_{metric}", element)
        for metric in ("shortfall", "caused", "demand")
    )
    own = caused if caused.sum() > 0 else short
    more = _beyond(float(short.sum()), float(own.sum()))
    about = "restricted elements" if run.scope.basis == "restrictions" else "elements"
    harder = _harder_hit(run, element)
    if harder:
        about += (
            f" that make up {percent(LEAST_VALUE_SHARE)} or more of the value of what is missing"
        )
    several = len({element for element, _ in run.scope.elements}) > 1
    which = f"Of the {about}, {run.name('elements', element)}" if several else (
        capitalised(run.name("elements", element))
    )  # fmt: skip
    yield (
        f"{which} would be hit most as a part of the need for it: products that hold "
        f"{tonnes(float(own.sum()), run.unit)} of it ({percent(float(own.sum() / need.sum()))} of what "
        f"{users(run)} need of it) would not be received{more}, the largest part of them in "
        f"{run.sector(str(own.idxmax()))} ({percent(float(own.max() / own.sum()))})."
    )
    if harder:
        named = [f"{run.name('elements', each)} ({percent(part)})" for each, part in harder.items()]
        yield f"Of less value, and larger as a part of the need: {join_in_words(named)}."


def _harder_hit(run: FinishedRun, element: str) -> dict[str, float]:
    """Elements of which a larger part of the need is missing, though little of value: the part of each."""
    short, caused, need = (
        whole_run(use_rows(run.summary, f"embodied_{metric}")).groupby("material")["value"].sum()
        for metric in ("shortfall", "caused", "demand")
    )
    share = ((caused if caused.sum() > 0 else short) / need.where(need > 0)).fillna(0.0)
    harder = share[share > share.get(element, 0.0)].sort_values(ascending=False, kind="stable")
    return {str(symbol): float(part) for symbol, part in harder.items()}


def _by_sector(run: FinishedRun, metric: str, element: str) -> pd.Series:
    found = whole_run(use_rows(run.summary, metric))
    return found[found["material"] == element].groupby("sector")["value"].sum()


def _beyond(short_t: float, own_t: float) -> str:
    """Said of tonnes that are not all that is missing."""
    return BEYOND if short_t - own_t >= SAME_TONNES else ""


def _which_product(run: FinishedRun, worst: Missing) -> str:
    size = worst.caused_t if worst.caused_t > 0 else worst.shortfall_t
    more = _beyond(worst.shortfall_t, size)
    where = f"{run.region(worst.region)} ({percent(worst.region_share)} of it) and, by use, "
    if len(run.by_region) <= 2 or len(run.regions) == 1:  # all together, and the only one
        where = ""
    return (
        f"Of the products, most tonnes would be missing{more} of {run.product(worst.product)}: "
        f"{tonnes(size, worst.unit)} ({percent(size / worst.demand_t)} of what {users(run)} need of them"
        f"){_cause(run, worst)}. Hit most: {where}{run.sector(worst.sector)} "
        f"({percent(worst.sector_share)}{' of it' if not where else ''})."
    )


def _cause(run: FinishedRun, worst: Missing) -> str:
    """What stopped most of the product's tonnes, over all who lack it."""
    short = run.worst[run.worst["material"] == worst.product]
    column = "caused_t" if worst.caused_t > 0 else "shortfall_t"
    causes = short[short["limited_by"] != ""].groupby("limited_by")[column].sum()
    if causes.empty:
        return ""
    main = str(causes.idxmax())
    if main in run.lever_names:
        return f", most of it stopped by the {run.lever_names[main]}"
    if main == "capacity":
        return ", mostly because makers would be at capacity"
    if main == CEILINGS:
        return ", mostly because mines and plants may grow only so fast"
    return f", mostly for lack of {limiter_in_words(run, main)}"


def _first_short(run: FinishedRun) -> Iterator[str]:
    """Who is short by more than 5 % first, and from when."""
    short, more = first_days(run), ""
    if is_compared(run):
        more = BEYOND
    if short.empty:
        yield f"No product would be short by more than 5 % of demand{more} in any week."
        return
    always = first_in_all_draws(run)
    if always is not None and not always:
        yield first_by_luck(run)
        return
    candidates = short
    if always:
        names = short["material"] + " " + short["sector"] + " " + short["region"]
        candidates = short[names.isin(always)]
    first = candidates.sort_values(["day", "shortfall_t"], ascending=[True, False]).iloc[0]
    when = week_in_words(run, first["day"])
    others = int((short["day"] == first["day"]).sum()) - 1
    besides = f", and {others} more groups of users at the same time" if others > 1 else ""
    yield (
        f"The first to be short by more than 5 %{more} would be {run.sector(first['sector'])} in "
        f"{run.region(first['region'])}, for {run.product(first['material'])}, {when}"
        f"{_days_after(run, str(first['day']))}{besides}."
    )


def _days_after(run: FinishedRun, day: str) -> str:
    """How long the first users keep running."""
    if run.counted_from is None or as_date(day) <= run.counted_from:
        return ""
    days = (as_date(day) - run.counted_from).days
    return f" ({days}{NO_BREAK}days after the first {_first_of(run)})"


def _longest(run: FinishedRun) -> Iterator[str]:
    """For how long the largest single gap lasts."""
    numbers = run.numbers
    largest: Mapping[str, Any] | None = numbers.get("worst_shortfall")
    if largest is None:
        return
    where = (
        f"{run.product(str(largest['material']))} for {run.sector(str(largest['sector']))} in "
        f"{run.region(str(largest['region']))}"
    )
    caused = numbers.get("worst_caused", largest)
    size = tonnes(float(caused["value"]), str(largest["unit"]))
    more = _beyond(float(largest["value"]), float(caused["value"]))
    parts = [f"The largest single gap, {size} of {where}{more}, would"]
    months = numbers.get("worst_duration")
    if months is not None and months["value"] > 0:
        count = round(months["value"])
        parts.append(
            f"exceed 5 % of demand in {count}{NO_BREAK}month{'s' * (count != 1)} of the run"
        )
    else:
        parts.append("never exceed 5 % of demand in a month")
    recovery = numbers.get("worst_time_to_recover")
    if recovery is not None and recovery["value"] > 0:
        days = int(recovery["value"])
        over = back_on(run, float(recovery["value"]))
        parts.append(
            f"and be over for at least 90 days, for the first time, from {over} ({days}{NO_BREAK}days after "
            f"the first {_first_of(run)}){_again(run, float(recovery['value']))}"
        )
    elif recovery is None and "worst_first_short" in numbers:
        last = str(run.worst["last_short"].iloc[0])
        late = f"; it would last be short {week_in_words(run, last)}" if last else ""
        parts.append(f"and not be over for 90 days before the run ends{late}")
    yield " ".join(parts) + "."
    yield from _at_risk(run, numbers)


def _again(run: FinishedRun, days: float) -> str:
    """That the largest gap comes back, where it does."""
    last = str(run.worst["last_short"].iloc[0])
    if not last or not falls_again(run, days, last):
        return ""
    if is_at_the_end(run, last):
        return ", but come back, and still be there at the end"
    return f", but come back, and last be there {week_in_words(run, last)}"


def _at_risk(run: FinishedRun, numbers: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """How long the same gap stops output: tonnes missing do not say whether anything stands still."""
    weeks = numbers.get("worst_weeks_below_80")
    if weeks is None:
        return
    place = [str(weeks[key]) for key in ("material", "sector", "region")]
    part = postponed_share(run, place[1])
    begins = (
        f"Once the {percent(part)} of this use that can wait is made without, output"
        if part
        else "Its output"
    )
    for_long = _weeks(float(weeks["value"]))
    if not for_long:
        yield f"{begins} would not be below 80 % in any week."
        return
    there = whole_run(use_rows(run.summary, "weeks_below_80", run="reference"))
    anyway = there[(there[["material", "sector", "region"]].astype(str) == place).all(axis=1)]
    before = _weeks(float(anyway["value"].sum())) if run.levers else ""
    beside = f" ({before} of them in the same world without levers)" if before else ""
    yield f"{begins} would be below 80 % for {for_long} in all{beside}."


def _weeks(weeks: float) -> str:
    """In words; empty where there is none to speak of."""
    whole = round(weeks)
    return "" if whole < 1 else f"a{NO_BREAK}week" if whole == 1 else f"{whole}{NO_BREAK}weeks"


def _outcomes(run: FinishedRun) -> list[str]:
    """What became of restrictions and shocks; what is said of several is said once."""
    said = (outcome(run, lever) for lever in run.levers if lever.restricts)
    return list(dict.fromkeys(filter(None, said)))


def _first_of(run: FinishedRun) -> str:
    """What days to recovery are counted from."""
    return "restriction" if any(x.heading == "restrictions" for x in run.levers) else "shock"
