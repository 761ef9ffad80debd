"""Fit X and c on gallium and germanium 2023-24, and write what comes of it into `docs/licences.md`.

    python -m benchmarks.precedents

writes its part of the page and `outcome.csv` beside this file (some ten to fifteen minutes).
"""

from __future__ import annotations

from pathlib import Path

from benchmarks.precedents import offices, outcome, page
from benchmarks.precedents.search import search, with_other_draws

PAGE = Path(__file__).parents[2] / "docs" / "licences.md"
HEADING = "# Licences as ministries give them\n"


def main() -> None:
    """Search, print and write."""
    found = search()
    central = outcome.central(found.central)
    lines, antimony = outcome.lines(), outcome.antimony(found.central)
    others = outcome.with_others(found.central)
    searched = offices.searched(found.central)
    own, again = offices.as_assumed(found, central), with_other_draws(found.central)
    text = page.generated(found, central, lines, antimony, others, own, searched, again)
    print(text)
    there = PAGE.read_text(encoding="utf-8") if PAGE.exists() else HEADING
    PAGE.write_text(page.with_generated(there, text), encoding="utf-8", newline="\n")
    outcome.write(
        outcome.numbers(found, central, lines, antimony)
        | outcome.of_other_draws("error: central", again)
        | outcome.of_other_draws("error: best", own.again)
        | outcome.of_offices(searched)
    )


if __name__ == "__main__":
    main()
