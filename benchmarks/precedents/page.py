"""What the command writes into `docs/licences.md`, between two marks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from benchmarks.precedents import tables
from benchmarks.precedents.flows import FITTED, Path, Paths, mean_error, observed
from benchmarks.precedents.rule import Fitted
from benchmarks.precedents.search import COVERS, DRAWS, FIRST_DAYS, NEARLY, Found, Point

BEGINS = (
    "<!-- Written by `python -m benchmarks.precedents` from its tables and runs; do not edit. -->"
)
ENDS = "<!-- End of what `python -m benchmarks.precedents` writes. -->"
ALL_HELD, LISTED = "everything is held", "only what is listed is held"
FLOOR = "the best common path"


def with_generated(page: str, generated: str) -> str:
    """The page with what stands between the marks replaced; marks are added at the end where there are none."""
    block = f"{BEGINS}\n\n{generated.strip()}\n\n{ENDS}"
    if BEGINS not in page:
        return f"{page.rstrip()}\n\n{block}\n"
    before, rest = page.split(BEGINS)
    return f"{before}{block}{rest.split(ENDS)[1]}"


def generated(
    found: Found, central: Point, lines: Mapping[str, Paths], antimony: Mapping[str, Path]
) -> str:
    """All of it. `lines` are the naive ones and the floor, `antimony` its readings and its naive lines."""
    parts = [
        rows_used(), months(central, found.best, lines), scores(found, central, lines), near(found, central),
        antimony_months(antimony),
    ]  # fmt: skip
    return "\n\n".join(parts)


def table(head: Sequence[str], body: Iterable[Sequence[str]]) -> str:
    """A table; a column of numbers is told by nothing but its cells."""
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


def _source(source: tables.Source) -> str:
    title = f"[{source.title}]({source.link})" if source.link else source.title
    return f"{source.publisher}, {title}, {source.year}"


def months(central: Point, best: Point, lines: Mapping[str, Paths]) -> str:
    """Observed and modelled month by month."""
    seen = {metal: _by_month(metal) for metal in FITTED}
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
        + f"\n\nGallium before the rule is the year 2023 less the months from August. With the mean of the five "
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
    return f"The central model ({central.error:.3f}) does **not** beat {' and '.join(better)}."


def _each(paths: Paths) -> Iterator[float]:
    for metal, path in paths.items():
        yield mean_error({metal: path})


def in_words(point: Point) -> str:
    """Both values, as set and as they came out."""
    return f"X {point.first_days:.0f} days, c {point.fitted.cover:.2f}"


def near(found: Found, central: Point) -> str:
    """The grid and what lies near its best."""
    days, covers = found.first_days, found.covers
    errors = {point.fitted: point.error for point in found.points}
    body = [
        (f"{x}", *(_near_cell(errors[Fitted(float(x), c)], found) for c in COVERS))
        for x in FIRST_DAYS
    ]
    return (
        f"### What fits nearly as well\n\nWithin {NEARLY} of the best mean error lie {len(found.near)} of "
        f"{len(found.points)} points: X from {days[0]:.0f} to {days[1]:.0f} days, c from {covers[0]:.2f} to "
        f"{covers[1]:.2f}. The central values are the middles, X {central.first_days:.0f} days and c "
        f"{central.fitted.cover:.2f} (as it comes out, with reviews and queue: {central.cover:.2f}). "
        f"Mean errors by X (down, days) and c (across), those near the best in bold:\n\n"
        + table(("X", *(f"{c:g}" for c in COVERS)), body)
    )


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
