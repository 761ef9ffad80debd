"""Consistency of a world: shares add to 1, links have what they need, the base year closes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from sim.words.problems import Problem, list_names, quote, suggest
from sim.words.quantities import plain_number
from sim.world.balance import Closure, closures
from sim.world.names import MINE, RECYCLING, SEPARATION
from sim.world.tables import PackText
from sim.world.world import Ingredient, Recipe, Row, World

SUM_TOLERANCE = 1e-6
BLEND = "blend"
"""The kind of form that the rules below are about."""
BALANCE_TOLERANCE = 1e-4
"""Share of a flow that rounding of the tables may leave open."""


def check_world(world: World, pack: PackText) -> None:
    """Note every inconsistency.

    The balance is checked for the pack as shipped: a scenario that changes a recovery or a need
    means to leave the base year.
    """
    _check_sums(pack)
    _check_parts(world, pack)
    _check_stages(world, pack)
    _check_classes(world, pack)
    _check_traded(world, pack)
    _check_links(world, pack)
    _check_places(world, pack)
    _check_users(pack)
    _check_office(pack)
    if not world.changes and not pack.problems:
        open_ = [c for c in closures(world) if c.residual > BALANCE_TOLERANCE]
        lossless = {c.place for c in open_ if _lacks_recovery(world, c.place)}
        for site in sorted(lossless):
            message = (
                f"`{site}` has no `recovery`, so it counts as 100 %, and its flows do not close"
            )
            _at(pack, "sites", site, "stage", message, "add a row `recovery` to sites.csv")
        for closure in open_:
            if not lossless:  # which may be why the others do not close either
                _add_closure(pack, closure)


def _lacks_recovery(world: World, place: str) -> bool:
    site = world.sites.get(place)
    return site is not None and site.stage != MINE and not site.recovery


def _check_sums(pack: PackText) -> None:
    """Shares of one thing add to 1."""
    totals: dict[tuple[str, ...], list[Row]] = {}
    regions = {row.key[0] for row in pack.rows if row.table == "regions"}
    for row in pack.rows:
        if row.parameter == "share":
            # Sales are shared out twice: over regions and over named sites.
            part = "regions" if row.table == "sales" and row.key[1] in regions else ""
            totals.setdefault((row.table, row.key[0], part), []).append(row)
        elif row.table == "licence_office" and row.parameter in ("approve", "return", "refuse"):
            totals.setdefault((row.table, row.key[0], ""), []).append(row)
    for (_, subject, _), rows in totals.items():
        total = sum(float(row.value) for row in rows)
        if abs(total - 1.0) > SUM_TOLERANCE:
            message = f"the {len(rows)} shares of `{subject}` add up to {total:.7g}, not to 1"
            shown = next((row for row in rows if pack.is_changed(row)), rows[0])
            pack.fault(shown, "value", message, "they are parts of one whole")


def _check_parts(world: World, pack: PackText) -> None:
    for site in world.sites.values():
        if site.stage == MINE and not site.basket:
            message = f"the mine `{site.id}` has no rows in ores.csv"
            help = "say there which share each element has in its ore"
            _at(pack, "sites", site.id, "stage", message, help)
        # A scenario may limit a site to less than it made; it then stays behind the plan.
        is_limited = ("sites", (site.id, "", ""), "capacity") in pack.moved
        most = site.capacity_t_per_year * (1 + SUM_TOLERANCE)
        if site.output_t_per_year > most and not is_limited:
            message = f"`{site.id}` makes more than its capacity"
            help = "raise `capacity` or lower `output`"
            if not site.capacity_t_per_year:
                message = f"`{site.id}` has an output, but no `capacity`"
                help = "add a row `capacity`, at least as large as `output`"
            _at(pack, "sites", site.id, "output", message, help)
        for product in site.products:
            if product not in world.recipes:
                help = f"add rows for {product} to recipes.csv"
                _at(pack, "sites", site.id, "products", f"{quote(product)} has no recipe", help)
    for recipe in world.recipes.values():
        for part in recipe.ingredients:
            if part.role == "filler":
                _check_filler(world, pack, recipe.product, part)
            if part.thrift_per_year > 0:
                _check_thrift(world, pack, recipe, part)
        _check_effects(world, pack, recipe)
    _check_stand_ins(world, pack)
    _check_next_routes(pack)
    _check_order(world, pack)
    for corridor in world.corridors.values():
        if not corridor.legs:
            message = f"the corridor {quote(corridor.id)} has no legs"
            help = "add rows with the numbers 1, 2, 3 in the column `leg`"
            _at(pack, "corridors", corridor.id, "name", message, help)


def _check_filler(world: World, pack: PackText, product: str, part: Ingredient) -> None:
    """Something else than the filler itself takes its place."""
    key = product, part.element
    others = set(world.groups.get(part.replaced_by, (part.replaced_by,))) - {part.element, ""}
    if not part.replaced_by:
        message = f"nothing takes the place of the filler {part.element}"
        pack.fault(
            _find(pack.rows, "recipes", key, "role"), "value", message, "add a row `replaced_by`"
        )
    elif not others:
        message = f"the filler {part.element} is replaced by itself alone"
        help = "name an element, or a group with another one in it"
        pack.fault(_find(pack.rows, "recipes", key, "replaced_by"), "value", message, help)


def _check_thrift(world: World, pack: PackText, recipe: Recipe, part: Ingredient) -> None:
    """Something else in the product makes up the mass of what is saved."""
    others = set(world.groups.get(part.replaced_by, (part.replaced_by,))) - {part.element}
    if not others & {other.element for other in recipe.ingredients}:
        message = (
            f"nothing in `{recipe.product}` makes up the mass of the {part.element} that is saved"
        )
        row = _find(pack.rows, "recipes", (recipe.product, part.element), "thrift")
        help = "add a row `replaced_by` that names an ingredient of it, or a group with one"
        pack.fault(row, "value", message, help)


def _check_effects(world: World, pack: PackText, recipe: Recipe) -> None:
    """What gives a product its effect can be swapped, and something makes up the mass."""
    giving = [part for part in recipe.ingredients if part.effect > 0]
    for part in giving:
        fault = _fault_of_effect(world, recipe, giving, part)
        if fault is not None:
            row = _find(pack.rows, "recipes", (recipe.product, part.element), "effect")
            pack.fault(row, "value", *fault)
            return


def _fault_of_effect(
    world: World, recipe: Recipe, giving: Sequence[Ingredient], part: Ingredient
) -> tuple[str, str] | None:
    """What is wrong with one ingredient that gives an effect, and what to do."""
    element, product = part.element, f"`{recipe.product}`"
    grouped = {member for members in world.groups.values() for member in members}
    named = {frozenset(world.groups.get(p.replaced_by, (p.replaced_by,))) for p in giving}
    others = {p.element for p in recipe.ingredients} - {p.element for p in giving}
    if len(giving) < 2:
        message = f"{element} is the only ingredient of {product} with an effect"
        return message, "give another one its `effect`, or delete the row"
    if part.role != "essential" or element in grouped:
        what = "a filler" if part.role != "essential" else "a member of a group"
        message = f"{element} is {what} in {product}, and has an `effect`"
        return message, "only a single essential ingredient is swapped"
    if len(named) > 1:
        message = f"what gives {product} its effect has not one `replaced_by` in common"
        return message, "name what makes up the mass, the same at each"
    (makes_up,) = named
    if not others & makes_up:
        message = f"nothing in {product} makes up the mass when {element} is swapped"
        return message, "add a row `replaced_by`: an ingredient without an effect, or a group"
    more = _mass_of_weakest(world, giving)
    if more > sum(p.share for p in recipe.ingredients if p.element in makes_up):
        message = (
            f"by these effects a swap in {product} could take {more:.3g} of its mass, more than it has of "
            f"{part.replaced_by}"
        )
        return message, "check the numbers: effects are per t of element"
    return None


def _mass_of_weakest(world: World, giving: Sequence[Ingredient]) -> float:
    """Mass beyond the recipe, in parts of the product, if the weakest ingredient gave all of the effect."""
    share = {element.symbol: element.element_share for element in world.elements}
    weights = [part.effect * share[part.element] for part in giving]
    effect = sum(part.share * weight for part, weight in zip(giving, weights, strict=True))
    return effect / min(weights) - sum(part.share for part in giving)


def _check_stand_ins(world: World, pack: PackText) -> None:
    """A grade stands in for another one of its form, in one way."""
    form = {product.id: product.form for product in world.products}
    for product in world.products:
        for parameter, others in (
            ("serves", product.serves),
            ("serves_in_part", product.serves_in_part),
        ):
            for other in others:
                message = ""
                if other == product.id:
                    message = f"`{other}` stands in for itself"
                elif form[other] != product.form:
                    message = f"`{product.id}` is {product.form}, and `{other}` is {form[other]}"
                elif parameter == "serves" and other in product.serves_in_part:
                    message = f"`{product.id}` serves `{other}` as it is, and in part"
                if message:
                    help = "name other grades of the same form, each once"
                    _at(pack, "products", product.id, parameter, message, help)


def _check_order(world: World, pack: PackText) -> None:
    """What a site makes comes after what it takes: the plan goes along the order of the forms."""
    order = {form.id: form.order for form in world.forms}
    aside = {world.mixed_form, world.scrap_form}
    makes: dict[str, set[str]] = defaultdict(set)
    for flow in world.flows:
        if flow.form not in aside:
            makes[flow.seller].add(flow.form)
    told: set[tuple[str, str]] = set()
    for flow in world.flows:
        for made in sorted(makes[flow.buyer]) if flow.form not in aside else ():
            if order[made] <= order[flow.form] and (flow.form, made) not in told:
                told.add((flow.form, made))
                message = (
                    f"`{flow.buyer}` makes {made} of {flow.form}, which does not come before it"
                )
                changed = next(
                    (f for f in (flow.form, made) if ("forms", (f,), "order") in pack.moved), made
                )
                _at(pack, "forms", changed, "order", message, "forms are numbered along the chain")


def _check_next_routes(pack: PackText) -> None:
    """A next corridor has its days, and is another than the first."""
    lanes: dict[str, dict[str, Row]] = {}
    for row in pack.rows:
        if row.table == "lanes":
            lanes.setdefault(row.key[0], {})[row.parameter] = row
    for lane, rows in lanes.items():
        first, after = rows.get("corridor"), rows.get("next_corridor")
        if after is None:
            continue
        if "next_transit_days" not in rows:
            pack.fault(after, "value", f"`{lane}` has no `next_transit_days`", "add a row for it")
        if first is None or first.value == after.value:
            message = f"the next corridor of `{lane}` is no other than its first"
            pack.fault(after, "value", message, "name the one taken when `corridor` is closed")


def _check_stages(world: World, pack: PackText) -> None:
    """A site has what its stage works with: a mine its ore, a maker something to make goods of."""
    fed = {buyer for _, buyer, form in world.links if form != world.mixed_form}
    makers = {stage for stage in world.stages if stage not in (MINE, SEPARATION)}
    for site in world.sites.values():
        if site.basket and site.stage != MINE:
            message = f"`{site.id}` has rows in ores.csv but is no mine"
            help = f"write `{MINE}`, or take its rows out of ores.csv"
            _at(pack, "sites", site.id, "stage", message, help)
        elif site.can_separate and site.stage not in (SEPARATION, RECYCLING):
            message = f"`{site.id}` separates elements but is a {site.stage} site"
            help = f"write `{SEPARATION}` or `{RECYCLING}`, or delete its row `can_separate`"
            _at(pack, "sites", site.id, "stage", message, help)
        elif site.stage in makers and site.id not in fed:
            message = f"no link leads to `{site.id}`, so a {site.stage} site has nothing to work on"
            _at(pack, "sites", site.id, "stage", message, "add a link to links.csv")


def _check_classes(world: World, pack: PackText) -> None:
    """Where the pack says in which order classes are served, every sector is of one of them."""
    known = world.classes_in_order
    said = {
        row.key[0]
        for row in pack.rows
        if row.table == "sectors" and row.parameter == "priority_class"
    }
    for sector in world.sectors.values():
        if known and sector.priority_class not in known:
            own = quote(sector.priority_class)
            message = f"the class {own} is not among the `priority_classes` of pack.csv"
            parameter, help = "priority_class", suggest(sector.priority_class, known)
            if sector.id not in said:
                parameter, help = "name", f"add a row `priority_class`, or {own} to them"
            _at(pack, "sectors", sector.id, parameter, message, help)


def _check_traded(world: World, pack: PackText) -> None:
    """Elements are traded in forms of the kind `elements`, grades in their own form."""
    kinds = {form.id: form.kind for form in world.forms}
    grades = {grade.id: grade.form for grade in world.products if grade.id in world.recipes}
    for grade, form in grades.items():
        if kinds[form] != BLEND:
            message = f"the grade `{grade}` is of the form `{form}`, which is traded by element"
            _at(pack, "products", grade, "form", message, f"name a form of the kind `{BLEND}`")
    for parameter, form in (("mixed_form", world.mixed_form), ("scrap_form", world.scrap_form)):
        if kinds[form] != BLEND or form in grades.values():
            message = f"{parameter} cannot be `{form}`"
            help = f"a form of the kind `{BLEND}` that no grade has"
            _at(pack, "pack", "", parameter, message, help)
    for row in pack.rows:
        if row.table == "flows":
            fault = _not_traded(row.key[2], row.key[3], kinds, grades)
        elif row.table == "demand":
            sold = world.sectors[row.key[0]].form
            fault = _not_traded(sold, row.key[2], kinds, grades)
        else:
            continue
        if fault:
            pack.fault(row, "product", *fault)


def _not_traded(
    form: str, product: str, kinds: Mapping[str, str], grades: Mapping[str, str]
) -> tuple[str, str] | None:
    if kinds[form] != BLEND and (product in grades or not product):
        return f"{quote(product)} is no element, but {form} is traded by element", "name an element"
    if kinds[form] == BLEND and product and grades.get(product) != form:
        own = [grade for grade, its in grades.items() if its == form]
        help = list_names(own) if own else "leave the cell empty"
        return f"{quote(product)} is not traded as {form}", help
    return None


def _check_links(world: World, pack: PackText) -> None:
    """A flow needs a link, which knows its lane."""
    for row in pack.rows:
        if row.table == "flows" and row.key[:3] not in world.links:
            seller, buyer, form = row.key[:3]
            help = f"links.csv needs a row {seller},{buyer},{form} with the lane"
            pack.fault(row, "buyer", f"no link takes {form} from `{seller}` to `{buyer}`", help)


def _check_places(world: World, pack: PackText) -> None:
    """A site lies where its country does, sells what it makes, and nobody sells to himself."""
    for site in world.sites.values():
        region = world.countries[site.country].region
        if site.region != region:
            message = (
                f"`{site.id}` is in the region {quote(site.region)}, its country in {quote(region)}"
            )
            help = f"write {quote(region)}, or the region of {quote(site.country)} in countries.csv"
            _at(pack, "sites", site.id, "region", message, help)
    for row in pack.rows:
        if row.table == "links" and row.key[0] == row.key[1]:
            message = f"{quote(row.key[0])} sells to itself"
            pack.fault(row, "buyer", message, "delete the row, or name another buyer")
        elif row.table == "flows" and row.key[3] in world.recipes:
            made = world.sites[row.key[0]].products
            if row.key[3] not in made:
                message = f"{quote(row.key[0])} sells {quote(row.key[3])}, but does not make it"
                help = (
                    f"it makes {', '.join(made) or 'no grade'}; see its row `products` in sites.csv"
                )
                pack.fault(row, "product", message, help)


def _check_office(pack: PackText) -> None:
    """Reviews are not longer in the mean than at most."""
    rows = {row.parameter: row for row in pack.rows if row.table == "licence_office"}
    mean, longest = rows.get("mean_review_days"), rows.get("review_calendar_days")
    if mean and longest and float(mean.value) > float(longest.value):
        message = f"reviews take {mean.value} days in the mean and {longest.value} at most"
        shown = longest if pack.is_changed(longest) else mean
        pack.fault(shown, "value", message, "`mean_review_days` is at most `review_calendar_days`")


def _check_users(pack: PackText) -> None:
    """Military users are among the users, who are counted or named."""
    counts: dict[str, dict[str, Row]] = {}
    named: dict[str, int] = {}
    for row in pack.rows:
        if row.table == "end_users" and row.parameter != "share":
            counts.setdefault(row.key[0], {})[row.parameter] = row
        elif row.table == "end_users":
            named[row.key[0]] = named.get(row.key[0], 0) + 1
    for node, rows in counts.items():
        users, military = rows.get("users"), rows.get("military_users")
        number = named.get(node) or (float(users.value) if users else 1.0)
        if users and float(users.value) != number:
            message = f"`{node}` has {users.value} users, but shares of {number}"
            pack.fault(users, "value", message, "delete the row `users`: the shares name them all")
        elif military and float(military.value) > number:
            message = (
                f"`{node}` has {military.value} military users of {plain_number(number)} users"
            )
            help = "military users are some of the users, or all"
            pack.fault(military, "value", message, help)


def _add_closure(pack: PackText, closure: Closure) -> None:
    message = (
        f"`{closure.place}` {closure.what}: the flows say {closure.flows_t:.7g}, "
        f"but {closure.expected_t:.7g} follows from the other tables"
    )
    rows = [row for row in pack.rows if row.table == "flows" and closure.place in row.key[:2]]
    of_product = [row for row in rows if row.key[3] == closure.what] or rows
    help = "flows, output, recovery, recipe and demand of the base year have to agree"
    if of_product:
        pack.fault(of_product[0], "value", message, help)
    else:
        pack.problems.append(Problem(pack.tables["flows"].place(1), message, help))


def _find(rows: Iterable[Row], table: str, key: tuple[str, ...], parameter: str) -> Row:
    return next(
        row
        for row in rows
        if row.table == table and row.parameter == parameter and row.key[: len(key)] == key
    )


def _at(pack: PackText, table: str, id: str, parameter: str, message: str, help: str) -> None:
    key = (id,) if id else ()
    pack.fault(_find(pack.rows, table, key, parameter), "value", message, help)
