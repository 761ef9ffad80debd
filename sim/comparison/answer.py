"""What one run changes against the base, in two or three sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import pandas as pd

from sim.comparison.cautions import same
from sim.comparison.counted import REGION, SECTOR, Numbers, difference
from sim.comparison.differences import Differences
from sim.comparison.side import Side
from sim.figures.counting import goods, slice_in_words, users
from sim.figures.finished_run import FinishedRun
from sim.figures.wording import (
    NO_BREAK,
    capitalised,
    join_in_words,
    month_in_words,
    percent,
    tonnes,
    two_figures,
)
from sim.report.outside import SAME_TONNES

NEARLY_ALL = 0.995
"""From here on two figures would say `100 %` of what is not all."""
MOST_KINDS = 3
LEAST_AGAINST = 0.005
"""Part of a difference that goes the other way, from which on it is said"""


def part(share: float) -> str:
    """A part of a whole: never all of it by rounding, and never none."""
    if NEARLY_ALL <= share < 1:
        return f"over 99{NO_BREAK}%"
    return percent(share)


def part_of_base(base: float, own: float) -> str:
    """By how much a run is above or below the base: `51 %`, or `35 times as much`; the base has some."""
    if own >= 2 * base:
        return f"{two_figures(own / base)} times as much"
    return part(abs(own - base) / base)


def title(numbers: Sequence[Numbers], who: str) -> str:
    """The finding, as the title of figure and page; `who` are the users that the base is about."""
    base, others = numbers[0], numbers[1:]
    if len(others) == 1:
        return _of_two(base, others[0], who)
    in_order = sorted(numbers, key=lambda each: each.total("missing"))
    least, most = in_order[0], in_order[-1]
    if most.total("missing") - least.total("missing") < SAME_TONNES:
        return f"In all {len(numbers)} runs the same would be missing to {who}, {_amount(most)}"
    return (
        f"Least would be missing to {who} in {_alike(numbers, least)}, {_amount(least)}, and most in "
        f"{_alike(numbers, most)}, {_amount(most)}"
    )


def _alike(numbers: Sequence[Numbers], one: Numbers) -> str:
    """All runs in which as much is missing as in one of them."""
    t = one.total("missing")
    return join_in_words(
        [_name(each.side) for each in numbers if abs(each.total("missing") - t) < SAME_TONNES]
    )


def _of_two(base: Numbers, other: Numbers, who: str) -> str:
    missing, own, unit = base.total("missing"), other.total("missing"), base.side.unit
    one, two = _name(base.side), _name(other.side)
    apart = abs(own - missing)
    if apart < SAME_TONNES:
        return f"In {two} as much would be missing to {who} as in {one}, {_amount(other)}"
    share = f" ({part_of_base(missing, own)})" if missing >= SAME_TONNES else ""
    words = "less" if own < missing else "more"
    return f"In {two} {tonnes(apart, unit)} {words}{share} would be missing to {who} than in {one}"


def _amount(numbers: Numbers) -> str:
    return tonnes(numbers.total("missing"), numbers.side.unit)


def _name(side: Side) -> str:
    return f"{side.label} ({side.letter})"


def paragraphs(
    run: FinishedRun, numbers: Sequence[Numbers], found: Sequence[Differences], months: Sequence[str],
    slice: str,
) -> list[str]:  # fmt: skip
    """What each run changes, first; then what is missing in the base, and where and when the difference is.

    `run` is the base over the months that are compared, `found` are the differences of all but the base.
    """
    base, others = numbers[0], numbers[1:]
    out = [_how_much(base, other, its) for other, its in zip(others, found, strict=True)]
    out.append(_of_base(run, base, months))
    for other in others:
        said = [*_where(run, base, other), *_beyond(base, other), *_worst(base, other, slice)]
        if said:
            about = f"{other.side.letter} against {base.side.letter}: " if len(others) > 1 else ""
            out.append(about + " ".join(said))
    return out


def _of_base(run: FinishedRun, base: Numbers, months: Sequence[str]) -> str:
    """What is missing in the base, and as a part of what."""
    need, unit, side = base.total("demand"), base.side.unit, base.side
    missing = base.total("missing")
    period = f"{month_in_words(months[0])} to {month_in_words(months[-1])}"
    return (
        f"In {side.letter} ({side.title}) {users(run)} would lack {tonnes(missing, unit)} from {period}, "
        f"{percent(missing / need)} of the {tonnes(need, unit)} that they need of {goods(run)}."
    )


def _how_much(base: Numbers, other: Numbers, found: Differences) -> str:
    one, two, unit = _name(base.side), _name(other.side), base.side.unit
    missing, left = base.total("missing"), other.total("missing")
    less, rest = missing - left, tonnes(left, unit)
    adds = found.only_measures_added
    who = capitalised(_added(found, two)) if adds else f"In {two}"
    if abs(less) < SAME_TONNES:
        return (
            f"{who} would change nothing in what is missing in {one}, {rest}."
            if adds
            else f"{who} as much would be missing as in {one}, {rest}."
        )
    share = f" ({part_of_base(missing, left)})" if missing >= SAME_TONNES else ""
    whole, words = tonnes(missing, unit), "less" if less > 0 else "more"
    if less > 0 and adds:
        return (
            f"{who} would close {two_figures(less)} of the {whole}{share} that {one} leaves missing; {rest} "
            "would still be missing."
        )
    if adds:
        return f"{who} would make {tonnes(-less, unit)} more{share} missing than in {one}: {rest}."
    sums = f"{rest} instead of {whole}" if rest != whole else f"{rest} in both, rounded"
    return f"{who} {tonnes(abs(less), unit)} {words}{share} would be missing than in {one}: {sums}."


def _added(found: Differences, name: str) -> str:
    """`the 8 measures that stockpile-180-days (B) adds, of the kind stockpile release,`."""
    kinds = Counter(str(x["kind"]).replace("_", " ") for x in found.added)
    named = join_in_words([kind for kind, _ in kinds.most_common(MOST_KINDS)])
    count = len(found.added)
    what = f"the {count} measures" if count > 1 else "the measure"
    return f"{what} that {name} adds ({named})"


def _where(run: FinishedRun, base: Numbers, other: Numbers) -> Iterator[str]:
    """Which regions and uses have most of the difference, and whether some fare the other way."""
    less = base.total("missing") - other.total("missing")
    if abs(less) < SAME_TONNES:
        return
    sign = 1.0 if less > 0 else -1.0
    parts = []
    for level, words in ((REGION, run.region), (SECTOR, run.sector)):
        gained = sign * base.by(level, "missing").sub(other.by(level, "missing"), fill_value=0.0)
        id, most = str(gained.idxmax()), float(gained.max())
        # Of all that goes this way, so that what goes the other cannot make it more than the whole.
        parts.append(f"{words(id)} ({part(most / float(gained.clip(lower=0.0).sum()))})")
    way = "less" if less > 0 else "more"
    yield f"Of all that is {way}, the largest parts are in {parts[0]} and, by use, in {parts[1]}."
    against = other.total("more_than_base" if less > 0 else "less_than_base")
    if against < max(SAME_TONNES, LEAST_AGAINST * abs(less)):
        return
    worse = difference(other, base) * (-sign)
    regions: pd.Series = worse.clip(lower=0.0).groupby(level="region").sum()
    yield (
        f"By user and month there is the reverse too, {tonnes(against, base.side.unit)} "
        f"{'more' if less > 0 else 'less'} in all, which is taken off above; the largest part of it is in "
        f"{run.region(str(regions.idxmax()))}."
    )


def _beyond(base: Numbers, other: Numbers) -> Iterator[str]:
    """What of it is beyond the reference, where that is something else than all that is missing."""
    anyway = [each.total("missing") - each.total("caused") for each in (base, other)]
    if max(anyway) < SAME_TONNES or not same(base, other, "reference"):
        return
    unit = base.side.unit
    own, its = other.total("caused"), base.total("caused")
    without = "the same world without levers"
    if abs(own - its) < SAME_TONNES:
        yield f"What is missing beyond {without} is the same in both, {tonnes(own, unit)}."
        return
    less, words = abs(own - its), "less" if own < its else "more"
    share = f" ({part_of_base(its, own)})" if its >= SAME_TONNES else ""
    yield f"Beyond {without}, {tonnes(less, unit)} {words}{share} would be missing."


def _worst(base: Numbers, other: Numbers, slice: str) -> Iterator[str]:
    """The worst slice, and the first day short."""
    both = (base, other)
    if not any(each.total("peak_caused") > 0 for each in both):
        return
    said = [
        f"{percent(each.total('peak_caused') / 100)} in {each.side.letter}{_when(each)}"
        for each in both
    ]
    yield f"In the worst {slice}, {said[0]} and {said[1]} of the need is missing beyond the reference."
    first = [(each.text("first_short"), each.side.letter) for each in both]
    short = [f"from {day} in {letter}" for day, letter in first if day]
    if not short:
        return
    when = f"from {first[0][0]} in both" if first[0][0] == first[1][0] else " and ".join(short)
    never = (
        f", and never in {first[0][1] if first[1][0] else first[1][1]}" if len(short) == 1 else ""
    )
    yield f"The first users are short by more than 5 % beyond it {when}{never}."


def _when(numbers: Numbers) -> str:
    which = numbers.text("peak_caused_in")
    return f" ({slice_in_words(which)})" if which else ""
