"""Changed numbers of the pack that a scenario does not read, each with the reason: said, not swallowed.

Every parameter of every table stands below in one place: a run reads it always, a page or figure shows it,
nobody reads it in this version, or a rule says when it is read. A lever adds what it reads by `Lever.reads`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from sim.lever import Lever, Reach, Restriction, reach_of
from sim.rules.behaviour import Behaviour, Limits
from sim.scenario import behaviour as rules
from sim.scenario.idle_rules import has_lenders
from sim.world.customs import GROSS, customs_unit, largest_exporter
from sim.world.flying import NEVER
from sim.world.names import MINE, RECYCLING, SEPARATION
from sim.world.places import is_simulated
from sim.world.world import AIR, Changed, Row, Site, World

LOOK_AHEAD_DAYS = 1100
"""No plan looks further ahead for what has to be on its way (see `sim/engine/plan/horizon.py`)."""
LATER_GROWTH = date(2030, 7, 1)
"""From when on `growth_from_2030` holds (see `sim/engine/plan/build.py`)."""

ALWAYS = {
    ("pack", "base_year"), ("pack", "basis"), ("pack", "stages"), ("pack", "mixed_form"),
    ("pack", "scrap_form"), ("pack", "members"), ("forms", "kind"),
    ("countries", "region"), ("sites", "name"), ("sites", "country"), ("sites", "region"),
    ("sites", "stage"), ("sites", "status"), ("demand", "need"), ("products", "form"),
    ("sectors", "form"), ("defaults", "producer_stock_days"),
}  # fmt: skip
SHOWN = {
    ("pack", "title"), ("elements", "name"), ("elements", "order"),
    ("elements", "price"), ("forms", "name"), ("regions", "name"), ("countries", "name"),
    ("products", "name"), ("sectors", "name"), ("corridors", "name"),
}  # fmt: skip
"""Names, order and prices: tables, figures and page show them, no tonne moves."""
WEIGHED = {("products", "reo_per_t_finished"), ("elements", "element_share")}
"""What goods weigh on the scales, by which exports are counted."""
_LATER = "waits for a later version"
NOBODY: Mapping[tuple[str, str], tuple[str, str]] = {
    ("corridors", "cost"): ("no way is chosen by its price", f"what transport costs {_LATER}"),
    ("lanes", "route"): ("it is a remark for readers of the table", "leave the change out"),
    ("corridors", "mode"): ("it is a remark for readers of the table", "leave the change out"),
    ("corridors", "states_crossed"): (
        "transit states stop no goods by themselves",
        "close the corridor by a shock",
    ),
    ("lanes", "states_crossed"): (
        "transit states stop no goods by themselves",
        "close the corridor by a shock",
    ),
    ("sites", "feed_from"): (
        "who feeds a site follows from flows.csv and links.csv",
        "change `planned_full` of the links, or name feeders by `fed_by` of a measure that starts it",
    ),
    ("sites", "mixed_goes_to"): (
        "where mixed concentrate goes follows from flows.csv and links.csv",
        "change `planned_full` of the links",
    ),
    ("sales", "share"): (
        "to whom a new site sells follows from links.csv",
        "change `planned_full` of the links, or name buyers by `sells_to` of a measure that starts it",
    ),
    ("sectors", "heatmap_group"): ("every sector has a row of its own", "leave the change out"),
    ("defaults", "amount_share"): ("a quota says its own `amount`", "give it in the lever"),
    ("pack", "other_stages"): (
        "sites of these stages are not simulated", "leave the change out",
    ),
    **dict.fromkeys(
        [
            *(("targets", each) for each in ("target", "tolerance", "measure", "per", "factor")),
        ],
        (
            "only `critmin calibration` reads it, and that compares the pack as it is",
            "change it in a pack of your own",
        ),
    ),
}  # fmt: skip
"""What no run reads, why, and what to do instead."""


NO_LIMITS = Limits(mines=False, separation=False, thrifting=False)
NOTHING_READS = "nothing in this scenario reads"
HARDLY_ANYTHING = "hardly anything in this scenario hangs on"


@dataclass(frozen=True, slots=True)
class Unread:
    """Why a changed number is not felt, and what would be."""

    why: str
    help: str
    hangs: str = NOTHING_READS


_Rule = Callable[["_Reader", Row], "Unread | None"]


def unread(
    changed: Sequence[Changed], base: World, world: World, levers: Sequence[Lever], ends: date,
    behaviour: rules.BehaviourText | str = rules.FREE_WORD,
) -> list[Unread | None]:  # fmt: skip
    """For each change, why nothing reads it in this scenario; None where something does.

    A row counts as read if it is in the pack as it was or as it is: a project that a change moves out of the
    scenario is felt.
    """
    if not changed:
        return []
    before, after = (_Reader.of(each, levers, ends, behaviour) for each in (base, world))
    return [_in_both(before.why(each.before), after.why(each.after)) for each in changed]


def _in_both(before: Unread | None, after: Unread | None) -> Unread | None:
    return after if before is not None else None


@dataclass(frozen=True, slots=True)
class _Reader:
    """What a scenario reads of one world."""

    world: World
    levers: Sequence[Lever]
    reach: Reach
    ends: date
    behaviour: rules.BehaviourText | str
    holding: Behaviour
    """Rules that hold, with their numbers"""
    rows: Mapping[tuple[str, str, str], str] = field(repr=False)
    """Table, first key, parameter -> value"""

    @classmethod
    def of(
        cls, world: World, levers: Sequence[Lever], ends: date, behaviour: rules.BehaviourText | str
    ) -> _Reader:
        """A world with what the levers do in it."""
        holding = rules.behaviour_of(behaviour, world)
        rows = {(row.table, row.key[0], row.parameter): row.value for row in world.rows}
        return cls(world, levers, reach_of(levers, world, ends), ends, behaviour, holding, rows)

    @property
    def limits(self) -> Limits:
        """Parts of the rule that growth has its limits that hold."""
        return self.holding.limits or NO_LIMITS

    def why(self, row: Row) -> Unread | None:
        """Why nothing reads a row; None where something does."""
        kind = row.table, row.parameter
        if kind in ALWAYS or kind in SHOWN or any(x.reads(row, self.reach) for x in self.levers):
            return None
        if kind in WEIGHED and _at_customs(self, row):
            return None
        if kind in NOBODY:
            return Unread(*NOBODY[kind])
        if kind in rules.READS:
            why = None if _approves(self, row) else rules.reads(self.behaviour, kind)
            return Unread(*why) if why else RULES_THAT_READ[row.table](self, row)
        return (RULES.get(kind) or RULES[row.table, ""])(self, row)

    def idle(self, *places: str) -> Unread | None:
        """Why some place of a row takes no part in the scenario; None where all do."""
        for place in places:
            site = self.world.sites.get(place)
            if site is not None and not self.reach.runs_by(site, self.ends):
                return Unread(
                    f"`{place}` does not run before the scenario ends ({_when(site)})",
                    "start it by a measure, or change its `earliest_start`",
                    self.beyond(site),
                )
            if site is not None and not is_simulated(self.world, site):
                return Unread(
                    f"`{place}` is of the stage `{site.stage}`, which is not simulated",
                    "leave the change out",
                )
        return None

    def beyond(self, site: Site) -> str:
        """How much hangs on a site that starts after the end: the plan looks a little further than that."""
        far = self.reach.runs_by(site, self.ends + timedelta(days=LOOK_AHEAD_DAYS))
        return HARDLY_ANYTHING if far else NOTHING_READS

    def is_new(self, place: str) -> bool:
        """Whether it is a site that does not run in the base year."""
        site = self.world.sites.get(place)
        return site is not None and site.status != "operating"

    def takes(self, place: str) -> set[str]:
        """Forms that may come to a place."""
        return {form for _, buyer, form in self.reach.sold if buyer == place}


def _when(site: Site) -> str:
    if site.earliest_start == site.earliest_start:
        return f"the pack has it start in {site.earliest_start:.0f}"
    return "the pack names no year"


# ---- sites


def _site(reader: _Reader, row: Row) -> Unread | None:
    """Which stage and status read a parameter of a site."""
    site = reader.world.sites[row.key[0]]
    parameter, stage = row.parameter, site.stage
    role = stage if stage in (MINE, SEPARATION, RECYCLING) else "maker"
    if parameter in _OF_ROLES and role not in _OF_ROLES[parameter]:
        whom = " and ".join(_ROLE_WORDS[name] for name in _OF_ROLES[parameter])
        return Unread(f"`{site.id}` is a {stage} site; it counts for {whom}", "leave it out")
    if parameter in ("earliest_start", "planned_capacity", "success", "ramp_cap", "ramp_years"):
        return _project(reader, site)
    idle = reader.idle(site.id)
    if idle is not None:
        return idle
    if parameter == "swarf_share" and not _sends_scrap(reader, site):
        return Unread(f"nobody takes the scrap of `{site.id}`, so all of it is lost either way",
                      "change `recovery` if less is to become goods")  # fmt: skip
    if parameter == "recovery":
        return _recovery(reader, row, site)
    return _of_today(reader, row, site) if parameter in _OF_TODAY else None


_OF_ROLES: Mapping[str, tuple[str, ...]] = {
    "storage_days": (MINE,),
    "growth": (MINE,),
    "most_growth": (MINE, SEPARATION),
    "processing_days": (SEPARATION, RECYCLING, "maker"),
    "recovery": (SEPARATION, RECYCLING, "maker"),
    "can_separate": (SEPARATION, RECYCLING),
    "drivers": (MINE, SEPARATION, RECYCLING),
    "driver_slack_days": (SEPARATION, RECYCLING),
    "products": ("maker",),
    "swarf_share": ("maker",),
}
_ROLE_WORDS = {
    MINE: "mines",
    SEPARATION: "separation plants",
    RECYCLING: "recyclers",
    "maker": "makers",
}
_OF_TODAY = ("output", "capacity", "growth", "most_growth", "plan")
"""Parameters of what runs in the base year."""


def _project(reader: _Reader, site: Site) -> Unread | None:
    """Size and ramp of what is to come: of a project, or of a site that the pack lets grow."""
    if site.id in reader.reach.started:
        return Unread(f"a lever says when and how `{site.id}` grows", "change the lever")
    grows = site.planned_capacity_t_per_year > site.output_t_per_year
    grows = grows and site.earliest_start == site.earliest_start
    if site.status == "operating" and not grows:
        return Unread(
            f"`{site.id}` runs today, and the pack plans no growth for it",
            "change `capacity`, or add to it by a measure",
        )
    if site.status == "asset":
        return Unread(f"`{site.id}` is started by nothing", "start it by a measure")
    if site.status == "operating":
        return None
    return reader.idle(site.id)


def _of_today(reader: _Reader, row: Row, site: Site) -> Unread | None:
    if site.status != "operating":
        return Unread(
            f"`{site.id}` does not run in the base year, so it has none",
            "change `planned_capacity`, or give a measure that starts it its own `capacity`",
        )
    grows = site.planned_capacity_t_per_year > 0 and site.earliest_start == site.earliest_start
    if row.parameter == "most_growth":
        return _most_growth(reader, site)
    if row.parameter == "growth" and site.plan == "residual":
        return Unread(f"`{site.id}` supplies what is still needed, however much that grows",
                      "change the growth of sectors, or its `most_growth` where `limits` holds")  # fmt: skip
    if row.parameter == "growth" and grows:
        return Unread(
            f"`{site.id}` grows to its `planned_capacity`", "change that", HARDLY_ANYTHING
        )
    if row.parameter != "output" or grows or _is_ore_limited(reader, site):
        return None
    if site.plan == "residual" or site.stage in (SEPARATION, RECYCLING):
        how = "its buyers need" if site.plan == "residual" else "it is fed, and its `recovery`"
        return Unread(
            f"it says what the base year was; what `{site.id}` makes follows from what {how}",
            "lower `capacity` to limit it",
        )
    return None


def _most_growth(reader: _Reader, site: Site) -> Unread | None:
    """How fast the ore of a residual mine, or what a residual plant treats of it, can grow."""
    if site.plan != "residual":
        return Unread(f"`{site.id}` follows a path of its own", "change that")
    holds = reader.limits.mines if site.stage == MINE else reader.limits.separation
    if not holds:
        return _only_limits("mines" if site.stage == MINE else "separation")
    if site.stage != MINE and not any(
        site.id in _fed_by(reader, s) for s in _residual_mines(reader)
    ):
        return Unread(f"`{site.id}` gets no ore of a mine whose `plan` is residual", "leave it out")
    return None


def _only_limits(part: str) -> Unread:
    why = f"only the rule `limits` of `behaviour` reads it (`{part}`), and it does not hold here"
    return Unread(why, f"let `limits` hold, with `{part}`")


def _is_ore_limited(reader: _Reader, site: Site) -> bool:
    """Whether the output of the base year is what the ore of a residual mine can grow from."""
    if site.plan != "residual" or site.stage != MINE:
        return False
    plants = [reader.world.sites[p] for p in _fed_by(reader, site) if p in reader.world.sites]
    at_plants = reader.limits.separation and any(
        p.plan == "residual" and p.most_growth_per_year is not None for p in plants
    )
    return at_plants or (reader.limits.mines and site.most_growth_per_year is not None)


def _residual_mines(reader: _Reader) -> list[Site]:
    sites = reader.world.sites.values()
    return [s for s in sites if s.stage == MINE and s.plan == "residual"]


def _fed_by(reader: _Reader, mine: Site) -> set[str]:
    return {f.buyer for f in reader.world.flows if f.seller == mine.id and f.t_per_year > 0}


def _sends_scrap(reader: _Reader, site: Site) -> bool:
    form = reader.world.scrap_form
    return any(f.seller == site.id and f.form == form for f in reader.world.flows)


def _recovery(reader: _Reader, row: Row, site: Site) -> Unread | None:
    """Whether this is the recovery of any input of the site."""
    forms = reader.takes(site.id)
    symbols = [element.symbol for element in reader.world.elements]
    _, form, element = row.key
    if form and form not in forms:
        return Unread(f"`{site.id}` gets no `{form}`", f"it gets {', '.join(sorted(forms))}")
    own = {key for key in site.recovery if key != "*"}
    for taken in forms if not form else {form}:
        for symbol in symbols if not element else [element]:
            specific = f"{taken}:{symbol}" in own if not element else False
            if not specific and (form or element or taken not in own):
                return None
    return Unread(f"every form that `{site.id}` gets has a recovery of its own", "change that")


# ---- who trades with whom


def _flow(reader: _Reader, row: Row) -> Unread | None:
    """A flow is a part among others; the only one is the whole, whatever its number."""
    seller, buyer, form, product = row.key
    idle = reader.idle(seller, buyer)
    if idle is not None or not float(row.value):
        return idle
    flows = [f for f in reader.world.flows if f.form == form and f.t_per_year > 0]
    own = not product and reader.world.sites[seller].plan != "residual"
    if own or form in (reader.world.mixed_form, reader.world.scrap_form):
        alike = {f.buyer for f in flows if f.seller == seller}
        only, follows = f"`{buyer}` takes all {form} of `{seller}`", "what that makes"
    else:
        alike = {f.seller for f in flows if f.buyer == buyer and f.product == product}
        what = f"{product} as {form}" if product else form
        only, follows = f"`{seller}` is the only supplier of {what} to `{buyer}`", "what that needs"
    if len(alike) > 1:
        return None
    # Beside its part it says how much room for growth a plant has.
    why = f"{only}, so the tonnes follow from {follows}"
    return Unread(why, "change that instead", HARDLY_ANYTHING)


def _link(reader: _Reader, row: Row) -> Unread | None:
    """Planned tonnes are a part among others that are planned; of a mine at work, tonnes for a new plant."""
    seller, buyer, form = row.key
    idle = reader.idle(seller, buyer)
    if idle is not None or row.parameter == "lane":
        return idle
    if not reader.is_new(seller) and not reader.is_new(buyer):
        return Unread("both run today, and flows.csv says what they trade", "change the flow")
    is_part = reader.is_new(seller) or form == reader.world.mixed_form
    if not is_part and reader.world.sites[seller].stage == MINE:
        return None
    planned = [key for key, link in reader.world.links.items() if link.planned_full_t_per_year > 0]
    end = 0 if is_part else 1
    alike = [key for key in planned if key[end] == row.key[end] and key[2] == form]
    if len(alike) > 1 or not float(row.value):
        return None
    who = f"`{seller}` sells" if is_part else f"`{buyer}` buys"
    return Unread(f"it is the only link by which {who} {form}, so all of it goes that way",
                  "change the capacity of the site, or add links in a pack of your own")  # fmt: skip


def _lane(reader: _Reader, row: Row) -> Unread | None:
    lane = row.key[0]
    on_it = [each.key for each in reader.world.rows if each.table == "links" and each.value == lane]
    idle = [reader.idle(*key[:2]) for key in on_it]
    if all(idle):
        return idle[0] if idle else Unread(f"no link goes by `{lane}`", "leave the change out")
    if row.parameter in ("next_corridor", "next_transit_days"):
        closes = reader.rows.get(("lanes", lane, "corridor"), "the corridor")
        return Unread(f"it is taken while `{closes}` is closed, and no lever closes that",
                      "add a shock that closes it")  # fmt: skip
    return None


def _corridor(reader: _Reader, row: Row) -> Unread | None:
    corridor = row.key[0]
    if corridor not in reader.reach.corridors():
        why = f"nothing that runs before the scenario ends goes by `{corridor}`"
        return Unread(why, "start the mine or plant whose goods would")
    if row.parameter == "capacity":
        return None
    return Unread("how long goods take by a corridor is in lanes.csv; a leg's days are the part of it that "
                  "a closure or a faster leg concerns, and no lever names one here",
                  "change `transit_days` of the lanes, or give the leg a `transit` by a measure")  # fmt: skip


def _traded(reader: _Reader, row: Row) -> Unread | None:
    """Only what is sold by product is traded beside the contracts."""
    form, sector = row.key
    if form not in rules.forms_traded(reader.world):
        return Unread(f"`{form}` is not traded beside the contracts", "leave the change out")
    if sector and form not in {reader.world.sectors[sector].form}:
        return Unread(f"`{sector}` buys no `{form}`", "leave the change out")
    return None


def _lent(reader: _Reader, row: Row) -> Unread | None:
    """Only end users whom licences tell apart have somebody to lend to."""
    if row.parameter != "sharing_degree" or has_lenders(reader.world, reader.levers, reader.reach):
        return None
    return Unread("only users of one end use lend to one another; they are told apart only where they need "
                  "licences, and none covers an end use with several",
                  "add a licence that covers one")  # fmt: skip


def _classes(reader: _Reader, row: Row) -> Unread | None:
    """Only where somebody is served by class, or a class has a floor; an order of classes needs several."""
    if row.parameter not in ("priority_class", "priority_classes"):
        return None
    rule = reader.holding.priority
    if rule is None or not rule.asks_for_classes:
        return Unread("nobody is served by class, and no class has a floor",
                      "write `by_class` below `priority`")  # fmt: skip
    return None


# ---- what flies


def _of_rule(reader: _Reader, row: Row) -> Unread | None:
    """What a rule goes by; in the air only where a form flies."""
    flies = any(form.flies != NEVER for form in reader.world.forms)
    if row.parameter not in AIR or flies:
        return None
    return Unread("no form flies", "write `always` or `if_dear` as its `flies` in forms.csv")


def _flies(reader: _Reader, row: Row) -> Unread | None:
    """Goods fly to end uses and makers, to nobody else."""
    form = row.key[0]
    sites = reader.world.sites
    bulk = {id for id, site in sites.items() if site.stage in (MINE, SEPARATION, RECYCLING)}
    users = {need.node for need in reader.world.demand} | (sites.keys() - bulk)
    if any(buyer in users for _, buyer, sold in reader.reach.sold if sold == form):
        return None
    return Unread(f"`{form}` goes to no end use and no maker, and nothing flies to anybody else",
                  "leave the change out")  # fmt: skip


def _weighed(reader: _Reader, row: Row) -> Unread | None:
    """What weighs how much counts where it flies, and only what is not weighed as the basis."""
    forms = {form.id: form for form in reader.world.forms}
    if row.table == "products":
        weighed = [
            forms[product.form] for product in reader.world.products if product.id == row.key[0]
        ]
    else:
        weighed = [form for form in forms.values() if form.kind == "elements"][1:]
    if any(form.flies != NEVER for form in weighed):
        return None
    neither = (
        f"`{row.key[0]}` does neither"
        if row.table == "products"
        else "no form that is weighed by element does either"
    )
    return Unread(
        f"it counts only where goods fly, or leave a restricting country, and {neither}",
        "leave the change out",
    )


def _at_customs(reader: _Reader, row: Row) -> bool:
    """Whether goods of which it says the weight leave a country whose exports a run lists by month."""
    world, reach = reader.world, reader.reach
    restricting = [lever for lever in reader.levers if isinstance(lever, Restriction)]
    countries = {lever.exporter for lever in restricting if lever.meets(reach)}
    return any(
        reach.may_export(country, form.id, row.key[0])
        for country in countries or {largest_exporter(world)}
        for form in world.forms
        if customs_unit(world, form.id) == GROSS
    )


# ---- use


def _cover(reader: _Reader, row: Row) -> Unread | None:
    place, form, _ = row.key
    idle = reader.idle(place)
    if idle is not None or form in reader.takes(place):
        return idle
    return Unread(f"`{place}` buys no `{form}`", "name a form that it buys")


def _recipe(reader: _Reader, row: Row) -> Unread | None:
    product, element = row.key
    if not any(need.product == product for need in reader.world.demand):
        return Unread(f"nobody needs `{product}`", "leave the change out")
    parts = reader.world.recipes[product].ingredients
    part = next((part for part in parts if part.element == element), None)
    if row.parameter == "thrift" and not reader.limits.thrifting:
        return _only_limits("thrifting")
    if row.parameter == "effect":
        return _swapped(reader)
    if row.parameter == "replaced_by" and part is not None and part.role == "essential":
        if not part.thrift_per_year and not part.effect:
            return Unread(f"{element} is essential in `{product}`, so nothing takes its place",
                          "make its `role` filler")  # fmt: skip
        if part.effect and _swapped(reader) is None:
            return None
        if part.thrift_per_year:
            return None if reader.limits.thrifting else _only_limits("thrifting")
        return _swapped(reader)
    return None


def _only_rule(rule: str, but: str = "does not hold here") -> Unread:
    why = f"only the rule `{rule}` of `behaviour` reads it, and it {but}"
    return Unread(why, f"let `{rule}` hold")


def _swapped(reader: _Reader) -> Unread | None:
    """Whether makers swap what gives a grade its effect."""
    return _only_rule("swaps") if reader.holding.swaps is None else None


def _other_grade(reader: _Reader, row: Row) -> Unread | None:
    """What stands in for what, and in which part of a sector."""
    if reader.holding.grades is None:
        return _only_rule("grades")
    needs = reader.world.demand
    products = {each.id: each for each in reader.world.products}
    if row.table == "products":
        product = products[row.key[0]]
        asked = {*product.serves, *product.serves_in_part}
        if not any(need.product in asked for need in needs):
            return Unread(f"nobody needs what `{product.id}` stands in for", "leave the change out")
        return None
    of_sector = {need.product for need in needs if need.sector == row.key[0]}
    if not any(of_sector & set(each.serves_in_part) for each in products.values()):
        return Unread(f"nothing serves `{row.key[0]}` in part", "give a product `serves_in_part`")
    return None


def _other_design(reader: _Reader, row: Row) -> Unread | None:
    """How much of its use a sector can do without, by another design."""
    if reader.holding.designs is None:
        return _only_rule("designs", "is off unless it is named")
    return _sector(reader, row)


def _approves(reader: _Reader, row: Row) -> bool:
    """Whether these are the days in which users approve another grade."""
    if row.table != "requalification":
        return False
    if reader.holding.grades is None:
        return False
    return any(p.form == row.key[0] and p.serves_in_part for p in reader.world.products)


def _element_share(reader: _Reader, row: Row) -> Unread | None:
    """How much element is in a tonne counts where effects are compared, and where metal is weighed to fly."""
    needed = {need.product for need in reader.world.demand}
    recipes = (recipe for id, recipe in reader.world.recipes.items() if id in needed)
    parts = [part for recipe in recipes for part in recipe.ingredients]
    is_swapped = any(part.element == row.key[0] and part.effect for part in parts)
    if is_swapped and reader.holding.swaps is not None:
        return None
    if reader.holding.expediting is not None:
        return _weighed(reader, row)
    why = "only the rules `expediting` and, of ingredients with an `effect`, `swaps` read it, and none holds"
    return Unread(why, "let one of them hold")


def _sector(reader: _Reader, row: Row) -> Unread | None:
    if not any(need.sector == row.key[0] for need in reader.world.demand):
        return Unread(f"`{row.key[0]}` needs nothing", "leave the change out")
    later = row.parameter == "growth_from_2030"
    if later and reader.ends + timedelta(days=LOOK_AHEAD_DAYS) <= LATER_GROWTH:
        return Unread("the scenario ends before it counts", "let it end in 2031 or later")
    return None


RULES_THAT_READ: Mapping[str, _Rule] = {
    "defaults": lambda reader, row: _of_rule(reader, row) or _lent(reader, row),
    "requalification": _traded, "forms": _flies, "products": _weighed, "pack": _classes,
    "sectors": lambda reader, row: _classes(reader, row) or _sector(reader, row),
    "licence_office": lambda reader, row: _by_lever(reader, row),
}  # fmt: skip
"""Table of what a rule of behaviour reads -> which of its rows"""


# ---- what only levers read


def _by_lever(reader: _Reader, row: Row) -> Unread | None:
    of_plain_office = row.parameter in ("reviewers", "cases_per_week")
    if of_plain_office and reader.world.licence_office.cases_a_week is not None:
        return Unread(
            "`office_cases_per_week` stands for it while the rule `offices` holds",
            "change that one",
        )
    return Unread(*_LEVERS_WORDS[row.table])


_LEVERS_WORDS = {
    "licence_office": (
        "no licence of the scenario takes it from the pack",
        "add a restriction by licences, or leave the setting that replaces it out",
    ),
    "end_users": (
        "end users are told apart only where they need licences, and none covers what these buy",
        "add a licence that covers it",
    ),
    "holidays": (
        "only a licence whose review is in working days looks at the calendar of its exporter",
        "give a licence `review: 45 working days`",
    ),
    "forms": ("no licence is in the scenario", "add a restriction by licences"),
    "stockpiles": (
        "no lever releases this stockpile, or it gives the value itself",
        "add a measure that releases it, or leave its own setting out",
    ),
    "elements": (
        "lists show it, and no restriction names the family",
        "leave the change out",
    ),
    "countries": (
        "it says only whether a restriction may name the country as a destination, and none does",
        "leave the change out",
    ),
}

RULES: Mapping[tuple[str, str], _Rule] = {
    ("sites", ""): _site,
    ("ores", ""): lambda reader, row: reader.idle(row.key[0]),
    ("flows", ""): _flow,
    ("links", ""): _link,
    ("lanes", ""): _lane,
    ("corridors", ""): _corridor,
    ("covers", ""): _cover,
    ("recipes", ""): _recipe,
    ("elements", "element_share"): _element_share,
    ("sectors", ""): _sector,
    ("sectors", "other_grade"): _other_grade,
    ("sectors", "other_design"): _other_design,
    ("products", "serves"): _other_grade,
    ("products", "serves_in_part"): _other_grade,
    ("forms", "order"): lambda reader, row: Unread(
        "the forms follow one another along the chain as before", "leave the change out"
    ),
    **{(table, ""): _by_lever for table in _LEVERS_WORDS},
}
"""Table (and parameter, where one has a rule of its own) -> when it is read."""
