"""Checked rows become the frozen world."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from math import inf, nan
from typing import Any

from sim.equations.sizes import marked, zipf_shares
from sim.words.quantities import DAYS_PER_MONTH
from sim.world.cells import Cells, Rows, bound, number, shares, text, words
from sim.world.world import (
    AIR,
    OTHER_CLASS,
    TO_THE_END,
    Corridor,
    Country,
    Cover,
    Defaults,
    Demand,
    Element,
    EndUsers,
    Flow,
    Form,
    Holidays,
    Ingredient,
    Leg,
    LicenceOffice,
    Link,
    Product,
    Recipe,
    Region,
    Sector,
    Site,
    Source,
    Stockpile,
    Target,
    World,
    end_use_id,
)


def build_world(
    id: str, cells: Cells, sources: Mapping[str, Mapping[str, str]], **trace: Any
) -> World:
    """Build the world of a pack; `trace` holds its hash, rows and changes."""
    pack = cells.of("pack")
    general: Rows = {name: row for rows in pack.values() for name, row in rows.items()}
    elements, forms = _elements(cells), _forms(cells)
    return World(
        id=id,
        title=text(general, "title", id),
        base_year=int(number(general, "base_year")),
        basis=text(general, "basis"),
        stages=words(general, "stages"),
        classes_in_order=words(general, "priority_classes"),
        elements=elements,
        groups={key[0]: words(rows, "members") for key, rows in pack.items() if "members" in rows},
        forms=forms,
        mixed_form=text(general, "mixed_form"),
        scrap_form=text(general, "scrap_form"),
        products=_products(cells, elements, forms),
        recipes=_recipes(cells),
        countries={key[0]: _country(key[0], rows) for key, rows in cells.of("countries").items()},
        regions={
            key[0]: Region(key[0], text(rows, "name")) for key, rows in cells.of("regions").items()
        },
        sectors={key[0]: _sector(key[0], rows) for key, rows in cells.of("sectors").items()},
        sites=_sites(cells),
        demand=tuple(
            Demand(sector, region, product, number(rows, "need"))
            for (sector, region, product), rows in sorted(cells.of("demand").items())
        ),
        flows=tuple(
            Flow(seller, buyer, form, product, number(rows, "flow"))
            for (seller, buyer, form, product), rows in sorted(cells.of("flows").items())
        ),
        links=_links(cells),
        corridors=_corridors(cells),
        covers=tuple(
            Cover(place, form, element, number(rows, "days"))
            for (place, form, element), rows in sorted(cells.of("covers").items())
        ),
        stockpiles={
            id: Stockpile(id, text(rows, "region"), text(rows, "form"), number(rows, "stock"))
            for (id,), rows in cells.of("stockpiles").items()
        },
        end_users=_end_users(cells),
        licence_office=_licence_office(cells),
        holidays=_holidays(cells),
        defaults=_defaults(cells),
        targets=tuple(_target(key, rows) for key, rows in cells.of("targets").items()),
        sources={
            name: Source(name, source["publisher"], source["title"], source["year"], source["link"])
            for name, source in sources.items()
        },
        **trace,
    )


def _elements(cells: Cells) -> tuple[Element, ...]:
    ordered = sorted(cells.of("elements").items(), key=lambda item: number(item[1], "order"))
    return tuple(
        Element(
            key[0],
            text(rows, "name"),
            text(rows, "family"),
            number(rows, "price") if "price" in rows else None,
            number(rows, "element_share", 1.0),
        )
        for key, rows in ordered
    )


def _forms(cells: Cells) -> tuple[Form, ...]:
    forms = [
        Form(
            key[0],
            text(rows, "name"),
            int(number(rows, "order")),
            text(rows, "kind"),
            text(rows, "licence_group"),
            text(rows, "flies", "never"),
        )
        for key, rows in cells.of("forms").items()
    ]
    return tuple(sorted(forms, key=lambda form: form.order))


def _products(
    cells: Cells, elements: tuple[Element, ...], forms: tuple[Form, ...]
) -> tuple[Product, ...]:
    """Every element in the first form traded by element, then the grades of the pack."""
    # One product an element: the same symbol stands for it in every later form as well.
    single = [form for form in forms if form.kind == "elements"][:1]
    plain = [Product(e.symbol, f.id, f"{e.name} {f.name}", None) for f in single for e in elements]
    grades = [
        Product(
            key[0],
            text(rows, "form"),
            text(rows, "name"),
            number(rows, "reo_per_t_finished") if "reo_per_t_finished" in rows else None,
            words(rows, "serves"),
            words(rows, "serves_in_part"),
        )
        for key, rows in cells.of("products").items()
    ]
    return (*plain, *grades)


def _recipes(cells: Cells) -> dict[str, Recipe]:
    recipes = {}
    for product, parts in sorted(cells.by_first("recipes").items()):
        share = shares({key[0]: number(rows, "share") for key, rows in parts})
        ingredients = [
            Ingredient(
                key[0],
                share[key[0]],
                text(rows, "role"),
                text(rows, "replaced_by"),
                number(rows, "thrift"),
                number(rows, "effect"),
            )
            for key, rows in sorted(parts, key=lambda part: part[0])
        ]
        recipes[product] = Recipe(product, tuple(ingredients))
    return recipes


def _country(id: str, rows: Rows) -> Country:
    return Country(id, text(rows, "name"), text(rows, "region"), number(rows, "standalone") > 0)


def _sector(id: str, rows: Rows) -> Sector:
    return Sector(
        id,
        text(rows, "name"),
        text(rows, "form"),
        number(rows, "growth"),
        text(rows, "heatmap_group", id),
        text(rows, "priority_class", OTHER_CLASS),
        number(rows, "growth_from_2030") if "growth_from_2030" in rows else None,
        number(rows, "other_grade"),
        number(rows, "other_design"),
        number(rows, "postponable", 0.0),
    )


def _sites(cells: Cells) -> dict[str, Site]:
    baskets = cells.by_first("ores")
    sales = cells.by_first("sales")
    sites = {}
    for id, parts in sorted(cells.by_first("sites").items()):
        plain = next((rows for key, rows in parts if not any(key)), {})
        basket = {key[0]: number(rows, "share") for key, rows in baskets.get(id, [])}
        sold = {key[0]: number(rows, "share") for key, rows in sales.get(id, [])}
        recovery = {
            name: number(rows, "recovery")
            for (form, element), rows in sorted(parts, key=lambda part: part[0])
            if "recovery" in rows
            for name in _recovery_names(form, element, cells)
        }
        sites[id] = _site(id, plain, recovery, shares(basket), sold, cells)
    return sites


def _recovery_names(form: str, element: str, cells: Cells) -> list[str]:
    """Keys of `Site.recovery`; an element's own recovery holds in every form if none is named."""
    if not element:
        return [form or "*"]
    forms = [form] if form else [key[0] for key in cells.of("forms")]
    return [f"{name}:{element}" for name in forms]


def _site(
    id: str,
    rows: Rows,
    recovery: Mapping[str, float],
    basket: Mapping[str, float],
    sold: Mapping[str, float],
    cells: Cells,
) -> Site:
    regions = cells.of("regions")
    return Site(
        id=id,
        name=text(rows, "name"),
        country=text(rows, "country"),
        region=text(rows, "region"),
        stage=text(rows, "stage"),
        status=text(rows, "status"),
        plan=text(rows, "plan", "own"),
        output_t_per_year=number(rows, "output"),
        capacity_t_per_year=number(rows, "capacity"),
        growth_per_year=number(rows, "growth"),
        processing_days=number(rows, "processing_days"),
        recovery=recovery,
        can_separate=words(rows, "can_separate"),
        drivers=words(rows, "drivers"),
        driver_slack_days=number(rows, "driver_slack_days"),
        storage_days=number(rows, "storage_days", inf),
        basket=basket,
        products=words(rows, "products"),
        swarf_share=number(rows, "swarf_share"),
        planned_capacity_t_per_year=number(rows, "planned_capacity"),
        earliest_start=number(rows, "earliest_start", nan),
        ramp_years=number(rows, "ramp_years"),
        ramp_cap=number(rows, "ramp_cap", 1.0),
        success=number(rows, "success", 1.0),
        sells_to={to: share for to, share in sold.items() if (to,) in regions},
        sells_to_sites={to: share for to, share in sold.items() if (to,) not in regions},
        feed_from=words(rows, "feed_from"),
        mixed_goes_to=text(rows, "mixed_goes_to"),
        most_growth_per_year=number(rows, "most_growth") if "most_growth" in rows else None,
    )


def _links(cells: Cells) -> dict[tuple[str, str, str], Link]:
    traded = {key[:3] for key in cells.of("flows")}
    sector_of = {end_use_id(s, r): s for s, r, _ in cells.of("demand")}
    requalification = _requalification(cells)
    lanes, links = cells.of("lanes"), {}
    for key, rows in sorted(cells.of("links").items()):
        seller, buyer, form = key
        lane = lanes[(text(rows, "lane"),)]
        corridor = text(lane, "corridor")
        days = requalification.get(form, 0.0)
        days = requalification.get(f"{form}:{sector_of.get(buyer, '')}", days)
        links[seller, buyer, form] = Link(
            seller=seller,
            buyer=buyer,
            form=form,
            transit_days=number(lane, "transit_days"),
            corridor=corridor,
            route=_corridor_name(cells, corridor) if corridor else text(lane, "route"),
            states_crossed=words(lane, "states_crossed"),
            qualified=key in traded,
            requalification_days=0.0 if key in traded else days,
            planned_full_t_per_year=number(rows, "planned_full"),
            next_corridor=text(lane, "next_corridor"),
            next_transit_days=number(lane, "next_transit_days", nan),
        )
    return links


def _corridor_name(cells: Cells, corridor: str) -> str:
    return text(cells.of("corridors")[corridor, ""], "name")


def _requalification(cells: Cells) -> dict[str, float]:
    """Form, or `form:sector` -> days."""
    return {
        f"{form}:{sector}" if sector else form: number(rows, "days")
        for (form, sector), rows in cells.of("requalification").items()
    }


def _corridors(cells: Cells) -> dict[str, Corridor]:
    corridors = {}
    for id, parts in sorted(cells.by_first("corridors").items()):
        head = next((rows for key, rows in parts if not key[0]), {})
        legs = sorted((int(key[0]), rows) for key, rows in parts if key[0])
        corridors[id] = Corridor(
            id,
            text(head, "name", id),
            tuple(_leg(rows) for _, rows in legs),
            words(head, "states_crossed"),
        )
    return corridors


def _leg(rows: Rows) -> Leg:
    return Leg(
        text(rows, "name"),
        text(rows, "mode"),
        number(rows, "days"),
        number(rows, "capacity", inf),
        number(rows, "cost", nan),
    )


def _end_users(cells: Cells) -> dict[str, EndUsers]:
    users, office = {}, next(iter(cells.of("licence_office").values()))
    exponent = number(office, "user_size_exponent")
    for node, parts in sorted(cells.by_first("end_users").items()):
        plain = next((rows for key, rows in parts if not key[0]), {})
        named = shares({key[0]: number(rows, "share") for key, rows in sorted(parts) if key[0]})
        count = len(named) or max(1, round(number(plain, "users", 1.0)))
        military = round(number(plain, "military_users"))
        if named:
            # The first users are the military ones; which they are makes no difference to the node.
            first = tuple(user < military for user in range(count))
            users[node] = EndUsers(node, tuple(named.values()), first)
        else:
            sizes = zipf_shares(count, exponent)
            users[node] = EndUsers(node, sizes, marked(sizes, military), named=False)
    return users


def _licence_office(cells: Cells) -> LicenceOffice:
    rows = next(iter(cells.of("licence_office").values()))
    return LicenceOffice(
        reviewers=int(number(rows, "reviewers")),
        cases_per_week=number(rows, "cases_per_week"),
        review_days=number(rows, "review_calendar_days"),
        review_low_days=bound(rows, "review_calendar_days", "low"),
        review_high_days=bound(rows, "review_calendar_days", "high"),
        approve=number(rows, "approve"),
        return_=number(rows, "return"),
        refuse=number(rows, "refuse"),
        reapply_days=number(rows, "reapply_days"),
        validity_days=number(rows, "validity_days"),
        renewal_review_factor=number(rows, "renewal_review_factor"),
        military=text(rows, "military"),
        cases_a_week=_given(rows, "office_cases_per_week"),
        mean_review_days=_given(rows, "mean_review_days"),
        first_application_days=number(rows, "first_application_days"),
        tonnage_days=number(rows, "tonnage_months", inf) * DAYS_PER_MONTH,
        covered_share=_given(rows, "covered_share"),
        returned=text(rows, "returned", TO_THE_END),
        ruled=True,
    )


def _given(rows: Rows, parameter: str) -> float | None:
    """A number; None where the pack leaves it out."""
    return number(rows, parameter) if parameter in rows else None


def _holidays(cells: Cells) -> dict[str, Holidays]:
    holidays = {}
    for country, parts in sorted(cells.by_first("holidays").items()):
        known: dict[int, tuple[str, ...]] = defaultdict(tuple)
        for key, rows in parts:
            if "closed_weekdays" in rows:
                known[int(key[0])] = words(rows, "closed_weekdays")
        typical = sum(number(rows, "typical_closed_weekdays") for _, rows in parts)
        days = frozenset(date.fromisoformat(day) for year in known.values() for day in year)
        holidays[country] = Holidays(days, tuple(sorted(known)), typical)
    return holidays


PILE_DAYS = 90.0
"""Of packs that say nothing: a quarter of a year's output, as in the shipped pack."""

NEW_SUPPLY_DAYS = 90.0
"""The same: what a quarter's deliveries tell a buyer."""

SWAP_SHARE = 0.3
"""The same: a recipe is changed in part, and no grade made of the other ingredient alone."""


DESIGN_SPEED = 0.1
"""The same: ten years from the first design to the last."""
SHARING_DEGREE = 0.1
"""The same: a tenth of what users hold above the mean is lent within a week."""


def _defaults(cells: Cells) -> Defaults:
    topics = cells.of("defaults").values()
    general: Rows = {name: row for rows in topics for name, row in rows.items()}
    return Defaults(
        number(general, "producer_stock_days"),
        number(general, "amount_share"),
        number(general, "pile_days", PILE_DAYS),
        number(general, "new_supply_days", NEW_SUPPLY_DAYS),
        number(general, "swap_share", SWAP_SHARE),
        number(general, "design_speed", DESIGN_SPEED),
        _requalification(cells),
        number(general, "sharing_degree", SHARING_DEGREE),
        **{name: number(general, name, usual) for name, usual in AIR.items()},
    )


def _target(key: tuple[str, ...], rows: Rows) -> Target:
    target, tolerance = rows["target"], rows["tolerance"]
    return Target(
        id=key[0],
        quantity=key[3],
        kind=key[1],
        stage=key[2],
        value=float(target.value),
        unit=target.unit,
        tolerance=float(tolerance.value),
        tolerance_kind=tolerance.unit,
        low=bound(rows, "target", "low"),
        high=bound(rows, "target", "high"),
        source=target.source,
        confidence=target.confidence,
        note="; ".join(filter(None, (target.note, tolerance.note))),
        measure=text(rows, "measure"),
        per=text(rows, "per"),
        factor=number(rows, "factor", 1.0),
    )
