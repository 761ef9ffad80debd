"""What is measured: the metrics of `summary.csv` and `monthly.csv`, with their formulas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sim.tables.column import BASIS

LEFT_OUT = ""
FROM_START = "days from start"
SAME = "the same"
OVER_SECTORS = "summed over sectors, `sector` is `all`"
IN_SCOPE = "_in_scope"
"""Behind a measure of elements: in goods in scope alone; written where others hold the element as well"""
MILLION_USD = "million USD"
"""Followed by the pack's base year"""


@dataclass(frozen=True, slots=True)
class Measure:
    """One metric: D is demand, C consumption of one product in one sector and region."""

    name: str
    formula: str
    unit: str
    keys: str
    """Columns that say what a value is of, where they are not empty"""
    by_month: str = LEFT_OUT
    """How it stands in `monthly.csv`; empty where it is left out"""
    of_elements: bool = False
    """Whether it is of elements in what end users need: then that of goods in scope stands beside it"""


USERS = "material, sector, region"
OF_USERS = "element, sector, region"

SERVICE = (
    Measure("demand", "base-year demand x growth, over the period", BASIS, USERS, SAME),
    Measure("delivered", "arrivals at the end use", BASIS, USERS, OVER_SECTORS),
    Measure("consumed", "what its own stock gave, at most D", BASIS, USERS),
    Measure(
        "shortfall", "max(0, D - C) by month, summed", BASIS, USERS,
        "the same; a month without a shortfall has no row; also of the reference",
    ),
    Measure("fill_rate", "C / D over the period (beta service level)", "fraction", USERS),
    Measure(
        "caused",
        "max(0, shortfall - that of the reference) by month, summed. Run `scenario`, rows only where there "
        "is something; by month it follows from `shortfall` of both runs",
        BASIS, USERS,
    ),
    Measure("relieved", "max(0, shortfall of the reference - shortfall) likewise", BASIS, USERS),
    Measure(
        "peak_shortfall",
        "largest 100 (D - C) / D of a month, or of [a quota's slice](#what-counts)",
        "%", f"{USERS}; period `all`",
    ),
    Measure(
        "peak_caused", "the same of what is missing beyond the reference", "%", f"{USERS}; period `all`"
    ),
    Measure(
        "duration", "number of months with a shortfall above 5 % of demand", "months",
        f"{USERS}; period `all`",
    ),
    Measure(
        "duration_caused", "the same of what is missing beyond the reference", "months",
        f"{USERS}; period `all`",
    ),
    Measure(
        "output_at_risk",
        "[what is missing beyond the part *e* of the use that can wait](model.md#use-that-can-wait): 100 "
        "max(0, D - C - e D) by month, summed, / ((1 - e) D); 0 without demand. With the rule `postponable` "
        "off e is 0",
        "%", USERS,
    ),
    Measure(
        "peak_output_at_risk",
        "the same in its worst month or slice; the column `output_at_risk` of `worst.csv`",
        "%", f"{USERS}; period `all`",
    ),
    Measure(
        "weeks_below_80",
        "days in the run of looks at which that, since the look before, is above 20 % (exactly 20 % is not), "
        "/ 7",
        "weeks", f"{USERS}; period `all`",
    ),
    Measure(
        "first_short",
        "first look with a shortfall, since the look before, above 5 % of demand (exactly 5 % is not short)",
        FROM_START, f"{USERS}; period `all`",
    ),
    Measure(
        "first_caused",
        "the same of what is missing beyond the reference; a look on the first day, which is about the days "
        "before, sets none unless a restriction held then",
        FROM_START,
        f"{USERS}; period `all`",
    ),
    Measure(
        "last_short",
        "last look with more than 5 % of demand missing beyond the reference, after the first restriction",
        FROM_START, f"{USERS}; period `all`",
    ),
    Measure(
        "time_to_survive",
        "first look short by more than 5 % of demand beyond the reference, after the first restriction "
        "(shock, where there is no restriction), less its first day; censored if none",
        "days", f"{USERS}; period `all`",
    ),
    Measure(
        "time_to_recover",
        "first look from which the product is not short beyond the reference for 90 days, less the day of "
        "the first restriction; 0 if it was never short; censored if fewer than 90 days of the run are left "
        "to see it stay",
        "days", f"{USERS}; period `all`",
    ),
    Measure(
        "redesigned", "use that other designs have taken over, no part of `demand`", BASIS, USERS
    ),
    Measure(
        "embodied_demand", "sum over products of D x the element's share in the recipe", BASIS, OF_USERS,
        f"{OVER_SECTORS}; also of the reference", of_elements=True,
    ),
    Measure(
        "embodied_shortfall",
        "the same of the shortfall: what was not received, not what was scarce. Neodymium in a magnet that "
        "waits for dysprosium is in it; what was scarce is in `limited_by`",
        BASIS, OF_USERS,
        f"{OVER_SECTORS}; a month without a shortfall has no row; also of the reference", of_elements=True,
    ),
    Measure(
        "embodied_caused", "as `caused`, of an element's content", BASIS, OF_USERS, of_elements=True
    ),
    Measure(
        "embodied_relieved", "as `relieved`, of an element's content", BASIS, OF_USERS, of_elements=True
    ),
    Measure(
        "value_at_risk",
        "missing tonnes x share of each scarce element x its oxide price of the pack / 1000 (t x USD/kg -> "
        "thousand USD -> million USD); see below",
        MILLION_USD, OF_USERS, of_elements=True,
    ),
)  # fmt: skip
FLOWS = (
    Measure(
        "production",
        "output of mines (by element), plants, recyclers and makers; scrap and mixed concentrate left out",
        BASIS, "stage, material, country", SAME,
    ),
    Measure(
        "exports",
        "dispatched to another country, by the seller's country; of an end use only the region is known, so "
        "a sale to end users of the seller's own region is none",
        BASIS, "stage, material, country", SAME,
    ),
    Measure(
        "imports", "arrived from another region, by the buyer's region", BASIS,
        "stage, material, region", SAME,
    ),
    Measure(
        "stock",
        "producers' and users' stocks, piles left out; `stage` is `stockpile` for policy stocks",
        BASIS, "stage, material, sector at `use`, region", "summed over sectors, `sector` is empty",
    ),
    Measure(
        "cover",
        "mean stock of end uses / mean daily demand; of a stockpile, stock / the region's planned use",
        "days", "stage, material, sector, region", "of all sectors together, `sector` is empty",
    ),
    Measure(
        "expedited",
        "dispatched by air [since stocks run low](model.md#what-flies-when-stocks-run-low); rows only where "
        "there is something. By month: `flown_t` of `records/shipments`",
        BASIS, "stage, material, region",
    ),
    Measure(
        "air_freight",
        "gross tonnes of that x the rule's `freight`: magnets as finished (/ `reo_per_t_finished`), metal as "
        "the element (x `element_share`), oxide as it is",
        MILLION_USD, "stage, material, region",
    ),
    Measure("in_transit", "under way to the region", BASIS, "stage, material, sector, region"),
    Measure(
        "held_at_border", "ordered and stopped by a licence or quota; still the seller's", BASIS,
        "stage, material, sector, buyer's region, seller's country",
        "summed over sectors, `sector` is empty",
    ),
    Measure("unsold", "producers' stock above target", BASIS, "stage, material, region"),
    Measure(
        "limited_by",
        "planned tonnes not made for lack of an ingredient or capacity, or planned shipments held or "
        "refused. **`sector` holds the place, `country` what limited it** (element, group, `capacity` or "
        "lever). Where several levers stop the same goods, a ban or closed corridor comes before a missing "
        "licence, and that before a quota. Counted where it happens, so it does not add up along the chain",
        BASIS, "stage, material, place, region, limiter", "summed over places, `sector` is empty",
    ),
    Measure(
        "licences_pending", "cases not decided yet. **`sector` holds the lever**", "cases", "lever", SAME
    ),
    Measure(
        "moved_by_rule",
        "tonnes that a rule of behaviour moved, as in `records/rules`, of both runs. **`sector` holds the "
        "rule**",
        BASIS, "rule",
    ),
    Measure(
        "idle",
        "mean of what lay unsold while somebody lacked it, as in `records/idle`. **`stage` holds the form, "
        "`sector` the reason**",
        BASIS, "form, material, reason",
    ),
    Measure(
        "swapped",
        "what went into grades beyond their recipe, below 0 where less did, as in `records/swaps`. "
        "**`sector` holds the grade**",
        BASIS, "element or group, grade, region",
    ),
    Measure(
        "substituted",
        "what arrived in place of the grade that was asked, as in `records/substitutes`. **`country` holds "
        "the grade that came**",
        BASIS, "grade that was asked, sector, region, grade that came",
    ),
)  # fmt: skip
COUNTED = (
    "summed over the regions in which the element [counts](#what-counts), `region` is `counted`, and over "
    "all others, `elsewhere`"
)
ORIGIN = (
    Measure(
        "supply_by_origin", "content delivered to end uses, by mine country", BASIS,
        "element, region, country", COUNTED,
    ),
    Measure(
        "supply_by_last_processing", "the same by country of separation", BASIS,
        "element, region, country", COUNTED,
    ),
    Measure(
        "supply_touched", "the same with any step in a restricting country, by that country", BASIS,
        "element, region, country", SAME,
    ),
    Measure(
        "hhi",
        "sum of squared shares of countries in output of a stage, of all of it (`material` empty) and of "
        "each product (Herfindahl-Hirschman index)",
        "0 to 1", "stage, material",
    ),
    Measure(
        "n1_cover",
        "(output - the largest country's) / (demand of all end uses - that country's own). The variant "
        "printed by the IEA, Global Critical Minerals Outlook 2025; for stages before use it is a bound",
        "fraction", "stage",
    ),
)  # fmt: skip
GROUPS: Mapping[str, tuple[Measure, ...]] = {
    "Service (stage `use`)": SERVICE,
    "Flows and stocks": FLOWS,
    "Origin and concentration": ORIGIN,
}
"""Heading -> the measures below it"""
MEASURES: Mapping[str, Measure] = {each.name: each for its in GROUPS.values() for each in its}
