"""One place of the program writes to disk: what is written elsewhere could be found half done."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SIM = Path(__file__).parents[2] / "sim"
WRITES = {
    "write_text", "write_bytes", "touch", "mkdir", "makedirs", "rmdir", "unlink", "rmtree", "rename",
    "renames", "link", "symlink", "symlink_to", "hardlink_to", "move", "copyfile", "copytree", "copy2",
    "to_csv", "to_json", "to_excel", "to_parquet", "to_pickle", "savetxt", "TemporaryFile",
    "NamedTemporaryFile", "mkdtemp", "mkstemp",
}  # fmt: skip
"""Names of functions that write, of whatever object or module."""
OURS = {"files", "run_folder"}
"""Modules of ours that have functions of such names, which go through `sim.system.files`."""


def writes(tree: ast.AST) -> Iterator[str]:
    """Calls that write to disk, with their line."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Attribute):
            owner, name = ast.unparse(node.func.value), node.func.attr
        else:
            owner, name = "", ast.unparse(node.func)
        texts = [a.value for a in (*node.args, *(k.value for k in node.keywords))
                 if isinstance(a, ast.Constant) and isinstance(a.value, str)]  # fmt: skip
        opens = name == "open" and any(set(text) & set("wax+") and len(text) < 4 for text in texts)
        # Of texts, tables and dates it has two arguments or names; of paths one.
        renames = name == "replace" and len(node.args) == 1 and not node.keywords
        frame = name == "rename" and (node.keywords or owner == "files")
        saves = name == "savefig" and owner == "figure" and not _is_memory(tree, node.args[0])
        known = name in WRITES and owner.split(".")[0] not in OURS and owner and not frame
        if known or opens or saves or renames:
            yield f"{node.lineno}: {ast.unparse(node)}"


def _is_memory(tree: ast.AST, target: ast.AST) -> bool:
    """Whether a name stands for a `StringIO` or `BytesIO` made in the same module."""
    return any(
        isinstance(node, ast.Assign)
        and "IO()" in ast.unparse(node.value)
        and ast.unparse(target) in ast.unparse(node.targets[0])
        for node in ast.walk(tree)
    )


@pytest.mark.parametrize(
    "code",
    [
        "path.write_text('x')", "open(p, 'w')", "path.open('xb')", "path.open(mode='a')",
        "table.to_csv(path)", "figure.savefig(path)", "path.mkdir()", "shutil.rmtree(path)",
        "os.rename(a, b)", "path.rename(b)", "path.replace(b)", "tempfile.mkdtemp()",
    ],
)  # fmt: skip
def test_what_writes_is_recognised(code: str) -> None:
    assert list(writes(ast.parse(code)))


@pytest.mark.parametrize(
    "code",
    ["files.write_text(p, 'x')", "path.open('rb')", "text.replace('a', 'b')", "canvas.open(3.0)",
     "table.rename(columns=names)", "p = io.BytesIO()\nfigure.savefig(p)", "files.rename(a, b)"],
)  # fmt: skip
def test_what_only_looks_like_it_is_not(code: str) -> None:
    assert not list(writes(ast.parse(code)))


def test_only_one_module_writes_to_disk() -> None:
    found = [
        f"{path.relative_to(SIM)}:{what}"
        for path in sorted(SIM.rglob("*.py"))
        if path != SIM / "system" / "files.py"
        for what in writes(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert found == []
