"""The tables on top of a run's folder."""

from __future__ import annotations

from sim.tables.column import SEE_UNIT, Table, by_name, number, text, tonnes, whole

PLACE = (
    text("material", "grade or element, as its users buy it"),
    text("sector", "end use"),
    text("region", "of the users"),
)
NAMES = (
    text("product", "display name of `material`"),
    text("sector_name", "of `sector`"),
    text("region_name", "of `region`"),
    text("cause", "of `limited_by`"),
)
IN_SCOPE = text("in_scope", "`yes` where it [counts](#what-counts), else `no`")
LIMITED_BY = text("limited_by", "id of what stopped most of it, see below")
LONG = (
    text("metric", "see [Measures](#measures)"),
    text(
        "stage",
        "of the pack, `recycling`, `use` or `stockpile`; for trade, goods under way and goods held the stage "
        "they left",
    ),
    text("material", "element or grade; empty for blends such as concentrate"),
    text("sector", "end use; empty where none applies, `all` for all together"),
    text("region", "empty where none applies"),
    text("country", "the same"),
    text("period", "a year, or `all` for the run; in `monthly.csv` a month, `YYYY-MM`"),
    text("statistic", "`central`"),
    text("run", "`scenario` or `reference`"),
    number("value", "of the measure", SEE_UNIT),
    text("unit", "of `value`"),
)

SUMMARY = Table(
    "summary", "All measures by year and over the run, a value a row.", LONG, coded=True
)
MONTHLY = Table(
    "monthly",
    "By month what changes from month to month and is plotted, a value a row; see [By month](#by-month).",
    LONG, coded=True,
)  # fmt: skip
WORST = Table(
    "worst",
    "A row for each product, sector and region of which anything is missing, in the whole world; the most "
    "tonnes beyond the reference first, then the most tonnes.",
    (
        *PLACE,
        number("peak", "missing in its worst month or slice", "%"),
        tonnes("shortfall_t", "missing over the run"),
        text("first_short", "date of the first week short by more than 5 %, its last day"),
        number("recover_days", "`time_to_recover`; empty where supply is not back", "days"),
        LIMITED_BY,
        tonnes("caused_t", "missing beyond the reference, month by month"),
        number("peak_caused", "`peak` of what is missing beyond the reference", "%"),
        text("first_caused", "`first_short` of what is missing beyond the reference"),
        number("output_at_risk", "in its worst month or slice, once what can wait has waited", "%"),
        number("weeks_below_80", "with less than 80 % of output", "weeks"),
        number("share", "`shortfall_t` as a part of the need over the run", "%"),
        number("caused_share", "`caused_t` as a part of it", "%"),
        text("last_short", "last date short beyond the reference after the first restriction"),
        IN_SCOPE,
        *NAMES,
    ),
)
REFERENCE = Table(
    "reference",
    "The same of the world without levers, the most tonnes first.",
    (
        *WORST.with_columns(*(c.name for c in PLACE), "peak", "shortfall_t"),
        text("first_month", "first month in which 0.5 % of the need or more is missing; empty without"),
        *WORST.with_columns("first_short", "limited_by", "share", "in_scope"),
        *NAMES,
    ),
)  # fmt: skip
SCOPE = Table(
    "scope",
    "[What counts](#what-counts), a row for each product or element in a region.",
    (
        text("what", "`product`, `element`, or `unused element`: restricted, and nobody uses it"),
        text("material", "grade or element"),
        text("region", "of the users; empty for an unused element"),
        text("basis", "what the scope follows from: `restrictions`, `gaps` or `all`"),
    ),
)
BY_REGION = Table(
    "by_region",
    "Of what counts, a row for all regions together, then one for each; the most beyond the reference first.",
    (
        text("region", "of the users; `all` in the first row"),
        text("region_name", "its display name"),
        tonnes("demand_t", "needed over the run"),
        tonnes("shortfall_t", "missing of it"),
        tonnes("caused_t", "missing of it beyond the reference"),
        number("share", "`shortfall_t` as a part of `demand_t`", "%"),
        number("caused_share", "`caused_t` as a part of it", "%"),
        number("peak", "missing in the worst month or slice, all products together", "%"),
        text("peak_in", "which that is"),
        number("peak_caused", "the same beyond the reference", "%"),
        text("peak_caused_in", "which that is"),
        number("output_at_risk", "over the run, once what can wait has waited", "%"),
        text("first_short", "the first of its users' dates in `worst.csv`"),
        text("first_short_of", "who that is"),
        text("first_caused", "the same beyond the reference"),
        text("first_caused_of", "who that is"),
        number("weeks_below_80", "the most that any of its users has", "weeks"),
        text("weeks_below_80_of", "who that is"),
        text("limited_by", "id of what stopped most tonnes there"),
        text("cause", "its display name"),
    ),
)
WEEKLY = Table(
    "weekly",
    "What end users of the whole world needed and lacked, a row for each look at stocks and user with demand. "
    "First days short and weeks below 80 % are read from here. The first and the last row of a run stand for "
    "fewer days than their tonnes: weigh them by `days` / days between two looks.",
    (
        text("to", "day of the look; the row stands for the time since the one before"),
        number("days", "of that time that lie in the run", "days"),
        *PLACE,
        tonnes("demand_t", "needed in that time"),
        tonnes("shortfall_t", "missing of it"),
        number("output_at_risk", "of what cannot wait", "%"),
    ),
)
CHAIN = Table(
    "chain",
    "Who supplied whom, by year; see [Chain](#chain).",
    (
        text("run", "`scenario` or `reference`"),
        text("period", "a year"),
        text("element", "whose content it is"),
        text("from_stage", "of the seller"),
        text("from_country", "of the seller; of a stockpile its region"),
        text("to_stage", "of the buyer"),
        text("to_country", "of the buyer; of end users, piles and stockpiles their region"),
        tonnes("t", "arrived"),
        text("unit", "of `t`"),
    ),
)
EXPORTS_MONTHLY = Table(
    "exports_monthly",
    "What left the restricting countries, as customs count it; see [Exports by month](#exports-by-month). "
    "Sorted by its first columns.",
    (
        text(
            "month",
            "`YYYY-MM` in which goods left, not that in which they arrived; what a review sells for days of "
            "two months is split by days. The first and last month count as far as they are in the scenario",
        ),
        text("exporter", "country of the seller"),
        text("form", "form in which goods left; forms are never added up"),
        text(
            "product",
            "grade or element, and `all` for all of the form. What is sold without one (ore, mixed "
            "concentrate, scrap) has `all` only",
        ),
        text(
            "destination",
            "region of the buyer, and `all` for all abroad. Goods for end users of the seller's own region are "
            "no exports; those for sites in another country of it are",
        ),
        text(
            "unit",
            "of `t`, `reference_t` and `mean_before_t`, one for a form: `t gross` where the pack says what the "
            "goods weigh (magnets as finished: t REO / `reo_per_t_finished`; metal as the element: x "
            "`element_share`), else the pack's basis: oxides in `t REO`, which is what they weigh, and "
            "concentrates by their content, which is not",
        ),
        number("t", "exports in the scenario", SEE_UNIT),
        number("reference_t", "the same in the reference, without levers", SEE_UNIT),
        number(
            "mean_before_t",
            "a month's mean of `t` over the three calendar months before that in which the first restriction "
            "of the scenario came into force (any of them, in whatever country), the same in each month",
            SEE_UNIT,
        ),
        tonnes(
            "reo_t",
            "`t` in the pack's basis, as all other files have it. Over the run, the rows of all products and "
            "destinations add up to `exports` in `summary.csv`",
        ),
    ),
)
UNKNOWNS = Table(
    "unknowns",
    "How far the result hangs on what nobody knows of a restriction, and on luck: a row for the central run "
    "and each further one; none where all is known. See [What nobody knows](#what-nobody-knows).",
    (
        text("run", "`central`, `hardest`, `easiest` or `other draw`"),
        whole("seed", "what its draws were made from"),
        tonnes("shortfall_t", "missing over the run, of what counts"),
        tonnes("caused_t", "the same beyond the reference, as `shortfall_caused` in `headline.json`"),
        text("first_short", "first look at which more than 5 % is missing beyond the reference"),
        text("material", "of who is short then and lacks most over the run"),
        text("sector", "the same"),
        text("region", "the same"),
        text("all_first", "all who are short then, as `material sector region`, parted by `; `"),
    ),
)  # fmt: skip
ASSUMPTIONS = Table(
    "assumptions",
    "Values of the pack that the answer hangs on, the most important first; see [The page](#the-page).",
    (
        text("why", "why it is here"),
        text("what", "what the value is, in words"),
        text("table", "file of the pack"),
        whole("line", "of that file"),
        text("parameter", "its name there"),
        text("value", "as the pack or the scenario's `changes` write it"),
        text("unit", "of `value`, `low` and `high`"),
        number("low", "end of its range; empty without one", SEE_UNIT),
        number("high", "the other end", SEE_UNIT),
        text("confidence", "`reported`, `derived`, `estimated` or `assumed`"),
        text("source", "ids of `sources.csv`, parted by `;`"),
        text("locator", "page or table of the publication"),
        text("note", "how it was worked out"),
    ),
)
SOURCES = Table(
    "sources",
    "The publications that `assumptions.csv` cites, by id.",
    (
        text("id", "as `source` has it"),
        text("publisher", "who published it"),
        text("title", "of the publication"),
        text("year", "of the publication"),
        text("link", "where it is"),
    ),
)
TABLES = by_name(
    (
        SUMMARY, MONTHLY, WORST, REFERENCE, SCOPE, BY_REGION, WEEKLY, CHAIN, EXPORTS_MONTHLY, UNKNOWNS,
        ASSUMPTIONS, SOURCES,
    )
)  # fmt: skip
"""By name, in the order in which they are explained"""
