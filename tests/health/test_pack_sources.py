"""Every number that enters has a unit and a source, or says that it is an estimate and how it was made."""

import re
from pathlib import Path

import pytest

from sim.world import World, load_pack, pack_ids
from sim.world.load import PACKS
from sim.world.schema import CONFIDENCE, DEFINITION, TABLES

NO_PUBLICATION = {DEFINITION, "estimate", "general_knowledge"}
"""Sources that say there is none."""
FOLDERS = [*(PACKS / id for id in pack_ids()), Path(__file__).parents[1] / "packs" / "toy_mineral"]


@pytest.fixture(params=pack_ids(), scope="module")
def world(request: pytest.FixtureRequest) -> World:
    return load_pack(request.param)


def test_every_row_has_a_unit_a_confidence_and_a_known_source(world):
    for row in world.rows:
        assert row.unit, row
        assert row.confidence in CONFIDENCE, row
        assert row.source, row
        assert all(source in world.sources for source in row.source.split(";")), row


def test_every_estimate_says_how_it_was_made(world):
    bare = [r for r in world.rows if r.source != DEFINITION and r.confidence != "reported"]
    assert not [row for row in bare if len(row.note) < 5]


def test_confidence_agrees_with_the_source(world):
    for row in world.rows:
        sources = set(row.source.split(";"))
        if row.confidence == "reported":
            assert not sources & NO_PUBLICATION, row
        if sources == {"general_knowledge"}:
            assert row.confidence == "estimated", row


def test_a_definition_states_no_tonnes(world):
    """Rows without a source of their own may name things, not measure them."""
    allowed = {"text", "number", "year", "flag"}
    assert not [r for r in world.rows if r.source == DEFINITION and r.unit not in allowed]


def test_the_public_can_open_every_source(world):
    for source in world.sources.values():
        if source.id not in NO_PUBLICATION:
            assert source.link.startswith(("https://", "http://")), source
            assert source.title, source
            assert re.fullmatch(r"\d{4}", source.year), source


def test_no_source_is_listed_in_vain(world):
    used = {source for row in world.rows for source in row.source.split(";")}
    assert set(world.sources) - used <= NO_PUBLICATION


def test_a_range_holds_its_value(world):
    for row in world.rows:
        low = float(row.low) if row.low else None
        high = float(row.high) if row.high else None
        if TABLES[row.table].parameters[row.parameter].is_text or row.table == "targets":
            continue
        value = float(row.value)
        assert low is None or low <= value * (1 + 1e-9), row
        assert high is None or high >= value * (1 - 1e-9), row


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_notes_name_only_tables_the_pack_has(folder):
    own = {path.name for path in folder.glob("*.csv")}
    for path in folder.glob("*.csv"):
        text = path.read_text(encoding="utf-8")
        named = set(re.findall(r"[\w/.-]+\.(?:csv|md|py)\b", text))
        assert named <= own, f"{path.name} names {sorted(named - own)}"
        assert "README" not in text
        assert "shared" not in text.replace("shared among", "").replace("shared out", "")


def test_nothing_about_a_mineral_is_in_the_code():
    """A mineral is data: no element, grade or plant of the shipped pack is named in the world room."""
    words = {"Dy", "Nd", "NdPr", "ndfeb", "REO", "dysprosium", "seg_concentrate", "swarf", "CHN"}
    for path in (PACKS.parent).glob("*.py"):
        code = "\n".join(
            line for line in _without_texts(path.read_text(encoding="utf-8")).splitlines()
        )
        found = {word for word in words if re.search(rf"\b{word}\b", code)}
        assert not found, f"{path.name} names {found}"


def _without_texts(code: str) -> str:
    """Docstrings and comments may give examples."""
    return re.sub(r'(?s)""".*?"""|#[^\n]*', "", code)
