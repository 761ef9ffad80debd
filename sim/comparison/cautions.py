"""How the runs are counted, and what of them cannot be set against each other, in plain sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from sim.comparison.counted import Numbers
from sim.comparison.differences import Differences
from sim.comparison.side import PLACE, Side
from sim.figures.counting import goods, users
from sim.figures.finished_run import FinishedRun
from sim.figures.wording import join_in_words, month_in_words, tonnes, two_figures
from sim.report.outside import SAME_TONNES


def how_counted(base: FinishedRun, numbers: Sequence[Numbers], months: Sequence[str]) -> list[str]:
    """Which demand counts, in which months, and which run by itself would count another."""
    first, letters = numbers[0].side, _letters(each.side for each in numbers)
    said = [
        f"{letters} are counted against the same demand, that of {first.letter}: what {users(base)} need of "
        f"{goods(base)}, {month_in_words(months[0])} to {month_in_words(months[-1])}."
    ]
    others = [each.side for each in numbers[1:] if each.side.scope.products != first.scope.products]
    if others:
        said += [_other_scope(first, other) for other in others]
        said.append("What is missing of an element is counted in all goods that hold it.")
    if first.scope.basis == "all":
        said.append(
            f"{first.letter} restricts nothing, so everything counts. To count what a restriction is about, "
            "give a run with that restriction first."
        )
    return said


def _other_scope(base: Side, other: Side) -> str:
    more = len(other.scope.products - base.scope.products)
    fewer = len(base.scope.products - other.scope.products)
    parts = [
        f"{count} {word}"
        for count, word in ((more, "that are not counted here"), (fewer, "fewer"))
        if count
    ]
    return (
        f"By itself {other.letter} is about other demand: of pairs of product and region it has "
        f"{join_in_words(parts)}, so shares on its own page are others."
    )


def not_comparable(
    numbers: Sequence[Numbers], found: Sequence[Differences], months: Sequence[str]
) -> list[str]:
    """What differs beside restrictions, shocks and measures; `found` are those of all but the base."""
    base = numbers[0]
    said = list(_periods([each.side for each in numbers], months))
    said += _lengths([each.side for each in numbers], months)
    for other, its in zip(numbers[1:], found, strict=True):
        said += _worlds(base, other, its)
    hashes = {str(each.side.facts.get("source_hash", "")) for each in numbers}
    if len(hashes) > 1:
        said.append(
            "The runs were made by different states of the program: a difference may be the program's. Run "
            "the older ones again to be sure."
        )
    return said


def _periods(sides: Sequence[Side], months: Sequence[str]) -> Iterator[str]:
    if all(side.months == sides[0].months for side in sides):
        return
    runs = ", ".join(f"{side.letter} {side.starts} to {side.ends}" for side in sides)
    period = f"{month_in_words(months[0])} to {month_in_words(months[-1])}"
    yield (
        f"The runs have different periods ({runs}): only the {len(months)} months that all of them have, "
        f"{period}, are compared. First days short are those of each whole run."
    )


def _lengths(sides: Sequence[Side], months: Sequence[str]) -> Iterator[str]:
    """On how many days of these months restrictions act, where that differs."""
    days = {side.letter: side.days_restricted(months) for side in sides}
    if len(set(days.values())) > 1:
        said = join_in_words([f"{count:,} days in {letter}" for letter, count in days.items()])
        yield (
            f"Restrictions act on {said} of these months: what acts for longer leaves more missing for "
            "that alone."
        )


def _worlds(base: Numbers, other: Numbers, found: Differences) -> Iterator[str]:
    one, two = base.side.letter, other.side.letter
    if found.world:
        yield (
            f"{one} and {two} are not the same world: they differ in {join_in_words(list(found.world))}. "
            "What lies between them is not the work of restrictions and measures alone."
        )
    if not same(base, other, "demand"):
        yield (
            f"What counts is not the same amount: {_both(base, other, 'demand')}. Each share is of its run's "
            "own need."
        )
    if not same(base, other, "reference"):
        yield (
            f"The references differ. Missing without levers: {_both(base, other, 'reference')}. “Beyond the "
            "reference” has another zero in each."
        )


def _both(base: Numbers, other: Numbers, measure: str) -> str:
    """`120 t in A, 150 t in B`; where two figures do not tell them apart, by how much they differ."""
    one, two = (each.total(measure) for each in (base, other))
    unit, (a, b) = base.side.unit, (base.side.letter, other.side.letter)
    if two_figures(one) != two_figures(two):
        return f"{tonnes(one, unit)} in {a}, {tonnes(two, unit)} in {b}"
    if abs(two - one) < SAME_TONNES:
        return f"{tonnes(one, unit)} in both, but not of the same users in the same months"
    words = "more" if two > one else "less"
    return f"{tonnes(one, unit)} in {a}, and {tonnes(abs(two - one), unit)} {words} in {b}"


def same(base: Numbers, other: Numbers, column: str) -> bool:
    """Whether a column of `Numbers.needs` is the same in both, user by user and month by month."""
    index = [*PLACE, "period"]
    one, two = (each.needs.set_index(index)[column] for each in (base, other))
    apart = np.abs(one.sub(two, fill_value=0.0).to_numpy(dtype=float)).sum()
    return float(apart) < SAME_TONNES


def no_spread(sides: Sequence[Side]) -> str:
    """That there are no intervals, and what luck has to do with it."""
    drawn = [side for side in sides if side.has_draws]
    said = (
        "These are central values without spread: no interval says by how much the difference could be "
        "another, and the smaller it is, the less it says."
    )
    if not drawn:
        return said
    seeds = {str(side.facts.get("seed")) for side in sides}
    return (
        f"{said} In {_letters(drawn)} luck decides too (who files when, how a case ends)"
        + (", and the seeds differ" if len(seeds) > 1 else "")
        + ": what is drawn in one run may be drawn otherwise in another, also with the same seed, so a part of "
        "the difference may be luck."
    )


def ranges(numbers: Sequence[Numbers], base: FinishedRun) -> list[str]:
    """How far each run hangs on what nobody knows; nothing for a run in which all is known."""
    said = []
    for each in numbers:
        known = each.side.unknowns()
        if known is None:
            continue
        own = (
            ""
            if each.side.scope.products == base.scope.products
            else ", of what it counts by itself"
        )
        if each.side.months.keys() != {*base.months()}:
            own += ", over its whole run"
        least, most = (tonnes(t, base.unit) for t in known)
        said.append(
            f"{each.side.letter}: between {least} and {most} missing beyond the reference, by what nobody "
            f"knows and by luck{own}."
        )
    return said


def _letters(sides: Iterator[Side] | Sequence[Side]) -> str:
    return join_in_words([side.letter for side in sides])
