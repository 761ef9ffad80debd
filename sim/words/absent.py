"""What people will try and the program does not have, said alike of a key, a kind, a command and an option.

Each name stands here once, with what is said of it; `docs/model.md` has the same in its own words. Whoever adds
one of these takes its name out (a test looks).
"""

from __future__ import annotations

from dataclasses import dataclass

NOT_MODELLED = ("is not modelled", "What is not modelled")
NOT_YET = ("is not in this version", "What is not in this version")
"""What is said, and the section of `docs/model.md` that says more."""


@dataclass(frozen=True, slots=True)
class Absent:
    """Names of one thing that is not there."""

    names: str
    """With spaces between them; `_` stands for a dash too."""
    said: tuple[str, str]
    why: str
    """Why, or what there is in its place."""
    only_commands: bool = False
    """Whether it is looked for as a command or an option alone."""


ABSENT = (
    Absent(
        "tariff tariffs export_tariff export_tariffs import_tariff import_tariffs duty duties "
        "export_duty import_duty "
        "tax taxes export_tax customs",
        NOT_MODELLED,
        "there are no prices, so a tariff would change nothing; bans, quotas and licences limit what leaves",
    ),
    Absent(
        "price prices price_floor price_cap price_ceiling price_shock price_index price_elasticity "
        "elasticity cost costs "
        "market markets subsidy subsidies tax_credit investment",
        NOT_MODELLED,
        "there are no prices, and nobody decides by them",
    ),
    Absent(
        "substitution substitute substitutes substitution_rate redesign material_efficiency",
        NOT_MODELLED,
        "no use turns to another design by itself; a filler of a recipe has a stand-in, what gives a grade its "
        "effect is swapped in part (`swaps`), grades stand in for one another (`grades`), and by the rule "
        "`designs` users that are short turn to other designs",
    ),
    Absent(
        "demand demand_reduction demand_response demand_shock demand_growth",
        NOT_YET,
        "no lever acts on demand, and no user cuts its own; `changes` of the tables `demand` and "
        "`sectors` set another",
    ),
    Absent(
        "hoarding panic_buying speculation stockpile_build stockpile_purchase stockpiling stock_building",
        NOT_MODELLED,
        "nobody buys ahead of need; the release of a stockpile says what it holds (`size`) and "
        "buys back (`refill`)",
    ),
    Absent(
        "import_ban import_quota import_licence import_license import_restriction import_restrictions boycott",
        NOT_MODELLED,
        "a restriction acts where goods leave a country, not where they enter one",
    ),
    Absent(
        "retaliation countermeasures transshipment transhipment smuggling re_export re_exports "
        "black_market diplomacy",
        NOT_MODELLED,
        "nobody answers a restriction with another, and nothing goes by way of a third country",
    ),
    Absent(
        "replications replication ensemble ensembles monte_carlo samples draws uncertainty "
        "distributions precision "
        "confidence",
        NOT_YET,
        "a run has central values; ranges of the pack are listed in assumptions.csv, not drawn",
    ),
    Absent("rules agents", NOT_YET, "`behaviour` switches the rules of docs/model.md one by one"),
    Absent(
        "serve server api web gui ui app dashboard",
        NOT_YET,
        "report.html in the run folder opens in a browser, without a server",
    ),
    Absent(
        "sweep batch grid scan sensitivity tornado optimise optimize",
        NOT_YET,
        "`critmin run` takes several scenarios, one after the other, and `critmin compare` sets up to six side "
        "by side",
    ),
    Absent(
        "explain attribution decompose",
        NOT_YET,
        "`critmin compare` sets a copy without the lever in question beside the scenario",
    ),
    Absent(
        "selfcheck backtest",
        NOT_YET,
        "`critmin calibration` compares the base year with statistics",
    ),
    Absent(
        "export xlsx csv json parquet format output_format",
        NOT_YET,
        "a run folder has its tables as CSV and its figures as SVG and PNG",
        only_commands=True,
    ),
    Absent(
        "pdf docx pptx",
        NOT_YET,
        "print report.html from a browser; figures are SVG and PNG",
        only_commands=True,
    ),
    Absent(
        "dpi width height",
        NOT_YET,
        "`critmin figures --size` has the page widths there are",
        only_commands=True,
    ),
    Absent(
        "resume dask cluster gpu",
        NOT_YET,
        "a run takes seconds to minutes on one machine",
        only_commands=True,
    ),
    Absent(
        "force overwrite",
        NOT_YET,
        "a finished run is found again, and nothing is overwritten; `--out` names another folder",
        only_commands=True,
    ),
    Absent(
        "verbose quiet log log_level",
        NOT_YET,
        "messages go to standard error, results to standard output",
        only_commands=True,
    ),
)
_BY_NAME = {name: absent for absent in ABSENT for name in absent.names.split()}


def what_is_said_of(given: str, *, command: bool = False) -> tuple[str, str] | None:
    """Message and help for a name that stands for something that is not there.

    `command` is whether it was given on the command line, as a command or an option.
    """
    absent = _BY_NAME.get(given.strip().lstrip("-").replace("-", "_").replace(" ", "_").casefold())
    if absent is None or (absent.only_commands and not command):
        return None
    said, section = absent.said
    return f"`{given}` {said}", f'{absent.why}; see "{section}" in docs/model.md'
