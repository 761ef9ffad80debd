"""Contents: which elements a blend can hold, so that no room is kept for what never occurs."""

from __future__ import annotations

from dataclasses import dataclass

from sim.world.world import World


@dataclass(frozen=True, slots=True)
class Contents:
    """By ore, grade and place."""

    mined: list[int]
    of_grade: dict[str, list[int]]
    of_mine: dict[str, list[int]]

    @classmethod
    def of(cls, world: World) -> Contents:
        """Read from ores and recipes."""
        index = {element.symbol: i for i, element in enumerate(world.elements)}
        mines = {
            site.id: sorted(index[e] for e, share in site.basket.items() if share > 0)
            for site in world.sites.values()
            if site.basket
        }
        # Members of a group stand in for one another.
        alike = {member: set(group) for group in world.groups.values() for member in group}
        grades = {}
        for recipe in world.recipes.values():
            found: set[str] = set()
            for part in recipe.ingredients:
                found |= alike.get(part.element, {part.element})
                found |= set(world.groups.get(part.replaced_by, (part.replaced_by,))) - {""}
            grades[recipe.product] = sorted(index[e] for e in found)
        every = {e for inside in (*mines.values(), *grades.values()) for e in inside}
        return cls(sorted(every), grades, mines)

    def elements(self, key: tuple[str, str, str]) -> list[int]:
        """Of a blend by place, form and product; what is not a grade or an ore can hold all that is mined."""
        place, _, product = key
        return self.of_grade.get(product) or self.of_mine.get(place) or self.mined
