"""Restrictions that hold goods back at a border: what is in scope, and whether that meets any trade."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import isfinite

from sim.lever.caution import Caution
from sim.lever.fields import Destinations, Elements, Forms, expand_groups
from sim.lever.lever import Restriction
from sim.lever.reach import Reach, used_elements
from sim.lever.words import listed
from sim.words.problems import quote
from sim.words.quantities import plain_number
from sim.world.where import ALL, Where
from sim.world.world import Row, World


class ExportRestriction(Restriction):
    """A restriction that holds goods back at the border of the exporter."""

    destinations: Destinations = ()
    """Where goods may not go freely any more; left out: everywhere outside the exporter."""
    elements: Elements = ()
    """Elements, or groups that stand for several; left out: every element. A product is in scope when
    one of them is essential in it."""
    forms: Forms = ()
    """States of the material along the chain; left out: every form."""

    def meets(self, reach: Reach) -> bool:
        """Whether some trade is in scope, in whatever phase."""
        return any(reach.meets(where) for where in self.scopes(reach.world))

    def cautions(self, reach: Reach) -> Iterator[Caution]:
        """A scope, or a name in it, that no trade meets; a scenario that ends before it is felt."""
        if not self.meets(reach):
            yield _out_of_reach(self.id, self.scope(reach.world), reach)
            return
        if self.source is None:  # what is cited names whatever was published
            yield from self._names_without_trade(reach)
        begins = next((phase.date for phase in self.timeline() if phase.acts), reach.ends)
        way = reach.shortest_days(self.scope(reach.world))
        if begins < reach.ends and isfinite(way) and not self.scopes_in_time(reach):
            yield Caution(
                ("starts", "phases"),
                f"what left before `{self.id}` is under way until the scenario ends, {plain_number(way)} days "
                "by the shortest way, so nobody abroad can miss it yet",
                "let the scenario end later",
            )

    def _names_without_trade(self, reach: Reach) -> Iterator[Caution]:
        """Names in a list that could as well be left out."""
        world, where = reach.world, self.scope(reach.world)
        alone: Mapping[str, Mapping[str, Where]] = {
            "elements": {
                name: replace(where, elements=frozenset(expand_groups([name], world)))
                for name in self.elements
            },
            "destinations": {
                name: replace(where, destinations=frozenset({name})) for name in self.destinations
            },
            "forms": {name: replace(where, forms=frozenset({name})) for name in self.forms},
        }
        for setting, by_name in alone.items():
            idle = [name for name, narrow in by_name.items() if not reach.meets(narrow)]
            if idle and len(idle) < len(by_name):
                yield Caution(
                    (setting,),
                    f"no trade of this world is in {listed([quote(name) for name in idle])} alone, so "
                    f"`{self.id}` would be the same without",
                    "leave it out, or cite a `source` that names it",
                    needless=tuple(idle),
                )

    def reads(self, row: Row, reach: Reach) -> bool:
        """Also whether a country may be named that it names, and who belongs to a family that it names."""
        named = row.parameter == "standalone" and row.key[0] in self.destinations
        family = row.parameter == "family" and row.value in self.elements
        return named or family or super().reads(row, reach)

    def covered_elements(self, world: World) -> tuple[str, ...]:
        """Element symbols in scope, groups expanded; empty: every element."""
        return expand_groups(self.elements, world)

    def scope(self, world: World) -> Where:
        """What is covered, groups expanded."""
        return Where(
            self.exporter,
            frozenset(self.destinations),
            frozenset(self.covered_elements(world)),
            frozenset(self.forms),
        )

    def scopes(self, world: World) -> list[Where]:
        """What is covered before and in each phase."""
        return [self.scope(world), *(self.restated(p).scope(world) for p in self.timeline())]

    def scopes_in_time(self, reach: Reach) -> list[Where]:
        """What is covered in phases that begin longer before the end than its goods travel.

        Where there is time for some of them alone, these forms to these places.
        """
        found: list[Where] = []
        for phase in self.timeline():
            where, left = self.restated(phase).scope(reach.world), (reach.ends - phase.date).days
            if not phase.acts or left <= 0:
                continue
            days = reach.days_of_ways(where)
            late = {at for at, way in days.items() if way >= left}
            if not late:
                found.append(where)
                continue
            for place in sorted({place for place, _ in days}):
                forms = {form for at, form in days if at == place and (at, form) not in late}
                if forms:
                    kept = replace(where, destinations=frozenset({place}), forms=frozenset(forms))
                    found.append(kept)
        return found

    def clauses(self, world: World) -> list[str]:
        """What is covered, and where to."""
        return self._scope_clauses(world)

    def scope_words(self, world: World) -> str:
        """What is covered and where to, e.g. "dysprosium as oxide, to every destination"."""
        return ", ".join(self._scope_clauses(world))

    def _scope_clauses(self, world: World) -> list[str]:
        names = {element.symbol: element.name for element in world.elements}
        covered = self.covered_elements(world)
        elements = listed([names[symbol] for symbol in covered])
        form_names = {form.id: form.name for form in world.forms}
        forms = listed([form_names[form] for form in self.forms])
        places = listed([_place_name(place, world) for place in self.destinations])
        used = used_elements(world)
        idle = listed([names[symbol] for symbol in covered if symbol not in used])
        return [
            f"{elements or 'every element'} {f'as {forms}' if forms else 'in every form'}"
            f"{f' (nobody here uses {idle})' if idle else ''}",
            f"to {places or 'every destination'}",
        ]


def _out_of_reach(id: str, where: Where, reach: Reach) -> Caution:
    forms, regions = reach.forms_and_regions(where.country)
    traded = (
        f"sells {', '.join(forms)} to {', '.join(regions)}"
        if forms
        else "sells nothing abroad, unless a measure starts one of its sites"
    )
    return Caution(
        (_too_narrow(where, reach),),
        f"`{id}` meets no trade of this world, so it has no effect",
        f"{where.country} {traded}",
    )


def _too_narrow(where: Where, reach: Reach) -> str:
    """The setting without which the restriction would meet something, or else the exporter."""
    wider = {
        "destinations": replace(where, destinations=ALL),
        "forms": replace(where, forms=ALL),
        "elements": replace(where, elements=ALL),
    }
    return next((setting for setting in wider if reach.meets(wider[setting])), "exporter")


def _place_name(place: str, world: World) -> str:
    known = world.regions.get(place) or world.countries.get(place)
    return known.name if known else place
