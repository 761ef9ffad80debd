"""critmin: what is missing, where and for how long, if exports of a critical mineral are restricted.

In Python: `load_scenario` reads and checks, `run` simulates in memory and returns a `Result` with tables and
figures, `open_run` opens the folder of a run, `simulate` gives the records of one world, `compare` sets runs
side by side. Nothing is loaded before it is asked for.
"""

from importlib import import_module as _import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.comparison.compare import Comparison, compare
    from sim.engine.records import Records
    from sim.front_door.figure import Figure, NoFigureError
    from sim.front_door.result import Result
    from sim.front_door.running import open_run, run, simulate
    from sim.front_door.scenarios import load_scenario
    from sim.scenario import Scenario
    from sim.system.files import WriteError
    from sim.words.problems import (
        BadInputError,
        BalanceError,
        ComparisonError,
        CritminError,
        RunFolderError,
    )  # fmt: skip

__version__ = "0.1.0"
__all__ = [
    "BadInputError", "BalanceError", "Comparison", "ComparisonError", "CritminError", "Figure",
    "NoFigureError", "Records", "Result", "RunFolderError", "Scenario", "WriteError", "compare",
    "load_scenario", "open_run", "run", "simulate",
]  # fmt: skip
_HOMES = {
    "sim.comparison.compare": ("Comparison", "compare"),
    "sim.engine.records": ("Records",),
    "sim.front_door.figure": ("Figure", "NoFigureError"),
    "sim.front_door.result": ("Result",),
    "sim.front_door.running": ("open_run", "run", "simulate"),
    "sim.front_door.scenarios": ("load_scenario",),
    "sim.scenario": ("Scenario",),
    "sim.system.files": ("WriteError",),
    "sim.words.problems": (
        "BadInputError",
        "BalanceError",
        "ComparisonError",
        "CritminError",
        "RunFolderError",
    ),
}
"""Where what is offered stands; loaded when it is asked for, so that the command line and checks stay quick."""


if not TYPE_CHECKING:  # who checks types is told of names there are not

    def __getattr__(name: str) -> object:
        for home, names in _HOMES.items():
            if name in names:
                found: object = getattr(_import_module(home), name)
                globals()[name] = found
                return found
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
