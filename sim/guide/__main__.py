"""Write the repository's generated files: `python -m sim.guide`, from its root."""

from __future__ import annotations

import sys
from pathlib import Path

from sim.guide.levers_page import FILE_NAME as LEVERS_PAGE
from sim.guide.levers_page import levers_page
from sim.guide.results_page import FILE_NAME as RESULTS_PAGE
from sim.guide.results_page import written_page
from sim.guide.schema import FILE_NAME as SCHEMA
from sim.guide.schema import schema_text
from sim.scenario.schema import DEFAULT_PACK
from sim.system.files import write_text
from sim.world import load_pack


def generated_files(root: Path = Path()) -> dict[Path, str]:
    """Path from the repository's root -> what it should hold."""
    world = load_pack(DEFAULT_PACK)
    return {
        Path("scenarios", SCHEMA): schema_text(world),
        Path("docs", LEVERS_PAGE): levers_page(world),
        Path("docs", RESULTS_PAGE): written_page(root / "docs"),
    }


if __name__ == "__main__":
    files = generated_files()
    missing = [path.parent for path in files if not path.parent.is_dir()]
    if missing:
        sys.exit(f"error: there is no folder `{missing[0]}` here; go to the root of the repository")
    for path, text in files.items():
        write_text(path, text)
        print(path)
