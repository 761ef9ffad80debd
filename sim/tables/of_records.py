"""The tables of the records: what the simulation remembered of the scenario."""

from __future__ import annotations

from sim.tables.column import (
    FROM_START,
    Column,
    Table,
    by_name,
    number,
    text,
    tonnes,
    yes_no,
)

MONTH = text("month", "`YYYY-MM`")
FORM = text("form", "state of the material")
GRADE = text("product", "grade or element; empty for blends")
ELEMENT = text("element", "whose content it is")
USERS = (text("sector", "end use"), text("region", "of the users"))
LEVER = text("lever", "id")


def _table(name: str, meaning: str, *columns: Column) -> Table:
    return Table(name, meaning, columns, coded=True, packed=True)


RECORDS = by_name(
    (
        _table(
            "use",
            "By month: what end users needed, used and got.",
            MONTH, *USERS, text("product", "grade or element"),
            tonnes("demand_t", "needed"),
            tonnes("consumed_t", "what their own stock gave"),
            tonnes("delivered_t", "arrived"),
            tonnes("redesigned_t", "use that other designs have taken over, no part of `demand_t`"),
        ),
        _table(
            "production",
            "By month: what sites made. Mines and other blends have a row for each element.",
            MONTH, text("site", "id"), text("country", "of the site"), text("region", "of the site"),
            text("stage", "of the pack, or `recycling` for secondary oxide"), FORM, GRADE, ELEMENT,
            tonnes("output_t", "made"),
            tonnes("discarded_t", "thrown away, since nobody buys it and its pile is full"),
        ),
        _table(
            "shipments",
            "By month: what went from whom to whom.",
            MONTH, text("seller", "site or stockpile"), text("buyer", "site or user"), FORM, GRADE,
            text("seller_country", "of the seller"), text("seller_region", "of the seller"),
            text("buyer_country", "of the buyer; empty for users"),
            text("buyer_region", "of the buyer"), text("corridor", "by which goods go; empty without"),
            tonnes("dispatched_t", "left"),
            tonnes("arrived_t", "came"),
            tonnes("in_transit_t", "under way, mean over the month"),
            tonnes("held_t", "ordered and stopped at the border, mean over the month"),
            tonnes("flown_t", "of `dispatched_t` by air, and not by the corridor"),
        ),
        _table(
            "stocks",
            "By month, means: what lay where. Rows only where there is something.",
            MONTH, text("place", "site, user or stockpile"), text("country", "of the place"),
            text("region", "of the place"), text("stage", "of the pack, `use` or `stockpile`"), FORM, GRADE,
            tonnes("stock_t", "in stock"),
            tonnes("unsold_t", "of a producer: above what it aims at"),
            number("cover_days", "stock / use; of a stockpile in days of its region's planned use", "days"),
        ),
        _table(
            "limits",
            "By month: what was not made, or not sent, and why.",
            MONTH, text("place", "site or user"), text("region", "of the place"),
            text("country", "of the place"), text("stage", "of the place"), GRADE,
            text("limited_by", "element, group, `capacity`, or lever"),
            text(
                "kind",
                "`ingredient`, `capacity`, `border`, `corridor`, or `site` where a quota or an outage stopped "
                "the place itself",
            ),
            tonnes("t", "not made, held or refused at the border, or without an open route"),
        ),
        _table(
            "licences",
            "A row for each decided case.",
            LEVER, text("exporter", "country of the office"), text("user", "who applied"),
            text("node", "for which user or site"), text("region", "of that"),
            text("group", "of goods that one licence covers"),
            number("filed_day", "on which it was filed", FROM_START),
            number("decided_day", "on which it was decided", FROM_START),
            text("outcome", "`approve`, `refuse` or `return`"),
            number("valid_until_day", "of an approval", FROM_START),
            yes_no("renewal", "whether a licence was there before"),
            tonnes("licensed_t", "that an approval covers; empty where it covers whatever is ordered"),
        ),
        _table(
            "licences_pending",
            "By month and licence regime.",
            MONTH, LEVER,
            number("cases", "waiting, mean over the month", "cases"),
            number("waiting_days", "mean of the cases decided in the month", "days"),
            tonnes("held_t", "waiting for a licence, mean over the month"),
            tonnes(
                "planned_t",
                "planned to leave under licence in the month; goods that need a licence of two regimes count "
                "in each",
            ),
            tonnes(
                "licensed_t",
                "that the licences granted in the month cover, without those for whatever is ordered; empty "
                "where all are",
            ),
        ),
        _table(
            "corridors",
            "By month, of corridors that a lever closes.",
            MONTH, text("corridor", "id"),
            tonnes("detoured_t", "sent by the next route"),
            number("extra_days", "that this took more; below 0: less", "days"),
            tonnes("stayed_t", "planned, without a route"),
            tonnes("held_t", "before a closed leg, mean over the month"),
            tonnes("went_on_t", "went on after waiting"),
            number("waited_days", "for which that had waited", "days"),
        ),
        _table(
            "levers",
            "Each phase as it came into force.",
            LEVER, text("heading", "`restrictions`, `shocks` or `measures`"), text("kind", "of the lever"),
            text("phase", "that begins"), number("day", "on which", FROM_START), text("date", "of that day"),
        ),
        _table(
            "provenance",
            "By month: content delivered to end users, by where it comes from.",
            MONTH, text("region", "of the users"), ELEMENT,
            text("mine_country", "where it was dug"), text("separation_country", "where it was separated"),
            text("touched", "restricting countries with any step, parted by commas"), tonnes("t", "delivered"),
        ),
        _table(
            "balance",
            "Of each element, over warm-up and run: what came in is what went out.",
            ELEMENT, tonnes("mined_t", "dug"), tonnes("recycled_t", "won from scrap"),
            tonnes("opening_t", "in stock at first"),
            tonnes("closing_t", "in stock at last, with what is on the way"),
            tonnes("consumed_t", "used"), tonnes("lost_t", "not recovered"),
            tonnes("discarded_t", "thrown away"), tonnes("residual_t", "what does not add up"),
        ),
        _table(
            "rules",
            "By month: what each rule of behaviour that holds moved; of `postponable` no row, since it moves "
            "nothing. `piles`: thrown away (`discarded_t`). `new_supply`: asked again of those whose sales new "
            "sellers took over, at each stage that fails. `market`: sold to buyers that learned to buy from "
            "others. `producers`: dug and started beyond what the same mine or plant would have at that review "
            "without the rule (ore counts where it is dug and where it is started). `limits`: ore that the "
            "plan asks of residual mines and that they may not dig or their plants not treat. `swaps`: what a "
            "recipe asks for, was missing, and others gave the effect of. `grades`: sold in place of a grade "
            "that users lacked. `designs`: use that turned to another design (counted each month). `sharing`: "
            "lent between users of one sector in one region. `priority`: sent to others than in proportion at "
            "that review, or kept for contracts (again at each review that keeps it). `expediting`: flown, "
            "counted at each stage.",
            MONTH, text("rule", "of behaviour"), tonnes("t", "moved"),
        ),
        _table(
            "idle",
            "By month, means: what sellers have after a review while users hold less than they use until "
            "the next, of each product at most the lesser of both "
            "([how](model.md#unsold-while-somebody-lacks-it)).",
            MONTH, FORM, GRADE,
            text(
                "reason",
                "`border`: a restriction is about it, or no way is open; `not_qualified`: the buyer has not "
                "accepted that seller yet; `reserved`: for planned buyers until the next review, or a policy "
                "stock; `on_the_way`: what is lacking is bought already; `none`: no reason, which the tests "
                "hold to nothing",
            ),
            tonnes("t", "unsold"),
        ),
        _table(
            "swaps",
            "By month: what makers put into a grade beyond its recipe.",
            MONTH, text("site", "the maker"), text("country", "of the site"), text("region", "of the site"),
            text("product", "grade"),
            text("ingredient", "element; that which makes up the mass is a group where the recipe names one"),
            tonnes("t", "beyond the recipe, below 0 where they put in less"),
        ),
        _table(
            "substitutes",
            "By month: grades that arrived in place of others.",
            MONTH, text("seller", "who sold it"), *USERS, text("product", "grade that was asked"),
            text("came", "grade that arrived instead"), tonnes("t", "arrived"),
        ),
    )
)  # fmt: skip
"""By name, in the order in which they are written"""
