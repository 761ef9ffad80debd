"""The `behaviour:` block: which rules mines, plants and buyers follow, each with numbers of its own or off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from math import ceil
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationInfo

from sim.lever import AtLeastADay, Days, Share, StrictModel, UsdPerKg, fault, keys_of
from sim.lever.marks import Mark
from sim.rules.behaviour import (
    RIGID,
    ROWS_OF_OFFICES,
    Behaviour,
    Designs,
    Expediting,
    Grades,
    Limits,
    Market,
    NewSupply,
    Offices,
    Piles,
    Postponable,
    Producers,
    Sharing,
    Swaps,
)
from sim.scenario.priority import EXAMPLES as OF_PRIORITY
from sim.scenario.priority import PriorityText, described_priority, priority_of
from sim.words.problems import nearest, quote
from sim.world import World
from sim.world.names import MINE, SEPARATION
from sim.world.numbers import as_number
from sim.world.world import Row

RIGID_WORD, FREE_WORD = "rigid", "free"


EXAMPLES = {
    "days": "90 d", "mean": "90 d", "filled": "95 %", "patience": "28 d", "restricted": "10 %",
    "at_a_time": "3", "share": "30 %", "a_year": "10 %", "degree": "10 %", "threshold": "10 d",
    "oxide_price": "50 USD/kg", "freight": "6 USD/kg", **OF_PRIORITY,
}  # fmt: skip
"""Setting -> how it is written"""
OF_FLIGHTS = {"days": "5 d"}
"""Those that are written otherwise than elsewhere"""
SWITCH = Mark("switch", "`on` or `off`", {"enum": ["on", "off", "yes", "no", True, False]}, "on")
Switch = Annotated[Literal["on", "off"], SWITCH]


def _on_or_off(written: object) -> object:
    if written is True or written in ("on", "yes"):
        return "on"
    if written is False or written in ("off", "no"):
        return "off"
    raise fault(f"{quote(written)} is neither on nor off", "`on` or `off`")


OnOrOff = Annotated[Switch, BeforeValidator(_on_or_off)]


class LimitsText(StrictModel):
    """Growth has its limits: how fast each mine, plant and recipe may change stands in the pack's rows."""

    mines: OnOrOff = "on"
    """Mines that supply what is still needed dig at most the base year's ore, grown by `most_growth`."""
    separation: OnOrOff = "on"
    """Plants that do treat at most the base year's ore of those mines, grown by `most_growth`."""
    thrifting: OnOrOff = "on"
    """Grades hold less of an ingredient each year, by its `thrift`."""


class PilesText(StrictModel):
    """What nobody buys has a pile, full at first; what exceeds it is thrown away."""

    days: AtLeastADay | None = None
    """Days of planned output that the pile of a by-product holds; left out: the pack's `pile_days`."""


class NewSupplyText(StrictModel):
    """What a new mine, plant or maker does not deliver goes back to those whose sales it took over."""

    mean: AtLeastADay | None = None
    """Days over which its shortfall is averaged; left out: the pack's `new_supply_days`."""


class MarketText(StrictModel):
    """Who cannot get what it ordered learns to buy from sellers that it never traded with."""

    filled: Share = 0.95
    """Part of its order below which a buyer lacks goods."""
    patience: AtLeastADay = 28.0
    """Time in a row for which it lacks them before it looks for other sellers."""
    restricted: Share = 0.1
    """Part of its planned supply under a restriction from which on it looks at once."""
    at_a_time: Annotated[int, Field(ge=1, le=20)] = 3
    """Sellers that it tries at the same time for one product."""


class ProducersText(StrictModel):
    """Mines and plants refill the stock they aim at, and run up to nameplate for open orders."""


class SwapsText(StrictModel):
    """What a grade lacks of one ingredient that gives it its effect, another one gives in part."""

    share: Share | None = None
    """Part of the effect that another ingredient may give; left out: the pack's `swap_share`."""


class GradesText(StrictModel):
    """Who lacks a grade takes another: a better one at once, another in part once it is approved."""


class DesignsText(StrictModel):
    """Users that are short turn for good to designs that need none of what is missing."""

    a_year: Share | None = None
    """Part of a sector's use that turns in a year in which it is short; left out: the pack's `design_speed`."""


class SharingText(StrictModel):
    """Users of one sector in one region, told apart by a licence regime, lend what they hold above the mean."""

    degree: Share | None = None
    """Part of it that they lend within a week; left out: the pack's `sharing_degree`."""


class ExpeditingText(StrictModel):
    """Goods that are dear for their mass fly to who is nearly out of them."""

    days: AtLeastADay | None = None
    """Days in the air, door to door, in whole days; left out: the pack's `air_days`."""
    threshold: Days | None = None
    """Planned use in stock below which goods fly; left out: the pack's `air_threshold_days`."""
    oxide_price: UsdPerKg | None = None
    """Price from which on what flies only if dear (oxides) does; left out: the pack's `air_oxide_price`."""
    freight: UsdPerKg | None = None
    """Price of a gross kg flown; left out: the pack's `air_freight`."""


class OfficesText(StrictModel):
    """Licences as earlier regimes showed them: spread reviews, a tonnage a licence, users of all sizes."""


class PostponableText(StrictModel):
    """A part of a sector's use can wait or is made without; what is missing beyond it is output at risk."""

    share: Share | None = None
    """That part, the same for all sectors; left out: the pack's `postponable` of each sector."""


MODELS: Mapping[str, type[StrictModel]] = {
    "piles": PilesText, "new_supply": NewSupplyText, "market": MarketText, "producers": ProducersText,
    "limits": LimitsText, "swaps": SwapsText, "grades": GradesText, "designs": DesignsText,
    "sharing": SharingText, "priority": PriorityText, "expediting": ExpeditingText,
    "offices": OfficesText, "postponable": PostponableText,
}  # fmt: skip
"""Rule -> its settings"""


def _switch(model: type[StrictModel]) -> BeforeValidator:
    """Reads `on`, `off` or the settings of a rule."""

    def read(written: object, info: ValidationInfo) -> object:
        if written is False or written in ("off", "no"):
            return "off"
        if written is True or written in ("on", "yes"):
            return model()
        if isinstance(written, Mapping):
            return model.model_validate(written, context=info.context)
        if isinstance(written, model):
            return written
        examples = EXAMPLES | (OF_FLIGHTS if model is ExpeditingText else {})
        settings = "; ".join(f"`{{{key}: {examples.get(key, 'off')}}}`" for key in keys_of(model))
        raise fault(
            f"{quote(written)} does not say how this rule is to be followed",
            f"`on`, `off`{', or its settings, such as ' if settings else ''}{settings}",
        )

    return BeforeValidator(read)


class BehaviourText(StrictModel):
    """What people write below `behaviour`; a rule that is left out is followed, with the pack's numbers.

    Only `designs` and `priority` are not: they hold where they are named.
    """

    piles: Annotated[PilesText | Switch, _switch(PilesText)] = PilesText()
    """By-products that nobody buys: `off` lets them pile up without end."""
    new_supply: Annotated[NewSupplyText | Switch, _switch(NewSupplyText)] = NewSupplyText()
    """New supply is additional: `off` takes its buyers from others for good, whether or not it delivers."""
    market: Annotated[MarketText | Switch, _switch(MarketText)] = MarketText()
    """A market beside the contracts: `off` leaves what is unsold to the buyers of the plan."""
    producers: Annotated[ProducersText | Switch, _switch(ProducersText)] = ProducersText()
    """Mines and plants that answer: `off` lets them keep to their plan."""
    limits: Annotated[LimitsText | Switch, _switch(LimitsText)] = LimitsText()
    """Limits of growth: `off` lets residual mines and plants supply whatever is needed."""
    swaps: Annotated[SwapsText | Switch, _switch(SwapsText)] = SwapsText()
    """Dysprosium and terbium by effect: `off` keeps makers to the recipe."""
    grades: Annotated[GradesText | Switch, _switch(GradesText)] = GradesText()
    """Other grades of magnets: `off` keeps users to the grade of the plan."""
    designs: Annotated[DesignsText | Switch, _switch(DesignsText)] = "off"
    """Other designs: `on` lets users that are short turn to what needs none of it; off unless named."""
    sharing: Annotated[SharingText | Switch, _switch(SharingText)] = SharingText()
    """Lending inside a sector of a region: `off` leaves each user with what it was sent itself."""
    priority: Annotated[PriorityText | Switch, _switch(PriorityText)] = "off"
    """Who is served first: `off`, as without it, lets all share in proportion to planned use."""
    expediting: Annotated[ExpeditingText | Switch, _switch(ExpeditingText)] = ExpeditingText()
    """Goods that fly when stocks run low: `off` lets everything go its planned way."""
    offices: Annotated[OfficesText | Switch, _switch(OfficesText)] = OfficesText()
    """Licences as earlier regimes showed them: `off` lets every review take the same time and an approval
    cover whatever has piled up, of users that are all alike."""
    postponable: Annotated[PostponableText | Switch, _switch(PostponableText)] = PostponableText()
    """Use that can wait: `off` counts all that is missing as output at risk. It changes no tonne."""


def _block(written: object, info: ValidationInfo) -> object:
    if written in (RIGID_WORD, FREE_WORD) or isinstance(written, BehaviourText):
        return written
    if isinstance(written, Mapping):
        return BehaviourText.model_validate(written, context=info.context)
    word = nearest(written, [RIGID_WORD, FREE_WORD]) if isinstance(written, str) else None
    raise fault(
        f"{quote(written)} is no behaviour",
        f"did you mean `{word}`?"
        if word
        else f"`{RIGID_WORD}` (everybody keeps to the plan), `{FREE_WORD}` (all but `designs` and `priority`), "
        f"or a line for each rule: {', '.join(keys_of(BehaviourText))}",
    )


BehaviourOrWord = Annotated[BehaviourText | Literal["rigid", "free"], BeforeValidator(_block)]


def behaviour_of(written: BehaviourText | str, world: World) -> Behaviour:
    """The rules with all their numbers: those of the scenario, else the pack's."""
    if written == RIGID_WORD:
        return RIGID
    text = written if isinstance(written, BehaviourText) else BehaviourText()
    followed = [_followed(getattr(text, rule)) for rule in MODELS]
    piles, new, market, producers, limits, swaps, grades, designs, sharing = followed[:9]
    priority, expediting, offices, postponable = followed[9:]
    if limits is not None and set(limits.model_dump().values()) == {"off"}:
        limits = None
    return Behaviour(
        piles=piles and Piles(_or(piles.days, world.defaults.pile_days)),
        new_supply=new and NewSupply(_or(new.mean, world.defaults.new_supply_days)),
        market=market
        and Market(market.filled, market.patience, market.restricted, market.at_a_time),
        producers=producers and Producers(),
        limits=limits
        and Limits(**{part: how == "on" for part, how in limits.model_dump().items()}),
        swaps=swaps and Swaps(_or(swaps.share, world.defaults.swap_share)),
        grades=grades and Grades(),
        designs=designs and Designs(_or(designs.a_year, world.defaults.design_speed)),
        sharing=sharing and Sharing(_or(sharing.degree, world.defaults.sharing_degree)),
        priority=priority_of(priority),
        expediting=expediting and _expediting(expediting, world),
        offices=offices and Offices(),
        postponable=postponable and Postponable(postponable.share),
    )


def _expediting(written: ExpeditingText, world: World) -> Expediting:
    days, *others = (
        _or(getattr(written, setting), getattr(world.defaults, parameter))
        for setting, parameter in AIR.items()
    )
    # Goods land at midnights, so a flight takes whole days.
    return Expediting(float(ceil(days)), *others)


def _followed(rule: Any) -> Any:
    """The settings of a rule, None where it is off."""
    return None if rule == "off" else rule


def _or(own: float | None, of_pack: float) -> float:
    return of_pack if own is None else own


def described(written: BehaviourText | str, world: World) -> Mapping[str, Any]:
    """Of each rule `off`, or its numbers with their units, and those that the pack gives."""
    rules = behaviour_of(written, world)
    text = written if isinstance(written, BehaviourText) else BehaviourText()
    return {
        "piles": "off" if rules.piles is None else {
            "days": {
                "value": rules.piles.days, "unit": "d", **_origin(text.piles, "days", "pile_days", world),
            },
        },
        "new_supply": "off" if rules.new_supply is None else {
            "mean": {
                "value": rules.new_supply.mean_days, "unit": "d",
                **_origin(text.new_supply, "mean", "new_supply_days", world),
            },
        },
        "market": "off" if rules.market is None else {
            "filled": {"value": rules.market.filled},
            "patience": {"value": rules.market.patience_days, "unit": "d"},
            "restricted": {"value": rules.market.restricted_share},
            "at_a_time": {"value": rules.market.at_a_time},
            "days_to_qualify": _days_to_qualify(world),
        },
        "producers": "off" if rules.producers is None else "on",
        "limits": "off" if rules.limits is None else {
            key: {"value": value, "in_pack": in_pack}
            for (key, value), in_pack in zip(
                asdict(rules.limits).items(), _limited_in(world), strict=True
            )
        },
        "swaps": "off" if rules.swaps is None else {
            "share": {
                "value": rules.swaps.share, **_origin(text.swaps, "share", "swap_share", world),
            },
        },
        "grades": "off" if rules.grades is None else "on",
        "designs": "off" if rules.designs is None else {
            "a_year": {
                "value": rules.designs.a_year,
                **_origin(text.designs, "a_year", "design_speed", world),
            },
        },
        "sharing": "off" if rules.sharing is None else {
            "degree": {
                "value": rules.sharing.degree,
                **_origin(text.sharing, "degree", "sharing_degree", world),
                "of_pack": _of_pack("sharing_degree", world),
            },
        },
        "priority": described_priority(rules.priority, world),
        "expediting": "off" if rules.expediting is None else {
            setting: {
                "value": value, "unit": unit,
                **_origin(text.expediting, setting, AIR[setting], world),
            }
            for setting, value, unit in zip(
                AIR, asdict(rules.expediting).values(), ("d", "d", "USD/kg", "USD/kg"), strict=True
            )
        },
        "offices": "off" if rules.offices is None else "on",
        "postponable": "off" if rules.postponable is None else {
            "share": _postponable(rules.postponable, world),
        },
    }  # fmt: skip


AIR = {
    "days": "air_days", "threshold": "air_threshold_days", "oxide_price": "air_oxide_price",
    "freight": "air_freight",
}  # fmt: skip
"""Setting of the rule `expediting` -> parameter of the pack that it stands for"""
READS = {
    ("defaults", "pile_days"): ("piles", "days"),
    ("defaults", "new_supply_days"): ("new_supply", "mean"),
    ("defaults", "swap_share"): ("swaps", "share"),
    ("defaults", "design_speed"): ("designs", "a_year"),
    ("defaults", "sharing_degree"): ("sharing", "degree"),
    ("requalification", "days"): ("market", ""),
    ("sectors", "priority_class"): ("priority", ""),
    ("pack", "priority_classes"): ("priority", ""),
    ("sectors", "postponable"): ("postponable", "share"),
    **{("licence_office", parameter): ("offices", "") for parameter in ROWS_OF_OFFICES},
    **{("defaults", parameter): ("expediting", setting) for setting, parameter in AIR.items()},
    ("forms", "flies"): ("expediting", ""),
    ("products", "reo_per_t_finished"): ("expediting", ""),
}
"""Row of the pack -> the rule that reads it, and the setting that stands in its place, if there is one."""


def numbers_of_pack(
    written: BehaviourText, rows: Sequence[Row]
) -> Iterator[tuple[str, str, list[Row]]]:
    """(rule, setting, rows) where a scenario gives a number of its own that rows of the pack have too."""
    for place, (rule, setting) in READS.items():
        own = getattr(getattr(written, rule), setting, None) if setting else None
        alike = [row for row in rows if (row.table, row.parameter) == place]
        if own is not None and alike:
            yield rule, setting, alike


def reads(written: BehaviourText | str, row: tuple[str, str]) -> tuple[str, str] | None:
    """Why a row is not read by its rule, and what to do; None where it is."""
    rule, setting = READS[row]
    own = getattr(BehaviourText() if written == FREE_WORD else written, rule, None)
    if written == RIGID_WORD or own == "off":
        how = "write `priority: {sellers: by_class}`" if rule == "priority" else "switch it on"
        return f"the rule `{rule}` is off in this scenario", f"{how} under `behaviour`"
    if setting and getattr(own, setting, None) is not None:
        return (
            f"the scenario gives the rule `{rule}` its own `{setting}`",
            f"change that, or leave `{setting}` out",
        )
    return None


def _days_to_qualify(world: World) -> Mapping[str, Any]:
    """Form that is traded beside the contracts -> the days that the pack gives buyers, from and to."""
    traded = forms_traded(world)
    days: dict[str, list[float]] = {}
    for key, value in world.defaults.requalification_days.items():
        form = key.partition(":")[0]
        if form in traded:
            days.setdefault(form, []).append(value)
    return {
        form: {"from": min(each), "to": max(each), "unit": "d"}
        for form, each in sorted(days.items())
    }


def _postponable(rule: Postponable, world: World) -> Mapping[str, Any]:
    """The share of all sectors, or each one's own as the pack has it."""
    if rule.share is not None:
        return {"value": rule.share}
    own = {id: sector.postponable_share for id, sector in sorted(world.sectors.items())}
    return {"by_sector": own, "from_pack": "sectors"}


def forms_traded(world: World) -> frozenset[str]:
    """Forms that are sold by product, by element or by grade: what a market beside the contracts deals in."""
    by_element = {form.id for form in world.forms if form.kind == "elements"}
    return frozenset(by_element | {product.form for product in world.products})


def _origin(rule: Any, setting: str, parameter: str, world: World) -> dict[str, str]:
    """Where a number comes from that the scenario does not give."""
    if getattr(rule, setting, None) is not None:
        return {}
    return {"from_pack": "defaults"} if parameter in own_defaults(world) else {"from": "critmin"}


def _of_pack(parameter: str, world: World) -> Mapping[str, float]:
    """What the pack has for a number, and its range; empty where it has no row."""
    row = next(
        (row for row in world.rows if (row.table, row.parameter) == ("defaults", parameter)), None
    )
    cells = {"value": row.value, "low": row.low, "high": row.high} if row else {}
    numbers = {name: as_number(cell) for name, cell in cells.items()}
    return {name: number for name, number in numbers.items() if number is not None}


def own_defaults(world: World) -> frozenset[str]:
    """Which numbers of all sites the pack gives itself."""
    return frozenset(row.parameter for row in world.rows if row.table == "defaults")


def _limited_in(world: World) -> tuple[bool, bool, bool]:
    """Whether the pack has numbers for the limits of mines, of plants, and of recipes."""
    limited = {s.stage for s in world.sites.values() if s.most_growth_per_year is not None}
    recipes = [part for recipe in world.recipes.values() for part in recipe.ingredients]
    return MINE in limited, SEPARATION in limited, any(p.thrift_per_year > 0 for p in recipes)
