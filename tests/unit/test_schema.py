"""The schema for editors accepts what `critmin check` accepts, and marks the usual mistakes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Literal

import pytest
from jsonschema import Draft7Validator

from sim.guide.example import Examples
from sim.guide.schema import Filled, scenario_schema, schema_text
from sim.guide.settings import settings
from sim.lever import Corridor, Measure, Share, StrictModel
from sim.lever.marks import Quantity
from sim.levers import EVERY_KIND, KINDS
from sim.scenario import load, shipped_folder, shipped_names
from sim.scenario.behaviour import MODELS as RULES
from sim.scenario.merge import open_document
from sim.scenario.schema import ScenarioText
from sim.words.problems import BadInputError
from sim.words.quantities import DIMENSIONS, PRICE, Dimension, QuantityError, read_quantity
from sim.world import World, load_pack
from tests.once import READS_SCENARIOS, packs_kept, schema_of

TESTS = Path(__file__).parents[1]
TOY = str(TESTS / "packs" / "toy_mineral")
ALL_KINDS = [(heading, kind) for heading, kinds in KINDS.items() for kind in kinds]
GOOD = """\
title: A stress case
starts: 2025-01-01
ends: 2029-01-01
restrictions:
  - id: quota
    kind: export_quota
    exporter: CHN
    elements: [Dy, NdPr]
    amount: 50 %
    starts: 2026-01-01
    reason: Stress case.
measures:
  - id: plant
    kind: capacity_ramp_up
    site: sep_sareco
    first_output: 2031-01-01
    capacity: {value: 1500 t/yr, source: a paper}
    sells_to: {EU: 60 %, CHN: 40 %}
changes:
  - {table: sites, id: sep_sareco, parameter: recovery, value: 92 %, reason: An example.}
"""


@pytest.fixture(scope="module")
def world() -> World:
    return load_pack("rare_earths_2024")


@pytest.fixture(scope="module")
def schema(world: World) -> Draft7Validator:
    Draft7Validator.check_schema(schema_of(world))
    return Draft7Validator(schema_of(world))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    packs_kept(monkeypatch, *READS_SCENARIOS)
    return tmp_path


def faults(schema: Draft7Validator, path: Path) -> list[str]:
    written = open_document(path).root.plain()
    return [
        f"{list(error.absolute_path)}: {error.message}" for error in schema.iter_errors(written)
    ]


def read(text: str, name: str = "text.yaml") -> Path:
    Path(name).write_text(text, encoding="utf-8")
    return Path(name)


@pytest.mark.parametrize("name", shipped_names())
def test_every_shipped_scenario_passes(schema: Draft7Validator, name: str) -> None:
    assert faults(schema, shipped_folder() / f"{name}.yaml") == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("title:", "titel:"),
        ("ends: 2029-01-01\n", ""),
        ("ends: 2029-01-01", "ends: 01.01.2029"),
        ("ends: 2029-01-01", "ends: 2029-13-01"),
        ("title:", "review: 7\ntitle:"),
        ("title:", "pack: another\ntitle:"),
        ("export_quota", "export_qouta"),
        ("export_quota", "capacity_ramp_up"),
        ("exporter: CHN", "exporter: China"),
        ("    exporter: CHN\n", ""),
        ("exporter:", "exportr:"),
        ("[Dy, NdPr]", "[Dy, NdPrr]"),
        ("[Dy, NdPr]", "[]"),
        ("amount: 50 %", "amount: 50"),
        ("amount: 50 %", "amount: 50 t"),
        ("    starts: 2026-01-01\n", ""),
        ("    reason: Stress case.\n", ""),
        ("id: quota", "id: 1 quota"),
        ("sep_sareco\n", "sep_sarco\n"),
        ("1500 t/yr", "1500 tons/yr"),
        ("source: a paper", "sorce: a paper"),
        ("{EU: 60 %,", "{EUR: 60 %,"),
        ("table: sites", "table: site"),
        ("id: sep_sareco,", "id: sep_sarco,"),
        ("parameter: recovery", "parameter: recover"),
        (", reason: An example.", ""),
    ],
)
def test_the_usual_mistakes_are_marked(
    schema: Draft7Validator, folder: Path, before: str, after: str
) -> None:
    assert before in GOOD
    assert faults(schema, read(GOOD)) == []
    assert faults(schema, read(GOOD.replace(before, after, 1))) != []


@pytest.mark.parametrize(
    ("phases", "fits"),
    [
        (
            "[{phase: in_force, from: 2026-01-01}, {phase: eased, from: 2026-05-01, amount: 80 %}]",
            True,
        ),
        (
            "[{phase: in_force, from: 2026-01-01}, {phase: paused, from: 2026-05-01, amount: 80 %}]",
            False,
        ),
        (
            "[{phase: in_force, from: 2026-01-01}, {phase: eased, from: 2026-05-01, amount: 80 t}]",
            False,
        ),
        ("[]\n    starts: 2026-01-01", True),
        ("[]", False),
        ("[{phase: inforce, from: 2026-01-01}]", False),
        ("[{phase: in_force}]", False),
        ("[{phase: in_force, from: 2026-01-01}]\n    ends: 2028-01-01", False),
        ("[{phase: in_force, from: 2026-01-01}]\n    starts: 2026-01-01", False),
    ],
)
def test_phases_stand_in_place_of_dates_and_only_eased_restates(
    schema: Draft7Validator, folder: Path, phases: str, fits: bool
) -> None:
    text = GOOD.replace("    starts: 2026-01-01\n", f"    phases: {phases}\n")
    assert (faults(schema, read(text)) == []) == fits


@pytest.mark.parametrize(
    ("dates", "fits"),
    [
        ("trigger: 30 d, starts: 2026-01-01", True),
        ("trigger: 2026-01-01", True),
        ("trigger: {value: 2026-01-01, source: a paper}", True),
        ("trigger: 30 d", False),
        ("trigger: 30 t, starts: 2026-01-01", False),
    ],
)
def test_a_date_as_trigger_stands_in_place_of_the_first_day(
    schema: Draft7Validator, folder: Path, dates: str, fits: bool
) -> None:
    text = "starts: 2025-01-01\nends: 2029-01-01\nmeasures:\n"
    text += (
        f"  - {{id: s, kind: stockpile_release, stockpile: stockpile_jpn, reason: x, {dates}}}\n"
    )
    try:
        is_read = bool(load(str(read(text))))
    except BadInputError:
        is_read = False
    assert (faults(schema, read(text)) == []) == is_read == fits


@pytest.mark.parametrize(
    "settings",
    ["office: pack", "general_licence: none", "terms: {review: 60 d}", "elements: all", "forms: magnet",
     "review: 45 business days", "tonnage: {value: all, reason: x}"],
)  # fmt: skip
def test_words_in_place_of_what_a_setting_holds_pass(
    schema: Draft7Validator, folder: Path, settings: str
) -> None:
    text = "starts: 2025-01-01\nends: 2029-01-01\nnotes: [one, two]\nbehaviour: {limits: no, swaps: on}\n"
    text += "restrictions:\n  - {id: l, kind: export_licence, exporter: CHN, starts: 2026-01-01, reason: x, "
    load(str(read(f"{text}{settings}}}\n")))
    assert faults(schema, read(f"{text}{settings}}}\n")) == []


def test_a_file_that_extends_needs_no_dates_and_may_remove(
    schema: Draft7Validator, folder: Path
) -> None:
    text = "extends: china-quota-half\nrestrictions:\n  - {id: half_quota, remove: true}\n"
    load(str(read(text)))
    assert faults(schema, read(text)) == []
    assert faults(schema, read(text.replace("remove", "drop"))) != []


def texts_in_tests() -> Iterator[str]:
    """Every text in a test that looks like a scenario."""
    for path in sorted(TESTS.glob("*/test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            text = node.value if isinstance(node, ast.Constant) else None
            if isinstance(text, str) and re.search(r"^(starts|extends): ", text, re.MULTILINE):
                yield text


def test_what_check_accepts_anywhere_in_the_tests_the_schema_accepts(
    schema: Draft7Validator, folder: Path
) -> None:
    accepted = []
    for text in dict.fromkeys(texts_in_tests()):
        try:
            load(str(read(text)))
        except BadInputError:
            continue
        accepted.append(text)
        assert faults(schema, read(text)) == [], text
    assert len(accepted) > 10


@cache
def examples_in(pack: str) -> Examples:
    return Examples(load_pack(pack))


@pytest.mark.parametrize(("heading", "kind"), ALL_KINDS)
@pytest.mark.parametrize("pack", ["rare_earths_2024", TOY])
def test_the_example_of_every_kind_is_right_for_its_pack(
    heading: str, kind: str, pack: str
) -> None:
    examples, model = examples_in(pack), KINDS[heading][kind]
    schema = Draft7Validator(schema_of(examples.world))
    example = examples.of(kind, model)
    entries = [example]
    if "phases" in model.model_fields:
        entries.append(examples.with_phases(kind, model, example))
    for entry in entries:
        assert examples.accepts(model, entry), entry
        year = examples.world.base_year
        written = {
            "pack": examples.world.id,
            "starts": f"{year}-01-01",
            "ends": f"{year + 9}-01-01",
        }
        assert list(schema.iter_errors(written | {heading: [entry]})) == []


@pytest.mark.parametrize(
    "model", [*EVERY_KIND, *RULES.values(), ScenarioText], ids=lambda m: m.__name__
)
def test_every_setting_is_explained_and_its_examples_are_right(
    world: World, model: type[StrictModel]
) -> None:
    filled = Filled(world)
    for setting in settings(model):
        assert setting.key == "kind" or len(setting.description) > 10, setting.key
        assert setting.words, f"{setting.key} takes no kind of thing that there are words for"
        value = Draft7Validator({**filled.of(setting.value), "$defs": filled.definitions})
        for example in setting.examples:
            assert list(value.iter_errors(example)) == [], (setting.key, example)


@pytest.mark.parametrize("pack", ["rare_earths_2024", TOY])
@pytest.mark.parametrize("dimension", [*DIMENSIONS, PRICE], ids=lambda dimension: dimension.base)
def test_a_quantity_may_be_written_in_the_schema_as_in_the_reader(
    pack: str, dimension: Dimension
) -> None:
    world = load_pack(pack)
    pattern, word = Quantity("", dimension).schema(world)["pattern"], world.basis.split()[-1]
    units = [*dimension.units, *(u.replace("/", " / ") for u in dimension.units)]
    units += [u.replace("/", " per ") for u in dimension.units]
    units += [re.sub(r"^(kg|t|kt)(?=/|$)", rf"\1 {word}", u) for u in dimension.units]
    units += ["", "tons", "short tons", "d/yr", f"{dimension.base} x", "parsec"]
    for number in ("12", "0.5", ".5", "+3", "-1", "1,5", "12 34", "x", ""):
        for text in (f"{number} {unit}" for unit in units):
            assert bool(re.search(pattern, text)) == is_read(text, dimension, world.basis), text
    # The reader may find these too large; whatever it takes, the schema takes.
    for number in ("1 200", "30 000.5", "1e3", "2E-2"):
        for text in (f"{number} {unit}" for unit in units):
            assert re.search(pattern, text) or not is_read(text, dimension, world.basis), text
        assert re.search(pattern, f"{number} {dimension.base}")


def is_read(text: str, dimension: Dimension, basis: str) -> bool:
    try:
        read_quantity(text, dimension, basis=basis)
    except QuantityError:
        return False
    return True


def test_the_schema_of_another_pack_has_its_names_and_asks_for_the_pack() -> None:
    schema = Draft7Validator(schema_of(load_pack(TOY)))
    ban = {
        "id": "ban",
        "kind": "export_ban",
        "exporter": "AAA",
        "starts": "2022-01-01",
        "reason": "x",
    }
    whole = {
        "pack": "toy_mineral",
        "starts": "2021-01-01",
        "ends": "2025-01-01",
        "restrictions": [ban],
    }
    assert list(schema.iter_errors(whole)) == []
    assert list(schema.iter_errors({**whole, "restrictions": [{**ban, "exporter": "CHN"}]})) != []
    assert list(schema.iter_errors({k: v for k, v in whole.items() if k != "pack"})) != []


class Toll(Measure):
    """A lever that no module knows."""

    kind: Literal["toll"]
    corridor: Corridor
    """Corridor where it is paid."""
    part: Share
    """Part of the value."""


def test_a_new_kind_of_lever_appears_by_itself(
    monkeypatch: pytest.MonkeyPatch, world: World
) -> None:
    monkeypatch.setitem(KINDS["measures"], "toll", Toll)
    schema = Draft7Validator(scenario_schema(world))
    toll = {
        "id": "t",
        "kind": "toll",
        "corridor": next(iter(world.corridors)),
        "part": "3 %",
        "reason": "x",
    }
    whole = {"starts": "2025-01-01", "ends": "2026-01-01"}
    assert list(schema.iter_errors(whole | {"measures": [toll]})) == []
    for wrong in ({"corridor": "nowhere"}, {"part": "3 d"}, {"share": "3 %"}):
        assert list(schema.iter_errors(whole | {"measures": [toll | wrong]})) != []
    example = Examples(world).of("toll", Toll)
    assert set(example) == {"id", "kind", "corridor", "part", "reason"}


def test_the_schema_is_plain_letters_so_that_no_console_garbles_it(world: World) -> None:
    text = schema_text(world)
    assert text.isascii()
    assert text == schema_text(load_pack("rare_earths_2024"))
