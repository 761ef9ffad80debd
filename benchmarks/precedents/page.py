"""What the command writes into `docs/licences.md`, between two marks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import fmean

from benchmarks.precedents import tables
from benchmarks.precedents.flows import FITTED, Path, Paths, mean_error, observed
from benchmarks.precedents.offices import Other
from benchmarks.precedents.rule import Fitted, wave_days
from benchmarks.precedents.search import (
    COARSE,
    COVERS,
    DRAWS,
    FIRST_DAYS,
    NEARLY,
    OTHER_SETS,
    Found,
    Point,
)
from benchmarks.precedents.worlds import ASSUMED, WAY_DAYS, world
from sim.words.quantities import DAYS_PER_MONTH
from sim.world.world import Source

BEGINS = (
    "<!-- Written by `python -m benchmarks.precedents` from its tables and runs; do not edit. -->"
)
ENDS = "<!-- End of what `python -m benchmarks.precedents` writes. -->"
ALL_HELD, LISTED = "everything is held", "only what is listed is held"
FLOOR = "the best common path"
PLAIN = ("no change", "nothing")
"""Lines that say the same of every month"""


def with_generated(page: str, generated: str, marks: tuple[str, str] = (BEGINS, ENDS)) -> str:
    """The page with what stands between the marks replaced; marks are added at the end where there are none."""
    begins, ends = marks
    block = f"{begins}\n\n{generated.strip()}\n\n{ends}"
    if begins not in page:
        return f"{page.rstrip()}\n\n{block}\n"
    before, rest = page.split(begins)
    return f"{before}{block}{rest.split(ends)[1]}"


def generated(
    found: Found,
    central: Point,
    lines: Mapping[str, Paths],
    antimony: Mapping[str, Path],
    others: Mapping[str, Point],
    own: Other,
    offices: Mapping[str, Other],
    again: Sequence[float],
) -> str:
    """All of it.

    `lines` are the naive ones and the floor, `antimony` its readings and its naive lines, `others` what the
    central values give where something else is assumed of the buyers, `own` and `offices` what is found
    with the office as assumed and with others, `again` mean errors of the central values with other draws.
    """
    parts = [
        rows_used(), months(central, found.best, lines), scores(found, central, lines), near(found, central),
        assumed(central, others), assumed_of_office(lines, own, offices, again), antimony_months(antimony),
    ]  # fmt: skip
    return "\n\n".join(parts)


def table(head: Sequence[str], body: Iterable[Sequence[str]]) -> str:
    """A table."""
    lines = [head, ["---"] * len(head), *body]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def rows_used() -> str:
    """Each row with its source."""
    head = ("metal", "period", "what", "value", "used as", "confidence", "known on", "source")
    body = [
        (
            ", ".join(x.metals), x.period, x.what, _value(x), x.role, x.confidence, x.known_on,
            _source(tables.sources()[x.source]) + (", reprinted" if x.reprinted else ""),
        )
        for x in tables.rows()
    ]  # fmt: skip
    return f"### Rows used\n\n{table(head, body)}"


def _value(row: tables.Row) -> str:
    return "" if row.value is None else f"{row.value:,.0f} {row.unit}"


def _source(source: Source) -> str:
    title = f"[{source.title}]({source.link})" if source.link else source.title
    return f"{source.publisher}, {title}, {source.year}"


def months(central: Point, best: Point, lines: Mapping[str, Paths]) -> str:
    """Observed and modelled month by month."""
    seen = {metal: _by_month(metal) for metal in FITTED}
    lines = {name: paths for name, paths in lines.items() if name not in PLAIN}
    head = (
        "month", *(f"{metal}, observed" for metal in FITTED), *(f"{metal}, central" for metal in FITTED),
        "best of the grid", *lines,
    )  # fmt: skip
    body = [
        (
            month, *(seen[metal][month] for metal in FITTED),
            *(_part(central.paths[metal][month]) for metal in FITTED), _part(_mean(best.paths, month)),
            *(_part(_mean(paths, month)) for paths in lines.values()),
        )
        for month in sorted(seen[FITTED[0]])
    ]  # fmt: skip
    before = "; ".join(_base(metal) for metal in FITTED)
    return (
        "### Month by month\n\nExports as a part of those before the rule, which are 1. "
        f"Before: {before}. In brackets: only the mean of these months is known; it counts as one observation. "
        f"The model is the mean of {DRAWS} draws for each metal; the lines without a model and the best "
        f"of the grid are means of both metals.\n\n{table(head, body)}"
    )


def _base(metal: str) -> str:
    base = tables.base(metal)
    return f"{metal} {base.a_month:,.0f} {base.unit} a month ({base.name})"


def _by_month(metal: str) -> dict[str, str]:
    return {
        month: _part(seen.flow) if len(seen.months) == 1 else f"({_part(seen.flow)})"
        for seen in observed(metal)
        for month in seen.months
    }


def _mean(paths: Paths, month: str) -> float:
    return sum(path[month] for path in paths.values()) / len(paths)


def _part(flow: float) -> str:
    return f"{flow:.2f}"


def scores(found: Found, central: Point, lines: Mapping[str, Paths]) -> str:
    """Mean errors, the least first."""
    every: dict[str, Paths] = {
        f"model, best of the grid: {in_words(found.best)}": found.best.paths,
        f"model, central: {in_words(central)}": central.paths,
        **lines,
    }
    ranked = sorted(every.items(), key=lambda item: mean_error(item[1]))
    body = [
        (name, *(f"{error:.3f}" for error in (mean_error(paths), *_each(paths))))
        for name, paths in ranked
    ]
    count = sum(len(observed(metal)) for metal in FITTED)
    other = {"gallium": tables.singly_known()}
    then = min(found.points, key=lambda point: mean_error(point.paths, other))
    return (
        "### Scores\n\nMean over the observations of |log(1 + flow) - log(1 + observed flow)|, flows as parts "
        f"of those before the rule; {count} observations. {_verdict(central, lines)}\n\n"
        + table(("line", "both", *FITTED), body)
        + "\n\nGallium before the rule is the year 2023 less the months from August. With the mean of the five "
        f"months that are known singly, {other['gallium']:,.0f} kg, the central model would have "
        f"{mean_error(central.paths, other):.3f}, and the best of the grid would be {in_words(then)} with "
        f"{mean_error(then.paths, other):.3f}."
    )


def _verdict(central: Point, lines: Mapping[str, Paths]) -> str:
    """Which naive lines the central model does not beat."""
    better = [
        f"*{name}* ({mean_error(paths):.3f})" for name, paths in lines.items()
        if name != FLOOR and mean_error(paths) <= central.error
    ]  # fmt: skip
    if not better:
        return f"The central model ({central.error:.3f}) beats every line without a model."
    return (
        f"The central model ({central.error:.3f}) does **not** beat {' and '.join(better)}; "
        "why stands above the tables."
    )


def _each(paths: Paths) -> Iterator[float]:
    for metal, path in paths.items():
        yield mean_error({metal: path})


def in_words(point: Point) -> str:
    """Both values as they came out."""
    return f"X {point.first_days:.0f} days, c {point.cover:.2f}"


def near(found: Found, central: Point) -> str:
    """The ranges, and the grid with what lies near its best."""
    return (
        f"### What fits nearly as well\n\n{len(found.near)} of {len(found.points)} points lie within "
        f"{NEARLY} of the best mean error. X and c are as they came out in the runs, and the central values "
        f"are the middles of their ranges.\n\n{_ranges(found, central)}\n\n"
        "An office that takes long over the first cases takes long over renewals too, so with a large X it "
        "covers less than the rule would let it: see the last column below. In the run of the central values "
        f"licences covered {central.cover:.2f}. Mean errors by X (down, days) and c (across) as they were "
        f"meant, those near the best in bold:\n\n{_grid(found)}"
    )


def _ranges(found: Found, central: Point) -> str:
    """Of X and c, and of what they are in settings of a licence."""
    own = world(FITTED[0])
    meant = [point.fitted.first_days for point in found.near]
    waves = (wave_days(each, own) for each in (min(meant), max(meant), central.fitted.first_days))
    low, high = found.covers
    covers = (low, high, central.fitted.cover)
    tonnage_days = own.licence_office.tonnage_days
    body = [
        ("X: mean days from filing to a first licence", *_whole(*found.first_days, central.first_days)),
        ("days in which the office takes up all first cases, for this X", *_whole(*waves)),
        ("c: part of planned use that licences cover", *map(_part, covers)),
        (
            f"days from one licence to the next, each for {tonnage_days:.0f} days of planned use",
            *_whole(tonnage_days / high, tonnage_days / low, tonnage_days / central.fitted.cover),
        ),
    ]  # fmt: skip
    return table(("", "least", "most", "central"), body)


def _grid(found: Found) -> str:
    points = {point.fitted: point for point in found.points}
    rows = [[points[Fitted(float(x), c)] for c in COVERS] for x in FIRST_DAYS]
    body = [
        (
            f"{row[0].fitted.first_days:.0f}", *(_near_cell(point.error, found) for point in row),
            _part(max(point.cover for point in row)),
        )
        for row in rows
    ]  # fmt: skip
    return table(("X", *(f"{c:g}" for c in COVERS), "most that is covered"), body)


def _whole(*numbers: float) -> Iterator[str]:
    return (f"{number:.0f}" for number in numbers)


def assumed(central: Point, others: Mapping[str, Point]) -> str:
    """The central values where something else is assumed of the buyers."""
    body = [
        (
            name, f"{point.first_days:.0f}", _part(point.cover),
            *(f"{error:.3f}" for error in (point.error, *_each(point.paths))),
        )
        for name, point in {"as assumed": central, **others}.items()
    ]  # fmt: skip
    return (
        f"### What else is assumed of the buyers\n\n{ASSUMED.users} users, the n-th as large as 1/n of the "
        f"largest, {WAY_DAYS:.0f} days away, with a stock of {ASSUMED.stock_days:.0f} days of use: gallium of "
        f"users in the United States at the end of 2022 lasted {tables.stock_days():.0f} days. What the "
        "central values give with other numbers:\n\n"
        + table(("buyers", "X", "c", "mean error, both", *FITTED), body)
    )


def assumed_of_office(
    lines: Mapping[str, Paths], own: Other, offices: Mapping[str, Other], again: Sequence[float]
) -> str:
    """X and c looked for anew under each other office."""
    naive = {name: mean_error(paths) for name, paths in lines.items() if name != FLOOR}
    line = min(naive, key=lambda name: naive[name])
    pack = world(FITTED[0]).licence_office
    assert pack.mean_review_days is not None
    as_assumed = (
        f"as assumed: licences for {pack.tonnage_days / DAYS_PER_MONTH:g} months, a mean review of "
        f"{pack.mean_review_days:g} days"
    )
    body = [
        (
            name, f"{best.first_days:.0f}", _part(best.cover),
            *(f"{error:.3f}" for error in (best.error, *_each(best.paths))),
            _beside(best.error, naive[line]), _sets(other.again), _beside(fmean(other.again), naive[line]),
            "{:.0f} to {:.0f}".format(*other.found.first_days), "{:.2f} to {:.2f}".format(*other.found.covers),
            f"{other.central.error:.3f}",
        )
        for name, other in {as_assumed: own, **offices}.items()
        for best in (other.found.best,)
    ]  # fmt: skip
    head = (
        "office", "X", "c", "mean error, both", *FITTED, f"beside *{line}* ({naive[line]:.3f})",
        "both, other draws", "beside it", "X that fits nearly as well", "c that fits nearly as well",
        "central values, both",
    )  # fmt: skip
    days, covers = COARSE.first_days, COARSE.covers
    return (
        "### What else is assumed of the office\n\nX and c looked for anew where the length of a licence or "
        "the mean review is at an end that the pack gives it, or the length halfway between its low end and "
        f"its value, one at a time. The grid is coarser: X from {days[0]} to {days[-1]} in steps of "
        f"{days[1] - days[0]}, c from {covers[0]:g} to {covers[-1]:g} in steps of "
        f"{covers[1] - covers[0]:.1g}, and half a step around its best. X and c are as they came out, nearly "
        f"as well is within {NEARLY} of the best of the same row, and the last column has the values that "
        f"were set with the office as assumed. Other draws are {OTHER_SETS} times {DRAWS}, mean, least and "
        "most: the best was chosen with the first, and luck helped to choose it.\n\n"
        + table(head, body)
        + f"\n\nThe central values have {_sets(again)} with these other draws and the office as assumed."
    )


def _sets(errors: Sequence[float]) -> str:
    return f"{fmean(errors):.3f} ({min(errors):.3f} to {max(errors):.3f})"


def _beside(error: float, line: float) -> str:
    return f"{abs(error - line):.3f} {'nearer' if error < line else 'farther'}"


def _near_cell(error: float, found: Found) -> str:
    text = f"{error:.3f}"
    return f"**{text}**" if error <= found.best.error + NEARLY else text


def antimony_months(paths: Mapping[str, Path]) -> str:
    """Not fitted: both readings beside what was observed."""
    seen = observed("antimony")
    body = [
        (each.name, _part(each.flow), *(_part(each.in_path(path)) for path in paths.values()))
        for each in seen
    ]
    errors = (
        "mean error",
        "",
        *(f"{mean_error({'antimony': path}):.3f}" for path in paths.values()),
    )
    return (
        "### Antimony\n\nNot fitted, and no forecast either: its outcome was known. In force on "
        f"{tables.in_force('antimony')}, with the central values; before: {_base('antimony')}. Listed is "
        f"{tables.listed_share():.0%} of the tonnage.\n\n"
        + table(("month", "observed", *paths), [*body, errors])
    )
