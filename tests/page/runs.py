"""Runs whose pages are looked at: two of the shipped world, and odd ones of the toy mineral, each made once."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from sim.pipeline.pipeline import run

PACKS = Path(__file__).parents[1] / "packs"
HOSTILE = """Ümläut "quotes" <script>alert(1)</script> $a$ =cmd() & 'more'"""
SHIPPED = ("licences", "short-baseline")
TOY = ("nothing-short", "all-short", "one-element", "hostile", "busy")

TEXTS = {
    "licences": "extends: china-heavy-licences\nends: 2026-01-01\n",
    "short-baseline": "extends: baseline\nends: 2026-01-01\n",
    "nothing-short": "title: Nothing short\n",
    "all-short": """title: Everything short from day one
restrictions:
  - {id: a, kind: export_ban, exporter: AAA, starts: 2020-01-01, reason: Stress case}
  - {id: b, kind: export_ban, exporter: BBB, starts: 2020-01-01, reason: Stress case}
""",
    "one-element": """title: One element
restrictions:
  - {id: tb, kind: export_ban, exporter: AAA, elements: [Mav], starts: 2021-02-01, reason: Stress case}
""",
    "hostile": f"""title: '{HOSTILE.replace("'", "''")}'
question: '{HOSTILE.replace("'", "''")}'
notes: '=cmd() <script> $x$'
restrictions:
  - {{id: q, kind: export_quota, exporter: AAA, amount: 20 %, starts: 2021-02-01,
     reason: '=cmd() <script>alert(2)</script> $x^2$'}}
changes:
  - {{table: sectors, id: drives, parameter: growth, value: -5 %/yr, reason: '=cmd() <script> $y$'}}
""",
    "busy": """title: All kinds at once
restrictions:
  - {id: ban, kind: export_ban, exporter: AAA, elements: [Mav], starts: 2021-02-01, reason: Stress case}
  - {id: other, kind: export_ban, exporter: BBB, starts: 2021-02-01, reason: Stress case}
  - {id: office, kind: export_licence, exporter: AAA, elements: [Zor], starts: 2021-03-01, reason: Stress case}
shocks:
  - {id: snow, kind: corridor_closure, corridor: pass_d, starts: 2021-02-01, ends: 2021-06-01,
     reason: Stress case}
measures:
  - {id: more, kind: capacity_ramp_up, site: coil_b, first_output: 2021-03-01, capacity: 20 t/yr, ramp: 100 d,
     success: 50 %, achieved: 80 %, reason: Stress case}
  - {id: pile, kind: stockpile_release, stockpile: stockpile_c, size: 60 d, trigger: 20 d,
     starts: 2021-02-01, reason: Stress case}
""",
}
HEAD = "pack: toy_mineral\nstarts: 2021-01-01\nends: 2022-01-01\n"
_HOME = TemporaryDirectory(prefix="pages-")


@contextmanager
def toy_pack() -> Iterator[None]:
    """The toy mineral counts as a pack that comes with the program."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(importlib.import_module("sim.world.load"), "PACKS", PACKS)
        yield


@cache
def run_of(name: str) -> Path:
    """The folder of a run, made the first time that a test asks for it."""
    folder = Path(_HOME.name)
    head = HEAD if name in TOY else ""
    path = folder / f"{name}.yaml"
    path.write_text(f"# {name}, as written\n{head}{TEXTS[name]}", encoding="utf-8")
    if name in TOY:
        with toy_pack():
            return run(str(path), folder / "results").folder
    return run(str(path), folder / "results").folder
