"""The page's glossary: words that a reader of another trade may take for something else."""

from __future__ import annotations

from sim.figures.counting import goods, review_in_words, users
from sim.figures.finished_run import FinishedRun
from sim.figures.wording import capitalised


def glossary(run: FinishedRun) -> list[tuple[str, str]]:
    """Word and meaning, as far as they concern this run."""
    notes = (run.scenario.get("names") or {}).get("product_notes") or {}
    span = review_in_words(run)
    words = [
        (
            "Counted",
            f"what {users(run)} need of {goods(run)}; parts in % are of that need, so that they cannot be set "
            "against those of a run of other goods or another length (critmin compare can).",
        ),
        ("Missing", "needed and not there: demand less what is used, month by month."),
        (
            "Reference",
            "the same world without restrictions, shocks and measures; beyond it means more than there.",
        ),
        ("Cover", "days for which a stock lasts at the mean daily need."),
        (
            "Output at risk",
            "what cannot be made for lack of a product, in % of the output that cannot wait.",
        ),
    ]
    if "REO" in run.unit:
        words.insert(0, ("t REO", "tonnes of rare-earth oxides; metal and magnets count with the oxides "
                         "that their rare earths would make."))  # fmt: skip
    words += [(capitalised(run.product(product)), note) for product, note in notes.items()]
    words += list((run.scenario.get("glossary") or {}).items())
    if span != "day":
        words.append(
            (
                "Date of a gap",
                f"the model looks once in a {span}; what it finds missing began in the {span} before.",
            )
        )
    return words
