"""The world as engine and scenarios see it: frozen, in t REO and days, each number traceable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from math import inf, nan
from typing import NamedTuple

from sim.words.problems import Problem
from sim.words.quantities import DAYS_PER_YEAR

TO_THE_END, IN_PLACE = "go to the end", "keep their place"
"""What becomes of cases that an office returns"""


@dataclass(frozen=True, slots=True)
class Source:
    """A publication the public can open (or, for `estimate`, the statement that there is none)."""

    id: str
    publisher: str
    title: str
    year: str
    link: str


class Row(NamedTuple):
    """One value of a pack as it stands in its table.

    A pack has thousands; a tuple is made in a twentieth of the time that a frozen dataclass takes.
    """

    table: str
    key: tuple[str, ...]
    """The identifying cells in the table's own order, without `parameter`."""
    parameter: str
    value: str
    unit: str
    year: str
    source: str
    locator: str
    confidence: str
    low: str
    high: str
    note: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Changed:
    """A row of the pack and what a scenario put in its place."""

    before: Row
    after: Row


@dataclass(frozen=True, slots=True)
class Element:
    """A chemical element (or, in other packs, any conserved constituent)."""

    symbol: str
    name: str
    family: str
    """`light` or `heavy` in the rare-earth pack; free text elsewhere."""
    price_usd_per_kg: float | None
    element_share: float = 1.0
    """t of the element in a tonne of the accounting basis (its oxide); for display only."""


@dataclass(frozen=True, slots=True)
class Form:
    """A state of the material between two stages."""

    id: str
    name: str
    order: int
    """Forms follow one another in this order along the chain."""
    kind: str
    """`elements`: traded element by element (oxide, metal); `blend`: one mixture (concentrate,
    magnet, swarf)."""
    licence_group: str
    """Forms of one group share a licence case; empty: never licensed."""
    flies: str = "never"
    """`always`, `if_dear` (from a price on) or `never`, where goods fly to who is nearly out of them."""


@dataclass(frozen=True, slots=True)
class Product:
    """What a buyer orders: an element of an `elements` form, or a grade of a `blend` form."""

    id: str
    form: str
    name: str
    reo_per_t_finished: float | None
    """t REO in a finished tonne; None where the tonnage is already t REO."""
    serves: tuple[str, ...] = ()
    """Grades in whose place it can be used as it is, those first that it is closest to."""
    serves_in_part: tuple[str, ...] = ()
    """Grades in whose place a part of the users can use it once they have approved it."""


@dataclass(frozen=True, slots=True)
class Ingredient:
    """One element of a recipe."""

    element: str
    share: float
    """t of this element per t REO of the product; the shares of a recipe add to 1."""
    role: str
    """`essential` limits output and carries scope; for a missing `filler` comes `replaced_by`."""
    replaced_by: str
    """Group that takes the place of a missing filler, or of what is thrifted, tonne for tonne of REO."""
    thrift_per_year: float = 0.0
    """Fraction by which the share falls each year from the base year on, where that rule holds."""
    effect: float = 0.0
    """Of a tonne of it, by element mass, in a measure of the product's own; what gives none has 0."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a grade is made of."""

    product: str
    ingredients: tuple[Ingredient, ...]


@dataclass(frozen=True, slots=True)
class Country:
    """A state; `standalone` when it is a demand region of its own and can be a destination."""

    id: str
    name: str
    region: str
    standalone: bool


@dataclass(frozen=True, slots=True)
class Region:
    """A region of demand."""

    id: str
    name: str


OTHER_CLASS = "other"
"""Priority class of sectors that have none of their own"""


@dataclass(frozen=True, slots=True)
class Sector:
    """An end use."""

    id: str
    name: str
    form: str
    """The form it buys: `magnet` or `oxide` in the rare-earth pack."""
    growth_per_year: float
    """Fraction, e.g. 0.075."""
    heatmap_group: str
    priority_class: str
    later_growth_per_year: float | None = None
    """From `LATER_GROWTH_YEAR` on; None: the same rate goes on."""
    other_grade: float = 0.0
    """Part of its use that a grade which serves in part can take."""
    other_design: float = 0.0
    """Part of its use that can turn to a design without any of it."""
    postponable_share: float = 0.0
    """Part of its use that can be postponed or made without."""


@dataclass(frozen=True, slots=True)
class Site:
    """A mine, plant or maker. Tonnes are t REO a year, shares are fractions, years may have one."""

    id: str
    name: str
    country: str
    region: str
    stage: str
    """One of the pack's stages, or `recycling`."""
    status: str
    """`operating` (runs in the base year), `project` (announced: ramps by itself in a growing
    world), `asset` (runs only when a lever says so)."""
    plan: str
    """`own`: follows its own path; `residual`: grows with what is still needed."""
    output_t_per_year: float
    """Planned output of the base year: mine REO shipped or stored, separation REO of FEED, makers
    REO out, recycling oxide out."""
    capacity_t_per_year: float
    """Same basis as `output_t_per_year`."""
    growth_per_year: float
    """Own growth of planned output, fraction a year (mines); 0 where none is given."""
    processing_days: float
    recovery: Mapping[str, float]
    """By input form; key `*` is the default. Where an element has its own (swarf Dy, Tb) the key is
    `form:element`."""
    can_separate: tuple[str, ...]
    """Elements a separation or recycling plant splits out; the rest leaves as the mixed form."""
    drivers: tuple[str, ...]
    """Elements for whose sake the site runs; members of a group count together."""
    driver_slack_days: float
    storage_days: float
    """Mines: days of planned output that fit in the store; infinite where not limited."""
    basket: Mapping[str, float]
    """Mines: share of each element in the output, adds to 1."""
    products: tuple[str, ...]
    """Grades a magnet maker can make."""
    swarf_share: float
    """Makers: part of the input that leaves as swarf; the rest of what is not recovered is lost."""
    planned_capacity_t_per_year: float
    """Design size of a project or asset, same basis as capacity."""
    earliest_start: float
    """Calendar year of first output, with fraction; nan for operating sites."""
    ramp_years: float
    """From first output to 90 % of design (10 to 90 % of an S-curve)."""
    ramp_cap: float
    """Part of design size that is reached in the end."""
    success: float
    """Probability that the project is built."""
    sells_to: Mapping[str, float]
    """Region -> share of planned sales; empty where links and buyers decide."""
    sells_to_sites: Mapping[str, float]
    feed_from: tuple[str, ...]
    mixed_goes_to: str
    """Site that takes the mixed concentrate a light plant cannot split; empty where there is none
    or it is stored."""
    most_growth_per_year: float | None = None
    """Residual mines and plants: how fast their ore can grow at most, where that rule holds; None: as
    fast as it is needed."""

    @property
    def ramp_days(self) -> float:
        """The ramp with the year of 365 days that a lever's `ramp: 4 years` has too."""
        return self.ramp_years * DAYS_PER_YEAR


def end_use_id(sector: str, region: str) -> str:
    """Id of a demand node, `use_<sector>_<region>` in lower case."""
    return f"use_{sector}_{region}".lower()


@dataclass(frozen=True, slots=True)
class Demand:
    """Yearly need of one sector in one region for one product, in the base year."""

    sector: str
    region: str
    product: str
    t_per_year: float
    """t REO."""

    @property
    def node(self) -> str:
        """Id of the demand node."""
        return end_use_id(self.sector, self.region)


@dataclass(frozen=True, slots=True)
class Flow:
    """A planned flow of the balanced base year; `product` is an element, a grade, or empty."""

    seller: str
    buyer: str
    form: str
    product: str
    t_per_year: float


@dataclass(frozen=True, slots=True)
class Link:
    """A lane between two places for one form."""

    seller: str
    buyer: str
    form: str
    transit_days: float
    corridor: str
    """Id of a corridor, or empty for a lane that belongs to none."""
    route: str
    states_crossed: tuple[str, ...]
    qualified: bool
    """The buyer accepts this seller today (a share in the base year)."""
    requalification_days: float
    planned_full_t_per_year: float
    """Unrisked planned flow of a project's link at design size; 0 for the links of today."""
    next_corridor: str = ""
    """Id of the corridor that goods take while the first is closed; empty: there is none."""
    next_transit_days: float = nan
    """Days by the next corridor."""


@dataclass(frozen=True, slots=True)
class Leg:
    """One leg of a corridor."""

    name: str
    mode: str
    days: float
    capacity_t_per_week: float
    """Room for this trade, t REO a week; infinite where nothing binds."""
    usd_per_t: float
    """USD per t of the pack's basis; nan where no figure is known."""


@dataclass(frozen=True, slots=True)
class Corridor:
    """A chain of legs."""

    id: str
    name: str
    legs: tuple[Leg, ...]
    states_crossed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cover:
    """Days of use a place wants to hold of one form (and element, where it has its own rule)."""

    place: str
    """Site id or demand node id."""
    form: str
    element: str
    """Empty: every element of the form without a rule of its own."""
    days: float


@dataclass(frozen=True, slots=True)
class Stockpile:
    """A policy stock; it exists only where a lever releases it."""

    id: str
    region: str
    form: str
    t: float


@dataclass(frozen=True, slots=True)
class EndUsers:
    """Who stands behind a buyer when licences are asked for."""

    node: str
    shares: tuple[float, ...]
    """Share of the node's purchases by user, adds to 1."""
    military: tuple[bool, ...]
    named: bool = True
    """Whether the pack names each with its share; else they follow from their number and a rule of sizes"""

    def all_alike(self) -> EndUsers:
        """The same number of users, each as large as the others unless the pack says how large it is."""
        if self.named:
            return self
        count, military = len(self.shares), sum(self.military)
        first = tuple(user < military for user in range(count))
        return EndUsers(self.node, (1 / count,) * count, first, named=False)


@dataclass(frozen=True, slots=True)
class LicenceOffice:
    """Defaults of a licensing regime where a scenario does not say otherwise."""

    reviewers: int
    cases_per_week: float
    review_days: float
    review_low_days: float
    review_high_days: float
    approve: float
    return_: float
    refuse: float
    reapply_days: float
    validity_days: float
    renewal_review_factor: float
    military: str
    cases_a_week: float | None = None
    """That the office closes in all; None: `reviewers` times `cases_per_week`."""
    mean_review_days: float | None = None
    """Reviews are drawn up to `review_days`, with this mean; None: every one takes `review_days`."""
    first_application_days: float = 0.0
    """Over which first applications come in."""
    tonnage_days: float = inf
    """Days of planned use that a licence covers; infinite: whatever its user orders."""
    covered_share: float | None = None
    """Part of planned use that licences cover at most: tonnage of one by time to the next; None: all."""
    returned: str = TO_THE_END
    ruled: bool = False
    """Whether the rule `offices` holds: a renewal has the draw of the approval before it, and nobody files for
    goods that it does not plan to buy."""

    def plain(self) -> LicenceOffice:
        """The office without the rule `offices`: as the rows that every pack has say it."""
        return replace(
            self, cases_a_week=None, mean_review_days=None, first_application_days=0.0,
            tonnage_days=inf, covered_share=None, returned=TO_THE_END, ruled=False,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Holidays:
    """Weekdays on which an exporter's offices are closed."""

    dates: frozenset[date]
    known_years: tuple[int, ...]
    typical_weekdays_per_year: float
    """Used, spread evenly, for years whose calendar is not known."""


@dataclass(frozen=True, slots=True)
class Target:
    """A published figure that the model's base year is compared with."""

    id: str
    quantity: str
    kind: str
    """`input`, `emergent` or `comparison`."""
    stage: str
    value: float
    unit: str
    tolerance: float
    tolerance_kind: str
    """`percent` (of the value) or `points`."""
    low: float
    high: float
    source: str
    confidence: str
    note: str
    measure: str = ""
    """What is added up, e.g. `production stage=mine country=CHN` (see `sim/credibility/calibration.py`)."""
    per: str = ""
    """What it is divided by, in the same words; empty: nothing."""
    factor: float = 1.0


AIR_DAYS, AIR_THRESHOLD_DAYS, AIR_OXIDE_PRICE, AIR_FREIGHT = 5.0, 10.0, 50.0, 6.0
AIR = {
    "air_days": AIR_DAYS, "air_threshold_days": AIR_THRESHOLD_DAYS, "air_oxide_price": AIR_OXIDE_PRICE,
    "air_freight": AIR_FREIGHT,
}  # fmt: skip
"""Of packs that say nothing of goods that fly to who is nearly out of them: days and USD/kg."""


@dataclass(frozen=True, slots=True)
class Defaults:
    """Rules of the pack that belong to no single site."""

    producer_stock_days: float
    quota_share: float
    pile_days: float
    """Days of planned output that the pile of a by-product holds."""
    new_supply_days: float
    """Days over which the shortfall of a new seller is averaged."""
    swap_share: float
    """Part of a grade's effect that other ingredients may give than its recipe says."""
    design_speed: float
    """Part of a sector's use that can turn to another design in a year."""
    requalification_days: Mapping[str, float]
    """By form, or `form:sector` where a sector has its own."""
    sharing_degree: float
    """Part of what users of one end use hold above the mean that they lend one another within a week."""
    air_days: float = AIR_DAYS
    """By air, door to door."""
    air_threshold_days: float = AIR_THRESHOLD_DAYS
    """Days of planned use in stock below which goods fly."""
    air_oxide_price: float = AIR_OXIDE_PRICE
    """USD/kg from which on what flies `if_dear` does."""
    air_freight: float = AIR_FREIGHT
    """USD a gross kg."""


@dataclass(frozen=True, slots=True)
class World:
    """Everything a run needs to know about the world; `rows` trace each number to its source."""

    id: str
    title: str
    base_year: int
    basis: str
    """What a tonne is, for labels: `t REO` in the rare-earth pack."""
    content_hash: str
    stages: tuple[str, ...]
    elements: tuple[Element, ...]
    groups: Mapping[str, tuple[str, ...]]
    """Group -> members that stand in for one another in a recipe."""
    forms: tuple[Form, ...]
    mixed_form: str
    """The form in which elements a plant cannot split travel on."""
    scrap_form: str
    """The form in which makers' offcuts return."""
    products: tuple[Product, ...]
    recipes: Mapping[str, Recipe]
    countries: Mapping[str, Country]
    regions: Mapping[str, Region]
    sectors: Mapping[str, Sector]
    sites: Mapping[str, Site]
    demand: tuple[Demand, ...]
    flows: tuple[Flow, ...]
    links: Mapping[tuple[str, str, str], Link]
    corridors: Mapping[str, Corridor]
    covers: tuple[Cover, ...]
    stockpiles: Mapping[str, Stockpile]
    end_users: Mapping[str, EndUsers]
    licence_office: LicenceOffice
    holidays: Mapping[str, Holidays]
    """By country; key `*` for any other."""
    defaults: Defaults
    targets: tuple[Target, ...]
    sources: Mapping[str, Source]
    rows: tuple[Row, ...] = field(repr=False)
    changes: tuple[Changed, ...] = ()
    """Rows of the pack that a scenario replaced, before and after."""
    tables: Mapping[str, str] = field(default_factory=dict, repr=False)
    """File name -> text of the tables of an own pack, as they were read; of a shipped pack there are none."""
    cautions: tuple[Problem, ...] = ()
    """What the pack leaves out and probably should not."""
    classes_in_order: tuple[str, ...] = ()
    """Priority classes of sectors, the first served first; empty where the pack does not say."""

    @property
    def priority_classes(self) -> tuple[str, ...]:
        """Classes of sectors in the order in which they are served where somebody serves by class.

        Where the pack gives no order: as the sectors name them, `other` last.
        """
        named = dict.fromkeys(sector.priority_class for sector in self.sectors.values())
        return self.classes_in_order or tuple(sorted(named, key=lambda name: name == OTHER_CLASS))

    @property
    def is_own(self) -> bool:
        """Whether the pack is a folder of the user's, not one that comes with the program."""
        return bool(self.tables)

    def row(self, table: str, parameter: str, *key: str) -> Row:
        """The row behind a number; key cells left out are empty. KeyError where there is none."""
        for row in self.rows:
            if row.table == table and row.parameter == parameter and _is_key(row.key, key):
                return row
        raise KeyError(f"{table}: {' '.join(key)} {parameter}")


def _is_key(whole: tuple[str, ...], given: tuple[str, ...]) -> bool:
    return whole[: len(given)] == given and not any(whole[len(given) :])
